/* SPDX-License-Identifier: MIT */
/* evaluator.h - what a rule's function makes of the readings of a series.
 *
 * VALUE is the reading itself, AVG to BURN_RATE are those of window.h, LEAK is
 * that of leak.h, ANOMALY a score of anomaly.h, ABSENT the seconds without a
 * value (rule_state_silent() tells them). The memory is plain bytes without
 * pointers: the caller owns, copies and stores it. */
#ifndef ALERTS_EVALUATOR_H
#define ALERTS_EVALUATOR_H

#include "alerts/sample.h"
#include "rules/rule.h"

/* Bytes of memory; 0: it needs none. */
size_t evaluator_size(const struct rule *rule);

void evaluator_init(const struct rule *rule, void *memory, double now);

/* Whether these evaluator_size() bytes, from wherever, are the memory of that
 * rule, and of no later time than `now`. */
bool evaluator_fits(const struct rule *rule, const void *memory, double now);

/* Takes a reading in, the sender's interval in seconds. NaN: nothing can be
 * said yet. `firing`: there is an alert, and nothing new is normal. */
double evaluator_value(const struct rule *rule, void *memory,
                       const struct reading *r, double interval, bool firing,
                       double now);

/* Time stepped back. */
void evaluator_rewind(const struct rule *rule, void *memory, double now);

#endif
