/* SPDX-License-Identifier: MIT */
/* builtin_rules.h - the rules that are known by name: one table.
 *
 * Those with a level are built in: they are there whatever the file says.
 * The others are the named thresholds of "critical", "warning" and "info": the
 * file gives a number in the operators' unit, the rule has the series'. */
#ifndef RULES_BUILTIN_RULES_H
#define RULES_BUILTIN_RULES_H

#include "rules/rule.h"

#include <stddef.h>

enum builtin_unit {                   /* of the threshold in the file */
                    BUILTIN_SERIES,   /* none: not a named threshold */
                    BUILTIN_FRACTION, /* 0 to 1 -> percent */
                    BUILTIN_PERCENT,
                    BUILTIN_COUNT,
                    BUILTIN_SECONDS,
                    BUILTIN_MILLISECONDS, /* -> seconds */
                    BUILTIN_MEBIBYTES,    /* -> bytes */
                    BUILTIN_BREAKER       /* "half-open" or "open" ->
                                             mcp_breaker_state */
};

#define BUILTIN_INHIBITORS 2

struct builtin_rule {
  const char *name;
  const char *metric;
  enum builtin_unit unit;
  enum rule_op op;
  enum rule_function function;
  double window;
  enum alert_level level; /* of a built-in one */
  double threshold;       /* for that level */
  double hold_for;
  const char *inhibited_by[BUILTIN_INHIBITORS]; /* names of rules; NULL: none */
  const char *message;
  const char *resolved;
};

extern const struct builtin_rule builtin_rules[];
extern const size_t builtin_rules_num;

/* NULL: there is none of that name. */
const struct builtin_rule *builtin_rule_find(const char *name);

/* What the file may give for that unit, for error messages. */
const char *builtin_rule_expected(enum builtin_unit unit);

/* A number of the file -> the series' unit; -1: out of range. */
int builtin_rule_scale(enum builtin_unit unit, double given, double *threshold);

/* "open" -> 2; -1: not a state that can alarm. */
int builtin_rule_breaker(const char *state, double *threshold);

#endif
