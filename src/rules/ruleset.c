/* SPDX-License-Identifier: MIT */
#include "rules/ruleset.h"

#include "rules/inhibition.h"
#include "rules/pattern.h"
#include "rules/rule_parser.h"
#include "util/timestamp.h"
#include "util/utf8.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REASON_MAX 256U
#define GROUP_WAIT 1.0 /* seconds */

struct ruleset_parser {
  struct json_reader in;
  struct ruleset *set;
  bool has_notify_info;
  struct rule_parser *rules; /* built-in rules first, in table order */
  size_t rules_num;
};

/* ---- rule parsers ---- */

static struct rule_parser *find_rule(const struct ruleset_parser *p,
                                     const char *name) {
  for (size_t i = 0; i < p->rules_num; i++)
    if (strcmp(p->rules[i].rule.name, name) == 0)
      return &p->rules[i];
  return NULL;
}

static struct rule_parser *add_rule(struct ruleset_parser *p,
                                    const char *name) {
  struct rule_parser *rule = &p->rules[p->rules_num];

  if (rule_parser_init(rule, name) != 0)
    return NULL;
  p->rules_num++;
  return rule;
}

static int begin_rules(struct ruleset_parser *p, json_object *rules) {
  size_t own = rules != NULL ? json_object_array_length(rules) : 0;

  p->rules = calloc(builtin_rules_num + own, sizeof(*p->rules));
  if (p->rules == NULL)
    return json_reader_out_of_memory(&p->in);
  for (size_t i = 0; i < builtin_rules_num; i++) {
    p->rules_num++;
    if (rule_parser_init_builtin(&p->rules[i], &builtin_rules[i]) != 0)
      return json_reader_out_of_memory(&p->in);
  }
  return 0;
}

static void clear_rules(struct ruleset_parser *p) {
  for (size_t i = 0; i < p->rules_num; i++)
    rule_parser_clear(&p->rules[i]);
  free(p->rules);
}

/* ---- "critical", "warning" and "info" ---- */

static int unknown_threshold(struct json_reader *in,
                             const struct json_path *path) {
  struct closest_match names = {.wanted = path->key};

  for (size_t i = 0; i < builtin_rules_num; i++)
    if (builtin_rules[i].unit != BUILTIN_SERIES)
      closest_match_add(&names, builtin_rules[i].name);
  return json_reader_unknown_key(in, path, &names);
}

static enum alert_level level_named(const char *name) {
  int level = ALERT_INFO;

  while (level < ALERT_CRITICAL &&
         strcmp(alert_level_name((enum alert_level)level), name) != 0)
    level++;
  return (enum alert_level)level;
}

static int read_section(struct json_reader *in, const struct json_path *path,
                        json_object *section, const struct json_key *key,
                        void *target) {
  struct ruleset_parser *p = target;
  json_object_iter it;

  if (!json_object_is_type(section, json_type_object))
    return json_reader_expected(in, path, section,
                                "an object {...} of named thresholds");
  json_object_object_foreachC(section, it) {
    const struct json_path member = {path, it.key, 0};
    const struct builtin_rule *builtin = builtin_rule_find(it.key);
    if (builtin == NULL || builtin->unit == BUILTIN_SERIES)
      return unknown_threshold(in, &member);
    if (rule_parser_read_threshold(in, &member, it.val, level_named(key->name),
                                   &p->rules[builtin - builtin_rules]) != 0)
      return -1;
  }
  return 0;
}

/* ---- "rules" ---- */

/* Finds the known rule that the object changes, or adds a rule. */
static struct rule_parser *rule_of(struct ruleset_parser *p,
                                   const struct json_path *path,
                                   json_object *object) {
  const struct json_path name_path = {path, "name", 0};
  json_object *name = NULL;
  const char *text = NULL;
  struct rule_parser *rule = NULL;

  if (!json_object_is_type(object, json_type_object)) {
    json_reader_expected(&p->in, path, object, "an object {...}");
    return NULL;
  }
  if (!json_object_object_get_ex(object, "name", &name)) {
    json_reader_fail(&p->in, path, "expected a \"name\"");
    return NULL;
  }
  text = json_reader_text(&p->in, &name_path, name, RULE_NAME_MAX);
  if (text == NULL)
    return NULL;
  rule = find_rule(p, text);
  if (rule != NULL && rule->index != RULE_PARSER_NOT_IN_RULES) {
    json_reader_fail(&p->in, &name_path,
                     "\"%s\": given twice, first as rules[%zu]", text,
                     rule->index);
    return NULL;
  }
  if (rule == NULL && (rule = add_rule(p, text)) == NULL)
    json_reader_out_of_memory(&p->in);
  return rule;
}

static int read_rules(struct json_reader *in, const struct json_path *path,
                      json_object *rules, const struct json_key *key,
                      void *target) {
  size_t num = json_object_array_length(rules);

  (void)key;
  for (size_t i = 0; i < num; i++) {
    const struct json_path element = {path, NULL, i};
    json_object *object = json_object_array_get_idx(rules, i);
    struct rule_parser *rule = rule_of(target, &element, object);
    if (rule == NULL)
      return -1;
    rule->index = i;
    if (json_keys_read(in, &element, object, rule_keys, rule) != 0)
      return -1;
  }
  return 0;
}

/* Runs before memory is allocated for the rules. */
static int check_rules(struct json_reader *in, json_object *rules) {
  const struct json_path path = {NULL, "rules", 0};

  if (!json_object_is_type(rules, json_type_array))
    return json_reader_expected(in, &path, rules, "a list [...] of rules");
  if (json_object_array_length(rules) > RULESET_MAX_RULES)
    return json_reader_fail(in, &path, "expected at most %u rules",
                            RULESET_MAX_RULES);
  return 0;
}

/* ---- "settings" ---- */

/* Key of the top level and of "settings". */
static int read_notify_info(struct json_reader *in,
                            const struct json_path *path, json_object *value,
                            const struct json_key *key, void *target) {
  struct ruleset_parser *p = target;

  (void)key;
  if (p->has_notify_info)
    return json_reader_fail(in, path,
                            "given twice, at the top and under settings");
  p->has_notify_info = true;
  return json_reader_bool(in, path, value, &p->set->notify_info);
}

static int read_setting(struct json_reader *in, const struct json_path *path,
                        json_object *value, const struct json_key *key,
                        void *target) {
  return json_key_read(in, path, value, key,
                       ((struct ruleset_parser *)target)->set);
}

const struct json_key setting_keys[] = {
    {.name = "repeat",
     .kind = JSON_KEY_DURATION,
     .offset = offsetof(struct ruleset, repeat),
     .read = read_setting,
     .fallback = "0: never",
     .help = "After that time what still fires is sent again."},
    {.name = "group_wait",
     .kind = JSON_KEY_DURATION,
     .offset = offsetof(struct ruleset, group_wait),
     .read = read_setting,
     .fallback = "1s",
     .help = "Alerts of one rule and one hub that start within that time are "
             "one notification."},
    {.name = "notify_info",
     .kind = JSON_KEY_BOOLEAN,
     .read = read_notify_info,
     .fallback = "false",
     .help = "Alerts of level info are notifications, too, of severity OKAY."},
    {0}};

static int read_settings(struct json_reader *in, const struct json_path *path,
                         json_object *value, const struct json_key *key,
                         void *target) {
  (void)key;
  return json_keys_read(in, path, value, setting_keys, target);
}

/* ---- "silences" ---- */

static int read_until(struct json_reader *in, const struct json_path *path,
                      json_object *value, const struct json_key *key,
                      void *target) {
  struct silence *silence = target;

  (void)key;
  if (!json_object_is_type(value, json_type_string) ||
      timestamp_parse(json_object_get_string(value), &silence->until) != 0)
    return json_reader_expected(in, path, value, TIMESTAMP_EXPECTED);
  return 0;
}

const struct json_key silence_keys[] = {
    {.name = "metric",
     .kind = JSON_KEY_PATTERN,
     .offset = offsetof(struct silence, metric),
     .fallback = "any",
     .help = "As in a rule."},
    {.name = "rule",
     .kind = JSON_KEY_TEXT,
     .offset = offsetof(struct silence, rule),
     .max = RULE_NAME_MAX,
     .fallback = "any",
     .help = "Name of a rule."},
    {.name = "until",
     .kind = JSON_KEY_TIME,
     .flags = JSON_KEY_REQUIRED,
     .read = read_until,
     .help = "A time with its zone, as 2026-12-01T08:00:00Z."},
    {.name = "reason",
     .kind = JSON_KEY_TEXT,
     .flags = JSON_KEY_REQUIRED,
     .offset = offsetof(struct silence, reason),
     .max = REASON_MAX,
     .help = "Why."},
    {0}};

static int read_silence(struct json_reader *in, const struct json_path *path,
                        json_object *object, struct silence *silence) {
  silence->until = NAN;
  if (json_keys_read(in, path, object, silence_keys, silence) != 0)
    return -1;
  if (silence->metric == NULL && silence->rule == NULL)
    return json_reader_fail(in, path, "expected a \"metric\" or a \"rule\"");
  if (isnan(silence->until))
    return json_reader_fail(in, path, "expected an \"until\"");
  if (silence->reason == NULL)
    return json_reader_fail(in, path, "expected a \"reason\"");
  return 0;
}

static int read_silences(struct json_reader *in, const struct json_path *path,
                         json_object *value, const struct json_key *key,
                         void *target) {
  struct ruleset *set = ((struct ruleset_parser *)target)->set;
  size_t num = json_object_is_type(value, json_type_array)
                   ? json_object_array_length(value)
                   : SIZE_MAX;

  (void)key;
  if (num > RULESET_MAX_SILENCES)
    return json_reader_expected(in, path, value,
                                "a list [...] of at most 1000 silences");
  set->silences = calloc(num + 1, sizeof(*set->silences));
  if (set->silences == NULL)
    return json_reader_out_of_memory(in);
  for (size_t i = 0; i < num; i++) {
    const struct json_path element = {path, NULL, i};
    if (read_silence(in, &element, json_object_array_get_idx(value, i),
                     &set->silences[set->silences_num++]) != 0)
      return -1;
  }
  return 0;
}

/* ---- ruleset ---- */

static int finish_rules(struct ruleset_parser *p) {
  p->set->rules = calloc(p->rules_num, sizeof(*p->set->rules));
  if (p->set->rules == NULL)
    return json_reader_out_of_memory(&p->in);
  for (size_t i = 0; i < p->rules_num; i++)
    if (rule_parser_check(&p->in, &p->rules[i]) != 0)
      return -1;
  if (inhibition_check(&p->in, p->rules, p->rules_num) != 0)
    return -1;
  for (size_t i = 0; i < p->rules_num; i++)
    if (rule_parser_is_rule(&p->rules[i]))
      rule_parser_take(&p->rules[i], &p->set->rules[p->set->rules_num++]);
  return 0;
}

/* Read in this order: "rules" has the last word. */
const struct json_key ruleset_keys[] = {
    {.name = "critical",
     .kind = JSON_KEY_OBJECT,
     .read = read_section,
     .help = "Named thresholds, see NAMED THRESHOLDS."},
    {.name = "warning",
     .kind = JSON_KEY_OBJECT,
     .read = read_section,
     .help = "As critical."},
    {.name = "info",
     .kind = JSON_KEY_OBJECT,
     .read = read_section,
     .help = "As critical."},
    {.name = "settings",
     .kind = JSON_KEY_OBJECT,
     .read = read_settings,
     .help = "See SETTINGS."},
    {.name = "notify_info",
     .kind = JSON_KEY_BOOLEAN,
     .read = read_notify_info,
     .fallback = "false",
     .help = "As under settings."},
    {.name = "silences",
     .kind = JSON_KEY_LIST,
     .read = read_silences,
     .help = "At most 1,000 silences, see SILENCES."},
    {.name = "rules",
     .kind = JSON_KEY_LIST,
     .read = read_rules,
     .help = "At most 10,000 rules, see RULES."},
    {0}};

static int check_keys(struct json_reader *in, json_object *root) {
  json_object_iter it;

  json_object_object_foreachC(root, it) {
    const struct json_path path = {NULL, it.key, 0};
    if (json_keys_find(in, &path, ruleset_keys) == NULL)
      return -1;
  }
  return 0;
}

static int read_root(struct ruleset_parser *p, json_object *root) {
  json_object *rules = NULL;
  json_object *value = NULL;

  if (check_keys(&p->in, root) != 0)
    return -1;
  if (json_object_object_get_ex(root, "rules", &rules) &&
      check_rules(&p->in, rules) != 0)
    return -1;
  if (begin_rules(p, rules) != 0)
    return -1;
  for (const struct json_key *k = ruleset_keys; k->name != NULL; k++) {
    const struct json_path path = {NULL, k->name, 0};
    if (json_object_object_get_ex(root, k->name, &value) &&
        k->read(&p->in, &path, value, k, p) != 0)
      return -1;
  }
  return finish_rules(p);
}

struct ruleset *ruleset_parse(const char *text, size_t len, char *err,
                              size_t err_size) {
  struct ruleset_parser p = {.in = {text, len, err, err_size}};
  json_object *root = NULL;
  int status = -1;

  if (len > RULESET_MAX_BYTES) {
    snprintf(err, err_size, "%zu bytes: expected at most %u", len,
             RULESET_MAX_BYTES);
    return NULL;
  }
  errno = 0;
  root = json_reader_parse(&p.in);
  p.set = root != NULL ? calloc(1, sizeof(*p.set)) : NULL;
  if (p.set != NULL) {
    p.set->group_wait = GROUP_WAIT;
    status = read_root(&p, root);
  }
  /* json-c drops values that it cannot allocate, and parsing a number clears
   * errno: one failed allocation can pass unseen, lasting shortage cannot. */
  if (errno == ENOMEM)
    status = json_reader_out_of_memory(&p.in);
  clear_rules(&p);
  json_object_put(root);
  if (status == 0)
    return p.set;
  ruleset_destroy(p.set);
  return NULL;
}

struct ruleset *ruleset_share(struct ruleset *set) {
  if (set != NULL)
    set->shared++;
  return set;
}

void ruleset_destroy(struct ruleset *set) {
  if (set == NULL || set->shared-- > 0)
    return;
  for (size_t i = 0; i < set->rules_num; i++)
    rule_clear(&set->rules[i]);
  free(set->rules);
  for (size_t i = 0; i < set->silences_num; i++) {
    pattern_destroy(set->silences[i].metric);
    free(set->silences[i].rule);
    free(set->silences[i].reason);
  }
  free(set->silences);
  free(set);
}

static void slow_line(const char *owner, const char *series, char *line,
                      size_t size) {
  char text[RULE_NAME_MAX + REGEX_SLOW_TEXT_MAX + 128];

  snprintf(text, sizeof(text),
           "%s: its regular expression takes too long on %s; treated as no "
           "match",
           owner, *series != '\0' ? series : "a series");
  utf8_print(line, size, text);
}

bool ruleset_take_slow(const struct ruleset *set, char *line, size_t size) {
  char owner[RULE_NAME_MAX + 16];
  const char *series = NULL;
  size_t i = 0;

  for (; i < set->rules_num && series == NULL; i++)
    series = pattern_take_slow(set->rules[i].metric);
  if (series != NULL) {
    snprintf(owner, sizeof(owner), "rule \"%s\"", set->rules[i - 1].name);
    slow_line(owner, series, line, size);
    return true;
  }
  for (i = 0; i < set->silences_num && series == NULL; i++)
    if (set->silences[i].metric != NULL)
      series = pattern_take_slow(set->silences[i].metric);
  if (series == NULL)
    return false;
  snprintf(owner, sizeof(owner), "silences[%zu]", i - 1);
  slow_line(owner, series, line, size);
  return true;
}

const struct rule *ruleset_find(const struct ruleset *set, const char *name) {
  for (size_t i = 0; i < set->rules_num; i++)
    if (strcmp(set->rules[i].name, name) == 0)
      return &set->rules[i];
  return NULL;
}
