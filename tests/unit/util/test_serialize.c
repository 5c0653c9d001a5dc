/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "util/serialize.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct deserializer reader_of(const struct serializer *b) {
  return (struct deserializer){.at = b->data, .left = b->len};
}

static void what_was_put_in_comes_out(void **state) {
  struct serializer b = {0};
  struct deserializer r;

  (void)state;
  serialize_u64(&b, UINT64_MAX);
  serialize_text(&b, "");
  serialize_double(&b, -0.5);
  serialize_double(&b, 1e9);
  serialize_text(&b, "text");
  serialize(&b, "xyz", 3);
  assert_false(b.failed);
  r = reader_of(&b);
  assert_true(deserialize_u64(&r) == UINT64_MAX);
  assert_string_equal(deserialize_text(&r), "");
  assert_true(deserialize_double(&r) < 0);
  assert_true(deserialize_time(&r) > 0);
  assert_string_equal(deserialize_text(&r), "text");
  assert_memory_equal(deserialize(&r, 3), "xyz", 3);
  assert_false(r.failed);
  assert_int_equal(r.left, 0);
  free(b.data);
}

static void past_the_end_there_is_nothing_and_it_stays_so(void **state) {
  unsigned char few[12] = {1};
  struct deserializer r = {.at = few, .left = sizeof(few)};

  (void)state;
  assert_int_equal(deserialize_u64(&r), 1);
  assert_true(isnan(deserialize_double(&r)));
  assert_true(r.failed);
  assert_null(deserialize(&r, 1));
  assert_int_equal(deserialize_u64(&r), 0);
  assert_string_equal(deserialize_text(&r), "");
}

/* `text_len` bytes behind a size. */
static bool is_text(uint64_t size, const char *text, size_t text_len) {
  struct serializer b = {0};
  serialize_u64(&b, size);
  serialize(&b, text, text_len);
  struct deserializer r = reader_of(&b);
  deserialize_text(&r);
  free(b.data);
  return !r.failed;
}

static void a_text_ends_where_it_says_and_nowhere_else(void **state) {
  (void)state;
  assert_true(is_text(3, "ab", 3));
  assert_false(is_text(0, "", 1));
  assert_false(is_text(2, "ab", 3));   /* no end */
  assert_false(is_text(4, "a\0b", 4)); /* two ends */
  assert_false(is_text(4, "ab", 3));   /* too few bytes */
  assert_false(is_text(UINT64_MAX, "ab", 3));
}

static void a_time_is_a_number_to_count_with(void **state) {
  static const double bad[] = {NAN, INFINITY, -INFINITY, 1e13, -1e13, 1e300};

  (void)state;
  for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
    struct deserializer r = {.at = (const unsigned char *)&bad[i],
                             .left = sizeof(bad[i])};
    deserialize_time(&r);
    assert_true(r.failed);
    assert_false(serialize_is_time(bad[i]));
  }
  assert_true(serialize_is_time(-1e9));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_was_put_in_comes_out),
      cmocka_unit_test(past_the_end_there_is_nothing_and_it_stays_so),
      cmocka_unit_test(a_text_ends_where_it_says_and_nowhere_else),
      cmocka_unit_test(a_time_is_a_number_to_count_with),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
