/* stock.h - the rules that are known by name: one table.
 *
 * Those with a level are built in: they are there whatever the file says.
 * The others are the named thresholds of "critical", "warning" and "info": the
 * file gives a number in the operators' unit, the rule has the series'. */
#ifndef ALERTS_STOCK_H
#define ALERTS_STOCK_H

#include "alerts/rule.h"

#include <stddef.h>

enum stock_unit {                 /* of the threshold in the file */
                  STOCK_SERIES,   /* none: not a named threshold */
                  STOCK_FRACTION, /* 0 to 1 -> percent */
                  STOCK_PERCENT,
                  STOCK_COUNT,
                  STOCK_SECONDS,
                  STOCK_MILLISECONDS, /* -> seconds */
                  STOCK_MEBIBYTES,    /* -> bytes */
                  STOCK_BREAKER /* "half-open" or "open" -> mcp_breaker_state */
};

#define STOCK_INHIBITORS 2

struct stock {
  const char *name;
  const char *metric;
  enum stock_unit unit;
  enum rule_op op;
  enum rule_function function;
  double window;
  enum alert_level level; /* of a built-in one */
  double threshold;       /* for that level */
  double hold_for;
  const char *inhibited_by[STOCK_INHIBITORS]; /* names of rules; NULL: none */
  const char *message;
  const char *resolved;
};

extern const struct stock stock_rules[];
extern const size_t stock_rules_num;

/* NULL: there is none of that name. */
const struct stock *stock_find(const char *name);

/* What the file may give for that unit, for error messages. */
const char *stock_expected(enum stock_unit unit);

/* A number of the file -> the series' unit; -1: out of range. */
int stock_scale(enum stock_unit unit, double given, double *threshold);

/* "open" -> 2; -1: not a state that can alarm. */
int stock_breaker(const char *state, double *threshold);

#endif
