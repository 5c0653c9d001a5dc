/* state.h - one rule on one series: ok -> pending -> firing -> clearing -> ok.
 *
 * Level k begins when a threshold of level k or worse has held for "for", and
 * ends when none has held for "clear_for". While an alert fires, a value that
 * is not yet at "clear" or better counts as a breach of the mildest level. */
#ifndef ALERTS_STATE_H
#define ALERTS_STATE_H

#include "alerts/rule.h"
#include "alerts/sample.h"
#include "alerts/window.h"

struct state {
  const struct rule *rule;
  struct window *window;       /* owned; NULL where the function needs none */
  bool holds[ALERT_LEVELS];    /* at the last sample */
  double turned[ALERT_LEVELS]; /* when holds[] became what it is */
  enum alert_level level;
  double since; /* when the breach began; while level is not ALERT_OK */
  double value; /* the last one known, else NaN */
};

/* 0, or -1 without memory. */
int state_init(struct state *st, const struct rule *rule, double now);
void state_clear(struct state *st); /* frees what it owns */

/* Goes on where `from`, of the same series, stands; the window only where the
 * rules have the same. */
void state_continue(struct state *st, struct state *from);

/* Takes a reading in, `elapsed` seconds after the one before, and returns the
 * level before. */
enum alert_level state_update(struct state *st, const struct reading *r,
                              double elapsed, double now);

/* `now` stepped back: durations restart, nothing else happens. */
void state_rewind(struct state *st, double now);

bool state_pending(const struct state *st);

/* The threshold that decided the present level. */
double state_threshold(const struct state *st);

#endif
