/* SPDX-License-Identifier: MIT */
#include "hub/snapshot.h"

#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static char err[256];

/* Parses as a reader does: body -> reducer -> snapshot. */
static int parse(struct hub_snapshot *s, const struct reduce_rule *rules,
                 const char *body) {
  struct reducer *r = reducer_create(rules, 1 << 20);
  const char *json = NULL;
  size_t len = 0;
  assert_int_equal(reducer_feed(r, body, strlen(body)), 0);
  assert_int_equal(reducer_finish(r, &json, &len), 0);
  int status = rules == hub_health_rules
                   ? hub_snapshot_health(s, json, len, err, sizeof(err))
                   : hub_snapshot_filtering(s, json, len, err, sizeof(err));
  reducer_destroy(r);
  return status;
}

struct expectation {
  const char *body;
  enum hub_number id;
  double value; /* NaN: unknown */
};

static void check(const struct reduce_rule *rules,
                  const struct expectation *rows, size_t num) {
  for (size_t i = 0; i < num; i++) {
    struct hub_snapshot s;
    hub_snapshot_init(&s);
    assert_int_equal(parse(&s, rules, rows[i].body), 0);
    double got = s.number[rows[i].id];
    if (isnan(rows[i].value) ? !isnan(got)
                             : !(fabs(got - rows[i].value) < 1e-9))
      fail_msg("%s: got %g, expected %g", rows[i].body, got, rows[i].value);
    hub_snapshot_clear(&s);
  }
}

#define CHECK(rules, rows) check(rules, rows, sizeof(rows) / sizeof(rows[0]))

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
  CHECK(hub_filtering_rules, rows);
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
  CHECK(hub_filtering_rules, rows);
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
  };
  CHECK(hub_filtering_rules, rows);
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
  CHECK(hub_filtering_rules, rows);
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
  CHECK(hub_filtering_rules, rows);
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
  CHECK(hub_health_rules, rows);
}

static void servers_are_counted_without_their_bodies(void **state) {
  (void)state;
  struct hub_snapshot s;
  hub_snapshot_init(&s);
  assert_int_equal(
      parse(&s, hub_health_rules,
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
  assert_string_equal(s.servers[2].status_json_text, "napping");
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
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    char body[64];
    snprintf(body, sizeof(body), "{\"state\":\"%s\"}", names[i]);
    struct hub_snapshot s;
    hub_snapshot_init(&s);
    assert_int_equal(parse(&s, hub_health_rules, body), 0);
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
      parse(&s, hub_health_rules, "{\"state\":\"ready\",\"activeClients\":5}"),
      0);
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    assert_int_equal(parse(&s, hub_health_rules, rows[i].body), -1);
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
      cmocka_unit_test(servers_are_counted_without_their_bodies),
      cmocka_unit_test(every_state_of_a_hub_has_its_number),
      cmocka_unit_test(a_document_that_is_no_hubs_health_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
