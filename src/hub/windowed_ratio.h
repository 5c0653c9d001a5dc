/* SPDX-License-Identifier: MIT */
/* windowed_ratio.h - two counters over time -> their share in the last five
 * minutes.
 *
 * A hub's own rates are since its start: a new outburst hides in a long
 * history. This keeps marks of (part, whole) and compares now with the mark at
 * the far end of the window, or with the first one while there is less.
 * Counters that fall were reset (the hub restarted): what was before is
 * forgotten, so that no spike comes of it. Memory is constant. */
#ifndef HUB_WINDOWED_RATIO_H
#define HUB_WINDOWED_RATIO_H

#include <stddef.h>

#define WINDOWED_RATIO_WINDOW 300.0 /* seconds */
#define WINDOWED_RATIO_MARKS                                                   \
  62 /* one for every five seconds, and both ends                              \
      */

struct windowed_ratio { /* zero-initialised: empty */
  struct windowed_ratio_mark {
    double time;
    double part;
    double whole;
  } marks[WINDOWED_RATIO_MARKS]; /* a ring, times ascending */
  size_t first;
  size_t num;
};

/* `now`: seconds of a clock that does not step; NaN counters say nothing. */
void windowed_ratio_add(struct windowed_ratio *r, double now, double part,
                        double whole);

/* Percent of `whole` that was `part` within the window before the last add; NaN
 * when `whole` grew by less than `least` (at least 1). */
double windowed_ratio_share(const struct windowed_ratio *r, double least);

#endif
