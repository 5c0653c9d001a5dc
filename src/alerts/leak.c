/* SPDX-License-Identifier: MIT */
#include "alerts/leak.h"

#include <math.h>
#include <stdlib.h>

#define ENOUGH 9   /* blocks with a value that are needed */
#define TAU 0.9    /* for twelve values: four standard deviations */
#define STEADY 0.6 /* minimum share of the slope in each half */
#define PAIRS (LEAK_BLOCKS * (LEAK_BLOCKS - 1) / 2)

void leak_init(struct leak *l, double window, double now) {
  *l = (struct leak){
      .window = window, .began = now, .low = NAN, .growth = NAN, .before = NAN};
  for (int i = 0; i < LEAK_BLOCKS; i++)
    l->minimum[i] = NAN;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a;
  double y = *(const double *)b;

  return (x > y) - (x < y);
}

/* Slopes per block of all pairs in [first, end), ascending. */
static int pair_slopes(const struct leak *l, int first, int end,
                       double slope[PAIRS]) {
  int n = 0;

  for (int i = first; i < end; i++)
    for (int j = i + 1; j < end; j++) {
      double rise = l->minimum[j] - l->minimum[i];
      if (!isnan(rise))
        slope[n++] = rise / (j - i);
    }
  qsort(slope, (size_t)n, sizeof(*slope), ascending);
  return n;
}

static double median(const double *sorted, int n) {
  return n == 0 ? NAN : (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
}

/* Kendall's tau of the pairs. */
static double concordance(const double *slope, int pairs) {
  int s = 0;

  for (int i = 0; i < pairs; i++)
    s += (slope[i] > 0) - (slope[i] < 0);
  return (double)s / pairs;
}

static double median_slope(const struct leak *l, int first, int end) {
  double slope[PAIRS];
  int n = pair_slopes(l, first, end, slope);

  return median(slope, n);
}

static int known_blocks(const struct leak *l) {
  int n = 0;

  for (int i = 0; i < LEAK_BLOCKS; i++)
    n += !isnan(l->minimum[i]);
  return n;
}

/* Growth over the window, from the block minima. */
static double growth(const struct leak *l) {
  double slope[PAIRS];
  int n = pair_slopes(l, 0, LEAK_BLOCKS, slope);
  double whole = median(slope, n);

  if (!(whole > 0) || concordance(slope, n) < TAU)
    return 0;
  if (!(median_slope(l, 0, LEAK_BLOCKS / 2) >= STEADY * whole) ||
      !(median_slope(l, LEAK_BLOCKS / 2, LEAK_BLOCKS) >= STEADY * whole))
    return 0;
  return whole * LEAK_BLOCKS;
}

static void close_block(struct leak *l) {
  for (int i = 1; i < LEAK_BLOCKS; i++)
    l->minimum[i - 1] = l->minimum[i];
  l->minimum[LEAK_BLOCKS - 1] = l->low;
  l->low = NAN;
  l->before = l->growth;
  l->growth = known_blocks(l) < ENOUGH ? NAN : growth(l);
}

static void advance(struct leak *l, double now) {
  double width = l->window / LEAK_BLOCKS;
  double steps = floor((now - l->began) / width);

  if (steps < 0)
    l->began = now; /* the clock stepped back */
  else
    l->began += steps * width;
  for (double i = 0; i < steps && i <= LEAK_BLOCKS; i++)
    close_block(l);
}

double leak_add(struct leak *l, double value, double now) {
  advance(l, now);
  l->low = fmin(l->low, value);
  return l->growth > 0 && !(l->before > 0) ? 0 : l->growth;
}

bool leak_fits(const struct leak *l, double window) {
  return l->window >= window && l->window <= window && isfinite(l->began);
}
