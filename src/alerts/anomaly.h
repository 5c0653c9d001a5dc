/* SPDX-License-Identifier: MIT */
/* anomaly.h - how unusual a series is now, 0 to 1; an alarm from 0.5.
 *
 * Values are averaged over five minutes, or taken one by one where they come
 * more seldom, so that a series alarms as often whatever its interval is. An
 * average is compared with three expectations: the level of the last day, that
 * of the last hour (exponential averages: Roberts 1959) and the one of this
 * time of day on the days before (between the averages of the two hours next
 * to it). What it is off by, up or down, is divided by the most that it has
 * been off by so far; that peak fades over four weeks, and is never below two
 * per cent of the series' own greatest value. r is the greatest of the three
 * ratios, less while a peak is young: by 1 + 0.3/n after n days. The score is
 * r / (r + 1.35).
 *
 * - It cannot say (NaN) before the series has moved for a day, or 144 times.
 * One that stands still neither learns nor forgets: load that comes back, or a
 * blip after nothing, is no alarm.
 * - An alarm lasts for one average; in the six hours after it the score stays
 *   below 0.5. So a rule's "for" must be shorter than five minutes.
 * - While it fires, for six hours at most, the levels are not learned, and no
 *   peak grows more than fourfold at once: the fault does not become the norm.
 * - After a gap, or when time stepped back, an average begins anew; nothing is
 *   forgotten.
 *
 * No pointers and a fixed size: it can be saved as it is. Times are the
 * engine's `now`; the time of day is that modulo a day. */
#ifndef ALERTS_ANOMALY_H
#define ALERTS_ANOMALY_H

#include <stdbool.h>
#include <stdint.h>

#define ANOMALY_HOURS 24
#define ANOMALY_ALARM 0.5

struct anomaly_peak {
  double above; /* the expectation */
  double below;
  double seen; /* seconds of experience */
};

struct anomaly {
  double last;     /* when the last value came */
  double interval; /* of the values, as they come; 0: not known yet */
  double began;    /* of the average: since when, of how many */
  double average;
  int64_t count;
  double previous; /* the average before; NaN: none */
  double learned;  /* seconds */
  double day;      /* expectations */
  double hour;
  double at_hour[ANOMALY_HOURS];
  float at_hour_seen[ANOMALY_HOURS]; /* seconds */
  struct anomaly_peak off_day;
  struct anomaly_peak off_hour;
  struct anomaly_peak off_at_hour;
  double greatest; /* |average|, fading as the peaks do */
  double quiet_until;
  double score;
};

void anomaly_init(struct anomaly *a, double now);

/* Whether these bytes, from wherever, can be one. */
bool anomaly_fits(const struct anomaly *a);

/* Takes a value in, and returns the score of the last average; NaN while it
 * cannot say, and for a value that is none. `firing`: whether the alarm that
 * this score raised stands. */
double anomaly_add(struct anomaly *a, double value, double now, bool firing);

#endif
