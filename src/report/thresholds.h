/* SPDX-License-Identifier: MIT */
/* thresholds.h - what the rules in force say of one value as it is.
 *
 * Pages, `mcphubctl baseline` and the report's advice judge by the rules that
 * alerts come from. Rules count here whose thresholds are in the unit of the
 * series: functions "value" and "avg". Durations ("for") do not count. `rules`
 * NULL: none are in force. */
#ifndef REPORT_THRESHOLDS_H
#define REPORT_THRESHOLDS_H

#include "alerts/series.h"
#include "metrics/metric.h"
#include "rules/ruleset.h"

struct thresholds {
  enum rule_op op;
  double level[ALERT_LEVELS]; /* in the series' unit; NaN: none */
};

/* The series of a hub's value. */
struct series thresholds_series(const char *host, const char *hub,
                                enum metric metric);

/* Whether the rule's thresholds are those of the series' values. */
bool thresholds_has(const struct rule *rule);

/* Whether the pattern can match a series of a hub; a regular expression can. */
bool thresholds_of_hubs(const struct pattern *pattern);

/* The worst level that a rule for the series gives the value; ALERT_OK: none
 * does, or the value is unknown. */
enum alert_level thresholds_judge(const struct ruleset *rules,
                                  const struct series *series, double value);

/* The thresholds that the value crosses first. Of rules on both sides of a
 * value those of the first rule's side are taken. */
struct thresholds thresholds_of(const struct ruleset *rules,
                                const struct series *series);

/* The mildest level of warning and critical, else info; NaN: none. */
double thresholds_target(const struct thresholds *t);

#endif
