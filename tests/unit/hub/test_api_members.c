/* SPDX-License-Identifier: MIT */
/* Tests of src/hub/api_members.c: which values of a hub's documents become
 * which fields of a snapshot. */
#include "hub/api_bodies.h"

static char err[96];

static int parse_whole(struct hub_snapshot *s, enum api_answer answer,
                       const char *body) {
  bool oversize;
  size_t len = strlen(body);
  return api_parse(answer, body, len, len, s, err, &oversize) ? 0 : -1;
}

struct expectation {
  const char *body;
  enum hub_number id;
  double value; /* NaN: unknown */
};

static void check(enum api_answer answer, const struct expectation *rows,
                  size_t num) {
  for (size_t i = 0; i < num; i++) {
    struct hub_snapshot s;
    hub_snapshot_init(&s);
    assert_int_equal(parse_whole(&s, answer, rows[i].body), 0);
    double got = s.number[rows[i].id];
    if (isnan(rows[i].value) ? !isnan(got)
                             : !(fabs(got - rows[i].value) < 1e-9))
      fail_msg("%s: got %g, expected %g", rows[i].body, got, rows[i].value);
    hub_snapshot_clear(&s);
  }
}

#define CHECK(answer, rows) check(answer, rows, ARRAY_LENGTH(rows))

static void rates_are_percent_in_every_form_a_hub_writes(void **state) {
  (void)state;
  static const struct expectation rows[] = {
      {"{\"llm\":{\"successRate\":0.967}}", HUB_LLM_SUCCESS_RATE, 96.7},
      {"{\"llm\":{\"successRate\":\"0.967\"}}", HUB_LLM_SUCCESS_RATE, 96.7},
      {"{\"llm\":{\"successRate\":\"96.7%\"}}", HUB_LLM_SUCCESS_RATE, 96.7},
      {"{\"llm\":{\"successRate\":1}}", HUB_LLM_SUCCESS_RATE, 100},
      {"{\"llm\":{\"successRate\":\"100%\"}}", HUB_LLM_SUCCESS_RATE, 100},
      {"{\"llm\":{\"successRate\":0}}", HUB_LLM_SUCCESS_RATE, 0},
      {"{\"llmCache\":{\"hitRate\":\"81%\"}}", HUB_LLM_CACHE_RATE, 81},
      {"{\"llmCacheHitRate\":0.81}", HUB_LLM_CACHE_RATE, 81},
      {"{\"cacheHitRate\":0.5}", HUB_CATEGORY_CACHE_RATE, 50},
      {"{\"filterRate\":0.25}", HUB_FILTER_RATE, 25},
  };
  CHECK(API_FILTERING, rows);
}

static void a_rate_that_cannot_be_right_is_unknown(void **state) {
  (void)state;
  static const struct expectation rows[] = {
      {"{\"llm\":{\"successRate\":96.7}}", HUB_LLM_SUCCESS_RATE, NAN},
      {"{\"llm\":{\"successRate\":\"967%\"}}", HUB_LLM_SUCCESS_RATE, NAN},
      {"{\"llm\":{\"successRate\":-0.1}}", HUB_LLM_SUCCESS_RATE, NAN},
      {"{\"llm\":{\"successRate\":\"-1%\"}}", HUB_LLM_SUCCESS_RATE, NAN},
      {"{\"llm\":{\"successRate\":\"NaN\"}}", HUB_LLM_SUCCESS_RATE, NAN},
      {"{\"llm\":{\"successRate\":\"inf\"}}", HUB_LLM_SUCCESS_RATE, NAN},
      {"{\"llm\":{\"successRate\":\"0x1\"}}", HUB_LLM_SUCCESS_RATE, NAN},
      {"{\"llm\":{\"successRate\":\"\"}}", HUB_LLM_SUCCESS_RATE, NAN},
      {"{\"llm\":{\"successRate\":\"0.9 of 1\"}}", HUB_LLM_SUCCESS_RATE, NAN},
      {"{\"llm\":{\"successRate\":null}}", HUB_LLM_SUCCESS_RATE, NAN},
      {"{\"llm\":{\"successRate\":true}}", HUB_LLM_SUCCESS_RATE, NAN},
      {"{\"llm\":{\"successRate\":[1]}}", HUB_LLM_SUCCESS_RATE, NAN},
      {"{\"llm\":{\"successRate\":{}}}", HUB_LLM_SUCCESS_RATE, NAN},
      {"{\"llm\":7}", HUB_LLM_SUCCESS_RATE, NAN},
      {"{}", HUB_LLM_SUCCESS_RATE, NAN},
  };
  CHECK(API_FILTERING, rows);
}

static void counts_are_finite_and_not_negative_or_unknown(void **state) {
  (void)state;
  static const struct expectation rows[] = {
      {"{\"totalTools\":298}", HUB_TOOLS_TOTAL, 298},
      {"{\"totalTools\":0}", HUB_TOOLS_TOTAL, 0},
      {"{\"totalTools\":\"12\"}", HUB_TOOLS_TOTAL, 12},
      {"{\"totalTools\":-1}", HUB_TOOLS_TOTAL, NAN},
      {"{\"totalTools\":1e400}", HUB_TOOLS_TOTAL, NAN},
      {"{\"totalTools\":\"many\"}", HUB_TOOLS_TOTAL, NAN},
      {"{\"totalTools\":1,\"totalTools\":2}", HUB_TOOLS_TOTAL, 2},
      {"{\"\\u0074otalTools\":3}", HUB_TOOLS_TOTAL, 3},
      {"{\"totalTools\\u0000\":3}", HUB_TOOLS_TOTAL, NAN},
      {"{\"totalTools\":\"3\\u0000\"}", HUB_TOOLS_TOTAL, NAN},
      {"{\"totalTools\":-0}", HUB_TOOLS_TOTAL, 0},
      {"{\"totalTools\":-0.5}", HUB_TOOLS_TOTAL, NAN},
      {"{\"totalTools\":25e-1}", HUB_TOOLS_TOTAL, 2.5},
      {"{\"totalTools\":9007199254740993}", HUB_TOOLS_TOTAL, 0x1p53},
      {"{\"totalTools\":18446744073709551615}", HUB_TOOLS_TOTAL, 0x1p64},
      {"{\"totalTools\":18446744073709551616}", HUB_TOOLS_TOTAL, 0x1p64},
      {"{\"totalTools\":123456789012345678901234567890}", HUB_TOOLS_TOTAL,
       0x1p64},
  };
  CHECK(API_FILTERING, rows);
}

static void units_become_seconds_and_bytes(void **state) {
  (void)state;
  static const struct expectation rows[] = {
      {"{\"llm\":{\"p95Latency\":1500}}", HUB_LLM_LATENCY_P95, 1.5},
      {"{\"llm\":{\"p50Latency\":\"20\"}}", HUB_LLM_LATENCY_P50, 0.02},
      {"{\"llm\":{\"averageLatency\":0}}", HUB_LLM_LATENCY_AVERAGE, NAN},
      {"{\"llmCache\":{\"memoryUsageBytes\":77}}", HUB_LLM_CACHE_BYTES, 77},
      {"{\"llmCache\":{\"memoryUsageMB\":\"1.5\"}}", HUB_LLM_CACHE_BYTES,
       1572864},
      {"{\"llmCache\":{\"memoryUsageBytes\":5,\"memoryUsageMB\":\"1\"}}",
       HUB_LLM_CACHE_BYTES, 5},
      {"{\"llmCache\":{\"memoryUsageMB\":1e308}}", HUB_LLM_CACHE_BYTES, NAN},
  };
  CHECK(API_FILTERING, rows);
}

static void queue_and_breaker_are_read_from_either_place(void **state) {
  (void)state;
  static const struct expectation rows[] = {
      {"{\"queue\":{\"depth\":4}}", HUB_QUEUE_LENGTH, 4},
      {"{\"llm\":{\"queueDepth\":0}}", HUB_QUEUE_LENGTH, 0},
      {"{\"queue\":{\"processed\":9}}", HUB_QUEUE_PROCESSED, 9},
      {"{\"circuitBreaker\":{\"state\":\"open\"}}", HUB_BREAKER_STATE, 2},
      {"{\"llm\":{\"circuitBreakerState\":\"half-open\"}}", HUB_BREAKER_STATE,
       1},
      {"{\"llm\":{\"circuitBreakerState\":\"closed\"}}", HUB_BREAKER_STATE, 0},
      {"{\"llm\":{\"circuitBreakerState\":\"ajar\"}}", HUB_BREAKER_STATE, NAN},
      {"{\"circuitBreaker\":{\"consecutiveFailures\":3}}", HUB_BREAKER_FAILURES,
       3},
      {"{\"llm\":{\"totalRequests\":11}}", HUB_LLM_CALLS, 11},
      {"{\"enabled\":true}", HUB_FILTERING, 1},
      {"{\"enabled\":false}", HUB_FILTERING, 0},
      {"{\"enabled\":\"yes\"}", HUB_FILTERING, NAN},
  };
  CHECK(API_FILTERING, rows);
}

#define TIME "\"timestamp\":\"2026-11-20T12:00:10.500Z\",\"state\":\"ready\""
#define WORKSPACES(current, start)                                             \
  "{" TIME ",\"workspaces\":{\"current\":" current                             \
  ",\"allActive\":{\"7000\":{\"pid\":1,\"startTime\":" start                   \
  ",\"state\":\"active\"},\"7001\":{\"state\":\"shutting_down\"}}}}"

static void uptime_and_clients_come_from_the_health_document(void **state) {
  (void)state;
  static const struct expectation rows[] = {
      {WORKSPACES("\"7000\"", "\"2026-11-20T12:00:00Z\""), HUB_UPTIME, 10.5},
      {WORKSPACES("\"7009\"", "\"2026-11-20T12:00:00Z\""), HUB_UPTIME, NAN},
      {WORKSPACES("\"7000\"", "\"2026-11-20T12:00:11Z\""), HUB_UPTIME, NAN},
      {WORKSPACES("\"7000\"", "\"yesterday\""), HUB_UPTIME, NAN},
      {WORKSPACES("\"7000\"", "\"2026-13-20T12:00:00Z\""), HUB_UPTIME, NAN},
      {WORKSPACES("7000", "null"), HUB_WORKSPACES_ACTIVE, 1},
      {WORKSPACES("7000", "null"), HUB_WORKSPACES_SHUTTING_DOWN, 1},
      {"{" TIME "}", HUB_WORKSPACES_ACTIVE, NAN},
      {"{" TIME ",\"activeClients\":3}", HUB_CLIENTS_EVENTS, 3},
      {"{" TIME ",\"mcpEndpoint\":{\"activeClients\":2}}", HUB_CLIENTS_MCP, 2},
      {"{" TIME ",\"mcpEndpoint\":{\"registeredCapabilities\":{\"tools\":36}}}",
       HUB_CAPABILITY_TOOLS, 36},
      {"{" TIME "}", HUB_CLIENTS_MCP, NAN},
  };
  CHECK(API_HEALTH, rows);
}

#define STARTED(time)                                                          \
  "{\"servers\":[],\"timestamp\":\"2026-11-20T12:00:00Z\",\"workspaces\":{"    \
  "\"current\":\"1\","                                                         \
  "\"allActive\":{\"1\":{\"startTime\":\"" time "\"}}}}"

static void times_are_read_in_the_one_form_that_hubs_write(void **state) {
  (void)state;
  static const struct expectation rows[] = {
      {STARTED("2026-11-20T11:59:59Z"), HUB_UPTIME, 1},
      {STARTED("2026-11-20T11:59:60Z"), HUB_UPTIME, 0}, /* a leap second */
      {STARTED("2026-11-20T11:59:61Z"), HUB_UPTIME, NAN},
      {STARTED("2026-11-20T11:58:61Z"), HUB_UPTIME, NAN},
      {STARTED("2026-11-20T11:60:00Z"), HUB_UPTIME, NAN},
      {STARTED("2026-11-20T11:59:59.25Z"), HUB_UPTIME, 0.75},
      {STARTED("2026-11-20T11:59:59.Z"), HUB_UPTIME, 1},
      {STARTED("2026-11-20T23:59:59Z"), HUB_UPTIME, NAN}, /* to come */
      {STARTED("2026-11-19T23:00:00Z"), HUB_UPTIME, 46800},
      {STARTED("2026-11-19T24:00:00Z"), HUB_UPTIME, NAN},
      {STARTED("2026-10-31T12:00:00Z"), HUB_UPTIME, 20 * 86400},
      {STARTED("2026-10-32T12:00:00Z"), HUB_UPTIME, NAN},
      {STARTED("2026-10-00T12:00:00Z"), HUB_UPTIME, NAN},
      {STARTED("2026-01-20T12:00:00Z"), HUB_UPTIME, 304 * 86400},
      {STARTED("2026-00-20T12:00:00Z"), HUB_UPTIME, NAN},
      {STARTED("2025-12-20T12:00:00Z"), HUB_UPTIME, 335 * 86400},
      {STARTED("2026-11-20T11:59:59"), HUB_UPTIME, NAN},
      {STARTED("2026-11-20T11:59:59ZZ"), HUB_UPTIME, NAN},
      {STARTED("2026-11-20T11:59:59+00:00"), HUB_UPTIME, NAN},
      {STARTED("2026-11-20 11:59:59Z"), HUB_UPTIME, NAN},
      {STARTED("2026-11-20T11:59:5Z"), HUB_UPTIME, NAN},
      {STARTED("2026-11-20T11:59:59\\u0000Z"), HUB_UPTIME, NAN},
  };
  CHECK(API_HEALTH, rows);
}

#define PROCESS(members)                                                       \
  "{\"state\":\"ready\",\"workspaces\":{\"current\":\"1\",\"allActive\":{"     \
  "\"1\":"                                                                     \
  "{" members "}}}}"

static void the_hub_tells_of_its_own_process(void **state) {
  (void)state;
  static const struct {
    const char *body;
    int pid, port;
  } rows[] = {
      {PROCESS("\"pid\":1,\"port\":65535"), 1, 65535},
      {PROCESS("\"pid\":2147483647,\"port\":65536"), 2147483647, 0},
      {PROCESS("\"pid\":2147483648,\"port\":1"), 0, 1},
      {PROCESS("\"pid\":0,\"port\":0"), 0, 0},
      {PROCESS("\"pid\":1.5,\"port\":-1"), 0, 0},
      {PROCESS("\"pid\":2.0,\"port\":\"80\""), 2, 0},
      {PROCESS("\"pid\":[1],\"port\":null"), 0, 0},
  };
  struct hub_snapshot s;
  hub_snapshot_init(&s);
  for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
    assert_int_equal(parse_whole(&s, API_HEALTH, rows[i].body), 0);
    assert_int_equal(s.self.pid, rows[i].pid);
    assert_int_equal(s.self.port, rows[i].port);
    assert_null(s.self.cwd);
    assert_int_equal(s.self.config_files_num, 0);
  }
  const char *body = PROCESS("\"cwd\":\"/home/\\u00e4\",\"config_files\":["
                             "\"a\",7,\"\",[\"b\"],\"c\\u0000\",{},\"d\"]");
  assert_int_equal(parse_whole(&s, API_HEALTH, body), 0);
  assert_string_equal(s.self.cwd, "/home/\xc3\xa4");
  assert_int_equal(s.self.config_files_num, 3);
  assert_string_equal(s.self.config_files[0], "a");
  assert_string_equal(s.self.config_files[1], "");
  assert_string_equal(s.self.config_files[2], "d");
  hub_snapshot_clear(&s);
}

static void servers_are_counted_without_their_bodies(void **state) {
  (void)state;
  struct hub_snapshot s;
  hub_snapshot_init(&s);
  assert_int_equal(
      parse_whole(
          &s, API_HEALTH,
          "{\"servers\":["
          "{\"name\":\"b\",\"status\":\"connected\",\"uptime\":7,"
          "\"lastStarted\":\"2026-11-20T12:00:00.250Z\",\"capabilities\":{"
          "\"tools\":[{\"name\":\"x\"},{}],\"resources\":[],"
          "\"resourceTemplates\":[[]],\"prompts\":{}}},"
          "{\"name\":\"a\",\"status\":\"napping\"},"
          "{\"status\":\"disabled\"},"
          "17]}"),
      0);
  assert_int_equal(s.state, HUB_UNKNOWN);
  assert_true(s.servers_known);
  assert_int_equal(s.servers_num, 4);
  assert_null(s.servers[0].name);
  assert_null(s.servers[1].name);
  assert_string_equal(s.servers[2].name, "a");
  assert_int_equal(s.servers[2].status, SERVER_UNKNOWN);
  assert_string_equal(s.servers[2].status_text, "napping");
  const struct server_snapshot *b = &s.servers[3];
  assert_string_equal(b->name, "b");
  assert_int_equal(b->status, SERVER_CONNECTED);
  assert_true(b->uptime == 7);
  assert_true(b->last_started == 1795176000.25);
  assert_true(b->capability[SERVER_TOOLS] == 2);
  assert_true(b->capability[SERVER_RESOURCES] == 0);
  assert_true(b->capability[SERVER_RESOURCE_TEMPLATES] == 1);
  assert_true(isnan(b->capability[SERVER_PROMPTS]));
  hub_snapshot_clear(&s);
}

static void every_state_of_a_hub_has_its_number(void **state) {
  (void)state;
  static const char *const names[] = {"ready",      "restarted", "starting",
                                      "restarting", "stopping",  "stopped",
                                      "error",      "dancing"};
  for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
    char body[64];
    snprintf(body, sizeof(body), "{\"state\":\"%s\"}", names[i]);
    struct hub_snapshot s;
    hub_snapshot_init(&s);
    assert_int_equal(parse_whole(&s, API_HEALTH, body), 0);
    assert_int_equal(s.state, i);
    assert_false(s.servers_known);
    hub_snapshot_clear(&s);
  }
}

static void a_document_that_is_no_hubs_health_is_refused(void **state) {
  (void)state;
  static const struct {
    const char *body;
    const char *error;
  } rows[] = {
      {"[]", "expected a JSON object"},
      {"null", "expected a JSON object"},
      {"{}", "expected a hub's health, with \"state\" or \"servers\""},
      {"{\"status\":\"ok\"}",
       "expected a hub's health, with \"state\" or \"servers\""},
      {"{\"state\":\"ready\",\"servers\":{}}", "servers: expected an array"},
      {"{\"state\":\"ready\",\"servers\":3}", "servers: expected an array"},
  };
  struct hub_snapshot s;
  hub_snapshot_init(&s);
  assert_int_equal(
      parse_whole(&s, API_HEALTH, "{\"state\":\"ready\",\"activeClients\":5}"),
      0);
  for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
    assert_int_equal(parse_whole(&s, API_HEALTH, rows[i].body), -1);
    assert_string_equal(err, rows[i].error);
    assert_true(s.number[HUB_CLIENTS_EVENTS] == 5); /* as it was */
  }
  hub_snapshot_clear(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rates_are_percent_in_every_form_a_hub_writes),
      cmocka_unit_test(a_rate_that_cannot_be_right_is_unknown),
      cmocka_unit_test(counts_are_finite_and_not_negative_or_unknown),
      cmocka_unit_test(units_become_seconds_and_bytes),
      cmocka_unit_test(queue_and_breaker_are_read_from_either_place),
      cmocka_unit_test(uptime_and_clients_come_from_the_health_document),
      cmocka_unit_test(times_are_read_in_the_one_form_that_hubs_write),
      cmocka_unit_test(the_hub_tells_of_its_own_process),
      cmocka_unit_test(servers_are_counted_without_their_bodies),
      cmocka_unit_test(every_state_of_a_hub_has_its_number),
      cmocka_unit_test(a_document_that_is_no_hubs_health_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
