/* SPDX-License-Identifier: MIT */
/* Lines of a page: columns are a terminal's, whatever is put. */
#include "unit.h"

#include "ctl/page.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

static int use_utf8(void **state) {
  (void)state;
  return setlocale(LC_CTYPE, "C.UTF-8") != NULL ? 0 : -1;
}

static int use_ascii(void **state) {
  (void)state;
  return setlocale(LC_CTYPE, "C") != NULL ? 0 : -1;
}

static void assert_cell(int width, const char *text, const char *expected) {
  struct page *p = page_create(PAGE_WIDTH, false);
  assert_non_null(p);
  page_cell(p, PAGE_BOLD, width, text);
  page_put(p, PAGE_PLAIN, "|");
  assert_string_equal(page_text(p), expected);
  assert_int_equal(page_column(p), abs(width) + 1);
  page_destroy(p);
}

static void cells_are_filled_to_their_side(void **state) {
  (void)state;
  assert_cell(-5, "ab", "ab   |");
  assert_cell(5, "ab", "   ab|");
  assert_cell(2, "ab", "ab|");
}

static void cells_cut_what_is_wider(void **state) {
  (void)state;
  assert_cell(-3, "abcd", "ab…|");
  assert_cell(3, "abcd", "ab…|");
}

static void wide_and_combining_characters_take_their_columns(void **state) {
  (void)state;
  assert_int_equal(page_columns("日本"), 4);
  assert_int_equal(page_columns("e\u0301"), 1);
  assert_cell(-5, "日本", "日本 |");
  assert_cell(-4, "日本語", "日… |");
  assert_cell(-2, "e\u0301", "e\u0301 |");
}

static void
control_characters_and_invalid_text_do_not_get_through(void **state) {
  (void)state;
  assert_cell(-12, "\033[31m\a\r\n\x7f", "_[31m____   |");
  assert_cell(-6, "\xff\xc3\u202e\xc2\x9b", "____  |");
}

static void without_utf8_all_is_ascii(void **state) {
  (void)state;
  assert_cell(-6, "größe", "gr??e |");
  assert_cell(-3, "abcd", "ab~|");
}

static void words_wrap_below_the_first(void **state) {
  (void)state;
  struct page *p = page_create(12, false);
  page_put(p, PAGE_PLAIN, "ab: ");
  page_wrap(p, PAGE_PLAIN, 4, "one two three fourteenish");
  page_end_line(p);
  assert_string_equal(page_text(p), "ab: one two\n    three\n    fourtee…\n");
  page_destroy(p);
}

static void no_line_ends_in_blanks_or_goes_beyond_the_width(void **state) {
  (void)state;
  struct page *p = page_create(10, false);
  page_cell(p, PAGE_PLAIN, -8, "a");
  page_end_line(p);
  page_move(p, 8);
  page_put(p, PAGE_PLAIN, "bcd");
  page_put(p, PAGE_PLAIN, "e");
  page_end_line(p);
  assert_string_equal(page_text(p), "a\n        b…\n");
  page_destroy(p);
}

static void styles_are_escapes_only_with_colour(void **state) {
  (void)state;
  struct page *p = page_create(10, true);
  page_put(p, PAGE_GOOD, "a");
  page_put(p, PAGE_PLAIN, "b");
  assert_string_equal(page_text(p), "\033[32ma\033[0mb");
  assert_int_equal(page_column(p), 2);
  page_destroy(p);
}

static void bars_are_as_full_as_the_fraction(void **state) {
  static const struct {
    double fraction;
    const char *bar;
  } rows[] = {
      {0, "░░░░"}, {0.5, "██░░"}, {1, "████"}, {7, "████"}, {-1, "░░░░"}};
  (void)state;
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    struct page *p = page_create(10, false);
    page_bar(p, PAGE_GOOD, rows[i].fraction, 4);
    assert_string_equal(page_text(p), rows[i].bar);
    page_destroy(p);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(cells_are_filled_to_their_side, use_utf8),
      cmocka_unit_test_setup(cells_cut_what_is_wider, use_utf8),
      cmocka_unit_test_setup(wide_and_combining_characters_take_their_columns,
                             use_utf8),
      cmocka_unit_test_setup(
          control_characters_and_invalid_text_do_not_get_through, use_utf8),
      cmocka_unit_test_setup(without_utf8_all_is_ascii, use_ascii),
      cmocka_unit_test_setup(words_wrap_below_the_first, use_utf8),
      cmocka_unit_test_setup(no_line_ends_in_blanks_or_goes_beyond_the_width,
                             use_utf8),
      cmocka_unit_test_setup(styles_are_escapes_only_with_colour, use_utf8),
      cmocka_unit_test_setup(bars_are_as_full_as_the_fraction, use_utf8),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
