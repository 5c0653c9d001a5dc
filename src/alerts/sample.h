/* SPDX-License-Identifier: MIT */
/* sample.h - what a sender says, and what that means since the sample before.
 *
 * GAUGE: the value as it is. DERIVE, COUNTER: rate per second between the
 * sender's stamps, unknown at the first and when the value fell; a COUNTER that
 * fell has wrapped at 32 or 64 bits, unless that would be more than half of its
 * range: then it was reset. ABSOLUTE: value per interval.
 *
 * A sample that is not later than the one before says nothing about rates and
 * is forgotten; after LATE_MAX in a row the sender's clock has stepped back
 * and it begins anew. */
#ifndef ALERTS_SAMPLE_H
#define ALERTS_SAMPLE_H

#include <stdbool.h>
#include <stdint.h>

enum sample_kind {
  SAMPLE_GAUGE,
  SAMPLE_DERIVE,
  SAMPLE_COUNTER,
  SAMPLE_ABSOLUTE
};

union sample_value {
  double gauge;
  int64_t derive;
  uint64_t counter; /* and absolute */
};

struct sample {
  enum sample_kind kind;
  union sample_value value;
  double time;     /* sender's stamp, epoch seconds */
  double interval; /* of the sender, seconds */
};

#define LATE_MAX 3

struct sample_base { /* of a series; begin with {0} */
  union sample_value last;
  double time; /* of `last`, or of a later sample without a figure */
  uint8_t kind;
  uint8_t late; /* samples in a row that were not later */
  bool known;   /* `last` is */
  bool begun;   /* `time` is */
};

struct reading {
  double value;     /* gauge or rate; NaN: unknown */
  double increment; /* since the sample before; of a counter that was reset: its
                       value; NaN: unknown */
};

/* `only_grows`: a gauge that falls was cut (a log file), not decremented: its
 * increment is 0 then. */
struct reading sample_read(struct sample_base *base, const struct sample *s,
                           bool only_grows);

#endif
