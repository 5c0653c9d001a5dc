/* SPDX-License-Identifier: MIT */
/* The table of keys of a rule in alerts.json, and their readers. */
#include "rules/rule_parser.h"

#include "rules/pattern.h"
#include "rules/template.h"
#include "util/duration.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FIELD(name) .offset = offsetof(struct rule_parser, name)
#define TELLS(name) .given = offsetof(struct rule_parser, name)
#define TEXT_MAX 1024U
#define INHIBITED_BY_MAX 16U

/* ---- choices ---- */

static const char *op_name(unsigned index) {
  return index <= RULE_NE ? rule_op_symbol((enum rule_op)index) : NULL;
}

static const char *function_name(unsigned index) {
  return index < RULE_FUNCTIONS ? rule_function_name((enum rule_function)index)
                                : NULL;
}

/* Worst level first. */
static enum alert_level level_of(unsigned index) {
  return (enum alert_level)(ALERT_CRITICAL - index);
}

static const char *level_name(unsigned index) {
  return index < ALERT_CRITICAL ? alert_level_name(level_of(index)) : NULL;
}

static void choose_severity(void *target, unsigned index) {
  struct rule_parser *p = target;
  p->severity = level_of(index);
}

/* "hold", "ok" and the levels. */
static const char *no_data_name(unsigned index) {
  static const char *const names[] = {
      [NO_DATA_HOLD] = "hold", [NO_DATA_OK] = "ok"};
  return index < NO_DATA_LEVEL ? names[index]
                               : level_name(index - NO_DATA_LEVEL);
}

static void choose_no_data(void *target, unsigned index) {
  struct rule *r = &((struct rule_parser *)target)->rule;
  r->no_data = index < NO_DATA_LEVEL ? (enum rule_no_data)index : NO_DATA_LEVEL;
  r->no_data_level =
      index < NO_DATA_LEVEL ? ALERT_OK : level_of(index - NO_DATA_LEVEL);
}

/* ---- readers of single keys ---- */

static int read_name(struct json_reader *in, const struct json_path *path,
                     json_object *value, const struct json_key *key,
                     void *target) {
  (void)in, (void)path, (void)value, (void)key, (void)target;
  return 0; /* already read to find the rule */
}

/* null removes a level. */
static int read_level(struct json_reader *in, const struct json_path *path,
                      json_object *value, const struct json_key *key,
                      void *target) {
  struct rule_parser *p = target;
  size_t level = (key->offset - offsetof(struct rule_parser, rule.threshold)) /
                 sizeof(p->rule.threshold[0]);

  p->origin[level] = BY_RULE;
  p->given[level] = value;
  p->rule.threshold[level] = NAN;
  return value != NULL ? json_key_read(in, path, value, key, target) : 0;
}

static int read_objective(struct json_reader *in, const struct json_path *path,
                          json_object *value, const struct json_key *key,
                          void *target) {
  if (json_object_is_type(value, json_type_int) &&
      json_object_get_int(value) == 1)
    return json_reader_expected(in, path, value,
                                "a fraction below 1 or a percentage below 100");
  return json_key_read(in, path, value, key, target);
}

static int read_message(struct json_reader *in, const struct json_path *path,
                        json_object *value, const struct json_key *key,
                        void *target) {
  const char *text = json_reader_text(in, path, value, TEXT_MAX);
  char err[384];

  if (text == NULL)
    return -1;
  if (template_check(text, err, sizeof(err)) != 0)
    return json_reader_fail(in, path, "%s", err);
  return json_key_read(in, path, value, key, target);
}

static int read_inhibited_by(struct json_reader *in,
                             const struct json_path *path, json_object *value,
                             const struct json_key *key, void *target) {
  struct rule *r = &((struct rule_parser *)target)->rule;
  size_t num = json_object_is_type(value, json_type_array)
                   ? json_object_array_length(value)
                   : SIZE_MAX;
  char **names = NULL;

  (void)key;
  if (num > INHIBITED_BY_MAX)
    return json_reader_expected(in, path, value,
                                "a list [...] of at most 16 names of rules");
  names = calloc(num + 1, sizeof(*names));
  if (names == NULL)
    return json_reader_out_of_memory(in);
  for (size_t i = 0; i < num; i++) {
    const struct json_path element = {path, NULL, i};
    if (json_reader_copy(in, &element, json_object_array_get_idx(value, i),
                         RULE_NAME_MAX, &names[i]) != 0) {
      rule_names_free(names, i);
      return -1;
    }
  }
  rule_names_free(r->inhibited_by, r->inhibited_by_num);
  r->inhibited_by = names;
  r->inhibited_by_num = num;
  return 0;
}

/* ---- table ---- */

const struct json_key rule_keys[] = {
    {.name = "name",
     .kind = JSON_KEY_TEXT,
     .flags = JSON_KEY_REQUIRED,
     .max = RULE_NAME_MAX,
     .read = read_name,
     .help = "Unique. That of a built-in rule or a named threshold changes the "
             "keys that are given and leaves the others."},
    {.name = "metric",
     .kind = JSON_KEY_PATTERN,
     FIELD(rule.metric),
     TELLS(gives_metric),
     .fallback = "that of the rule that `name` changes; a new rule needs one",
     .help = "A glob host/plugin-instance/type-instance, see GLOBS, or a "
             "regular expression between slashes, at most 1,024 bytes. Every "
             "series and data source that matches has a state of its own."},
    {.name = "ds",
     .kind = JSON_KEY_TEXT,
     FIELD(rule.ds),
     .max = RULE_NAME_MAX,
     .fallback = "each",
     .help = "Data source."},
    {.name = "op",
     .kind = JSON_KEY_CHOICE,
     FIELD(rule.op),
     TELLS(gives_op),
     .choice = op_name,
     .fallback = "that of the function, where it has one",
     .help = "How values are compared with the thresholds."},
    {.name = "warning",
     .kind = JSON_KEY_NUMBER,
     FIELD(rule.threshold[ALERT_WARNING]),
     .read = read_level,
     .help = "Threshold in the unit of the value; the level is the worst one "
             "that holds. null takes the level away."},
    {.name = "critical",
     .kind = JSON_KEY_NUMBER,
     FIELD(rule.threshold[ALERT_CRITICAL]),
     .read = read_level,
     .help = "As warning."},
    {.name = "info",
     .kind = JSON_KEY_NUMBER,
     FIELD(rule.threshold[ALERT_INFO]),
     .read = read_level,
     .help = "As warning."},
    {.name = "severity",
     .kind = JSON_KEY_CHOICE,
     .choice = level_name,
     .choose = choose_severity,
     .help = "Level of a rule with the function absent or anomaly and no "
             "threshold."},
    {.name = "clear",
     .kind = JSON_KEY_NUMBER,
     FIELD(rule.clear),
     .fallback = "when no threshold holds",
     .help = "The alert ends at this value or better."},
    {.name = "for",
     .kind = JSON_KEY_DURATION,
     FIELD(rule.hold_for),
     .fallback = "0",
     .help = "How long a threshold must hold before the alert starts."},
    {.name = "clear_for",
     .kind = JSON_KEY_DURATION,
     FIELD(rule.clear_for),
     .fallback = "0",
     .help = "How long no threshold may hold before the alert ends."},
    {.name = "function",
     .kind = JSON_KEY_CHOICE,
     FIELD(rule.function),
     TELLS(gives_function),
     .choice = function_name,
     .fallback = "value",
     .help = "What is compared with the thresholds, see FUNCTIONS."},
    {.name = "window",
     .kind = JSON_KEY_DURATION,
     FIELD(rule.window),
     TELLS(gives_window),
     .min = 1,
     .max = DURATION_MAX,
     .fallback = "that of the function, where it has one",
     .help = "How far the function looks back."},
    {.name = "rank",
     .kind = JSON_KEY_NUMBER,
     FIELD(rule.rank),
     .max = 100,
     .help = "Of the function percentile."},
    {.name = "limit",
     .kind = JSON_KEY_NUMBER,
     FIELD(rule.limit),
     .help = "Of the function count_over: a value, in the unit of the series."},
    {.name = "objective",
     .kind = JSON_KEY_NUMBER,
     .flags = JSON_KEY_BELOW_MAX,
     FIELD(rule.objective),
     .max = 100,
     .read = read_objective,
     .help = "Of the function burn_rate: a fraction below 1 or a percentage."},
    {.name = "no_data",
     .kind = JSON_KEY_CHOICE,
     .choice = no_data_name,
     .choose = choose_no_data,
     .fallback = "hold: the alert stays as it is",
     .help = "What a series without values means."},
    {.name = "no_data_for",
     .kind = JSON_KEY_DURATION,
     FIELD(rule.no_data_for),
     .fallback = "three intervals of the sender",
     .help = "How long without values before no_data holds."},
    {.name = "inhibited_by",
     .kind = JSON_KEY_LIST,
     .read = read_inhibited_by,
     .help = "Names of at most 16 rules: silent while one of them fires on the "
             "same host and plugin instance."},
    {.name = "message",
     .kind = JSON_KEY_TEXT,
     FIELD(rule.message),
     TELLS(gives_message),
     .max = TEXT_MAX,
     .read = read_message,
     .fallback = "a general text",
     .help = "Text of the notification with the names of MESSAGES; what comes "
             "out must fit into 255 bytes."},
    {.name = "runbook",
     .kind = JSON_KEY_TEXT,
     FIELD(rule.runbook),
     .max = RULE_RUNBOOK_MAX,
     .help = "A link that goes with the notification."},
    {.name = "enabled",
     .kind = JSON_KEY_BOOLEAN,
     FIELD(enabled),
     .fallback = "true",
     .help = "false switches the rule off."},
    {0}};
