/* SPDX-License-Identifier: MIT */
#include "report/thresholds.h"

#include "rules/glob.h"

#include <math.h>
#include <string.h>

#define IDENTITY_MAX 1024

struct series thresholds_series(const char *host, const char *hub,
                                enum metric metric) {
  return (struct series){.host = host,
                         .plugin = HUB_PLUGIN,
                         .plugin_instance = hub,
                         .type = metric_table[metric].type,
                         .type_instance = metric_table[metric].instance,
                         .ds = "value"};
}

bool thresholds_has(const struct rule *rule) {
  return (rule->function == RULE_VALUE || rule->function == RULE_AVG) &&
         rule->ds == NULL && rule_mildest(rule) != ALERT_OK;
}

bool thresholds_of_hubs(const struct pattern *pattern) {
  const char *text = pattern_text(pattern);
  const char *plugin = strchr(text, '/') + 1;
  size_t same = 0;

  while (same < strlen(HUB_PLUGIN) && plugin[same] == HUB_PLUGIN[same])
    same++;
  return *text == '/' || same == strlen(HUB_PLUGIN) ||
         strchr(GLOB_SPECIAL, plugin[same]) != NULL;
}

/* The next rule for the series after `rule` (NULL: first). */
static const struct rule *next_rule(const struct ruleset *rules,
                                    const struct identity *id,
                                    struct regex_budget *budget,
                                    const struct rule *rule) {
  if (rules == NULL)
    return NULL;
  for (rule = rule != NULL ? rule + 1 : rules->rules;
       rule < rules->rules + rules->rules_num; rule++)
    if (thresholds_has(rule) && pattern_match(rule->metric, id, budget) > 0)
      return rule;
  return NULL;
}

enum alert_level thresholds_judge(const struct ruleset *rules,
                                  const struct series *series, double value) {
  char buf[IDENTITY_MAX];
  struct identity id;
  struct regex_budget budget = {REGEX_BUDGET_STEPS};
  const struct rule *rule = NULL;
  enum alert_level worst = ALERT_OK;

  if (isnan(value) || series_identity(series, buf, sizeof(buf), &id) != 0)
    return ALERT_OK;
  while ((rule = next_rule(rules, &id, &budget, rule)) != NULL) {
    enum alert_level level = rule_judge(rule, value);
    if (level > worst)
      worst = level;
  }
  series_identity_clear(&id, buf);
  return worst;
}

static void add_rule(struct thresholds *t, const struct rule *rule) {
  int side = rule_op_side(rule->op);

  if (side != rule_op_side(t->op))
    return;
  for (int i = ALERT_INFO; i < ALERT_LEVELS; i++) {
    double level = rule->threshold[i];
    if (isnan(t->level[i]) ||
        (side > 0 ? level < t->level[i] : side < 0 && level > t->level[i]))
      t->level[i] = level;
  }
}

struct thresholds thresholds_of(const struct ruleset *rules,
                                const struct series *series) {
  struct thresholds t = {.level = {NAN, NAN, NAN, NAN}};
  char buf[IDENTITY_MAX];
  struct identity id;
  struct regex_budget budget = {REGEX_BUDGET_STEPS};
  const struct rule *rule = NULL;

  if (series_identity(series, buf, sizeof(buf), &id) != 0)
    return t;
  while ((rule = next_rule(rules, &id, &budget, rule)) != NULL) {
    if (isnan(thresholds_target(&t)))
      t.op = rule->op;
    add_rule(&t, rule);
  }
  series_identity_clear(&id, buf);
  return t;
}

double thresholds_target(const struct thresholds *t) {
  if (!isnan(t->level[ALERT_WARNING]))
    return t->level[ALERT_WARNING];
  return isnan(t->level[ALERT_CRITICAL]) ? t->level[ALERT_INFO]
                                         : t->level[ALERT_CRITICAL];
}
