/* SPDX-License-Identifier: MIT */
#include "report/availability.h"

#include <math.h>
#include <string.h>

#define SPAN (AVAILABILITY_SLOT * AVAILABILITY_SLOTS)

enum what { UNKNOWN, DOWN, UP };

/* Advances the ring by `seconds`, at most by its length. */
static void advance(struct availability *a, double seconds, enum what what) {
  for (double left = fmin(seconds, SPAN); left > 0;) {
    double part = fmin(left, AVAILABILITY_SLOT - a->fill);
    if (what != UNKNOWN)
      a->known[a->newest] += (float)part;
    if (what == UP)
      a->up[a->newest] += (float)part;
    a->fill += part;
    left -= part;
    if (a->fill >= AVAILABILITY_SLOT) {
      a->newest = (a->newest + 1) % AVAILABILITY_SLOTS;
      a->up[a->newest] = a->known[a->newest] = 0;
      a->fill = 0;
    }
  }
}

/* Seconds since the last sample, not below 0. */
static double gap(const struct availability *a, double now) {
  return a->begun ? now - a->at : 0;
}

void availability_add(struct availability *a, bool up, double elapsed,
                      double now) {
  double known = elapsed > 0 ? elapsed : 0;

  if (!isfinite(now))
    return;
  if (a->begun)
    known = fmin(known, gap(a, now));
  advance(a, gap(a, now) - known, UNKNOWN);
  advance(a, known, up ? UP : DOWN);
  a->at = now;
  a->begun = 1;
}

void availability_resume(struct availability *a, double away, double now) {
  advance(a, away, UNKNOWN);
  a->at = now;
}

bool availability_valid(const struct availability *a) {
  bool valid = isfinite(a->at) && a->fill >= 0 && a->fill < AVAILABILITY_SLOT &&
               a->newest < AVAILABILITY_SLOTS && a->begun <= 1;

  for (size_t i = 0; valid && i < AVAILABILITY_SLOTS; i++)
    valid = a->up[i] >= 0 && a->up[i] <= a->known[i] &&
            a->known[i] <= AVAILABILITY_SLOT + 1; /* rounding */
  return valid;
}

struct sum {
  double up;
  double known;
};

static struct sum add_up(const struct availability *a, double window,
                         double now) {
  struct sum sum = {0};
  double age = fmax(gap(a, now), 0); /* age of the end of the slot */
  double width = a->fill;
  uint32_t slot = a->newest;

  window = fmin(window, AVAILABILITY_DAY);
  for (int i = 0; i < AVAILABILITY_SLOTS && age < window; i++) {
    double inside = width > window - age ? (window - age) / width : 1;
    sum.up += a->up[slot] * inside;
    sum.known += a->known[slot] * inside;
    age += width;
    width = AVAILABILITY_SLOT;
    slot = (slot > 0 ? slot : AVAILABILITY_SLOTS) - 1;
  }
  return sum;
}

double availability_percent(const struct availability *a, double window,
                            double now) {
  struct sum sum = add_up(a, window, now);

  return sum.known > 0 ? sum.up / sum.known * 100 : NAN;
}

double availability_budget(const struct availability *a, double objective,
                           double now) {
  struct sum sum = add_up(a, AVAILABILITY_DAY, now);
  double allowed = (1 - objective) * AVAILABILITY_DAY;
  double down = sum.known - sum.up;

  if (!(sum.known > 0))
    return NAN;
  if (!(allowed > 0))
    return down > 0 ? 0 : 100;
  return fmax(100 * (1 - down / allowed), 0);
}
