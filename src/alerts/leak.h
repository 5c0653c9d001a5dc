/* SPDX-License-Identifier: MIT */
/* leak.h - whether a series keeps growing, over the last `window` seconds.
 *
 * The window is cut into twelve blocks, and only the least value of each
 * counts: what a garbage collector frees again is no leak. There is one when
 * nearly every pair of minima rises (Mann 1945, Kendall 1975), both halves of
 * the window do (what has come to rest is no leak either), and that twice in a
 * row. Its size is the median slope of the pairs (Theil 1950, Sen 1968) over
 * the window. The answer is renewed with each block; a window that has fewer
 * than nine samples, because it is short or the interval long, has none. When
 * time steps back, the block that is filling begins anew.
 *
 * No pointers and a fixed size: it can be saved as it is. Times are the
 * engine's `now`. */
#ifndef ALERTS_LEAK_H
#define ALERTS_LEAK_H

#include <stdbool.h>

#define LEAK_BLOCKS 12

struct leak {
  double window;
  double began;                /* of the block that is filling */
  double low;                  /* its least value; NaN: none yet */
  double minimum[LEAK_BLOCKS]; /* of the ones before, oldest first; NaN: none */
  double growth; /* by the last twelve blocks, and by those a block before */
  double before;
};

void leak_init(struct leak *l, double window, double now);

/* Whether these bytes, from wherever, are one with that window. */
bool leak_fits(const struct leak *l, double window);

/* Takes a value in (NaN: none, but time goes on) and returns the growth over
 * the window, in the unit of the series; 0 where there is no leak; NaN while
 * fewer than nine of the twelve blocks have a value. */
double leak_add(struct leak *l, double value, double now);

#endif
