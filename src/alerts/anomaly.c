/* SPDX-License-Identifier: MIT */
#include "alerts/anomaly.h"

#include <float.h>
#include <math.h>

#define HOUR 3600.0
#define DAY (24 * HOUR)
#define AVERAGED 300.0
#define AT_HOUR_MEMORY (7 * HOUR) /* seven days with one hour each */
#define AT_HOUR_KNOWN (3 * HOUR)
#define PEAK_MEMORY (28 * DAY)
#define PEAK_FLOOR 0.02 /* fraction of the greatest value */
#define PEAK_GROWTH 4.0
#define WARM_UP DAY
#define EXPERIENCE 600.0 /* most seconds of data in an average */
#define CAUTION (0.3 * DAY)
#define QUIET (6 * HOUR)
#define ALARM_RATIO 1.35
#define NO_ALARM 0.49

struct step {
  double value;
  double elapsed;
  double now;
  double seen; /* seconds of data */
  double kept; /* decay factor of the peak */
  double floor;
};

void anomaly_init(struct anomaly *a, double now) {
  *a = (struct anomaly){.last = now,
                        .began = now,
                        .previous = NAN,
                        .quiet_until = now,
                        .score = NAN};
}

static double hour_of_day(double now) {
  return (now - DAY * floor(now / DAY)) / HOUR;
}

/* Difference from the hourly averages, interpolated between the two nearest
 * hours. */
static double hourly_residual(const struct anomaly *a, double value,
                              double now) {
  int before = (int)floor(hour_of_day(now) + ANOMALY_HOURS - 0.5);
  int i = before % ANOMALY_HOURS;
  int j = (before + 1) % ANOMALY_HOURS;

  if (a->at_hour_seen[i] < AT_HOUR_KNOWN || a->at_hour_seen[j] < AT_HOUR_KNOWN)
    return NAN;
  double low = fmin(a->at_hour[i], a->at_hour[j]);
  double high = fmax(a->at_hour[i], a->at_hour[j]);
  return value - fmax(low, fmin(value, high));
}

static double grown(double peak, double size) {
  return peak > 0 ? fmax(peak, fmin(size, PEAK_GROWTH * peak)) : size;
}

/* |residual| / peak; NaN: not enough data. */
static double peak_ratio(struct anomaly_peak *p, double residual,
                         const struct step *s) {
  if (isnan(residual))
    return NAN;
  bool warm = p->seen >= WARM_UP;
  double size = fabs(residual);
  double *peak = residual < 0 ? &p->below : &p->above;

  p->seen += s->seen;
  p->above *= s->kept;
  p->below *= s->kept;
  double known = fmax(*peak, s->floor);
  *peak = grown(known, size);
  return warm ? size / known / (1 + CAUTION / p->seen) : NAN;
}

static double greatest_ratio(struct anomaly *a, const struct step *s) {
  double at_hour = hourly_residual(a, s->value, s->now);

  return fmax(fmax(peak_ratio(&a->off_day, s->value - a->day, s),
                   peak_ratio(&a->off_hour, s->value - a->hour, s)),
              peak_ratio(&a->off_at_hour, at_hour, s));
}

static void approach(double *level, double x, double weight) {
  *level += weight * (x - *level);
}

/* Weight of a new value: plain average first, exponential average later. */
static double weight(double elapsed, double learned, double memory) {
  return fmax(1 - exp(-elapsed / memory),
              learned < memory ? elapsed / (learned + elapsed) : 0);
}

static void learn(struct anomaly *a, const struct step *s) {
  int i = (int)hour_of_day(s->now) % ANOMALY_HOURS;
  double seen = fmin(s->elapsed, HOUR);

  approach(&a->day, s->value, weight(s->elapsed, a->learned, DAY));
  approach(&a->hour, s->value, weight(s->elapsed, DAY, HOUR));
  approach(&a->at_hour[i], s->value,
           weight(seen, a->at_hour_seen[i], AT_HOUR_MEMORY));
  a->learned += s->elapsed;
  a->at_hour_seen[i] = (float)fmin(a->at_hour_seen[i] + seen, AT_HOUR_MEMORY);
}

static struct step next_step(const struct anomaly *a, double now) {
  double elapsed = now - a->began;
  bool moved = !isnan(a->previous) && a->average != a->previous;

  return (struct step){.value = a->average,
                       .elapsed = elapsed,
                       .now = now,
                       .seen = moved ? fmin(elapsed, EXPERIENCE) : 0,
                       .kept = moved ? exp(-elapsed / PEAK_MEMORY) : 1,
                       .floor = PEAK_FLOOR * a->greatest};
}

static void judge(struct anomaly *a, double now, bool firing) {
  struct step s = next_step(a, now);

  if (isnan(a->previous))
    a->day = a->hour = s.value;
  double ratio = greatest_ratio(a, &s);
  bool quiet = now < a->quiet_until;
  a->score = 1 - ALARM_RATIO / (ratio + ALARM_RATIO);
  if (quiet && a->score > NO_ALARM)
    a->score = NO_ALARM;
  bool alarm = a->score >= ANOMALY_ALARM;
  if (alarm)
    a->quiet_until = now + QUIET;
  if (s.seen > 0 && !alarm && !(firing && quiet))
    learn(a, &s);
  a->previous = s.value;
  a->greatest = grown(a->greatest * s.kept, fabs(s.value));
}

static void begin_average(struct anomaly *a, double began) {
  a->began = began;
  a->average = 0;
  a->count = 0;
}

static void watch_interval(struct anomaly *a, double now) {
  double elapsed = now - a->last;

  a->last = now;
  if (elapsed < 0) {
    a->quiet_until += elapsed;
    begin_average(a, now);
    return;
  }
  if (a->interval <= 0) {
    a->interval = elapsed;
    return;
  }
  if (elapsed > AVERAGED && elapsed > 3 * a->interval)
    begin_average(a, now - a->interval);
  elapsed = fmax(a->interval / 2, fmin(elapsed, 2 * a->interval));
  approach(&a->interval, elapsed, 0.1);
}

/* True: the average spans its time (half an interval less) and has enough
 * data. */
static bool average_done(const struct anomaly *a, double now) {
  return a->interval > 0 && now - a->began >= AVERAGED - a->interval / 2 &&
         (double)a->count >= (AVERAGED / a->interval - 1) / 2;
}

double anomaly_add(struct anomaly *a, double value, double now, bool firing) {
  if (!(fabs(value) < DBL_MAX / 4))
    return NAN;
  watch_interval(a, now);
  a->count++;
  a->average += (value - a->average) / (double)a->count;
  if (average_done(a, now)) {
    judge(a, now, firing);
    begin_average(a, now);
  }
  return a->score;
}

/* ---- validation of loaded state ---- */

static bool is_amount(double x) { return x >= 0 && isfinite(x); }

static bool peak_fits(const struct anomaly_peak *p) {
  return is_amount(p->above) && is_amount(p->below) && is_amount(p->seen);
}

static bool hours_fit(const struct anomaly *a) {
  for (int i = 0; i < ANOMALY_HOURS; i++)
    if (!isfinite(a->at_hour[i]) ||
        !(a->at_hour_seen[i] >= 0 && a->at_hour_seen[i] <= AT_HOUR_MEMORY))
      return false;
  return true;
}

bool anomaly_fits(const struct anomaly *a) {
  return isfinite(a->last) && a->began <= a->last + 1 && isfinite(a->began) &&
         a->quiet_until <= a->last + QUIET + 1 && is_amount(a->interval) &&
         isfinite(a->average) && a->count >= 0 && a->count < INT64_MAX / 2 &&
         !isinf(a->previous) && is_amount(a->learned) && isfinite(a->day) &&
         isfinite(a->hour) && hours_fit(a) && peak_fits(&a->off_day) &&
         peak_fits(&a->off_hour) && peak_fits(&a->off_at_hour) &&
         is_amount(a->greatest) &&
         (isnan(a->score) || (a->score >= 0 && a->score <= 1));
}
