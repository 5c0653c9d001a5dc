/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "util/timestamp.h"

static void it_is_read_with_its_offset(void **state) {
  static const struct {
    const char *text;
    long epoch;
  } good[] = {{"1970-01-01T00:00:00Z", 0},
              {"2026-12-01T08:00:00Z", 1796112000},
              {"2026-12-01T09:00:00+01:00", 1796112000},
              {"2026-12-01T02:30:00-05:30", 1796112000},
              {"2028-02-29T00:00:00Z", 1835395200}};

  (void)state;
  for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
    double epoch = -1;
    assert_int_equal(timestamp_parse(good[i].text, &epoch), 0);
    assert_int_equal((long)epoch, good[i].epoch);
  }
}

static void anything_else_is_none(void **state) {
  static const char *const bad[] = {"",
                                    "2026-12-01",
                                    "2026-12-01T08:00:00",
                                    "2026-12-01T08:00:00z",
                                    "2026-12-01 08:00:00Z",
                                    "2026-12-01T08:00Z",
                                    "2026-12-01T08:00:00.5Z",
                                    "2026-02-30T08:00:00Z",
                                    "2027-02-29T08:00:00Z",
                                    "2026-13-01T08:00:00Z",
                                    "2026-12-01T25:00:00Z",
                                    "2026-12-01T08:00:00+1:00",
                                    "2026-12-01T08:00:00+24:00",
                                    "2026-12-01T08:00:00+01:60",
                                    "2026-12-01T08:00:00+-1:00",
                                    "2026-12-01T08:00:00Z ",
                                    "tomorrow"};
  double epoch = 7;

  (void)state;
  for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
    assert_int_equal(timestamp_parse(bad[i], &epoch), -1);
  assert_int_equal((int)epoch, 7);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(it_is_read_with_its_offset),
      cmocka_unit_test(anything_else_is_none),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
