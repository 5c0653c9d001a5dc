/* window.h - sum of increments over the last `width` seconds.
 *
 * Bounded: the increments of one sixtieth of the width share a bucket. None is
 * forgotten before it is `width` old, and none later than a sixtieth after.
 * Times are the engine's `now`. */
#ifndef ALERTS_WINDOW_H
#define ALERTS_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#define WINDOW_BUCKETS 61 /* sixty and the one that runs out */

struct window {
  double width;
  double began; /* when the first sample came */
  int64_t head; /* number of the newest bucket, counted from time 0 */
  double bucket[WINDOW_BUCKETS];
};

void window_init(struct window *w, double width, double now);

/* `elapsed` seconds brought the increment; of a longer time than the width only
 * the share that falls into the window counts. */
void window_add(struct window *w, double increment, double elapsed, double now);

double window_sum(struct window *w, double now);

/* Whether a whole width has been seen. */
bool window_full(const struct window *w, double now);

/* Time stepped back: what is in there stays as old as it was. */
void window_rewind(struct window *w, double now);

#endif
