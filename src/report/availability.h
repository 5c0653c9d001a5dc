/* SPDX-License-Identifier: MIT */
/* availability.h - which share of the last hour and day a hub was up.
 *
 * A ring of slots of 5 minutes holds the seconds known and those of them up.
 * Time of which nothing is known (collectd was down, a gap between reads)
 * counts neither way. Windows slide: the oldest slot counts by the part of it
 * that is still inside.
 *
 * Plain data without pointers, about 2.3 KiB: to be copied into a file as it
 * is. `now` is logical time in seconds that does not step; should it step back,
 * no time has passed. */
#ifndef REPORT_AVAILABILITY_H
#define REPORT_AVAILABILITY_H

#include <stdbool.h>
#include <stdint.h>

#define AVAILABILITY_HOUR 3600.0
#define AVAILABILITY_DAY 86400.0
#define AVAILABILITY_OBJECTIVE 0.999 /* default, over a day */

#define AVAILABILITY_SLOT 300.0 /* seconds */
#define AVAILABILITY_SLOTS 289  /* a day, and the one that fills */

struct availability {
  double at;   /* `now` of the last sample */
  double fill; /* seconds of the newest slot that have passed */
  float up[AVAILABILITY_SLOTS];
  float known[AVAILABILITY_SLOTS];
  uint32_t newest;
  uint32_t begun; /* 0: `at` means nothing yet */
};

/* Begin with {0}. The hub was up, or not, for the last `elapsed` seconds before
 * `now`; what lies between the sample before and that is unknown. */
void availability_add(struct availability *a, bool up, double elapsed,
                      double now);

/* Goes on after a restart: the last sample is `away` seconds ago, and the
 * logical time is now `now`. NaN: nobody knows how long; all is forgotten. */
void availability_resume(struct availability *a, double away, double now);

/* Whether bytes from a file can be one. */
bool availability_valid(const struct availability *a);

/* Percent of the known time within the last `window` seconds (at most a day)
 * that the hub was up; NaN: nothing is known. */
double availability_percent(const struct availability *a, double window,
                            double now);

/* Percent left of a day's error budget: with D the known seconds down of the
 * last 24 h, 100 * (1 - D / ((1 - objective) * 86400)), not below 0. NaN:
 * nothing is known. */
double availability_budget(const struct availability *a, double objective,
                           double now);

#endif
