/* SPDX-License-Identifier: MIT */
/* evaluator.h - computes a rule's function from the readings of a series.
 *
 * VALUE is the reading, AVG to BURN_RATE are in window.h, LEAK in leak.h,
 * ANOMALY in anomaly.h. ABSENT is the seconds without a value, set by
 * rule_state_silent(). `memory` is plain bytes without pointers, owned by the
 * caller. */
#ifndef ALERTS_EVALUATOR_H
#define ALERTS_EVALUATOR_H

#include "alerts/sample.h"
#include "rules/rule.h"

/* Bytes of state; 0: none. */
size_t evaluator_size(const struct rule *rule);

void evaluator_init(const struct rule *rule, void *memory, double now);

/* True: these evaluator_size() bytes of any origin are a valid state of the
 * rule, not later than `now`. */
bool evaluator_fits(const struct rule *rule, const void *memory, double now);

/* Adds a reading; `interval` of the sender in seconds. NaN: not enough data.
 * `firing`: the alert is active, ANOMALY does not learn. */
double evaluator_value(const struct rule *rule, void *memory,
                       const struct reading *r, double interval, bool firing,
                       double now);

/* The clock stepped back. */
void evaluator_rewind(const struct rule *rule, void *memory, double now);

#endif
