/* SPDX-License-Identifier: MIT */
/* thresholds.h - judges a single value by the rules in force.
 *
 * Used by pages, `mcphubctl baseline` and the report's advice. Only rules whose
 * thresholds are in the unit of the series count: functions "value" and "avg".
 * "for" is ignored. `rules` NULL: no rules. */
#ifndef REPORT_THRESHOLDS_H
#define REPORT_THRESHOLDS_H

#include "alerts/series.h"
#include "metrics/metric.h"
#include "rules/ruleset.h"

struct thresholds {
  enum rule_op op;
  double level[ALERT_LEVELS]; /* in the unit of the series; NaN: none */
};

/* The series of a value of a hub. */
struct series thresholds_series(const char *host, const char *hub,
                                enum metric metric);

/* True: the rule's thresholds are in the unit of the series. */
bool thresholds_has(const struct rule *rule);

/* True: the pattern can match a series of a hub; always for regular
 * expressions. */
bool thresholds_of_hubs(const struct pattern *pattern);

/* The worst level of the value; ALERT_OK: none, or the value is unknown. */
enum alert_level thresholds_judge(const struct ruleset *rules,
                                  const struct series *series, double value);

/* The thresholds that the value crosses first. If rules alert on both sides,
 * the side of the first rule. */
struct thresholds thresholds_of(const struct ruleset *rules,
                                const struct series *series);

/* The threshold of warning, else of critical, else of info. NaN: none. */
double thresholds_target(const struct thresholds *t);

#endif
