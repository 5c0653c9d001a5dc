/* SPDX-License-Identifier: MIT */
/* window.h - functions over the readings of the last `width` seconds.
 *
 * AVG, PERCENTILE, BURN_RATE weigh by time: a reading covers the time since the
 * previous one, at most WINDOW_HOLD intervals (the rest of a gap is unknown)
 * and at most the width. RATE is the sum of increments divided by their time;
 * for a gauge that is the slope from first to last reading. DELTA is the sum of
 * increments; one that spans more than the width counts in part. COUNT_OVER is
 * the number of readings above `limit`, FLAPS the number that differ from the
 * previous reading. BURN_RATE is the bad share of time divided by the share
 * that the objective allows; a reading is the good share, 0 to 1, or 0 to 100
 * if the objective is above 1.
 *
 * Buckets of 1/60 of the width (PERCENTILE: 1/10): a reading is spread over the
 * buckets of the time that it covers, and the oldest bucket counts with the
 * share that is inside the width. So a steady series has exactly the figure of
 * one width; an event leaves the window within one bucket of its time. Sums of
 * whole numbers (DELTA of whole increments, COUNT_OVER, FLAPS) are rounded to
 * whole numbers, a half down. MIN and MAX put a reading at the middle of its
 * time and look at the oldest bucket while more than half of it is inside.
 * A bucket of PERCENTILE has WINDOW_POINTS values; beyond that the lighter of
 * two neighbours takes the value of the other, far from the rank first. Its
 * result is a value that was read; measured error of the rank: typically 0.2 of
 * 100, at most 2.
 *
 * NaN until readings cover half of the width (AVG, RATE, PERCENTILE, BURN_RATE)
 * or 99 % (the others); a gap must be made up for, and after a width without
 * readings the result is NaN. A function that can only grow with more data has
 * a result from the first reading if the alert is on that side: MAX, DELTA,
 * COUNT_OVER, FLAPS and BURN_RATE above (BURN_RATE: the uncovered part of the
 * first half counts as good), MIN below.
 *
 * Plain bytes without pointers, window_size() of them, owned by the caller.
 * Times are the engine's `now`; widths 1 s to 30 days. Values that are not
 * finite are ignored. */
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
  double parameter; /* rank 0 to 100; limit; objective below 1 or 100; else 0 */
};

struct window;

/* At most 1 KiB, PERCENTILE 4 KiB. */
size_t window_size(enum window_function function);

void window_init(struct window *w, const struct window_spec *spec, double now);

/* True: window_size() bytes of any origin are a window with exactly this
 * specification, not later than `now` (INFINITY: any time). */
bool window_fits(const struct window *w, const struct window_spec *spec,
                 double now);

/* `interval` of the sender in seconds. The first reading covers one
 * interval. */
void window_add(struct window *w, const struct reading *r, double interval,
                double now);

/* `side` of the threshold that alerts, see rule_op_side(). NaN: not enough
 * data. */
double window_value(struct window *w, int side, double now);

/* The clock stepped back: readings keep their age. */
void window_rewind(struct window *w, double now);

#endif
