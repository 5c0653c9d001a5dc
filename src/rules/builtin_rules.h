/* SPDX-License-Identifier: MIT */
/* builtin_rules.h - table of the built-in rules and the named thresholds.
 *
 * A row with a level is a built-in rule: it exists without a configuration
 * file. The other rows are the named thresholds of "critical", "warning" and
 * "info". The file gives their number in the operator's unit; the rule stores
 * it in the unit of the series. */
#ifndef RULES_BUILTIN_RULES_H
#define RULES_BUILTIN_RULES_H

#include "rules/rule.h"

#include <stddef.h>

enum builtin_unit {                   /* unit of the threshold in the file */
                    BUILTIN_SERIES,   /* not a named threshold */
                    BUILTIN_FRACTION, /* 0 to 1 -> percent */
                    BUILTIN_PERCENT,
                    BUILTIN_COUNT,
                    BUILTIN_SECONDS,
                    BUILTIN_MILLISECONDS, /* -> seconds */
                    BUILTIN_MEBIBYTES,    /* -> bytes */
                    BUILTIN_BREAKER       /* state name -> mcp_breaker_state */
};

#define BUILTIN_INHIBITORS 2

struct builtin_rule {
  const char *name;
  const char *metric;
  enum builtin_unit unit;
  enum rule_op op;
  enum rule_function function;
  double window;
  enum alert_level level; /* level of a built-in rule */
  double threshold;       /* threshold of `level` */
  double hold_for;
  const char *inhibited_by[BUILTIN_INHIBITORS]; /* rule names; unused: NULL */
  const char *message;
  const char *resolved;
};

extern const struct builtin_rule builtin_rules[];
extern const size_t builtin_rules_num;

/* NULL: unknown name. */
const struct builtin_rule *builtin_rule_find(const char *name);

/* The values that the unit accepts, for error messages. */
const char *builtin_rule_expected(enum builtin_unit unit);

/* Converts a number of the file to the unit of the series. -1: out of range. */
int builtin_rule_scale(enum builtin_unit unit, double given, double *threshold);

/* "open" -> 2. -1: not a state with an alert. */
int builtin_rule_breaker(const char *state, double *threshold);

#endif
