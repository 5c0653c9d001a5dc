/* SPDX-License-Identifier: MIT */
/* flapping.h - detects an alert that changes its level too often.
 *
 * Changes are counted in FLAPPING_SLOTS equal slots of the last FLAPPING_WINDOW
 * seconds. Weights rise linearly from 0.8 in the oldest slot to 1.2 in the
 * newest. Flapping starts when the weighted sum reaches FLAPPING_HIGH and ends
 * when it falls to FLAPPING_LOW: five changes within two minutes start it, five
 * minutes without a change end it.
 *
 * Plain bytes without pointers. If the clock steps back, changes keep their
 * age. */
#ifndef NOTIFY_FLAPPING_H
#define NOTIFY_FLAPPING_H

#include <stdbool.h>
#include <stdint.h>

#define FLAPPING_WINDOW 300.0
#define FLAPPING_SLOTS 20
#define FLAPPING_HIGH 5.0
#define FLAPPING_LOW 2.5

enum flapping_change { FLAPPING_NONE, FLAPPING_STARTED, FLAPPING_ENDED };

struct flapping {
  int64_t head;   /* number of the newest slot, counted from time 0 */
  uint8_t newest; /* its index */
  bool active;
  uint8_t changes[FLAPPING_SLOTS];
};

void flapping_init(struct flapping *f, double now);

/* Call it for every sample: flapping ends on a sample without a change. */
enum flapping_change flapping_update(struct flapping *f, bool changed,
                                     double now);

bool flapping_active(const struct flapping *f);

/* True: bytes of any origin are a valid state. */
bool flapping_fits(const struct flapping *f);

#endif
