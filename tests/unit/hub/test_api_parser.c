/* SPDX-License-Identifier: MIT */
/* Tests of src/hub/api_parser.c and text_store.c. */
#include "hub/api_bodies.h"

static const char sample_plain[] =
    "{\"state\":\"ready\",\"servers\":[{\"name\":\"a\\\"\xf0\x9f\x98\x80"
    "\xef\xbf\xbd\",\"status\":\"o\\tdd\",\"uptime\":2,\"config_source\":\"/c\""
    ",\"capabilities\":{\"tools\":5,\"resources\":0,\"prompts\":7}},{},{},{},{}"
    "],\"workspaces\":{\"current\":\"7000\",\"allActive\":{\"7000\":{\"pid\":"
    "100,\"state\":\"active\",\"cwd\":\"/\",\"config_files\":[\"/a\",\"/"
    "\xc3\xa4\"]}}}}";

/* ---- what is kept ---- */

static void what_the_table_does_not_name_changes_nothing(void **state) {
  (void)state;
  assert_same("{\"a\":1,\"state\":\"error\",\"b\":{\"state\":\"ready\"}}",
              "{\"state\":\"error\"}");
  assert_same("{\"servers\":[{\"name\":\"a\",\"servers\":[1,{\"name\":\"b\"}],"
              "\"status \":\"x\",\"nam\":\"c\",\"names\":\"d\",\"\":\"e\"}]}",
              "{\"servers\":[{\"name\":\"a\"}]}");
  assert_same(" { \"state\" :\t\"ready\" ,\r\n\"servers\" : [ { } , 1 ] } ",
              "{\"state\":\"ready\",\"servers\":[{},1]}");
}

static void every_element_of_the_list_is_a_server(void **state) {
  (void)state;
  assert_same("{\"servers\":[{\"name\":\"a\"},{\"x\":2},3,\"4\",null,[{\"name\""
              ":\"b\"}],[],{\"name\":\"c\"}]}",
              "{\"servers\":[{\"name\":\"a\"},{},{},{},{},{},{},{\"name\":"
              "\"c\"}]}");
}

static void a_value_of_the_wrong_type_is_as_none(void **state) {
  (void)state;
  static const char *const members[] = {
      "\"state\":[\"ready\"]",
      "\"state\":{\"state\":\"ready\"}",
      "\"state\":1",
      "\"state\":null",
      "\"activeClients\":[1]",
      "\"activeClients\":{}",
      "\"activeClients\":\"1\"",
      "\"activeClients\":true",
      "\"timestamp\":[\"2026-11-20T12:00:00Z\"]",
      "\"mcpEndpoint\":[{\"activeClients\":1}]",
      "\"mcpEndpoint\":\"x\"",
      "\"workspaces\":[{\"allActive\":{\"1\":{\"state\":\"active\"}}}]",
      "\"workspaces\":{\"allActive\":[{\"state\":\"active\"}]}",
      "\"workspaces\":{\"allActive\":null}"};
  for (size_t i = 0; i < ARRAY_LENGTH(members); i++) {
    char text[128];
    snprintf(text, sizeof(text), "{\"servers\":[],%s}", members[i]);
    assert_same(text, "{\"servers\":[]}");
  }
  assert_same("{\"servers\":null,\"state\":\"ready\"}",
              "{\"state\":\"ready\"}");
}

static double tools_of(const char *list, size_t piece) {
  char *text =
      fill("{\"servers\":[{\"capabilities\":{\"tools\":", list, 1, "}}]}");
  struct hub_snapshot s;
  char error[96];
  if (!parse(API_HEALTH, text, strlen(text), piece, &s, error))
    fail_msg("%s: %s", text, error);
  double tools = s.servers[0].capability[SERVER_TOOLS];
  hub_snapshot_clear(&s);
  free(text);
  return tools;
}

static void a_count_is_of_elements_whatever_they_hold(void **state) {
  (void)state;
  static const struct {
    const char *list;
    double count;
  } rows[] = {{"[]", 0},
              {"[ ]", 0},
              {"[0]", 1},
              {"[[],[]]", 2},
              {"[[1,[2,3]],{\"k\":[4,5],\"]\":\",\"},\"],[\",\"\\\"\",\"\\\\\","
               "\"\\\\\\\",\",\"{\",null]",
               8},
              {"7", 7},
              {"-1.5", NAN},
              {"\"[1,2]\"", NAN},
              {"{\"a\":[1]}", NAN},
              {"true", NAN},
              {"null", NAN}};
  for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
    for (size_t k = 0; k < ARRAY_LENGTH(api_pieces); k++)
      assert_true(
          same_number(tools_of(rows[i].list, api_pieces[k]), rows[i].count));
  char *list = fill("[", "{\"a\":[1,2]},", 100000, "0]");
  assert_true(tools_of(list, 4096) == 100001);
  free(list);
}

static void other_documents_are_no_answer_of_a_hub(void **state) {
  (void)state;
  static const char *const texts[] = {"0",
                                      "-0",
                                      "10",
                                      "1.50",
                                      "1e5",
                                      "-1E-05",
                                      "\"\"",
                                      "true",
                                      "false",
                                      "null",
                                      "[ ]",
                                      "\t17\n",
                                      "[{\"state\":\"ready\"}]",
                                      "\"a long text of one string\""};
  for (size_t i = 0; i < ARRAY_LENGTH(texts); i++)
    assert_error(texts[i], strlen(texts[i]), "expected a JSON object");
}

/* ---- keys and texts ---- */

static void escaped_keys_match_by_what_they_mean(void **state) {
  (void)state;
  assert_same("{\"st\\u0061te\":\"ready\",\"\\u0073\\u0065\\u0072\\u0076\\u0065"
              "\\u0072\\u0073\":[{\"n\\u0061me\":\"a\"}]}",
              "{\"state\":\"ready\",\"servers\":[{\"name\":\"a\"}]}");
  assert_same("{\"servers\":[],\"st\\u0061tes\":1,\"\\\"state\":1,\"st\\\\"
              "u0061te\":1,\"\\ud83d\":1,\"state\\u0000\":\"ready\",\"\\u0000\""
              ":1,\"st\\u0000ate\":[1]}",
              "{\"servers\":[]}");
}

static void a_name_may_have_a_nul_inside_other_texts_may_not(void **state) {
  (void)state;
  const char *text =
      "{\"servers\":[{\"name\":\"a\\u0000b\",\"status\":\"connected\\u0000\","
      "\"config_source\":\"c\\u0000\",\"transportType\":\"stdio\\u0000\"}]}";
  struct hub_snapshot s;
  char error[96];
  assert_true(parse(API_HEALTH, text, strlen(text), 5, &s, error));
  assert_int_equal(s.servers[0].name_len, 3);
  assert_memory_equal(s.servers[0].name, "a\0b", 4);
  assert_int_equal(s.servers[0].status, SERVER_UNKNOWN);
  assert_string_equal(s.servers[0].status_text, "");
  assert_null(s.servers[0].config_source);
  assert_false(s.servers[0].is_stdio);
  hub_snapshot_clear(&s);
}

static void of_duplicate_keys_the_last_one_counts(void **state) {
  (void)state;
  static const struct {
    const char *text, *as;
  } rows[] = {
      {"{\"state\":\"error\",\"x\":1,\"st\\u0061te\":[2],\"state\":\"ready\"}",
       "{\"state\":\"ready\"}"},
      {"{\"servers\":[],\"state\":\"error\",\"state\":null}",
       "{\"servers\":[]}"},
      {"{\"servers\":{},\"servers\":[{\"name\":\"a\"}],\"servers\":[{}]}",
       "{\"servers\":[{}]}"},
      {"{\"state\":\"ready\",\"servers\":[{}],\"servers\":null}",
       "{\"state\":\"ready\"}"},
      {"{\"servers\":[{\"name\":\"a\",\"status\":\"x\",\"status\":\"y\","
       "\"uptime\":1,\"name\":2,\"uptime\":\"\"}]}",
       "{\"servers\":[{\"status\":\"y\"}]}"},
      {"{\"servers\":[{\"capabilities\":{\"tools\":[1],\"tools\":[]},"
       "\"capabilities\":{\"prompts\":[1]}}]}",
       "{\"servers\":[{\"capabilities\":{\"prompts\":1}}]}"},
      {"{\"servers\":[{\"capabilities\":{\"tools\":[1]},\"capabilities\":7}]}",
       "{\"servers\":[{}]}"},
      {"{\"servers\":[],\"mcpEndpoint\":{\"activeClients\":1,"
       "\"registeredCapabilities\":{\"tools\":1}},\"mcpEndpoint\":{}}",
       "{\"servers\":[]}"},
      {"{\"servers\":[],\"workspaces\":{\"current\":\"1\",\"allActive\":{\"1\":"
       "{\"pid\":1}}},\"workspaces\":{\"allActive\":{\"1\":{\"pid\":2}}}}",
       "{\"servers\":[],\"workspaces\":{\"allActive\":{\"1\":{}}}}"},
      {"{\"servers\":[],\"workspaces\":{\"current\":\"1\",\"allActive\":{\"1\":"
       "{\"pid\":1,\"state\":\"active\",\"config_files\":[\"a\"]},\"2\":{"
       "\"state\":\"active\",\"config_files\":[\"b\"]},\"\\u0031\":{\"pid\":3,"
       "\"config_files\":[\"c\"],\"config_files\":[\"d\",\"e\"]}}}}",
       "{\"servers\":[],\"workspaces\":{\"current\":\"1\",\"allActive\":{\"2\":"
       "{\"state\":\"active\"},\"1\":{\"pid\":3,\"config_files\":[\"d\",\"e\"]}"
       "}}}"},
  };
  for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
    assert_same(rows[i].text, rows[i].as);
}

static void keys_of_any_length_are_read(void **state) {
  (void)state;
  char *dropped = fill("{\"state\":\"ready\",\"", "0123456789abcdef", 1 << 18,
                       "\":1,\"state\":\"error\"}"); /* 4 MiB */
  assert_same(dropped, "{\"state\":\"error\"}");
  free(dropped);
  char *name = repeat("long\\u0020", 1000);
  char *part = fill("{\"servers\":[],\"workspaces\":{\"current\":\"", name, 1,
                    "\",\"allActive\":{\"");
  char *text = fill(part, name, 1, "\":{\"pid\":7}}}}");
  assert_same(text, "{\"servers\":[],\"workspaces\":{\"current\":\"1\","
                    "\"allActive\":{\"1\":{\"pid\":7}}}}");
  free(text);
  free(part);
  free(name);
}

static void a_workspace_whose_name_has_a_nul_is_none(void **state) {
  (void)state;
  assert_same("{\"servers\":[],\"workspaces\":{\"current\":\"1\",\"allActive\":"
              "{\"1\\u0000\":{\"pid\":7,\"state\":\"active\"}}}}",
              "{\"servers\":[],\"workspaces\":{\"allActive\":{}}}");
}

/* ---- pieces ---- */

static void the_snapshot_is_the_same_at_every_split(void **state) {
  (void)state;
  const size_t len = sizeof(sample) - 1;
  assert_same(sample, sample_plain);
  struct hub_snapshot want, got;
  char error[96];
  assert_true(parse(API_HEALTH, sample, len, WHOLE, &want, error));
  hub_snapshot_init(&got);
  for (size_t first = 0; first <= len; first++) {
    for (size_t second = first; second <= first + 3 && second <= len;
         second++) {
      struct api_parser *p = api_parser_create(API_HEALTH);
      assert_int_equal(api_parser_feed(p, sample, first), 0);
      assert_int_equal(api_parser_feed(p, sample + first, second - first), 0);
      assert_int_equal(api_parser_feed(p, sample + second, len - second), 0);
      assert_int_equal(api_parser_finish(p, &got), 0);
      assert_null(reference_difference(&got, &want));
      api_parser_destroy(p);
    }
  }
  hub_snapshot_clear(&want);
  hub_snapshot_clear(&got);
}

static void empty_pieces_change_nothing(void **state) {
  (void)state;
  struct api_parser *p = api_parser_create(API_HEALTH);
  struct hub_snapshot s;
  hub_snapshot_init(&s);
  assert_int_equal(api_parser_feed(p, NULL, 0), 0);
  assert_int_equal(api_parser_feed(p, "{\"activeClients\":1", 18), 0);
  assert_int_equal(api_parser_feed(p, "", 0), 0);
  assert_int_equal(api_parser_feed(p, "2,\"servers\":[]}", 15), 0);
  assert_int_equal(api_parser_finish(p, &s), 0);
  assert_true(s.number[HUB_CLIENTS_EVENTS] == 12);
  api_parser_destroy(p);
  hub_snapshot_clear(&s);
}

static void input_after_an_error_is_refused(void **state) {
  (void)state;
  struct api_parser *p = api_parser_create(API_FILTERING);
  struct hub_snapshot s;
  hub_snapshot_init(&s);
  s.number[HUB_TOOLS_TOTAL] = 7;
  assert_int_equal(api_parser_feed(p, "{\"totalTools\":1]", 16), -1);
  assert_int_equal(api_parser_feed(p, "}", 1), -1);
  assert_int_equal(api_parser_feed(p, NULL, 0), -1);
  assert_int_equal(api_parser_finish(p, &s), -1);
  assert_true(s.number[HUB_TOOLS_TOTAL] == 7); /* as it was */
  assert_string_equal(api_parser_error(p),
                      "byte 15: expected ',' or '}' after a member");
  api_parser_destroy(p);
}

static void bytes_after_the_end_are_an_error_also_later(void **state) {
  (void)state;
  struct api_parser *p = api_parser_create(API_FILTERING);
  struct hub_snapshot s;
  hub_snapshot_init(&s);
  assert_int_equal(api_parser_feed(p, "{}", 2), 0);
  assert_int_equal(api_parser_finish(p, &s), 0);
  assert_int_equal(api_parser_feed(p, "\n", 1), 0);
  assert_int_equal(api_parser_feed(p, "3", 1), -1);
  assert_string_equal(api_parser_error(p),
                      "byte 3: expected nothing after the document");
  api_parser_destroy(p);
}

/* ---- limits ---- */

/* `times` of the text are read, one more is too much. */
static void assert_bound(const char *head, const char *text, size_t times,
                         const char *tail, const char *error) {
  struct hub_snapshot s;
  bool oversize;
  char got[96];
  hub_snapshot_init(&s);
  for (size_t more = 0; more < 2; more++) {
    char *body = fill(head, text, times + more, tail);
    bool good =
        api_parse(API_HEALTH, body, strlen(body), 16384, &s, got, &oversize);
    assert_int_equal(good, more == 0);
    assert_int_equal(oversize, more == 1);
    if (more > 0)
      assert_string_equal(strstr(got, ": "), error);
    free(body);
  }
  hub_snapshot_clear(&s);
}

static void what_is_kept_is_bounded(void **state) {
  (void)state;
  assert_bound("{\"servers\":[0", ",{}", API_PARSER_MAX_SERVERS - 1, "]}",
               ": more than 10,000 servers");
  assert_bound("{\"servers\":[],\"workspaces\":{\"allActive\":{\"\":{}",
               ",\"1\":{}", API_PARSER_MAX_WORKSPACES - 1, "}}}",
               ": more than 1,000 workspaces");
  assert_bound("{\"servers\":[],\"workspaces\":{\"current\":\"\","
               "\"allActive\":{\"\":{\"config_files\":[\"\"",
               ",\"\"", API_PARSER_MAX_CONFIG_FILES - 1, "]}}}}",
               ": more than 64 configuration files");
  assert_bound("{\"servers\":[{\"name\":\"", "x", API_PARSER_MAX_TEXT - 1,
               "\"}]}", ": too much text to keep");
  assert_bound("{\"servers\":[", "{\"name\":\"012345678901234\"},",
               API_PARSER_MAX_SERVERS - 1, "0]}", ": more than 10,000 servers");
}

static void what_is_skipped_is_not_bounded(void **state) {
  (void)state;
  char *text = fill("{\"servers\":[{\"description\":\"", "0123456789abcdef",
                    1 << 18, "\",\"status\":\"connected\"}]}"); /* 4 MiB */
  assert_same(text, "{\"servers\":[{\"status\":\"connected\"}]}");
  free(text);
}

static void destroying_nothing_is_fine(void **state) {
  (void)state;
  api_parser_destroy(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_the_table_does_not_name_changes_nothing),
      cmocka_unit_test(every_element_of_the_list_is_a_server),
      cmocka_unit_test(a_value_of_the_wrong_type_is_as_none),
      cmocka_unit_test(a_count_is_of_elements_whatever_they_hold),
      cmocka_unit_test(other_documents_are_no_answer_of_a_hub),
      cmocka_unit_test(escaped_keys_match_by_what_they_mean),
      cmocka_unit_test(a_name_may_have_a_nul_inside_other_texts_may_not),
      cmocka_unit_test(of_duplicate_keys_the_last_one_counts),
      cmocka_unit_test(keys_of_any_length_are_read),
      cmocka_unit_test(a_workspace_whose_name_has_a_nul_is_none),
      cmocka_unit_test(the_snapshot_is_the_same_at_every_split),
      cmocka_unit_test(empty_pieces_change_nothing),
      cmocka_unit_test(input_after_an_error_is_refused),
      cmocka_unit_test(bytes_after_the_end_are_an_error_also_later),
      cmocka_unit_test(what_is_kept_is_bounded),
      cmocka_unit_test(what_is_skipped_is_not_bounded),
      cmocka_unit_test(destroying_nothing_is_fine),
  };
  return cmocka_run_group_tests_name("api_parser", tests, NULL, NULL);
}
