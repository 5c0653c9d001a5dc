#include "alerts/flap.h"

#include <math.h>
#include <string.h>

#define HEAVIEST 1.2
#define LIGHTEST 0.8
#define SLOT_MAX (INT64_C(1) << 40)

static int64_t slot_number(double now) {
  return (int64_t)floor(now / (FLAP_WINDOW / FLAP_SLOTS));
}

void flap_init(struct flap *f, double now) {
  *f = (struct flap){.head = slot_number(now)};
}

static void advance(struct flap *f, double now) {
  int64_t number = slot_number(now);

  if (number < f->head || number - f->head > FLAP_SLOTS) {
    if (number > f->head)
      memset(f->changes, 0, sizeof(f->changes));
    f->head = number;
  }
  while (f->head < number) {
    f->head++;
    f->newest = (uint8_t)((f->newest + 1) % FLAP_SLOTS);
    f->changes[f->newest] = 0;
  }
}

static double weight(const struct flap *f) {
  double sum = 0;

  for (int age = 0; age < FLAP_SLOTS; age++)
    sum += f->changes[(f->newest + FLAP_SLOTS - age) % FLAP_SLOTS] *
           (HEAVIEST - (HEAVIEST - LIGHTEST) * age / (FLAP_SLOTS - 1));
  return sum;
}

enum flap_change flap_update(struct flap *f, bool changed, double now) {
  advance(f, now);
  if (changed && f->changes[f->newest] < UINT8_MAX)
    f->changes[f->newest]++;
  double sum = weight(f);
  if (!f->active && sum >= FLAP_HIGH) {
    f->active = true;
    return FLAP_STARTED;
  }
  if (f->active && sum <= FLAP_LOW) {
    f->active = false;
    return FLAP_ENDED;
  }
  return FLAP_NONE;
}

bool flap_active(const struct flap *f) { return f->active; }

bool flap_fits(const struct flap *f) {
  return f->head > -SLOT_MAX && f->head < SLOT_MAX && f->newest < FLAP_SLOTS;
}
