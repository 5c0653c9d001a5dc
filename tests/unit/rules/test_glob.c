/* SPDX-License-Identifier: MIT */
/* Globs: what each wildcard matches, what is refused, and random globs against
 * fnmatch(3) of every text that their braces stand for. */
#include "rules/glob.h"

#include "random.h"
#include "unit.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

static bool matches(const char *pattern, const char *text) {
  char err[200] = "";
  struct glob *g = glob_create(pattern, strlen(pattern), err, sizeof(err));

  if (g == NULL)
    fail_msg("%s: %s", pattern, err);
  bool result = glob_match(g, text, strlen(text));
  glob_destroy(g);
  return result;
}

static void refuses(const char *pattern, const char *why) {
  char err[200] = "";
  struct glob *g = glob_create(pattern, strlen(pattern), err, sizeof(err));

  assert_null(g);
  if (strstr(err, why) == NULL)
    assert_string_equal(err, why);
}

static void braces_are_alternatives(void **state) {
  (void)state;
  assert_true(matches("{a,b}", "a"));
  assert_true(matches("{a,b}", "b"));
  assert_false(matches("{a,b}", "{a,b}"));
  assert_false(matches("{a,b}", "ab"));
  assert_true(matches("llm_p{50,95,99}", "llm_p95"));
  assert_true(matches("x{,-*}", "x"));
  assert_true(matches("x{,-*}", "x-1"));
  assert_false(matches("x{,-*}", "xy"));
  assert_true(matches("{a,b{c,d}e}{1,2}", "bde2"));
  assert_false(matches("{a,b{c,d}e}{1,2}", "be2"));
  assert_true(matches("{a}", "a"));
  assert_true(matches("a{}b", "ab"));
  assert_true(matches("a,b}", "a,b}"));
}

static void brackets_are_one_character_of_a_set(void **state) {
  (void)state;
  assert_true(matches("[abc]x", "bx"));
  assert_false(matches("[abc]x", "dx"));
  assert_true(matches("[a-c0-9]", "7"));
  assert_false(matches("[a-c]", "-"));
  assert_true(matches("[a-c-]", "-"));
  assert_true(matches("[!l]*", "github"));
  assert_false(matches("[!l]*", "llm"));
  assert_false(matches("[^l]*", "llm"));
  assert_true(matches("[]a]", "]"));
  assert_false(matches("[!]a]", "]"));
  assert_true(matches("[*?{]", "{"));
  assert_true(matches("*[0-9]", "a1b2"));
  assert_true(matches("{[,],x}", ","));
  assert_true(matches("a]b", "a]b"));
}

static void a_character_of_utf8_is_one(void **state) {
  (void)state;
  assert_true(matches("[\xC3\xA0-\xC3\xBF]?", "\xC3\xA9\xC3\xA9"));
  assert_false(matches("[!a]", "\xC3\xA9\xC3\xA9"));
  assert_true(matches("[!a]", "\xC3\xA9"));
  assert_true(matches("?", "\xFF"));
  assert_false(matches("?", "\xFF\xFF"));
}

static void a_backslash_makes_special_characters_ordinary(void **state) {
  (void)state;
  assert_true(matches("x\\[1\\]", "x[1]"));
  assert_true(matches("\\*\\?\\{a\\,b\\}", "*?{a,b}"));
  assert_false(matches("\\*", "a"));
  assert_true(matches("{a\\,b,c}", "a,b"));
  assert_true(matches("C:\\dir", "C:\\dir"));
  assert_true(matches("a\\\\b", "a\\b"));
  assert_true(matches("[\\]]", "]"));
}

static void what_has_no_end_is_refused_with_a_remedy(void **state) {
  (void)state;
  refuses("a[b", "expected a \"]\" after \"[\"; write \\[ for the character");
  refuses("[]", "expected a \"]\"");
  refuses("[!]", "expected a \"]\"");
  refuses("a{b,c", "expected a \"}\" after \"{\"");
  refuses("{a,{b}", "expected a \"}\"");
  refuses("[z-a]", "expected a range that ascends");
  refuses("[[:digit:]]", "expected characters and ranges such as [0-9]");
  refuses("{a,[b}", "expected a \"]\"");
  refuses("{1,2}{1,2}{1,2}{1,2}{1,2}{1,2}{1,2}", "at most 64 alternatives");
  assert_true(matches("{1,2}{1,2}{1,2}{1,2}{1,2}{1,2}", "121212"));
}

static void deep_and_long_globs_end_soon(void **state) {
  char text[1025] = "";
  char stars[257] = "";

  (void)state;
  memset(text, '{', 512);
  memset(text + 512, '}', 512);
  assert_true(matches(text, ""));
  for (int i = 0; i < 128; i++)
    strcat(stars, "*a");
  memset(text, 'a', 1024);
  text[1023] = 'b';
  assert_false(matches(stars, text));
}

static void the_beginning_is_that_of_every_alternative(void **state) {
  struct glob *g = glob_create("mcp_{a,b}", 9, NULL, 0);

  (void)state;
  assert_true(glob_begins(g, "mcp_"));
  assert_false(glob_begins(g, "mcp_a"));
  glob_destroy(g);
  glob_destroy(NULL);
}

/* ---- random globs ---- */

#define EXPANDED 64
#define TEXT 128

struct random_glob {
  char pattern[TEXT];
  char expanded[EXPANDED][TEXT]; /* what its braces stand for */
  size_t num;
};

static void append(struct random_glob *g, const char *text) {
  strcat(g->pattern, text);
  for (size_t i = 0; i < g->num; i++)
    strcat(g->expanded[i], text);
}

static void append_braces(struct random_glob *g, int depth);

static void append_random(struct random_glob *g, int depth) {
  static const char *const elements[] = {
      "a",     "b",    "c",     "*", "?",   "[ab]", "[!a]",
      "[^bc]", "[]a]", "[a-c]", "-", "\\*", "\\[",  "."};

  for (unsigned n = chance(4); n > 0; n--) {
    if (depth > 0 && chance(4) == 0)
      append_braces(g, depth - 1);
    else
      append(g, elements[chance(14)]);
  }
}

static void append_braces(struct random_glob *g, int depth) {
  struct random_glob all = {.pattern = ""};
  unsigned alternatives = 1 + chance(2);

  if (g->num * (alternatives << (2 * depth)) > EXPANDED)
    return;
  strcat(g->pattern, "{");
  for (unsigned i = 0; i < alternatives; i++) {
    struct random_glob one = {.pattern = "", .num = 1};
    append_random(&one, depth);
    strcat(g->pattern, i > 0 ? "," : "");
    strcat(g->pattern, one.pattern);
    for (size_t k = 0; k < one.num; k++)
      strcpy(all.expanded[all.num++], one.expanded[k]);
  }
  strcat(g->pattern, "}");
  struct random_glob before = *g;
  g->num = 0;
  for (size_t i = 0; i < before.num; i++)
    for (size_t k = 0; k < all.num; k++, g->num++) {
      strcpy(g->expanded[g->num], before.expanded[i]);
      strcat(g->expanded[g->num], all.expanded[k]);
    }
}

static bool expected(const struct random_glob *g, const char *text) {
  for (size_t i = 0; i < g->num; i++)
    if (fnmatch(g->expanded[i], text, 0) == 0)
      return true;
  return false;
}

static void random_globs_agree_with_fnmatch(void **state) {
  int matched = 0;

  (void)state;
  seed = 16;
  for (int run = 0; run < 100000; run++) {
    struct random_glob g = {.pattern = "", .num = 1};
    append_random(&g, 1);
    for (int i = 0; i < 5; i++) {
      char text[8] = "";
      for (unsigned n = chance(6); n > 0; n--)
        strncat(text, &"abc-*[.]"[chance(8)], 1);
      bool wanted = expected(&g, text);
      matched += wanted;
      if (matches(g.pattern, text) != wanted)
        fail_msg("%s, %s: expected %d", g.pattern, text, wanted);
    }
  }
  assert_true(matched > 10000);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(braces_are_alternatives),
      cmocka_unit_test(brackets_are_one_character_of_a_set),
      cmocka_unit_test(a_character_of_utf8_is_one),
      cmocka_unit_test(a_backslash_makes_special_characters_ordinary),
      cmocka_unit_test(what_has_no_end_is_refused_with_a_remedy),
      cmocka_unit_test(deep_and_long_globs_end_soon),
      cmocka_unit_test(the_beginning_is_that_of_every_alternative),
      cmocka_unit_test(random_globs_agree_with_fnmatch),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
