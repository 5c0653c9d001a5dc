/* SPDX-License-Identifier: MIT */
#include "hub/windowed_ratio.h"

#include "unit.h"

#include <math.h>

static void nothing_is_known_of_one_look(void **state) {
  (void)state;
  struct windowed_ratio r = {0};
  assert_true(isnan(windowed_ratio_share(&r, 1)));
  windowed_ratio_add(&r, 0, 900, 1000);
  assert_true(isnan(windowed_ratio_share(&r, 1)));
}

static void an_outburst_shows_behind_a_long_history(void **state) {
  (void)state;
  struct windowed_ratio r = {0};
  windowed_ratio_add(&r, 0, 1e6, 1e6);
  windowed_ratio_add(&r, 10, 1e6 + 50, 1e6 + 100);
  assert_true(windowed_ratio_share(&r, 10) == 50);
}

static void what_is_older_than_the_window_no_longer_counts(void **state) {
  (void)state;
  struct windowed_ratio r = {0};
  double part = 0, whole = 0;
  for (int t = 0; t <= 3600; t += 10) {
    whole += 10;
    part += t < 1800 ? 0 : 10;
    windowed_ratio_add(&r, t, part, whole);
    if (t == 1800 + 150)
      assert_true(fabs(windowed_ratio_share(&r, 10) - 52) < 4);
    if (t >= 1800 + 310)
      assert_true(windowed_ratio_share(&r, 10) == 100);
  }
}

static void any_interval_covers_the_window_in_constant_memory(void **state) {
  (void)state;
  static const double intervals[] = {0.1, 0.7, 1, 3, 4.9, 5, 5.1, 10, 60, 301};
  for (size_t i = 0; i < sizeof(intervals) / sizeof(intervals[0]); i++) {
    struct windowed_ratio r = {0};
    for (double t = 0; t < 2000; t += intervals[i]) {
      /* one call a second, each with the success of its minute's parity */
      windowed_ratio_add(&r, t, t / 2, t);
      double covered =
          r.marks[(r.first + r.num - 1) % WINDOWED_RATIO_MARKS].time -
          r.marks[r.first].time;
      double least = t < WINDOWED_RATIO_WINDOW ? t : WINDOWED_RATIO_WINDOW;
      double most = WINDOWED_RATIO_WINDOW + 5 + intervals[i];
      assert_true(covered >= least - 1e-6 && covered <= most + 1e-6);
    }
  }
}

static void a_restart_of_the_hub_makes_no_spike(void **state) {
  (void)state;
  struct windowed_ratio r = {0};
  windowed_ratio_add(&r, 0, 900, 1000);
  windowed_ratio_add(&r, 10, 990, 1100);
  windowed_ratio_add(&r, 20, 1, 5);
  assert_true(isnan(windowed_ratio_share(&r, 1)));
  windowed_ratio_add(&r, 30, 16, 20);
  assert_true(windowed_ratio_share(&r, 10) == 100);
}

static void few_calls_and_unknown_counters_say_nothing(void **state) {
  (void)state;
  struct windowed_ratio r = {0};
  windowed_ratio_add(&r, 0, 0, 0);
  windowed_ratio_add(&r, 10, 0, 9);
  assert_true(isnan(windowed_ratio_share(&r, 10)));
  windowed_ratio_add(&r, 20, NAN, 50);
  assert_true(isnan(windowed_ratio_share(&r, 10)));
  windowed_ratio_add(&r, 30, 5, 10);
  assert_true(windowed_ratio_share(&r, 10) == 50);
  windowed_ratio_add(&r, 40, 30, 12); /* more successes than calls */
  assert_true(isnan(windowed_ratio_share(&r, 10)));
}

static void a_clock_that_steps_back_starts_anew(void **state) {
  (void)state;
  struct windowed_ratio r = {0};
  windowed_ratio_add(&r, 100, 0, 0);
  windowed_ratio_add(&r, 110, 50, 100);
  windowed_ratio_add(&r, 10, 60, 110);
  assert_true(isnan(windowed_ratio_share(&r, 1)));
}

/* 81.7 s and sixty times 5 s are a little less than 381.7 s. */
static void marks_do_not_run_out_where_sums_are_rounded(void **state) {
  (void)state;
  struct windowed_ratio r = {0};
  double now = 81.7;
  for (int i = 0; i < 500; i++, now += 5)
    windowed_ratio_add(&r, now, i, 2 * i);
  assert_true(r.num <= WINDOWED_RATIO_MARKS);
  assert_true(windowed_ratio_share(&r, 100) == 50);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nothing_is_known_of_one_look),
      cmocka_unit_test(an_outburst_shows_behind_a_long_history),
      cmocka_unit_test(what_is_older_than_the_window_no_longer_counts),
      cmocka_unit_test(any_interval_covers_the_window_in_constant_memory),
      cmocka_unit_test(a_restart_of_the_hub_makes_no_spike),
      cmocka_unit_test(few_calls_and_unknown_counters_say_nothing),
      cmocka_unit_test(marks_do_not_run_out_where_sums_are_rounded),
      cmocka_unit_test(a_clock_that_steps_back_starts_anew),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
