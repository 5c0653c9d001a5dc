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
 * Buckets: readings within 1/60 of the width share a bucket. MIN, MAX, DELTA
 * and FLAPS drop readings when they are between 1 and 1 + 1/60 widths old. The
 * other functions use the middle of the time that a reading covers: with a
 * steady interval they see exactly the readings of one width. PERCENTILE has
 * buckets of 1/10 of the width with WINDOW_POINTS values each; beyond that the
 * lighter of two neighbours takes the value of the other, far from the rank
 * first. Its result is a value that was read; measured error of the rank:
 * typically 0.15 of 100, at most 2.
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
