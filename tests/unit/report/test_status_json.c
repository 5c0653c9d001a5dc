/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "report/status_json.h"
#include "util/json_syntax.h"

#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WALL 1700000000.0

static struct status_json *status;
static json_object *root; /* what was written, parsed again */

static int begin(void **state) {
  (void)state;
  root = NULL;
  status = status_json_create(WALL + 0.5, true);
  return status != NULL ? 0 : -1;
}

static int end(void **state) {
  (void)state;
  status_json_destroy(status);
  json_object_put(root);
  return 0;
}

static void parse(void) {
  size_t len = 0;
  size_t offset = 0;
  const char *text = status_json_text(status, &len);
  const char *wrong = NULL;

  assert_non_null(text);
  assert_int_equal(strlen(text), len);
  wrong = json_syntax_error(text, len, &offset);
  if (wrong != NULL)
    fail_msg("%s at byte %zu of %s", wrong, offset, text);
  root = json_tokener_parse(text);
  assert_non_null(root);
}

static json_object *get(json_object *o, const char *key) {
  json_object *value = NULL;

  if (!json_object_object_get_ex(o, key, &value))
    fail_msg("no %s", key);
  return value;
}

static json_object *nth(const char *list, size_t i) {
  return json_object_array_get_idx(get(root, list), i);
}

static size_t length(const char *list) {
  return json_object_array_length(get(root, list));
}

static void expect(json_object *o, const char *key, const char *text) {
  assert_string_equal(
      json_object_to_json_string_ext(
          get(o, key), JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE),
      text);
}

static const struct series queue = {"hub-1",        "mcp_hub", "prod",
                                    "queue_length", "llm",     "value"};
static const struct status_json_alert alert = {.series = &queue,
                                               .rule = "queue_depth",
                                               .level = ALERT_WARNING,
                                               .status = "firing",
                                               .value = 60.25,
                                               .threshold = 50,
                                               .since = WALL - 60,
                                               .message = "too deep"};

static void an_empty_status_is_exactly_this(void **state) {
  size_t len = 0;

  (void)state;
  assert_string_equal(status_json_text(status, &len),
                      "{\"version\":1,\"time\":1700000000,\"rules_current\":"
                      "true,\"alerts\":[],\"hubs\":[],\"incidents\":[],"
                      "\"thresholds\":[]}\n");
  assert_string_equal(status_json_text(status, &len) + len - 2, "}\n");
  status_json_destroy(status);
  status = status_json_create(WALL, false);
  parse();
  expect(root, "rules_current", "false");
}

static void an_alert_is_exactly_this(void **state) {
  size_t len = 0;

  (void)state;
  status_json_add_alert(status, &alert);
  assert_string_equal(
      status_json_text(status, &len),
      "{\"version\":1,\"time\":1700000000,\"rules_current\":true,\"alerts\":["
      "\n{\"rule\":\"queue_depth\",\"level\":\"warning\",\"status\":\"firing\","
      "\"host\":\"hub-1\",\"plugin\":\"mcp_hub\",\"plugin_instance\":\"prod\","
      "\"type\":\"queue_length\",\"type_instance\":\"llm\",\"ds\":\"value\","
      "\"value\":60.25,\"threshold\":50,\"since\":1699999940,\"message\":\"too "
      "deep\"}],\"hubs\":[],\"incidents\":[],"
      "\"thresholds\":[]}\n");
}

static void the_unknown_is_null(void **state) {
  struct status_json_alert a = alert;

  (void)state;
  a.value = NAN;
  a.threshold = INFINITY;
  status_json_add_alert(status, &a);
  parse();
  expect(nth("alerts", 0), "value", "null");
  expect(nth("alerts", 0), "threshold", "null");
}

static void numbers_are_as_they_were(void **state) {
  static const double values[] = {0.1,   1e300, -2.5e-300,   123456789.125,
                                  1e15,  -7,    524288000,   1.0 / 3,
                                  -1e17, 0,     99.99999999, 9007199254740992};
  struct status_json_alert a = alert;

  (void)state;
  for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
    a.value = values[i];
    status_json_add_alert(status, &a);
  }
  parse();
  for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
    double got = json_object_get_double(get(nth("alerts", i), "value"));
    assert_true(fabs(got - values[i]) <= fabs(values[i]) * 1e-14);
  }
  expect(nth("alerts", 0), "value", "0.1");
  expect(nth("alerts", 5), "value", "-7");
}

static void a_runbook_is_there_if_there_is_one(void **state) {
  struct status_json_alert a = alert;

  (void)state;
  status_json_add_alert(status, &a);
  a.runbook = "https://example.org/run?a=\"b\"";
  status_json_add_alert(status, &a);
  parse();
  assert_false(json_object_object_get_ex(nth("alerts", 0), "runbook", NULL));
  expect(nth("alerts", 1), "runbook",
         "\"https://example.org/run?a=\\\"b\\\"\"");
}

static void hostile_names_stay_text(void **state) {
  const struct series s = {"a\"],\"x\":[\"",      "mcp_hub",
                           "\xFF\xC3(\n\x1B[31m", "\\",
                           "\x7F\xE2\x80\xAE",    ""};
  struct status_json_alert a = alert;

  (void)state;
  a.series = &s;
  a.message = "</script>\xF0\x9F\x94\xA5";
  status_json_add_alert(status, &a);
  parse();
  a.message = json_object_get_string(get(nth("alerts", 0), "message"));
  assert_string_equal(a.message, "</script>\xF0\x9F\x94\xA5");
  assert_string_equal(json_object_get_string(get(nth("alerts", 0), "host")),
                      s.host);
  assert_string_equal(
      json_object_get_string(get(nth("alerts", 0), "plugin_instance")),
      "?"
      "?(  [31m");
  expect(nth("alerts", 0), "type", "\"\\\\\"");
  expect(nth("alerts", 0), "type_instance", "\" ???\"");
  assert_int_equal(json_object_object_length(root), 7);
}

static void say(struct hub_stats_table *views, const char *type,
                const char *instance, double value) {
  const struct series s = {"hub-1", "mcp_hub", "prod", type, instance, "value"};
  const struct hub_stats_sample x = {value, 10, 100, WALL};

  assert_int_equal(hub_stats_table_sample(views, &s, &x), 0);
}

static void a_hub_has_score_reasons_availability_and_figures(void **state) {
  struct hub_stats_table *views = hub_stats_table_create(10);
  json_object *hub = NULL;
  json_object *figures = NULL;

  (void)state;
  say(views, "bool", "up", 1);
  say(views, "percent", "cpu", 7.5);
  say(views, "ps_rss", "hub", 104857600);
  status_json_add_hub(status, hub_stats_table_find(views, "hub-1", "prod"),
                      100);
  parse();
  hub = nth("hubs", 0);
  expect(hub, "host", "\"hub-1\"");
  expect(hub, "hub", "\"prod\"");
  expect(hub, "score", "85");
  expect(hub, "grade", "\"good\"");
  expect(hub, "reasons",
         "[{\"points\":0,\"why\":\"the state of the servers is unknown\"},"
         "{\"points\":0,\"why\":\"the number of errors in the log is "
         "unknown\"},"
         "{\"points\":15,\"why\":\"CPU 7.5 % is above 5 %\"},"
         "{\"points\":0,\"why\":\"memory is unknown\"},"
         "{\"points\":0,\"why\":\"the number of alerts is unknown\"}]");
  expect(hub, "availability_1h", "100");
  expect(hub, "availability_24h", "100");
  expect(hub, "error_budget", "100");
  figures = get(hub, "figures");
  assert_int_equal(json_object_object_length(figures), HUB_STATS_FIGURES);
  expect(figures, "percent-cpu", "7.5");
  expect(figures, "ps_rss-hub", "104857600");
  expect(figures, "bool-up", "1");
  expect(figures, "mcp_hub_state", "null");
  hub_stats_table_destroy(views);
}

static void the_day_is_told_of_what_was_heard_in_it(void **state) {
  struct hub_stats_table *views = hub_stats_table_create(10);
  json_object *hub = NULL;

  (void)state;
  say(views, "percent", "cpu", 4);
  say(views, "ps_rss", "hub", 104857600);
  hub_stats_table_end_day(views, WALL - 60);
  say(views, "percent", "cpu", 7);
  say(views, "percent", "cpu", 8);
  say(views, "queue_length", "llm", 3);
  status_json_add_hub(status, hub_stats_table_find(views, "hub-1", "prod"),
                      100);
  parse();
  hub = nth("hubs", 0);
  expect(hub, "day_begin", "1699999940");
  expect(hub, "day",
         "{\"queue_length-llm\":{\"average\":3,\"worst\":3,\"worst_at\":"
         "1700000000,\"before\":null},"
         "\"percent-cpu\":{\"average\":7.5,\"worst\":8,\"worst_at\":"
         "1700000000,\"before\":4}}");
  hub_stats_table_destroy(views);
}

static void a_silent_hub_has_no_score(void **state) {
  struct hub_stats_table *views = hub_stats_table_create(10);

  (void)state;
  say(views, "bool", "up", NAN);
  status_json_add_hub(status, hub_stats_table_find(views, "hub-1", "prod"),
                      100);
  parse();
  expect(nth("hubs", 0), "score", "null");
  expect(nth("hubs", 0), "grade", "\"unknown\"");
  expect(nth("hubs", 0), "availability_24h", "null");
  expect(nth("hubs", 0), "error_budget", "null");
  hub_stats_table_destroy(views);
}

static void incidents_are_open_or_have_an_end(void **state) {
  struct incident i = {.begin = WALL - 100,
                       .end = NAN,
                       .level = ALERT_CRITICAL,
                       .rule = "hub_down",
                       .host = "hub-1",
                       .plugin = "mcp_hub",
                       .plugin_instance = "prod",
                       .type = "bool",
                       .type_instance = "up",
                       .ds = "value",
                       .message = "down"};
  size_t len = 0;

  (void)state;
  status_json_add_incident(status, &i);
  i.end = WALL - 10;
  status_json_add_incident(status, &i);
  assert_non_null(strstr(
      status_json_text(status, &len),
      "\"incidents\":[\n{\"rule\":\"hub_down\",\"level\":\"critical\",\"host\":"
      "\"hub-1\",\"plugin\":\"mcp_hub\",\"plugin_instance\":\"prod\","
      "\"identity\":\"hub-1/mcp_hub-prod/bool-up\",\"message\":\"down\","
      "\"begin\":1699999900,\"end\":null},\n{"));
  parse();
  expect(nth("incidents", 1), "end", "1699999990");
}

static struct ruleset *rules_of(const char *text) {
  char err[200] = "";
  struct ruleset *set = ruleset_parse(text, strlen(text), err, sizeof(err));
  assert_string_equal(err, "");
  return set;
}

static void the_thresholds_of_hubs_are_there(void **state) {
  struct ruleset *set = rules_of(
      "{\"critical\":{\"cpu_percent\":10},\"warning\":{\"cpu_percent\":5},"
      "\"rules\":[{\"name\":\"hub_down\",\"enabled\":false},"
      "{\"name\":\"server_down\",\"enabled\":false},"
      "{\"name\":\"server_dead\",\"enabled\":false},"
      "{\"name\":\"all_servers_down\",\"enabled\":false},"
      "{\"name\":\"load\",\"metric\":\"*/load/load\",\"op\":\">\",\"info\":1},"
      "{\"name\":\"grows\",\"metric\":\"*/mcp_hub-*/ps_rss-*\",\"op\":\">\","
      "\"warning\":1,\"function\":\"delta\",\"window\":\"1h\"},"
      "{\"name\":\"any\",\"metric\":\"h/mcp*/*\",\"op\":\"<=\",\"info\":-0.5},"
      "{\"name\":\"expression\",\"metric\":\"/\\\"cpu/\",\"op\":\"==\","
      "\"critical\":2}]}");
  size_t len = 0;

  (void)state;
  status_json_add_thresholds(status, set);
  assert_non_null(
      strstr(status_json_text(status, &len),
             "\"thresholds\":[\n"
             "{\"rule\":\"cpu_percent\",\"metric\":\"*/mcp_hub-*/percent-cpu\","
             "\"op\":\">\",\"warning\":5,\"critical\":10},\n"
             "{\"rule\":\"any\",\"metric\":\"h/mcp*/*\",\"op\":\"<=\","
             "\"info\":-0.5},\n"
             "{\"rule\":\"expression\",\"metric\":\"/\\\"cpu/\",\"op\":\"==\","
             "\"critical\":2}]}\n"));
  ruleset_destroy(set);
}

static void thresholds_have_a_bound(void **state) {
  static char text[200000] = "{\"rules\":[";
  size_t len = strlen(text);

  (void)state;
  for (int i = 0; i < STATUS_JSON_THRESHOLDS + 10; i++)
    len += (size_t)sprintf(text + len,
                           "%s{\"name\":\"r%d\",\"metric\":\"*/mcp_hub-*/*\","
                           "\"op\":\">\",\"info\":1}",
                           i > 0 ? "," : "", i);
  strcat(text, "]}");
  struct ruleset *set = rules_of(text);
  status_json_add_thresholds(status, set);
  parse();
  assert_int_equal(length("thresholds"), STATUS_JSON_THRESHOLDS);
  ruleset_destroy(set);
}

static void many_entries_are_all_there(void **state) {
  struct incident i = {.begin = 1, .end = 2, .level = ALERT_INFO};

  (void)state;
  for (int k = 0; k < 3000; k++)
    status_json_add_alert(status, &alert);
  for (int k = 0; k < 500; k++)
    status_json_add_incident(status, &i);
  parse();
  assert_int_equal(length("alerts"), 3000);
  assert_int_equal(length("hubs"), 0);
  assert_int_equal(length("incidents"), 500);
}

static void what_comes_out_of_order_makes_no_text(void **state) {
  struct incident i = {.begin = 1, .end = 2, .level = ALERT_INFO};
  size_t len = 0;

  (void)state;
  status_json_add_incident(status, &i);
  status_json_add_alert(status, &alert);
  assert_null(status_json_text(status, &len));
  end(NULL);
  begin(NULL);
  assert_non_null(status_json_text(status, &len));
  status_json_add_alert(status, &alert); /* after the end */
  assert_null(status_json_text(status, &len));
}

static void none_is_destroyed_in_peace(void **state) {
  (void)state;
  status_json_destroy(NULL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(an_empty_status_is_exactly_this),
      TEST(an_alert_is_exactly_this),
      TEST(the_unknown_is_null),
      TEST(numbers_are_as_they_were),
      TEST(a_runbook_is_there_if_there_is_one),
      TEST(hostile_names_stay_text),
      TEST(a_hub_has_score_reasons_availability_and_figures),
      TEST(the_day_is_told_of_what_was_heard_in_it),
      TEST(a_silent_hub_has_no_score),
      TEST(incidents_are_open_or_have_an_end),
      TEST(the_thresholds_of_hubs_are_there),
      TEST(thresholds_have_a_bound),
      TEST(many_entries_are_all_there),
      TEST(what_comes_out_of_order_makes_no_text),
      TEST(none_is_destroyed_in_peace),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
