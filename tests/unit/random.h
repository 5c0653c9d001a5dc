/* SPDX-License-Identifier: MIT */
/* random.h - numbers that are the same at every run; set `seed` first. */
#ifndef TESTS_RANDOM_H
#define TESTS_RANDOM_H

#include <math.h>
#include <stdint.h>

static uint64_t seed = 1;

/* 0 to `below` - 1 (Knuth's MMIX). */
static inline unsigned chance(unsigned below) {
  seed = seed * 6364136223846793005U + 1442695040888963407U;
  return (unsigned)(seed >> 33) % below;
}

/* 0 to below 1 (xorshift: Marsaglia 2003). */
static inline double uniform(void) {
  seed ^= seed << 13;
  seed ^= seed >> 7;
  seed ^= seed << 17;
  return (double)(seed >> 11) / 0x1p53;
}

/* Of mean 0 and variance 1 (Box and Muller 1958). */
static inline double gaussian(void) {
  return sqrt(-2 * log(1 - uniform())) * cos(2 * M_PI * uniform());
}

#endif
