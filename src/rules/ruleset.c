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

struct parser {
  struct json_reader in;
  struct ruleset *set;
  bool has_notify_info;
  struct rule_parser *drafts; /* those of the stock first, in its order */
  size_t drafts_num;
};

/* ---------------------------------------------------------------- drafts */

static struct rule_parser *rule_parser_find(struct parser *p,
                                            const char *name) {
  for (size_t i = 0; i < p->drafts_num; i++)
    if (strcmp(p->drafts[i].rule.name, name) == 0)
      return &p->drafts[i];
  return NULL;
}

static struct rule_parser *rule_parser_add(struct parser *p, const char *name) {
  struct rule_parser *draft = &p->drafts[p->drafts_num];

  if (rule_parser_init(draft, name) != 0)
    return NULL;
  p->drafts_num++;
  return draft;
}

static int drafts_begin(struct parser *p, json_object *rules) {
  size_t own = rules != NULL ? json_object_array_length(rules) : 0;

  p->drafts = calloc(stock_rules_num + own, sizeof(*p->drafts));
  if (p->drafts == NULL)
    return json_reader_out_of_memory(&p->in);
  while (p->drafts_num < stock_rules_num) {
    struct rule_parser *draft = &p->drafts[p->drafts_num++];
    if (rule_parser_init_stock(draft, draft - p->drafts + stock_rules) != 0)
      return json_reader_out_of_memory(&p->in);
  }
  return 0;
}

static void drafts_destroy(struct parser *p) {
  for (size_t i = 0; i < p->drafts_num; i++)
    rule_parser_clear(&p->drafts[i]);
  free(p->drafts);
}

/* -------------------------------------- "critical", "warning" and "info" */

static int unknown_threshold(struct json_reader *in,
                             const struct json_path *path) {
  struct closest_match names = {.wanted = path->key};

  for (size_t i = 0; i < stock_rules_num; i++)
    if (stock_rules[i].unit != BUILTIN_SERIES)
      closest_match_add(&names, stock_rules[i].name);
  return json_reader_unknown_key(in, path, &names);
}

static int read_section(struct parser *p, const struct json_path *path,
                        json_object *section, enum alert_level level) {
  json_object_iter it;

  if (!json_object_is_type(section, json_type_object))
    return json_reader_expected(&p->in, path, section,
                                "an object {...} of named thresholds");
  json_object_object_foreachC(section, it) {
    const struct json_path member = {path, it.key, 0};
    const struct builtin_rule *stock = builtin_rule_find(it.key);
    if (stock == NULL || stock->unit == BUILTIN_SERIES)
      return unknown_threshold(&p->in, &member);
    if (rule_parser_read_threshold(&p->in, &member, it.val, level,
                                   &p->drafts[stock - stock_rules]) != 0)
      return -1;
  }
  return 0;
}

static int read_critical(struct json_reader *in, const struct json_path *path,
                         json_object *value, void *into) {
  (void)in;
  return read_section(into, path, value, ALERT_CRITICAL);
}

static int read_warning(struct json_reader *in, const struct json_path *path,
                        json_object *value, void *into) {
  (void)in;
  return read_section(into, path, value, ALERT_WARNING);
}

static int read_info(struct json_reader *in, const struct json_path *path,
                     json_object *value, void *into) {
  (void)in;
  return read_section(into, path, value, ALERT_INFO);
}

/* --------------------------------------------------------------- "rules" */

/* The draft that the rule is about: a known one, or a new one. */
static struct rule_parser *find_draft(struct parser *p,
                                      const struct json_path *path,
                                      json_object *object, size_t index) {
  const struct json_path name_path = {path, "name", 0};
  json_object *name = NULL;
  const char *text = NULL;
  struct rule_parser *draft = NULL;

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
  draft = rule_parser_find(p, text);
  if (draft != NULL && draft->index != RULE_PARSER_NOT_IN_RULES) {
    json_reader_fail(&p->in, &name_path,
                     "\"%s\": given twice, first as rules[%zu]", text,
                     draft->index);
    return NULL;
  }
  if (draft == NULL)
    draft = rule_parser_add(p, text);
  if (draft == NULL)
    json_reader_out_of_memory(&p->in);
  else
    draft->index = index;
  return draft;
}

static int read_rules(struct json_reader *in, const struct json_path *path,
                      json_object *rules, void *into) {
  struct parser *p = into;
  size_t num = json_object_array_length(rules);

  for (size_t i = 0; i < num; i++) {
    const struct json_path element = {path, NULL, i};
    json_object *object = json_object_array_get_idx(rules, i);
    struct rule_parser *draft = find_draft(p, &element, object, i);
    if (draft == NULL ||
        json_reader_members(in, &element, object, rule_parser_keys, draft) != 0)
      return -1;
  }
  return 0;
}

/* Before there is room for them. */
static int check_rules(struct json_reader *in, json_object *rules) {
  const struct json_path path = {NULL, "rules", 0};

  if (!json_object_is_type(rules, json_type_array))
    return json_reader_expected(in, &path, rules, "a list [...] of rules");
  if (json_object_array_length(rules) > RULESET_MAX_RULES)
    return json_reader_fail(in, &path, "expected at most %u rules",
                            RULESET_MAX_RULES);
  return 0;
}

/* -------------------------------------------------------------- "settings" */

static int read_notify_info(struct json_reader *in,
                            const struct json_path *path, json_object *value,
                            void *into) {
  struct parser *p = into;

  if (p->has_notify_info)
    return json_reader_fail(in, path,
                            "given twice, at the top and under settings");
  p->has_notify_info = true;
  return json_reader_bool(in, path, value, &p->set->notify_info);
}

static int read_repeat(struct json_reader *in, const struct json_path *path,
                       json_object *value, void *into) {
  struct parser *p = into;

  return json_reader_duration(in, path, value, &p->set->repeat);
}

static int read_group_wait(struct json_reader *in, const struct json_path *path,
                           json_object *value, void *into) {
  struct parser *p = into;

  return json_reader_duration(in, path, value, &p->set->group_wait);
}

static int read_settings(struct json_reader *in, const struct json_path *path,
                         json_object *value, void *into) {
  static const struct json_reader_key keys[] = {
      {"repeat", read_repeat},
      {"group_wait", read_group_wait},
      {"notify_info", read_notify_info},
      {NULL, NULL}};

  return json_reader_members(in, path, value, keys, into);
}

/* -------------------------------------------------------------- "silences" */

static int read_silence_metric(struct json_reader *in,
                               const struct json_path *path, json_object *value,
                               void *into) {
  struct silence *silence = into;
  const char *text = json_reader_text(in, path, value, PATTERN_MAX);
  char err[256];

  if (text == NULL)
    return -1;
  silence->metric = pattern_create(text, err, sizeof(err));
  return silence->metric != NULL ? 0 : json_reader_fail(in, path, "%s", err);
}

static int read_silence_rule(struct json_reader *in,
                             const struct json_path *path, json_object *value,
                             void *into) {
  struct silence *silence = into;

  return json_reader_copy(in, path, value, RULE_NAME_MAX, &silence->rule);
}

static int read_silence_reason(struct json_reader *in,
                               const struct json_path *path, json_object *value,
                               void *into) {
  struct silence *silence = into;

  return json_reader_copy(in, path, value, REASON_MAX, &silence->reason);
}

static int read_silence_until(struct json_reader *in,
                              const struct json_path *path, json_object *value,
                              void *into) {
  struct silence *silence = into;

  if (!json_object_is_type(value, json_type_string) ||
      timestamp_parse(json_object_get_string(value), &silence->until) != 0)
    return json_reader_expected(in, path, value, TIMESTAMP_EXPECTED);
  return 0;
}

static int read_silence(struct json_reader *in, const struct json_path *path,
                        json_object *object, struct silence *silence) {
  static const struct json_reader_key keys[] = {{"metric", read_silence_metric},
                                                {"rule", read_silence_rule},
                                                {"until", read_silence_until},
                                                {"reason", read_silence_reason},
                                                {NULL, NULL}};

  silence->until = NAN;
  if (json_reader_members(in, path, object, keys, silence) != 0)
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
                         json_object *value, void *into) {
  struct ruleset *set = ((struct parser *)into)->set;
  size_t num = json_object_is_type(value, json_type_array)
                   ? json_object_array_length(value)
                   : SIZE_MAX;

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

/* --------------------------------------------------------------- the whole */

static int drafts_finish(struct parser *p) {
  p->set->rules = calloc(p->drafts_num, sizeof(*p->set->rules));
  if (p->set->rules == NULL)
    return json_reader_out_of_memory(&p->in);
  for (size_t i = 0; i < p->drafts_num; i++)
    if (rule_parser_check(&p->in, &p->drafts[i]) != 0)
      return -1;
  if (inhibition_check(&p->in, p->drafts, p->drafts_num) != 0)
    return -1;
  for (size_t i = 0; i < p->drafts_num; i++)
    if (rule_parser_is_rule(&p->drafts[i]))
      rule_parser_take(&p->drafts[i], &p->set->rules[p->set->rules_num++]);
  return 0;
}

static int check_top(struct json_reader *in, json_object *root,
                     const struct json_reader_key *keys) {
  json_object_iter it;

  json_object_object_foreachC(root, it) {
    const struct json_path path = {NULL, it.key, 0};
    struct closest_match names = {.wanted = it.key};
    const struct json_reader_key *k = keys;
    for (; k->name != NULL && strcmp(k->name, it.key) != 0; k++)
      closest_match_add(&names, k->name);
    if (k->name == NULL)
      return json_reader_unknown_key(in, &path, &names);
  }
  return 0;
}

/* In the order of the table: what "rules" say comes last. */
static int read_root(struct parser *p, json_object *root) {
  static const struct json_reader_key keys[] = {
      {"critical", read_critical},
      {"warning", read_warning},
      {"info", read_info},
      {"settings", read_settings},
      {"notify_info", read_notify_info},
      {"silences", read_silences},
      {"rules", read_rules},
      {NULL, NULL}};
  json_object *rules = NULL;
  json_object *value = NULL;

  if (check_top(&p->in, root, keys) != 0)
    return -1;
  if (json_object_object_get_ex(root, "rules", &rules) &&
      check_rules(&p->in, rules) != 0)
    return -1;
  if (drafts_begin(p, rules) != 0)
    return -1;
  for (const struct json_reader_key *k = keys; k->name != NULL; k++) {
    const struct json_path path = {NULL, k->name, 0};
    if (json_object_object_get_ex(root, k->name, &value) &&
        k->read(&p->in, &path, value, p) != 0)
      return -1;
  }
  return drafts_finish(p);
}

struct ruleset *ruleset_parse(const char *text, size_t len, char *err,
                              size_t err_size) {
  struct parser p = {.in = {text, len, err, err_size}};
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
  /* json-c leaves out what it has no room for, and a number after it sets errno
   * to 0: only a shortage that lasts is sure to be seen. */
  if (errno == ENOMEM)
    status = json_reader_out_of_memory(&p.in);
  drafts_destroy(&p);
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
    rule_parser_rule_clear(&set->rules[i]);
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
  if (size > 0)
    line[utf8_put(line, size - 1, text, strlen(text))] = '\0';
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
