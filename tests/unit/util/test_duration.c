/* SPDX-License-Identifier: MIT */
#include "util/duration.h"

#include "unit.h"

#include <math.h>

static void durations_are_whole_numbers_with_units_in_order(void **state) {
  static const struct {
    const char *text;
    double seconds; /* -1: refused */
  } cases[] = {{"0", 0},
               {"0s", 0},
               {"90s", 90},
               {"2m", 120},
               {"1h30m", 5400},
               {"1d", 86400},
               {"1d1h1m1s", 90061},
               {"366d", 31622400},
               {"", -1},
               {"5", -1},
               {"s", -1},
               {"1x", -1},
               {"1m1h", -1},
               {"1m1m", -1},
               {"1.5h", -1},
               {" 1s", -1},
               {"1s ", -1},
               {"-1s", -1},
               {"500ms", -1},
               {"367d", -1},
               {"1h30", -1},
               {"1H", -1},
               {"99999999999999999999999999999999999999999999s", -1}};

  (void)state;
  for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
    double seconds = -1;
    int status = duration_parse(cases[i].text, &seconds);
    assert_int_equal(status, cases[i].seconds < 0 ? -1 : 0);
    assert_true(fabs(seconds - cases[i].seconds) < 1e-9);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(durations_are_whole_numbers_with_units_in_order),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
