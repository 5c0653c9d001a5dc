/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "util/strbuf.h"
#include "util/utf8.h"

#include <string.h>

static void expect(const char *text, const char *expected) {
  char buf[64];
  size_t len = utf8_put(buf, sizeof(buf), text, strlen(text));

  assert_int_equal(len, strlen(expected));
  assert_memory_equal(buf, expected, len);
}

static void text_comes_through(void **state) {
  (void)state;
  expect("", "");
  expect("hub-1 \xC3\xBC \xE2\x82\xAC \xF0\x9F\x94\xA5",
         "hub-1 \xC3\xBC \xE2\x82\xAC \xF0\x9F\x94\xA5");
}

static void controls_become_blanks(void **state) {
  (void)state;
  expect("a\nb\x1B[31m\tc\x7F", "a b [31m c ");
}

static void what_is_no_character_becomes_a_question_mark_a_byte(void **state) {
  (void)state;
  expect("\xC3(\xFF\xE2\x82 \xC0\xAF\xED\xA0\x80 \xF5\x80\x80\x80",
         "?(??? ????? ????");
  expect("\xC2\x9B\xE0\x80\x80\xF0\x80\x80\x80\xF4\x90\x80\x80\xE2",
         "??????????????");
}

static void lines_and_directions_cannot_be_changed(void **state) {
  (void)state;
  expect("a\xE2\x80\xA8z\xE2\x80\xAE.\xE2\x81\xA6", "a???z???.???");
  expect("\xE2\x80\xA7\xE2\x80\xAF\xE2\x81\xA5\xE2\x81\xAA",
         "\xE2\x80\xA7\xE2\x80\xAF\xE2\x81\xA5\xE2\x81\xAA");
  expect("\xD8\x9C.\xE2\x80\x8E.\xE2\x80\x8F", "??.???.???");
  expect("\xD8\x9B\xE2\x80\x8D\xE2\x80\x90",
         "\xD8\x9B\xE2\x80\x8D\xE2\x80\x90");
}

static void a_text_is_cut_between_characters(void **state) {
  char buf[4] = "xxxx";

  (void)state;
  assert_int_equal(utf8_put(buf, 3, "ab\xC3\xBC", 4), 2);
  assert_memory_equal(buf, "abxx", 4);
  assert_int_equal(utf8_put(buf, 0, "ab", 2), 0);
}

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
      cmocka_unit_test(text_comes_through),
      cmocka_unit_test(controls_become_blanks),
      cmocka_unit_test(what_is_no_character_becomes_a_question_mark_a_byte),
      cmocka_unit_test(lines_and_directions_cannot_be_changed),
      cmocka_unit_test(a_text_is_cut_between_characters),
      cmocka_unit_test(a_buffer_grows),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
