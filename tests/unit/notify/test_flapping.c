/* SPDX-License-Identifier: MIT */
/* Flap detection: when it starts and ends, alone and against a list. */
#include "notify/flapping.h"

#include "unit.h"

#include <math.h>
#include <stdlib.h>

static void the_fifth_change_within_two_minutes_starts_it(void **state) {
  (void)state;
  for (int phase = 0; phase < 300; phase++) {
    struct flapping f;
    double now = 1000 + phase / 10.0;
    flapping_init(&f, now);
    for (int i = 1; i <= 4; i++)
      assert_int_equal(flapping_update(&f, true, now + 30 * i), FLAPPING_NONE);
    assert_false(flapping_active(&f));
    assert_int_equal(flapping_update(&f, true, now + 150), FLAPPING_STARTED);
    assert_true(flapping_active(&f));
  }
}

static void four_changes_at_once_do_not(void **state) {
  struct flapping f;

  (void)state;
  flapping_init(&f, 0);
  for (int i = 0; i < 4; i++)
    assert_int_equal(flapping_update(&f, true, 100), FLAPPING_NONE);
  assert_false(flapping_active(&f));
}

static void a_change_every_minute_starts_it_every_other_does_not(void **state) {
  struct flapping often;
  struct flapping seldom;
  int started = 0;

  (void)state;
  flapping_init(&often, 0);
  flapping_init(&seldom, 0);
  for (int t = 0; t < 86400; t += 10) {
    started += flapping_update(&often, t % 60 == 0, t) == FLAPPING_STARTED;
    assert_int_equal(flapping_update(&seldom, t % 120 == 0, t), FLAPPING_NONE);
  }
  assert_int_equal(started, 1);
}

static void forty_changes_are_one_start_and_one_end(void **state) {
  (void)state;
  for (int step = 1; step <= 50; step++) {
    struct flapping f;
    int before = 0;
    int started = 0;
    double ended = INFINITY;
    flapping_init(&f, 0);
    for (int t = 0; t < 40 * step + 600; t++) {
      bool changed = t % step == 0 && t / step < 40;
      enum flapping_change c = flapping_update(&f, changed, t);
      before += started == 0 && changed;
      started += c == FLAPPING_STARTED;
      if (c == FLAPPING_ENDED) {
        assert_true(isinf(ended));
        ended = t - 39 * step;
      }
    }
    assert_int_equal(started, 1);
    assert_true(before <= 6);
    assert_true(ended >= 60 && ended <= 300);
  }
}

static void a_gap_is_quiet(void **state) {
  struct flapping f;

  (void)state;
  flapping_init(&f, 0);
  for (int i = 0; i < 1000; i++)
    (void)flapping_update(&f, true, i / 100.0);
  assert_true(flapping_active(&f));
  assert_int_equal(flapping_update(&f, true, 1e6), FLAPPING_ENDED);
  assert_int_equal(flapping_update(&f, false, 1e9), FLAPPING_NONE);
}

static void time_that_steps_back_keeps_the_changes(void **state) {
  struct flapping f;

  (void)state;
  flapping_init(&f, 1e6);
  for (int i = 0; i < 4; i++)
    assert_int_equal(flapping_update(&f, true, 1e6 + i), FLAPPING_NONE);
  assert_int_equal(flapping_update(&f, true, 50), FLAPPING_STARTED);
  assert_int_equal(flapping_update(&f, false, 200), FLAPPING_NONE);
  assert_int_equal(flapping_update(&f, false, 365), FLAPPING_ENDED);
}

/* The weights are those of whole slots: a list of all changes, of which each
 * weighs by the number of slots between it and now. */
static void it_agrees_with_a_list(void **state) {
  const double slot = FLAPPING_WINDOW / FLAPPING_SLOTS;

  (void)state;
  srand(1);
  for (int run = 0; run < 20000; run++) {
    double times[60];
    int num = 0;
    bool active = false;
    double now = rand() % 1000000;
    int pace = 1 + rand() % 60;
    struct flapping f;
    flapping_init(&f, now);
    for (int n = 0; n < 60; n++) {
      double sum = 0;
      bool changed = rand() % 3 == 0;
      now += rand() % 50 == 0 ? rand() % 1000 : rand() % pace;
      if (changed)
        times[num++] = now;
      for (int i = 0; i < num; i++) {
        double age = floor(now / slot) - floor(times[i] / slot);
        if (age < FLAPPING_SLOTS)
          sum += 1.2 - 0.4 * age / 19;
      }
      enum flapping_change expected = FLAPPING_NONE;
      if (!active && sum > FLAPPING_HIGH + 1e-9)
        expected = FLAPPING_STARTED;
      if (active && sum < FLAPPING_LOW - 1e-9)
        expected = FLAPPING_ENDED;
      enum flapping_change c = flapping_update(&f, changed, now);
      if (fabs(sum - FLAPPING_HIGH) > 1e-9 && fabs(sum - FLAPPING_LOW) > 1e-9)
        assert_int_equal(c, expected);
      active = flapping_active(&f);
      assert_true(c == FLAPPING_NONE || active == (c == FLAPPING_STARTED));
    }
  }
}

static void it_stays_below_64_bytes(void **state) {
  (void)state;
  assert_true(sizeof(struct flapping) <= 64);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_fifth_change_within_two_minutes_starts_it),
      cmocka_unit_test(four_changes_at_once_do_not),
      cmocka_unit_test(a_change_every_minute_starts_it_every_other_does_not),
      cmocka_unit_test(forty_changes_are_one_start_and_one_end),
      cmocka_unit_test(a_gap_is_quiet),
      cmocka_unit_test(time_that_steps_back_keeps_the_changes),
      cmocka_unit_test(it_agrees_with_a_list),
      cmocka_unit_test(it_stays_below_64_bytes),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
