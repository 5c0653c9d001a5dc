/* SPDX-License-Identifier: MIT */
/* Tests of src/hub/json_stream.c, through the API parser: what is JSON, and
 * where it is not. */
#include "hub/api_bodies.h"

static void escapes_become_utf_8(void **state) {
  (void)state;
  static const struct {
    const char *escapes, *text;
  } cases[] = {
      {"\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t"},
      {"\\u0022\\u005c", "\"\\"},
      {"\\u0001", "\x01"},
      {"\\u007f", "\x7f"},
      {"\\u0080", "\xc2\x80"},
      {"\\u07FF", "\xdf\xbf"},
      {"\\u0800", "\xe0\xa0\x80"},
      {"\\ud7ff", "\xed\x9f\xbf"},
      {"\\uE000", "\xee\x80\x80"},
      {"\\uFfFf", "\xef\xbf\xbf"},
      {"\\ud800\\udc00", "\xf0\x90\x80\x80"},
      {"\\uDBFF\\uDFFF", "\xf4\x8f\xbf\xbf"},
      {"\\udbff\\ue000", "\xef\xbf\xbd\xee\x80\x80"},
      {"\\udbff\\n", "\xef\xbf\xbd\n"},
      {"\\udbffx", "\xef\xbf\xbdx"},
      {"\\udbff", "\xef\xbf\xbd"},
      {"\\udc00x", "\xef\xbf\xbdx"},
      {"\\udE00\\ud83dx", "\xef\xbf\xbd\xef\xbf\xbdx"},
      {"\\ud800\\ud800\\udc00", "\xef\xbf\xbd\xf0\x90\x80\x80"},
      {"\xc3\xa4\xff\x80\xc3(", "\xc3\xa4\xff\x80\xc3("},
  };
  for (size_t i = 0; i < ARRAY_LENGTH(cases) * ARRAY_LENGTH(api_pieces); i++) {
    size_t c = i / ARRAY_LENGTH(api_pieces);
    char text[128], error[96];
    struct hub_snapshot s;
    snprintf(text, sizeof(text), "{\"servers\":[{\"name\":\"%s\"}]}",
             cases[c].escapes);
    assert_true(parse(API_HEALTH, text, strlen(text),
                      api_pieces[i % ARRAY_LENGTH(api_pieces)], &s, error));
    assert_string_equal(s.servers[0].name, cases[c].text);
    assert_int_equal(s.servers[0].name_len, strlen(cases[c].text));
    hub_snapshot_clear(&s);
  }
}

static void a_truncated_document_is_an_error_at_every_length(void **state) {
  (void)state;
  for (size_t len = 0; len < sizeof(sample) - 2; len++) {
    char error[64];
    snprintf(error, sizeof(error), "byte %zu: the document is %s", len,
             len < 2 ? "empty" : "cut short");
    assert_error(sample, len, error);
  }
}

static const struct {
  const char *text;
  const char *error;
} wrong[] = {
    {"", "byte 0: the document is empty"},
    {" \n", "byte 2: the document is empty"},
    {"{", "byte 1: the document is cut short"},
    {"-", "byte 1: the document is cut short"},
    {"1e", "byte 2: the document is cut short"},
    {"\"a", "byte 2: the document is cut short"},
    {"tru", "byte 3: the document is cut short"},
    {"x", "byte 0: expected a value"},
    {"\xef\xbb\xbf{}", "byte 0: expected a value"},
    {"]", "byte 0: expected a value"},
    {"/**/1", "byte 0: expected a value"},
    {"NaN", "byte 0: expected a value"},
    {"+1", "byte 0: expected a value"},
    {".5", "byte 0: expected a value"},
    {"\v1", "byte 0: expected a value"},
    {"{} {}", "byte 3: expected nothing after the document"},
    {"1 2", "byte 2: expected nothing after the document"},
    {"01", "byte 1: expected nothing after the document"},
    {"truex", "byte 4: expected nothing after the document"},
    {"\"a\"\"", "byte 3: expected nothing after the document"},
    {"{}}", "byte 2: expected nothing after the document"},
    {"{1", "byte 1: expected a key or '}'"},
    {"{,", "byte 1: expected a key or '}'"},
    {"{]", "byte 1: expected a key or '}'"},
    {"{'a':1}", "byte 1: expected a key or '}'"},
    {"{\"a\":1,}", "byte 7: expected a key"},
    {"{\"a\":\"b\",}", "byte 9: expected a key"},
    {"{\"a\":1,,", "byte 7: expected a key"},
    {"{\"a\"1", "byte 4: expected ':' after a key"},
    {"{\"a\",", "byte 4: expected ':' after a key"},
    {"{\"a\"}", "byte 4: expected ':' after a key"},
    {"{\"state\" \"", "byte 9: expected ':' after a key"},
    {"{\"a\":}", "byte 5: expected a value after ':'"},
    {"{\"a\"::", "byte 5: expected a value after ':'"},
    {"{\"a\":,", "byte 5: expected a value after ':'"},
    {"{\"a\":1]", "byte 6: expected ',' or '}' after a member"},
    {"{\"a\":\"b\":", "byte 8: expected ',' or '}' after a member"},
    {"{\"a\":[] {", "byte 8: expected ',' or '}' after a member"},
    {"{\"state\":01}", "byte 10: expected ',' or '}' after a member"},
    {"{\"a\":{\"b\":[{}}", "byte 13: expected ',' or ']' after an element"},
    {"[,", "byte 1: expected a value or ']'"},
    {"[}", "byte 1: expected a value or ']'"},
    {"[:", "byte 1: expected a value or ']'"},
    {"[1,]", "byte 3: expected a value after ','"},
    {"[\"a\",]", "byte 5: expected a value after ','"},
    {"[[1],,", "byte 5: expected a value after ','"},
    {"[1 2", "byte 3: expected ',' or ']' after an element"},
    {"[\"a\":", "byte 4: expected ',' or ']' after an element"},
    {"[[\"a\":", "byte 5: expected ',' or ']' after an element"},
    {"[1}", "byte 2: expected ',' or ']' after an element"},
    {"[True]", "byte 1: expected a value or ']'"},
    {"[tRue]", "byte 2: expected true, false or null"},
    {"[nul]", "byte 4: expected true, false or null"},
    {"{\"a\":falsy", "byte 9: expected true, false or null"},
    {"{\"a\":-}", "byte 6: expected a digit in a number"},
    {"[-a", "byte 2: expected a digit in a number"},
    {"[1.]", "byte 3: expected a digit in a number"},
    {"[1.e1]", "byte 3: expected a digit in a number"},
    {"[1e]", "byte 3: expected a digit in a number"},
    {"[1e+]", "byte 4: expected a digit in a number"},
    {"[1e+-1]", "byte 4: expected a digit in a number"},
    {"[--1]", "byte 2: expected a digit in a number"},
    {"[1.2.3]", "byte 4: expected ',' or ']' after an element"},
    {"[0x1]", "byte 2: expected ',' or ']' after an element"},
    {"[1-1]", "byte 2: expected ',' or ']' after an element"},
    {"[\"\\x\"]", "byte 3: wrong escape in a string"},
    {"[\"\\U0041\"]", "byte 3: wrong escape in a string"},
    {"{\"\\'\":1}", "byte 3: wrong escape in a string"},
    {"[\"\\u12g4\"]", "byte 6: expected four hex digits after \\u"},
    {"[\"\\u\"]", "byte 4: expected four hex digits after \\u"},
    {"{\"\\u004\":1}", "byte 7: expected four hex digits after \\u"},
    {"[\"a\nb\"]", "byte 3: control character in a string"},
    {"[\"sixteen bytes or more\t\"]", "byte 23: control character in a string"},
    {"{\"a\x1f\":1}", "byte 3: control character in a string"},
};

static void every_error_is_named_with_its_byte(void **state) {
  (void)state;
  for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++)
    assert_error(wrong[i].text, strlen(wrong[i].text), wrong[i].error);
}

/* Where values are skipped, counted, and walked by the table. */
static void errors_are_the_same_deep_inside_a_value(void **state) {
  (void)state;
  static const char *const before[] = {
      "{\"state\":[\"\",", "{\"servers\":[\"\",", "{\"servers\":[{\"name\":",
      "{\"servers\":[{\"capabilities\":{\"tools\":[\"\",",
      "{\"workspaces\":{\"allActive\":{\"1\":{\"config_files\":[\"\","};
  for (size_t i = 0; i < ARRAY_LENGTH(wrong) * ARRAY_LENGTH(before); i++) {
    const char *head = before[i % ARRAY_LENGTH(before)];
    const char *inner = wrong[i / ARRAY_LENGTH(before)].text;
    const char *inner_error = wrong[i / ARRAY_LENGTH(before)].error;
    const char *message = strstr(inner_error, ": ");
    if ((inner[0] != '{' && inner[0] != '[') ||
        strstr(message, "the document") != NULL)
      continue;
    char text[160], error[128];
    size_t byte = strlen(head) + strtoul(inner_error + 5, NULL, 10);
    snprintf(text, sizeof(text), "%s%s", head, inner);
    snprintf(error, sizeof(error), "byte %zu%s", byte, message);
    assert_error(text, strlen(text), error);
  }
}

static void control_characters_are_errors_wherever_they_stand(void **state) {
  (void)state;
  static const char *const heads[] = {"{\"k\":[\"",
                                      "{\"servers\":[{\"name\":\"", "{\""};
  for (size_t i = 0; i < ARRAY_LENGTH(heads) * 0x20; i++) {
    const char *head = heads[i / 0x20];
    for (size_t at = 0; at < 43; at++) {
      char text[128], error[64];
      size_t len = (size_t)snprintf(
          text, sizeof(text), "%s0123456789abcdef0123456789abcdef0123456789\"",
          head);
      text[strlen(head) + at] = (char)(i % 0x20);
      if (at == 42) /* the quote: not in the string */
        continue;
      snprintf(error, sizeof(error), "byte %zu: control character in a string",
               strlen(head) + at);
      assert_error(text, len, error);
    }
  }
}

static void nul_bytes_are_errors(void **state) {
  (void)state;
  assert_error("\0", 1, "byte 0: expected a value");
  assert_error("1\0", 2, "byte 1: expected nothing after the document");
  assert_error("[\"a\0\"]", 6, "byte 3: control character in a string");
  assert_error("[\"\\\0\"]", 6, "byte 3: wrong escape in a string");
}

static void bytes_above_ascii_pass_in_strings_only(void **state) {
  (void)state;
  assert_same("{\"servers\":[],\"\xff\":\"\x80\xc3(\"}", "{\"servers\":[]}");
  assert_error("[\"a\",\x80]", 7, "byte 5: expected a value after ','");
}

static void nesting_is_bounded(void **state) {
  (void)state;
  static const struct {
    const char *head, *open, *close;
    size_t levels; /* of the head */
  } shapes[] = {{"", "[", "]", 0},
                {"", "{\"servers\":", "}", 0},
                {"", "{\"a\":", "}", 0},
                {"{\"servers\":[{\"capabilities\":{\"tools\":[", "[", "]", 5}};
  for (size_t i = 0; i < ARRAY_LENGTH(shapes); i++) {
    size_t depth = REFERENCE_DEPTH - shapes[i].levels;
    char error[96];
    char *deep = fill(shapes[i].head, shapes[i].open, depth, "1");
    char *text = fill(deep, shapes[i].close, depth, i == 3 ? "]}}]}" : "");
    struct hub_snapshot s;
    parse(API_FILTERING, text, strlen(text), 100, &s, error);
    if (*error != '\0')
      assert_string_equal(error, "expected a JSON object");
    free(deep);
    free(text);
    text = fill(shapes[i].head, shapes[i].open, depth + 1, "");
    snprintf(error, sizeof(error), "byte %zu: nested too deeply",
             strlen(shapes[i].head) + depth * strlen(shapes[i].open));
    assert_error(text, strlen(text), error);
    free(text);
  }
}

static void a_million_open_brackets_are_an_error(void **state) {
  (void)state;
  char *text = repeat("[", 1000000);
  assert_error(text, 1000000, "byte 512: nested too deeply");
  free(text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(escapes_become_utf_8),
      cmocka_unit_test(a_truncated_document_is_an_error_at_every_length),
      cmocka_unit_test(every_error_is_named_with_its_byte),
      cmocka_unit_test(errors_are_the_same_deep_inside_a_value),
      cmocka_unit_test(control_characters_are_errors_wherever_they_stand),
      cmocka_unit_test(nul_bytes_are_errors),
      cmocka_unit_test(bytes_above_ascii_pass_in_strings_only),
      cmocka_unit_test(nesting_is_bounded),
      cmocka_unit_test(a_million_open_brackets_are_an_error),
  };
  return cmocka_run_group_tests_name("json_stream", tests, NULL, NULL);
}
