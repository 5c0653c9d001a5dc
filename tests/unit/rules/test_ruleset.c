/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rules/builtin_rules.h"
#include "rules/pattern.h"
#include "rules/ruleset.h"
#include "rules/template.h"
#include "util/duration.h"
#include "util/timestamp.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* JSON is written with ' for " here. */
static struct ruleset *parse(const char *text, char *err, size_t err_size) {
  size_t len = strlen(text);
  char *json = malloc(len + 1); /* no byte behind it */
  struct ruleset *set = NULL;

  assert_non_null(json);
  for (size_t i = 0; i < len; i++)
    json[i] = text[i] == '\'' ? '"' : text[i];
  *err = '\0';
  json = realloc(json, len > 0 ? len : 1);
  set = ruleset_parse(json, len, err, err_size);
  free(json);
  return set;
}

static struct ruleset *accepts(const char *text) {
  char err[700];
  struct ruleset *set = parse(text, err, sizeof(err));

  assert_string_equal(err, "");
  assert_non_null(set);
  return set;
}

static void refuses(const char *text, const char *expected) {
  char err[700];

  assert_null(parse(text, err, sizeof(err)));
  assert_string_equal(err, expected);
}

static const struct rule *rule_named(const struct ruleset *set,
                                     const char *name) {
  for (size_t i = 0; i < set->rules_num; i++)
    if (strcmp(set->rules[i].name, name) == 0)
      return &set->rules[i];
  return NULL;
}

static void same(double a, double b) {
  if (!(isnan(a) && isnan(b)) && (a < b || a > b || isnan(a) != isnan(b)))
    fail_msg("%.17g is not %.17g", a, b);
}

static void functions_have_what_they_need(void **state) {
  struct ruleset *set = accepts(
      "{'rules': [{'name': 'a', 'metric': 'a/b/c', 'function': 'percentile',"
      " 'window': '5m', 'rank': 95, 'op': '>=', 'critical': 7},"
      "{'name': 'b', 'metric': 'a/b/c', 'function': 'leak', 'warning': 1e8},"
      "{'name': 'c', 'metric': 'a/b/c', 'function': 'anomaly',"
      " 'severity': 'info'},"
      "{'name': 'd', 'metric': 'a/b/c', 'function': 'absent',"
      " 'severity': 'critical', 'window': '10m'},"
      "{'name': 'e', 'metric': 'a/b/c', 'function': 'burn_rate',"
      " 'window': '1h', 'objective': 0.999, 'warning': 14},"
      "{'name': 'f', 'metric': 'a/b/c', 'function': 'count_over',"
      " 'window': '1h', 'limit': -3, 'warning': 14}]}");
  const struct rule *r = rule_named(set, "a");

  (void)state;
  assert_int_equal(r->function, RULE_PERCENTILE);
  same(r->rank, 95);
  same(r->window, 300);
  r = rule_named(set, "b");
  assert_int_equal(r->op, RULE_GT);
  same(r->window, 1800);
  r = rule_named(set, "c");
  assert_int_equal(r->op, RULE_GE);
  same(r->threshold[ALERT_INFO], 0.5);
  r = rule_named(set, "d");
  same(r->window, 600);
  same(r->threshold[ALERT_CRITICAL], 600);
  r = rule_named(set, "e");
  same(r->objective, 0.999);
  r = rule_named(set, "f");
  same(r->limit, -3);
  ruleset_destroy(set);
}

static void what_no_data_means_is_read(void **state) {
  struct ruleset *set = accepts(
      "{'rules': [{'name': 'a', 'metric': 'a/b/c', 'op': '>', 'warning': 1,"
      " 'no_data': 'ok'}, {'name': 'b', 'metric': 'a/b/c', 'op': '>',"
      " 'warning': 1, 'no_data': 'critical', 'no_data_for': '2m'}]}");
  const struct rule *r = rule_named(set, "a");

  (void)state;
  assert_int_equal(r->no_data, NO_DATA_OK);
  same(r->no_data_for, 0);
  r = rule_named(set, "b");
  assert_int_equal(r->no_data, NO_DATA_LEVEL);
  assert_int_equal(r->no_data_level, ALERT_CRITICAL);
  same(r->no_data_for, 120);
  ruleset_destroy(set);
}

static void who_inhibits_is_a_rule(void **state) {
  (void)state;
  refuses("{'rules': [{'name': 'a', 'metric': 'a/b/c', 'op': '>', 'warning': 1,"
          " 'inhibited_by': ['zzzzzzzz']}]}",
          "line 1: rules[0].inhibited_by[0]: \"zzzzzzzz\": expected the name "
          "of a rule");
}

static void
another_function_has_not_the_window_of_the_built_in_rule(void **state) {
  struct ruleset *set =
      accepts("{'rules': [{'name': 'connection_flaps', 'function': 'value',"
              " 'warning': 5}]}");

  (void)state;
  same(rule_named(set, "connection_flaps")->window, 0);
  ruleset_destroy(set);
}

static void who_inhibits_is_marked(void **state) {
  struct ruleset *set = accepts(
      "{'rules': [{'name': 'a', 'metric': 'a/b/c', 'op': '>', 'warning': 1,"
      " 'inhibited_by': ['b', 'hub_down']}, {'name': 'b', 'metric': 'a/b/c',"
      " 'op': '>', 'warning': 1}]}");
  const struct rule *r = rule_named(set, "a");

  (void)state;
  assert_false(r->inhibits);
  assert_int_equal(r->inhibited_by_num, 2);
  assert_string_equal(r->inhibited_by[0], "b");
  assert_string_equal(r->inhibited_by[1], "hub_down");
  assert_true(rule_named(set, "b")->inhibits);
  assert_true(rule_named(set, "hub_down")->inhibits);
  ruleset_destroy(set);
}

static void silences_have_an_end_and_a_reason(void **state) {
  struct ruleset *set = accepts(
      "{'silences': [{'metric': '*/mcp_hub-staging/*', 'reason': 'load test',"
      " 'until': '2026-12-01T00:00:00Z'}, {'rule': 'server_down',"
      " 'until': '2026-12-01T01:30:00+01:30', 'reason': 'known'}]}");

  (void)state;
  assert_int_equal(set->silences_num, 2);
  same(set->silences[0].until, 1796083200);
  same(set->silences[1].until, 1796083200);
  assert_string_equal(set->silences[0].reason, "load test");
  assert_null(set->silences[1].metric);
  assert_string_equal(set->silences[1].rule, "server_down");
  ruleset_destroy(set);
}

static void a_long_chain_of_inhibition_is_refused(void **state) {
  char text[20000] = "{'rules': [";
  char err[700];

  (void)state;
  for (int i = 0; i < 150; i++)
    snprintf(text + strlen(text), sizeof(text) - strlen(text),
             "{'name': 'r%d', 'metric': 'a/b/c', 'op': '>', 'warning': 1,"
             "'inhibited_by': ['%s%d']},",
             i, i < 149 ? "r" : "server_dow", i + 1);
  text[strlen(text) - 1] = ']';
  strcat(text, "}");
  assert_null(parse(text, err, sizeof(err)));
  assert_non_null(strstr(err, "expected at most 100 rules that inhibit one "
                              "the other"));
}

/* --------------------------------------------------------- what is built in */

static void an_empty_object_has_the_built_in_rules(void **state) {
  struct ruleset *set = accepts("{}");
  const struct rule *r = NULL;

  (void)state;
  assert_int_equal(set->rules_num, 4);
  r = rule_named(set, "hub_down");
  assert_string_equal(pattern_text(r->metric), "*/mcp_hub-*/bool-up");
  assert_int_equal(r->op, RULE_EQ);
  same(r->threshold[ALERT_CRITICAL], 0);
  same(r->threshold[ALERT_WARNING], NAN);
  same(r->hold_for, 0);
  assert_false(r->listed);
  r = rule_named(set, "all_servers_down");
  assert_string_equal(pattern_text(r->metric),
                      "*/mcp_hub-*/percent-servers_down");
  assert_int_equal(r->op, RULE_GE);
  same(r->threshold[ALERT_CRITICAL], 100);
  r = rule_named(set, "server_dead");
  assert_string_equal(pattern_text(r->metric),
                      "*/mcp_hub-*/mcp_server_state-*");
  same(r->threshold[ALERT_WARNING], 5);
  same(r->hold_for, 0);
  assert_true(r->listed);
  r = rule_named(set, "server_down");
  same(r->threshold[ALERT_WARNING], 4);
  same(r->hold_for, 120);
  assert_true(r->listed);
  assert_false(set->notify_info);
  same(set->repeat, 0);
  same(set->group_wait, 1);
  ruleset_destroy(set);
}

static void all_builtin_texts_fit_and_name_only_what_is_known(void **state) {
  (void)state;
  for (size_t i = 0; i < builtin_rules_num; i++) {
    char err[400] = "";
    template_check(builtin_rules[i].message, err, sizeof(err));
    template_check(builtin_rules[i].resolved, err, sizeof(err));
    assert_string_equal(err, "");
    assert_ptr_equal(builtin_rule_find(builtin_rules[i].name),
                     &builtin_rules[i]);
  }
  assert_null(builtin_rule_find("nothing"));
}

static void built_in_rules_can_be_switched_off(void **state) {
  struct ruleset *set =
      accepts("{'rules': [{'name': 'server_down', 'enabled': false},"
              "{'name': 'hub_down', 'enabled': true},"
              "{'name': 'queue_depth', 'enabled': false}]}");

  (void)state;
  assert_int_equal(set->rules_num, 3);
  assert_null(rule_named(set, "server_down"));
  assert_non_null(rule_named(set, "hub_down"));
  ruleset_destroy(set);
}

static void an_override_changes_only_the_keys_it_gives(void **state) {
  struct ruleset *set =
      accepts("{'rules': [{'name': 'server_down', 'for': '5m', 'runbook': 'u'},"
              "{'name': 'hub_down', 'critical': null, 'warning': 0}]}");
  const struct rule *r = rule_named(set, "server_down");

  (void)state;
  assert_int_equal(set->rules_num, 4);
  same(r->hold_for, 300);
  same(r->threshold[ALERT_WARNING], 4);
  same(r->threshold[ALERT_CRITICAL], NAN);
  assert_int_equal(r->op, RULE_EQ);
  assert_string_equal(r->runbook, "u");
  assert_non_null(strstr(r->message, "MCP server {type_instance}"));
  assert_non_null(r->resolved);
  assert_true(r->listed);
  r = rule_named(set, "hub_down");
  same(r->threshold[ALERT_CRITICAL], NAN);
  same(r->threshold[ALERT_WARNING], 0);
  ruleset_destroy(set);
}

static void an_override_of_the_meaning_drops_the_builtin_texts(void **state) {
  struct ruleset *set = accepts(
      "{'warning': {'connection_flaps': 3, 'queue_depth': 1}, 'rules': ["
      "{'name': 'connection_flaps', 'window': '1h'},"
      "{'name': 'server_dead', 'op': '>=', 'message': 'm'},"
      "{'name': 'queue_depth', 'message': 'n'}]}");
  const struct rule *r = rule_named(set, "connection_flaps");

  (void)state;
  same(r->window, 3600);
  assert_int_equal(r->function, RULE_DELTA);
  assert_null(r->message);
  assert_null(r->resolved);
  r = rule_named(set, "server_dead");
  assert_string_equal(r->message, "m");
  assert_null(r->resolved);
  r = rule_named(set, "queue_depth");
  assert_string_equal(r->message, "n");
  assert_non_null(r->resolved);
  ruleset_destroy(set);
}

/* --------------------------------------------------------- named thresholds */

static void the_deployed_file_is_accepted_as_it_stands(void **state) {
  struct ruleset *set = accepts(
      "{ 'critical': { 'llm_success_rate': 0.90, 'circuit_breaker_state': "
      "'open' },\n"
      "  'warning':  { 'llm_success_rate': 0.95, 'p95_latency': 2000, "
      "'queue_depth': 50, 'cache_hit_rate': 0.80 } }\n");
  const struct rule *r = NULL;

  (void)state;
  assert_int_equal(set->rules_num, 4 + 5);
  r = rule_named(set, "llm_success_rate"); /* one rule with two thresholds */
  assert_string_equal(pattern_text(r->metric),
                      "*/mcp_hub-*/percent-llm_success");
  assert_int_equal(r->op, RULE_LT);
  same(r->threshold[ALERT_CRITICAL], 90);
  same(r->threshold[ALERT_WARNING], 95);
  same(r->threshold[ALERT_INFO], NAN);
  r = rule_named(set, "circuit_breaker_state");
  assert_string_equal(pattern_text(r->metric), "*/mcp_hub-*/mcp_breaker_state");
  assert_int_equal(r->op, RULE_GE);
  same(r->threshold[ALERT_CRITICAL], 2);
  r = rule_named(set, "p95_latency");
  assert_string_equal(pattern_text(r->metric), "*/mcp_hub-*/latency-llm_p95");
  assert_int_equal(r->op, RULE_GT);
  same(r->threshold[ALERT_WARNING], 2);
  r = rule_named(set, "queue_depth");
  same(r->threshold[ALERT_WARNING], 50);
  r = rule_named(set, "cache_hit_rate");
  assert_int_equal(r->op, RULE_LT);
  same(r->threshold[ALERT_WARNING], 80);
  ruleset_destroy(set);
}

static void every_name_has_its_metric_direction_and_unit(void **state) {
  static const struct {
    const char *name, *value, *metric;
    enum rule_op op;
    double threshold, window;
  } names[] = {
      {"llm_success_rate", "0.07", "percent-llm_success", RULE_LT, 7, 0},
      {"cache_hit_rate", "0.29", "cache_ratio-llm", RULE_LT, 29, 0},
      {"p50_latency", "1", "latency-llm_p50", RULE_GT, 0.001, 0},
      {"p95_latency", "2500.5", "latency-llm_p95", RULE_GT, 2.5005, 0},
      {"p99_latency", "5000", "latency-llm_p99", RULE_GT, 5, 0},
      {"avg_latency", "100", "latency-llm_average", RULE_GT, 0.1, 0},
      {"queue_depth", "0", "queue_length-llm", RULE_GT, 0, 0},
      {"circuit_breaker_failures", "3", "count-breaker_failures", RULE_GE, 3,
       0},
      {"circuit_breaker_state", "'half-open'", "mcp_breaker_state", RULE_GE, 1,
       0},
      {"cpu_percent", "5", "percent-cpu", RULE_GT, 5, 0},
      {"memory_percent", "100", "percent-memory", RULE_GT, 100, 0},
      {"memory_mb", "500", "ps_rss-hub", RULE_GT, 524288000, 0},
      {"active_clients", "5", "current_connections-mcp", RULE_GT, 5, 0},
      {"error_count", "10", "count-log_errors_100", RULE_GT, 10, 0},
      {"connection_flaps", "3", "total_events-disconnect", RULE_GT, 3, 600},
      {"log_size_mb", "50", "file_size-log", RULE_GT, 52428800, 0},
      {"log_growth_mb_per_hour", "100", "file_size-log", RULE_GT, 104857600,
       3600},
      {"api_response_time", "2.5", "response_time-health", RULE_GT, 2.5, 0},
      {"servers_disconnected", "0", "mcp_servers-disconnected", RULE_GT, 0, 0},
  };
  static const char *const sections[] = {"", "info", "warning", "critical"};

  (void)state;
  assert_int_equal(sizeof(names) / sizeof(*names), builtin_rules_num - 4);
  for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
    for (int k = ALERT_INFO; k < ALERT_LEVELS; k++) {
      char text[200];
      struct ruleset *set = NULL;
      const struct rule *r = NULL;
      snprintf(text, sizeof(text), "{'%s': {'%s': %s}}", sections[k],
               names[i].name, names[i].value);
      set = accepts(text);
      assert_int_equal(set->rules_num, 5);
      r = rule_named(set, names[i].name);
      assert_non_null(r);
      assert_string_equal(pattern_text(r->metric) + strlen("*/mcp_hub-*/"),
                          names[i].metric);
      assert_int_equal(r->op, names[i].op);
      for (int other = ALERT_INFO; other < ALERT_LEVELS; other++)
        same(r->threshold[other], other == k ? names[i].threshold : NAN);
      same(r->window, names[i].window);
      assert_int_equal(r->function,
                       names[i].window > 0 ? RULE_DELTA : RULE_VALUE);
      same(r->clear, NAN);
      assert_null(r->ds);
      assert_false(r->listed);
      ruleset_destroy(set);
    }
}

static void named_thresholds_can_be_refined_by_rules(void **state) {
  /* whichever comes first in the file */
  struct ruleset *set =
      accepts("{'rules': [{'name': 'p95_latency', 'for': '5m', 'clear': 1.5,"
              "  'critical': 10},"
              "  {'name': 'queue_depth', 'warning': 7}],"
              " 'warning': {'p95_latency': 2000}}");
  const struct rule *r = rule_named(set, "p95_latency");

  (void)state;
  same(r->threshold[ALERT_WARNING], 2);
  same(r->threshold[ALERT_CRITICAL], 10); /* in the series' unit */
  same(r->hold_for, 300);
  same(r->clear, 1.5);
  same(rule_named(set, "queue_depth")->threshold[ALERT_WARNING], 7);
  ruleset_destroy(set);
}

/* -------------------------------------------------------------- own rules */

static void a_rule_has_all_the_keys(void **state) {
  struct ruleset *set = accepts(
      "{'notify_info': true, 'settings': {'repeat': '1h', 'group_wait': '1s'},"
      " 'silences': [], 'info': {}, 'rules': [{"
      " 'name': 'load', 'metric': '/load/', 'ds': 'shortterm', 'op': '<=',"
      " 'info': 3, 'warning': 2.5, 'critical': -1e2, 'clear': 4,"
      " 'for': '1h30m', 'clear_for': '1d', 'function': 'delta',"
      " 'window': '90s', 'message': '{host} {{ \\u00e9 {value}',"
      " 'runbook': 'https://x/y', 'enabled': true, 'no_data': 'hold'}]}");
  const struct rule *r = rule_named(set, "load");

  (void)state;
  assert_true(set->notify_info);
  same(set->repeat, 3600);
  same(set->group_wait, 1);
  assert_ptr_equal(r, &set->rules[4]);
  assert_string_equal(pattern_text(r->metric), "/load/");
  assert_string_equal(r->ds, "shortterm");
  assert_int_equal(r->op, RULE_LE);
  same(r->threshold[ALERT_INFO], 3);
  same(r->threshold[ALERT_WARNING], 2.5);
  same(r->threshold[ALERT_CRITICAL], -100);
  same(r->clear, 4);
  same(r->hold_for, 5400);
  same(r->clear_for, 86400);
  assert_int_equal(r->function, RULE_DELTA);
  same(r->window, 90);
  assert_string_equal(r->message, "{host} {{ \xC3\xA9 {value}");
  assert_string_equal(r->runbook, "https://x/y");
  ruleset_destroy(set);
}

static void all_operators_are_known(void **state) {
  static const char *const ops[] = {">", ">=", "<", "<=", "==", "!="};

  (void)state;
  for (int i = 0; i < 6; i++) {
    char text[200];
    struct ruleset *set = NULL;
    snprintf(text, sizeof(text),
             "{'rules': [{'name':'x','metric':'a/b/c','op':'%s','info':1}]}",
             ops[i]);
    set = accepts(text);
    assert_int_equal(set->rules[4].op, i);
    assert_string_equal(rule_op_symbol((enum rule_op)i), ops[i]);
    ruleset_destroy(set);
  }
}

static void rules_on_the_state_of_servers_are_listed(void **state) {
  struct ruleset *set = accepts(
      "{'rules': [{'name':'a','metric':'h/mcp_hub-*/mcp_server_state-x*',"
      "'op':'>','info':1}, {'name':'b','metric':'*/*/*','op':'>','info':1},"
      "{'name':'server_down','metric':'*/*/x'}]}");

  (void)state;
  assert_true(rule_named(set, "a")->listed);
  assert_false(rule_named(set, "b")->listed);
  assert_false(rule_named(set, "server_down")->listed);
  ruleset_destroy(set);
}

static void notify_info_may_stand_under_settings(void **state) {
  struct ruleset *set = accepts("{'settings': {'notify_info': true}}");

  (void)state;
  assert_true(set->notify_info);
  ruleset_destroy(set);
  set = accepts("{'notify_info': false}");
  assert_false(set->notify_info);
  ruleset_destroy(set);
}

static void blanks_around_the_object_do_not_matter(void **state) {
  (void)state;
  ruleset_destroy(accepts("\r\n\t {}\n \t\r"));
}

static void equal_thresholds_are_no_mistake(void **state) {
  (void)state;
  ruleset_destroy(accepts("{'rules': [{'name': 'queue_depth', 'warning': 5,"
                          "'clear': 5}]}"));
  ruleset_destroy(accepts("{'critical': {'queue_depth': 5},"
                          " 'warning': {'queue_depth': 5}}"));
  ruleset_destroy(accepts("{'rules': [{'name': 'server_down', 'op': '!=',"
                          "'critical': 1, 'warning': 2}]}"));
}

/* ---------------------------------------------------------------- mistakes */

#define NAMED                                                                  \
  "llm_success_rate, cache_hit_rate, p50_latency, p95_latency, p99_latency, "  \
  "avg_latency, queue_depth, circuit_breaker_failures, "                       \
  "circuit_breaker_state, cpu_percent, memory_percent, memory_mb, "            \
  "active_clients, error_count, connection_flaps, log_size_mb, "               \
  "log_growth_mb_per_hour, api_response_time, servers_disconnected"
#define KEYS                                                                   \
  "name, metric, ds, op, warning, critical, info, severity, clear, for, "      \
  "clear_for, function, window, rank, limit, objective, no_data, "             \
  "no_data_for, inhibited_by, message, runbook, enabled"
#define FUNCTIONS                                                              \
  "expected one of value, avg, min, max, rate, delta, percentile, "            \
  "count_over, flaps, absent, leak, anomaly, burn_rate"
#define RULE(more)                                                             \
  "{'rules': [\n{'name': 'x', 'metric': 'a/b/c', 'op': '>', 'warning': "       \
  "3,\n" more "}]}"
#define DURATION                                                               \
  "expected a duration such as \"90s\", \"2m\", \"1h30m\" or \"1d\""

static void wrong_thresholds_are_named_with_line_and_path(void **state) {
  static const struct {
    const char *text, *error;
  } cases[] = {
      {"{'critical':\n{'llm_success_rate': 'x'}}",
       "line 2: critical.llm_success_rate: \"x\": expected a fraction between "
       "0 and 1"},
      {"{'critical': {'llm_success_rate': 90}}",
       "line 1: critical.llm_success_rate: 90: expected a fraction between 0 "
       "and 1"},
      {"{'info': {\n'cache_hit_rate': -0.1}}",
       "line 2: info.cache_hit_rate: -0.1: expected a fraction between 0 and "
       "1"},
      {"{'warning': {'p95_latency': -1}}",
       "line 1: warning.p95_latency: -1: expected milliseconds, a number not "
       "below 0"},
      {"{'warning': {'p95_latency': '2000'}}",
       "line 1: warning.p95_latency: \"2000\": expected milliseconds, a number "
       "not below 0"},
      {"{'warning': {'queue_depth': 1e999}}",
       "line 1: warning.queue_depth: 1e999: expected a number not below 0"},
      {"{'warning': {'queue_depth': NaN}}",
       "line 1: warning.queue_depth: NaN: expected a number not below 0"},
      {"{'warning': {'queue_depth': null}}",
       "line 1: warning.queue_depth: null: expected a number not below 0"},
      {"{'warning': {'queue_depth': true}}",
       "line 1: warning.queue_depth: true: expected a number not below 0"},
      {"{'warning': {'queue_depth': {'max': 3}}}",
       "line 1: warning.queue_depth: {...}: expected a number not below 0"},
      {"{'warning': {'queue_depth': 99999999999999999999999}}",
       "line 1: warning.queue_depth: 18446744073709551615: expected a number "
       "not below 0"},
      {"{'warning': {'cpu_percent': 101}}",
       "line 1: warning.cpu_percent: 101: expected a percentage between 0 and "
       "100"},
      {"{'warning': {'memory_mb': -5}}",
       "line 1: warning.memory_mb: -5: expected MiB, a number not below 0"},
      {"{'warning': {'api_response_time': []}}",
       "line 1: warning.api_response_time: [...]: expected seconds, a number "
       "not below 0"},
      {"{'critical': {'circuit_breaker_state': 'closed'}}",
       "line 1: critical.circuit_breaker_state: \"closed\": expected "
       "\"half-open\" or \"open\""},
      {"{'critical': {'circuit_breaker_state': 2}}",
       "line 1: critical.circuit_breaker_state: 2: expected \"half-open\" or "
       "\"open\""},
      {"{'critical': {'llm_success_rate': 0.95},\n'warning': "
       "{'llm_success_rate': 0.90}}",
       "line 1: critical.llm_success_rate: 0.95: expected at most 0.90, the "
       "threshold of warning"},
      {"{'warning': {'p95_latency': 2000}, 'info': {'p95_latency': 1000},\n"
       "'critical': {'p95_latency': 500}}",
       "line 2: critical.p95_latency: 500: expected at least 2000, the "
       "threshold of warning"},
      {"{'info': {'p95_latency': 1000},\n'critical': {'p95_latency': 500}}",
       "line 2: critical.p95_latency: 500: expected at least 1000, the "
       "threshold of info"},
      {"{'critical': {'circuit_breaker_state': 'half-open'},"
       " 'warning': {'circuit_breaker_state': 'open'}}",
       "line 1: critical.circuit_breaker_state: \"half-open\": expected at "
       "least \"open\", the threshold of warning"},
      {"{'warning': {'p95_latency': 2000},\n"
       "'rules': [{'name': 'p95_latency',\n'critical': 1}]}",
       "line 3: rules[0].critical: 1: expected at least 2, the threshold of "
       "warning"},
      {"{'rules': [{'name': 'all_servers_down',\n'warning': 120}]}",
       "line 2: rules[0].warning: 120: expected at most 100, the threshold of "
       "critical"},
      {"{'critical': {\n'llm_succes_rate': 0.9}}",
       "line 2: critical.llm_succes_rate: unknown key, did you mean "
       "\"llm_success_rate\"? Known are " NAMED},
      {"{'critical': {'hub_down': 0}}",
       "line 1: critical.hub_down: unknown key; known are " NAMED},
      {"{'critical': {'': 0}}",
       "line 1: critical.: unknown key; known are " NAMED},
      {"{'critical': 5}",
       "line 1: critical: 5: expected an object {...} of named thresholds"},
      {"{'warning':\n null}",
       "line 1: warning: null: expected an object {...} of named thresholds"},
  };

  (void)state;
  for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
    refuses(cases[i].text, cases[i].error);
}

static void wrong_rules_are_named_with_line_and_path(void **state) {
  static const struct {
    const char *text, *error;
  } cases[] = {
      {"{'rules': {}}", "line 1: rules: {...}: expected a list [...] of rules"},
      {"{'rules': null}",
       "line 1: rules: null: expected a list [...] of rules"},
      {"{'rules': [\n7]}", "line 2: rules[0]: 7: expected an object {...}"},
      {"{'rules': [\n\nnull]}",
       "line 3: rules[0]: null: expected an object {...}"},
      {"{'rules': [{}]}", "line 1: rules[0]: expected a \"name\""},
      {"{'rules': [{'name': 'a\xC2\x9B\x32Jb'}]}",
       "line 1: rules[0].name: \"a??2Jb\": expected a text of 1 to 64 bytes "
       "without unprintable characters"},
      {"{'rules': [{'name': 'a', 'runbook': 'b\xE2\x80\xAE'}]}",
       "line 1: rules[0].runbook: \"b???\": expected a text of 1 to 1024 bytes "
       "without unprintable characters"},
      {"{'rules': [{'name': ''}]}",
       "line 1: rules[0].name: \"\": expected a text of 1 to 64 bytes without "
       "unprintable characters"},
      {"{'rules': [{'name': 'a\\u0000b'}]}",
       "line 1: rules[0].name: \"a\\u0000b\": expected a text of 1 to 64 bytes "
       "without unprintable characters"},
      {"{'rules': [{'name': 'a\\nb'}]}",
       "line 1: rules[0].name: \"a\\nb\": expected a text of 1 to 64 bytes "
       "without unprintable characters"},
      {"{'rules': [{'name': 7}]}",
       "line 1: rules[0].name: 7: expected a text in quotes"},
      {"{'rules': [{'name':"
       "'1234567890123456789012345678901234567890123456789012345678901234X'}]}",
       "line 1: rules[0].name: \"1234567890123456789012345678901234567890123456"
       "789012345...: expected a text of 1 to 64 bytes without unprintable "
       "characters"},
      {"{'rules': [{'name':" /* never cut within a character */
       "'12345678901234567890123456789012345678901234567890123\xE2\x82\xAC"
       "45678901X'}]}",
       "line 1: rules[0].name: \"1234567890123456789012345678901234567890123456"
       "7890123...: expected a text of 1 to 64 bytes without unprintable "
       "characters"},
      {"{'rules': [{'name': 'hub_dwn', 'enabled': false}]}",
       "line 1: rules[0]: expected a \"metric\", or the name \"hub_down\"?"},
      {"{'rules': [{'name': 'servers_disconected'}]}",
       "line 1: rules[0]: expected a \"metric\", or the name "
       "\"servers_disconnected\"?"},
      {"{'rules': [{'name': 'x'}]}", "line 1: rules[0]: expected a \"metric\""},
      {"{'rules': [{'name': 'x', 'metric': 'a/b/c', 'warning': 1}]}",
       "line 1: rules[0]: expected an \"op\""},
      {"{'rules': [{'name': 'x', 'metric': 'a/b/c', 'op': '>'}]}",
       "line 1: rules[0]: expected \"critical\", \"warning\" or \"info\""},
      {"{'rules': [{'name': 'x', 'metric': 'a/b/c', 'op': '>', "
       "'enabled': false}]}",
       "line 1: rules[0]: expected \"critical\", \"warning\" or \"info\""},
      {"{'rules': [{'name': 'queue_depth', 'for': '1m'}]}",
       "line 1: rules[0]: expected \"critical\", \"warning\" or \"info\""},
      {"{'rules': [{'name': 'hub_down', 'critical': null}]}",
       "line 1: rules[0]: expected \"critical\", \"warning\" or \"info\""},
      {"{'rules': [{'name': 'hub_down'},\n{'name': 'hub_down'}]}",
       "line 2: rules[1].name: \"hub_down\": given twice, first as rules[0]"},
      {RULE("'metric': 'a/b/c'"),
       "line 3: rules[0].metric: given twice, first in line 2"},
      {RULE("'wnidow': '1m'"), "line 3: rules[0].wnidow: unknown key, did you "
                               "mean \"window\"? Known are " KEYS},
      {RULE("'threshold': 1"),
       "line 3: rules[0].threshold: unknown key; known are " KEYS},
      {RULE("'For': '1m'"), "line 3: rules[0].For: unknown key, did you mean "
                            "\"for\"? Known are " KEYS},
      {RULE("'critical': '5'"),
       "line 3: rules[0].critical: \"5\": expected a number"},
      {RULE("'critical': Infinity"),
       "line 3: rules[0].critical: Infinity: expected a number"},
      {RULE("'critical': -99999999999999999999"),
       "line 3: rules[0].critical: -9223372036854775808: expected a number"},
      {RULE("'critical': 2"), "line 3: rules[0].critical: 2: expected at least "
                              "3, the threshold of warning"},
      {RULE("'info': 3.5"), "line 2: rules[0].warning: 3: expected at least "
                            "3.5, the threshold of info"},
      {RULE("'clear': 4"),
       "line 3: rules[0].clear: 4: expected at most 3, the threshold of "
       "warning"},
      {RULE("'info': 2, 'clear': 3"),
       "line 3: rules[0].clear: 3: expected at most 2, the threshold of info"},
      {RULE("'clear': null"),
       "line 3: rules[0].clear: null: expected a number"},
      {"{'rules': [{'name':'llm_success_rate','warning':90,'clear':80}]}",
       "line 1: rules[0].clear: 80: expected at least 90, the threshold of "
       "warning"},
      {"{'rules': [{'name':'hub_down','clear':1}]}",
       "line 1: rules[0].clear: expected none with \"==\""},
      {RULE("'for': 120"), "line 3: rules[0].for: 120: " DURATION},
      {RULE("'for': '5'"), "line 3: rules[0].for: \"5\": " DURATION},
      {RULE("'for': '-5s'"), "line 3: rules[0].for: \"-5s\": " DURATION},
      {RULE("'clear_for': '5 s'"),
       "line 3: rules[0].clear_for: \"5 s\": " DURATION},
      {RULE("'function': 'average'"),
       "line 3: rules[0].function: \"average\": " FUNCTIONS},
      {RULE("'function': 1"), "line 3: rules[0].function: 1: " FUNCTIONS},
      {RULE("'function': 'delta'"),
       "line 2: rules[0]: expected a \"window\" for the function \"delta\""},
      {RULE("'function': 'percentile', 'window': '1m'"),
       "line 2: rules[0]: expected a \"rank\" for the function "
       "\"percentile\""},
      {RULE("'function': 'percentile', 'window': '1m', 'rank': 101"),
       "line 3: rules[0].rank: 101: expected a number from 0 to 100"},
      {RULE("'rank': 50"),
       "line 3: rules[0].rank: expected none with the function \"value\""},
      {RULE("'function': 'count_over', 'window': '1m'"),
       "line 2: rules[0]: expected a \"limit\" for the function "
       "\"count_over\""},
      {RULE("'function': 'burn_rate', 'window': '1m'"),
       "line 2: rules[0]: expected a \"objective\" for the function "
       "\"burn_rate\""},
      {RULE("'function': 'burn_rate', 'window': '1m', 'objective': 1"),
       "line 3: rules[0].objective: 1: expected a fraction below 1 or a "
       "percentage below 100"},
      {RULE("'function': 'anomaly', 'window': '1m'"),
       "line 3: rules[0].window: expected none with the function "
       "\"anomaly\""},
      {RULE("'function': 'anomaly', 'severity': 'info'"),
       "line 3: rules[0].severity: expected none beside thresholds"},
      {"{'rules': [{'name': 'x', 'metric': 'a/b/c',\n'function': 'anomaly'}]}",
       "line 1: rules[0]: expected a \"severity\""},
      {"{'rules': [{'name': 'x', 'metric': 'a/b/*', 'function': 'absent', "
       "'severity': 'info'}]}",
       "line 1: rules[0].metric: \"a/b/*\": expected one identity "
       "host/plugin-instance/type-instance without wildcards, for the function "
       "\"absent\""},
      {"{'rules': [{'name': 'x', 'metric': 'a/b/c', 'function': 'absent', "
       "'severity': 'info',\n'no_data': 'ok'}]}",
       "line 2: rules[0].no_data: expected none with the function \"absent\""},
      {RULE("'window': '1m'"), "line 3: rules[0].window: expected none with "
                               "the function \"value\""},
      {RULE("'function': 'delta', 'window': '0s'"),
       "line 3: rules[0].window: \"0s\": expected at least \"1s\""},
      {RULE("'function': 'delta', 'window': 'x'"),
       "line 3: rules[0].window: \"x\": " DURATION},
      {RULE("'message': '{hots} is down'"),
       "line 3: rules[0].message: {hots}: expected one of {rule} {level} "
       "{host} {plugin} {plugin_instance} {type} {type_instance} {ds} "
       "{identity} {value} {value_mib} {threshold} {threshold_mib} "
       "{function} {op} {since} {duration}"},
      {RULE("'message': ''"),
       "line 3: rules[0].message: \"\": expected a text of 1 to 1024 bytes "
       "without unprintable characters"},
      {RULE("'runbook': {}"),
       "line 3: rules[0].runbook: {...}: expected a text in quotes"},
      {RULE("'enabled': 1"),
       "line 3: rules[0].enabled: 1: expected true or false"},
      {RULE("'ds': ''"), "line 3: rules[0].ds: \"\": expected a text of 1 to "
                         "64 bytes without unprintable characters"},
      {RULE("'severity': 'warning'"),
       "line 3: rules[0].severity: expected thresholds instead: only "
       "\"absent\" and \"anomaly\" have their own"},
      {RULE("'severity': 'high'"),
       "line 3: rules[0].severity: \"high\": expected \"critical\", "
       "\"warning\" or \"info\""},
      {RULE("'inhibited_by': 'hub_down'"),
       "line 3: rules[0].inhibited_by: \"hub_down\": expected a list [...] of "
       "at most 16 names of rules"},
      {RULE("'inhibited_by': ['hub_dwn']"),
       "line 3: rules[0].inhibited_by[0]: \"hub_dwn\": expected the name of a "
       "rule, did you mean \"hub_down\"?"},
      {RULE("'inhibited_by': ['x']"),
       "line 3: rules[0].inhibited_by: expected rules that are not themselves "
       "inhibited by \"x\""},
      {"{'rules': [{'name': 'hub_down', 'inhibited_by': ['server_dead']}]}",
       "line 1: rules[0].inhibited_by: expected rules that are not themselves "
       "inhibited by \"hub_down\""},
      {RULE("'no_data': 'bad'"),
       "line 3: rules[0].no_data: \"bad\": expected \"hold\", \"ok\", "
       "\"critical\", \"warning\" or \"info\""},
      {RULE("'no_data_for': 60"),
       "line 3: rules[0].no_data_for: 60: " DURATION},
      {"{'rules': [{'name': 'x',\n'metric': 'a/b'}]}",
       "line 2: rules[0].metric: \"a/b\": expected "
       "host/plugin-instance/type-instance or /regular expression/"},
      {"{'rules': [{'name': 'x',\n'metric': '/(/'}]}",
       "line 2: rules[0].metric: \"/(/\": expected a regular expression: "
       "missing closing parenthesis, at offset 1"},
      {"{'rules': [{'name': 'x', 'metric': null}]}",
       "line 1: rules[0].metric: null: expected a text in quotes"},
      {"{'rules': [{'name': 'x', 'op': '=>'}]}",
       "line 1: rules[0].op: \"=>\": expected \">\", \">=\", \"<\", \"<=\", "
       "\"==\" or \"!=\""},
      {"{'rules': [{'name': 'x', 'op': 1}]}",
       "line 1: rules[0].op: 1: expected \">\", \">=\", \"<\", \"<=\", \"==\" "
       "or \"!=\""},
  };

  (void)state;
  for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
    refuses(cases[i].text, cases[i].error);
}

static void wrong_files_are_named_with_their_line(void **state) {
  static const struct {
    const char *text, *error;
  } cases[] = {
      {"", "line 1: not JSON: expected an object {...}"},
      {"\n\n \t\r", "line 3: not JSON: expected an object {...}"},
      {"\n[]", "line 2: not JSON: expected an object {...}, found ["},
      {"12", "line 1: not JSON: expected an object {...}, found 1"},
      {"{", "line 1: not JSON: the text ends too early"},
      {"{\n'rules': [\n", "line 3: not JSON: the text ends too early"},
      {"{\n'rules': [\n", "line 3: not JSON: the text ends too early"},
      {"{'warning': {'queue_depth': 5,\n}}",
       "line 2: not JSON: unexpected character, found }"},
      {"{\n'rules': [] x}",
       "line 2: not JSON: object value separator ',' expected, found x"},
      {"{}\n{}", "line 2: not JSON: unexpected character, found {"},
      {"{'rules': [{'name': '\xFF'}]}",
       "line 1: not JSON: invalid utf-8 string"},
      {"{'a': [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
       "line 1: not JSON: nesting too deep, found ["},
      {"{'warning': {},\n'warning': {}}",
       "line 2: warning: given twice, first in line 1"},
      {"{'warnings': {}}",
       "line 1: warnings: unknown key, did you mean \"warning\"? Known are "
       "critical, warning, info, settings, notify_info, silences, rules"},
      {"{'x\\ny': {}}",
       "line 1: x?y: unknown key; known are critical, warning, info, settings, "
       "notify_info, silences, rules"},
      {"{'settings': []}", "line 1: settings: [...]: expected an object {...}"},
      {"{'settings': {'repeat': 0}}", "line 1: settings.repeat: 0: " DURATION},
      {"{'settings': {'group_wait': '1 s'}}",
       "line 1: settings.group_wait: \"1 s\": " DURATION},
      {"{'settings': {'groupwait': '1s'}}",
       "line 1: settings.groupwait: unknown key, did you mean \"group_wait\"? "
       "Known are repeat, group_wait, notify_info"},
      {"{'settings': {'notify_info': true},\n'notify_info': true}",
       "line 2: notify_info: given twice, at the top and under settings"},
      {"{'notify_info': 'yes'}",
       "line 1: notify_info: \"yes\": expected true or false"},
      {"{'silences': {}}",
       "line 1: silences: {...}: expected a list [...] of at most 1000 "
       "silences"},
      {"{'silences': [{'metric': '*/*/*'}]}",
       "line 1: silences[0]: expected an \"until\""},
      {"{'silences': [{'metric': '*/*/*', 'until': 'tomorrow'}]}",
       "line 1: silences[0].until: \"tomorrow\": expected " TIMESTAMP_EXPECTED},
      {"{'silences': [{'metric': '*/*/*', 'until': '2026-02-31T00:00:00Z'}]}",
       "line 1: silences[0].until: "
       "\"2026-02-31T00:00:00Z\": expected " TIMESTAMP_EXPECTED},
      {"{'silences': [{'until': '2026-12-01T00:00:00Z'}]}",
       "line 1: silences[0]: expected a \"metric\" or a \"rule\""},
      {"{'silences': [{'rule': 'x', 'until': '2026-12-01T00:00:00Z'}]}",
       "line 1: silences[0]: expected a \"reason\""},
      {"{'silences': [{'metric': 'x'}]}",
       "line 1: silences[0].metric: \"x\": expected "
       "host/plugin-instance/type-instance "
       "or /regular expression/"},
  };

  (void)state;
  for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
    refuses(cases[i].text, cases[i].error);
  refuses("{'a': 1, b: 2}",
          "line 1: not JSON: quoted object property name expected, found b");
}

static void keys_in_single_quotes_are_refused(void **state) {
  static const char text[] = "{\n'warning': {}}";
  char err[100];

  (void)state;
  assert_null(ruleset_parse(text, strlen(text), err, sizeof(err)));
  assert_string_equal(
      err, "line 2: not JSON: quoted object property name expected, found '");
}

static void a_byte_of_zero_ends_no_text_silently(void **state) {
  static const char text[] = "{}\0{";
  char err[100];

  (void)state;
  assert_null(ruleset_parse(text, sizeof(text) - 1, err, sizeof(err)));
  assert_string_equal(err, "line 1: not JSON: a byte of zero");
}

static void a_text_that_is_cut_anywhere_is_refused(void **state) {
  static const char text[] =
      "{ 'critical': { 'llm_success_rate': 0.90 }, 'rules': [ { 'name': 'x', "
      "'metric': '/a(b|c)/', 'op': '>', 'warning': 1, 'for': '1h' } ] }";
  char err[700];

  (void)state;
  for (size_t len = 0; len < sizeof(text) - 1; len++) {
    char cut[sizeof(text)];
    memcpy(cut, text, len);
    cut[len] = '\0';
    assert_null(parse(cut, err, sizeof(err)));
    assert_memory_equal(err, "line 1: not JSON: ", 18);
  }
  ruleset_destroy(accepts(text));
}

static void errors_fit_the_buffer_of_the_caller(void **state) {
  (void)state;
  for (size_t size = 1; size < 200; size++) {
    char *err = malloc(size);
    assert_non_null(err);
    assert_null(ruleset_parse("{\"x\": 1}", 8, err, size));
    assert_true(strlen(err) < size);
    assert_memory_equal(err, "line 1: x: unknown key; known are",
                        size - 1 < 33 ? size - 1 : 33);
    free(err);
  }
}

/* ------------------------------------------------------------------ limits */

static void ten_thousand_rules_are_taken_and_no_more(void **state) {
  size_t room = 2000000;
  char *text = malloc(room);
  char err[200];

  (void)state;
  assert_non_null(text);
  for (unsigned n = RULESET_MAX_RULES; n <= RULESET_MAX_RULES + 1; n++) {
    size_t len = (size_t)snprintf(text, room, "{\"rules\":[");
    struct ruleset *set = NULL;
    for (unsigned i = 0; i < n; i++)
      len += (size_t)snprintf(text + len, room - len,
                              "%s{\"name\":\"%u\",\"metric\":\"*/*/*\",\"op\":"
                              "\">\",\"info\":%u}",
                              i > 0 ? "," : "", i, i);
    len += (size_t)snprintf(text + len, room - len, "]}");
    set = ruleset_parse(text, len, err, sizeof(err));
    if (n == RULESET_MAX_RULES) {
      assert_non_null(set);
      assert_int_equal(set->rules_num, n + 4);
    } else {
      assert_null(set);
      assert_string_equal(err, "line 1: rules: expected at most 10000 rules");
    }
    ruleset_destroy(set);
  }
  free(text);
}

static void four_mebibytes_are_read_and_no_more(void **state) {
  size_t len = RULESET_MAX_BYTES;
  char *text = malloc(len + 1);
  char err[200];
  struct ruleset *set = NULL;

  (void)state;
  assert_non_null(text);
  memset(text, ' ', len + 1);
  text[0] = '{';
  text[len - 1] = '}';
  set = ruleset_parse(text, len, err, sizeof(err));
  assert_non_null(set);
  ruleset_destroy(set);
  assert_null(ruleset_parse(text, len + 1, err, sizeof(err)));
  assert_string_equal(err, "4194305 bytes: expected at most 4194304");
  free(text);
}

/* -------------------------------------------------------------- small parts */

static void durations_are_whole_numbers_with_units_in_order(void **state) {
  static const struct {
    const char *text;
    double seconds; /* -1: refused */
  } cases[] = {{"0", 0},
               {"0s", 0},
               {"90s", 90},
               {"2m", 120},
               {"1h30m", 5400},
               {"1d", 86400},
               {"1d1h1m1s", 90061},
               {"366d", 31622400},
               {"", -1},
               {"5", -1},
               {"s", -1},
               {"1x", -1},
               {"1m1h", -1},
               {"1m1m", -1},
               {"1.5h", -1},
               {" 1s", -1},
               {"1s ", -1},
               {"-1s", -1},
               {"500ms", -1},
               {"367d", -1},
               {"1h30", -1},
               {"1H", -1},
               {"99999999999999999999999999999999999999999999s", -1}};

  (void)state;
  for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
    double seconds = -1;
    int status = duration_parse(cases[i].text, &seconds);
    assert_int_equal(status, cases[i].seconds < 0 ? -1 : 0);
    same(seconds, cases[i].seconds);
  }
}

static void operators_never_hold_for_what_is_unknown(void **state) {
  (void)state;
  for (int op = RULE_GT; op <= RULE_NE; op++) {
    assert_false(rule_op_holds((enum rule_op)op, NAN, 1));
    assert_false(rule_op_holds((enum rule_op)op, 1, NAN));
    assert_int_equal(rule_op_holds((enum rule_op)op, 2, 1),
                     op == RULE_GT || op == RULE_GE || op == RULE_NE);
    assert_int_equal(rule_op_holds((enum rule_op)op, 1, 2),
                     op == RULE_LT || op == RULE_LE || op == RULE_NE);
    assert_int_equal(rule_op_holds((enum rule_op)op, 1, 1),
                     op == RULE_GE || op == RULE_LE || op == RULE_EQ);
  }
  assert_false(rule_op_holds((enum rule_op)99, 1, 1));
  assert_string_equal(rule_op_symbol((enum rule_op)99), "?");
  assert_string_equal(alert_level_name((enum alert_level)99), "unknown");
  assert_string_equal(alert_level_name(ALERT_OK), "ok");
}

static void slow_expressions_are_told_by_the_name_of_their_rule(void **state) {
  struct ruleset *set = accepts(
      "{'rules': [{'name': 'odd', 'metric': '/^(a|a)*b/', 'op': '>', 'info': "
      "1}], 'silences': [{'rule': 'x', 'until': '2033-05-18T03:33:20Z', "
      "'reason': 'y'}, {'metric': '/^(a|a)*b/', 'reason': 'y', 'until': "
      "'2033-05-18T03:33:20Z'}]}");
  const struct identity id = {.text = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\x01"
                                      "b"};
  struct regex_budget budget = {REGEX_BUDGET_STEPS};
  struct pattern *of_rule = rule_named(set, "odd")->metric;
  char line[200];

  (void)state;
  assert_false(ruleset_take_slow(set, line, sizeof(line)));
  assert_int_equal(pattern_match(set->silences[1].metric, &id, &budget), 0);
  assert_int_equal(pattern_match(of_rule, &id, &budget), 0);
  assert_true(ruleset_take_slow(set, line, sizeof(line)));
  assert_string_equal(
      line, "rule \"odd\": its regular expression takes too long on "
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa b; treated as no match");
  assert_true(ruleset_take_slow(set, line, 20));
  assert_string_equal(line, "silences[1]: its re");
  assert_false(ruleset_take_slow(set, line, sizeof(line)));
  ruleset_destroy(set);
}

static void destroying_nothing_is_allowed(void **state) {
  (void)state;
  ruleset_destroy(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(functions_have_what_they_need),
      cmocka_unit_test(what_no_data_means_is_read),
      cmocka_unit_test(who_inhibits_is_marked),
      cmocka_unit_test(who_inhibits_is_a_rule),
      cmocka_unit_test(
          another_function_has_not_the_window_of_the_built_in_rule),
      cmocka_unit_test(silences_have_an_end_and_a_reason),
      cmocka_unit_test(a_long_chain_of_inhibition_is_refused),
      cmocka_unit_test(an_empty_object_has_the_built_in_rules),
      cmocka_unit_test(all_builtin_texts_fit_and_name_only_what_is_known),
      cmocka_unit_test(built_in_rules_can_be_switched_off),
      cmocka_unit_test(an_override_changes_only_the_keys_it_gives),
      cmocka_unit_test(an_override_of_the_meaning_drops_the_builtin_texts),
      cmocka_unit_test(the_deployed_file_is_accepted_as_it_stands),
      cmocka_unit_test(every_name_has_its_metric_direction_and_unit),
      cmocka_unit_test(named_thresholds_can_be_refined_by_rules),
      cmocka_unit_test(a_rule_has_all_the_keys),
      cmocka_unit_test(all_operators_are_known),
      cmocka_unit_test(rules_on_the_state_of_servers_are_listed),
      cmocka_unit_test(notify_info_may_stand_under_settings),
      cmocka_unit_test(blanks_around_the_object_do_not_matter),
      cmocka_unit_test(equal_thresholds_are_no_mistake),
      cmocka_unit_test(wrong_thresholds_are_named_with_line_and_path),
      cmocka_unit_test(wrong_rules_are_named_with_line_and_path),
      cmocka_unit_test(wrong_files_are_named_with_their_line),
      cmocka_unit_test(keys_in_single_quotes_are_refused),
      cmocka_unit_test(a_byte_of_zero_ends_no_text_silently),
      cmocka_unit_test(a_text_that_is_cut_anywhere_is_refused),
      cmocka_unit_test(errors_fit_the_buffer_of_the_caller),
      cmocka_unit_test(ten_thousand_rules_are_taken_and_no_more),
      cmocka_unit_test(four_mebibytes_are_read_and_no_more),
      cmocka_unit_test(durations_are_whole_numbers_with_units_in_order),
      cmocka_unit_test(operators_never_hold_for_what_is_unknown),
      cmocka_unit_test(slow_expressions_are_told_by_the_name_of_their_rule),
      cmocka_unit_test(destroying_nothing_is_allowed),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
