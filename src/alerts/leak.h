/* SPDX-License-Identifier: MIT */
/* leak.h - detects steady growth of a series over the last `window` seconds.
 *
 * The window has twelve blocks; only the minimum of each block counts, so
 * memory that a garbage collector frees is no leak. A leak is reported if
 * nearly all pairs of minima rise (Mann 1945, Kendall 1975), both halves of the
 * window rise, and the block before had the same result. Its size is the median
 * slope of the pairs (Theil 1950, Sen 1968) times the window. The result
 * changes once per block. A window with fewer than nine samples has no result.
 * If the clock steps back, the current block restarts.
 *
 * Plain bytes without pointers: it can be saved as it is. Times are the
 * engine's `now`. */
#ifndef ALERTS_LEAK_H
#define ALERTS_LEAK_H

#include <stdbool.h>

#define LEAK_BLOCKS 12

struct leak {
  double window;
  double began;                /* start of the current block */
  double low;                  /* minimum of the current block; NaN: none */
  double minimum[LEAK_BLOCKS]; /* previous blocks, oldest first; NaN: none */
  double growth; /* of the last twelve blocks, and one block earlier */
  double before;
};

void leak_init(struct leak *l, double window, double now);

/* True: bytes of any origin are a valid state for that window. */
bool leak_fits(const struct leak *l, double window);

/* Adds a value (NaN: only time passes). Returns the growth over the window
 * in the unit of the series; 0: no leak; NaN: fewer than nine blocks have a
 * value. */
double leak_add(struct leak *l, double value, double now);

#endif
