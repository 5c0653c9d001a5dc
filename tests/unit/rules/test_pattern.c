/* SPDX-License-Identifier: MIT */
#include "rules/pattern.h"

#include "alerts/series.h"

#include "unit.h"

#include <stdlib.h>
#include <string.h>

static const struct series hub = {"hub-1",   "mcp_hub",     "prod",
                                  "percent", "llm_success", "value"};

static bool matches(const char *text, const struct series *s) {
  char err[200];
  char buf[64]; /* short, so that long identities take the other way */
  struct identity id;
  struct pattern *p = pattern_create(text, err, sizeof(err));
  struct regex_budget budget = {REGEX_BUDGET_STEPS};
  bool result = false;

  memset(buf, 'x', sizeof(buf));
  assert_non_null(p);
  assert_string_equal(pattern_text(p), text);
  assert_int_equal(series_identity(s, buf, sizeof(buf), &id), 0);
  result = pattern_match(p, &id, &budget) == 1;
  assert_null(pattern_take_slow(p));
  series_identity_clear(&id, buf);
  pattern_destroy(p);
  return result;
}

static void refuses(const char *text, const char *why) {
  char err[200] = "";
  struct pattern *p = pattern_create(text, err, sizeof(err));

  assert_null(p);
  if (strstr(err, why) == NULL)
    assert_string_equal(err, why);
}

static void a_glob_matches_the_whole_identity(void **state) {
  (void)state;
  assert_true(matches("hub-1/mcp_hub-prod/percent-llm_success", &hub));
  assert_true(matches("*/mcp_hub-*/percent-llm_success", &hub));
  assert_true(matches("*/*/*", &hub));
  assert_true(matches("h*1/*prod/p*-*_*s", &hub));
  assert_true(matches("hub-?/mcp?hub-?r?d/percent-*", &hub));
  assert_true(matches("**/mcp**prod/*", &hub));
  assert_false(matches("ub-1/mcp_hub-prod/percent-llm_success", &hub));
  assert_false(matches("hub-1/mcp_hub-prod/percent-llm_succes", &hub));
  assert_false(matches("hub-1/mcp_hub-prod/percent-llm_success?", &hub));
  assert_false(matches("hub-1/mcp_hub-/percent-llm_success", &hub));
  assert_false(matches("hub-2/*/*", &hub));
  assert_false(matches("*x/*/*", &hub));
  assert_false(matches("*ub-*-1/*/*", &hub)); /* the dash only once */
  assert_true(matches("*u*b*-*1*/*/*", &hub));
}

static void dots_and_pluses_are_just_characters(void **state) {
  const struct series s = {"a.b", "x[1]", "", "t+", "", "value"};

  (void)state;
  assert_true(matches("a.b/x\\[1]/t+", &s));
  assert_false(matches("a?b/x1/t+", &s));
}

static void a_part_has_braces_and_classes(void **state) {
  (void)state;
  assert_true(matches("hub-[0-9]/mcp_hub-{dev,prod}/{percent,ratio}-*", &hub));
  assert_true(matches("*/[!l]*/percent-[!a]*", &hub));
  assert_false(matches("*/[!m]*/*", &hub));
}

static void a_part_without_instance_has_no_dash(void **state) {
  const struct series s = {"h", "load", "", "load", "", "shortterm"};

  (void)state;
  assert_true(matches("h/load/load", &s));
  assert_false(matches("h/load-*/load", &s));
  assert_false(matches("h/load/load-*", &s));
}

static void a_star_stays_within_its_part(void **state) {
  const struct series s = {"a", "b", "", "c", "", "value"};
  const struct series slash = {"a", "b", "x/y", "c", "u/v", "value"};

  (void)state;
  assert_false(matches("a*/c/d", &s));
  assert_true(matches("*/*/*", &slash));
  assert_true(matches("a/b-*/c-u*", &slash));
  assert_false(matches("a/b-x/*", &slash));
}

static void a_question_mark_is_one_character_of_utf8(void **state) {
  const struct series s = {"h", "p", "\xC3\xA9t\xC3\xA9", "t", "", "value"};

  (void)state;
  assert_true(matches("h/p-?t?/t", &s));
  assert_false(matches("h/p-??t?/t", &s));
}

static void a_regular_expression_is_anchored_nowhere(void **state) {
  (void)state;
  assert_true(matches("/percent/", &hub));
  assert_true(matches("/^hub-1.mcp_hub-(prod|test).percent/", &hub));
  assert_true(matches("/hub-1/mcp_hub-prod/percent-llm_success$/", &hub));
  assert_true(matches("/llm_[[:alpha:]]+$/", &hub));
  assert_false(matches("/^percent/", &hub));
}

static void long_identities_match_too(void **state) {
  char longest[128];
  struct series s = {longest, longest, longest, longest, longest, "value"};

  (void)state;
  memset(longest, 'a', sizeof(longest) - 1);
  longest[127] = '\0';
  assert_true(matches("*/*-*/*-*", &s));
  assert_true(matches("a*a/a*-a*/*", &s));
  assert_true(matches("/^a{127}.a{127}-/", &s));
  assert_false(matches("*a*a*a*a*a*a*b/*/*", &s)); /* at once */
}

static void what_is_no_pattern_is_refused_with_a_reason(void **state) {
  char text[PATTERN_MAX + 10];

  (void)state;
  refuses("", "expected host/plugin-instance/type-instance or "
              "/regular expression/");
  refuses("a", "expected host/");
  refuses("a/b", "expected host/");
  refuses("a/b/", "expected host/");
  refuses("a//c", "expected host/");
  refuses("/b/c", "expected host/");
  refuses("a/b/c/d", "expected host/");
  refuses("/", "expected host/");
  refuses("a/{b,c/d}/e", "expected a \"}\" after \"{\" within the part");
  refuses("a/{b/c}", "expected a \"}\" after \"{\" within the part");
  refuses("*/*/[a", "expected a \"]\" after");
  refuses("//", "expected a regular expression: it is empty");
  refuses("/(a/", "expected a regular expression: missing closing "
                  "parenthesis, at offset 2");
  refuses("/[a/", "expected a regular expression: ");
  refuses("/a{2/", "expected a regular expression: ");
  refuses("/a\\/", "expected a regular expression: \\ at end of pattern, "
                   "at offset 2");
  memset(text, 'a', sizeof(text) - 1);
  text[sizeof(text) - 1] = '\0';
  refuses(text, "expected at most 1024 bytes");
}

static void a_slow_expression_is_no_match_and_told_once(void **state) {
  struct identity id = {.text = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaacb"};
  struct regex_budget budget = {REGEX_BUDGET_STEPS};
  struct pattern *slow = pattern_create("/^(a|a)*b/", NULL, 0);
  struct pattern *glob = pattern_create("*/*/*", NULL, 0);

  (void)state;
  assert_null(pattern_take_slow(slow));
  assert_int_equal(pattern_match(slow, &id, &budget), 0);
  assert_string_equal(pattern_take_slow(slow), id.text);
  assert_null(pattern_take_slow(slow));
  assert_null(pattern_take_slow(glob));
  pattern_destroy(slow);
  pattern_destroy(glob);
}

/* Those that were refused while regcomp() had to be spared. */
static void what_is_repeated_may_be_empty(void **state) {
  static const char *const fine[] = {"/((((.*)*)?)){0,100}/",
                                     "/(a|){2}/",
                                     "/((a*)*){1,9}/",
                                     "/(|a)+/",
                                     "/(a?b{,3}){5}/",
                                     "/(a|b*c?)*/",
                                     "/(^[a]*$){1,2}|./",
                                     "/.*?/",
                                     "/(){3}/",
                                     "/(([a-z]+)+)+/",
                                     "/(\\w+,)*/",
                                     "/\\S{500}|./",
                                     "/[a]{5000}|./",
                                     "/(a{2,60}){70}|./"};

  (void)state;
  for (size_t i = 0; i < sizeof(fine) / sizeof(*fine); i++)
    assert_true(matches(fine[i], &hub));
}

static void expressions_of_daily_life_are_taken(void **state) {
  static const char *const atoms[] = {"[(]",   "[[:alpha:](]", "[^](]",  "[](]",
                                      "(a|b)", "\\(",          "a{2}(b)"};

  (void)state;
  for (size_t i = 0; i < sizeof(atoms) / sizeof(*atoms); i++) {
    char text[PATTERN_MAX] = "/"; /* none of them nests */
    for (int n = 0; n < 50; n++)
      strcat(text, atoms[i]);
    strcat(text, "/");
    assert_false(matches(text, &hub));
  }
  matches("/^([a-z0-9-]+\\.){1,3}example\\.org.mcp_hub-.+.(percent|ratio)-.*$/",
          &hub);
  matches("/[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}/", &hub);
  matches("/a?b*c+d{2}e{,3}f{2,}/", &hub);
  matches("/^.{1,127}.mcp_hub-(local|dev).[^-]{1,127}(-\\w+)?$/", &hub);
  matches("/[^]a][[.-.]][[=a=]]\\(x\\)/", &hub);
}

static void a_glob_knows_the_types_it_is_about(void **state) {
  struct pattern *glob = pattern_create("*/x/mcp_server_state-*", NULL, 0);
  struct pattern *regex = pattern_create("/mcp_server_state/", NULL, 0);

  (void)state;
  assert_true(pattern_type_begins(glob, "mcp_server_state"));
  assert_false(pattern_type_begins(glob, "mcp_server_tools"));
  assert_false(pattern_type_begins(regex, "mcp_server_state"));
  pattern_destroy(glob);
  pattern_destroy(regex);
  pattern_destroy(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_glob_matches_the_whole_identity),
      cmocka_unit_test(dots_and_pluses_are_just_characters),
      cmocka_unit_test(a_part_has_braces_and_classes),
      cmocka_unit_test(a_part_without_instance_has_no_dash),
      cmocka_unit_test(a_star_stays_within_its_part),
      cmocka_unit_test(a_question_mark_is_one_character_of_utf8),
      cmocka_unit_test(a_regular_expression_is_anchored_nowhere),
      cmocka_unit_test(long_identities_match_too),
      cmocka_unit_test(what_is_no_pattern_is_refused_with_a_reason),
      cmocka_unit_test(a_slow_expression_is_no_match_and_told_once),
      cmocka_unit_test(what_is_repeated_may_be_empty),
      cmocka_unit_test(expressions_of_daily_life_are_taken),
      cmocka_unit_test(a_glob_knows_the_types_it_is_about),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
