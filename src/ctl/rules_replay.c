/* SPDX-License-Identifier: MIT */
#include "ctl/page.h"
#include "ctl/recording.h"
#include "ctl/rules_input.h"
#include "ctl/scores.h"
#include "notify/dispatcher.h"
#include "notify/message.h"
#include "util/format.h"

#include <math.h>
#include <string.h>

#define MAX_SERIES 200000 /* as the plugin */
#define TICK 10.0         /* recorded seconds */
#define TICKS_MOST 10000  /* in a gap */

struct replay {
  struct engine *engine;
  struct dispatcher *notifier;
  struct ruleset *rules;    /* until the first value; then the engine's */
  struct page *page;        /* of notices that have not been printed */
  struct json_object *list; /* of all notices, instead */
  size_t notices;
  double now;    /* of the last tick or value */
  double ticked; /* the last regular one */
};

/* ---- a notice ---- */

static const char *status_of(const struct alert_event *event) {
  if (event->reason == ALERT_FLAPPING)
    return "flapping";
  return event->level == ALERT_OK ? "resolved" : "firing";
}

static struct json_object *notification_json(const struct alert_event *event,
                                             size_t num, double now,
                                             const char *message) {
  const struct series *s = event->series;
  struct json_object *o = ctl_json_object();
  ctl_json_add(o, "time", ctl_json_number(now));
  ctl_json_add(o, "rule", ctl_json_text(event->rule->name));
  ctl_json_add(o, "level", ctl_json_text(alert_level_name(event->level)));
  ctl_json_add(o, "previous", ctl_json_text(alert_level_name(event->previous)));
  ctl_json_add(o, "status", ctl_json_text(status_of(event)));
  ctl_json_add(o, "alerts", ctl_json_number((double)num));
  ctl_json_add(o, "host", ctl_json_text(s->host));
  ctl_json_add(o, "plugin", ctl_json_text(s->plugin));
  ctl_json_add(o, "plugin_instance", ctl_json_text(s->plugin_instance));
  ctl_json_add(o, "type", ctl_json_text(s->type));
  ctl_json_add(o, "type_instance", ctl_json_text(s->type_instance));
  ctl_json_add(o, "ds", ctl_json_text(s->ds));
  ctl_json_add(o, "value", ctl_json_number(event->value));
  ctl_json_add(o, "threshold", ctl_json_number(event->threshold));
  ctl_json_add(o, "since", ctl_json_number(event->since));
  ctl_json_add(o, "message", ctl_json_text(message));
  return o;
}

static void put_notification(struct page *p, const struct alert_event *event,
                             double now, const char *message) {
  char when[FORMAT_MAX];
  enum page_style style = page_level_style(event->level);
  page_put(p, PAGE_FAINT, "%s ", format_moment(now, when));
  page_cell(p, style, -9, alert_level_name(event->level));
  page_put(p, PAGE_BOLD, "%s", event->rule->name);
  page_put(p, PAGE_PLAIN, ": %s", message);
  page_end_line(p);
}

static void on_notification(void *arg, const struct alert_event *events,
                            size_t num) {
  struct replay *r = arg;
  char message[MESSAGE_MAX];
  message_format(events, num, (time_t)floor(events->since), message);
  r->notices++;
  if (r->list != NULL)
    ctl_json_append(r->list, notification_json(events, num, r->now, message));
  else
    put_notification(r->page, events, r->now, message);
}

/* ---- recorded time ---- */

static void on_event(void *arg, const struct alert_event *event) {
  struct replay *r = arg;
  dispatcher_event(r->notifier, event);
}

static void tick(struct replay *r, double now) {
  r->now = now;
  engine_tick(r->engine, now);
  dispatcher_tick(r->notifier, now, now);
}

/* What happens between two values: silence, ends of waits. */
static void pass_time(struct replay *r, double until) {
  double step = fmax(TICK, (until - r->ticked) / TICKS_MOST);
  double next = 0;
  while ((next = fmin(r->ticked + step, dispatcher_due(r->notifier))) < until) {
    if (next >= r->ticked + step)
      r->ticked = next;
    tick(r, fmax(next, r->now));
  }
  r->now = until;
}

static void begin(struct replay *r, double now) {
  struct ruleset *set = r->rules;
  r->rules = NULL;
  r->now = r->ticked = now;
  engine_set_rules(r->engine, set, now);
  dispatcher_set_rules(r->notifier, set, now);
}

static void on_sample(void *arg, const struct series *series,
                      const struct sample *sample) {
  struct replay *r = arg;
  if (r->rules != NULL)
    begin(r, sample->time);
  pass_time(r, sample->time);
  engine_sample(r->engine, series, sample, sample->time);
}

/* Tells what still waits; the recording says no more. */
static void finish(struct replay *r) {
  while (isfinite(dispatcher_due(r->notifier))) {
    r->now = fmax(dispatcher_due(r->notifier), r->now);
    dispatcher_tick(r->notifier, r->now, r->now);
  }
}

/* ---- the command ---- */

static void warn_of_slow_rules(const struct replay *r) {
  const struct ruleset *set = engine_rules(r->engine);
  char line[512];
  while (set != NULL && ruleset_take_slow(set, line, sizeof(line)))
    fprintf(stderr, "%s\n", line);
}

static void print_end(const struct replay *r, const struct ctl *c,
                      const struct recording_counts *counts) {
  char first[FORMAT_MAX];
  char end[FORMAT_MAX];
  size_t wanted = engine_series_count(r->engine);
  warn_of_slow_rules(r);
  if (c->json)
    return;
  fprintf(stderr, "%zu notices; %zu values of %zu series, %s to %s\n",
          r->notices, counts->values, counts->series,
          format_moment(counts->begin, first), format_moment(counts->end, end));
  if (wanted == 0 && counts->values > 0)
    fprintf(stderr, "No rule looks at any of them. A single file is the series "
                    "that --series names.\n");
}

static int replay(struct replay *r, const struct ctl *c) {
  static const char *const installed[] = {INSTALLED_TYPES, COLLECTD_TYPES};
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
  finish(r);
  int printed = 0;
  if (!c->json)
    printed = page_print(r->page);
  else if (status == 0)
    printed = ctl_print_json(json_object_get(r->list));
  r->page = NULL;
  if (printed != 0)
    return ctl_fail(c, "out of memory");
  fflush(stdout);
  if (status != 0)
    return ctl_fail(c, "%s", err);
  print_end(r, c, &counts);
  return CTL_CLEAR;
}

int command_rules_replay(const struct ctl *c) {
  struct replay r = {.ticked = -INFINITY};
  int status = CTL_UNKNOWN;
  if (c->csv == NULL || (c->args_num == 0 && !c->scores))
    return ctl_fail(c,
                    "rules replay wants %s\n"
                    "  mcphubctl rules replay --help tells more",
                    c->csv == NULL ? "--csv DATA" : "FILE, or --scores");
  if (c->scores)
    return scores_print(c);
  r.rules = rules_input_read(c, c->args[0], &status);
  if (r.rules == NULL)
    return status;
  r.engine = engine_create(MAX_SERIES, on_event, &r);
  r.notifier = dispatcher_create(MAX_SERIES, on_notification, &r);
  r.list = c->json ? ctl_json_list() : NULL;
  r.page = c->json ? NULL : page_create(1000, page_wants_colour(stdout));
  if (r.engine == NULL || r.notifier == NULL ||
      (r.list == NULL && r.page == NULL))
    status = ctl_fail(c, "out of memory");
  else
    status = replay(&r, c);
  ruleset_destroy(r.rules);
  dispatcher_destroy(r.notifier);
  engine_destroy(r.engine);
  json_object_put(r.list);
  page_destroy(r.page);
  return status;
}
