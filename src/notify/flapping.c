/* SPDX-License-Identifier: MIT */
#include "notify/flapping.h"

#include <math.h>
#include <string.h>

#define HEAVIEST 1.2
#define LIGHTEST 0.8
#define SLOT_MAX (INT64_C(1) << 40)

static int64_t slot_number(double now) {
  return (int64_t)floor(now / (FLAPPING_WINDOW / FLAPPING_SLOTS));
}

void flapping_init(struct flapping *f, double now) {
  *f = (struct flapping){.head = slot_number(now)};
}

static void advance(struct flapping *f, double now) {
  int64_t number = slot_number(now);

  if (number < f->head || number - f->head > FLAPPING_SLOTS) {
    if (number > f->head)
      memset(f->changes, 0, sizeof(f->changes));
    f->head = number;
  }
  while (f->head < number) {
    f->head++;
    f->newest = (uint8_t)((f->newest + 1) % FLAPPING_SLOTS);
    f->changes[f->newest] = 0;
  }
}

static double weight(const struct flapping *f) {
  double sum = 0;

  for (int age = 0; age < FLAPPING_SLOTS; age++)
    sum += f->changes[(f->newest + FLAPPING_SLOTS - age) % FLAPPING_SLOTS] *
           (HEAVIEST - (HEAVIEST - LIGHTEST) * age / (FLAPPING_SLOTS - 1));
  return sum;
}

enum flapping_change flapping_update(struct flapping *f, bool changed,
                                     double now) {
  advance(f, now);
  if (changed && f->changes[f->newest] < UINT8_MAX)
    f->changes[f->newest]++;
  double sum = weight(f);
  if (!f->active && sum >= FLAPPING_HIGH) {
    f->active = true;
    return FLAPPING_STARTED;
  }
  if (f->active && sum <= FLAPPING_LOW) {
    f->active = false;
    return FLAPPING_ENDED;
  }
  return FLAPPING_NONE;
}

bool flapping_active(const struct flapping *f) { return f->active; }

bool flapping_fits(const struct flapping *f) {
  return f->head > -SLOT_MAX && f->head < SLOT_MAX &&
         f->newest < FLAPPING_SLOTS;
}
