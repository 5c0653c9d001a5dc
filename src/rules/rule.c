/* SPDX-License-Identifier: MIT */
#include "rules/rule.h"

#include <math.h>

const char *alert_level_name(enum alert_level level) {
  static const char *const names[] = {"ok", "info", "warning", "critical"};

  return (unsigned)level < ALERT_LEVELS ? names[level] : "unknown";
}

const char *rule_op_symbol(enum rule_op op) {
  static const char *const symbols[] = {">", ">=", "<", "<=", "==", "!="};

  return (unsigned)op <= RULE_NE ? symbols[op] : "?";
}

const char *rule_function_name(enum rule_function function) {
  static const char *const names[RULE_FUNCTIONS] = {
      "value", "avg",        "min",        "max",   "rate",
      "delta", "percentile", "count_over", "flaps", "absent",
      "leak",  "anomaly",    "burn_rate"};

  return (unsigned)function < RULE_FUNCTIONS ? names[function] : "unknown";
}

bool rule_op_holds(enum rule_op op, double value, double threshold) {
  if (isnan(value) || isnan(threshold))
    return false;
  switch (op) {
  case RULE_GT:
    return value > threshold;
  case RULE_GE:
    return value >= threshold;
  case RULE_LT:
    return value < threshold;
  case RULE_LE:
    return value <= threshold;
  case RULE_EQ:
    return !(value < threshold) && !(value > threshold);
  case RULE_NE:
    return value < threshold || value > threshold;
  }
  return false;
}

int rule_op_side(enum rule_op op) {
  if (op == RULE_GT || op == RULE_GE)
    return 1;
  return op == RULE_LT || op == RULE_LE ? -1 : 0;
}

enum alert_level rule_judge(const struct rule *rule, double value) {
  for (int k = ALERT_CRITICAL; k > ALERT_OK; k--)
    if (rule_op_holds(rule->op, value, rule->threshold[k]))
      return (enum alert_level)k;
  return ALERT_OK;
}

bool rule_cleared(const struct rule *rule, double value) {
  if (isnan(rule->clear))
    return true;
  return rule_op_side(rule->op) > 0 ? value <= rule->clear
                                    : value >= rule->clear;
}

enum alert_level rule_mildest(const struct rule *rule) {
  for (int k = ALERT_INFO; k < ALERT_LEVELS; k++)
    if (!isnan(rule->threshold[k]))
      return (enum alert_level)k;
  return ALERT_OK;
}
