/* SPDX-License-Identifier: MIT */
#include "random.h"
#include "unit.h"

#include "alerts/leak.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#define MB 1e6
#define SERIES 1000
#define HOURS 2

static double between(double low, double high) {
  return low + (high - low) * uniform();
}

/* A series' memory, drawn once a series. */
struct alert_memory {
  double base, phase, period, amplitude, settled, ar;
};

typedef double (*shape)(struct alert_memory *, double t);

static double sawtooth(struct alert_memory *m, double t) {
  return m->amplitude * fmod(t / m->period + m->phase, 1);
}

static double autoregressive(struct alert_memory *m, double t) {
  (void)t;
  m->ar = 0.9 * m->ar + sqrt(1 - 0.81) * 5 * MB * gaussian();
  return m->ar;
}

static double warming_up(struct alert_memory *m, double t) {
  return 5 * m->amplitude * (1 - exp(-3 * t / m->settled)) + MB * gaussian();
}

static double leaking(double t, double start, double size) {
  return size * fmin(1, fmax(0, (t - start) / 1800));
}

static bool finds_a_leak(shape of, double interval, double window,
                         double size) {
  struct alert_memory m = {.base = between(100, 500) * MB,
                           .phase = uniform(),
                           .period = between(120, 600),
                           .amplitude = between(20, 60) * MB,
                           .settled = between(120, 600),
                           .ar = 5 * MB * gaussian()};
  double start = between(1800, 3600);
  double epoch = 1.7e9 + between(0, 1e6);
  struct leak l;
  bool found = false;

  leak_init(&l, window, epoch);
  for (double t = 0; t < HOURS * 3600; t += interval) {
    double value = m.base + of(&m, t) + leaking(t, start, size);
    found |= leak_add(&l, value, epoch + t) > 0;
  }
  return found;
}

static int found_in(shape of, double interval, bool leak) {
  int found = 0;

  seed = 88172645463325252;
  for (int i = 0; i < SERIES; i++) {
    double size = leak ? between(100, 300) * MB : 0;
    found += finds_a_leak(of, interval, 1800, size);
  }
  return found;
}

static const shape shapes[] = {sawtooth, autoregressive, warming_up};
static const double intervals[] = {5, 10, 60};

static void what_is_no_leak_is_rarely_called_one(void **state) {
  (void)state;
  for (size_t s = 0; s < 3; s++)
    for (size_t i = 0; i < 3; i++) {
      int found = found_in(shapes[s], intervals[i], false);
      if (found > SERIES / 100)
        fail_msg("shape %zu every %g s: %d", s, intervals[i], found);
    }
}

static void leaks_are_found(void **state) {
  (void)state;
  for (size_t s = 0; s < 3; s++)
    for (size_t i = 0; i < 3; i++) {
      int found = found_in(shapes[s], intervals[i], true);
      if (found < SERIES * 3 / 4)
        fail_msg("shape %zu every %g s: %d", s, intervals[i], found);
    }
}

/* A line of `slope` a second, from 0 to `until`; what is said last. */
static double last_of_line(struct leak *l, double slope, double interval,
                           double until) {
  double growth = NAN;

  for (double t = 0; t <= until; t += interval)
    growth = leak_add(l, slope * t, 1000 + t);
  return growth;
}

static void growth_is_in_the_units_of_the_series(void **state) {
  (void)state;
  for (double window = 60; window <= 86400; window *= 2) {
    struct leak l;
    leak_init(&l, window, 1000);
    double growth = last_of_line(&l, 3, window / 60, 1.2 * window);
    if (!(fabs(growth - 3 * window) < window / 100))
      fail_msg("%g in %g s", growth, window);
  }
}

static void what_stands_or_falls_is_no_leak(void **state) {
  struct leak l;

  (void)state;
  leak_init(&l, 1800, 1000);
  assert_true(last_of_line(&l, 0, 10, 7200) == 0);
  leak_init(&l, 1800, 1000);
  assert_true(last_of_line(&l, -5, 10, 7200) == 0);
}

static void a_step_is_no_leak(void **state) {
  struct leak l;

  (void)state;
  leak_init(&l, 1800, 0);
  for (double t = 0; t < 10800; t += 10)
    assert_false(leak_add(&l, t < 5000 ? 0 : 1e9, t) > 0);
}

static void it_ends_when_the_growth_does(void **state) {
  struct leak l;

  (void)state;
  leak_init(&l, 1800, 0);
  for (double t = 0; t < 3600; t += 10)
    leak_add(&l, t, t);
  assert_true(leak_add(&l, 3600, 3600) > 0);
  for (double t = 3610; t < 5400; t += 10)
    leak_add(&l, 3600, t);
  assert_true(leak_add(&l, 3600, 5400) == 0);
}

static void it_cannot_say_before_the_window_is_filled(void **state) {
  struct leak l;

  (void)state;
  leak_init(&l, 1800, 1000);
  assert_true(isnan(last_of_line(&l, 1, 10, 1340)));
  leak_init(&l, 1800, 1000);
  assert_true(last_of_line(&l, 1, 10, 1360) == 0);
  leak_init(&l, 1800, 1000);
  assert_true(isnan(last_of_line(&l, 1, 300, 7200))); /* six in a window */
}

static void an_unknown_value_says_nothing(void **state) {
  struct leak l;

  (void)state;
  leak_init(&l, 1800, 0);
  for (double t = 0; t < 3600; t += 10) {
    double value = fmod(t, 20) == 0 ? t : NAN;
    leak_add(&l, value, t);
  }
  assert_true(leak_add(&l, NAN, 3600) > 0);
}

static void a_gap_is_bridged_and_a_long_one_is_unknown(void **state) {
  struct leak l;

  (void)state;
  leak_init(&l, 1800, 1000);
  assert_true(last_of_line(&l, 1, 10, 3600) > 0);
  assert_true(leak_add(&l, 3900, 1000 + 3900) > 0);
  assert_true(isnan(leak_add(&l, 1e6, 1000 + 1e6)));
  assert_true(isnan(leak_add(&l, 1e15, 1e15)));
}

static void time_that_steps_back_does_not_stop_it(void **state) {
  struct leak l;

  (void)state;
  leak_init(&l, 1800, 1000);
  assert_true(last_of_line(&l, 1, 10, 3600) > 0);
  for (double t = 3610; t < 7200; t += 10)
    assert_true(leak_add(&l, t, t - 1e6) > 0);
  for (double t = 7200; t < 9000; t += 10)
    leak_add(&l, 7200, t - 1e6);
  assert_true(leak_add(&l, 7200, 9000 - 1e6) == 0);
}

static void it_can_be_saved_byte_by_byte(void **state) {
  struct leak l, copy;
  unsigned char file[sizeof(l)];

  (void)state;
  assert_true(sizeof(l) <= 1024);
  leak_init(&l, 1800, 1000);
  last_of_line(&l, 1, 10, 1800);
  memcpy(file, &l, sizeof(l));
  memcpy(&copy, file, sizeof(l));
  for (double t = 1810; t < 3600; t += 10)
    assert_true(leak_add(&l, t, 1000 + t) == leak_add(&copy, t, 1000 + t));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_no_leak_is_rarely_called_one),
      cmocka_unit_test(leaks_are_found),
      cmocka_unit_test(growth_is_in_the_units_of_the_series),
      cmocka_unit_test(what_stands_or_falls_is_no_leak),
      cmocka_unit_test(a_step_is_no_leak),
      cmocka_unit_test(it_ends_when_the_growth_does),
      cmocka_unit_test(it_cannot_say_before_the_window_is_filled),
      cmocka_unit_test(an_unknown_value_says_nothing),
      cmocka_unit_test(a_gap_is_bridged_and_a_long_one_is_unknown),
      cmocka_unit_test(time_that_steps_back_does_not_stop_it),
      cmocka_unit_test(it_can_be_saved_byte_by_byte),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
