/* SPDX-License-Identifier: MIT */
#include "rules/json_position.h"

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char text[] = "\n"
                           "{\n"
                           "  \"a\": 1, \"b\":\n"
                           "    { \"c\": \"}{\\\"][\", \"d\": [10,\n"
                           "      [ 20, 21 ],\n"
                           "      { \"e\": true,\n"
                           "        \"\\u0066\\\\\\n\": null } ] },\n"
                           "  \"last\": -1.5e3\n"
                           "}\n";

static unsigned line(const struct json_path *path) {
  return json_position_line(text, sizeof(text) - 1, path);
}

static void every_value_is_found(void **state) {
  const struct json_path a = {NULL, "a", 0};
  const struct json_path b = {NULL, "b", 0};
  const struct json_path c = {&b, "c", 0};
  const struct json_path d = {&b, "d", 0};
  const struct json_path d0 = {&d, NULL, 0};
  const struct json_path d1 = {&d, NULL, 1};
  const struct json_path d11 = {&d1, NULL, 1};
  const struct json_path d2 = {&d, NULL, 2};
  const struct json_path e = {&d2, "e", 0};
  const struct json_path f = {&d2, "f\\\n", 0};
  const struct json_path last = {NULL, "last", 0};

  (void)state;
  assert_int_equal(line(NULL), 2);
  assert_int_equal(line(&a), 3);
  assert_int_equal(line(&b), 3);
  assert_int_equal(line(&c), 4);
  assert_int_equal(line(&d), 4);
  assert_int_equal(line(&d0), 4);
  assert_int_equal(line(&d1), 5);
  assert_int_equal(line(&d11), 5);
  assert_int_equal(line(&d2), 6);
  assert_int_equal(line(&e), 6);
  assert_int_equal(line(&f), 7);
  assert_int_equal(line(&last), 8);
}

static void what_is_missing_is_where_its_parent_is(void **state) {
  const struct json_path b = {NULL, "b", 0};
  const struct json_path none = {&b, "none", 0};
  const struct json_path below = {&none, "x", 0};
  const struct json_path d = {&b, "d", 0};
  const struct json_path d9 = {&d, NULL, 9};
  const struct json_path key_of_list = {&d, "x", 0};
  const struct json_path index_of_object = {&b, NULL, 0};
  const struct json_path other = {NULL, "other", 0};

  (void)state;
  assert_int_equal(line(&none), 3);
  assert_int_equal(line(&below), 3);
  assert_int_equal(line(&d9), 4);
  assert_int_equal(line(&key_of_list), 4);
  assert_int_equal(line(&index_of_object), 3);
  assert_int_equal(line(&other), 2);
}

static void paths_read_like_the_file(void **state) {
  const struct json_path rules = {NULL, "rules", 0};
  const struct json_path third = {&rules, NULL, 3};
  const struct json_path hold = {&third, "for it", 0};
  char buf[JSON_PATH_MAX];

  (void)state;
  json_path_format(&hold, buf);
  assert_string_equal(buf, "rules[3].for it");
  json_path_format(NULL, buf);
  assert_string_equal(buf, "");
}

static void paths_stay_short_and_clean(void **state) {
  char longest[1000];
  const struct json_path bad = {NULL,
                                "a\n\x7F"
                                "b",
                                0};
  const struct json_path utf8 = {
      NULL, "12345678901234567890123456789012345678901234567\xC3\xA9", 0};
  struct json_path deep[20];
  char buf[JSON_PATH_MAX];

  (void)state;
  memset(longest, 'k', sizeof(longest) - 1);
  longest[sizeof(longest) - 1] = '\0';
  for (size_t i = 0; i < 20; i++)
    deep[i] = (struct json_path){i > 0 ? &deep[i - 1] : NULL,
                                 i % 4 < 3 ? longest : NULL, i * 1000000};
  json_path_format(&deep[0], buf);
  assert_int_equal(strlen(buf), 51);
  assert_string_equal(buf + 46, "kk...");
  json_path_format(&deep[19], buf);
  assert_true(strlen(buf) < JSON_PATH_MAX);
  json_path_format(&bad, buf);
  assert_string_equal(buf, "a??b");
  json_path_format(&utf8, buf);
  assert_string_equal(buf,
                      "12345678901234567890123456789012345678901234567...");
}

static void twice(const char *json, const char *expected) {
  char err[300] = "";
  int status = json_position_check_keys(json, strlen(json), err, sizeof(err));

  assert_string_equal(err, expected);
  assert_int_equal(status, *expected == '\0' ? 0 : -1);
}

static void keys_given_twice_are_found(void **state) {
  (void)state;
  twice("{\"a\":1,\n\"b\":2,\n\"a\":3}",
        "line 3: a: given twice, first in line 1");
  twice("{\"w\":{\"p\":1,\n\"p\":1}}",
        "line 2: w.p: given twice, first in line 1");
  twice("{\"rules\":[1,{\"x\":[],\"y\":{},\"x\":1}]}",
        "line 1: rules[1].x: given twice, first in line 1");
  twice("{\"for\":1,\"\\u0066or\":1}",
        "line 1: \\u0066or: given twice, first in line 1");
  twice("{\"a\\n\\/\\\"\":1,\"a\\u000a/\\u0022\":1}",
        "line 1: a\\u000a/\\u0022: given twice, first in line 1");
  twice("{\"a\\b\\f\\r\\t\":1,\"a\\u0008\\u000C\\u000d\\u0009\":1}",
        "line 1: a\\u0008\\u000C\\u000d\\u0009: given twice, first in line 1");
  twice("{\"c\":1,\"c\":2,\"b\":1,\"c\":3}",
        "line 1: c: given twice, first in line 1");
  twice("{\"a\xe2\x80\xae\": 1, \"a\xe2\x80\xae\": 2}",
        "line 1: a???: given twice, first in line 1");
}

static void the_same_key_elsewhere_is_no_second(void **state) {
  (void)state;
  twice("{}", "");
  twice("[]", "");
  twice("7", "");
  twice("{\"a\":{\"a\":{\"a\":[{\"a\":1},{\"a\":1}]}},\"b\":\"a\",\"\":\"\"}",
        "");
  twice("{\"a\":1,\"ab\":1,\"A\":1,\"a \":1}", "");
  twice("{\"a\": \"\\\\\", \"b\": [[],[1,[2]],{}], \"c\": 1}", "");
}

static void keys_are_in_double_quotes(void **state) {
  (void)state;
  twice("{\"a\":1,\n 'b':2}",
        "line 2: not JSON: key in double quotes expected");
  twice("{a:1}", "line 1: not JSON: key in double quotes expected");
}

static void a_hundred_thousand_keys_take_no_time(void **state) {
  size_t room = 2000000;
  char *json = malloc(room);
  size_t len = 1;
  char err[200];

  (void)state;
  assert_non_null(json);
  json[0] = '{';
  for (int i = 0; i < 100000; i++)
    len += (size_t)snprintf(json + len, room - len, "\"k%d\":%d,", i, i);
  len += (size_t)snprintf(json + len, room - len, "\n\"k5\":0}");
  assert_int_equal(json_position_check_keys(json, len, err, sizeof(err)), -1);
  assert_string_equal(err, "line 2: k5: given twice, first in line 1");
  free(json);
}

/* Only valid JSON has a right answer, but nothing may be read beyond. */
static void every_cut_and_every_change_is_survived(void **state) {
  const struct json_path b = {NULL, "b", 0};
  const struct json_path d = {&b, "d", 0};
  const struct json_path d2 = {&d, NULL, 2};
  const struct json_path e = {&d2, "e", 0};
  static const char bytes[] = "{}[],:\"\\u0 \n";
  char err[200];

  (void)state;
  for (size_t len = 0; len < sizeof(text); len++)
    for (size_t i = 0; i < sizeof(bytes); i++) {
      char *copy = malloc(len + 1); /* no room behind it */
      assert_non_null(copy);
      memcpy(copy, text, len);
      if (len > 0)
        copy[len - 1] = bytes[i];
      assert_in_range(json_position_line(copy, len, &e), 1, 10);
      json_position_check_keys(copy, len, err, sizeof(err));
      memcpy(copy, text, len);
      if (len > 0)
        copy[len / 2] = bytes[i];
      json_position_line(copy, len, &e);
      json_position_check_keys(copy, len, err, sizeof(err));
      free(copy);
    }
}

static void depth_is_bounded(void **state) {
  size_t len = 1000000;
  char *deep = malloc(len);
  char err[200];

  (void)state;
  assert_non_null(deep);
  memset(deep, '[', len);
  assert_int_equal(json_position_check_keys(deep, len, err, sizeof(err)), 0);
  for (size_t i = 0; i + 5 < len; i += 5)
    memcpy(deep + i, "{\"a\":", 5);
  assert_int_equal(json_position_check_keys(deep, len, err, sizeof(err)), 0);
  free(deep);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_value_is_found),
      cmocka_unit_test(what_is_missing_is_where_its_parent_is),
      cmocka_unit_test(paths_read_like_the_file),
      cmocka_unit_test(paths_stay_short_and_clean),
      cmocka_unit_test(keys_given_twice_are_found),
      cmocka_unit_test(the_same_key_elsewhere_is_no_second),
      cmocka_unit_test(keys_are_in_double_quotes),
      cmocka_unit_test(a_hundred_thousand_keys_take_no_time),
      cmocka_unit_test(every_cut_and_every_change_is_survived),
      cmocka_unit_test(depth_is_bounded),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
