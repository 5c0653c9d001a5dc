/* SPDX-License-Identifier: MIT */
/* mcphubctl rules replay: which notifications recorded data would cause. */
#include "ctl/output.h"
#include "ctl/page.h"
#include "ctl/recording.h"
#include "ctl/rules_input.h"
#include "ctl/scores.h"
#include "notify/dispatcher.h"
#include "notify/message.h"
#include "util/format.h"

#include <math.h>
#include <string.h>

#define MAX_SERIES 200000 /* as in the plugin */
#define TICK 10.0         /* recorded seconds */
#define TICKS_MOST 10000  /* per gap */

struct replay {
  struct engine *engine;
  struct dispatcher *notifier;
  struct ruleset *rules; /* until the first value; then owned by the engine */
  struct page *page;     /* output not printed yet; NULL: JSON */
  struct json_writer json;
  size_t notices;
  double now;    /* time of the last tick or value */
  double ticked; /* time of the last regular tick */
};

/* ---- notification ---- */

static void put_json(struct json_writer *w, const struct alert *alerts,
                     size_t num, double now, const char *message) {
  struct alert a = *alerts;
  a.time = now;
  a.message = message;
  json_begin_object(w, NULL);
  alert_put_json(w, &a, ALERT_TIMES_EPOCH);
  json_put_number(w, "alerts", (double)num);
  json_end_object(w);
}

static void put_notification(struct page *p, const struct alert *event,
                             double now, const char *message) {
  char when[FORMAT_MAX];
  enum page_style style = page_level_style(event->level);
  page_put(p, PAGE_FAINT, "%s ", format_moment(now, when));
  page_cell(p, style, -9, alert_level_name(event->level));
  page_put(p, PAGE_BOLD, "%s", event->rule_name);
  page_put(p, PAGE_PLAIN, ": %s", message);
  page_end_line(p);
}

static int on_notification(void *arg, const struct alert *alerts, size_t num) {
  struct replay *r = arg;
  char message[MESSAGE_MAX];
  message_format(alerts, num, (time_t)floor(alerts->since), message);
  r->notices++;
  if (r->page == NULL)
    put_json(&r->json, alerts, num, r->now, message);
  else
    put_notification(r->page, alerts, r->now, message);
  return 0;
}

/* ---- recorded time ---- */

static void on_event(void *arg, const struct alert *event) {
  struct replay *r = arg;
  dispatcher_event(r->notifier, event);
}

static void tick(struct replay *r, double now) {
  r->now = now;
  engine_tick(r->engine, now);
  dispatcher_tick(r->notifier, now, now);
}

/* Runs the ticks between two values: missing data, delayed deliveries. */
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

/* Delivers what still waits at the end of the recording. */
static void finish(struct replay *r) {
  while (isfinite(dispatcher_due(r->notifier))) {
    r->now = fmax(dispatcher_due(r->notifier), r->now);
    dispatcher_tick(r->notifier, r->now, r->now);
  }
}

/* ---- command ---- */

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
  json_end_list(&r->json);
  if (!c->json)
    printed = page_print(r->page);
  else if (status == 0)
    printed = ctl_print_json(&r->json);
  r->page = NULL;
  if (printed != 0)
    return ctl_fail(c, "out of memory");
  output_flush();
  if (status != 0)
    return ctl_fail(c, "%s", err);
  print_end(r, c, &counts);
  return CTL_CLEAR;
}

int command_rules_replay(const struct ctl *c) {
  struct replay r = {.ticked = -INFINITY, .json = CTL_JSON};
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
  json_begin_list(&r.json, NULL);
  r.page = c->json ? NULL : page_create(1000, page_wants_colour(stdout));
  if (r.engine == NULL || r.notifier == NULL || (!c->json && r.page == NULL))
    status = ctl_fail(c, "out of memory");
  else
    status = replay(&r, c);
  ruleset_destroy(r.rules);
  dispatcher_destroy(r.notifier);
  engine_destroy(r.engine);
  json_writer_clear(&r.json);
  page_destroy(r.page);
  return status;
}
