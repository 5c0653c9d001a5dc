#include "alerts/window.h"

#include <math.h>

#define PER_WIDTH (WINDOW_BUCKETS - 1)

static int64_t bucket_number(const struct window *w, double now) {
  return (int64_t)floor(now / (w->width / PER_WIDTH));
}

static double *bucket_at(struct window *w, int64_t number) {
  int64_t i = number % WINDOW_BUCKETS;

  return &w->bucket[i < 0 ? i + WINDOW_BUCKETS : i];
}

void window_init(struct window *w, double width, double now) {
  *w = (struct window){.width = width, .began = now};
  w->head = bucket_number(w, now);
}

static void advance(struct window *w, double now) {
  int64_t number = bucket_number(w, now);

  if (number - w->head >= WINDOW_BUCKETS)
    w->head = number - WINDOW_BUCKETS;
  while (w->head < number)
    *bucket_at(w, ++w->head) = 0;
}

void window_add(struct window *w, double increment, double elapsed,
                double now) {
  advance(w, now);
  if (elapsed > w->width)
    increment *= w->width / elapsed;
  *bucket_at(w, w->head) += increment;
}

double window_sum(struct window *w, double now) {
  double sum = 0;

  advance(w, now);
  for (int64_t i = PER_WIDTH; i >= 0; i--)
    sum += *bucket_at(w, w->head - i);
  return sum;
}

bool window_full(const struct window *w, double now) {
  return now - w->began >= w->width;
}

void window_rewind(struct window *w, double now) {
  struct window old = *w;
  int64_t head = bucket_number(w, now);

  for (int64_t i = 0; i < WINDOW_BUCKETS; i++)
    *bucket_at(w, head - i) = *bucket_at(&old, old.head - i);
  w->head = head;
  if (w->began > now)
    w->began = now;
}
