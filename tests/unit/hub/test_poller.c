/* SPDX-License-Identifier: MIT */
/* The whole way of a read, without sockets: bodies in, values and remarks out.
 */
#include "hub/poller_scene.h"

static const char documented[] =
    "{\"enabled\":true,\"mode\":\"hybrid\",\"totalTools\":100,"
    "\"filteredTools\":75,\"exposedTools\":25,\"filterRate\":0.75,"
    "\"categoryCacheSize\":4,\"cacheHitRate\":0.5,\"llm\":{\"queueDepth\":3,"
    "\"totalCalls\":100,\"successfulCalls\":96,\"failedCalls\":4,"
    "\"averageLatency\":800,\"p95Latency\":1500,\"p99Latency\":2500,"
    "\"timeouts\":1,\"totalRetries\":2,\"fallbacksUsed\":5,"
    "\"circuitBreakerTrips\":6,\"circuitBreakerState\":\"half-open\","
    "\"circuitBreakerFailures\":2,\"successRate\":\"0.960\"},"
    "\"llmCache\":{\"size\":7,\"hitRate\":\"0.810\",\"hits\":81,\"misses\":19,"
    "\"memoryUsageBytes\":4096}}";

static void every_known_value_is_emitted_under_its_name(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  read_once(&s, GOOD(HEALTH("ready", SERVER("a", "connected"))),
            GOOD(documented));
  assert_string_equal(s.received.values,
                      "bool-up 1\n"
                      "mcp_hub_state 0\n"
                      "errors-connect 0\n"
                      "errors-timeout 0\n"
                      "errors-http 0\n"
                      "errors-tls 0\n"
                      "errors-parse 0\n"
                      "errors-oversize 0\n"
                      "response_time-health 0.25\n"
                      "response_time-filtering 0.25\n"
                      "uptime-hub 10\n"
                      "current_connections-mcp 2\n"
                      "current_connections-events 1\n"
                      "mcp_capabilities-tools 3\n"
                      "mcp_capabilities-resources 2\n"
                      "mcp_capabilities-resource_templates 1\n"
                      "mcp_capabilities-prompts 0\n"
                      "mcp_workspaces-active 1\n"
                      "mcp_workspaces-shutting_down 0\n"
                      "bool-filtering 1\n"
                      "mcp_tools-total 100\n"
                      "mcp_tools-exposed 25\n"
                      "mcp_tools-filtered 75\n"
                      "objects-category_cache 4\n"
                      "objects-llm_cache 7\n"
                      "cache_result-llm_hit 81\n"
                      "cache_result-llm_miss 19\n"
                      "bytes-llm_cache 4096\n"
                      "latency-llm_average 0.8\n"
                      "latency-llm_p95 1.5\n"
                      "latency-llm_p99 2.5\n"
                      "total_requests-llm 100\n"
                      "total_operations-llm_success 96\n"
                      "total_operations-llm_failed 4\n"
                      "total_operations-llm_timeout 1\n"
                      "total_operations-llm_retry 2\n"
                      "total_operations-llm_fallback 5\n"
                      "queue_length-llm 3\n"
                      "mcp_breaker_state 1\n"
                      "count-breaker_failures 2\n"
                      "total_events-breaker_trips 6\n"
                      "percent-llm_success 96\n"
                      "cache_ratio-llm 81\n"
                      "cache_ratio-category 50\n"
                      "percent-filtered 75\n"
                      "mcp_servers-connected 1\n"
                      "mcp_servers-disabled 0\n"
                      "mcp_servers-connecting 0\n"
                      "mcp_servers-unauthorized 0\n"
                      "mcp_servers-disconnected 0\n"
                      "mcp_servers-dead 0\n"
                      "mcp_servers-unknown 0\n"
                      "mcp_servers-total 1\n"
                      "percent-servers_connected 100\n"
                      "percent-servers_down 0\n"
                      "mcp_server_state-a 0\n"
                      "uptime-a 9\n"
                      "mcp_server_tools-a 3\n"
                      "mcp_server_resources-a 1\n"
                      "mcp_server_resource_templates-a 0\n"
                      "mcp_server_prompts-a 0\n"
                      "mcp_server_restarts-a 0\n"
                      "transitions-a 0\n");
  assert_string_equal(s.received.remarks, "");
  stop(&s);
}

static void rates_with_little_behind_them_are_withheld(void **state) {
  (void)state;
  static const struct {
    const char *body;
    const char *value; /* or, after '!', what must be missing */
  } rows[] = {
      {"{\"llm\":{\"successRate\":\"0\",\"totalCalls\":0}}", "!llm_success"},
      {"{\"llm\":{\"successRate\":\"0.5\",\"totalCalls\":9}}", "!llm_success "},
      {"{\"llm\":{\"successRate\":\"0.5\",\"totalCalls\":10}}",
       "percent-llm_success 50"},
      {"{\"llm\":{\"successRate\":0,\"totalRequests\":10}}",
       "percent-llm_success 0"},
      {"{\"llm\":{\"successfulCalls\":8,\"failedCalls\":2}}",
       "percent-llm_success 80"},
      {"{\"llm\":{\"successRate\":0.5,\"successfulCalls\":4}}",
       "!percent-llm_success"},
      {"{\"llm\":{\"successRate\":0}}", "!llm_success"},
      {"{\"llm\":{\"successRate\":\"96.7%\"}}", "percent-llm_success 96.7"},
      {"{\"llmCache\":{\"hitRate\":0,\"hits\":0,\"misses\":0}}",
       "!cache_ratio"},
      {"{\"llmCache\":{\"hitRate\":0,\"hits\":0,\"misses\":10}}",
       "cache_ratio-llm 0"},
      {"{\"llmCache\":{\"hits\":15,\"misses\":5}}", "cache_ratio-llm 75"},
      {"{\"llmCacheHitRate\":0}", "!cache_ratio"},
      {"{\"llmCacheHitRate\":0.9}", "cache_ratio-llm 90"},
      {"{\"cacheHitRate\":0}", "!cache_ratio-category"},
      {"{\"filterRate\":0,\"totalTools\":0}", "!percent-filtered"},
      {"{\"filterRate\":0,\"totalTools\":5}", "percent-filtered 0"},
      {"{\"llm\":{\"averageLatency\":0}}", "!latency"},
  };
  struct scene s;
  start(&s);
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    read_once(&s, GOOD(HEALTH("ready", "")), GOOD(rows[i].body));
    if (rows[i].value[0] == '!')
      has_not(&s, rows[i].value + 1);
    else
      has(&s, rows[i].value);
  }
  stop(&s);
}

static void
rates_of_the_last_minutes_stand_beside_those_since_the_start(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  const struct answer good = GOOD(HEALTH("ready", ""));
  read_once(&s, good,
            GOOD("{\"llm\":{\"totalCalls\":1000,\"successfulCalls\":1000},"
                 "\"llmCache\":{\"hits\":900,\"misses\":100}}"));
  has_not(&s, "recent");
  read_once(&s, good,
            GOOD("{\"llm\":{\"totalCalls\":1020,\"successfulCalls\":1010},"
                 "\"llmCache\":{\"hits\":905,\"misses\":115}}"));
  has(&s, "percent-llm_success_recent 50");
  has(&s, "cache_ratio-llm_recent 25");
  read_once(&s, good, BAD(HTTP_HTTP, 500, "x"));
  has_not(&s, "recent");
  read_once(&s, good,
            GOOD("{\"llm\":{\"successfulCalls\":1030,\"failedCalls\":10}}"));
  has(&s, "percent-llm_success_recent 75");
  has_not(&s, "cache_ratio");
  read_once(&s, good,
            GOOD("{\"llm\":{\"totalCalls\":2,\"successfulCalls\":1}}"));
  has_not(&s, "recent"); /* restarted */
  stop(&s);
}

static void a_failed_read_gives_no_values_but_its_cause(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  read_once(&s, GOOD(HEALTH("ready", SERVER("a", "connected"))),
            GOOD(documented));
  read_once(&s, BAD(HTTP_CONNECT, 0, "refused"), NONE);
  assert_string_equal(s.received.values, "bool-up 0\n"
                                         "mcp_hub_state 8\n"
                                         "errors-connect 1\n"
                                         "errors-timeout 0\n"
                                         "errors-http 0\n"
                                         "errors-tls 0\n"
                                         "errors-parse 0\n"
                                         "errors-oversize 0\n");
  stop(&s);
}

static void
who_answers_nonsense_is_unknown_who_does_not_unreachable(void **st) {
  (void)st;
  static const struct {
    struct answer answer;
    const char *state;
    const char *error;
  } rows[] = {
      {{NULL, {HTTP_CONNECT, 0, 0, 0, "x"}},
       "mcp_hub_state 8",
       "errors-connect 1"},
      {{NULL, {HTTP_TIMEOUT, 0, 0, 0, "x"}},
       "mcp_hub_state 8",
       "errors-timeout 1"},
      {{NULL, {HTTP_TLS, 0, 0, 0, "x"}}, "mcp_hub_state 8", "errors-tls 1"},
      {{NULL, {HTTP_HTTP, 500, 0, 0, "x"}}, "mcp_hub_state 7", "errors-http 1"},
      {{NULL, {HTTP_OVERSIZE, 200, 0, 0, "x"}},
       "mcp_hub_state 7",
       "errors-oversize 1"},
      {{"<html>", {HTTP_OK, 200, 0, 0, ""}},
       "mcp_hub_state 7",
       "errors-parse 1"},
      {{"", {HTTP_OK, 200, 0, 0, ""}}, "mcp_hub_state 7", "errors-parse 1"},
      {{"{\"state\":", {HTTP_OK, 200, 0, 0, ""}},
       "mcp_hub_state 7",
       "errors-parse 1"},
      {{"{\"state\":", {HTTP_PARSE, 200, 0, 0, "cut"}},
       "mcp_hub_state 7",
       "errors-parse 1"},
      {{"{}", {HTTP_OK, 200, 0, 0, ""}}, "mcp_hub_state 7", "errors-parse 1"},
  };
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    struct scene s;
    start(&s);
    assert_false(read_once(&s, rows[i].answer, NONE));
    has(&s, "bool-up 0");
    has(&s, rows[i].state);
    has(&s, rows[i].error);
    stop(&s);
  }
}

static void trouble_is_told_when_it_changes_and_not_every_read(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  const struct answer good = GOOD(HEALTH("ready", ""));
  read_once(&s, BAD(HTTP_CONNECT, 0, "connection refused"), NONE);
  assert_string_equal(s.received.remarks,
                      "hub \"prod\": http://127.0.0.1:7000/api/health: "
                      "connect: connection refused\n");
  read_once(&s, BAD(HTTP_CONNECT, 0, "connection reset"), NONE);
  assert_string_equal(s.received.remarks, "");
  read_once(&s, BAD(HTTP_HTTP, 500, "HTTP status 500, expected 200"), NONE);
  assert_string_equal(s.received.remarks,
                      "hub \"prod\": http://127.0.0.1:7000/api/health: "
                      "http: HTTP status 500, expected 200\n");
  read_once(&s, BAD(HTTP_HTTP, 502, "HTTP status 502, expected 200"), NONE);
  assert_non_null(strstr(s.received.remarks, "502"));
  read_once(&s, BAD(HTTP_TIMEOUT, 200, "no answer (99 bytes)"), NONE);
  assert_non_null(strstr(s.received.remarks, "timeout: no answer"));
  read_once(&s, BAD(HTTP_TIMEOUT, 0, "no answer (0 bytes)"), NONE);
  assert_string_equal(s.received.remarks, "");
  read_once(&s, GOOD("<html>"), NONE);
  assert_non_null(strstr(s.received.remarks, "/api/health: parse: byte "));
  read_once(&s, good, NONE);
  assert_string_equal(
      s.received.remarks,
      "hub \"prod\": http://127.0.0.1:7000/api/health answers again\n");
  read_once(&s, good, NONE);
  assert_string_equal(s.received.remarks, "");
  stop(&s);
}

static void broken_statistics_leave_the_health_values_alone(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  read_once(&s, GOOD(HEALTH("ready", SERVER("a", "connected"))),
            GOOD("{\"llm\":"));
  has(&s, "bool-up 1");
  has(&s, "mcp_hub_state 0");
  has(&s, "errors-parse 1");
  has(&s, "mcp_server_state-a 0");
  has_not(&s, "response_time-filtering");
  has_not(&s, "llm");
  assert_non_null(strstr(s.received.remarks, "/api/filtering/stats: parse: "));
  read_once(&s, GOOD(HEALTH("ready", "")),
            BAD(HTTP_HTTP, 500, "HTTP status 500"));
  has(&s, "errors-http 1");
  has(&s, "bool-up 1");
  stop(&s);
}

static void
a_hub_without_statistics_is_asked_again_only_now_and_then(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  const struct answer good = GOOD(HEALTH("ready", ""));
  assert_true(read_once(&s, good, NONE));
  has(&s, "errors-http 0");
  assert_string_equal(s.received.remarks, "");
  for (int i = 0; i < 59; i++)
    assert_false(read_once(&s, good, NONE));
  assert_true(read_once(&s, good, NONE));
  stop(&s);
}

static void a_hub_that_is_not_ready_yet_is_asked_each_time(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  assert_true(read_once(&s, GOOD(HEALTH("starting", "")), NONE));
  assert_true(read_once(&s, GOOD(HEALTH("starting", "")), NONE));
  assert_true(read_once(&s, GOOD(HEALTH("ready", "")), GOOD(documented)));
  has(&s, "queue_length-llm 3");
  stop(&s);
}

static void a_hub_that_was_away_is_asked_for_statistics_again(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  assert_true(read_once(&s, GOOD(HEALTH("ready", "")), NONE));
  assert_false(read_once(&s, GOOD(HEALTH("ready", "")), NONE));
  read_once(&s, BAD(HTTP_CONNECT, 0, "refused"), NONE);
  assert_true(read_once(&s, GOOD(HEALTH("ready", "")), GOOD(documented)));
  stop(&s);
}

static void one_deadline_covers_both_requests(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  poller_begin(s.reader, 100, 100);
  assert_true(poller_time_left(s.reader, 100) == 5);
  assert_true(poller_time_left(s.reader, 103) == 2);
  assert_true(poller_time_left(s.reader, 200) > 0);
  assert_true(poller_time_left(s.reader, 0) == 5); /* the clock went back */
  stop(&s);
}

static void a_deadline_that_nobody_watched_is_no_failure(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  const struct answer good = GOOD(HEALTH("ready", SERVER("a", "connected")));
  const struct answer late = BAD(HTTP_TIMEOUT, 0, "no answer");
  poller_begin(s.reader, 100, 100);
  s.now = 700; /* the deadline was at 105 */
  assert_string_equal(give(&s, late), "/api/health");
  assert_true(poller_time_left(s.reader, 701) == 4);
  assert_string_equal(give(&s, good), "/api/filtering/stats");
  assert_null(give(&s, NONE));
  poller_emit(s.reader, received_value, &s.received);
  has(&s, "bool-up 1");
  has(&s, "errors-timeout 0");
  assert_string_equal(s.received.remarks, "");
  poller_begin(s.reader, 800, 800);
  s.now = 900;
  assert_string_equal(give(&s, late), "/api/health");
  s.now = 1000; /* and once more: enough */
  assert_null(give(&s, late));
  received_clear(&s.received);
  poller_emit(s.reader, received_value, &s.received);
  has(&s, "bool-up 0");
  has(&s, "errors-timeout 1");
  stop(&s);
}

static void servers_are_counted_by_state_and_shared_out(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  read_once(
      &s,
      GOOD(HEALTH(
          "ready",
          SERVER("a", "connected") "," SERVER("b", "disconnected") "," SERVER(
              "c",
              "disabled") "," SERVER("d",
                                     "unauthorized") "," SERVER("e",
                                                                "connecting"))),
      NONE);
  has(&s, "mcp_servers-connected 1");
  has(&s, "mcp_servers-total 5");
  has(&s, "percent-servers_connected 25");
  has(&s, "percent-servers_down 25");
  has(&s, "mcp_server_state-c 1");
  has(&s, "mcp_server_state-d 3");
  has(&s, "mcp_server_state-e 2");
  has(&s, "mcp_server_tools-a 3");
  for (const char *c = "bcde"; *c != '\0'; c++) { /* not connected: unknown */
    const char what[] = {'_', 't', 'o', 'o', 'l', 's', '-', *c, '\0'};
    has_not(&s, what);
  }
  read_once(&s, GOOD(HEALTH("ready", SERVER("c", "disabled"))), NONE);
  has_not(&s, "percent-servers_connected");
  has(&s, "percent-servers_down 0"); /* none wanted, none down */
  read_once(&s, GOOD(HEALTH("starting", SERVER("a", "disconnected"))), NONE);
  has(&s, "percent-servers_connected 0");
  has_not(&s, "percent-servers_down");
  stop(&s);
}

static void a_status_that_we_do_not_know_counts_and_has_no_state(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  const struct answer odd = GOOD(HEALTH("ready", SERVER("a", "napping")));
  read_once(&s, odd, NONE);
  has(&s, "mcp_servers-unknown 1");
  has_not(&s, "mcp_server_state-a");
  has(&s, "mcp_server_tools-a 3");
  assert_string_equal(
      s.received.remarks,
      "hub \"prod\": 1 server(s) with a status that is not known, such as "
      "\"napping\" of \"a\": counted as unknown, without a state\n");
  read_once(&s, odd, NONE);
  assert_string_equal(s.received.remarks, "");
  stop(&s);
}

static void
names_that_collide_stay_apart_and_doubles_are_said_once(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  const struct answer both = GOOD(HEALTH(
      "ready",
      SERVER("x/y", "connected") "," SERVER("x_y", "disabled") "," SERVER(
          "x_y", "connected") "," SERVER("hub", "connected")));
  read_once(&s, both, NONE);
  has(&s, "mcp_servers-total 4");
  has(&s, "mcp_server_state-x_y 1");
  assert_non_null(strstr(s.received.values, "mcp_server_state-x_y~"));
  assert_non_null(strstr(s.received.values, "uptime-hub~"));
  has(&s, "uptime-hub 10");
  assert_non_null(strstr(s.received.remarks, "such as \"x_y\""));
  read_once(&s, both, NONE);
  assert_string_equal(s.received.remarks, "");
  stop(&s);
}

static void only_selected_servers_are_reported_one_by_one(void **state) {
  (void)state;
  const char *const names[] = {"a", "/^c/", NULL};
  const struct answer good = GOOD(
      HEALTH("ready", SERVER("a", "connected") "," SERVER(
                          "b", "connected") "," SERVER("c1", "connected")));
  struct scene s;
  start_with(&s, names, false, 200);
  read_once(&s, good, NONE);
  has(&s, "mcp_server_state-a 0");
  has(&s, "mcp_server_state-c1 0");
  has_not(&s, "mcp_server_state-b");
  has(&s, "mcp_servers-total 3");
  stop(&s);
  start_with(&s, names, true, 200);
  read_once(&s, good, NONE);
  has(&s, "mcp_server_state-b 0");
  has_not(&s, "mcp_server_state-a");
  has_not(&s, "-c1");
  stop(&s);
}

static void an_expression_that_takes_too_long_is_told_once(void **state) {
  (void)state;
  const char *const names[] = {"/^(a|a)*b/", "/^a+c/", NULL};
  const struct answer good = GOOD(
      HEALTH("ready", SERVER("aaaaaaaaaaaaaaaaaaaaaaaaaaaaacb", "connected")));
  struct scene s;
  start_with(&s, names, false, 200);
  read_once(&s, good, NONE);
  has(&s, "mcp_server_state-aaaaaaaaaaaaaaaaaaaaaaaaaaaaacb 0");
  read_once(&s, good, NONE);
  assert_string_equal(
      s.received.remarks,
      "hub \"prod\": Server \"/^(a|a)*b/\" takes too long on the "
      "server \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaacb\"; treated as no "
      "match\n");
  read_once(&s, good, NONE);
  assert_string_equal(s.received.remarks, "");
  stop(&s);
}

static void
beyond_the_limit_servers_count_in_the_sums_and_it_is_said_once(void **state) {
  (void)state;
  const struct answer good = GOOD(
      HEALTH("ready", SERVER("c", "connected") "," SERVER(
                          "a", "connected") "," SERVER("b", "disconnected")));
  struct scene s;
  start_with(&s, NULL, false, 2);
  read_once(&s, good, NONE);
  has(&s, "mcp_server_state-a 0");
  has(&s, "mcp_server_state-b 4");
  has_not(&s, "mcp_server_state-c");
  has(&s, "mcp_servers-total 3");
  assert_string_equal(
      s.received.remarks,
      "hub \"prod\": 3 servers: the first 2 by name are reported "
      "one by one (MaxServers), all of them in the sums\n");
  read_once(&s, good, NONE);
  assert_string_equal(s.received.remarks, "");
  stop(&s);
}

static void
what_is_known_of_the_log_is_emitted_whether_the_hub_is_up_or_not(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  struct log_tail_counts log = {.size = 77};
  log.entries[LOG_LINE_ERROR] = 3;
  log.events[LOG_LINE_DISCONNECT] = 2;
  poller_set_log(s.reader, &log);
  read_once(&s, BAD(HTTP_CONNECT, 0, "refused"), NONE);
  has(&s, "file_size-log 77");
  has(&s, "mcp_log_entries-error 3");
  has(&s, "total_events-disconnect 2");
  has_not(&s, "log_errors"); /* no entry told its level */
  log_window_add(&log.window, true, true);
  read_once(&s, GOOD(HEALTH("ready", "")), NONE);
  has(&s, "count-log_errors_100 1");
  has(&s, "count-log_errors_1000 1");
  poller_set_log(s.reader, NULL);
  read_once(&s, GOOD(HEALTH("ready", "")), NONE);
  has_not(&s, "log");
  stop(&s);
}

static void
a_hub_that_restarts_for_too_long_has_its_servers_down(void **state) {
  (void)state;
  const struct answer stuck =
      GOOD(HEALTH("restarting", SERVER("a", "disconnected")));
  struct scene s;
  start(&s);
  for (int i = 0; i < 30; i++) {
    read_once(&s, stuck, NONE);
    has_not(&s, "percent-servers_down");
  }
  read_once(&s, stuck, NONE); /* 300 s */
  has(&s, "percent-servers_down 100");
  read_once(&s, GOOD(HEALTH("ready", SERVER("a", "connected"))), NONE);
  has(&s, "percent-servers_down 0");
  read_once(&s, stuck, NONE);
  has_not(&s, "percent-servers_down");
  stop(&s);
}

static void
a_hub_that_started_anew_is_asked_for_statistics_again(void **state) {
  (void)state;
  struct scene s;
  char anew[] = HEALTH("ready", "");
  char *began = strstr(anew, "startTime\":\"2026-11-20T12:00:00");
  began[strlen("startTime\":\"2026-11-20T12:00:0")] = '8';
  start(&s);
  assert_true(read_once(&s, GOOD(HEALTH("ready", "")), NONE));
  assert_false(read_once(&s, GOOD(HEALTH("ready", "")), NONE));
  assert_true(read_once(&s, GOOD(anew), NONE));
  stop(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_known_value_is_emitted_under_its_name),
      cmocka_unit_test(rates_with_little_behind_them_are_withheld),
      cmocka_unit_test(
          rates_of_the_last_minutes_stand_beside_those_since_the_start),
      cmocka_unit_test(a_failed_read_gives_no_values_but_its_cause),
      cmocka_unit_test(
          who_answers_nonsense_is_unknown_who_does_not_unreachable),
      cmocka_unit_test(trouble_is_told_when_it_changes_and_not_every_read),
      cmocka_unit_test(broken_statistics_leave_the_health_values_alone),
      cmocka_unit_test(
          a_hub_without_statistics_is_asked_again_only_now_and_then),
      cmocka_unit_test(a_hub_that_is_not_ready_yet_is_asked_each_time),
      cmocka_unit_test(a_hub_that_was_away_is_asked_for_statistics_again),
      cmocka_unit_test(a_hub_that_started_anew_is_asked_for_statistics_again),
      cmocka_unit_test(one_deadline_covers_both_requests),
      cmocka_unit_test(a_deadline_that_nobody_watched_is_no_failure),
      cmocka_unit_test(servers_are_counted_by_state_and_shared_out),
      cmocka_unit_test(a_status_that_we_do_not_know_counts_and_has_no_state),
      cmocka_unit_test(names_that_collide_stay_apart_and_doubles_are_said_once),
      cmocka_unit_test(only_selected_servers_are_reported_one_by_one),
      cmocka_unit_test(an_expression_that_takes_too_long_is_told_once),
      cmocka_unit_test(
          beyond_the_limit_servers_count_in_the_sums_and_it_is_said_once),
      cmocka_unit_test(
          what_is_known_of_the_log_is_emitted_whether_the_hub_is_up_or_not),
      cmocka_unit_test(a_hub_that_restarts_for_too_long_has_its_servers_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
