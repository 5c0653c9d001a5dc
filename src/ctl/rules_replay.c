#include "alerts/engine.h"
#include "alerts/notice.h"
#include "ctl/amount.h"
#include "ctl/page.h"
#include "ctl/recording.h"
#include "ctl/rulesfile.h"

#include <math.h>
#include <string.h>

#define MAX_SERIES 200000 /* as the plugin */
#define TICK 60.0         /* recorded seconds */

struct replay {
  struct engine *engine;
  struct page *page;        /* of events that have not been printed */
  struct json_object *list; /* of all events, instead */
  size_t events;
  double ticked;
};

/* ---- an event ---- */

static struct json_object *event_json(const struct alert_event *event,
                                      const char *message) {
  const struct series *s = event->series;
  struct json_object *o = json_object_new_object();
  json_object_object_add(o, "time", json_object_new_double(event->now));
  json_object_object_add(o, "rule", json_object_new_string(event->rule->name));
  json_object_object_add(
      o, "level", json_object_new_string(alert_level_name(event->level)));
  json_object_object_add(
      o, "previous", json_object_new_string(alert_level_name(event->previous)));
  json_object_object_add(o, "host", json_object_new_string(s->host));
  json_object_object_add(o, "plugin", json_object_new_string(s->plugin));
  json_object_object_add(o, "plugin_instance",
                         json_object_new_string(s->plugin_instance));
  json_object_object_add(o, "type", json_object_new_string(s->type));
  json_object_object_add(o, "type_instance",
                         json_object_new_string(s->type_instance));
  json_object_object_add(o, "ds", json_object_new_string(s->ds));
  json_object_object_add(o, "value", ctl_json_number(event->value));
  json_object_object_add(o, "threshold", ctl_json_number(event->threshold));
  json_object_object_add(o, "since", json_object_new_double(event->since));
  json_object_object_add(o, "message", json_object_new_string(message));
  return o;
}

static void put_event(struct page *p, const struct alert_event *event,
                      const char *message) {
  char when[AMOUNT_MAX];
  enum page_style style = page_level_style(event->level);
  page_put(p, PAGE_FAINT, "%s ", amount_moment(event->now, when));
  page_cell(p, style, -9, alert_level_name(event->level));
  page_put(p, PAGE_BOLD, "%s", event->rule->name);
  page_put(p, PAGE_PLAIN, ": %s", message);
  page_end_line(p);
}

static void on_event(void *arg, const struct alert_event *event) {
  struct replay *r = arg;
  char message[NOTICE_MAX];
  notice_format(event, 1, (time_t)floor(event->since), message);
  r->events++;
  if (r->list != NULL)
    json_object_array_add(r->list, event_json(event, message));
  else
    put_event(r->page, event, message);
}

static void on_sample(void *arg, const struct series *series,
                      const struct sample *sample) {
  struct replay *r = arg;
  engine_sample(r->engine, series, sample, sample->time);
  if (sample->time - r->ticked < TICK && sample->time >= r->ticked)
    return;
  r->ticked = sample->time;
  engine_tick(r->engine, sample->time);
}

/* ---- the command ---- */

static void print_end(const struct replay *r, const struct ctl *c,
                      const struct recording_counts *counts) {
  char begin[AMOUNT_MAX];
  char end[AMOUNT_MAX];
  size_t wanted = engine_series_count(r->engine);
  if (c->json)
    return;
  fprintf(stderr, "%zu events; %zu values of %zu series, %s to %s\n", r->events,
          counts->values, counts->series, amount_moment(counts->begin, begin),
          amount_moment(counts->end, end));
  if (wanted == 0 && counts->values > 0)
    fprintf(stderr, "No rule looks at any of them. A single file is the series "
                    "that --series names.\n");
}

static int replay(struct replay *r, const struct ctl *c) {
  static const char *const installed[] = {INSTALLED_TYPES, STOCK_TYPES};
  char err[CTL_ERROR_MAX];
  struct recording_counts counts;
  struct recording_options options = {.path = c->csv,
                                      .series = c->series,
                                      .types = c->types,
                                      .types_num = c->types_num,
                                      .rates = c->rates};
  if (options.types_num == 0) {
    options.types = installed;
    options.types_num = sizeof(installed) / sizeof(installed[0]);
  }
  int status =
      recording_read(&options, on_sample, r, &counts, err, sizeof(err));
  if (r->page != NULL)
    fputs(page_text(r->page), stdout);
  fflush(stdout);
  if (status != 0)
    return ctl_fail(c, "%s", err);
  if (c->json)
    ctl_print_json(json_object_get(r->list));
  print_end(r, c, &counts);
  return CTL_CLEAR;
}

int command_rules_replay(const struct ctl *c) {
  struct replay r = {.ticked = -INFINITY};
  int status = CTL_UNKNOWN;
  if (c->csv == NULL)
    return ctl_fail(c, "rules replay wants --csv DATA\n"
                       "  mcphubctl rules replay --help tells more");
  struct ruleset *set = rulesfile_read(c, c->args[0], &status);
  if (set == NULL)
    return status;
  r.engine = engine_create(MAX_SERIES, on_event, &r);
  r.list = c->json ? json_object_new_array() : NULL;
  r.page = c->json ? NULL : page_create(1000, page_wants_colour(stdout));
  if (r.engine == NULL || (r.list == NULL && r.page == NULL)) {
    ruleset_destroy(set);
    status = ctl_fail(c, "out of memory");
  } else {
    engine_set_rules(r.engine, set, 0);
    status = replay(&r, c);
  }
  engine_destroy(r.engine);
  json_object_put(r.list);
  page_destroy(r.page);
  return status;
}
