/* SPDX-License-Identifier: MIT */
/* rule_state.h - state of one rule on one series: ok -> pending -> firing ->
 * clearing -> ok.
 *
 * Level k starts when a threshold of level k or worse has held for "for", and
 * ends when none has held for "clear_for". While an alert fires, a value that
 * has not reached "clear" counts as a breach of the mildest level. */
#ifndef ALERTS_RULE_STATE_H
#define ALERTS_RULE_STATE_H

#include "alerts/evaluator.h"
#include "alerts/sample.h"
#include "rules/rule.h"
#include "util/serialize.h"

struct rule_state {
  const struct rule *rule;
  void *memory;                /* evaluator state, owned; NULL: none needed */
  bool holds[ALERT_LEVELS];    /* at the last sample */
  double turned[ALERT_LEVELS]; /* time of the last change of holds[] */
  enum alert_level level;
  double since; /* start of the breach; valid unless level is ALERT_OK */
  double value; /* last known value, else NaN */
};

/* 0, or -1: out of memory. */
int rule_state_init(struct rule_state *st, const struct rule *rule, double now);
void rule_state_clear(struct rule_state *st); /* frees its members */

/* Continues the state of `from`, same series. The evaluator state is kept only
 * if both rules have the same function. */
void rule_state_continue(struct rule_state *st, struct rule_state *from);

/* Adds a reading and returns the previous level. */
enum alert_level rule_state_update(struct rule_state *st,
                                   const struct reading *r, double interval,
                                   double now);

/* Applies the rule's "no data" setting after `silent` seconds without data
 * (negative: the clock stepped back). `interval` of the sender; 0: unknown.
 * Returns the previous level. */
enum alert_level rule_state_silent(struct rule_state *st, double silent,
                                   double interval, double now);

/* The process was suspended for `seconds`; do not count them as missing
 * data. */
void rule_state_skip_gap(struct rule_state *st, double seconds, double now);

/* True: missing data can change the level. */
bool rule_state_watches_silence(const struct rule_state *st);

/* `now` stepped back: durations restart. */
void rule_state_rewind(struct rule_state *st, double now);

/* True: the state is not ok, or has evaluator state. */
bool rule_state_worth_saving(const struct rule_state *st);
void rule_state_save(const struct rule_state *st, struct serializer *out);
/* Loads into a new state of the same rule; errors as in serialize.h. Evaluator
 * state of another function is dropped. `away`: seconds before `now` that do
 * not count as missing data. */
void rule_state_load(struct rule_state *st, struct deserializer *in,
                     double away, double now);

bool rule_state_pending(const struct rule_state *st);

/* The threshold that decided the current level. */
double rule_state_threshold(const struct rule_state *st);

#endif
