/* SPDX-License-Identifier: MIT */
#include "report/status_json.h"

#include "report/thresholds.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- write ---- */

void status_json_put_alerts(struct json_writer *w,
                            const struct status_json *s) {
  json_begin_list(w, "alerts");
  for (size_t i = 0; i < s->alerts_num; i++) {
    struct alert a = s->alerts[i];
    char message[MESSAGE_MAX];
    if (a.message == NULL) {
      message_format(&a, 1, (time_t)a.since, message);
      a.message = message;
    }
    json_new_line(w);
    json_begin_object(w, NULL);
    alert_put_json(w, &a, ALERT_TIMES_EPOCH);
    json_end_object(w);
  }
  json_end_list(w);
}

static void put_health(struct json_writer *w, const struct health *health) {
  json_put_number(w, "score", health->score);
  json_put_text(w, "grade", health_grade_name(health->grade));
  json_begin_list(w, "reasons");
  for (size_t i = 0; i < health->reasons_num; i++) {
    json_begin_object(w, NULL);
    json_put_number(w, "points", health->reasons[i].points);
    json_put_text(w, "why", health->reasons[i].why);
    json_end_object(w);
  }
  json_end_list(w);
}

static void put_day(struct json_writer *w, const struct hub_report *hub) {
  json_begin_object(w, "day");
  for (int i = 0; i < HUB_STATS_FIGURES; i++) {
    const struct hub_report_figure *f = &hub->figures[i];
    if (isnan(f->average))
      continue;
    json_begin_object(w, hub_stats_metric((enum hub_stats_figure)i)->name);
    json_put_number(w, "average", f->average);
    json_put_number(w, "worst", f->worst);
    json_put_number(w, "worst_at", f->worst_at);
    json_put_number(w, "before", f->before);
    json_end_object(w);
  }
  json_end_object(w);
}

void status_json_put_hub(struct json_writer *w, const char *key,
                         const struct hub_report *hub) {
  json_begin_object(w, key);
  json_put_text(w, "host", hub->host);
  json_put_text(w, "hub", hub->instance);
  put_health(w, &hub->health);
  json_put_number(w, "availability_1h", hub->availability_1h);
  json_put_number(w, "availability_24h", hub->availability_24h);
  json_put_number(w, "error_budget", hub->error_budget);
  json_begin_object(w, "figures");
  for (int i = 0; i < HUB_STATS_FIGURES; i++)
    json_put_number(w, hub_stats_metric((enum hub_stats_figure)i)->name,
                    hub->figures[i].value);
  json_end_object(w);
  json_put_number(w, "day_begin", hub->begin);
  put_day(w, hub);
  json_end_object(w);
}

void status_json_put_hubs(struct json_writer *w, const struct status_json *s) {
  json_begin_list(w, "hubs");
  for (size_t i = 0; i < s->hubs_num; i++) {
    json_new_line(w);
    status_json_put_hub(w, NULL, &s->hubs[i]);
  }
  json_end_list(w);
}

static void put_incident(struct json_writer *w, const struct incident *i) {
  const struct series *s = &i->alert.series;
  char identity[SERIES_TEXT_MAX];

  series_text(s, identity);
  json_begin_object(w, NULL);
  json_put_text(w, "rule", i->alert.rule_name);
  json_put_text(w, "level", alert_level_name(i->alert.level));
  json_put_text(w, "host", s->host);
  json_put_text(w, "plugin", s->plugin);
  json_put_text(w, "plugin_instance", s->plugin_instance);
  json_put_text(w, "type", s->type);
  json_put_text(w, "type_instance", s->type_instance);
  json_put_text(w, "ds", s->ds);
  json_put_text(w, "identity", identity);
  json_put_text(w, "message", i->alert.message);
  json_put_number(w, "begin", i->alert.since);
  json_put_number(w, "end", i->end);
  json_end_object(w);
}

void status_json_put_incidents(struct json_writer *w,
                               const struct status_json *s) {
  const struct incident *i = NULL;

  json_begin_list(w, "incidents");
  while ((i = incidents_next(s->incidents, i)) != NULL) {
    json_new_line(w);
    put_incident(w, i);
  }
  json_end_list(w);
}

static void put_threshold(struct json_writer *w, const struct rule *rule) {
  json_new_line(w);
  json_begin_object(w, NULL);
  json_put_text(w, "rule", rule->name);
  json_put_text(w, "metric", pattern_text(rule->metric));
  json_put_text(w, "op", rule_op_symbol(rule->op));
  for (int i = ALERT_INFO; i < ALERT_LEVELS; i++)
    if (!isnan(rule->threshold[i]))
      json_put_number(w, alert_level_name((enum alert_level)i),
                      rule->threshold[i]);
  json_end_object(w);
}

static void put_thresholds(struct json_writer *w, const struct ruleset *rules) {
  size_t num = 0;

  json_begin_list(w, "thresholds");
  for (size_t i = 0;
       rules != NULL && i < rules->rules_num && num < STATUS_JSON_THRESHOLDS;
       i++)
    if (thresholds_has(&rules->rules[i]) &&
        thresholds_of_hubs(rules->rules[i].metric)) {
      put_threshold(w, &rules->rules[i]);
      num++;
    }
  json_end_list(w);
}

char *status_json_write(const struct status_json *s, size_t *len) {
  struct json_writer w = {0};

  json_begin_object(&w, NULL);
  json_put_number(&w, "version", 1);
  json_put_number(&w, "time", floor(s->time));
  json_put_flag(&w, "rules_current", s->rules_current);
  status_json_put_alerts(&w, s);
  status_json_put_hubs(&w, s);
  status_json_put_incidents(&w, s);
  put_thresholds(&w, s->rules);
  json_end_object(&w);
  json_end_text(&w);
  json_written(&w, len);
  return json_take(&w);
}

/* ---- read ---- */

struct status_reading {
  struct status_json *status;
  const char *host; /* NULL: any */
  const char *hub;
};

static bool is_wanted(const struct status_reading *r, const char *host,
                      const char *hub) {
  return (r->host == NULL || strcmp(r->host, host) == 0) &&
         (r->hub == NULL || strcmp(r->hub, hub) == 0);
}

static int read_alerts(const struct status_reading *r,
                       const struct json_object *list) {
  struct status_json *s = r->status;

  s->alerts = calloc(json_length(list) + 1, sizeof(*s->alerts));
  if (s->alerts == NULL)
    return -1;
  for (size_t i = 0; i < json_length(list); i++) {
    const struct alert a = alert_from_json(json_element(list, i));
    if (is_wanted(r, a.series.host, a.series.plugin_instance))
      s->alerts[s->alerts_num++] = a;
  }
  return 0;
}

static struct health health_of(const struct json_object *o) {
  const struct json_object *list = json_list(o, "reasons");
  struct health h = {.score = json_number(o, "score")};

  for (int i = HEALTH_UNKNOWN; i <= HEALTH_EXCELLENT; i++)
    if (strcmp(json_text(o, "grade", ""),
               health_grade_name((enum health_grade)i)) == 0)
      h.grade = (enum health_grade)i;
  for (size_t i = 0; i < json_length(list) && i < HEALTH_REASONS; i++) {
    const struct json_object *reason = json_element(list, i);
    struct health_reason *to = &h.reasons[h.reasons_num++];
    to->points = json_number(reason, "points");
    snprintf(to->why, sizeof(to->why), "%s", json_text(reason, "why", ""));
  }
  return h;
}

static struct hub_report hub_of(const struct json_object *o) {
  const struct json_object *figures = json_member(o, "figures");
  const struct json_object *day = json_member(o, "day");
  struct hub_report hub = {.host = json_text(o, "host", ""),
                           .instance = json_text(o, "hub", ""),
                           .health = health_of(o),
                           .availability_1h = json_number(o, "availability_1h"),
                           .availability_24h =
                               json_number(o, "availability_24h"),
                           .error_budget = json_number(o, "error_budget"),
                           .begin = json_number(o, "day_begin")};

  for (int i = 0; i < HUB_STATS_FIGURES; i++) {
    const char *name = hub_stats_metric((enum hub_stats_figure)i)->name;
    const struct json_object *f = json_member(day, name);
    hub.figures[i] =
        (struct hub_report_figure){.value = json_number(figures, name),
                                   .average = json_number(f, "average"),
                                   .worst = json_number(f, "worst"),
                                   .worst_at = json_number(f, "worst_at"),
                                   .before = json_number(f, "before")};
  }
  return hub;
}

static int read_hubs(const struct status_reading *r,
                     const struct json_object *list) {
  struct status_json *s = r->status;

  s->hubs = calloc(json_length(list) + 1, sizeof(*s->hubs));
  if (s->hubs == NULL)
    return -1;
  for (size_t i = 0; i < json_length(list); i++) {
    const struct json_object *o = json_element(list, i);
    if (is_wanted(r, json_text(o, "host", ""), json_text(o, "hub", "")))
      s->hubs[s->hubs_num++] = hub_of(o);
  }
  return 0;
}

static int read_incidents(const struct status_reading *r,
                          const struct json_object *list) {
  struct incidents *incidents = incidents_create(INCIDENTS_MAX);

  r->status->incidents = incidents;
  if (incidents == NULL)
    return -1;
  errno = 0; /* distinguishes an invalid pattern from lack of memory */
  for (size_t i = 0; i < json_length(list) && errno != ENOMEM; i++) {
    const struct json_object *o = json_element(list, i);
    struct incident n = {.alert = alert_from_json(o),
                         .end = json_number(o, "end")};
    n.alert.since = json_number(o, "begin");
    if (is_wanted(r, n.alert.series.host, n.alert.series.plugin_instance))
      incidents_restore(incidents, &n);
  }
  return errno != ENOMEM ? 0 : -1;
}

static enum rule_op op_of(const struct json_object *o) {
  for (int op = RULE_GT; op <= RULE_NE; op++)
    if (strcmp(json_text(o, "op", ""), rule_op_symbol((enum rule_op)op)) == 0)
      return (enum rule_op)op;
  return RULE_GT;
}

/* Skips an invalid pattern. -1: out of memory. */
static int read_threshold(struct ruleset *set, const struct json_object *o) {
  char err[256];
  struct rule *r = &set->rules[set->rules_num];

  *r = (struct rule){.op = op_of(o)};
  r->metric = pattern_create(json_text(o, "metric", ""), err, sizeof(err));
  if (r->metric == NULL)
    return 0;
  r->threshold[ALERT_OK] = r->clear = NAN;
  for (int level = ALERT_INFO; level < ALERT_LEVELS; level++)
    r->threshold[level] =
        json_number(o, alert_level_name((enum alert_level)level));
  r->name = strdup(json_text(o, "rule", ""));
  set->rules_num++;
  return r->name != NULL ? 0 : -1;
}

static int read_thresholds(struct status_json *s,
                           const struct json_object *list) {
  int status = 0;

  if (list == NULL)
    return 0;
  s->rules = calloc(1, sizeof(*s->rules));
  if (s->rules == NULL)
    return -1;
  s->rules->rules = calloc(json_length(list) + 1, sizeof(*s->rules->rules));
  if (s->rules->rules == NULL)
    return -1;
  for (size_t i = 0; status == 0 && i < json_length(list); i++)
    status = read_threshold(s->rules, json_element(list, i));
  return status;
}

struct ruleset *status_json_rules(const struct status_json *s) {
  char err[256];

  return s != NULL && s->rules != NULL
             ? ruleset_share(s->rules)
             : ruleset_parse("{}", 2, err, sizeof(err));
}

struct status_json *status_json_read(const char *text, size_t len,
                                     const char *host, const char *hub,
                                     bool *out_of_memory) {
  struct json_error error;
  struct json_object *tree = json_parse(text, len, JSON_STRICT, &error);
  struct status_json *s = calloc(1, sizeof(*s));
  const struct status_reading r = {s, host, hub};
  bool valid = fabs(json_number(tree, "version") - 1) <= 0;

  *out_of_memory = error.memory || s == NULL;
  if (s == NULL || !valid) {
    json_free(tree);
    free(s);
    return NULL;
  }
  s->tree = tree;
  s->time = json_number(tree, "time");
  s->rules_current = json_flag(tree, "rules_current", false);
  if (read_alerts(&r, json_list(tree, "alerts")) == 0 &&
      read_hubs(&r, json_list(tree, "hubs")) == 0 &&
      read_incidents(&r, json_list(tree, "incidents")) == 0 &&
      read_thresholds(s, json_list(tree, "thresholds")) == 0)
    return s;
  *out_of_memory = true;
  status_json_free(s);
  return NULL;
}

void status_json_free(struct status_json *s) {
  if (s == NULL)
    return;
  free(s->alerts);
  free(s->hubs);
  incidents_destroy(s->incidents);
  ruleset_destroy(s->rules);
  json_free(s->tree);
  free(s);
}

const struct hub_report *status_json_find_hub(const struct status_json *s,
                                              const char *host,
                                              const char *name) {
  for (size_t i = 0; s != NULL && i < s->hubs_num; i++)
    if (strcmp(s->hubs[i].host, host) == 0 &&
        strcmp(s->hubs[i].instance, name) == 0)
      return &s->hubs[i];
  return NULL;
}
