/* SPDX-License-Identifier: MIT */
/* window.h - what the readings of the last `width` seconds amount to.
 *
 * AVG, PERCENTILE, BURN_RATE weigh by time: a reading stands for the time since
 * the one before, of which at most WINDOW_HOLD of its intervals count (the rest
 * of a gap is unknown) and at most the width. RATE is increments by the time
 * that brought them, of a gauge therefore the slope from its first to its last
 * reading. DELTA is the sum of increments, of one that took longer than the
 * width the share that falls into it. COUNT_OVER is the number of readings
 * above `limit`, FLAPS that of readings unlike the one before. BURN_RATE is the
 * share of bad time by the share that the objective allows; a reading is the
 * share that was good: 0 to 1, or 0 to 100 where the objective is above 1.
 *
 * Bounded: readings of one sixtieth of the width share a bucket. MIN, MAX,
 * DELTA and FLAPS forget nothing before it is `width` old and all by a sixtieth
 * after; the others go by the middle of the time that a reading stands for, so
 * that at a steady interval they see exactly the readings of one width.
 * PERCENTILE has buckets of a tenth of the width, each with WINDOW_POINTS
 * points: as many different values are kept as they are; beyond that the
 * lighter of two neighbours takes the value of the other, far from the rank
 * first. It returns a value that was read, whose rank is off by typically 0.15
 * of 100, by no more than 2 in any of the distributions tried.
 *
 * Not yet enough seen: NaN until readings stand for half of the width (AVG,
 * RATE, PERCENTILE, BURN_RATE) or 99 % of it (the others); a gap has to be made
 * up for, and after a width without readings nothing is known. What only grows
 * as more is seen is told from the first reading when it alarms on that side:
 * MAX, DELTA, COUNT_OVER, FLAPS, BURN_RATE (what is not seen of the first half
 * counts as good) above, MIN below.
 *
 * Plain bytes without pointers, window_size() of them: the caller owns, copies
 * and stores them. Times are the engine's `now`; windows of 1 s to 30 d. What
 * is not finite is ignored. */
#ifndef ALERTS_WINDOW_H
#define ALERTS_WINDOW_H

#include "alerts/sample.h"

#include <stdbool.h>
#include <stddef.h>

#define WINDOW_HOLD 3 /* intervals */
#define WINDOW_POINTS 28

enum window_function {
  WINDOW_AVG,
  WINDOW_MIN,
  WINDOW_MAX,
  WINDOW_RATE,
  WINDOW_DELTA,
  WINDOW_PERCENTILE,
  WINDOW_COUNT_OVER,
  WINDOW_FLAPS,
  WINDOW_BURN_RATE,
  WINDOW_FUNCTIONS
};

struct window_spec {
  enum window_function function;
  double width;     /* seconds */
  double parameter; /* rank, 0 to 100; limit; objective, below 1 or 100; of the
                       others 0 */
};

struct window;

/* Bytes of a window with this function: at most 1 KiB, PERCENTILE 4 KiB. */
size_t window_size(enum window_function function);

void window_init(struct window *w, const struct window_spec *spec, double now);

/* Whether these window_size() bytes, from wherever, are a window with exactly
 * this specification, and of no later time than `now` (INFINITY: of any). */
bool window_fits(const struct window *w, const struct window_spec *spec,
                 double now);

/* `interval`: the sender's, seconds. The first reading stands for one. */
void window_add(struct window *w, const struct reading *r, double interval,
                double now);

/* `side` of the threshold that alarms, as rule_op_side() has it. NaN: not yet
 * enough seen. */
double window_value(struct window *w, int side, double now);

/* Time stepped back: what is in there stays as old as it was. */
void window_rewind(struct window *w, double now);

#endif
