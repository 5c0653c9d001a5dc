/* state.h - one rule on one series: ok -> pending -> firing -> clearing -> ok.
 *
 * Level k begins when a threshold of level k or worse has held for "for", and
 * ends when none has held for "clear_for". While an alert fires, a value that
 * is not yet at "clear" or better counts as a breach of the mildest level. */
#ifndef ALERTS_STATE_H
#define ALERTS_STATE_H

#include "alerts/bytes.h"
#include "alerts/function.h"
#include "alerts/rule.h"
#include "alerts/sample.h"

struct state {
  const struct rule *rule;
  void *memory; /* of the function, owned; NULL where it needs none */
  bool holds[ALERT_LEVELS];    /* at the last sample */
  double turned[ALERT_LEVELS]; /* when holds[] became what it is */
  enum alert_level level;
  double since; /* when the breach began; while level is not ALERT_OK */
  double value; /* the last one known, else NaN */
};

/* 0, or -1 without memory. */
int state_init(struct state *st, const struct rule *rule, double now);
void state_clear(struct state *st); /* frees what it owns */

/* Goes on where `from`, of the same series, stands; the function's memory only
 * where the rules have the same function. */
void state_continue(struct state *st, struct state *from);

/* Takes a reading in and returns the level before. */
enum alert_level state_update(struct state *st, const struct reading *r,
                              double interval, double now);

/* Nothing has come for `silent` seconds (negative: time stepped back) from a
 * sender with that interval (0: not known): what the rule says of that. The
 * level before. */
enum alert_level state_silent(struct state *st, double silent, double interval,
                              double now);

/* Nobody listened in the `seconds` before `now`: no silence lasted longer for
 * them. */
void state_unheard(struct state *st, double seconds, double now);

/* Whether silence can change anything. */
bool state_minds_silence(const struct state *st);

/* `now` stepped back: durations restart, nothing else happens. */
void state_rewind(struct state *st, double now);

/* Over a restart. A state worth keeping is not ok, or its function remembers
 * something. */
bool state_worth_saving(const struct state *st);
void state_save(const struct state *st, struct bytes *out);
/* Into a fresh state of the same rule; fails as bytes.h says. The function's
 * memory only where it is that of the rule's function. `away` of the seconds
 * until `now` nobody listened: no series was silent then. */
void state_load(struct state *st, struct bytes_reader *in, double away,
                double now);

bool state_pending(const struct state *st);

/* The threshold that decided the present level. */
double state_threshold(const struct state *st);

#endif
