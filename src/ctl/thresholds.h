/* SPDX-License-Identifier: MIT */
/* thresholds.h - the operators' thresholds: one table of what a hub's figures
 * should be. alerts.json decides on alerts; these say what is good. */
#ifndef CTL_THRESHOLDS_H
#define CTL_THRESHOLDS_H

#include "ctl/amount.h"
#include "rules/rule.h"

#include <stddef.h>

struct figure_threshold {
  const char *key; /* in JSON */
  const char *label;
  const char *type;
  const char *instance;
  enum amount_unit unit;
  enum rule_op op;
  double warning; /* in the value's unit; NaN: none */
  double critical;
  bool by_worst; /* of a period: the worst counts and not the mean */
  /* Counters (type instances of `counter`) whose share over a period says more
   * than the figure, which is since the hub's start; or NULL. */
  const char *counter;
  const char *good;
  const char *bad;
};

extern const struct figure_threshold targets[];
extern const size_t targets_num;

/* NULL: the value has no target. */
const struct figure_threshold *figure_threshold_find(const char *type,
                                                     const char *instance);

/* ALERT_OK for an unknown value as well. */
enum alert_level figure_threshold_judge(const struct figure_threshold *t,
                                        double value);

#endif
