/* SPDX-License-Identifier: MIT */
/* Tests of src/hublog/log_line.c. The lines marked "real" were written by
 * mcp-hub 4.2.1 or by the fork's pino logger; names and places are changed. */
#include "hublog/log_line.h"

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

struct expectation {
  const char *line;
  enum log_line_level level;
  enum log_line_event event;
};

/* In memory of just that size, so that a sanitizer sees a step too far. */
static struct log_line classify(const char *line, size_t len, bool cut) {
  char *copy = malloc(len > 0 ? len : 1);
  assert_non_null(copy);
  memcpy(copy, line, len);
  struct log_line what = log_line_classify(copy, len, cut);
  free(copy);
  return what;
}

static void expect(const struct expectation *e, size_t num) {
  for (size_t i = 0; i < num; i++) {
    struct log_line what = classify(e[i].line, strlen(e[i].line), false);
    if (!what.entry || what.level != e[i].level || what.event != e[i].event)
      fail_msg("%s\n  is %s %s, not %s %s", e[i].line,
               log_line_level_name(what.level), log_line_event_name(what.event),
               log_line_level_name(e[i].level),
               log_line_event_name(e[i].event));
  }
}

static void real_bare_text_has_events_and_no_level(void **state) {
  (void)state;
  static const struct expectation lines[] = {
      {"Starting HTTP server on port 39471", LOG_LINE_OTHER, LOG_LINE_NO_EVENT},
      {"HTTP_SERVER_STARTED", LOG_LINE_OTHER, LOG_LINE_NO_EVENT},
      {"Fetch failed, falling back to curl", LOG_LINE_OTHER, LOG_LINE_NO_EVENT},
      {"Hub endpoint ready: Use `http://localhost:39471/mcp` endpoint with any "
       "other MCP clients",
       LOG_LINE_OTHER, LOG_LINE_NO_EVENT},
      {"Initializing MCP server 'x' MCP server connected'", LOG_LINE_OTHER,
       LOG_LINE_NO_EVENT},
      {"'http' error: fetch failed", LOG_LINE_OTHER, LOG_LINE_NO_EVENT},
      {"'http' transport closed", LOG_LINE_OTHER, LOG_LINE_DISCONNECT},
      {"Failed to connect to \"x' MCP server connected\" MCP server: spawn "
       "/nonexistent/cmd ENOENT",
       LOG_LINE_OTHER, LOG_LINE_CONNECT_FAILED},
      {"'x' MCP server connected' transport closed", LOG_LINE_OTHER,
       LOG_LINE_DISCONNECT},
      {"'x' MCP server connected' error: spawn /nonexistent/cmd ENOENT",
       LOG_LINE_OTHER, LOG_LINE_NO_EVENT},
      {"multi stderr: line one", LOG_LINE_OTHER, LOG_LINE_NO_EVENT},
      {"line four", LOG_LINE_OTHER, LOG_LINE_NO_EVENT},
      {"'it's \"quoted\"' MCP server connected", LOG_LINE_OTHER,
       LOG_LINE_CONNECT},
      {"2/5 servers started successfully", LOG_LINE_OTHER, LOG_LINE_NO_EVENT},
      {"[object Object]", LOG_LINE_OTHER, LOG_LINE_NO_EVENT},
  };
  expect(lines, LENGTH(lines));
}

static void real_lines_of_the_hubs_own_json(void **state) {
  (void)state;
  static const struct expectation lines[] = {
      {"{\"type\":\"info\",\"message\":\"HTTP_SERVER_STARTED\",\"data\":{},"
       "\"timestamp\":\"2026-01-02T03:04:05.869Z\"}",
       LOG_LINE_INFO, LOG_LINE_NO_EVENT},
      {"{\"type\":\"info\",\"message\":\"'it's \\\"quoted\\\"' MCP server "
       "connected\",\"data\":{},\"timestamp\":\"2026-01-02T03:04:05.192Z\"}",
       LOG_LINE_INFO, LOG_LINE_CONNECT},
      {"{\"type\":\"debug\",\"message\":\"'it's \\\"quoted\\\"' transport "
       "closed\",\"data\":{},\"timestamp\":\"2026-01-02T03:04:05.125Z\"}",
       LOG_LINE_DEBUG, LOG_LINE_DISCONNECT},
      {"{\"type\":\"error\",\"message\":\"Failed to connect to \\\"http\\\" "
       "MCP server: SSE error: TypeError: fetch failed: bad port\",\"data\":{"
       "\"server\":\"http\",\"error\":\"SSE error: TypeError: fetch failed: "
       "bad port\"},\"timestamp\":\"2026-01-02T03:04:05.267Z\",\"code\":"
       "\"CONNECTION_ERROR\"}",
       LOG_LINE_ERROR, LOG_LINE_CONNECT_FAILED},
      {"{\"type\":\"warn\",\"message\":\"multi stderr: line one\\n  at "
       "indented (x.js:1)\\n\\nline four\",\"data\":{},\"timestamp\":"
       "\"2026-01-02T03:04:05.299Z\"}",
       LOG_LINE_WARN, LOG_LINE_NO_EVENT},
      {"{\"type\":\"info\",\"message\":\"2/5 servers started successfully\","
       "\"data\":{\"total\":5,\"successful\":2,\"failed\":3,\"disabled\":0,"
       "\"failedServers\":[\"x' MCP server connected\",\"multi\",\"http\"]},"
       "\"timestamp\":\"2026-01-02T03:04:05.193Z\"}",
       LOG_LINE_INFO, LOG_LINE_NO_EVENT},
      {"{\"type\":\"debug\",\"message\":{\"prompt\":\"hello\",\"msg\":\"'x' "
       "transport closed\"},\"data\":\"analyze\",\"timestamp\":\"2026\"}",
       LOG_LINE_DEBUG, LOG_LINE_NO_EVENT},
      {"{\"type\":\"error\",\"message\":{},\"data\":{},\"timestamp\":\"2026\","
       "\"code\":\"Failed to get filtering stats:\"}",
       LOG_LINE_ERROR, LOG_LINE_NO_EVENT},
  };
  expect(lines, LENGTH(lines));
}

static void real_pino_lines(void **state) {
  (void)state;
  static const struct expectation lines[] = {
      {"{\"level\":\"info\",\"time\":\"2026-01-02T03:04:05.195Z\",\"pid\":8930,"
       "\"hostname\":\"vm\",\"msg\":\"'alpha' MCP server connected\"}",
       LOG_LINE_INFO, LOG_LINE_CONNECT},
      {"{\"level\":\"error\",\"time\":\"2026\",\"pid\":8930,\"hostname\":\"vm\""
       ",\"code\":\"CONNECTION_ERROR\",\"server\":\"x\",\"error\":\"boom\","
       "\"msg\":\"Failed to connect to \\\"it's \\\\\\\"quoted\\\\\\\"\\\" MCP "
       "server: spawn ENOENT\"}",
       LOG_LINE_ERROR, LOG_LINE_CONNECT_FAILED},
      {"{\"level\":\"warn\",\"time\":\"2026\",\"pid\":8930,\"hostname\":\"vm\","
       "\"timeout\":5000,\"tool\":\"github__search\",\"pid\":7,\"msg\":\"LLM "
       "API timeout after 5000ms for github__search\"}",
       LOG_LINE_WARN, LOG_LINE_LLM_ERROR},
      {"{\"level\":\"error\",\"time\":\"2026\",\"pid\":8930,\"code\":\"Failed "
       "to get filtering stats:\",\"msg\":{}}",
       LOG_LINE_ERROR, LOG_LINE_NO_EVENT},
      {"{\"level\":\"error\",\"time\":\"2026\",\"pid\":8930,\"code\":{\"a\":1},"
       "\"msg\":\"obj first\"}",
       LOG_LINE_ERROR, LOG_LINE_NO_EVENT},
      {"{\"level\":\"error\",\"time\":\"2026\",\"pid\":8930,\"type\":\"invalid_"
       "request_error\",\"msg\":\"OpenAI API error: 429 - quota\"}",
       LOG_LINE_ERROR, LOG_LINE_LLM_ERROR},
      {"{\"level\":\"info\",\"time\":\"2026\",\"pid\":8930,\"msg\":\"'x' "
       "transport closed\",\"level\":\"error\",\"type\":\"sse\",\"msg\":\"data "
       "brings msg\"}",
       LOG_LINE_INFO, LOG_LINE_NO_EVENT},
  };
  expect(lines, LENGTH(lines));
}

static void the_level_of_pino_is_a_word_or_a_number(void **state) {
  (void)state;
  static const struct {
    const char *value;
    enum log_line_level level;
  } levels[] = {
      {"10", LOG_LINE_DEBUG},         {"20", LOG_LINE_DEBUG},
      {"29", LOG_LINE_DEBUG},         {"30", LOG_LINE_INFO},
      {"40", LOG_LINE_WARN},          {"49", LOG_LINE_WARN},
      {"50", LOG_LINE_ERROR},         {"60", LOG_LINE_ERROR},
      {"0", LOG_LINE_OTHER},          {"-50", LOG_LINE_OTHER},
      {"5e1", LOG_LINE_OTHER},        {"99999999999999999999", LOG_LINE_OTHER},
      {"true", LOG_LINE_OTHER},       {"null", LOG_LINE_OTHER},
      {"{\"a\":50}", LOG_LINE_OTHER}, {"[50]", LOG_LINE_OTHER},
      {"\"fatal\"", LOG_LINE_ERROR},  {"\"trace\"", LOG_LINE_DEBUG},
      {"\"ERROR\"", LOG_LINE_OTHER},  {"\"\"", LOG_LINE_OTHER},
      {"\"errors\"", LOG_LINE_OTHER}, {"\"erro\\u0072\"", LOG_LINE_OTHER},
  };
  for (size_t i = 0; i < LENGTH(levels); i++) {
    char line[256];
    snprintf(line, sizeof(line),
             "{\"type\":\"error\",\"level\":%s,\"msg\":\"x\"}",
             levels[i].value);
    const struct expectation e = {line, levels[i].level, LOG_LINE_NO_EVENT};
    expect(&e, 1);
  }
}

static void a_level_goes_before_a_type(void **state) {
  (void)state;
  static const struct expectation lines[] = {
      {"{\"type\":\"sse\",\"level\":30,\"msg\":\"x\"}", LOG_LINE_INFO,
       LOG_LINE_NO_EVENT},
      {"{\"type\":\"error\",\"level\":\"info\",\"message\":\"'x' transport "
       "closed\"}",
       LOG_LINE_INFO, LOG_LINE_NO_EVENT},
      {"{\"type\":\"sse\",\"message\":\"x\"}", LOG_LINE_OTHER,
       LOG_LINE_NO_EVENT},
      {"{\"type\":50,\"message\":\"x\"}", LOG_LINE_OTHER, LOG_LINE_NO_EVENT},
      {"{\"type\":\"50\",\"message\":\"x\"}", LOG_LINE_OTHER,
       LOG_LINE_NO_EVENT},
      {"{\"type\":{},\"type\":\"error\"}", LOG_LINE_OTHER, LOG_LINE_NO_EVENT},
      {"{\"type\":\"warn\",\"type\":\"error\"}", LOG_LINE_WARN,
       LOG_LINE_NO_EVENT},
      {"{}", LOG_LINE_OTHER, LOG_LINE_NO_EVENT},
      {"{ \"level\" : 50 , \"msg\" : \"'x' transport closed\" } ",
       LOG_LINE_ERROR, LOG_LINE_DISCONNECT},
  };
  expect(lines, LENGTH(lines));
}

static void only_the_first_message_and_the_last_msg_speak(void **state) {
  (void)state;
  static const struct expectation lines[] = {
      {"{\"type\":\"info\",\"message\":\"a\",\"message\":\"'x' transport "
       "closed\"}",
       LOG_LINE_INFO, LOG_LINE_NO_EVENT},
      {"{\"type\":\"info\",\"message\":\"'x' transport closed\",\"message\":1}",
       LOG_LINE_INFO, LOG_LINE_DISCONNECT},
      {"{\"type\":\"info\",\"message\":{},\"message\":\"'x' transport "
       "closed\"}",
       LOG_LINE_INFO, LOG_LINE_NO_EVENT},
      {"{\"level\":30,\"msg\":\"'x' transport closed\",\"msg\":{}}",
       LOG_LINE_INFO, LOG_LINE_NO_EVENT},
      {"{\"level\":30,\"msg\":{},\"msg\":\"'x' transport closed\"}",
       LOG_LINE_INFO, LOG_LINE_DISCONNECT},
      {"{\"type\":\"info\",\"msg\":\"'x' transport closed\"}", LOG_LINE_INFO,
       LOG_LINE_NO_EVENT},
      {"{\"type\":\"info\",\"data\":{\"message\":\"'x' transport closed\"}}",
       LOG_LINE_INFO, LOG_LINE_NO_EVENT},
      {"{\"data\":{\"type\":\"error\",\"level\":50},\"message\":\"a\"}",
       LOG_LINE_OTHER, LOG_LINE_NO_EVENT},
      {"{\"a\":[{\"level\":50}],\"b\":\"\\\"level\\\":50\",\"c\":\"}\"}",
       LOG_LINE_OTHER, LOG_LINE_NO_EVENT},
      {"{\"le\\u0076el\":50}", LOG_LINE_OTHER, LOG_LINE_NO_EVENT},
      {"{\"a\\\"\":1,\"\\\\\":2,\"level\":50}", LOG_LINE_ERROR,
       LOG_LINE_NO_EVENT},
  };
  expect(lines, LENGTH(lines));
}

static void every_event_message_is_known(void **state) {
  (void)state;
  static const struct expectation lines[] = {
      {"'probe' client connected to MCP HUB", LOG_LINE_OTHER, LOG_LINE_CONNECT},
      {"'probe' client disconnected from MCP HUB", LOG_LINE_OTHER,
       LOG_LINE_NO_EVENT},
      {"Server 'github' requires authorization", LOG_LINE_OTHER,
       LOG_LINE_AUTH_REQUIRED},
      {"Circuit breaker opened after 5 consecutive failures", LOG_LINE_OTHER,
       LOG_LINE_LLM_ERROR},
      {"Circuit breaker opened", LOG_LINE_OTHER, LOG_LINE_LLM_ERROR},
      {"Circuit breaker reset from open to closed", LOG_LINE_OTHER,
       LOG_LINE_NO_EVENT},
      {"Circuit breaker is open, falling back to heuristics for t",
       LOG_LINE_OTHER, LOG_LINE_NO_EVENT},
      {"LLM API timeout after 5000ms for a__b", LOG_LINE_OTHER,
       LOG_LINE_LLM_ERROR},
      {"LLM categorization exhausted retries for a__b, using heuristics",
       LOG_LINE_OTHER, LOG_LINE_LLM_ERROR},
      {"exhausted retries", LOG_LINE_OTHER, LOG_LINE_LLM_ERROR},
      {"OpenAI API error: 401 - no", LOG_LINE_OTHER, LOG_LINE_LLM_ERROR},
      {"OpenAI API error during prompt analysis: 500 - no", LOG_LINE_OTHER,
       LOG_LINE_LLM_ERROR},
      {"OpenAI connection error: reset", LOG_LINE_OTHER, LOG_LINE_LLM_ERROR},
      {"OpenAI rate limit exceeded", LOG_LINE_OTHER, LOG_LINE_LLM_ERROR},
      {"Anthropic authentication error during prompt analysis", LOG_LINE_OTHER,
       LOG_LINE_LLM_ERROR},
      {"Anthropic API overloaded during prompt analysis", LOG_LINE_OTHER,
       LOG_LINE_LLM_ERROR},
      {"Anthropic invalid request during prompt analysis: x", LOG_LINE_OTHER,
       LOG_LINE_LLM_ERROR},
      {"Gemini API call failed: x", LOG_LINE_OTHER, LOG_LINE_LLM_ERROR},
      {"Gemini API key invalid", LOG_LINE_OTHER, LOG_LINE_LLM_ERROR},
      {"OpenAI error", LOG_LINE_OTHER, LOG_LINE_LLM_ERROR},
      {"OpenAI API key does not start with \"sk-\" - may be invalid",
       LOG_LINE_OTHER, LOG_LINE_NO_EVENT},
      {"Gemini API key appears to be too short", LOG_LINE_OTHER,
       LOG_LINE_NO_EVENT},
      {"OpenAI stderr: an error", LOG_LINE_OTHER, LOG_LINE_NO_EVENT},
      {"OpenAI errorless", LOG_LINE_OTHER, LOG_LINE_NO_EVENT},
      {"OpenAIx error", LOG_LINE_OTHER, LOG_LINE_NO_EVENT},
  };
  expect(lines, LENGTH(lines));
}

static void foreign_text_inside_a_message_is_no_event(void **state) {
  (void)state;
  static const struct expectation lines[] = {
      {"a stderr: 'x' MCP server connected", LOG_LINE_OTHER, LOG_LINE_NO_EVENT},
      {"'a' error: boom 'x' MCP server connected", LOG_LINE_OTHER,
       LOG_LINE_NO_EVENT},
      {"'a' failed to start connection: 'x' transport closed", LOG_LINE_OTHER,
       LOG_LINE_NO_EVENT},
      {"'a' streamable-http error: ' transport closed", LOG_LINE_OTHER,
       LOG_LINE_NO_EVENT},
      {"'a' SSE transport needs authorization: ' transport closed",
       LOG_LINE_OTHER, LOG_LINE_NO_EVENT},
      {"'a': Error terminating session: ' transport closed", LOG_LINE_OTHER,
       LOG_LINE_NO_EVENT},
      {"'a' transport closed.", LOG_LINE_OTHER, LOG_LINE_NO_EVENT},
      {"' transport closed", LOG_LINE_OTHER, LOG_LINE_NO_EVENT},
      {"'' transport closed", LOG_LINE_OTHER, LOG_LINE_DISCONNECT},
      {"Server ' requires authorization", LOG_LINE_OTHER, LOG_LINE_NO_EVENT},
      {"please say: LLM API timeout after 3", LOG_LINE_OTHER,
       LOG_LINE_NO_EVENT},
      {"tell me why it has exhausted retries", LOG_LINE_OTHER,
       LOG_LINE_NO_EVENT},
      {"all of these LLM exhausted retries", LOG_LINE_OTHER, LOG_LINE_NO_EVENT},
      {"LLM (x) exhausted retries", LOG_LINE_OTHER, LOG_LINE_NO_EVENT},
      {"LLM categorized", LOG_LINE_OTHER, LOG_LINE_NO_EVENT},
      {"Opening authorization URL for server 'x': https://a/?b=Server 'x' "
       "requires authorization",
       LOG_LINE_OTHER, LOG_LINE_NO_EVENT},
      {"{\"type\":\"debug\",\"message\":\"prompt: \\\\\\\"'x' transport "
       "closed\"}",
       LOG_LINE_DEBUG, LOG_LINE_NO_EVENT},
      {"{\"level\":20,\"msg\":{\"prompt\":\"'x' transport closed\"}}",
       LOG_LINE_DEBUG, LOG_LINE_NO_EVENT},
      {"{\"level\":20,\"msg\":\"a\\n'x' transport closed\"}", LOG_LINE_DEBUG,
       LOG_LINE_NO_EVENT},
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
    const struct expectation e = {lines[i], LOG_LINE_OTHER, LOG_LINE_NO_EVENT};
    expect(&e, 1);
  }
}

static void a_cut_line_tells_what_was_seen(void **state) {
  (void)state;
  static const struct expectation lines[] = {
      {"{\"level\":\"error\",\"prompt\":\"abc", LOG_LINE_ERROR,
       LOG_LINE_NO_EVENT},
      {"{\"level\":\"error\",\"msg\":\"'x' transport closed\",\"a\":[",
       LOG_LINE_ERROR, LOG_LINE_NO_EVENT},
      {"{\"type\":\"warn\",\"message\":\"Server 'x' requires authorization\","
       "\"data\":{\"a\":\"",
       LOG_LINE_WARN, LOG_LINE_AUTH_REQUIRED},
      {"{\"type\":\"warn\",\"message\":\"LLM API timeout after ", LOG_LINE_WARN,
       LOG_LINE_NO_EVENT},
      {"{\"data\":{\"type\":\"error\",", LOG_LINE_OTHER, LOG_LINE_NO_EVENT},
      {"{\"level\":5", LOG_LINE_OTHER, LOG_LINE_NO_EVENT},
      {"{\"level\":50}x", LOG_LINE_OTHER, LOG_LINE_NO_EVENT},
      {"'x' transport closed", LOG_LINE_OTHER, LOG_LINE_NO_EVENT},
      {"{\"level\":50,\"a\":1\r", LOG_LINE_ERROR, LOG_LINE_NO_EVENT},
  };
  for (size_t i = 0; i < LENGTH(lines); i++) {
    struct log_line what = classify(lines[i].line, strlen(lines[i].line), true);
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
    struct log_line what = classify(lines[i], strlen(lines[i]), false);
    assert_false(what.entry);
    assert_int_equal(what.level, LOG_LINE_OTHER);
    assert_int_equal(what.event, LOG_LINE_NO_EVENT);
  }
}

static void a_carriage_return_before_the_end_is_ignored(void **state) {
  (void)state;
  static const struct expectation lines[] = {
      {"'x' transport closed\r", LOG_LINE_OTHER, LOG_LINE_DISCONNECT},
      {"{\"level\":50}\r", LOG_LINE_ERROR, LOG_LINE_NO_EVENT},
      {"'x' transport closed\r\r", LOG_LINE_OTHER, LOG_LINE_NO_EVENT},
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
    struct log_line what = classify(line, len, round % 2 == 0);
    assert_true(what.entry);
    assert_int_equal(what.level, LOG_LINE_OTHER);
  }
  struct log_line what = classify("{\"level\":50,\"a\":\"\0\xff\"}", 21, false);
  assert_int_equal(what.level, LOG_LINE_ERROR);
  what = classify("'a\0b' transport closed", 22, false);
  assert_int_equal(what.event, LOG_LINE_DISCONNECT);
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
  assert_int_equal(log_line_classify(line, SIZE, true).level, LOG_LINE_ERROR);
  memset(line, '"', SIZE);
  line[0] = '{';
  assert_int_equal(log_line_classify(line, SIZE, true).level, LOG_LINE_OTHER);
  memset(line, '\\', SIZE);
  memcpy(line, "{\"", 2);
  assert_int_equal(log_line_classify(line, SIZE, true).level, LOG_LINE_OTHER);
  memset(line, '\'', SIZE);
  memcpy(line + SIZE - 18, "' transport closed", 18);
  assert_int_equal(log_line_classify(line, SIZE, false).event,
                   LOG_LINE_DISCONNECT);
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
      struct log_line part = classify(lines[i], len, false);
      if (lines[i][0] == '{') {
        assert_int_equal(part.level, LOG_LINE_OTHER);
        assert_int_equal(part.event, LOG_LINE_NO_EVENT);
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
  for (size_t i = 0; i < LOG_LINE_LEVELS; i++)
    assert_string_equal(log_line_level_name((enum log_line_level)i), levels[i]);
  for (size_t i = 0; i < LOG_LINE_EVENTS; i++)
    assert_string_equal(log_line_event_name((enum log_line_event)i), events[i]);
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
