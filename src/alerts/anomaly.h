/* SPDX-License-Identifier: MIT */
/* anomaly.h - anomaly score of a series, 0 to 1; an alert starts at 0.5.
 *
 * Values are averaged over five minutes, or used one by one if the interval is
 * longer. Each average is compared with three expectations: the exponential
 * averages (Roberts 1959) of the last day and of the last hour, and the average
 * at this time of day (interpolated between the two nearest hours). Each
 * residual, up or down, is divided by its peak: the greatest residual so far.
 * Peaks decay over four weeks and are at least 2 % of the greatest value of the
 * series. r is the greatest of the three ratios, divided by 1 + 0.3/n while the
 * peak is n days old. Score: r / (r + 1.35).
 *
 * - The score is NaN until the series has changed for a day or 144 times. A
 *   constant series neither learns nor decays.
 * - An alert lasts for one average; for six hours after it the score stays
 *   below 0.5. "for" must be shorter than five minutes.
 * - While the alert fires, for at most six hours, the expectations do not learn
 *   and a peak grows at most fourfold per value.
 * - After a gap, or when the clock stepped back, a new average starts; learned
 *   state is kept.
 *
 * Plain bytes without pointers: it can be saved as it is. Times are the
 * engine's `now`; the time of day is `now` modulo one day. */
#ifndef ALERTS_ANOMALY_H
#define ALERTS_ANOMALY_H

#include <stdbool.h>
#include <stdint.h>

#define ANOMALY_HOURS 24
#define ANOMALY_ALARM 0.5

struct anomaly_peak {
  double above; /* greatest residual above the expectation */
  double below;
  double seen; /* seconds of data */
};

struct anomaly {
  double last;     /* time of the last value */
  double interval; /* of the values; 0: unknown */
  double began;    /* current average: start time */
  double average;
  int64_t count;
  double previous; /* previous average; NaN: none */
  double learned;  /* seconds */
  double day;      /* expectations */
  double hour;
  double at_hour[ANOMALY_HOURS];
  float at_hour_seen[ANOMALY_HOURS]; /* seconds */
  struct anomaly_peak off_day;
  struct anomaly_peak off_hour;
  struct anomaly_peak off_at_hour;
  double greatest; /* greatest |average|, decays like the peaks */
  double quiet_until;
  double score;
};

void anomaly_init(struct anomaly *a, double now);

/* True: bytes of any origin are a valid state. */
bool anomaly_fits(const struct anomaly *a);

/* Adds a value. Returns the score of the last average; NaN: not enough data, or
 * the value is not finite. `firing`: the alert of this score is active. */
double anomaly_add(struct anomaly *a, double value, double now, bool firing);

#endif
