/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "util/json_syntax.h"

#include <string.h>

struct wrong {
  const char *text;
  size_t offset;
  const char *error;
};

static void what_is_json_is_accepted(void **state) {
  static const char *const texts[] = {
      "null",
      " true ",
      "\t\r\n[ false ]\n",
      "0",
      "-0.5e+10",
      "1E5",
      "123456789012345678901234567890",
      "\"\"",
      "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"",
      "\"\xC3\xA9 \xE2\x80\xA6 \xF0\x9F\x94\xA5 \x7F\"",
      "[]",
      "{}",
      "[1,2 , [3]]",
      "{ \"a\" : { \"b\":[{}] }, \"a\":null}",
      "\"a\tb\"",
      "[NaN, Infinity, -Infinity]",
  };
  size_t offset;
  (void)state;
  for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
    assert_null(json_syntax_error(texts[i], strlen(texts[i]), &offset));
    assert_int_equal(offset, strlen(texts[i]));
  }
}

static void what_is_not_json_is_named_where_it_begins(void **state) {
  static const char early[] = "the text ends too early";
  static const struct wrong cases[] = {
      {"", 0, early},
      {"  ", 2, early},
      {"[1,", 3, early},
      {"{\"a\"", 4, early},
      {"\"a", 2, early},
      {"\"\\u12", 5, early},
      {"-", 1, early},
      {"1.", 2, early},
      {"tru", 3, early},
      {"[1 2]", 3, "array value separator ',' expected"},
      {"[1,]", 3, "unexpected character"},
      {"{\"a\":1,}", 7, "unexpected character"},
      {"{,}", 1, "quoted object property name expected"},
      {"{a:1}", 1, "quoted object property name expected"},
      {"{'a':1}", 1, "quoted object property name expected"},
      {"{\"a\" 1}", 5, "object property name separator ':' expected"},
      {"{\"a\":1 \"b\":2}", 7, "object value separator ',' expected"},
      {"'a'", 0, "unexpected character"},
      {"1 // one", 2, "unexpected character"},
      {"[1] ]", 4, "unexpected character"},
      {"01", 1, "number expected"},
      {"-a", 1, "number expected"},
      {"1.e5", 2, "number expected"},
      {"1e", 2, early},
      {"+1", 0, "unexpected character"},
      {".5", 0, "unexpected character"},
      {"Nan", 2, "number expected"},
      {"-inf", 1, "number expected"},
      {"True", 0, "unexpected character"},
      {"trUe", 2, "boolean expected"},
      {"nil", 1, "null expected"},
      {"\"\\x\"", 2, "invalid string sequence"},
      {"\"\\u12g4\"", 5, "invalid string sequence"},
      {"\"\xFF\"", 1, "invalid utf-8 string"},
      {"\"\xED\xA0\x80\"", 1, "invalid utf-8 string"},
      {"\"\xC3\"", 1, "invalid utf-8 string"},
      {"\xEF\xBB\xBF{}", 0, "unexpected character"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
    size_t offset = 0;
    const char *error =
        json_syntax_error(cases[i].text, strlen(cases[i].text), &offset);
    assert_non_null(error);
    assert_string_equal(error, cases[i].error);
    assert_int_equal(offset, cases[i].offset);
  }
}

static void a_byte_of_zero_is_no_end(void **state) {
  size_t offset = 0;
  (void)state;
  assert_string_equal(json_syntax_error("{}\0{", 4, &offset),
                      "unexpected character");
  assert_int_equal(offset, 2);
  assert_null(json_syntax_error("[]x", 2, &offset));
}

static void nesting_is_bounded(void **state) {
  char text[2 * (JSON_SYNTAX_DEPTH + 1)];
  size_t offset = 0;
  (void)state;
  memset(text, '[', JSON_SYNTAX_DEPTH);
  memset(text + JSON_SYNTAX_DEPTH, ']', JSON_SYNTAX_DEPTH);
  assert_null(json_syntax_error(text, (size_t)2 * JSON_SYNTAX_DEPTH, &offset));
  memset(text, '[', sizeof(text));
  assert_string_equal(json_syntax_error(text, sizeof(text), &offset),
                      "nesting too deep");
  assert_int_equal(offset, JSON_SYNTAX_DEPTH);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_json_is_accepted),
      cmocka_unit_test(what_is_not_json_is_named_where_it_begins),
      cmocka_unit_test(a_byte_of_zero_is_no_end),
      cmocka_unit_test(nesting_is_bounded),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
