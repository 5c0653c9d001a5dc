/* SPDX-License-Identifier: MIT */
#include "random.h"
#include "unit.h"

#include "alerts/anomaly.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#define DAY 86400.0
#define EPOCH 1.7e9 /* not midnight */

/* A series as it is asked for, `t` seconds after EPOCH; `memory` is its own,
 * 0 first. */
typedef double (*shape)(double t, double *memory);

static double noise(double t, double *memory) {
  (void)t, (void)memory;
  return 50 + 5 * gaussian();
}

static double autoregressive(double t, double *memory) {
  (void)t;
  *memory = 0.9 * *memory + gaussian();
  return 50 + *memory;
}

static double daily_cycle(double t, double *memory) {
  (void)memory;
  return 50 + 30 * sin(2 * M_PI * t / DAY) + 3 * gaussian();
}

static bool office_hours(double t) {
  return fmod(t, 7 * DAY) < 5 * DAY && fmod(t, DAY) < DAY / 3;
}

static double working_week(double t, double *memory) {
  (void)memory;
  return office_hours(t) ? 60 + 6 * gaussian() : 0;
}

static double rare_calls(double t, double *memory) {
  (void)t, (void)memory;
  return uniform() < 0.001;
}

static double zeros(double t, double *memory) {
  (void)t, (void)memory;
  return 0;
}

static double constant(double t, double *memory) {
  (void)t, (void)memory;
  return 1e6 / 3;
}

struct run {
  struct anomaly a;
  double interval;
  double t; /* of the next value */
  double memory;
  double score;
  int alarms;
};

static void start(struct run *r, double interval) {
  *r = (struct run){.interval = interval, .score = NAN};
  anomaly_init(&r->a, EPOCH);
}

static void take(struct run *r, double value) {
  bool firing = r->score >= ANOMALY_ALARM;

  r->score = anomaly_add(&r->a, value, EPOCH + r->t, firing);
  r->alarms += r->score >= ANOMALY_ALARM && !firing;
  r->t += r->interval;
}

static int alarms_until(struct run *r, shape of, double t) {
  int before = r->alarms;

  while (r->t < t)
    take(r, of(r->t, &r->memory));
  return r->alarms - before;
}

static void what_stands_still_never_alarms(void **state) {
  struct run r;

  (void)state;
  start(&r, 10);
  assert_int_equal(alarms_until(&r, zeros, 30 * DAY), 0);
  assert_true(isnan(r.score));
  start(&r, 10);
  assert_int_equal(alarms_until(&r, constant, 30 * DAY), 0);
  assert_true(isnan(r.score));
}

static void a_blip_after_zeros_is_no_alarm(void **state) {
  struct run r;

  (void)state;
  start(&r, 10);
  alarms_until(&r, zeros, 5000);
  take(&r, 1);
  alarms_until(&r, zeros, 3 * DAY);
  take(&r, 1000);
  alarms_until(&r, zeros, 4 * DAY);
  assert_int_equal(r.alarms, 0);
}

static void load_that_begins_is_no_alarm(void **state) {
  struct run r;

  (void)state;
  start(&r, 10);
  alarms_until(&r, zeros, 10 * DAY);
  alarms_until(&r, noise, 11 * DAY);
  assert_int_equal(r.alarms, 0);
}

static void load_after_weeks_without_is_no_alarm(void **state) {
  struct run r;

  (void)state;
  start(&r, 10);
  alarms_until(&r, working_week, 28 * DAY);
  alarms_until(&r, zeros, 70 * DAY);
  assert_int_equal(alarms_until(&r, working_week, 77 * DAY), 0);
}

static void the_first_day_never_alarms(void **state) {
  struct run r;

  (void)state;
  start(&r, 10);
  alarms_until(&r, noise, 3600);
  for (int i = 0; i < 100; i++)
    take(&r, i % 7 == 0 ? 1e9 : -1e5);
  alarms_until(&r, noise, DAY - 3600);
  assert_int_equal(r.alarms, 0);
  assert_true(isnan(r.score));
  alarms_until(&r, noise, 2 * DAY);
  assert_true(!isnan(r.score));
}

static void an_hourly_series_needs_144_values(void **state) {
  struct run r;

  (void)state;
  start(&r, 3600);
  alarms_until(&r, noise, 144 * 3600);
  assert_true(isnan(r.score));
  alarms_until(&r, noise, 150 * 3600);
  assert_true(!isnan(r.score));
}

static double alarms_a_month(shape of, double interval) {
  enum { MONTHS = 20 };
  int alarms = 0;

  for (int i = 0; i < MONTHS; i++) {
    struct run r;
    start(&r, interval);
    alarms += alarms_until(&r, of, 30 * DAY);
  }
  return (double)alarms / MONTHS;
}

static void noise_alarms_once_a_month_at_most(void **state) {
  const shape shapes[] = {noise, autoregressive, daily_cycle, working_week,
                          rare_calls};
  const double intervals[] = {10, 60, 300};

  (void)state;
  seed = 88172645463325252;
  for (size_t s = 0; s < sizeof(shapes) / sizeof(*shapes); s++)
    for (size_t i = 0; i < sizeof(intervals) / sizeof(*intervals); i++) {
      double alarms = alarms_a_month(shapes[s], intervals[i]);
      if (alarms > 1)
        fail_msg("shape %zu every %g s: %g", s, intervals[i], alarms);
    }
}

/* After ten days of `of`, `fault` for three hours from the hour of the day. */
static int alarms_of(shape of, shape fault, double interval, double hour) {
  struct run r;

  start(&r, interval);
  alarms_until(&r, of, 10 * DAY + hour * 3600);
  return alarms_until(&r, fault, r.t + 3 * 3600);
}

static double tripled(double t, double *memory) {
  return 3 * daily_cycle(t, memory);
}

static double by_night(double t, double *memory) {
  (void)t, (void)memory;
  return 20 + 3 * gaussian();
}

static double day_and_night(double t, double *memory) {
  return by_night(t, memory) + (fmod(t, DAY) < DAY / 2 ? 60 : 0);
}

static void a_fault_is_one_alarm(void **state) {
  const double intervals[] = {1, 10, 300};

  (void)state;
  for (size_t i = 0; i < 3; i++) {
    assert_int_equal(alarms_of(noise, zeros, intervals[i], 3), 1);
    assert_int_equal(alarms_of(daily_cycle, tripled, intervals[i], 3), 1);
  }
}

static void the_level_of_the_night_is_an_alarm_by_day_only(void **state) {
  (void)state;
  assert_int_equal(alarms_of(day_and_night, by_night, 10, 4), 1);
  assert_int_equal(alarms_of(day_and_night, by_night, 10, 16), 0);
}

static double warm_score(struct run *r) {
  start(r, 10);
  alarms_until(r, noise, 3 * DAY);
  return r->score;
}

static void an_alarm_lasts_an_average_and_is_said_once(void **state) {
  struct run r;

  (void)state;
  warm_score(&r);
  double began = r.t;
  while (!(r.score >= ANOMALY_ALARM))
    take(&r, 500);
  assert_true(r.t - began <= 600);
  began = r.t;
  while (r.score >= ANOMALY_ALARM)
    take(&r, 500);
  assert_true(r.t - began >= 290 && r.t - began <= 310);
  for (double size = 1000; r.t < began + 6 * 3600 - 300; size *= 1.01)
    take(&r, size);
  assert_int_equal(r.alarms, 1);
}

static void a_fault_is_not_learned_while_it_fires(void **state) {
  struct run r;

  (void)state;
  warm_score(&r);
  while (!(r.score >= ANOMALY_ALARM))
    take(&r, 500);
  double day = r.a.day;
  for (double fired = r.t; r.t < fired + 6 * 3600 - 300; r.t += 10)
    anomaly_add(&r.a, 500 + gaussian(), EPOCH + r.t, true);
  assert_true(r.a.day == day);
  for (double fired = r.t; r.t < fired + 3600; r.t += 10)
    anomaly_add(&r.a, 500 + gaussian(), EPOCH + r.t, true);
  assert_true(r.a.day > day);
}

static void a_monstrous_value_does_not_hide_the_next_fault(void **state) {
  struct run r;

  (void)state;
  warm_score(&r);
  take(&r, 1e12);
  alarms_until(&r, noise, r.t + DAY);
  assert_int_equal(r.alarms, 1);
  assert_true(r.a.day > 40 && r.a.day < 60);
  assert_int_equal(alarms_until(&r, tripled, r.t + 3 * 3600), 1);
}

static void a_gap_is_no_alarm(void **state) {
  const double gaps[] = {30, 200, 290, 400, 3600, 3 * DAY};

  (void)state;
  for (size_t i = 0; i < sizeof(gaps) / sizeof(*gaps); i++)
    for (int again = 0; again < 20; again++) {
      struct run r;
      warm_score(&r);
      int before = r.alarms;
      r.t += gaps[i] + 10 * again;
      take(&r, 62); /* alone it is unusual */
      alarms_until(&r, noise, r.t + 3600);
      assert_int_equal(r.alarms, before);
      assert_true(!isnan(r.score));
    }
}

static void time_that_steps_back_is_no_alarm(void **state) {
  const double steps[] = {5, 100, 3600, 30 * DAY};

  (void)state;
  for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
    struct run r;
    warm_score(&r);
    int before = r.alarms;
    r.t -= steps[i];
    alarms_until(&r, noise, r.t + 3600);
    assert_int_equal(r.alarms, before);
    double began = r.t;
    while (!(r.score >= ANOMALY_ALARM) && r.t < began + 600)
      take(&r, 500);
    assert_true(r.score >= ANOMALY_ALARM);
  }
}

static void quiet_ends_though_time_steps_back(void **state) {
  struct run r;

  (void)state;
  warm_score(&r);
  while (!(r.score >= ANOMALY_ALARM))
    take(&r, 500);
  r.t -= 30 * DAY;
  alarms_until(&r, noise, r.t + 7 * 3600);
  double began = r.t;
  while (!(r.score >= ANOMALY_ALARM) && r.t < began + 600)
    take(&r, 50000);
  assert_true(r.score >= ANOMALY_ALARM);
}

static void a_short_gap_before_a_value_does_not_stop_it(void **state) {
  struct run r;

  (void)state;
  warm_score(&r);
  r.t -= 9.999;
  take(&r, 50);
  double began = r.t;
  while (!(r.score >= ANOMALY_ALARM) && r.t < began + 3600)
    take(&r, 500);
  assert_true(r.t < began + 900);
}

static void an_unknown_value_is_not_there(void **state) {
  const double unknown[] = {NAN, INFINITY, -INFINITY, 1e308};
  struct run r, same;

  (void)state;
  warm_score(&r);
  same = r;
  for (int i = 0; i < 1000; i++) {
    double value = noise(0, NULL);
    take(&r, value);
    take(&same, value);
    if (r.score != same.score)
      fail_msg("%g is not %g", r.score, same.score);
    assert_true(
        isnan(anomaly_add(&r.a, unknown[i % 4], EPOCH + r.t - 5, false)));
  }
}

static void the_unit_does_not_matter(void **state) {
  struct run bytes, megabytes;

  (void)state;
  start(&bytes, 10);
  start(&megabytes, 10);
  while (bytes.t < 5 * DAY) {
    double value = noise(0, NULL);
    take(&bytes, value * 0x1p20);
    take(&megabytes, value);
    if (bytes.score != megabytes.score && !isnan(bytes.score))
      fail_msg("%g is not %g", bytes.score, megabytes.score);
  }
  assert_true(megabytes.score >= 0);
}

static void a_score_is_between_0_and_1(void **state) {
  struct run r;

  (void)state;
  start(&r, 60);
  for (int i = 0; i < 100000; i++) {
    double size = pow(10, 600 * uniform() - 300);
    r.interval = uniform() < 0.01 ? 1e6 * uniform() : 100 * uniform();
    take(&r, uniform() < 0.5 ? size : -size);
    if (!isnan(r.score) && !(r.score >= 0 && r.score <= 1))
      fail_msg("%g", r.score);
  }
  assert_true(!isnan(r.score));
}

static void it_can_be_saved_byte_by_byte(void **state) {
  struct run r;

  (void)state;
  assert_true(sizeof(r.a) <= 512);
  warm_score(&r);
  unsigned char file[sizeof(r.a)];
  memcpy(file, &r.a, sizeof(file));
  struct run copy = r;
  memcpy(&copy.a, file, sizeof(file));
  for (int i = 0; i < 1000; i++) {
    double value = noise(0, NULL);
    take(&r, value);
    take(&copy, value);
    assert_true(r.score == copy.score);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_stands_still_never_alarms),
      cmocka_unit_test(a_blip_after_zeros_is_no_alarm),
      cmocka_unit_test(load_that_begins_is_no_alarm),
      cmocka_unit_test(load_after_weeks_without_is_no_alarm),
      cmocka_unit_test(the_first_day_never_alarms),
      cmocka_unit_test(an_hourly_series_needs_144_values),
      cmocka_unit_test(noise_alarms_once_a_month_at_most),
      cmocka_unit_test(a_fault_is_one_alarm),
      cmocka_unit_test(the_level_of_the_night_is_an_alarm_by_day_only),
      cmocka_unit_test(an_alarm_lasts_an_average_and_is_said_once),
      cmocka_unit_test(a_fault_is_not_learned_while_it_fires),
      cmocka_unit_test(a_monstrous_value_does_not_hide_the_next_fault),
      cmocka_unit_test(a_gap_is_no_alarm),
      cmocka_unit_test(time_that_steps_back_is_no_alarm),
      cmocka_unit_test(quiet_ends_though_time_steps_back),
      cmocka_unit_test(a_short_gap_before_a_value_does_not_stop_it),
      cmocka_unit_test(an_unknown_value_is_not_there),
      cmocka_unit_test(the_unit_does_not_matter),
      cmocka_unit_test(a_score_is_between_0_and_1),
      cmocka_unit_test(it_can_be_saved_byte_by_byte),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
