/* SPDX-License-Identifier: MIT */
#include "hublog/log_window.h"

static unsigned bit(const uint64_t *bits, unsigned i) {
  return (unsigned)(bits[i / 64] >> (i % 64) & 1U);
}

static void set_bit(uint64_t *bits, unsigned i, bool value) {
  bits[i / 64] &= ~((uint64_t)1 << (i % 64));
  bits[i / 64] |= (uint64_t)value << (i % 64);
}

/* Adds the new entry and removes entry `i`. */
static void exchange(const struct log_window *w, struct log_window_tally *tally,
                     unsigned i, bool error, bool levelled) {
  tally->errors += error - bit(w->error, i);
  tally->levelled += levelled - bit(w->levelled, i);
}

void log_window_add(struct log_window *w, bool error, bool levelled) {
  unsigned i = w->next;
  unsigned leaves_100 =
      (i + LOG_WINDOW_LONG - LOG_WINDOW_SHORT) % LOG_WINDOW_LONG;
  exchange(w, &w->last_100, leaves_100, error, levelled);
  exchange(w, &w->last_1000, i, error, levelled);
  set_bit(w->error, i, error);
  set_bit(w->levelled, i, levelled);
  w->next = (i + 1) % LOG_WINDOW_LONG;
}
