/* SPDX-License-Identifier: MIT */
#include "hub/server_selection.h"

#include "unit.h"

#include <string.h>

static bool has(const char *const *patterns, bool invert, const char *name) {
  struct server_selection *s = server_selection_create(patterns, invert);
  assert_non_null(s);
  bool selected = server_selection_has(s, name, strlen(name));
  server_selection_destroy(s);
  return selected;
}

static void without_a_pattern_all_are_selected(void **state) {
  (void)state;
  const char *const none[] = {NULL};
  assert_true(has(NULL, false, "a"));
  assert_true(has(NULL, true, "a"));
  assert_true(has(none, false, "a"));
  assert_true(server_selection_has(NULL, "a", 1));
}

static void names_match_whole_and_expressions_anywhere(void **state) {
  (void)state;
  const char *const patterns[] = {"github", "/^grafana/", "/x|q/", NULL};
  assert_true(has(patterns, false, "github"));
  assert_false(has(patterns, false, "github2"));
  assert_true(has(patterns, false, "grafana-eu"));
  assert_false(has(patterns, false, "my-grafana"));
  assert_true(has(patterns, false, "proxy"));
  assert_false(has(patterns, false, ""));
}

static void inverted_what_matches_is_left_out(void **state) {
  (void)state;
  const char *const patterns[] = {"a", "/^b/", NULL};
  assert_false(has(patterns, true, "a"));
  assert_false(has(patterns, true, "bc"));
  assert_true(has(patterns, true, "c"));
}

static void a_name_may_hold_slashes(void **state) {
  (void)state;
  const char *const patterns[] = {"a/b", "/", NULL};
  assert_true(has(patterns, false, "a/b"));
  assert_true(has(patterns, false, "/"));
  assert_false(has(patterns, false, "b"));
}

static void wrong_patterns_are_refused_with_the_reason(void **state) {
  (void)state;
  static const char *const wrong[] = {"", "//", "/(/", "/[a/", "/a{2,1}/"};
  char err[256];
  for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
    const char *const patterns[] = {wrong[i], NULL};
    err[0] = '\0';
    assert_int_equal(server_selection_check(wrong[i], err, sizeof(err)), -1);
    assert_memory_equal(err, "expected a server's name", 24);
    if (strlen(wrong[i]) > 2)
      assert_null(server_selection_create(patterns, false));
  }
  char huge[2000];
  memset(huge, 'a', sizeof(huge));
  huge[0] = huge[1998] = '/';
  huge[1999] = '\0';
  assert_int_equal(server_selection_check(huge, err, sizeof(err)), -1);
  assert_int_equal(server_selection_check("/^a+$/", err, sizeof(err)), 0);
  assert_int_equal(server_selection_check("plain", err, sizeof(err)), 0);
}

static void a_slow_expression_is_no_match_and_told_once(void **state) {
  (void)state;
  const char *const patterns[] = {"/^(a|a)*b/", "/^(a|a)*c/", NULL};
  const char name[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaxbc";
  struct server_selection *s = server_selection_create(patterns, false);
  char line[200];
  assert_non_null(s);
  assert_true(server_selection_has(s, "ab", 2));
  assert_false(server_selection_take_slow(s, line, sizeof(line)));
  assert_false(server_selection_has(s, name, strlen(name)));
  assert_true(server_selection_take_slow(s, line, sizeof(line)));
  assert_string_equal(line,
                      "Server \"/^(a|a)*b/\" takes too long on the server "
                      "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaxbc\"; "
                      "treated as no match");
  assert_true(server_selection_take_slow(s, line, 10));
  assert_string_equal(line, "Server \"/");
  assert_false(server_selection_take_slow(s, line, sizeof(line)));
  assert_true(server_selection_has(s, "ac", 2));
  server_selection_destroy(s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(without_a_pattern_all_are_selected),
      cmocka_unit_test(names_match_whole_and_expressions_anywhere),
      cmocka_unit_test(inverted_what_matches_is_left_out),
      cmocka_unit_test(a_name_may_hold_slashes),
      cmocka_unit_test(a_slow_expression_is_no_match_and_told_once),
      cmocka_unit_test(wrong_patterns_are_refused_with_the_reason),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
