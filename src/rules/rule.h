/* SPDX-License-Identifier: MIT */
/* rule.h - one alert rule: its series, thresholds and times. */
#ifndef RULES_RULE_H
#define RULES_RULE_H

#include <stdbool.h>
#include <stddef.h>

/* A greater value is worse. */
enum alert_level {
  ALERT_OK,
  ALERT_INFO,
  ALERT_WARNING,
  ALERT_CRITICAL,
  ALERT_LEVELS
};

const char *alert_level_name(enum alert_level level);

#define RULE_NAME_MAX 64U      /* bytes of a rule's name */
#define RULE_RUNBOOK_MAX 1024U /* bytes of a URL */

enum rule_op { RULE_GT, RULE_GE, RULE_LT, RULE_LE, RULE_EQ, RULE_NE };

const char *rule_op_symbol(enum rule_op op); /* ">" … "!=" */
bool rule_op_holds(enum rule_op op, double value, double threshold);

/* The side of the threshold that alerts: 1 above, -1 below, 0 neither. */
int rule_op_side(enum rule_op op);

/* The value that is compared with the thresholds, see evaluator.h. */
enum rule_function {
  RULE_VALUE,
  RULE_AVG,
  RULE_MIN,
  RULE_MAX,
  RULE_RATE,
  RULE_DELTA,
  RULE_PERCENTILE,
  RULE_COUNT_OVER,
  RULE_FLAPS,
  RULE_ABSENT,
  RULE_LEAK,
  RULE_ANOMALY,
  RULE_BURN_RATE,
  RULE_FUNCTIONS
};

const char *rule_function_name(enum rule_function function);

/* Effect of missing data. */
enum rule_no_data { NO_DATA_HOLD, NO_DATA_OK, NO_DATA_LEVEL };

struct pattern; /* pattern.h */

struct rule {
  char *name;
  struct pattern *metric; /* on host/plugin-instance/type-instance */
  char *ds;               /* data source; NULL: each */
  enum rule_op op;
  double threshold[ALERT_LEVELS]; /* in the series' unit; NaN: none */
  double clear;     /* ends at this value; NaN: when no threshold holds */
  double hold_for;  /* "for", seconds */
  double clear_for; /* seconds */
  enum rule_function function;
  double window;    /* seconds; 0: the function has no window */
  double rank;      /* of percentile, 0 to 100 */
  double limit;     /* of count_over, in the series' unit */
  double objective; /* of burn_rate: fraction below 1, or percent */
  enum rule_no_data no_data;
  enum alert_level no_data_level; /* for NO_DATA_LEVEL */
  double no_data_for;  /* seconds; 0: three intervals of the series */
  char **inhibited_by; /* rule names */
  size_t inhibited_by_num;
  bool inhibits;  /* another rule names it in inhibited_by */
  bool listed;    /* ends when the hub drops the server, see engine.h */
  char *message;  /* template, see message.h; NULL: default */
  char *resolved; /* template of the "resolved" message; NULL: default */
  char *runbook;  /* URL or NULL */
};

/* The worst level whose threshold holds; ALERT_OK: none. */
enum alert_level rule_judge(const struct rule *rule, double value);

/* True: an alert may end at this value. */
bool rule_cleared(const struct rule *rule, double value);

/* The mildest level with a threshold; ALERT_OK: none. */
enum alert_level rule_mildest(const struct rule *rule);

#endif
