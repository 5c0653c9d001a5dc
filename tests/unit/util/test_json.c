/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "util/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct json_object *parse(const char *text) {
  struct json_error error;
  struct json_object *tree =
      json_parse(text, strlen(text), JSON_STRICT, &error);

  assert_non_null(tree);
  assert_null(error.what);
  return tree;
}

static void a_member_is_read_as_its_type_or_not_at_all(void **state) {
  struct json_object *o =
      parse("{\"t\":\"x\",\"i\":7,\"d\":1.5,\"f\":true,\"l\":[1,{}],"
            "\"o\":{\"in\":\"y\"},\"n\":null}");

  (void)state;
  assert_string_equal(json_text(o, "t", "-"), "x");
  assert_string_equal(json_text(o, "i", "-"), "-");
  assert_null(json_text(o, "none", NULL));
  assert_true(json_number(o, "i") > 6.9 && json_number(o, "i") < 7.1);
  assert_true(json_number(o, "d") > 1.4 && json_number(o, "d") < 1.6);
  assert_true(isnan(json_number(o, "t")) && isnan(json_number(o, "n")));
  assert_true(json_flag(o, "f", false));
  assert_true(json_flag(o, "t", true));
  assert_int_equal(json_length(json_list(o, "l")), 2);
  assert_null(json_list(o, "o"));
  assert_null(json_inner(o, "l"));
  assert_string_equal(json_text(json_inner(o, "o"), "in", "-"), "y");
  assert_int_equal(json_length(o), 0);
  assert_int_equal(json_length(NULL), 0);
  assert_null(json_member(json_list(o, "l"), "t"));
  assert_null(json_member(NULL, "t"));
  json_free(o);
}

static void what_is_wrong_is_said_with_its_place(void **state) {
  static const struct {
    const char *text;
    size_t len;
    const char *what;
    size_t offset;
  } cases[] = {
      {"", 0, "expected an object {...}", 0},
      {" [1]", 4, "expected an object {...}", 1},
      {"{}\0", 3, "a byte of zero", 2},
      {"{\"a\":", 5, "the text ends too early", 5},
      {"{\"a\":1,}", 8, "unexpected character", 7},
      {"{\"a\":\"\xFF\"}", 9, "invalid utf-8 string", 6},
      {"{} x", 4, "unexpected character", 3},
  };
  struct json_error error;

  (void)state;
  for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
    assert_null(json_parse(cases[i].text, cases[i].len, JSON_STRICT, &error));
    assert_string_equal(error.what, cases[i].what);
    assert_int_equal(error.offset, cases[i].offset);
    assert_false(error.memory);
  }
}

static void numbers_beyond_all_bounds_and_any_letter_are_taken(void **state) {
  struct json_object *o = parse("{\"a\":99999999999999999999999,\"b\":1e999,"
                                "\"c\":\"caf\xC3\xA9 \xF0\x9F\x94\xA5\"}");

  (void)state;
  assert_true(json_number(o, "a") >= 9e18);
  assert_true(isinf(json_number(o, "b")));
  assert_string_equal(json_text(o, "c", ""), "caf\xC3\xA9 \xF0\x9F\x94\xA5");
  json_free(o);
}

static void the_relaxed_dialect_is_for_files_of_people(void **state) {
  static const char text[] =
      "\xEF\xBB\xBF// mine\n{ /* all */ 'a': [\"x\",], // last\n}\n";
  struct json_error error;
  struct json_object *o =
      json_parse(text, sizeof(text) - 1, JSON_RELAXED, &error);

  (void)state;
  assert_int_equal(json_length(json_list(o, "a")), 1);
  json_free(o);
  assert_null(json_parse("{", 1, JSON_RELAXED, &error));
  assert_string_equal(error.what, "not JSON");
  assert_false(error.memory);
}

static void assert_written(struct json_writer *w, const char *text) {
  size_t len = 0;

  assert_string_equal(json_written(w, &len), text);
  assert_int_equal(len, strlen(text));
  json_writer_clear(w);
}

static void values_are_written_where_they_belong(void **state) {
  struct json_writer w = {0};

  (void)state;
  json_begin_object(&w, NULL);
  json_put_text(&w, "a", "x");
  json_put_text(&w, "b", NULL);
  json_begin_list(&w, "c");
  json_put_number(&w, NULL, 1);
  json_put_number(&w, NULL, NAN);
  json_begin_object(&w, NULL);
  json_end_object(&w);
  json_end_list(&w);
  json_begin_list(&w, "d");
  json_end_list(&w);
  json_begin_list(&w, "e");
  json_new_line(&w);
  json_put_flag(&w, NULL, true);
  json_new_line(&w);
  json_put_flag(&w, NULL, false);
  json_end_list(&w);
  json_end_object(&w);
  assert_written(&w, "{\"a\":\"x\",\"b\":null,\"c\":[1,null,{}],\"d\":[],"
                     "\"e\":[\ntrue,\nfalse]}");
}

static void numbers_are_short_and_exact(void **state) {
  static const struct {
    double number;
    const char *text;
  } cases[] = {{0.1, "0.1"},
               {-7, "-7"},
               {524288000, "524288000"},
               {1e300, "1e+300"},
               {1.0 / 3, "0.33333333333333331"},
               {-2.5e-300, "-2.5e-300"},
               {INFINITY, "null"}};
  struct json_writer w = {0};

  (void)state;
  for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
    json_put_number(&w, NULL, cases[i].number);
    assert_written(&w, cases[i].text);
  }
}

static void texts_are_printable_or_escaped(void **state) {
  static const char text[] = "\"\\\x1B\n\x7F\xFF"
                             "caf\xC3\xA9\xE2\x80\xAE\xF0\x9F\x94\xA5";
  struct json_writer w = {0};

  (void)state;
  json_put_text(&w, NULL, text);
  assert_written(&w, "\"\\\"\\\\   \xEF\xBF\xBD"
                     "caf\xC3\xA9\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"
                     "\xF0\x9F\x94\xA5\"");
  w.ascii = true;
  json_put_text(&w, NULL, text);
  assert_written(&w, "\"\\\"\\\\\\u001b\\u000a\\u007f\\ufffdcaf\\u00e9\\u202e"
                     "\\ud83d\\udd25\"");
}

static void long_texts_are_cut_between_characters(void **state) {
  static char text[3 * JSON_TEXT_MAX + 1];
  struct json_writer w = {0};
  size_t len = 0;

  (void)state;
  for (size_t i = 0; i < JSON_TEXT_MAX; i++)
    memcpy(text + 3 * i, "\xE2\x98\x83", 3);
  json_put_text(&w, NULL, text);
  json_written(&w, &len);
  assert_int_equal(len, JSON_TEXT_MAX / 3 * 3 + 2);
  json_writer_clear(&w);
}

static void a_failure_stays_until_the_end(void **state) {
  struct json_writer w = {0};
  size_t len = 0;
  char *text = NULL;

  (void)state;
  json_put_number(&w, NULL, 1);
  text = json_take(&w);
  assert_string_equal(text, "1");
  free(text);
  w.out.failed = true;
  json_put_number(&w, NULL, 1);
  assert_null(json_written(&w, &len));
  assert_null(json_take(&w));
  assert_null(w.out.text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_member_is_read_as_its_type_or_not_at_all),
      cmocka_unit_test(what_is_wrong_is_said_with_its_place),
      cmocka_unit_test(numbers_beyond_all_bounds_and_any_letter_are_taken),
      cmocka_unit_test(the_relaxed_dialect_is_for_files_of_people),
      cmocka_unit_test(values_are_written_where_they_belong),
      cmocka_unit_test(numbers_are_short_and_exact),
      cmocka_unit_test(texts_are_printable_or_escaped),
      cmocka_unit_test(long_texts_are_cut_between_characters),
      cmocka_unit_test(a_failure_stays_until_the_end),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
