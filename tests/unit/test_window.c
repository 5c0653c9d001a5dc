#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "alerts/window.h"

#include <math.h>
#include <stdlib.h>

static void near(double a, double b) {
  if (!(fabs(a - b) < 1e-6))
    fail_msg("%.10g is not %.10g", a, b);
}

static void increments_add_up(void **state) {
  struct window w;

  (void)state;
  window_init(&w, 600, 1000);
  near(window_sum(&w, 1000), 0);
  for (int i = 0; i < 10; i++)
    window_add(&w, i, 10, 1000 + 10 * i);
  near(window_sum(&w, 1090), 45);
}

static void none_is_forgotten_early_nor_late(void **state) {
  (void)state;
  for (int offset = 0; offset < 600; offset += 7) {
    struct window w;
    double t = 1000 + offset;
    window_init(&w, 600, t);
    window_add(&w, 5, 10, t);
    near(window_sum(&w, t + 599.9), 5);
    near(window_sum(&w, t + 600), 5);
    near(window_sum(&w, t + 611), 0);
  }
}

static void a_steady_rate_is_its_sum(void **state) {
  struct window w;

  (void)state;
  window_init(&w, 3600, 0);
  for (int i = 1; i <= 10000; i++) {
    window_add(&w, 2, 10, i * 10.0);
    if (i >= 370) {
      double sum = window_sum(&w, i * 10.0);
      assert_true(sum >= 720 && sum <= 734);
    }
  }
}

static void a_gap_counts_only_with_its_share(void **state) {
  struct window w;

  (void)state;
  window_init(&w, 600, 0);
  window_add(&w, 120, 1200, 1200); /* half of it was before */
  near(window_sum(&w, 1200), 60);
  window_add(&w, 30, 600, 1800);
  near(window_sum(&w, 1800), 90);
  window_add(&w, 1, 1e9, 1e9);
  near(window_sum(&w, 1e9), 6e-7);
}

static void it_is_full_after_a_whole_width(void **state) {
  struct window w;

  (void)state;
  window_init(&w, 60, 100);
  assert_false(window_full(&w, 159.9));
  assert_true(window_full(&w, 160));
}

static void time_that_steps_back_keeps_what_is_there(void **state) {
  struct window w;

  (void)state;
  window_init(&w, 600, 100000);
  window_add(&w, 3, 10, 100000);
  window_add(&w, 4, 10, 100300);
  window_rewind(&w, 50);
  near(window_sum(&w, 50), 7);
  assert_false(window_full(&w, 60));
  near(window_sum(&w, 50 + 320), 4); /* the first is 620 old */
  near(window_sum(&w, 50 + 620), 0);
}

static void times_before_zero_work(void **state) {
  struct window w;

  (void)state;
  window_init(&w, 60, -1000);
  window_add(&w, 1, 1, -1000);
  window_add(&w, 1, 1, -960);
  near(window_sum(&w, -941), 2);
  near(window_sum(&w, -930), 1);
  near(window_sum(&w, 10), 0);
}

/* Against a list of everything. */
static void it_agrees_with_a_list(void **state) {
  (void)state;
  srand(1);
  for (int run = 0; run < 200; run++) {
    double times[300];
    double values[300];
    double width = 1 + rand() % 5000;
    double now = rand() % 100000;
    struct window w;
    window_init(&w, width, now);
    for (int n = 0; n < 300; n++) {
      double least = 0;
      double most = 0;
      now += rand() % 30;
      times[n] = now;
      values[n] = rand() % 100;
      window_add(&w, values[n], 0, now);
      for (int i = 0; i <= n; i++) {
        least += now - times[i] <= width * 0.999 ? values[i] : 0;
        most += now - times[i] <= width * 61.01 / 60 ? values[i] : 0;
      }
      assert_true(window_sum(&w, now) >= least - 1e-6);
      assert_true(window_sum(&w, now) <= most + 1e-6);
    }
  }
}

static void it_stays_below_a_kibibyte(void **state) {
  (void)state;
  assert_true(sizeof(struct window) <= 600);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(increments_add_up),
      cmocka_unit_test(none_is_forgotten_early_nor_late),
      cmocka_unit_test(a_steady_rate_is_its_sum),
      cmocka_unit_test(a_gap_counts_only_with_its_share),
      cmocka_unit_test(it_is_full_after_a_whole_width),
      cmocka_unit_test(time_that_steps_back_keeps_what_is_there),
      cmocka_unit_test(times_before_zero_work),
      cmocka_unit_test(it_agrees_with_a_list),
      cmocka_unit_test(it_stays_below_a_kibibyte),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
