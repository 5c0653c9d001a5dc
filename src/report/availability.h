/* SPDX-License-Identifier: MIT */
/* availability.h - availability of a hub in the last hour and day.
 *
 * A ring of 5-minute slots holds the seconds known and the seconds up. Time
 * without data (collectd was down, a gap between reads) counts neither as up
 * nor as down. Windows slide: the oldest slot counts in part.
 *
 * Plain data without pointers, about 2.3 KiB; saved as it is. `now` is in
 * seconds on a clock without steps; if it steps back no time passes. */
#ifndef REPORT_AVAILABILITY_H
#define REPORT_AVAILABILITY_H

#include <stdbool.h>
#include <stdint.h>

#define AVAILABILITY_HOUR 3600.0
#define AVAILABILITY_DAY 86400.0
#define AVAILABILITY_OBJECTIVE 0.999 /* objective per day */

#define AVAILABILITY_SLOT 300.0 /* seconds */
#define AVAILABILITY_SLOTS 289  /* one day and the current slot */

struct availability {
  double at;   /* `now` of the last sample */
  double fill; /* seconds used in the newest slot */
  float up[AVAILABILITY_SLOTS];
  float known[AVAILABILITY_SLOTS];
  uint32_t newest;
  uint32_t begun; /* 0: no sample yet */
};

/* Initialise with {0}. The hub was up, or down, in the last `elapsed` seconds
 * before `now`. Time between the previous sample and that is unknown. */
void availability_add(struct availability *a, bool up, double elapsed,
                      double now);

/* Continues after a restart: the last sample was `away` seconds before `now`.
 * NaN: unknown, all data is discarded. */
void availability_resume(struct availability *a, double away, double now);

/* True: bytes from a file are valid. */
bool availability_valid(const struct availability *a);

/* Percent of the known time in the last `window` seconds (at most a day) that
 * the hub was up; NaN: no data. */
double availability_percent(const struct availability *a, double window,
                            double now);

/* Percent left of the day's error budget. D: known seconds down in the last 24
 * h; 100 * (1 - D / ((1 - objective) * 86400)), not below 0. NaN: no data. */
double availability_budget(const struct availability *a, double objective,
                           double now);

#endif
