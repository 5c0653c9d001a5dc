/* targets.h - the operators' thresholds: one table of what a hub's figures
 * should be. alerts.json decides on alerts; these say what is good. */
#ifndef CTL_TARGETS_H
#define CTL_TARGETS_H

#include "alerts/rule.h"
#include "ctl/amount.h"

#include <stddef.h>

struct target {
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

extern const struct target targets[];
extern const size_t targets_num;

/* NULL: the value has no target. */
const struct target *target_find(const char *type, const char *instance);

/* ALERT_OK for an unknown value as well. */
enum alert_level target_judge(const struct target *t, double value);

#endif
