/* SPDX-License-Identifier: MIT */
#include "report/status_json.h"

#include "report/thresholds.h"
#include "util/strbuf.h"
#include "util/utf8.h"

#include <errno.h>
#include <json-c/json.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum section { ALERTS, HUBS, INCIDENTS, THRESHOLDS, END };

static const char *const section_names[] = {"alerts", "hubs", "incidents",
                                            "thresholds"};

struct status_json {
  struct strbuf text;
  enum section section;
  size_t members; /* of the section */
  bool failed;
};

/* ---------------------------------------------------------------- sections */

static void open_section(struct status_json *s) {
  strbuf_format(&s->text, ",\"%s\":[", section_names[s->section]);
  s->members = 0;
}

static void enter(struct status_json *s, enum section section) {
  s->failed |= section < s->section;
  while (s->section < section) {
    strbuf_string(&s->text, "]");
    s->section++;
    if (s->section < END)
      open_section(s);
  }
}

/* json-c leaves out what it has no room for: only errno tells, in the end. */
static json_object *begin_entry(void) {
  errno = 0;
  return json_object_new_object();
}

/* Takes the value over. */
static void put(json_object *o, const char *key, json_object *value) {
  if (o == NULL || json_object_object_add(o, key, value) != 0)
    json_object_put(value);
}

/* Takes the entry over. */
static void add_entry(struct status_json *s, json_object *entry) {
  size_t len = 0;
  const char *text = json_object_to_json_string_length(
      entry, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &len);

  if (text == NULL || errno == ENOMEM) {
    s->failed = true;
  } else {
    strbuf_string(&s->text, s->members++ > 0 ? ",\n" : "\n");
    strbuf_add(&s->text, text, len);
  }
  json_object_put(entry);
}

/* ------------------------------------------------------------------ values */

static void put_text(json_object *o, const char *key, const char *text) {
  size_t len = strlen(text);
  char *clean = malloc(len + 1);

  if (clean == NULL)
    return;
  len = utf8_put(clean, len, text, len);
  put(o, key, json_object_new_string_len(clean, (int)len));
  free(clean);
}

/* Unknown is null. */
static json_object *number(double value) {
  json_object *n = NULL;

  if (!isfinite(value))
    return NULL;
  if (fabs(value) < 1e15 && !(floor(value) < value))
    return json_object_new_int64((int64_t)value);
  n = json_object_new_double(value);
  if (n != NULL)
    json_object_set_serializer(n, json_object_double_to_json_string,
                               (void *)(uintptr_t) "%.15g", NULL);
  return n;
}

static void put_number(json_object *o, const char *key, double value) {
  put(o, key, number(value));
}

/* ----------------------------------------------------------------- entries */

void status_json_add_alert(struct status_json *s,
                           const struct status_json_alert *alert) {
  const struct series *series = alert->series;
  json_object *o = begin_entry();

  enter(s, ALERTS);
  put_text(o, "rule", alert->rule);
  put_text(o, "level", alert_level_name(alert->level));
  put_text(o, "status", alert->status);
  put_text(o, "host", series->host);
  put_text(o, "plugin", series->plugin);
  put_text(o, "plugin_instance", series->plugin_instance);
  put_text(o, "type", series->type);
  put_text(o, "type_instance", series->type_instance);
  put_text(o, "ds", series->ds);
  put_number(o, "value", alert->value);
  put_number(o, "threshold", alert->threshold);
  put_number(o, "since", alert->since);
  put_text(o, "message", alert->message);
  if (alert->runbook != NULL)
    put_text(o, "runbook", alert->runbook);
  add_entry(s, o);
}

static void put_health(json_object *o, const struct health *health) {
  json_object *reasons = json_object_new_array();

  put_number(o, "score", health->score);
  put_text(o, "grade", health_grade_name(health->grade));
  for (size_t i = 0; i < health->reasons_num; i++) {
    json_object *reason = json_object_new_object();
    put_number(reason, "points", health->reasons[i].points);
    put_text(reason, "why", health->reasons[i].why);
    if (reasons == NULL || json_object_array_add(reasons, reason) != 0)
      json_object_put(reason);
  }
  put(o, "reasons", reasons);
}

static void put_figures(json_object *o, const struct hub_report *day) {
  json_object *figures = json_object_new_object();

  for (int i = 0; i < HUB_STATS_FIGURES; i++)
    put_number(figures, hub_stats_metric((enum hub_stats_figure)i)->name,
               day->figures[i].value);
  put(o, "figures", figures);
}

static void put_day(json_object *o, const struct hub_report *day) {
  json_object *figures = json_object_new_object();

  for (int i = 0; i < HUB_STATS_FIGURES; i++) {
    const struct hub_report_figure *f = &day->figures[i];
    json_object *figure = NULL;
    if (isnan(f->average))
      continue;
    figure = json_object_new_object();
    put_number(figure, "average", f->average);
    put_number(figure, "worst", f->worst);
    put_number(figure, "worst_at", f->worst_at);
    put_number(figure, "before", f->before);
    put(figures, hub_stats_metric((enum hub_stats_figure)i)->name, figure);
  }
  put(o, "day", figures);
}

void status_json_add_hub(struct status_json *s, const struct hub_stats *hub,
                         double now) {
  const struct hub_report day = hub_report_of(hub, now);
  json_object *o = begin_entry();

  enter(s, HUBS);
  put_text(o, "host", hub->host);
  put_text(o, "hub", hub->instance);
  put_health(o, &day.health);
  put_number(o, "availability_1h", day.availability_1h);
  put_number(o, "availability_24h", day.availability_24h);
  put_number(o, "error_budget", day.error_budget);
  put_figures(o, &day);
  put_number(o, "day_begin", day.begin);
  put_day(o, &day);
  add_entry(s, o);
}

void status_json_add_incident(struct status_json *s,
                              const struct incident *incident) {
  char identity[INCIDENT_IDENTITY_MAX];
  json_object *o = begin_entry();

  enter(s, INCIDENTS);
  incident_identity(incident, identity);
  put_text(o, "rule", incident->rule);
  put_text(o, "level", alert_level_name((enum alert_level)incident->level));
  put_text(o, "host", incident->host);
  put_text(o, "plugin", incident->plugin);
  put_text(o, "plugin_instance", incident->plugin_instance);
  put_text(o, "identity", identity);
  put_text(o, "message", incident->message);
  put_number(o, "begin", incident->begin);
  put_number(o, "end", incident->end);
  add_entry(s, o);
}

static void add_threshold(struct status_json *s, const struct rule *rule) {
  json_object *o = begin_entry();

  put_text(o, "rule", rule->name);
  put_text(o, "metric", pattern_text(rule->metric));
  put_text(o, "op", rule_op_symbol(rule->op));
  for (int i = ALERT_INFO; i < ALERT_LEVELS; i++)
    if (!isnan(rule->threshold[i]))
      put_number(o, alert_level_name((enum alert_level)i), rule->threshold[i]);
  add_entry(s, o);
}

void status_json_add_thresholds(struct status_json *s,
                                const struct ruleset *rules) {
  size_t num = 0;

  enter(s, THRESHOLDS);
  for (size_t i = 0;
       rules != NULL && i < rules->rules_num && num < STATUS_JSON_THRESHOLDS;
       i++)
    if (thresholds_has(&rules->rules[i]) &&
        thresholds_of_hubs(rules->rules[i].metric)) {
      add_threshold(s, &rules->rules[i]);
      num++;
    }
}

/* -------------------------------------------------------------- the whole */

struct status_json *status_json_create(double wall, bool rules_current) {
  struct status_json *s = calloc(1, sizeof(*s));

  if (s == NULL)
    return NULL;
  strbuf_format(&s->text, "{\"version\":1,\"time\":%.0f,\"rules_current\":%s",
                floor(wall), rules_current ? "true" : "false");
  open_section(s);
  return s;
}

void status_json_destroy(struct status_json *s) {
  if (s == NULL)
    return;
  strbuf_clear(&s->text);
  free(s);
}

const char *status_json_text(struct status_json *s, size_t *len) {
  if (s->section != END) {
    enter(s, END);
    strbuf_string(&s->text, "}\n");
  }
  if (s->failed || s->text.failed)
    return NULL;
  *len = s->text.len;
  return s->text.text;
}
