/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "report/availability.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define START 1000.0

static struct availability a;
static double now;

static int begin(void **state) {
  (void)state;
  memset(&a, 0, sizeof(a));
  now = START;
  return 0;
}

/* Reads every 10 s for so long. */
static void run(double seconds, bool up) {
  for (double end = now + seconds; now < end;) {
    now += 10;
    availability_add(&a, up, 10, now);
  }
}

static double hour(void) {
  return availability_percent(&a, AVAILABILITY_HOUR, now);
}

static double day(void) {
  return availability_percent(&a, AVAILABILITY_DAY, now);
}

static void expect(double value, double expected) {
  if (!(fabs(value - expected) < 1e-3))
    fail_msg("%.9g, expected %.9g", value, expected);
}

static void nothing_known_is_unknown(void **state) {
  (void)state;
  assert_true(isnan(hour()));
  assert_true(isnan(day()));
  assert_true(isnan(availability_budget(&a, 0.999, now)));
  availability_add(&a, true, 0, now); /* of no time */
  assert_true(isnan(day()));
}

static void always_up_is_exactly_100_and_never_0(void **state) {
  (void)state;
  run(3 * AVAILABILITY_DAY, true);
  assert_true(day() >= 100 && day() <= 100);
  begin(NULL);
  run(2 * AVAILABILITY_DAY, false);
  assert_true(day() >= 0 && day() <= 0);
}

static void time_down_counts_within_its_window(void **state) {
  (void)state;
  run(2 * AVAILABILITY_DAY, true);
  run(600, false);
  expect(hour(), 100 * 3000.0 / 3600);
  expect(day(), 100 * 85800.0 / 86400);
  run(3000, true);
  expect(hour(), 100 * 3000.0 / 3600);
  run(150, true); /* a quarter of it has left the hour */
  expect(hour(), 100 * 3150.0 / 3600);
  run(150, true);
  expect(hour(), 100 * 3300.0 / 3600);
  run(300, true);
  expect(hour(), 100);
  expect(day(), 100 * 85800.0 / 86400);
  run(AVAILABILITY_DAY - 3600 - 150, true);
  expect(day(), 100 * 86250.0 / 86400);
  expect(availability_percent(&a, 1e9, now), day()); /* a day is all there is */
  run(150, true);
  expect(day(), 100);
}

static void a_gap_counts_neither_way(void **state) {
  (void)state;
  run(600, true);
  run(600, false);
  now += 1200; /* collectd was down */
  expect(hour(), 50);
  run(600, true);
  expect(hour(), 100 * 1200.0 / 1800);
  now += 1800; /* nothing heard since: the first 1200 s leave the window */
  expect(hour(), 100 * 600.0 / 600);
  now += 3600;
  assert_true(isnan(hour()));
  expect(day(), 100 * 1200.0 / 1800);
  now += AVAILABILITY_DAY;
  assert_true(isnan(day()));
}

static void elapsed_is_never_more_than_has_passed(void **state) {
  (void)state;
  run(600, true);
  availability_add(&a, false, 1e9, now + 10);
  now += 10;
  expect(hour(), 100 * 600.0 / 610);
}

static void a_first_read_of_long_ago_fills_the_ring(void **state) {
  (void)state;
  availability_add(&a, true, INFINITY, now);
  assert_true(day() >= 100);
  assert_true(availability_valid(&a));
}

static void time_that_steps_back_did_not_pass(void **state) {
  (void)state;
  run(600, false);
  run(600, true);
  now -= 5000;
  expect(availability_percent(&a, 600, now), 100);
  availability_add(&a, false, 10, now);
  expect(hour(), 50);
  availability_add(&a, true, 600, now += 600); /* and goes on from there */
  expect(hour(), 100 * 1200.0 / 1800);
}

static void nonsense_is_ignored(void **state) {
  struct availability before;

  (void)state;
  run(600, true);
  before = a;
  availability_add(&a, false, 10, NAN);
  availability_add(&a, false, 10, INFINITY);
  availability_add(&a, false, NAN, now);
  availability_add(&a, false, -5, now);
  assert_memory_equal(&before, &a, sizeof(a));
}

static void a_restart_is_a_gap_whatever_the_clock_says(void **state) {
  (void)state;
  run(AVAILABILITY_DAY, true);
  run(600, false);
  now = 5; /* the machine was booted again */
  availability_resume(&a, 1800, now);
  expect(hour(), 100 * 1200.0 / 1800);
  expect(day(), 100 * (85800.0 - 1800) / (86400 - 1800));
  run(600, true);
  expect(hour(), 100 * 1200.0 / 1800);
  availability_resume(&a, -1e300, now);
  expect(hour(), 100 * 1200.0 / 1800);
  availability_resume(&a, NAN, now); /* nobody knows how long */
  assert_true(isnan(day()));
  run(60, true);
  availability_resume(&a, 1e300, now);
  assert_true(isnan(day()));
}

static void the_budget_is_what_a_day_allows(void **state) {
  (void)state;
  run(AVAILABILITY_DAY, true);
  expect(availability_budget(&a, 0.999, now), 100);
  run(40, false); /* of 86.4 s */
  expect(availability_budget(&a, 0.999, now), 100 * (1 - 40 / 86.4));
  expect(availability_budget(&a, 0.99, now), 100 * (1 - 40 / 864.0));
  run(60, false);
  expect(availability_budget(&a, 0.999, now), 0);
  expect(availability_budget(&a, 1, now), 0);
  run(AVAILABILITY_DAY + AVAILABILITY_SLOT, true);
  expect(availability_budget(&a, 1, now), 100);
}

static void the_budget_of_a_young_hub_is_that_of_the_whole_day(void **state) {
  (void)state;
  run(60, true);
  run(10, false);
  expect(availability_budget(&a, 0.999, now), 100 * (1 - 10 / 86.4));
}

/* Seconds of each state, one by one. */
static void it_is_what_a_list_of_seconds_says(void **state) {
  enum { N = 200000 };
  signed char *seconds = malloc(N);
  unsigned seed = 7;
  int t = 0;

  (void)state;
  assert_non_null(seconds);
  memset(seconds, -1, N);
  while (t < N - 2000) {
    int gap = rand_r(&seed) % 50 == 0 ? rand_r(&seed) % 1000 : 0;
    int elapsed = 1 + rand_r(&seed) % 60;
    bool up = rand_r(&seed) % 10 > 0;
    t += gap;
    for (int i = 0; i < elapsed; i++)
      seconds[t++] = up;
    availability_add(&a, up, elapsed, t);
    if (rand_r(&seed) % 100 > 0)
      continue;
    int known = 0;
    int ups = 0;
    for (int i = t > 86400 ? t - 86400 : 0; i < t; i++) {
      known += seconds[i] >= 0;
      ups += seconds[i] > 0;
    }
    /* the oldest slot counts by its share: at most one slot's worth off */
    if (!(fabs(availability_percent(&a, AVAILABILITY_DAY, t) -
               100.0 * ups / known) <=
          (t > 86400 ? 100.0 * AVAILABILITY_SLOT / known : 1e-3)))
      fail_msg("at %d", t);
  }
  free(seconds);
}

static void bytes_that_are_none_are_refused(void **state) {
  struct availability good;

  (void)state;
  assert_true(availability_valid(&a));
  run(AVAILABILITY_DAY, true);
  run(1000, false);
  assert_true(availability_valid(&a));
  good = a;
#define REFUSED(change)                                                        \
  a = good;                                                                    \
  change;                                                                      \
  assert_false(availability_valid(&a))
  REFUSED(a.newest = AVAILABILITY_SLOTS);
  REFUSED(a.begun = 2);
  REFUSED(a.fill = -1);
  REFUSED(a.fill = AVAILABILITY_SLOT);
  REFUSED(a.fill = NAN);
  REFUSED(a.at = INFINITY);
  REFUSED(a.known[7] = 302);
  REFUSED(a.known[7] = NAN);
  REFUSED(a.up[7] = a.known[7] + 1);
  REFUSED(a.up[7] = -1);
  REFUSED(a.up[AVAILABILITY_SLOTS - 1] = NAN);
}

#define TEST(f) cmocka_unit_test_setup(f, begin)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(nothing_known_is_unknown),
      TEST(always_up_is_exactly_100_and_never_0),
      TEST(time_down_counts_within_its_window),
      TEST(a_gap_counts_neither_way),
      TEST(elapsed_is_never_more_than_has_passed),
      TEST(a_first_read_of_long_ago_fills_the_ring),
      TEST(time_that_steps_back_did_not_pass),
      TEST(nonsense_is_ignored),
      TEST(a_restart_is_a_gap_whatever_the_clock_says),
      TEST(the_budget_is_what_a_day_allows),
      TEST(the_budget_of_a_young_hub_is_that_of_the_whole_day),
      TEST(it_is_what_a_list_of_seconds_says),
      TEST(bytes_that_are_none_are_refused),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
