/* SPDX-License-Identifier: MIT */
#include "rules/ruleset.h"

#include "rules/builtin_rules.h"
#include "rules/parse_rules.h"
#include "rules/pattern.h"
#include "rules/template.h"
#include "util/timestamp.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void same(double a, double b) {
  if (!(isnan(a) && isnan(b)) && (a < b || a > b || isnan(a) != isnan(b)))
    fail_msg("%.17g is not %.17g", a, b);
}

static void functions_have_what_they_need(void **state) {
  struct ruleset *set = parse_rules(
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
  const struct rule *r = ruleset_find(set, "a");

  (void)state;
  assert_int_equal(r->function, RULE_PERCENTILE);
  same(r->rank, 95);
  same(r->window, 300);
  r = ruleset_find(set, "b");
  assert_int_equal(r->op, RULE_GT);
  same(r->window, 1800);
  r = ruleset_find(set, "c");
  assert_int_equal(r->op, RULE_GE);
  same(r->threshold[ALERT_INFO], 0.5);
  r = ruleset_find(set, "d");
  same(r->window, 600);
  same(r->threshold[ALERT_CRITICAL], 600);
  r = ruleset_find(set, "e");
  same(r->objective, 0.999);
  r = ruleset_find(set, "f");
  same(r->limit, -3);
  ruleset_destroy(set);
}

static void what_no_data_means_is_read(void **state) {
  struct ruleset *set = parse_rules(
      "{'rules': [{'name': 'a', 'metric': 'a/b/c', 'op': '>', 'warning': 1,"
      " 'no_data': 'ok'}, {'name': 'b', 'metric': 'a/b/c', 'op': '>',"
      " 'warning': 1, 'no_data': 'critical', 'no_data_for': '2m'}]}");
  const struct rule *r = ruleset_find(set, "a");

  (void)state;
  assert_int_equal(r->no_data, NO_DATA_OK);
  same(r->no_data_for, 0);
  r = ruleset_find(set, "b");
  assert_int_equal(r->no_data, NO_DATA_LEVEL);
  assert_int_equal(r->no_data_level, ALERT_CRITICAL);
  same(r->no_data_for, 120);
  ruleset_destroy(set);
}

static void who_inhibits_is_a_rule(void **state) {
  (void)state;
  refuse_rules(
      "{'rules': [{'name': 'a', 'metric': 'a/b/c', 'op': '>', 'warning': 1,"
      " 'inhibited_by': ['zzzzzzzz']}]}",
      "line 1: rules[0].inhibited_by[0]: \"zzzzzzzz\": expected the name "
      "of a rule");
}

static void
another_function_has_not_the_window_of_the_built_in_rule(void **state) {
  struct ruleset *set =
      parse_rules("{'rules': [{'name': 'connection_flaps', 'function': 'value',"
                  " 'warning': 5}]}");

  (void)state;
  same(ruleset_find(set, "connection_flaps")->window, 0);
  ruleset_destroy(set);
}

static void who_inhibits_is_marked(void **state) {
  struct ruleset *set = parse_rules(
      "{'rules': [{'name': 'a', 'metric': 'a/b/c', 'op': '>', 'warning': 1,"
      " 'inhibited_by': ['b', 'hub_down']}, {'name': 'b', 'metric': 'a/b/c',"
      " 'op': '>', 'warning': 1}]}");
  const struct rule *r = ruleset_find(set, "a");

  (void)state;
  assert_false(r->inhibits);
  assert_int_equal(r->inhibited_by_num, 2);
  assert_string_equal(r->inhibited_by[0], "b");
  assert_string_equal(r->inhibited_by[1], "hub_down");
  assert_true(ruleset_find(set, "b")->inhibits);
  assert_true(ruleset_find(set, "hub_down")->inhibits);
  ruleset_destroy(set);
}

static void silences_have_an_end_and_a_reason(void **state) {
  struct ruleset *set = parse_rules(
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
  assert_null(try_rules(text, err, sizeof(err)));
  assert_non_null(strstr(err, "expected at most 100 rules that inhibit one "
                              "the other"));
}

/* --------------------------------------------------------- what is built in */

static void an_empty_object_has_the_built_in_rules(void **state) {
  struct ruleset *set = parse_rules("{}");
  const struct rule *r = NULL;

  (void)state;
  assert_int_equal(set->rules_num, 4);
  r = ruleset_find(set, "hub_down");
  assert_string_equal(pattern_text(r->metric), "*/mcp_hub-*/bool-up");
  assert_int_equal(r->op, RULE_EQ);
  same(r->threshold[ALERT_CRITICAL], 0);
  same(r->threshold[ALERT_WARNING], NAN);
  same(r->hold_for, 0);
  assert_false(r->listed);
  r = ruleset_find(set, "all_servers_down");
  assert_string_equal(pattern_text(r->metric),
                      "*/mcp_hub-*/percent-servers_down");
  assert_int_equal(r->op, RULE_GE);
  same(r->threshold[ALERT_CRITICAL], 100);
  r = ruleset_find(set, "server_dead");
  assert_string_equal(pattern_text(r->metric),
                      "*/mcp_hub-*/mcp_server_state-*");
  same(r->threshold[ALERT_WARNING], 5);
  same(r->hold_for, 0);
  assert_true(r->listed);
  r = ruleset_find(set, "server_down");
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
      parse_rules("{'rules': [{'name': 'server_down', 'enabled': false},"
                  "{'name': 'hub_down', 'enabled': true},"
                  "{'name': 'queue_depth', 'enabled': false}]}");

  (void)state;
  assert_int_equal(set->rules_num, 3);
  assert_null(ruleset_find(set, "server_down"));
  assert_non_null(ruleset_find(set, "hub_down"));
  ruleset_destroy(set);
}

static void an_override_changes_only_the_keys_it_gives(void **state) {
  struct ruleset *set = parse_rules(
      "{'rules': [{'name': 'server_down', 'for': '5m', 'runbook': 'u'},"
      "{'name': 'hub_down', 'critical': null, 'warning': 0}]}");
  const struct rule *r = ruleset_find(set, "server_down");

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
  r = ruleset_find(set, "hub_down");
  same(r->threshold[ALERT_CRITICAL], NAN);
  same(r->threshold[ALERT_WARNING], 0);
  ruleset_destroy(set);
}

static void an_override_of_the_meaning_drops_the_builtin_texts(void **state) {
  struct ruleset *set = parse_rules(
      "{'warning': {'connection_flaps': 3, 'queue_depth': 1}, 'rules': ["
      "{'name': 'connection_flaps', 'window': '1h'},"
      "{'name': 'server_dead', 'op': '>=', 'message': 'm'},"
      "{'name': 'queue_depth', 'message': 'n'}]}");
  const struct rule *r = ruleset_find(set, "connection_flaps");

  (void)state;
  same(r->window, 3600);
  assert_int_equal(r->function, RULE_DELTA);
  assert_null(r->message);
  assert_null(r->resolved);
  r = ruleset_find(set, "server_dead");
  assert_string_equal(r->message, "m");
  assert_null(r->resolved);
  r = ruleset_find(set, "queue_depth");
  assert_string_equal(r->message, "n");
  assert_non_null(r->resolved);
  ruleset_destroy(set);
}

/* --------------------------------------------------------- named thresholds */

static void the_deployed_file_is_accepted_as_it_stands(void **state) {
  struct ruleset *set = parse_rules(
      "{ 'critical': { 'llm_success_rate': 0.90, 'circuit_breaker_state': "
      "'open' },\n"
      "  'warning':  { 'llm_success_rate': 0.95, 'p95_latency': 2000, "
      "'queue_depth': 50, 'cache_hit_rate': 0.80 } }\n");
  const struct rule *r = NULL;

  (void)state;
  assert_int_equal(set->rules_num, 4 + 5);
  r = ruleset_find(set, "llm_success_rate"); /* one rule with two thresholds */
  assert_string_equal(pattern_text(r->metric),
                      "*/mcp_hub-*/percent-llm_success");
  assert_int_equal(r->op, RULE_LT);
  same(r->threshold[ALERT_CRITICAL], 90);
  same(r->threshold[ALERT_WARNING], 95);
  same(r->threshold[ALERT_INFO], NAN);
  r = ruleset_find(set, "circuit_breaker_state");
  assert_string_equal(pattern_text(r->metric), "*/mcp_hub-*/mcp_breaker_state");
  assert_int_equal(r->op, RULE_GE);
  same(r->threshold[ALERT_CRITICAL], 2);
  r = ruleset_find(set, "p95_latency");
  assert_string_equal(pattern_text(r->metric), "*/mcp_hub-*/latency-llm_p95");
  assert_int_equal(r->op, RULE_GT);
  same(r->threshold[ALERT_WARNING], 2);
  r = ruleset_find(set, "queue_depth");
  same(r->threshold[ALERT_WARNING], 50);
  r = ruleset_find(set, "cache_hit_rate");
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
      set = parse_rules(text);
      assert_int_equal(set->rules_num, 5);
      r = ruleset_find(set, names[i].name);
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
  struct ruleset *set = parse_rules(
      "{'rules': [{'name': 'p95_latency', 'for': '5m', 'clear': 1.5,"
      "  'critical': 10},"
      "  {'name': 'queue_depth', 'warning': 7}],"
      " 'warning': {'p95_latency': 2000}}");
  const struct rule *r = ruleset_find(set, "p95_latency");

  (void)state;
  same(r->threshold[ALERT_WARNING], 2);
  same(r->threshold[ALERT_CRITICAL], 10); /* in the series' unit */
  same(r->hold_for, 300);
  same(r->clear, 1.5);
  same(ruleset_find(set, "queue_depth")->threshold[ALERT_WARNING], 7);
  ruleset_destroy(set);
}

/* -------------------------------------------------------------- own rules */

static void a_rule_has_all_the_keys(void **state) {
  struct ruleset *set = parse_rules(
      "{'notify_info': true, 'settings': {'repeat': '1h', 'group_wait': '1s'},"
      " 'silences': [], 'info': {}, 'rules': [{"
      " 'name': 'load', 'metric': '/load/', 'ds': 'shortterm', 'op': '<=',"
      " 'info': 3, 'warning': 2.5, 'critical': -1e2, 'clear': 4,"
      " 'for': '1h30m', 'clear_for': '1d', 'function': 'delta',"
      " 'window': '90s', 'message': '{host} {{ \\u00e9 {value}',"
      " 'runbook': 'https://x/y', 'enabled': true, 'no_data': 'hold'}]}");
  const struct rule *r = ruleset_find(set, "load");

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
    set = parse_rules(text);
    assert_int_equal(set->rules[4].op, i);
    assert_string_equal(rule_op_symbol((enum rule_op)i), ops[i]);
    ruleset_destroy(set);
  }
}

static void rules_on_the_state_of_servers_are_listed(void **state) {
  struct ruleset *set = parse_rules(
      "{'rules': [{'name':'a','metric':'h/mcp_hub-*/mcp_server_state-x*',"
      "'op':'>','info':1}, {'name':'b','metric':'*/*/*','op':'>','info':1},"
      "{'name':'server_down','metric':'*/*/x'}]}");

  (void)state;
  assert_true(ruleset_find(set, "a")->listed);
  assert_false(ruleset_find(set, "b")->listed);
  assert_false(ruleset_find(set, "server_down")->listed);
  ruleset_destroy(set);
}

static void notify_info_may_stand_under_settings(void **state) {
  struct ruleset *set = parse_rules("{'settings': {'notify_info': true}}");

  (void)state;
  assert_true(set->notify_info);
  ruleset_destroy(set);
  set = parse_rules("{'notify_info': false}");
  assert_false(set->notify_info);
  ruleset_destroy(set);
}

static void blanks_around_the_object_do_not_matter(void **state) {
  (void)state;
  ruleset_destroy(parse_rules("\r\n\t {}\n \t\r"));
}

static void equal_thresholds_are_no_mistake(void **state) {
  (void)state;
  ruleset_destroy(parse_rules("{'rules': [{'name': 'queue_depth', 'warning': 5,"
                              "'clear': 5}]}"));
  ruleset_destroy(parse_rules("{'critical': {'queue_depth': 5},"
                              " 'warning': {'queue_depth': 5}}"));
  ruleset_destroy(parse_rules("{'rules': [{'name': 'server_down', 'op': '!=',"
                              "'critical': 1, 'warning': 2}]}"));
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
  struct ruleset *set = parse_rules(
      "{'rules': [{'name': 'odd', 'metric': '/^(a|a)*b/', 'op': '>', 'info': "
      "1}], 'silences': [{'rule': 'x', 'until': '2033-05-18T03:33:20Z', "
      "'reason': 'y'}, {'metric': '/^(a|a)*b/', 'reason': 'y', 'until': "
      "'2033-05-18T03:33:20Z'}]}");
  const struct identity id = {.text = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\x01"
                                      "b"};
  struct regex_budget budget = {REGEX_BUDGET_STEPS};
  struct pattern *of_rule = ruleset_find(set, "odd")->metric;
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
      cmocka_unit_test(ten_thousand_rules_are_taken_and_no_more),
      cmocka_unit_test(four_mebibytes_are_read_and_no_more),
      cmocka_unit_test(operators_never_hold_for_what_is_unknown),
      cmocka_unit_test(slow_expressions_are_told_by_the_name_of_their_rule),
      cmocka_unit_test(destroying_nothing_is_allowed),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
