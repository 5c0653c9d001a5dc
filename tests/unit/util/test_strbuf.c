/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "util/strbuf.h"

#include <string.h>

static void a_buffer_grows(void **state) {
  struct strbuf b = {0};

  (void)state;
  for (int i = 0; i < 10000; i++)
    strbuf_format(&b, "%04d", i);
  strbuf_string(&b, "end");
  strbuf_add(&b, "xyz", 1);
  assert_false(b.failed);
  assert_int_equal(b.len, 40004);
  assert_int_equal(strlen(b.text), 40004);
  assert_memory_equal(b.text, "000000010002", 12);
  assert_string_equal(b.text + 39996, "9999endx");
  strbuf_clear(&b);
  assert_null(b.text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_buffer_grows),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
