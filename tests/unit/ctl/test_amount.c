/* SPDX-License-Identifier: MIT */
/* Figures as people read them. */
#include "unit.h"

#include "ctl/amount.h"

#include <math.h>

static void assert_amount(enum amount_unit unit, double value,
                          const char *expected) {
  char buf[AMOUNT_MAX];
  assert_string_equal(amount_text(unit, value, buf), expected);
}

static void assert_value(enum metric metric, double value,
                         const char *expected) {
  char buf[AMOUNT_MAX];
  assert_string_equal(amount_of(metric, value, buf), expected);
}

static void what_is_not_known_says_so(void **state) {
  (void)state;
  for (int unit = AMOUNT_COUNT; unit <= AMOUNT_BYTES; unit++)
    assert_amount((enum amount_unit)unit, NAN, "unknown");
}

static void a_percentage_is_100_only_when_nothing_is_missing(void **state) {
  (void)state;
  assert_amount(AMOUNT_PERCENT, 100, "100 %");
  assert_amount(AMOUNT_PERCENT, 99.99, "99.99 %");
  assert_amount(AMOUNT_PERCENT, 81.64, "81.6 %");
  assert_amount(AMOUNT_PERCENT, 0, "0 %");
}

static void times_are_in_the_unit_that_fits(void **state) {
  (void)state;
  assert_amount(AMOUNT_SECONDS, 0.0012, "1.2 ms");
  assert_amount(AMOUNT_SECONDS, 0.7, "700 ms");
  assert_amount(AMOUNT_SECONDS, 2.4, "2.40 s");
  assert_amount(AMOUNT_SECONDS, 61, "61 s");
}

static void bytes_and_counts_are_grouped(void **state) {
  (void)state;
  assert_amount(AMOUNT_BYTES, 0, "0 B");
  assert_amount(AMOUNT_BYTES, 1536, "1.5 KiB");
  assert_amount(AMOUNT_BYTES, 500 * 1048576.0, "500 MiB");
  assert_amount(AMOUNT_COUNT, 999, "999");
  assert_amount(AMOUNT_COUNT, 1234567, "1,234,567");
  assert_amount(AMOUNT_COUNT, -123456, "-123,456");
  assert_amount(AMOUNT_COUNT, 0.25, "0.25");
}

static void states_are_words_and_strange_ones_numbers(void **state) {
  (void)state;
  assert_value(METRIC_BREAKER_STATE, 1, "half-open");
  assert_value(METRIC_STATE, 8, "unreachable");
  assert_value(METRIC_SERVER_STATE, 5, "dead");
  assert_value(METRIC_SERVER_STATE, 6, "state 6");
  assert_value(METRIC_SERVER_STATE, -1, "state -1");
  assert_value(METRIC_SERVER_STATE, NAN, "unknown");
}

static void values_are_in_the_unit_of_the_table(void **state) {
  (void)state;
  assert_value(METRIC_CPU, 5, "5.0 %");
  assert_value(METRIC_LATENCY_P95, 2, "2.00 s");
  assert_value(METRIC_UPTIME, 61, "1 min 1 s");
  assert_value(METRIC_RSS, 1048576, "1.0 MiB");
  assert_value(METRIC_QUEUE, 1000, "1,000");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_not_known_says_so),
      cmocka_unit_test(a_percentage_is_100_only_when_nothing_is_missing),
      cmocka_unit_test(times_are_in_the_unit_that_fits),
      cmocka_unit_test(bytes_and_counts_are_grouped),
      cmocka_unit_test(states_are_words_and_strange_ones_numbers),
      cmocka_unit_test(values_are_in_the_unit_of_the_table),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
