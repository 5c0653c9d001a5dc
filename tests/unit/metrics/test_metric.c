/* SPDX-License-Identifier: MIT */
/* The table of values agrees with itself, and names that stand elsewhere too
 * agree with it. */
#include "unit.h"

#include "http/client.h"
#include "hub/snapshot.h"
#include "hublog/log_line.h"
#include "metrics/metric.h"
#include "rules/builtin_rules.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static bool is_hubs(const struct metric_row *row) {
  return row->source < METRIC_FROM_ALERTS;
}

static void every_value_has_one_row_with_a_label(void **state) {
  (void)state;
  for (int i = 0; i < METRICS; i++) {
    const struct metric_row *row = &metric_table[i];
    assert_true(*row->label != '\0');
    for (int k = 0; k < i; k++)
      assert_false(is_hubs(row) == is_hubs(&metric_table[k]) &&
                   strcmp(row->name, metric_table[k].name) == 0);
  }
}

static void values_that_are_documented_together_are_alike(void **state) {
  (void)state;
  assert_true(*metric_table[0].help != '\0');
  for (int i = 1; i < METRICS; i++) {
    const struct metric_row *row = &metric_table[i];
    if (*row->help != '\0')
      continue;
    assert_int_equal(row->kind, row[-1].kind);
    assert_int_equal(row->unit, row[-1].unit);
    assert_int_equal(row->source, row[-1].source);
  }
}

static void values_of_a_type_have_one_kind(void **state) {
  (void)state;
  for (int i = 0; i < METRICS; i++)
    for (int k = 0; k < i; k++)
      if (strcmp(metric_table[i].type, metric_table[k].type) == 0)
        assert_int_equal(metric_table[i].kind, metric_table[k].kind);
}

static void causes_levels_and_events_are_named_as_in_messages(void **state) {
  (void)state;
  for (int i = HTTP_CONNECT; i < HTTP_ERRORS; i++)
    assert_string_equal(
        metric_table[METRIC_ERRORS_CONNECT + i - HTTP_CONNECT].instance,
        http_error_name((enum http_error)i));
  for (int i = 0; i < LOG_LINE_LEVELS; i++)
    assert_string_equal(metric_table[METRIC_LOG_ENTRIES_ERROR + i].instance,
                        log_line_level_name((enum log_line_level)i));
  for (int i = LOG_LINE_CONNECT; i < LOG_LINE_EVENTS; i++)
    assert_string_equal(
        metric_table[METRIC_EVENTS_CONNECT + i - LOG_LINE_CONNECT].instance,
        log_line_event_name((enum log_line_event)i));
  for (int i = 0; i < SERVER_UNKNOWN; i++)
    assert_string_equal(metric_table[METRIC_SERVERS_CONNECTED + i].instance,
                        metric_state_word("mcp_server_state", i));
}

static void states_have_words_and_what_is_none_has_not(void **state) {
  char buf[FORMAT_MAX] = "";
  (void)state;
  for (int i = 0; i < METRICS; i++) {
    bool has = metric_state_word(metric_table[i].type, 0) != NULL;
    assert_int_equal(has, metric_table[i].unit == METRIC_UNIT_STATE);
  }
  assert_string_equal(metric_state_word("mcp_breaker_state", 1), "half-open");
  assert_string_equal(metric_state_word("mcp_hub_state", HUB_UNREACHABLE),
                      "unreachable");
  assert_string_equal(metric_state_word("mcp_server_state", SERVER_DEAD),
                      "dead");
  assert_null(metric_state_word("mcp_server_state", SERVER_UNKNOWN));
  assert_null(metric_state_word("mcp_server_state", -1));
  assert_null(metric_state_word("mcp_server_state", 0.5));
  assert_null(metric_state_word("mcp_server_state", NAN));
  assert_int_equal(metric_format_state("mcp_breaker_state", 2, buf), 0);
  assert_string_equal(buf, "open (2)");
  assert_int_equal(metric_format_state("percent", 2, buf), -1);
}

static void only_states_have_a_bound(void **state) {
  (void)state;
  assert_true(metric_most(METRIC_STATE) == HUB_UNREACHABLE);
  assert_true(metric_most(METRIC_SERVER_STATE) == SERVER_DEAD);
  assert_true(isnan(metric_most(METRIC_CPU)));
}

static void
what_a_read_and_the_log_give_comes_while_the_hub_is_down(void **state) {
  (void)state;
  assert_true(metric_comes_while_down(METRIC_UP));
  assert_true(metric_comes_while_down(METRIC_LOG_SIZE));
  assert_false(metric_comes_while_down(METRIC_UPTIME));
  assert_false(metric_comes_while_down(METRIC_RSS));
}

static const struct metric_row *row_of(const struct builtin_rule *rule) {
  for (int i = 0; i < METRICS; i++) {
    char metric[128];
    const struct metric_row *row = &metric_table[i];
    bool of_servers = strcmp(row->instance, METRIC_ANY_SERVER) == 0;
    snprintf(metric, sizeof(metric), "*/mcp_hub-*/%s%s",
             of_servers ? row->type : row->name, of_servers ? "-*" : "");
    if (is_hubs(row) && strcmp(metric, rule->metric) == 0)
      return row;
  }
  return NULL;
}

static void every_known_rule_looks_at_a_value_in_its_unit(void **state) {
  static const enum metric_unit units[] = {
      [BUILTIN_FRACTION] = METRIC_UNIT_PERCENT,
      [BUILTIN_PERCENT] = METRIC_UNIT_PERCENT,
      [BUILTIN_COUNT] = METRIC_UNIT_COUNT,
      [BUILTIN_SECONDS] = METRIC_UNIT_SECONDS,
      [BUILTIN_MILLISECONDS] = METRIC_UNIT_SECONDS,
      [BUILTIN_MEBIBYTES] = METRIC_UNIT_BYTES,
      [BUILTIN_BREAKER] = METRIC_UNIT_STATE};
  (void)state;
  for (size_t i = 0; i < builtin_rules_num; i++) {
    const struct metric_row *row = row_of(&builtin_rules[i]);
    int side = rule_op_side(builtin_rules[i].op);
    assert_non_null(row);
    if (builtin_rules[i].unit != BUILTIN_SERIES)
      assert_int_equal(row->unit, units[builtin_rules[i].unit]);
    if (side != 0)
      assert_int_equal(row->worst,
                       side > 0 ? METRIC_WORST_HIGH : METRIC_WORST_LOW);
  }
}

static void assert_format(enum metric metric, double value,
                          const char *expected) {
  char buf[FORMAT_MAX];
  assert_string_equal(metric_format(metric, value, buf), expected);
}

static void a_value_that_is_not_known_says_so(void **state) {
  (void)state;
  for (int i = 0; i < METRICS; i++)
    assert_format((enum metric)i, NAN, "unknown");
}

static void a_state_is_its_word_or_a_number(void **state) {
  (void)state;
  assert_format(METRIC_BREAKER_STATE, 1, "half-open");
  assert_format(METRIC_STATE, 8, "unreachable");
  assert_format(METRIC_SERVER_STATE, 5, "dead");
  assert_format(METRIC_SERVER_STATE, 6, "state 6");
  assert_format(METRIC_SERVER_STATE, -1, "state -1");
  assert_format(METRIC_SERVER_STATE, NAN, "unknown");
}

static void values_are_in_the_unit_of_the_table(void **state) {
  (void)state;
  assert_format(METRIC_CPU, 5, "5.0 %");
  assert_format(METRIC_LATENCY_P95, 2, "2.00 s");
  assert_format(METRIC_UPTIME, 61, "1 min 1 s");
  assert_format(METRIC_RSS, 1048576, "1.0 MiB");
  assert_format(METRIC_QUEUE, 1000, "1,000");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_value_has_one_row_with_a_label),
      cmocka_unit_test(values_that_are_documented_together_are_alike),
      cmocka_unit_test(values_of_a_type_have_one_kind),
      cmocka_unit_test(causes_levels_and_events_are_named_as_in_messages),
      cmocka_unit_test(states_have_words_and_what_is_none_has_not),
      cmocka_unit_test(a_value_that_is_not_known_says_so),
      cmocka_unit_test(a_state_is_its_word_or_a_number),
      cmocka_unit_test(values_are_in_the_unit_of_the_table),
      cmocka_unit_test(only_states_have_a_bound),
      cmocka_unit_test(
          what_a_read_and_the_log_give_comes_while_the_hub_is_down),
      cmocka_unit_test(every_known_rule_looks_at_a_value_in_its_unit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
