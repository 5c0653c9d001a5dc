/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "report/daily_time.h"

#include <stdlib.h>
#include <time.h>

static void only_hours_and_minutes_are_a_time_of_day(void **state) {
  static const char *const bad[] = {"",      "8:00",  "08:0",   "24:00",
                                    "08:60", "08-00", "08:00 ", "-8:00",
                                    " 8:00", "0800:", "::::0",  "08:00:00"};
  int hour = -1;
  int minute = -1;

  (void)state;
  for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
    assert_int_equal(daily_time_parse(bad[i], &hour, &minute), -1);
  assert_int_equal(hour, -1);
  assert_int_equal(daily_time_parse("23:59", &hour, &minute), 0);
  assert_int_equal(hour, 23);
  assert_int_equal(minute, 59);
}

static double moment(int month, int day, int hour, int minute) {
  struct tm tm = {.tm_year = 2026 - 1900,
                  .tm_mon = month - 1,
                  .tm_mday = day,
                  .tm_hour = hour,
                  .tm_min = minute,
                  .tm_isdst = -1};

  return (double)mktime(&tm);
}

static void assert_moment(double seen, double expected) {
  assert_int_equal((long)seen, (long)expected);
}

static void the_next_moment_is_today_or_tomorrow(void **state) {
  (void)state;
  assert_moment(daily_time_next(8, 0, moment(11, 5, 7, 59)),
                moment(11, 5, 8, 0));
  assert_moment(daily_time_next(8, 0, moment(11, 5, 8, 0)),
                moment(11, 6, 8, 0));
  assert_moment(daily_time_next(0, 0, moment(12, 31, 12, 0)),
                moment(12, 31, 0, 0) + 86400);
}

/* Berlin: 2026-03-29 has no 02:30, 2026-10-25 has it twice. */
static void a_day_is_as_long_as_the_local_clock_says(void **state) {
  (void)state;
  assert_moment(daily_time_next(8, 0, moment(3, 28, 8, 0)) -
                    moment(3, 28, 8, 0),
                23 * 3600);
  assert_moment(daily_time_next(8, 0, moment(10, 24, 8, 0)) -
                    moment(10, 24, 8, 0),
                25 * 3600);
  double missing = daily_time_next(2, 30, moment(3, 28, 23, 0));
  assert_true(missing > moment(3, 29, 1, 0) && missing < moment(3, 29, 4, 0));
}

static void each_day_has_one(void **state) {
  double wall = moment(3, 1, 0, 0);
  int count = 0;

  (void)state;
  while ((wall = daily_time_next(2, 30, wall)) < moment(11, 1, 0, 0))
    count++;
  assert_in_range(count, 245,
                  246); /* the hour that comes twice may count twice */
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(only_hours_and_minutes_are_a_time_of_day),
      cmocka_unit_test(the_next_moment_is_today_or_tomorrow),
      cmocka_unit_test(a_day_is_as_long_as_the_local_clock_says),
      cmocka_unit_test(each_day_has_one),
  };

  /* the rule itself: the machine may have no time zones */
  setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
  tzset();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
