/* SPDX-License-Identifier: MIT */
/* sample.h - converts samples of a sender to readings.
 *
 * GAUGE: the value. DERIVE, COUNTER: rate per second between the sender's time
 * stamps; unknown for the first sample and after a decrease. A COUNTER that
 * decreased has wrapped at 32 or 64 bits if the increment is at most half of
 * that range, else it was reset. ABSOLUTE: value per interval.
 *
 * A sample that is not later than the previous one has no rate and is not
 * stored. After LATE_MAX of them in a row the sender's clock has stepped back
 * and the next sample counts as the first. */
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
  double time;     /* sender's time, epoch seconds */
  double interval; /* of the sender, seconds */
};

#define LATE_MAX 3

struct sample_base { /* last sample of a series; initialise with {0} */
  union sample_value last;
  double time; /* of `last`, or of a later sample without a value */
  uint8_t kind;
  uint8_t late; /* samples in a row that were not later */
  bool known;   /* `last` is valid */
  bool begun;   /* `time` is valid */
};

struct reading {
  double value;     /* gauge or rate; NaN: unknown */
  double increment; /* since the previous sample; counter reset: its
                       value; NaN: unknown */
};

/* `only_grows`: a decrease is a truncation (log file) with increment 0. */
struct reading sample_read(struct sample_base *base, const struct sample *s,
                           bool only_grows);

#endif
