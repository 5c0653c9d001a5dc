/* SPDX-License-Identifier: MIT */
/* rule_state.h - one rule on one series: ok -> pending -> firing -> clearing ->
 * ok.
 *
 * Level k begins when a threshold of level k or worse has held for "for", and
 * ends when none has held for "clear_for". While an alert fires, a value that
 * is not yet at "clear" or better counts as a breach of the mildest level. */
#ifndef ALERTS_RULE_STATE_H
#define ALERTS_RULE_STATE_H

#include "alerts/evaluator.h"
#include "alerts/sample.h"
#include "rules/rule.h"
#include "util/serialize.h"

struct rule_state {
  const struct rule *rule;
  void *memory; /* of the function, owned; NULL where it needs none */
  bool holds[ALERT_LEVELS];    /* at the last sample */
  double turned[ALERT_LEVELS]; /* when holds[] became what it is */
  enum alert_level level;
  double since; /* when the breach began; while level is not ALERT_OK */
  double value; /* the last one known, else NaN */
};

/* 0, or -1 without memory. */
int rule_state_init(struct rule_state *st, const struct rule *rule, double now);
void rule_state_clear(struct rule_state *st); /* frees what it owns */

/* Goes on where `from`, of the same series, stands; the function's memory only
 * where the rules have the same function. */
void rule_state_continue(struct rule_state *st, struct rule_state *from);

/* Takes a reading in and returns the level before. */
enum alert_level rule_state_update(struct rule_state *st,
                                   const struct reading *r, double interval,
                                   double now);

/* Nothing has come for `silent` seconds (negative: time stepped back) from a
 * sender with that interval (0: not known): what the rule says of that. The
 * level before. */
enum alert_level rule_state_silent(struct rule_state *st, double silent,
                                   double interval, double now);

/* Nobody listened in the `seconds` before `now`: no silence lasted longer for
 * them. */
void rule_state_skip_gap(struct rule_state *st, double seconds, double now);

/* Whether silence can change anything. */
bool rule_state_watches_silence(const struct rule_state *st);

/* `now` stepped back: durations restart, nothing else happens. */
void rule_state_rewind(struct rule_state *st, double now);

/* Over a restart. A state worth keeping is not ok, or its function remembers
 * something. */
bool rule_state_worth_saving(const struct rule_state *st);
void rule_state_save(const struct rule_state *st, struct serializer *out);
/* Into a fresh state of the same rule; fails as serialize.h says. The
 * function's memory only where it is that of the rule's function. `away` of the
 * seconds until `now` nobody listened: no series was silent then. */
void rule_state_load(struct rule_state *st, struct deserializer *in,
                     double away, double now);

bool rule_state_pending(const struct rule_state *st);

/* The threshold that decided the present level. */
double rule_state_threshold(const struct rule_state *st);

#endif
