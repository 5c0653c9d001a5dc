/* SPDX-License-Identifier: MIT */
/* windowed_ratio.h - the ratio of two counters over the last five minutes.
 *
 * A hub's own rates cover the time since its start and hide recent changes.
 * This keeps marks of (part, whole) and compares the current values with the
 * mark at the start of the window, or with the first one. Decreasing counters
 * mean a restart and clear all marks. Memory is constant. Not thread-safe. */
#ifndef HUB_WINDOWED_RATIO_H
#define HUB_WINDOWED_RATIO_H

#include <stddef.h>

#define WINDOWED_RATIO_WINDOW 300.0 /* seconds */
#define WINDOWED_RATIO_MARKS 62     /* one per five seconds, and both ends */

struct windowed_ratio { /* zero-initialised: empty */
  struct windowed_ratio_mark {
    double time;
    double part;
    double whole;
  } marks[WINDOWED_RATIO_MARKS]; /* a ring, sorted by time */
  size_t first;
  size_t num;
};

/* `now`: seconds of a monotonic clock. NaN counters are ignored. */
void windowed_ratio_add(struct windowed_ratio *r, double now, double part,
                        double whole);

/* Returns part / whole in percent for the window that ends at the last add; NaN
 * if `whole` grew by less than `least` (at least 1). */
double windowed_ratio_share(const struct windowed_ratio *r, double least);

#endif
