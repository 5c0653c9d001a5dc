/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "report/health.h"

#include <math.h>
#include <string.h>

static const struct health_inputs well = {.up = 1};

static double score(struct health_inputs in) { return health_judge(&in).score; }

static void expect_score(struct health_inputs in, double expected) {
  assert_true(fabs(score(in) - expected) < 1e-9);
}

static void expect_only(struct health_inputs in, double points,
                        const char *why) {
  struct health h = health_judge(&in);

  assert_int_equal(h.reasons_num, 1);
  assert_string_equal(h.reasons[0].why, why);
  assert_true(fabs(h.reasons[0].points - points) < 1e-9);
  assert_true(fabs(h.score - (100 - points)) < 1e-9);
}

static void a_well_hub_has_a_hundred_and_no_reason(void **state) {
  struct health h = health_judge(&well);

  (void)state;
  expect_score(well, 100);
  assert_int_equal(h.reasons_num, 0);
  assert_int_equal(h.grade, HEALTH_EXCELLENT);
}

static void each_input_takes_its_points_and_says_why(void **state) {
  (void)state;
  expect_only((struct health_inputs){.up = 0}, 50, "the hub is down");
  expect_only((struct health_inputs){.up = 1, .servers_down = 1}, 30,
              "1 server disconnected or dead");
  expect_only((struct health_inputs){.up = 1, .servers_down = 3}, 30,
              "3 servers disconnected or dead");
  expect_only((struct health_inputs){.up = 1, .log_errors = 25}, 4,
              "25 errors in the last 1000 log entries");
  expect_only((struct health_inputs){.up = 1, .cpu_percent = 7.5}, 15,
              "CPU 7.5 % is above 5 %");
  expect_only((struct health_inputs){.up = 1, .memory_percent = 12}, 15,
              "memory 12 % is above 5 %");
  expect_only((struct health_inputs){.up = 1, .alerts = 7}, 10,
              "7 alerts in 24 h");
}

static void points_come_at_the_limit_and_not_before(void **state) {
  (void)state;
  expect_score((struct health_inputs){.up = 1, .log_errors = 9}, 100);
  expect_score((struct health_inputs){.up = 1, .log_errors = 10}, 98);
  expect_score((struct health_inputs){.up = 1, .log_errors = 19}, 98);
  expect_score((struct health_inputs){.up = 1, .cpu_percent = 5}, 100);
  expect_score((struct health_inputs){.up = 1, .cpu_percent = 5.01}, 85);
  expect_score((struct health_inputs){.up = 1, .memory_percent = 5}, 100);
  expect_score((struct health_inputs){.up = 1, .alerts = 4}, 100);
  expect_score((struct health_inputs){.up = 1, .alerts = 5}, 90);
}

static void points_have_a_most(void **state) {
  (void)state;
  expect_score((struct health_inputs){.up = 1, .log_errors = 100}, 80);
  expect_score((struct health_inputs){.up = 1, .log_errors = 1000}, 80);
  expect_score((struct health_inputs){.up = 1, .log_errors = INFINITY}, 80);
  expect_score((struct health_inputs){.up = 1, .alerts = 10}, 80);
  expect_score((struct health_inputs){.up = 1, .alerts = 1e300}, 80);
  expect_score((struct health_inputs){.up = 1, .servers_down = 1e9}, 70);
}

static void the_score_is_never_below_0(void **state) {
  struct health h = health_judge(&(struct health_inputs){
      0, 2, 1000, INFINITY, INFINITY, INFINITY}); /* 150 points */

  (void)state;
  assert_true(h.score >= 0 && h.score <= 0);
  assert_int_equal(h.reasons_num, HEALTH_REASONS);
  assert_int_equal(h.grade, HEALTH_POOR);
}

static void nonsense_takes_nothing(void **state) {
  (void)state;
  expect_score((struct health_inputs){1, -1, -50, -7, -INFINITY, -3}, 100);
}

static void the_unknown_takes_nothing_and_is_said(void **state) {
  static const char *const whys[HEALTH_REASONS] = {
      "whether the hub is up is unknown",
      "the state of the servers is unknown",
      "the number of errors in the log is unknown",
      "CPU is unknown",
      "memory is unknown",
      "the number of alerts is unknown"};
  double in[HEALTH_REASONS];

  (void)state;
  for (int i = 0; i < HEALTH_REASONS; i++) {
    memset(in, 0, sizeof(in));
    in[0] = 1;
    in[i] = NAN;
    expect_only(
        (struct health_inputs){in[0], in[1], in[2], in[3], in[4], in[5]}, 0,
        whys[i]);
  }
}

static void a_hub_of_which_nothing_is_known_has_no_score(void **state) {
  struct health h =
      health_judge(&(struct health_inputs){NAN, NAN, NAN, NAN, NAN, 12});

  (void)state;
  assert_true(isnan(h.score));
  assert_int_equal(h.grade, HEALTH_UNKNOWN);
  assert_int_equal(h.reasons_num, HEALTH_REASONS);
  expect_score((struct health_inputs){NAN, NAN, NAN, 6, NAN, NAN}, 85);
}

static void grades_begin_at_90_75_and_50(void **state) {
  static const struct {
    struct health_inputs in;
    enum health_grade grade;
    const char *name;
  } cases[] = {
      {{.up = 1, .log_errors = 50}, HEALTH_EXCELLENT, "excellent"}, /* 90 */
      {{.up = 1, .log_errors = 60}, HEALTH_GOOD, "good"},           /* 88 */
      {{.up = 1, .cpu_percent = 6, .log_errors = 50}, HEALTH_GOOD, "good"},
      {{.up = 1, .cpu_percent = 6, .log_errors = 60}, HEALTH_FAIR, "fair"},
      {{.up = 0}, HEALTH_FAIR, "fair"}, /* 50 */
      {{.up = 0, .log_errors = 10}, HEALTH_POOR, "poor"},
  };

  (void)state;
  for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
    struct health h = health_judge(&cases[i].in);
    assert_int_equal(h.grade, cases[i].grade);
    assert_string_equal(health_grade_name(h.grade), cases[i].name);
  }
  assert_string_equal(health_grade_name(HEALTH_UNKNOWN), "unknown");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_well_hub_has_a_hundred_and_no_reason),
      cmocka_unit_test(each_input_takes_its_points_and_says_why),
      cmocka_unit_test(points_come_at_the_limit_and_not_before),
      cmocka_unit_test(points_have_a_most),
      cmocka_unit_test(the_score_is_never_below_0),
      cmocka_unit_test(nonsense_takes_nothing),
      cmocka_unit_test(the_unknown_takes_nothing_and_is_said),
      cmocka_unit_test(a_hub_of_which_nothing_is_known_has_no_score),
      cmocka_unit_test(grades_begin_at_90_75_and_50),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
