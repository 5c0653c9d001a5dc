#include "unit.h"

#include "alerts/bytes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct bytes_reader reader_of(const struct bytes *b) {
  return (struct bytes_reader){.at = b->data, .left = b->len};
}

static void what_was_put_in_comes_out(void **state) {
  struct bytes b = {0};
  struct bytes_reader r;

  (void)state;
  bytes_put_u64(&b, UINT64_MAX);
  bytes_put_text(&b, "");
  bytes_put_double(&b, -0.5);
  bytes_put_double(&b, 1e9);
  bytes_put_text(&b, "text");
  bytes_put(&b, "xyz", 3);
  assert_false(b.failed);
  r = reader_of(&b);
  assert_true(bytes_get_u64(&r) == UINT64_MAX);
  assert_string_equal(bytes_get_text(&r), "");
  assert_true(bytes_get_double(&r) < 0);
  assert_true(bytes_get_time(&r) > 0);
  assert_string_equal(bytes_get_text(&r), "text");
  assert_memory_equal(bytes_get(&r, 3), "xyz", 3);
  assert_false(r.failed);
  assert_int_equal(r.left, 0);
  free(b.data);
}

static void past_the_end_there_is_nothing_and_it_stays_so(void **state) {
  unsigned char few[12] = {1};
  struct bytes_reader r = {.at = few, .left = sizeof(few)};

  (void)state;
  assert_int_equal(bytes_get_u64(&r), 1);
  assert_true(isnan(bytes_get_double(&r)));
  assert_true(r.failed);
  assert_null(bytes_get(&r, 1));
  assert_int_equal(bytes_get_u64(&r), 0);
  assert_string_equal(bytes_get_text(&r), "");
}

/* `text_len` bytes behind a size. */
static bool is_text(uint64_t size, const char *text, size_t text_len) {
  struct bytes b = {0};
  bytes_put_u64(&b, size);
  bytes_put(&b, text, text_len);
  struct bytes_reader r = reader_of(&b);
  bytes_get_text(&r);
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
    struct bytes_reader r = {.at = (const unsigned char *)&bad[i],
                             .left = sizeof(bad[i])};
    bytes_get_time(&r);
    assert_true(r.failed);
    assert_false(bytes_is_time(bad[i]));
  }
  assert_true(bytes_is_time(-1e9));
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
