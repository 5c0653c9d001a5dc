/* SPDX-License-Identifier: MIT */
#include "ctl/status_file.h"

#include "ctl/amount.h"
#include "rules/pattern.h"
#include "util/file.h"
#include "util/format.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- JSON ---- */

static struct json_object *member(struct json_object *o, const char *key) {
  struct json_object *found = NULL;
  return json_object_object_get_ex(o, key, &found) ? found : NULL;
}

static const char *text_of(struct json_object *o, const char *key) {
  struct json_object *found = member(o, key);
  return json_object_is_type(found, json_type_string)
             ? json_object_get_string(found)
             : "";
}

static double number_of(struct json_object *o, const char *key) {
  struct json_object *found = member(o, key);
  return json_object_is_type(found, json_type_double) ||
                 json_object_is_type(found, json_type_int)
             ? json_object_get_double(found)
             : NAN;
}

static enum alert_level level_of(struct json_object *o) {
  for (int level = ALERT_OK; level < ALERT_LEVELS; level++)
    if (strcmp(text_of(o, "level"),
               alert_level_name((enum alert_level)level)) == 0)
      return (enum alert_level)level;
  return ALERT_OK;
}

static struct json_object *typed(struct json_object *o, const char *key,
                                 enum json_type type) {
  struct json_object *found = member(o, key);
  return json_object_is_type(found, type) ? found : NULL;
}

static size_t length_of(struct json_object *array) {
  return array != NULL ? json_object_array_length(array) : 0;
}

/* ---- the entries ---- */

static bool is_wanted(const struct ctl *c, const char *host, const char *hub) {
  return (c->host == NULL || strcmp(c->host, host) == 0) &&
         (c->hub == NULL || strcmp(c->hub, hub) == 0);
}

/* Those that count first, of these the worst, then the oldest. */
static int compare_alerts(const void *a, const void *b) {
  const struct status_file_alert *x = a;
  const struct status_file_alert *y = b;
  if (status_file_is_active(x) != status_file_is_active(y))
    return status_file_is_active(x) ? -1 : 1;
  if (x->level != y->level)
    return x->level > y->level ? -1 : 1;
  return (x->since > y->since) - (x->since < y->since);
}

static int take_alerts(struct status_file *s, const struct ctl *c,
                       struct json_object *list) {
  s->alerts = calloc(length_of(list) + 1, sizeof(*s->alerts));
  if (s->alerts == NULL)
    return -1;
  for (size_t i = 0; i < length_of(list); i++) {
    struct json_object *o = json_object_array_get_idx(list, i);
    struct status_file_alert a = {.rule = text_of(o, "rule"),
                                  .level = level_of(o),
                                  .status = text_of(o, "status"),
                                  .host = text_of(o, "host"),
                                  .hub = text_of(o, "plugin_instance"),
                                  .plugin = text_of(o, "plugin"),
                                  .type = text_of(o, "type"),
                                  .type_instance = text_of(o, "type_instance"),
                                  .message = text_of(o, "message"),
                                  .runbook = text_of(o, "runbook"),
                                  .value = number_of(o, "value"),
                                  .threshold = number_of(o, "threshold"),
                                  .since = number_of(o, "since"),
                                  .json = o};
    if (is_wanted(c, a.host, a.hub))
      s->alerts[s->alerts_num++] = a;
  }
  qsort(s->alerts, s->alerts_num, sizeof(*s->alerts), compare_alerts);
  return 0;
}

static void take_reasons(struct health *h, struct json_object *list) {
  for (size_t i = 0; i < length_of(list) && i < HEALTH_REASONS; i++) {
    struct json_object *o = json_object_array_get_idx(list, i);
    struct health_reason *r = &h->reasons[h->reasons_num++];
    r->points = number_of(o, "points");
    snprintf(r->why, sizeof(r->why), "%s", text_of(o, "why"));
  }
}

static struct health health_of(struct json_object *o) {
  struct health h = {.score = number_of(o, "score")};
  for (int i = HEALTH_UNKNOWN; i <= HEALTH_EXCELLENT; i++)
    if (strcmp(text_of(o, "grade"), health_grade_name((enum health_grade)i)) ==
        0)
      h.grade = (enum health_grade)i;
  take_reasons(&h, typed(o, "reasons", json_type_array));
  return h;
}

static struct hub_report hub_of(struct json_object *o) {
  struct json_object *figures = member(o, "figures");
  struct json_object *day = member(o, "day");
  struct hub_report h = {.host = text_of(o, "host"),
                         .instance = text_of(o, "hub"),
                         .health = health_of(o),
                         .availability_1h = number_of(o, "availability_1h"),
                         .availability_24h = number_of(o, "availability_24h"),
                         .error_budget = number_of(o, "error_budget"),
                         .begin = number_of(o, "day_begin")};
  for (int i = 0; i < HUB_STATS_FIGURES; i++) {
    const char *name = hub_stats_metric((enum hub_stats_figure)i)->name;
    struct json_object *f = member(day, name);
    h.figures[i] =
        (struct hub_report_figure){.value = number_of(figures, name),
                                   .average = number_of(f, "average"),
                                   .worst = number_of(f, "worst"),
                                   .worst_at = number_of(f, "worst_at"),
                                   .before = number_of(f, "before")};
  }
  return h;
}

static int take_hubs(struct status_file *s, const struct ctl *c,
                     struct json_object *list) {
  s->hubs = calloc(length_of(list) + 1, sizeof(*s->hubs));
  s->hubs_json = json_object_new_array();
  if (s->hubs == NULL || s->hubs_json == NULL)
    return -1;
  for (size_t i = 0; i < length_of(list); i++) {
    struct json_object *o = json_object_array_get_idx(list, i);
    if (!is_wanted(c, text_of(o, "host"), text_of(o, "hub")))
      continue;
    if (json_object_array_add(s->hubs_json, o) != 0)
      return -1;
    json_object_get(o);
    s->hubs[s->hubs_num++] = hub_of(o);
  }
  return 0;
}

static int take_incidents(struct status_file *s, const struct ctl *c,
                          struct json_object *list) {
  s->incidents = incidents_create(INCIDENTS_MAX);
  s->incidents_json = json_object_new_array();
  if (s->incidents == NULL || s->incidents_json == NULL)
    return -1;
  for (size_t i = 0; i < length_of(list); i++) {
    struct json_object *o = json_object_array_get_idx(list, i);
    struct incident n = {.level = level_of(o),
                         .begin = number_of(o, "begin"),
                         .end = number_of(o, "end")};
    snprintf(n.rule, sizeof(n.rule), "%s", text_of(o, "rule"));
    snprintf(n.host, sizeof(n.host), "%s", text_of(o, "host"));
    snprintf(n.plugin, sizeof(n.plugin), "%s", text_of(o, "plugin"));
    snprintf(n.plugin_instance, sizeof(n.plugin_instance), "%s",
             text_of(o, "plugin_instance"));
    snprintf(n.message, sizeof(n.message), "%s", text_of(o, "message"));
    errno = 0; /* tells an invalid one, left out, from want of memory */
    if (is_wanted(c, n.host, n.plugin_instance) &&
        incidents_restore(s->incidents, &n) == 0 &&
        json_object_array_add(s->incidents_json, o) == 0)
      json_object_get(o);
    if (errno == ENOMEM)
      return -1;
  }
  return 0;
}

/* ---- thresholds ---- */

static enum rule_op op_of(struct json_object *o) {
  for (int op = RULE_GT; op <= RULE_NE; op++)
    if (strcmp(text_of(o, "op"), rule_op_symbol((enum rule_op)op)) == 0)
      return (enum rule_op)op;
  return RULE_GT;
}

/* -1: no memory. A pattern that is none is left out. */
static int take_threshold(struct ruleset *set, struct json_object *o) {
  char err[256];
  struct rule *r = &set->rules[set->rules_num];
  *r = (struct rule){.op = op_of(o)};
  r->metric = pattern_create(text_of(o, "metric"), err, sizeof(err));
  if (r->metric == NULL)
    return 0;
  r->threshold[ALERT_OK] = r->clear = NAN;
  for (int level = ALERT_INFO; level < ALERT_LEVELS; level++)
    r->threshold[level] =
        number_of(o, alert_level_name((enum alert_level)level));
  r->name = strdup(text_of(o, "rule"));
  set->rules_num++;
  return r->name != NULL ? 0 : -1;
}

static int take_thresholds(struct status_file *s, struct json_object *list) {
  if (list == NULL)
    return 0;
  s->rules = calloc(1, sizeof(*s->rules));
  if (s->rules == NULL)
    return -1;
  s->rules->rules = calloc(length_of(list) + 1, sizeof(*s->rules->rules));
  int status = s->rules->rules != NULL ? 0 : -1;
  for (size_t i = 0; status == 0 && i < length_of(list); i++)
    status = take_threshold(s->rules, json_object_array_get_idx(list, i));
  return status;
}

struct ruleset *status_file_rules(const struct status_file *s) {
  char err[256];
  return s != NULL && s->rules != NULL
             ? ruleset_share(s->rules)
             : ruleset_parse("{}", 2, err, sizeof(err));
}

/* ---- the file ---- */

static void describe_unreadable(const char *path, int error, char *err,
                                size_t size) {
  if (error == ENOENT)
    snprintf(err, size,
             "there is no %s\n"
             "  Is the alert plugin loaded? LoadPlugin mcp_hub_alerts\n"
             "  Has it a StateFile?         status.json is written beside it\n"
             "  Is it somewhere else?       mcphubctl -S FILE",
             path);
  else if (error == EACCES)
    snprintf(err, size,
             "no permission to read %s\n"
             "  Run this as root; for a group, put StateFile into a folder of "
             "it (chmod 2750)",
             path);
  else if (error == EINVAL || error == EFBIG)
    snprintf(err, size, "%s: expected a regular file of at most %u MiB", path,
             STATUS_FILE_MAX >> 20);
  else if (error == ENOMEM)
    snprintf(err, size, "out of memory");
  else
    snprintf(err, size, "cannot read %s: %s", path, strerror(error));
}

static struct json_object *load(const char *path, char *err, size_t size) {
  char unused[128];
  struct stat st;
  size_t len = 0;
  char *text =
      file_read(path, STATUS_FILE_MAX, &st, &len, unused, sizeof(unused));
  if (text == NULL) {
    describe_unreadable(path, errno, err, size);
    return NULL;
  }
  struct json_object *root = json_tokener_parse(text);
  free(text);
  if (json_object_is_type(root, json_type_object) &&
      number_of(root, "version") == 1)
    return root;
  snprintf(err, size,
           "%s is not a status of the alert plugin (version 1)\n"
           "  Do this command and the plugin come from one installation?",
           path);
  json_object_put(root);
  return NULL;
}

static int check_hub(const struct status_file *s, const struct ctl *c,
                     char *err, size_t size) {
  struct json_object *list = typed(s->root, "hubs", json_type_array);
  if (s->hubs_num > 0 || (c->hub == NULL && c->host == NULL))
    return 0;
  int put = snprintf(err, size,
                     "the alert plugin knows no %s \"%s\"\n  It "
                     "knows:",
                     c->hub != NULL ? "hub" : "host",
                     c->hub != NULL ? c->hub : c->host);
  for (size_t i = 0; i < length_of(list) && put > 0 && (size_t)put < size;
       i++) {
    struct json_object *o = json_object_array_get_idx(list, i);
    put += snprintf(err + put, size - (size_t)put, "%s %s on %s",
                    i > 0 ? "," : "", text_of(o, "hub"), text_of(o, "host"));
  }
  if (length_of(list) == 0 && put > 0 && (size_t)put < size)
    snprintf(err + put, size - (size_t)put, " none");
  return -1;
}

static int check_age(const struct status_file *s, const struct ctl *c,
                     double now, char *err, size_t size) {
  char age[FORMAT_MAX];
  if (now - s->time <= c->max_age)
    return 0;
  format_duration(now - s->time, age);
  snprintf(err, size,
           "%s is %s old: what it says may be over\n"
           "  Is collectd running?      systemctl status collectd\n"
           "  Is its interval that long? mcphubctl --max-age 10m",
           c->status_file, isnan(s->time) ? "unknown times" : age);
  return -1;
}

struct status_file *status_file_read(const struct ctl *c, double now, char *err,
                                     size_t err_size) {
  struct json_object *root = load(c->status_file, err, err_size);
  if (root == NULL)
    return NULL;
  struct status_file *s = calloc(1, sizeof(*s));
  snprintf(err, err_size, "out of memory");
  if (s == NULL) {
    json_object_put(root);
    return NULL;
  }
  s->root = root;
  s->time = number_of(root, "time");
  s->rules_current = json_object_get_boolean(member(root, "rules_current"));
  if (take_alerts(s, c, typed(root, "alerts", json_type_array)) == 0 &&
      take_hubs(s, c, typed(root, "hubs", json_type_array)) == 0 &&
      take_incidents(s, c, typed(root, "incidents", json_type_array)) == 0 &&
      take_thresholds(s, typed(root, "thresholds", json_type_array)) == 0 &&
      check_age(s, c, now, err, err_size) == 0 &&
      check_hub(s, c, err, err_size) == 0)
    return s;
  status_file_free(s);
  return NULL;
}

void status_file_free(struct status_file *s) {
  if (s == NULL)
    return;
  free(s->alerts);
  free(s->hubs);
  json_object_put(s->hubs_json);
  incidents_destroy(s->incidents);
  json_object_put(s->incidents_json);
  ruleset_destroy(s->rules);
  json_object_put(s->root);
  free(s);
}

const struct hub_report *status_file_find_hub(const struct status_file *s,
                                              const char *host,
                                              const char *name) {
  for (size_t i = 0; s != NULL && i < s->hubs_num; i++)
    if (strcmp(s->hubs[i].host, host) == 0 &&
        strcmp(s->hubs[i].instance, name) == 0)
      return &s->hubs[i];
  return NULL;
}

bool status_file_says_since(const struct status_file_alert *a) {
  char since[AMOUNT_MAX];
  return strstr(a->message, amount_moment(a->since, since)) != NULL;
}

bool status_file_is_active(const struct status_file_alert *a) {
  return strcmp(a->status, "firing") == 0 ||
         strcmp(a->status, "clearing") == 0 ||
         strcmp(a->status, "flapping") == 0;
}
