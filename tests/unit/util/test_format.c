/* SPDX-License-Identifier: MIT */
/* Numbers and times as people read them. */
#include "unit.h"

#include "util/format.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

typedef const char *(*format_fn)(double value, char buf[FORMAT_MAX]);

static void assert_format(format_fn format, double value,
                          const char *expected) {
  char buf[FORMAT_MAX];
  assert_string_equal(format(value, buf), expected);
}

static void what_is_not_known_says_so(void **state) {
  static const format_fn all[] = {
      format_number, format_count,   format_percent,
      format_bytes,  format_seconds, format_duration,
      format_moment, format_minute,  format_clock};
  (void)state;
  for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
    assert_format(all[i], NAN, "unknown");
}

static void numbers_are_short(void **state) {
  static const struct {
    double value;
    const char *text;
  } cases[] = {{0, "0"},
               {-0.0, "0"},
               {2.5, "2.5"},
               {100.0 / 3, "33.3333"},
               {524288000, "524288000"},
               {999999.7, "1000000"},
               {123456.7, "123457"},
               {-5e9, "-5000000000"},
               {1e14, "100000000000000"},
               {1e15, "1e+15"},
               {0.0001, "0.0001"},
               {1e-7, "1e-07"},
               {NAN, "unknown"},
               {INFINITY, "inf"},
               {-INFINITY, "-inf"}};

  (void)state;
  for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
    assert_format(format_number, cases[i].value, cases[i].text);
}

static void durations_have_two_units(void **state) {
  static const struct {
    double seconds;
    const char *text;
  } cases[] = {{0, "0 s"},
               {-3, "0 s"},
               {NAN, "unknown"},
               {59.4, "59 s"},
               {59.9, "1 min 0 s"},
               {60, "1 min 0 s"},
               {125, "2 min 5 s"},
               {3600, "1 h 0 min"},
               {7384, "2 h 3 min"},
               {86400, "1 d 0 h"},
               {31536000 - 1, "364 d 23 h"}};

  (void)state;
  for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
    assert_format(format_duration, cases[i].seconds, cases[i].text);
}

static void a_percentage_is_100_only_when_nothing_is_missing(void **state) {
  (void)state;
  assert_format(format_percent, 100, "100 %");
  assert_format(format_percent, 99.99, "99.99 %");
  assert_format(format_percent, 81.64, "81.6 %");
  assert_format(format_percent, 0, "0 %");
}

static void times_are_in_the_unit_that_fits(void **state) {
  (void)state;
  assert_format(format_seconds, 0.0012, "1.2 ms");
  assert_format(format_seconds, 0.7, "700 ms");
  assert_format(format_seconds, 2.4, "2.40 s");
  assert_format(format_seconds, 61, "61 s");
}

static void bytes_and_counts_are_grouped(void **state) {
  (void)state;
  assert_format(format_bytes, 0, "0 B");
  assert_format(format_bytes, 1536, "1.5 KiB");
  assert_format(format_bytes, 500 * 1048576.0, "500 MiB");
  assert_format(format_count, 999, "999");
  assert_format(format_count, 1234567, "1,234,567");
  assert_format(format_count, -123456, "-123,456");
  assert_format(format_count, 0.25, "0.25");
  assert_format(format_count, 1e15, "1e+15");
}

static void moments_are_local_and_have_bounds(void **state) {
  (void)state;
  assert_format(format_moment, 1764547203.9, "2025-12-01 01:00:03");
  assert_format(format_minute, 1764547203, "2025-12-01 01:00");
  assert_format(format_clock, 1764547203, "01:00:03");
  assert_format(format_moment, -1, "unknown");
  assert_format(format_moment, 253402300800.0, "unknown");
  assert_format(format_moment, INFINITY, "unknown");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_not_known_says_so),
      cmocka_unit_test(numbers_are_short),
      cmocka_unit_test(durations_have_two_units),
      cmocka_unit_test(a_percentage_is_100_only_when_nothing_is_missing),
      cmocka_unit_test(times_are_in_the_unit_that_fits),
      cmocka_unit_test(bytes_and_counts_are_grouped),
      cmocka_unit_test(moments_are_local_and_have_bounds),
  };
  setenv("TZ", "CET-1", 1);
  tzset();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
