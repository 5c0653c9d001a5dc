/* SPDX-License-Identifier: MIT */
/* Functions over time windows: what their header promises one by one, then all
 * of them against a model that keeps every reading. */
#include "alerts/window.h"

#include "random.h"
#include "unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DAY 86400.0
#define ABOVE 1
#define BELOW (-1)

static void near(double a, double b) {
  if (!(fabs(a - b) < 1e-6))
    fail_msg("%.10g is not %.10g", a, b);
}

static struct window *window_new(const struct window_spec *spec, double now) {
  struct window *w = malloc(window_size(spec->function));

  assert_non_null(w);
  window_init(w, spec, now);
  return w;
}

static struct window *make(enum window_function function, double width,
                           double parameter, double now) {
  const struct window_spec spec = {function, width, parameter};

  return window_new(&spec, now);
}

static void put(struct window *w, double value, double interval, double now) {
  const struct reading r = {value, NAN};

  window_add(w, &r, interval, now);
}

static void grow(struct window *w, double increment, double interval,
                 double now) {
  const struct reading r = {NAN, increment};

  window_add(w, &r, interval, now);
}

/* ----------------------------------------------------------------- delta */

static void increments_add_up(void **state) {
  struct window *w = make(WINDOW_DELTA, 600, 0, 1000);

  (void)state;
  for (int i = 0; i < 10; i++)
    grow(w, i, 10, 1000 + 10 * i);
  near(window_value(w, ABOVE, 1090), 45);
  free(w);
}

/* An increment is spread over the time that it covers; the oldest 1/60 of the
 * width counts with its share. */
static void none_is_forgotten_early_nor_late(void **state) {
  (void)state;
  for (int offset = 0; offset < 600; offset += 7) {
    double t = 1000 + offset;
    struct window *w = make(WINDOW_DELTA, 600, 0, t - 10);
    grow(w, 5, 10, t);
    grow(w, 1, 10, t + 500);
    near(window_value(w, ABOVE, t + 500), 6);
    near(window_value(w, ABOVE, t + 580), 6);
    near(window_value(w, ABOVE, t + 610), 1);
    free(w);
  }
}

static void a_steady_rate_is_its_sum(void **state) {
  struct window *w = make(WINDOW_DELTA, 3600, 0, 0);

  (void)state;
  for (int i = 1; i <= 10000; i++) {
    grow(w, 2, 10, i * 10.0);
    if (i >= 370)
      near(window_value(w, ABOVE, i * 10.0), 720);
  }
  free(w);
}

/* As a person would count: not 2.7 disconnects. */
static void whole_increments_have_a_whole_sum(void **state) {
  struct window *w = make(WINDOW_DELTA, 600, 0, 0);

  (void)state;
  for (int i = 1; i <= 1000; i++) {
    grow(w, i % 7 == 0, 10, i * 10.0);
    double sum = window_value(w, ABOVE, i * 10.0);
    near(sum, round(sum));
    assert_true(i < 70 || (sum >= 8 && sum <= 9));
  }
  grow(w, 0.5, 10, 10010);
  near(window_value(w, ABOVE, 10010), 8.5);
  free(w);
}

static void a_gap_counts_only_with_its_share(void **state) {
  struct window *w = make(WINDOW_DELTA, 600, 0, 0);

  (void)state;
  grow(w, 120, 10, 1200); /* half of it was before */
  near(window_value(w, ABOVE, 1200), 60);
  near(window_value(w, ABOVE, 1500), 30); /* and half of that is over */
  grow(w, 30, 10, 1800);
  near(window_value(w, ABOVE, 1800), 30);
  grow(w, 0.5, 10, 1e9);
  near(window_value(w, ABOVE, 1e9), 300 / (1e9 - 1800));
  free(w);
}

static void time_that_steps_back_keeps_what_is_there(void **state) {
  struct window *w = make(WINDOW_DELTA, 600, 0, 100000);

  (void)state;
  grow(w, 3, 10, 100000);
  grow(w, 4, 10, 100300);
  window_rewind(w, 50);
  near(window_value(w, ABOVE, 50), 7);
  grow(w, 1, 10, 50 + 320);
  near(window_value(w, ABOVE, 50 + 320), 5); /* the first is 620 s old */
  grow(w, 1, 10, 50 + 630);
  near(window_value(w, ABOVE, 50 + 630), 2);
  free(w);
}

static void times_before_zero_work(void **state) {
  struct window *w = make(WINDOW_DELTA, 60, 0, -1000);

  (void)state;
  grow(w, 1, 1, -1000);
  grow(w, 1, 1, -960);
  near(window_value(w, ABOVE, -941), 2);
  near(window_value(w, ABOVE, -930), 1);
  grow(w, 0.5, 1, 10);
  near(window_value(w, ABOVE, 10), 30.0 / 970);
  free(w);
}

/* ------------------------------------------------------------ the others */

static void each_function_is_what_its_name_says(void **state) {
  static const double values[] = {4, 1, 3, 3, 9, 1};
  static const struct {
    enum window_function function;
    double parameter;
    double result;
  } cases[] = {
      {WINDOW_AVG, 0, 3.5},
      {WINDOW_MIN, 0, 1},
      {WINDOW_MAX, 0, 9},
      {WINDOW_RATE, 0, -3.0 / 50},
      {WINDOW_DELTA, 0, -3},
      {WINDOW_PERCENTILE, 50, 3},
      {WINDOW_PERCENTILE, 0, 1},
      {WINDOW_PERCENTILE, 100, 9},
      {WINDOW_PERCENTILE, 80, 4},
      {WINDOW_PERCENTILE, 90, 9},
      {WINDOW_COUNT_OVER, 3, 2},
      {WINDOW_FLAPS, 0, 4},
      {WINDOW_BURN_RATE, 0.99, 0},
      {WINDOW_BURN_RATE, 50, 193.0 / 100},
      {WINDOW_BURN_RATE, 99.9, 965},
  };

  (void)state;
  for (size_t k = 0; k < sizeof(cases) / sizeof(*cases); k++) {
    struct window *w = make(cases[k].function, 60, cases[k].parameter, 1000);
    for (int i = 0; i < 6; i++) {
      const struct reading r = {values[i],
                                i == 0 ? NAN : values[i] - values[i - 1]};
      window_add(w, &r, 10, 1000 + 10 * i);
    }
    near(window_value(w, ABOVE, 1050), cases[k].result);
    free(w);
  }
}

static void a_steady_interval_sees_the_readings_of_one_width(void **state) {
  struct window *over = make(WINDOW_COUNT_OVER, 60, 0, 0);
  struct window *avg = make(WINDOW_AVG, 10, 0, 0);

  (void)state;
  for (int i = 0; i < 1000; i++) {
    put(over, 1, 10, 10 * i);
    put(avg, i, 10, 10 * i);
    if (i >= 6)
      near(window_value(over, ABOVE, 10 * i), 6);
    near(window_value(avg, ABOVE, 10 * i), i);
  }
  free(over);
  free(avg);
}

static void an_average_weighs_by_time(void **state) {
  struct window *w = make(WINDOW_AVG, 600, 0, 0);

  (void)state;
  put(w, 0, 100, 100);
  for (int i = 1; i <= 100; i++)
    put(w, 10, 1, 100 + i); /* as long as the one before */
  put(w, 40, 100, 300);
  near(window_value(w, ABOVE, 300), (0 + 10 * 100 + 40 * 100) / 300.0);
  free(w);
}

static void of_a_gap_three_intervals_count(void **state) {
  struct window *w = make(WINDOW_AVG, 600, 0, 0);

  (void)state;
  for (int t = 10; t <= 600; t += 10)
    put(w, 0, 10, t);
  put(w, 70, 10, 900); /* 300 s, 270 of them unknown */
  near(window_value(w, ABOVE, 900), 70 * 30 / 330.0);
  free(w);
}

static void the_mean_of_what_never_changes_is_exactly_that(void **state) {
  struct window *avg = make(WINDOW_AVG, 600, 0, 0);
  struct window *rank = make(WINDOW_PERCENTILE, 600, 95, 0);

  (void)state;
  for (double t = 0; t < 5000; t += 9.7 + fmod(t, 0.7)) {
    put(avg, 0.1, 10, t);
    put(rank, 0.1, 10, t);
    if (t > 300) {
      assert_false(window_value(avg, ABOVE, t) > 0.1);
      assert_false(window_value(avg, ABOVE, t) < 0.1);
      assert_false(window_value(rank, ABOVE, t) > 0.1);
      assert_false(window_value(rank, ABOVE, t) < 0.1);
    }
  }
  free(avg);
  free(rank);
}

static void what_is_not_finite_is_ignored(void **state) {
  (void)state;
  for (int f = 0; f < WINDOW_FUNCTIONS; f++) {
    struct window *w = make((enum window_function)f, 60, 0.5, 0);
    for (int i = 0; i < 100; i++) {
      const struct reading r = {i % 2 ? NAN : INFINITY, -INFINITY};
      window_add(w, &r, 10, i);
      assert_true(isnan(window_value(w, ABOVE, i)));
    }
    free(w);
  }
}

static void a_counter_that_was_reset_keeps_its_rate(void **state) {
  struct window *w = make(WINDOW_RATE, 60, 0, 0);
  const struct reading first = {NAN, NAN};
  const struct reading step = {2, 20};
  const struct reading reset = {NAN, 20}; /* sample.h */

  (void)state;
  window_add(w, &first, 10, 0);
  for (int i = 1; i < 30; i++) {
    window_add(w, i % 4 == 0 ? &reset : &step, 10, 10 * i);
    if (i >= 3)
      near(window_value(w, ABOVE, 10 * i), 2);
  }
  free(w);
}

/* --------------------------------------------------- not yet enough seen */

/* Readings of 1 every 10 s, width 600: seconds until the first figure. */
static double first_figure(enum window_function function, int side) {
  struct window *w = make(function, 600, 0.5, 0);

  for (int t = 0; t <= 1000; t += 10) {
    const struct reading r = {1, t == 0 ? NAN : 1};
    window_add(w, &r, 10, t);
    if (!isnan(window_value(w, side, t))) {
      free(w);
      return t;
    }
  }
  free(w);
  return INFINITY;
}

static void figures_wait_until_enough_is_seen(void **state) {
  static const struct {
    enum window_function function;
    double above, below, neither;
  } cases[] = {
      {WINDOW_AVG, 290, 290, 290},      {WINDOW_MIN, 590, 0, 590},
      {WINDOW_MAX, 0, 590, 590},        {WINDOW_RATE, 300, 300, 300},
      {WINDOW_DELTA, 10, 600, 600},     {WINDOW_PERCENTILE, 290, 290, 290},
      {WINDOW_COUNT_OVER, 0, 590, 590}, {WINDOW_FLAPS, 0, 590, 590},
      {WINDOW_BURN_RATE, 0, 290, 290},
  };

  (void)state;
  for (int f = 0; f < WINDOW_FUNCTIONS; f++) {
    assert_int_equal(cases[f].function, f);
    near(first_figure((enum window_function)f, ABOVE), cases[f].above);
    near(first_figure((enum window_function)f, BELOW), cases[f].below);
    near(first_figure((enum window_function)f, 0), cases[f].neither);
  }
}

static void a_gap_has_to_be_made_up_for(void **state) {
  struct window *w = make(WINDOW_AVG, 600, 0, 0);

  (void)state;
  for (int t = 0; t <= 600; t += 10)
    put(w, 1, 10, t);
  assert_true(!isnan(window_value(w, ABOVE, 900))); /* half is still known */
  assert_true(isnan(window_value(w, ABOVE, 910)));
  for (int t = 1110; t < 1380; t += 10) { /* 480 s unknown, 120 known */
    put(w, 1, 10, t);
    assert_int_equal(isnan(window_value(w, ABOVE, t)), t < 1290);
  }
  free(w);
}

static void what_burnt_before_half_was_seen_is_a_lower_bound(void **state) {
  struct window *w = make(WINDOW_BURN_RATE, 3600, 0.99, 0);

  (void)state;
  for (int t = 0; t < 180; t += 10)
    put(w, 0, 10, t);
  near(window_value(w, ABOVE, 170), 180 / 1800.0 / 0.01);
  for (int t = 180; t <= 3500; t += 10)
    put(w, 1, 10, t);
  near(window_value(w, ABOVE, 3500), 180 / 3510.0 / 0.01);
  free(w);
}

/* ----------------------------------------------------------------- bytes */

static void they_stay_within_their_bounds(void **state) {
  (void)state;
  for (int f = 0; f < WINDOW_FUNCTIONS; f++)
    assert_true(window_size((enum window_function)f) <=
                (f == WINDOW_PERCENTILE ? 4096 : 1024));
  assert_true(window_size(WINDOW_DELTA) <= 600);
}

static void a_copy_of_the_bytes_goes_on_alike(void **state) {
  (void)state;
  for (int f = 0; f < WINDOW_FUNCTIONS; f++) {
    const struct window_spec spec = {(enum window_function)f, 600, 0.5};
    struct window *a = window_new(&spec, 0);
    struct window *b = malloc(window_size(spec.function));
    assert_non_null(b);
    for (int i = 0; i < 200; i++) {
      const struct reading r = {sin(i), cos(i)};
      window_add(a, &r, 10, 10 * i);
    }
    memcpy(b, a, window_size(spec.function));
    assert_true(window_fits(b, &spec, 2000));
    for (int i = 200; i < 300; i++) {
      const struct reading r = {sin(i), cos(i)};
      window_add(a, &r, 10, 10 * i);
      window_add(b, &r, 10, 10 * i);
      near(window_value(a, ABOVE, 10 * i), window_value(b, ABOVE, 10 * i));
    }
    free(a);
    free(b);
  }
}

/* They are saved, and memory that nobody set is not to get into a file. */
static void the_bytes_depend_on_nothing_but_what_is_specified(void **state) {
  (void)state;
  for (int f = 0; f < WINDOW_FUNCTIONS; f++) {
    struct window *w[2];
    size_t size = window_size((enum window_function)f);
    for (int i = 0; i < 2; i++) {
      struct window_spec spec;
      memset(&spec, i == 0 ? 0 : 0xff, sizeof(spec)); /* its padding, too */
      spec.function = (enum window_function)f;
      spec.width = 600;
      spec.parameter = 0.5;
      w[i] = window_new(&spec, 0);
    }
    assert_memory_equal(w[0], w[1], size);
    free(w[0]);
    free(w[1]);
  }
}

static void another_specification_does_not_fit(void **state) {
  const struct window_spec spec = {WINDOW_PERCENTILE, 600, 95};
  struct window_spec other = spec;
  struct window *w = window_new(&spec, 0);

  (void)state;
  assert_true(window_fits(w, &spec, 600));
  other.width = 601;
  assert_false(window_fits(w, &other, 600));
  other = spec;
  other.parameter = 96;
  assert_false(window_fits(w, &other, 600));
  other = spec;
  other.function = WINDOW_AVG;
  assert_false(window_fits(w, &other, 600));
  free(w);
}

static void foreign_bytes_do_no_harm(void **state) {
  (void)state;
  srand(3);
  for (int run = 0; run < 20000; run++) {
    const struct window_spec spec = {
        (enum window_function)(run % WINDOW_FUNCTIONS), 600, 0.5};
    struct window *w = window_new(&spec, 0);
    size_t size = window_size(spec.function);
    for (int i = 0; i < 300; i++)
      put(w, run % 4 < 2 ? rand() % 100 : i, 2, 2 * i);
    for (int i = 1 + rand() % 3; i > 0; i--)
      ((unsigned char *)w)[(size_t)rand() % (run % 2 ? size : 100)] =
          (unsigned char)rand();
    if (window_fits(w, &spec, 600)) {
      put(w, 1, 10, 700);
      window_rewind(w, 100);
      put(w, 2, 10, 200);
      (void)window_value(w, ABOVE, 200);
    }
    free(w);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(increments_add_up),
      cmocka_unit_test(none_is_forgotten_early_nor_late),
      cmocka_unit_test(a_steady_rate_is_its_sum),
      cmocka_unit_test(whole_increments_have_a_whole_sum),
      cmocka_unit_test(a_gap_counts_only_with_its_share),
      cmocka_unit_test(time_that_steps_back_keeps_what_is_there),
      cmocka_unit_test(times_before_zero_work),
      cmocka_unit_test(each_function_is_what_its_name_says),
      cmocka_unit_test(a_steady_interval_sees_the_readings_of_one_width),
      cmocka_unit_test(an_average_weighs_by_time),
      cmocka_unit_test(of_a_gap_three_intervals_count),
      cmocka_unit_test(the_mean_of_what_never_changes_is_exactly_that),
      cmocka_unit_test(what_is_not_finite_is_ignored),
      cmocka_unit_test(a_counter_that_was_reset_keeps_its_rate),
      cmocka_unit_test(figures_wait_until_enough_is_seen),
      cmocka_unit_test(a_gap_has_to_be_made_up_for),
      cmocka_unit_test(what_burnt_before_half_was_seen_is_a_lower_bound),
      cmocka_unit_test(they_stay_within_their_bounds),
      cmocka_unit_test(a_copy_of_the_bytes_goes_on_alike),
      cmocka_unit_test(the_bytes_depend_on_nothing_but_what_is_specified),
      cmocka_unit_test(another_specification_does_not_fit),
      cmocka_unit_test(foreign_bytes_do_no_harm),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
