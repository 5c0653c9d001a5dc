/* SPDX-License-Identifier: MIT */
#include "unit.h"

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
  expect("\xE2\x80\xA7\xE2\x80\xAF", "\xE2\x80\xA7\xE2\x80\xAF");
  expect("\xD8\x9C.\xE2\x80\x8E.\xE2\x80\x8F", "??.???.???");
  expect("\xD8\x9B\xE2\x80\x90", "\xD8\x9B\xE2\x80\x90");
}

/* The bytes of a code point; returns their number. */
static size_t encode(uint32_t code, char buf[4]) {
  static const unsigned char first[] = {0, 0, 0xC0, 0xE0, 0xF0};
  size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

  for (size_t i = len - 1; i > 0; i--, code >>= 6)
    buf[i] = (char)(0x80 | (code & 0x3F));
  buf[0] = (char)(first[len] | code);
  return len;
}

static const struct {
  uint32_t first, last;
} ranges_hidden[] = {
    {0x00, 0x1F},       {0x7F, 0x9F},       {0xAD, 0xAD},
    {0x34F, 0x34F},     {0x600, 0x605},     {0x61C, 0x61C},
    {0x6DD, 0x6DD},     {0x70F, 0x70F},     {0x890, 0x891},
    {0x8E2, 0x8E2},     {0x115F, 0x1160},   {0x17B4, 0x17B5},
    {0x180B, 0x180F},   {0x200B, 0x200F},   {0x2028, 0x202E},
    {0x2060, 0x206F},   {0x3164, 0x3164},   {0xD800, 0xDFFF},
    {0xFDD0, 0xFDEF},   {0xFE00, 0xFE0D},   {0xFEFF, 0xFEFF},
    {0xFFA0, 0xFFA0},   {0xFFF0, 0xFFFB},   {0xFFFE, 0xFFFF},
    {0x110BD, 0x110BD}, {0x110CD, 0x110CD}, {0x13430, 0x1343F},
    {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0x1FFFE, 0x1FFFF},
    {0xE0000, 0xE0FFF}, {0xEFFFE, 0xEFFFF}, {0x10FFFE, 0x10FFFF}};

static void no_code_point_that_hides_or_moves_text_is_shown(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof(ranges_hidden) / sizeof(*ranges_hidden); i++)
    for (uint32_t c = ranges_hidden[i].first; c <= ranges_hidden[i].last; c++) {
      char bytes[4];
      size_t len = encode(c, bytes);
      if (utf8_printable(bytes, len) != 0)
        fail_msg("U+%04X is taken for printable", c);
    }
}

static void the_code_points_beside_them_are_shown(void **state) {
  static const uint32_t shown[] = {
      ' ',    '~',    0xA0,   0xAC,    0xAE,    0x34E,  0x350,  0x606,  0x61B,
      0x61D,  0x200A, 0x2010, 0x2027,  0x202F,  0x205F, 0x2070, 0x3000, 0x3163,
      0xD7FF, 0xE000, 0xF8FF, 0xFDCF,  0xFDF0,  0xFE0E, 0xFE0F, 0xFE10, 0xFEFE,
      0xFF00, 0xFFFC, 0xFFFD, 0x10000, 0x1F525, 0x20000};

  (void)state;
  for (size_t i = 0; i < sizeof(shown) / sizeof(*shown); i++) {
    char bytes[4];
    size_t len = encode(shown[i], bytes);
    if (utf8_printable(bytes, len) != len)
      fail_msg("U+%04X is not taken for printable", shown[i]);
  }
}

static void a_text_is_cut_between_characters(void **state) {
  char buf[4] = "xxxx";

  (void)state;
  assert_int_equal(utf8_put(buf, 3, "ab\xC3\xBC", 4), 2);
  assert_memory_equal(buf, "abxx", 4);
  assert_int_equal(utf8_put(buf, 0, "ab", 2), 0);
}

static void a_copy_has_one_underscore_a_character_and_ends(void **state) {
  char out[8];

  (void)state;
  assert_true(utf8_copy(out, sizeof(out), "a/b\nc", 5, ""));
  assert_string_equal(out, "a/b_c");
  assert_true(utf8_copy(out, sizeof(out), "123456\xC3\xA9", 8, ""));
  assert_string_equal(out, "123456");
  assert_true(utf8_copy(out, sizeof(out), "a/\xE2\x80\x8B\xE2", 6, "/"));
  assert_string_equal(out, "a___");
  assert_false(utf8_copy(out, sizeof(out), "a/b", 3, ""));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(text_comes_through),
      cmocka_unit_test(controls_become_blanks),
      cmocka_unit_test(what_is_no_character_becomes_a_question_mark_a_byte),
      cmocka_unit_test(lines_and_directions_cannot_be_changed),
      cmocka_unit_test(no_code_point_that_hides_or_moves_text_is_shown),
      cmocka_unit_test(the_code_points_beside_them_are_shown),
      cmocka_unit_test(a_text_is_cut_between_characters),
      cmocka_unit_test(a_copy_has_one_underscore_a_character_and_ends),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
