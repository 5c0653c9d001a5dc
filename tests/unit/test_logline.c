/* Tests of src/hub/logline.c. The lines marked "real" were written by mcp-hub
 * 4.2.1 or by the fork's pino logger; names and places are changed. */
#include "hub/logline.h"

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

struct expectation {
  const char *line;
  enum logline_level level;
  enum logline_event event;
};

/* In memory of just that size, so that a sanitizer sees a step too far. */
static struct logline classify(const char *line, size_t len, bool cut) {
  char *copy = malloc(len > 0 ? len : 1);
  assert_non_null(copy);
  memcpy(copy, line, len);
  struct logline what = logline_classify(copy, len, cut);
  free(copy);
  return what;
}

static void expect(const struct expectation *e, size_t num) {
  for (size_t i = 0; i < num; i++) {
    struct logline what = classify(e[i].line, strlen(e[i].line), false);
    if (!what.entry || what.level != e[i].level || what.event != e[i].event)
      fail_msg("%s\n  is %s %s, not %s %s", e[i].line,
               logline_level_name(what.level), logline_event_name(what.event),
               logline_level_name(e[i].level), logline_event_name(e[i].event));
  }
}

static void real_bare_text_has_events_and_no_level(void **state) {
  (void)state;
  static const struct expectation lines[] = {
      {"Starting HTTP server on port 39471", LOGLINE_OTHER, LOGLINE_NO_EVENT},
      {"HTTP_SERVER_STARTED", LOGLINE_OTHER, LOGLINE_NO_EVENT},
      {"Fetch failed, falling back to curl", LOGLINE_OTHER, LOGLINE_NO_EVENT},
      {"Hub endpoint ready: Use `http://localhost:39471/mcp` endpoint with any "
       "other MCP clients",
       LOGLINE_OTHER, LOGLINE_NO_EVENT},
      {"Initializing MCP server 'x' MCP server connected'", LOGLINE_OTHER,
       LOGLINE_NO_EVENT},
      {"'http' error: fetch failed", LOGLINE_OTHER, LOGLINE_NO_EVENT},
      {"'http' transport closed", LOGLINE_OTHER, LOGLINE_DISCONNECT},
      {"Failed to connect to \"x' MCP server connected\" MCP server: spawn "
       "/nonexistent/cmd ENOENT",
       LOGLINE_OTHER, LOGLINE_CONNECT_FAILED},
      {"'x' MCP server connected' transport closed", LOGLINE_OTHER,
       LOGLINE_DISCONNECT},
      {"'x' MCP server connected' error: spawn /nonexistent/cmd ENOENT",
       LOGLINE_OTHER, LOGLINE_NO_EVENT},
      {"multi stderr: line one", LOGLINE_OTHER, LOGLINE_NO_EVENT},
      {"line four", LOGLINE_OTHER, LOGLINE_NO_EVENT},
      {"'it's \"quoted\"' MCP server connected", LOGLINE_OTHER,
       LOGLINE_CONNECT},
      {"2/5 servers started successfully", LOGLINE_OTHER, LOGLINE_NO_EVENT},
      {"[object Object]", LOGLINE_OTHER, LOGLINE_NO_EVENT},
  };
  expect(lines, LENGTH(lines));
}

static void real_lines_of_the_hubs_own_json(void **state) {
  (void)state;
  static const struct expectation lines[] = {
      {"{\"type\":\"info\",\"message\":\"HTTP_SERVER_STARTED\",\"data\":{},"
       "\"timestamp\":\"2026-01-02T03:04:05.869Z\"}",
       LOGLINE_INFO, LOGLINE_NO_EVENT},
      {"{\"type\":\"info\",\"message\":\"'it's \\\"quoted\\\"' MCP server "
       "connected\",\"data\":{},\"timestamp\":\"2026-01-02T03:04:05.192Z\"}",
       LOGLINE_INFO, LOGLINE_CONNECT},
      {"{\"type\":\"debug\",\"message\":\"'it's \\\"quoted\\\"' transport "
       "closed\",\"data\":{},\"timestamp\":\"2026-01-02T03:04:05.125Z\"}",
       LOGLINE_DEBUG, LOGLINE_DISCONNECT},
      {"{\"type\":\"error\",\"message\":\"Failed to connect to \\\"http\\\" "
       "MCP server: SSE error: TypeError: fetch failed: bad port\",\"data\":{"
       "\"server\":\"http\",\"error\":\"SSE error: TypeError: fetch failed: "
       "bad port\"},\"timestamp\":\"2026-01-02T03:04:05.267Z\",\"code\":"
       "\"CONNECTION_ERROR\"}",
       LOGLINE_ERROR, LOGLINE_CONNECT_FAILED},
      {"{\"type\":\"warn\",\"message\":\"multi stderr: line one\\n  at "
       "indented (x.js:1)\\n\\nline four\",\"data\":{},\"timestamp\":"
       "\"2026-01-02T03:04:05.299Z\"}",
       LOGLINE_WARN, LOGLINE_NO_EVENT},
      {"{\"type\":\"info\",\"message\":\"2/5 servers started successfully\","
       "\"data\":{\"total\":5,\"successful\":2,\"failed\":3,\"disabled\":0,"
       "\"failedServers\":[\"x' MCP server connected\",\"multi\",\"http\"]},"
       "\"timestamp\":\"2026-01-02T03:04:05.193Z\"}",
       LOGLINE_INFO, LOGLINE_NO_EVENT},
      {"{\"type\":\"debug\",\"message\":{\"prompt\":\"hello\",\"msg\":\"'x' "
       "transport closed\"},\"data\":\"analyze\",\"timestamp\":\"2026\"}",
       LOGLINE_DEBUG, LOGLINE_NO_EVENT},
      {"{\"type\":\"error\",\"message\":{},\"data\":{},\"timestamp\":\"2026\","
       "\"code\":\"Failed to get filtering stats:\"}",
       LOGLINE_ERROR, LOGLINE_NO_EVENT},
  };
  expect(lines, LENGTH(lines));
}

static void real_pino_lines(void **state) {
  (void)state;
  static const struct expectation lines[] = {
      {"{\"level\":\"info\",\"time\":\"2026-01-02T03:04:05.195Z\",\"pid\":8930,"
       "\"hostname\":\"vm\",\"msg\":\"'alpha' MCP server connected\"}",
       LOGLINE_INFO, LOGLINE_CONNECT},
      {"{\"level\":\"error\",\"time\":\"2026\",\"pid\":8930,\"hostname\":\"vm\""
       ",\"code\":\"CONNECTION_ERROR\",\"server\":\"x\",\"error\":\"boom\","
       "\"msg\":\"Failed to connect to \\\"it's \\\\\\\"quoted\\\\\\\"\\\" MCP "
       "server: spawn ENOENT\"}",
       LOGLINE_ERROR, LOGLINE_CONNECT_FAILED},
      {"{\"level\":\"warn\",\"time\":\"2026\",\"pid\":8930,\"hostname\":\"vm\","
       "\"timeout\":5000,\"tool\":\"github__search\",\"pid\":7,\"msg\":\"LLM "
       "API timeout after 5000ms for github__search\"}",
       LOGLINE_WARN, LOGLINE_LLM_ERROR},
      {"{\"level\":\"error\",\"time\":\"2026\",\"pid\":8930,\"code\":\"Failed "
       "to get filtering stats:\",\"msg\":{}}",
       LOGLINE_ERROR, LOGLINE_NO_EVENT},
      {"{\"level\":\"error\",\"time\":\"2026\",\"pid\":8930,\"code\":{\"a\":1},"
       "\"msg\":\"obj first\"}",
       LOGLINE_ERROR, LOGLINE_NO_EVENT},
      {"{\"level\":\"error\",\"time\":\"2026\",\"pid\":8930,\"type\":\"invalid_"
       "request_error\",\"msg\":\"OpenAI API error: 429 - quota\"}",
       LOGLINE_ERROR, LOGLINE_LLM_ERROR},
      {"{\"level\":\"info\",\"time\":\"2026\",\"pid\":8930,\"msg\":\"'x' "
       "transport closed\",\"level\":\"error\",\"type\":\"sse\",\"msg\":\"data "
       "brings msg\"}",
       LOGLINE_INFO, LOGLINE_NO_EVENT},
  };
  expect(lines, LENGTH(lines));
}

static void the_level_of_pino_is_a_word_or_a_number(void **state) {
  (void)state;
  static const struct {
    const char *value;
    enum logline_level level;
  } levels[] = {
      {"10", LOGLINE_DEBUG},         {"20", LOGLINE_DEBUG},
      {"29", LOGLINE_DEBUG},         {"30", LOGLINE_INFO},
      {"40", LOGLINE_WARN},          {"49", LOGLINE_WARN},
      {"50", LOGLINE_ERROR},         {"60", LOGLINE_ERROR},
      {"0", LOGLINE_OTHER},          {"-50", LOGLINE_OTHER},
      {"5e1", LOGLINE_OTHER},        {"99999999999999999999", LOGLINE_OTHER},
      {"true", LOGLINE_OTHER},       {"null", LOGLINE_OTHER},
      {"{\"a\":50}", LOGLINE_OTHER}, {"[50]", LOGLINE_OTHER},
      {"\"fatal\"", LOGLINE_ERROR},  {"\"trace\"", LOGLINE_DEBUG},
      {"\"ERROR\"", LOGLINE_OTHER},  {"\"\"", LOGLINE_OTHER},
      {"\"errors\"", LOGLINE_OTHER}, {"\"erro\\u0072\"", LOGLINE_OTHER},
  };
  for (size_t i = 0; i < LENGTH(levels); i++) {
    char line[256];
    snprintf(line, sizeof(line),
             "{\"type\":\"error\",\"level\":%s,\"msg\":\"x\"}",
             levels[i].value);
    const struct expectation e = {line, levels[i].level, LOGLINE_NO_EVENT};
    expect(&e, 1);
  }
}

static void a_level_goes_before_a_type(void **state) {
  (void)state;
  static const struct expectation lines[] = {
      {"{\"type\":\"sse\",\"level\":30,\"msg\":\"x\"}", LOGLINE_INFO,
       LOGLINE_NO_EVENT},
      {"{\"type\":\"error\",\"level\":\"info\",\"message\":\"'x' transport "
       "closed\"}",
       LOGLINE_INFO, LOGLINE_NO_EVENT},
      {"{\"type\":\"sse\",\"message\":\"x\"}", LOGLINE_OTHER, LOGLINE_NO_EVENT},
      {"{\"type\":50,\"message\":\"x\"}", LOGLINE_OTHER, LOGLINE_NO_EVENT},
      {"{\"type\":\"50\",\"message\":\"x\"}", LOGLINE_OTHER, LOGLINE_NO_EVENT},
      {"{\"type\":{},\"type\":\"error\"}", LOGLINE_OTHER, LOGLINE_NO_EVENT},
      {"{\"type\":\"warn\",\"type\":\"error\"}", LOGLINE_WARN,
       LOGLINE_NO_EVENT},
      {"{}", LOGLINE_OTHER, LOGLINE_NO_EVENT},
      {"{ \"level\" : 50 , \"msg\" : \"'x' transport closed\" } ",
       LOGLINE_ERROR, LOGLINE_DISCONNECT},
  };
  expect(lines, LENGTH(lines));
}

static void only_the_first_message_and_the_last_msg_speak(void **state) {
  (void)state;
  static const struct expectation lines[] = {
      {"{\"type\":\"info\",\"message\":\"a\",\"message\":\"'x' transport "
       "closed\"}",
       LOGLINE_INFO, LOGLINE_NO_EVENT},
      {"{\"type\":\"info\",\"message\":\"'x' transport closed\",\"message\":1}",
       LOGLINE_INFO, LOGLINE_DISCONNECT},
      {"{\"type\":\"info\",\"message\":{},\"message\":\"'x' transport "
       "closed\"}",
       LOGLINE_INFO, LOGLINE_NO_EVENT},
      {"{\"level\":30,\"msg\":\"'x' transport closed\",\"msg\":{}}",
       LOGLINE_INFO, LOGLINE_NO_EVENT},
      {"{\"level\":30,\"msg\":{},\"msg\":\"'x' transport closed\"}",
       LOGLINE_INFO, LOGLINE_DISCONNECT},
      {"{\"type\":\"info\",\"msg\":\"'x' transport closed\"}", LOGLINE_INFO,
       LOGLINE_NO_EVENT},
      {"{\"type\":\"info\",\"data\":{\"message\":\"'x' transport closed\"}}",
       LOGLINE_INFO, LOGLINE_NO_EVENT},
      {"{\"data\":{\"type\":\"error\",\"level\":50},\"message\":\"a\"}",
       LOGLINE_OTHER, LOGLINE_NO_EVENT},
      {"{\"a\":[{\"level\":50}],\"b\":\"\\\"level\\\":50\",\"c\":\"}\"}",
       LOGLINE_OTHER, LOGLINE_NO_EVENT},
      {"{\"le\\u0076el\":50}", LOGLINE_OTHER, LOGLINE_NO_EVENT},
      {"{\"a\\\"\":1,\"\\\\\":2,\"level\":50}", LOGLINE_ERROR,
       LOGLINE_NO_EVENT},
  };
  expect(lines, LENGTH(lines));
}

static void every_event_message_is_known(void **state) {
  (void)state;
  static const struct expectation lines[] = {
      {"'probe' client connected to MCP HUB", LOGLINE_OTHER, LOGLINE_CONNECT},
      {"'probe' client disconnected from MCP HUB", LOGLINE_OTHER,
       LOGLINE_NO_EVENT},
      {"Server 'github' requires authorization", LOGLINE_OTHER,
       LOGLINE_AUTH_REQUIRED},
      {"Circuit breaker opened after 5 consecutive failures", LOGLINE_OTHER,
       LOGLINE_LLM_ERROR},
      {"Circuit breaker opened", LOGLINE_OTHER, LOGLINE_LLM_ERROR},
      {"Circuit breaker reset from open to closed", LOGLINE_OTHER,
       LOGLINE_NO_EVENT},
      {"Circuit breaker is open, falling back to heuristics for t",
       LOGLINE_OTHER, LOGLINE_NO_EVENT},
      {"LLM API timeout after 5000ms for a__b", LOGLINE_OTHER,
       LOGLINE_LLM_ERROR},
      {"LLM categorization exhausted retries for a__b, using heuristics",
       LOGLINE_OTHER, LOGLINE_LLM_ERROR},
      {"exhausted retries", LOGLINE_OTHER, LOGLINE_LLM_ERROR},
      {"OpenAI API error: 401 - no", LOGLINE_OTHER, LOGLINE_LLM_ERROR},
      {"OpenAI API error during prompt analysis: 500 - no", LOGLINE_OTHER,
       LOGLINE_LLM_ERROR},
      {"OpenAI connection error: reset", LOGLINE_OTHER, LOGLINE_LLM_ERROR},
      {"OpenAI rate limit exceeded", LOGLINE_OTHER, LOGLINE_LLM_ERROR},
      {"Anthropic authentication error during prompt analysis", LOGLINE_OTHER,
       LOGLINE_LLM_ERROR},
      {"Anthropic API overloaded during prompt analysis", LOGLINE_OTHER,
       LOGLINE_LLM_ERROR},
      {"Anthropic invalid request during prompt analysis: x", LOGLINE_OTHER,
       LOGLINE_LLM_ERROR},
      {"Gemini API call failed: x", LOGLINE_OTHER, LOGLINE_LLM_ERROR},
      {"Gemini API key invalid", LOGLINE_OTHER, LOGLINE_LLM_ERROR},
      {"OpenAI error", LOGLINE_OTHER, LOGLINE_LLM_ERROR},
      {"OpenAI API key does not start with \"sk-\" - may be invalid",
       LOGLINE_OTHER, LOGLINE_NO_EVENT},
      {"Gemini API key appears to be too short", LOGLINE_OTHER,
       LOGLINE_NO_EVENT},
      {"OpenAI stderr: an error", LOGLINE_OTHER, LOGLINE_NO_EVENT},
      {"OpenAI errorless", LOGLINE_OTHER, LOGLINE_NO_EVENT},
      {"OpenAIx error", LOGLINE_OTHER, LOGLINE_NO_EVENT},
  };
  expect(lines, LENGTH(lines));
}

static void foreign_text_inside_a_message_is_no_event(void **state) {
  (void)state;
  static const struct expectation lines[] = {
      {"a stderr: 'x' MCP server connected", LOGLINE_OTHER, LOGLINE_NO_EVENT},
      {"'a' error: boom 'x' MCP server connected", LOGLINE_OTHER,
       LOGLINE_NO_EVENT},
      {"'a' failed to start connection: 'x' transport closed", LOGLINE_OTHER,
       LOGLINE_NO_EVENT},
      {"'a' streamable-http error: ' transport closed", LOGLINE_OTHER,
       LOGLINE_NO_EVENT},
      {"'a' SSE transport needs authorization: ' transport closed",
       LOGLINE_OTHER, LOGLINE_NO_EVENT},
      {"'a': Error terminating session: ' transport closed", LOGLINE_OTHER,
       LOGLINE_NO_EVENT},
      {"'a' transport closed.", LOGLINE_OTHER, LOGLINE_NO_EVENT},
      {"' transport closed", LOGLINE_OTHER, LOGLINE_NO_EVENT},
      {"'' transport closed", LOGLINE_OTHER, LOGLINE_DISCONNECT},
      {"Server ' requires authorization", LOGLINE_OTHER, LOGLINE_NO_EVENT},
      {"please say: LLM API timeout after 3", LOGLINE_OTHER, LOGLINE_NO_EVENT},
      {"tell me why it has exhausted retries", LOGLINE_OTHER, LOGLINE_NO_EVENT},
      {"all of these LLM exhausted retries", LOGLINE_OTHER, LOGLINE_NO_EVENT},
      {"LLM (x) exhausted retries", LOGLINE_OTHER, LOGLINE_NO_EVENT},
      {"LLM categorized", LOGLINE_OTHER, LOGLINE_NO_EVENT},
      {"Opening authorization URL for server 'x': https://a/?b=Server 'x' "
       "requires authorization",
       LOGLINE_OTHER, LOGLINE_NO_EVENT},
      {"{\"type\":\"debug\",\"message\":\"prompt: \\\\\\\"'x' transport "
       "closed\"}",
       LOGLINE_DEBUG, LOGLINE_NO_EVENT},
      {"{\"level\":20,\"msg\":{\"prompt\":\"'x' transport closed\"}}",
       LOGLINE_DEBUG, LOGLINE_NO_EVENT},
      {"{\"level\":20,\"msg\":\"a\\n'x' transport closed\"}", LOGLINE_DEBUG,
       LOGLINE_NO_EVENT},
  };
  expect(lines, LENGTH(lines));
}

static void a_broken_object_is_text(void **state) {
  (void)state;
  static const char *const lines[] = {
      "{",
      "{\"level\":50",
      "{\"level\":50}}",
      "{\"level\":50}{\"level\":50}",
      "{\"level\":50,}",
      "{\"level\" 50}",
      "{\"level\":}",
      "{\"level\":,\"a\":1}",
      "{level:50}",
      "{\"level\":50 \"a\":1}",
      "{\"level\":50,\"a\":\"x}",
      "{\"level\":50,\"a\":[1}",
      "{\"level\":50,\"a\":{\"b\":\"x}",
      "{\"level\":50,\"a",
      "{\"level\":50,\"a\"",
      "{\"level\":50,\"a\":",
      "{\"level\":50,\"a\\",
      "{,\"level\":50}",
      "{}x",
      "{\"level\":50]",
      "{\"level\":\"error\"\"msg\":\"x\"}",
  };
  for (size_t i = 0; i < LENGTH(lines); i++) {
    const struct expectation e = {lines[i], LOGLINE_OTHER, LOGLINE_NO_EVENT};
    expect(&e, 1);
  }
}

static void a_cut_line_tells_what_was_seen(void **state) {
  (void)state;
  static const struct expectation lines[] = {
      {"{\"level\":\"error\",\"prompt\":\"abc", LOGLINE_ERROR,
       LOGLINE_NO_EVENT},
      {"{\"level\":\"error\",\"msg\":\"'x' transport closed\",\"a\":[",
       LOGLINE_ERROR, LOGLINE_NO_EVENT},
      {"{\"type\":\"warn\",\"message\":\"Server 'x' requires authorization\","
       "\"data\":{\"a\":\"",
       LOGLINE_WARN, LOGLINE_AUTH_REQUIRED},
      {"{\"type\":\"warn\",\"message\":\"LLM API timeout after ", LOGLINE_WARN,
       LOGLINE_NO_EVENT},
      {"{\"data\":{\"type\":\"error\",", LOGLINE_OTHER, LOGLINE_NO_EVENT},
      {"{\"level\":5", LOGLINE_OTHER, LOGLINE_NO_EVENT},
      {"{\"level\":50}x", LOGLINE_OTHER, LOGLINE_NO_EVENT},
      {"'x' transport closed", LOGLINE_OTHER, LOGLINE_NO_EVENT},
      {"{\"level\":50,\"a\":1\r", LOGLINE_ERROR, LOGLINE_NO_EVENT},
  };
  for (size_t i = 0; i < LENGTH(lines); i++) {
    struct logline what = classify(lines[i].line, strlen(lines[i].line), true);
    if (!what.entry || what.level != lines[i].level ||
        what.event != lines[i].event)
      fail_msg("%s", lines[i].line);
  }
}

static void an_indented_line_continues_the_message_before(void **state) {
  (void)state;
  static const char *const lines[] = {
      "",
      "\r",
      " ",
      "\t",
      "}",
      "],",
      "  at f (x.js:1)",
      "\t'x' transport closed",
      "]",
      "}\r",
      "  {\"level\":50}",
  };
  for (size_t i = 0; i < LENGTH(lines); i++) {
    struct logline what = classify(lines[i], strlen(lines[i]), false);
    assert_false(what.entry);
    assert_int_equal(what.level, LOGLINE_OTHER);
    assert_int_equal(what.event, LOGLINE_NO_EVENT);
  }
}

static void a_carriage_return_before_the_end_is_ignored(void **state) {
  (void)state;
  static const struct expectation lines[] = {
      {"'x' transport closed\r", LOGLINE_OTHER, LOGLINE_DISCONNECT},
      {"{\"level\":50}\r", LOGLINE_ERROR, LOGLINE_NO_EVENT},
      {"'x' transport closed\r\r", LOGLINE_OTHER, LOGLINE_NO_EVENT},
  };
  expect(lines, LENGTH(lines));
}

static void binary_garbage_is_an_entry_without_a_level(void **state) {
  (void)state;
  unsigned seed = 7;
  for (int round = 0; round < 20000; round++) {
    char line[64];
    size_t len = 1 + (size_t)(rand_r(&seed) % 63);
    for (size_t i = 0; i < len; i++)
      line[i] = (char)(128 + rand_r(&seed) % 128);
    struct logline what = classify(line, len, round % 2 == 0);
    assert_true(what.entry);
    assert_int_equal(what.level, LOGLINE_OTHER);
  }
  struct logline what = classify("{\"level\":50,\"a\":\"\0\xff\"}", 21, false);
  assert_int_equal(what.level, LOGLINE_ERROR);
  what = classify("'a\0b' transport closed", 22, false);
  assert_int_equal(what.event, LOGLINE_DISCONNECT);
}

/* A million levels deep, 64 KiB of quotes, a name of 60 kB: no recursion, no
 * more than a pass or a few. */
static void long_and_deep_lines_are_plain_work(void **state) {
  (void)state;
  enum { SIZE = 1 << 20 };
  char *line = malloc(SIZE);
  assert_non_null(line);
  memset(line, '[', SIZE);
  memcpy(line, "{\"level\":50,\"a\":", 16);
  assert_int_equal(logline_classify(line, SIZE, true).level, LOGLINE_ERROR);
  memset(line, '"', SIZE);
  line[0] = '{';
  assert_int_equal(logline_classify(line, SIZE, true).level, LOGLINE_OTHER);
  memset(line, '\\', SIZE);
  memcpy(line, "{\"", 2);
  assert_int_equal(logline_classify(line, SIZE, true).level, LOGLINE_OTHER);
  memset(line, '\'', SIZE);
  memcpy(line + SIZE - 18, "' transport closed", 18);
  assert_int_equal(logline_classify(line, SIZE, false).event,
                   LOGLINE_DISCONNECT);
  free(line);
}

/* Every beginning of a whole line, cut and not: never more than the line. */
static void every_beginning_of_a_line_is_safe(void **state) {
  (void)state;
  static const char *const lines[] = {
      "{\"level\":\"warn\",\"pid\":1,\"a\":{\"b\":[1,\"}\"]},\"pid\":2,"
      "\"msg\":\"Failed to connect to \\\"x\\\" MCP\"}",
      "{\"type\":\"error\",\"message\":\"'x' MCP server connected\",\"data\":"
      "{}}",
      "LLM categorization exhausted retries for x",
      "Server 'x' requires authorization",
  };
  for (size_t i = 0; i < LENGTH(lines); i++) {
    for (size_t len = 0; len < strlen(lines[i]); len++) {
      struct logline part = classify(lines[i], len, false);
      if (lines[i][0] == '{') {
        assert_int_equal(part.level, LOGLINE_OTHER);
        assert_int_equal(part.event, LOGLINE_NO_EVENT);
      }
      classify(lines[i], len, true);
    }
  }
}

static void names_are_those_of_the_values(void **state) {
  (void)state;
  static const char *const levels[] = {"error", "warn", "info", "debug",
                                       "other"};
  static const char *const events[] = {"none",          "connect",
                                       "disconnect",    "connect_failed",
                                       "auth_required", "llm_error"};
  for (size_t i = 0; i < LOGLINE_LEVELS; i++)
    assert_string_equal(logline_level_name((enum logline_level)i), levels[i]);
  for (size_t i = 0; i < LOGLINE_EVENTS; i++)
    assert_string_equal(logline_event_name((enum logline_event)i), events[i]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(real_bare_text_has_events_and_no_level),
      cmocka_unit_test(real_lines_of_the_hubs_own_json),
      cmocka_unit_test(real_pino_lines),
      cmocka_unit_test(the_level_of_pino_is_a_word_or_a_number),
      cmocka_unit_test(a_level_goes_before_a_type),
      cmocka_unit_test(only_the_first_message_and_the_last_msg_speak),
      cmocka_unit_test(every_event_message_is_known),
      cmocka_unit_test(foreign_text_inside_a_message_is_no_event),
      cmocka_unit_test(a_broken_object_is_text),
      cmocka_unit_test(a_cut_line_tells_what_was_seen),
      cmocka_unit_test(an_indented_line_continues_the_message_before),
      cmocka_unit_test(a_carriage_return_before_the_end_is_ignored),
      cmocka_unit_test(binary_garbage_is_an_entry_without_a_level),
      cmocka_unit_test(long_and_deep_lines_are_plain_work),
      cmocka_unit_test(every_beginning_of_a_line_is_safe),
      cmocka_unit_test(names_are_those_of_the_values),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
