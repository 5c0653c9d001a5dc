/* SPDX-License-Identifier: MIT */
/* amount.h - figures in the units that people read: "97.8 %", "2.40 s",
 * "120 MiB", "3 d 4 h", "open". NaN is "unknown". */
#ifndef CTL_AMOUNT_H
#define CTL_AMOUNT_H

#include "metrics/metric.h"

enum amount_unit {
  AMOUNT_COUNT,
  AMOUNT_PERCENT,
  AMOUNT_SECONDS, /* of a request */
  AMOUNT_UPTIME,  /* seconds */
  AMOUNT_BYTES
};

#define AMOUNT_MAX 48

/* Returns buf. */
const char *amount_text(enum amount_unit unit, double value,
                        char buf[AMOUNT_MAX]);

/* A value of the table of values, in its unit: the word of a state. */
const char *amount_of(enum metric metric, double value, char buf[AMOUNT_MAX]);

/* Local time: "2026-11-21 02:33:23", or only the time of day. */
const char *amount_moment(double epoch, char buf[AMOUNT_MAX]);
const char *amount_clock(double epoch, char buf[AMOUNT_MAX]);

#endif
