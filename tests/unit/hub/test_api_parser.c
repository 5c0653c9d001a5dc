/* SPDX-License-Identifier: MIT */
/* Tests of src/hub/api_parser.c, json_stream.c and text_store.c. */
#include "hub/api_reference.h"

#include "unit.h"

#define WHOLE ((size_t)1 << 24) /* a piece that no body is larger than */
#define ARRAY_LENGTH(a) (sizeof(a) / sizeof((a)[0]))

static const size_t pieces[] = {1, 2, 3, 7, 16, 17, 33, WHOLE};

/* ---- helpers ---- */

/* False: `error` says why. *s is to be cleared. */
static bool parse(enum api_answer answer, const char *text, size_t len,
                  size_t piece, struct hub_snapshot *s, char error[96]) {
  bool oversize;
  hub_snapshot_init(s);
  bool good = api_parse(answer, text, len, piece, s, error, &oversize);
  assert_int_equal(good, *error == '\0');
  assert_false(oversize);
  return good;
}

/* Two health documents give the same, in whatever pieces. */
static void assert_same(const char *text, const char *as) {
  struct hub_snapshot want, got;
  char error[96];
  if (!parse(API_HEALTH, as, strlen(as), WHOLE, &want, error))
    fail_msg("%s: %s", as, error);
  for (size_t i = 0; i < ARRAY_LENGTH(pieces); i++) {
    if (!parse(API_HEALTH, text, strlen(text), pieces[i], &got, error))
      fail_msg("%s: %s", text, error);
    const char *difference = reference_difference(&got, &want);
    if (difference != NULL)
      fail_msg("%s: %s differs in %s", text, difference, as);
    hub_snapshot_clear(&got);
  }
  hub_snapshot_clear(&want);
}

static void assert_error(const char *text, size_t len, const char *error) {
  for (size_t i = 0; i < 2 * ARRAY_LENGTH(pieces); i++) {
    struct hub_snapshot s;
    char got[96];
    if (parse(i % 2 ? API_HEALTH : API_FILTERING, text, len, pieces[i / 2], &s,
              got))
      fail_msg("accepted: %s", text);
    assert_string_equal(got, error);
    assert_int_equal(s.servers_num, 0);
    hub_snapshot_clear(&s);
  }
}

static char *repeat(const char *text, size_t times) {
  size_t len = strlen(text);
  char *all = malloc(len * times + 1);
  assert_non_null(all);
  for (size_t i = 0; i < times; i++)
    memcpy(all + i * len, text, len);
  all[len * times] = '\0';
  return all;
}

/* head, text * times, tail */
static char *fill(const char *head, const char *text, size_t times,
                  const char *tail) {
  char *middle = repeat(text, times);
  size_t size = strlen(head) + strlen(middle) + strlen(tail) + 1;
  char *all = malloc(size);
  assert_non_null(all);
  snprintf(all, size, "%s%s%s", head, middle, tail);
  free(middle);
  return all;
}

static const char sample[] =
    " {\r\n\t\"sta\\u0074e\" : \"re\\u0061dy\" , \"x\":[-0.5e+10,true,false,"
    "null,{\"y\":[[],{}]}],\"servers\":[{\"name\":\"a\\\"\\ud83d\\ude00\\ud83d"
    "\",\"status\":\"o\\td\\u0064\",\"uptime\": 20E-1 ,\"capabilities\":{"
    "\"tools\":[{\"d\":\"]}\\\\\\\"[\"},[1,2],3,\"a,b\",null] ,\"resources\":[ "
    "],\"prompts\":7}, \"config_source\":\"/c\"},7,[8],\"nine\",{}],"
    "\"workspaces\":{\"allActive\":{\"7000\":{\"pid\":1e2,\"state\":\"active\","
    "\"config_files\":[\"/a\" , [\"/b\"] ,\"/\\u00e4\"],\"cwd\":\"/\"},\"\":{}}"
    ",\"current\":\"7000\"}, \"longer than sixteen bytes\": \"and so is this\"}"
    "\n";

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
    for (size_t k = 0; k < ARRAY_LENGTH(pieces); k++)
      assert_true(
          same_number(tools_of(rows[i].list, pieces[k]), rows[i].count));
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
  for (size_t i = 0; i < ARRAY_LENGTH(cases) * ARRAY_LENGTH(pieces); i++) {
    size_t c = i / ARRAY_LENGTH(pieces);
    char text[128], error[96];
    struct hub_snapshot s;
    snprintf(text, sizeof(text), "{\"servers\":[{\"name\":\"%s\"}]}",
             cases[c].escapes);
    assert_true(parse(API_HEALTH, text, strlen(text),
                      pieces[i % ARRAY_LENGTH(pieces)], &s, error));
    assert_string_equal(s.servers[0].name, cases[c].text);
    assert_int_equal(s.servers[0].name_len, strlen(cases[c].text));
    hub_snapshot_clear(&s);
  }
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

static void a_truncated_document_is_an_error_at_every_length(void **state) {
  (void)state;
  for (size_t len = 0; len < sizeof(sample) - 2; len++) {
    char error[64];
    snprintf(error, sizeof(error), "byte %zu: the document is %s", len,
             len < 2 ? "empty" : "cut short");
    assert_error(sample, len, error);
  }
}

/* ---- errors ---- */

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
      cmocka_unit_test(escapes_become_utf_8),
      cmocka_unit_test(a_name_may_have_a_nul_inside_other_texts_may_not),
      cmocka_unit_test(of_duplicate_keys_the_last_one_counts),
      cmocka_unit_test(keys_of_any_length_are_read),
      cmocka_unit_test(a_workspace_whose_name_has_a_nul_is_none),
      cmocka_unit_test(the_snapshot_is_the_same_at_every_split),
      cmocka_unit_test(empty_pieces_change_nothing),
      cmocka_unit_test(a_truncated_document_is_an_error_at_every_length),
      cmocka_unit_test(every_error_is_named_with_its_byte),
      cmocka_unit_test(errors_are_the_same_deep_inside_a_value),
      cmocka_unit_test(control_characters_are_errors_wherever_they_stand),
      cmocka_unit_test(nul_bytes_are_errors),
      cmocka_unit_test(bytes_above_ascii_pass_in_strings_only),
      cmocka_unit_test(input_after_an_error_is_refused),
      cmocka_unit_test(bytes_after_the_end_are_an_error_also_later),
      cmocka_unit_test(nesting_is_bounded),
      cmocka_unit_test(a_million_open_brackets_are_an_error),
      cmocka_unit_test(what_is_kept_is_bounded),
      cmocka_unit_test(what_is_skipped_is_not_bounded),
      cmocka_unit_test(destroying_nothing_is_fine),
  };
  return cmocka_run_group_tests_name("api_parser", tests, NULL, NULL);
}
