/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "util/closest_match.h"

#include <string.h>

static const char *closest(const char *wanted, const char *const *names) {
  static struct closest_match m;
  m = (struct closest_match){.wanted = wanted};
  for (; *names != NULL; names++)
    closest_match_add(&m, *names);
  return m.closest;
}

static void letters_left_out_added_changed_or_swapped_are_close(void **state) {
  static const char *const names[] = {"Timeout", "VerifyPeer", "URL", NULL};
  (void)state;
  assert_string_equal(closest("Tmeout", names), "Timeout");
  assert_string_equal(closest("Timmeout", names), "Timeout");
  assert_string_equal(closest("Timeotu", names), "Timeout");
  assert_string_equal(closest("verify_peer", names), "VerifyPeer");
  assert_string_equal(closest("URI", names), "URL");
  assert_null(closest("X", names));
  assert_null(closest("", names));
}

static void only_what_is_close_is_suggested(void **state) {
  struct closest_match near = {.wanted = "clear_fro"};
  struct closest_match far = {.wanted = "entirely_different"};
  struct closest_match longest = {
      .wanted = "a_word_that_is_far_too_long_to_be_compared_with_anything_"
                "anybody_knows"};

  (void)state;
  closest_match_add(&near, "clear");
  closest_match_add(&near, "clear_for");
  closest_match_add(&near, "for");
  assert_string_equal(near.closest, "clear_for");
  assert_string_equal(near.list, "clear, clear_for, for");
  closest_match_add(&far, "clear_for");
  assert_null(far.closest);
  closest_match_add(&longest, "clear_for");
  assert_null(longest.closest);
  for (int i = 0; i < 200; i++)
    closest_match_add(&far, "name");
  assert_int_equal(strlen(far.list), sizeof(far.list) - 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(letters_left_out_added_changed_or_swapped_are_close),
      cmocka_unit_test(only_what_is_close_is_suggested),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
