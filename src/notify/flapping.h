/* SPDX-License-Identifier: MIT */
/* flapping.h - whether an alert changes its level so often that nobody should
 * hear of each change.
 *
 * Changes are counted in FLAPPING_SLOTS equal slots of the last FLAPPING_WINDOW
 * seconds; one in the newest slot weighs 1.2, in the oldest 0.8, in between in
 * proportion. Flapping starts when the weights add up to FLAPPING_HIGH and ends
 * when they are down to FLAPPING_LOW: the fifth change within two minutes
 * starts it, five quiet minutes end it at the latest.
 *
 * Plain bytes without pointers. Time that steps back leaves the changes as old
 * as they were. */
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
  uint8_t newest; /* where it is */
  bool active;
  uint8_t changes[FLAPPING_SLOTS];
};

void flapping_init(struct flapping *f, double now);

/* Call it with every sample: the end comes with one that changes nothing. */
enum flapping_change flapping_update(struct flapping *f, bool changed,
                                     double now);

bool flapping_active(const struct flapping *f);

/* Whether these bytes, from wherever, can be one. */
bool flapping_fits(const struct flapping *f);

#endif
