/* flap.h - whether an alert changes its level so often that nobody should hear
 * of each change.
 *
 * Changes are counted in FLAP_SLOTS equal slots of the last FLAP_WINDOW
 * seconds; one in the newest slot weighs 1.2, in the oldest 0.8, in between in
 * proportion. Flapping starts when the weights add up to FLAP_HIGH and ends
 * when they are down to FLAP_LOW: the fifth change within two minutes starts
 * it, five quiet minutes end it at the latest.
 *
 * Plain bytes without pointers. Time that steps back leaves the changes as old
 * as they were. */
#ifndef ALERTS_FLAP_H
#define ALERTS_FLAP_H

#include <stdbool.h>
#include <stdint.h>

#define FLAP_WINDOW 300.0
#define FLAP_SLOTS 20
#define FLAP_HIGH 5.0
#define FLAP_LOW 2.5

enum flap_change { FLAP_NONE, FLAP_STARTED, FLAP_ENDED };

struct flap {
  int64_t head;   /* number of the newest slot, counted from time 0 */
  uint8_t newest; /* where it is */
  bool active;
  uint8_t changes[FLAP_SLOTS];
};

void flap_init(struct flap *f, double now);

/* Call it with every sample: the end comes with one that changes nothing. */
enum flap_change flap_update(struct flap *f, bool changed, double now);

bool flap_active(const struct flap *f);

/* Whether these bytes, from wherever, can be one. */
bool flap_fits(const struct flap *f);

#endif
