/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "report/thresholds.h"

#include <math.h>
#include <string.h>

static struct ruleset *rules;

static void use(const char *text) {
  char err[200] = "";
  ruleset_destroy(rules);
  rules = ruleset_parse(text, strlen(text), err, sizeof(err));
  assert_string_equal(err, "");
}

static int end(void **state) {
  (void)state;
  ruleset_destroy(rules);
  rules = NULL;
  return 0;
}

static void expect(const char *hub, enum metric metric, double value,
                   enum alert_level level) {
  const struct series s = thresholds_series("h", hub, metric);
  assert_int_equal(thresholds_judge(rules, &s, value), level);
}

static void the_worst_rule_for_the_series_judges(void **state) {
  (void)state;
  use("{\"warning\":{\"p95_latency\":500},\"rules\":[{\"name\":\"slow\","
      "\"metric\":\"*/mcp_hub-*/latency-*\",\"op\":\">\",\"info\":0.1,"
      "\"critical\":10}]}");
  expect("prod", METRIC_LATENCY_P95, 0.05, ALERT_OK);
  expect("prod", METRIC_LATENCY_P95, 0.4, ALERT_INFO);
  expect("prod", METRIC_LATENCY_P95, 0.8, ALERT_WARNING);
  expect("prod", METRIC_LATENCY_P99, 0.8, ALERT_INFO);
  expect("prod", METRIC_LATENCY_P95, 11, ALERT_CRITICAL);
  expect("prod", METRIC_LATENCY_P95, NAN, ALERT_OK);
  expect("prod", METRIC_CPU, 11, ALERT_OK);
}

static void a_rule_of_one_hub_is_not_for_another(void **state) {
  (void)state;
  use("{\"rules\":[{\"name\":\"a\",\"metric\":\"*/mcp_hub-pr?d/percent-cpu\","
      "\"op\":\">\",\"warning\":5},{\"name\":\"b\",\"metric\":"
      "\"/mcp_hub-lab.percent-cpu$/\",\"op\":\">\",\"critical\":50}]}");
  expect("prod", METRIC_CPU, 6, ALERT_WARNING);
  expect("lab", METRIC_CPU, 6, ALERT_OK);
  expect("lab", METRIC_CPU, 51, ALERT_CRITICAL);
}

static void only_thresholds_of_the_value_itself_count(void **state) {
  (void)state;
  use("{\"rules\":[{\"name\":\"grows\",\"metric\":\"*/mcp_hub-*/ps_rss-hub\","
      "\"op\":\">\",\"warning\":1,\"function\":\"delta\",\"window\":\"1h\"},"
      "{\"name\":\"mean\",\"metric\":\"*/mcp_hub-*/percent-cpu\",\"op\":\">\","
      "\"warning\":5,\"function\":\"avg\",\"window\":\"5m\"}]}");
  expect("prod", METRIC_RSS, 1e9, ALERT_OK);
  expect("prod", METRIC_CPU, 6, ALERT_WARNING);
}

static void without_rules_all_is_well(void **state) {
  const struct series s = thresholds_series("h", "prod", METRIC_UP);
  const struct thresholds t = thresholds_of(NULL, &s);
  (void)state;
  assert_int_equal(thresholds_judge(NULL, &s, 0), ALERT_OK);
  assert_true(isnan(thresholds_target(&t)));
  use("{}"); /* but those that are built in */
  expect("prod", METRIC_UP, 0, ALERT_CRITICAL);
}

static void the_strictest_threshold_of_a_level_is_told(void **state) {
  const struct series p95 = thresholds_series("h", "p", METRIC_LATENCY_P95);
  const struct series cache = thresholds_series("h", "p", METRIC_LLM_CACHE);
  struct thresholds t;
  (void)state;
  use("{\"warning\":{\"p95_latency\":2000,\"cache_hit_rate\":0.5},\"rules\":["
      "{\"name\":\"slow\",\"metric\":\"*/mcp_hub-*/latency-llm_p95\","
      "\"op\":\">\",\"warning\":10,\"critical\":20},"
      "{\"name\":\"low\",\"metric\":\"*/mcp_hub-*/latency-llm_p95\","
      "\"op\":\"<\",\"warning\":0.001},"
      "{\"name\":\"hits\",\"metric\":\"*/mcp_hub-*/cache_ratio-*\","
      "\"op\":\"<=\",\"warning\":80,\"info\":90}]}");
  t = thresholds_of(rules, &p95);
  assert_int_equal(t.op, RULE_GT);
  assert_true(t.level[ALERT_WARNING] == 2 && t.level[ALERT_CRITICAL] == 20 &&
              isnan(t.level[ALERT_INFO]) && thresholds_target(&t) == 2);
  t = thresholds_of(rules, &cache);
  assert_int_equal(t.op, RULE_LT);
  assert_true(t.level[ALERT_WARNING] == 80 && t.level[ALERT_INFO] == 90 &&
              isnan(t.level[ALERT_CRITICAL]) && thresholds_target(&t) == 80);
}

static void
the_target_is_that_of_the_mildest_level_that_disturbs(void **state) {
  struct thresholds t = {.level = {NAN, 1, NAN, NAN}};
  (void)state;
  assert_true(thresholds_target(&t) == 1);
  t.level[ALERT_CRITICAL] = 3;
  assert_true(thresholds_target(&t) == 3);
  t.level[ALERT_WARNING] = 2;
  assert_true(thresholds_target(&t) == 2);
}

static void patterns_that_can_be_of_a_hub_are_known(void **state) {
  static const struct {
    const char *text;
    bool can;
  } cases[] = {{"*/mcp_hub-*/*", true},        {"h/mcp_hub-a/bool-up", true},
               {"h/*/bool-up", true},          {"h/mcp?hub*/x", true},
               {"/anything/", true},           {"*/load/load", false},
               {"*/{load,mcp_hub-a}/x", true}, {"*/[lm]*/x", true},
               {"*/mcp_hu/x", false},          {"mcp_hub-a/cpu/*", false}};
  (void)state;
  for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
    char err[100];
    struct pattern *p = pattern_create(cases[i].text, err, sizeof(err));
    assert_int_equal(thresholds_of_hubs(p), cases[i].can);
    pattern_destroy(p);
  }
}

#define TEST(f) cmocka_unit_test_teardown(f, end)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(the_worst_rule_for_the_series_judges),
      TEST(a_rule_of_one_hub_is_not_for_another),
      TEST(only_thresholds_of_the_value_itself_count),
      TEST(without_rules_all_is_well),
      TEST(the_strictest_threshold_of_a_level_is_told),
      TEST(the_target_is_that_of_the_mildest_level_that_disturbs),
      TEST(patterns_that_can_be_of_a_hub_are_known),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
