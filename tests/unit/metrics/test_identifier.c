/* SPDX-License-Identifier: MIT */
#include "metrics/identifier.h"

#include "unit.h"

#include <string.h>

static const char *identifier(const char *name, size_t len) {
  static char out[IDENTIFIER_MAX];
  memset(out, 'x', sizeof(out));
  identifier_from_name(name, len, out);
  assert_true(strlen(out) < IDENTIFIER_MAX);
  return out;
}

static const char *of(const char *name) {
  return identifier(name, strlen(name));
}

static void ordinary_names_stay_as_they_are(void **state) {
  (void)state;
  static const char *const names[] = {"github",     "my server",    "a-b_c.d",
                                      "say \"hi\"", "größe",        "日本語",
                                      "hub2",       "❤️ search"};
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
    assert_string_equal(of(names[i]), names[i]);
}

static void what_collectd_cannot_carry_is_replaced_and_marked(void **state) {
  (void)state;
  assert_string_equal(of("a/b"), "a_b~3a8e75c1");
  assert_string_equal(of("a;b=c"), "a_b=c~f2138161");
  assert_memory_equal(of("line\nbreak"), "line_break~", 11);
  assert_memory_equal(of("esc\033[2J"), "esc_[2J~", 8);
  assert_memory_equal(of("csi\xc2\x9b"
                         "2J"),
                      "csi_2J~", 7);
  assert_memory_equal(of("bidi\xe2\x80\xae"), "bidi_~", 6);
  assert_memory_equal(of("zero\xe2\x80\x8bwidth"), "zero_width~", 11);
  assert_memory_equal(of("tag\xf3\xa0\x81\x81"), "tag_~", 5);
  assert_memory_equal(identifier("nul\0x", 5), "nul_x~", 6);
}

static void invalid_utf8_is_replaced_byte_by_byte(void **state) {
  (void)state;
  assert_memory_equal(of("a\xff"
                         "b"),
                      "a_b~", 4);
  assert_memory_equal(of("overlong\xc0\xaf"), "overlong__~", 11);
  assert_memory_equal(of("surrogate\xed\xa0\x80"), "surrogate___~", 13);
  assert_memory_equal(of("cut\xe2\x82"), "cut__~", 6);
}

static void names_that_look_alike_afterwards_stay_apart(void **state) {
  (void)state;
  static const char *const names[] = {"a/b", "a\nb", "a_b", "a\tb", "a\177b"};
  char seen[5][IDENTIFIER_MAX];
  for (size_t i = 0; i < 5; i++) {
    strcpy(seen[i], of(names[i]));
    for (size_t j = 0; j < i; j++)
      assert_string_not_equal(seen[i], seen[j]);
  }
}

static void a_name_that_imitates_a_changed_one_is_changed_itself(void **state) {
  (void)state;
  char changed[IDENTIFIER_MAX];
  strcpy(changed, of("a/b"));
  assert_string_not_equal(of(changed), changed);
}

static void words_of_ours_and_the_empty_name_are_marked(void **state) {
  (void)state;
  assert_memory_equal(of("hub"), "hub~", 4);
  assert_memory_equal(of(""), "~", 1);
}

static void long_names_are_cut_between_characters_and_stay_apart(void **state) {
  (void)state;
  char a[4097], b[4097], first[IDENTIFIER_MAX];
  for (size_t i = 0; i < 4096; i += 2)
    memcpy(a + i, "\xc3\xa9", 2);
  a[4096] = '\0';
  memcpy(b, a, sizeof(b));
  b[4095] = '\xa8';
  strcpy(first, of(a));
  assert_int_equal(strlen(first), 118 + 9);
  assert_memory_equal(first + 116, "\xc3\xa9~", 3);
  assert_string_not_equal(of(b), first);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ordinary_names_stay_as_they_are),
      cmocka_unit_test(what_collectd_cannot_carry_is_replaced_and_marked),
      cmocka_unit_test(invalid_utf8_is_replaced_byte_by_byte),
      cmocka_unit_test(names_that_look_alike_afterwards_stay_apart),
      cmocka_unit_test(a_name_that_imitates_a_changed_one_is_changed_itself),
      cmocka_unit_test(words_of_ours_and_the_empty_name_are_marked),
      cmocka_unit_test(long_names_are_cut_between_characters_and_stay_apart),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
