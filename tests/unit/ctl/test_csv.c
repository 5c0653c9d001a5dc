/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "ctl/csv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static char error[128];

static struct csv of(const char *text) {
  return (struct csv){.file = fmemopen((void *)text, strlen(text), "r")};
}

static void expect_row(struct csv *c, double time, double value) {
  struct csv_row row;

  if (csv_next(c, &row, error, sizeof(error)) != 1)
    fail_msg("no row: %s", error);
  if (row.time != time || row.value != value)
    fail_msg("%f,%f", row.time, row.value);
}

static void expect_error(const char *text, const char *message) {
  struct csv c = of(text);
  struct csv_row row;
  int status;

  while ((status = csv_next(&c, &row, error, sizeof(error))) > 0)
    ;
  assert_int_equal(status, -1);
  assert_string_equal(error, message);
  fclose(c.file);
}

static void expect_end(struct csv *c) {
  struct csv_row row;

  assert_int_equal(csv_next(c, &row, error, sizeof(error)), 0);
  fclose(c->file);
}

static void what_collectd_writes_is_read(void **state) {
  struct csv c = of("epoch,value\n1700000000.250,1.5\n1700000010.250,nan\n");
  struct csv_row row;

  (void)state;
  expect_row(&c, 1700000000.25, 1.5);
  assert_int_equal(csv_next(&c, &row, error, sizeof(error)), 1);
  assert_true(row.time == 1700000010.25 && isnan(row.value));
  expect_end(&c);
}

static void a_date_is_utc(void **state) {
  struct csv c = of("timestamp,value\r\n2014-04-01 00:00:00,20.0\r\n"
                    "\n2014-04-01 00:05:01,-2e3");

  (void)state;
  setenv("TZ", "America/New_York", 1);
  expect_row(&c, 1396310400, 20);
  expect_row(&c, 1396310701, -2000);
  expect_end(&c);
}

static void an_error_names_line_and_expectation(void **state) {
  (void)state;
  expect_error("a,b\n1,2\n3\n", "line 3: expected timestamp,value");
  expect_error("1,2\nc,d\n", "line 2: expected epoch seconds or YYYY-MM-DD "
                             "HH:MM:SS before the comma");
  expect_error("2014-04-01 00:00:00.5,1\n",
               "line 1: expected epoch seconds or YYYY-MM-DD HH:MM:SS before "
               "the comma");
  expect_error("1,2\nnan,1\n", "line 2: expected epoch seconds or YYYY-MM-DD "
                               "HH:MM:SS before the comma");
  expect_error("1e300,1\n", "line 1: expected epoch seconds or YYYY-MM-DD "
                            "HH:MM:SS before the comma");
  expect_error("-1,1\n", "line 1: expected epoch seconds or YYYY-MM-DD "
                         "HH:MM:SS before the comma");
  expect_error("1,2,3\n", "line 1: expected one number or nan after the comma");
  expect_error("1,\n", "line 1: expected one number or nan after the comma");
  expect_error("1, 2\n", "line 1: expected one number or nan after the comma");
  expect_error("1,1e999\n",
               "line 1: expected one number or nan after the comma");
}

static void a_line_too_long_is_an_error_and_the_next_is_read(void **state) {
  char text[700];
  struct csv_row row;

  (void)state;
  memset(text, '1', sizeof(text));
  strcpy(text + 600, "\n5,6\n");
  struct csv c = of(text);
  assert_int_equal(csv_next(&c, &row, error, sizeof(error)), -1);
  assert_string_equal(error, "line 1: expected fewer than 256 bytes");
  expect_row(&c, 5, 6);
  expect_end(&c);
}

static void every_length_of_a_line_is_whole_or_an_error(void **state) {
  (void)state;
  for (size_t digits = 240; digits < 270; digits++) {
    char text[300] = "1,0.";
    memset(text + 4, '0', digits);
    strcpy(text + 4 + digits, "\n2,3\n");
    struct csv c = of(text);
    struct csv_row row;
    int status = csv_next(&c, &row, error, sizeof(error));
    assert_int_equal(status, digits + 4 < 255 ? 1 : -1);
    expect_row(&c, 2, 3);
    assert_int_equal(c.line, 2);
    expect_end(&c);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_collectd_writes_is_read),
      cmocka_unit_test(a_date_is_utc),
      cmocka_unit_test(an_error_names_line_and_expectation),
      cmocka_unit_test(a_line_too_long_is_an_error_and_the_next_is_read),
      cmocka_unit_test(every_length_of_a_line_is_whole_or_an_error),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
