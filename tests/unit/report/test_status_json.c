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
#define BAD "\xEF\xBF\xBD" /* U+FFFD */

static struct status_json status;
static struct hub_stats_table *views;
static char *written;     /* the text */
static json_object *root; /* parsed again */

static int begin(void **state) {
  (void)state;
  root = NULL;
  written = NULL;
  status = (struct status_json){.time = WALL + 0.5,
                                .rules_current = true,
                                .incidents = incidents_create(1000)};
  views = hub_stats_table_create(10);
  return status.incidents != NULL && views != NULL ? 0 : -1;
}

static int end(void **state) {
  (void)state;
  incidents_destroy(status.incidents);
  hub_stats_table_destroy(views);
  json_object_put(root);
  free(written);
  return 0;
}

static const char *write_text(void) {
  size_t len = 0;

  free(written);
  written = status_json_write(&status, &len);
  assert_non_null(written);
  assert_int_equal(strlen(written), len);
  return written;
}

static void parse(void) {
  struct json_error error;

  write_text();
  json_object_put(root);
  root = json_parse(written, strlen(written), JSON_STRICT, &error);
  if (root == NULL)
    fail_msg("%s at byte %zu of %s", error.what, error.offset, written);
}

static void write_alerts(struct alert *alerts, size_t num) {
  status.alerts = alerts;
  status.alerts_num = num;
  parse();
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

static const struct alert alert = {
    .rule_name = "queue_depth",
    .series = {"hub-1", "mcp_hub", "prod", "queue_length", "llm", "value"},
    .level = ALERT_WARNING,
    .previous = ALERT_LEVEL_UNKNOWN,
    .status = STATUS_FIRING,
    .value = 60.25,
    .threshold = 50,
    .since = WALL - 60,
    .time = WALL - 5,
    .message = "too deep"};

static void an_empty_status_is_exactly_this(void **state) {
  (void)state;
  assert_string_equal(write_text(),
                      "{\"version\":1,\"time\":1700000000,\"rules_current\":"
                      "true,\"alerts\":[],\"hubs\":[],\"incidents\":[],"
                      "\"thresholds\":[]}\n");
  status.rules_current = false;
  parse();
  expect(root, "rules_current", "false");
}

static void an_alert_is_exactly_this(void **state) {
  struct alert a = alert;

  (void)state;
  write_alerts(&a, 1);
  assert_string_equal(
      written,
      "{\"version\":1,\"time\":1700000000,\"rules_current\":true,\"alerts\":["
      "\n{\"status\":\"firing\",\"rule\":\"queue_depth\",\"level\":"
      "\"warning\",\"previous\":null,"
      "\"host\":\"hub-1\",\"plugin\":\"mcp_hub\",\"plugin_instance\":\"prod\","
      "\"type\":\"queue_length\",\"type_instance\":\"llm\",\"ds\":\"value\","
      "\"message\":\"too deep\",\"runbook\":null,"
      "\"value\":60.25,\"threshold\":50,\"since\":1699999940,"
      "\"time\":1699999995}],\"hubs\":[],\"incidents\":[],"
      "\"thresholds\":[]}\n");
}

static void an_alert_without_message_gets_that_of_its_rule(void **state) {
  char message[] = "{type_instance} is {value}";
  const struct rule rule = {.message = message};
  struct alert a = alert;

  (void)state;
  a.rule = &rule;
  a.message = NULL;
  write_alerts(&a, 1);
  expect(nth("alerts", 0), "message", "\"llm is 60.25\"");
}

static void the_unknown_is_null(void **state) {
  struct alert a = alert;

  (void)state;
  a.value = NAN;
  a.threshold = INFINITY;
  write_alerts(&a, 1);
  expect(nth("alerts", 0), "value", "null");
  expect(nth("alerts", 0), "threshold", "null");
}

static void numbers_are_as_they_were(void **state) {
  static const double values[] = {0.1,   1e300, -2.5e-300,   123456789.125,
                                  1e15,  -7,    524288000,   1.0 / 3,
                                  -1e17, 0,     99.99999999, 9007199254740992};
  struct alert list[sizeof(values) / sizeof(*values)];

  (void)state;
  for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
    list[i] = alert;
    list[i].value = values[i];
  }
  write_alerts(list, sizeof(values) / sizeof(*values));
  for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
    double got = json_object_get_double(get(nth("alerts", i), "value"));
    assert_true(fabs(got - values[i]) <= fabs(values[i]) * 1e-14);
  }
  expect(nth("alerts", 0), "value", "0.1");
  expect(nth("alerts", 5), "value", "-7");
}

static void a_runbook_is_there_or_null(void **state) {
  struct alert list[] = {alert, alert};

  (void)state;
  list[1].runbook = "https://example.org/run?a=\"b\"";
  write_alerts(list, 2);
  expect(nth("alerts", 0), "runbook", "null");
  expect(nth("alerts", 1), "runbook",
         "\"https://example.org/run?a=\\\"b\\\"\"");
}

static void hostile_names_stay_text(void **state) {
  const struct series s = {"a\"],\"x\":[\"",      "mcp_hub",
                           "\xFF\xC3(\n\x1B[31m", "\\",
                           "\x7F\xE2\x80\xAE",    ""};
  struct alert a = alert;

  (void)state;
  a.series = s;
  a.message = "</script>\xF0\x9F\x94\xA5";
  write_alerts(&a, 1);
  a.message = json_object_get_string(get(nth("alerts", 0), "message"));
  assert_string_equal(a.message, "</script>\xF0\x9F\x94\xA5");
  assert_string_equal(json_object_get_string(get(nth("alerts", 0), "host")),
                      s.host);
  assert_string_equal(
      json_object_get_string(get(nth("alerts", 0), "plugin_instance")),
      BAD BAD "(  [31m");
  expect(nth("alerts", 0), "type", "\"\\\\\"");
  expect(nth("alerts", 0), "type_instance", "\" " BAD BAD BAD "\"");
  assert_int_equal(json_object_object_length(root), 7);
}

static void say(const char *type, const char *instance, double value) {
  const struct series s = {"hub-1", "mcp_hub", "prod", type, instance, "value"};
  const struct hub_stats_sample x = {value, 10, 100, WALL};

  assert_int_equal(hub_stats_table_sample(views, &s, &x), 0);
}

static void write_hub(void) {
  struct hub_report hub =
      hub_report_of(hub_stats_table_find(views, "hub-1", "prod"), 100);

  status.hubs = &hub;
  status.hubs_num = 1;
  parse();
  status.hubs_num = 0;
}

static void a_hub_has_score_reasons_availability_and_figures(void **state) {
  json_object *hub = NULL;
  json_object *figures = NULL;

  (void)state;
  say("bool", "up", 1);
  say("percent", "cpu", 7.5);
  say("ps_rss", "hub", 104857600);
  write_hub();
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
}

static void the_day_is_told_of_what_was_heard_in_it(void **state) {
  json_object *hub = NULL;

  (void)state;
  say("percent", "cpu", 4);
  say("ps_rss", "hub", 104857600);
  hub_stats_table_end_day(views, WALL - 60);
  say("percent", "cpu", 7);
  say("percent", "cpu", 8);
  say("queue_length", "llm", 3);
  write_hub();
  hub = nth("hubs", 0);
  expect(hub, "day_begin", "1699999940");
  expect(hub, "day",
         "{\"queue_length-llm\":{\"average\":3,\"worst\":3,\"worst_at\":"
         "1700000000,\"before\":null},"
         "\"percent-cpu\":{\"average\":7.5,\"worst\":8,\"worst_at\":"
         "1700000000,\"before\":4}}");
}

static void a_silent_hub_has_no_score(void **state) {

  (void)state;
  say("bool", "up", NAN);
  write_hub();
  expect(nth("hubs", 0), "score", "null");
  expect(nth("hubs", 0), "grade", "\"unknown\"");
  expect(nth("hubs", 0), "availability_24h", "null");
  expect(nth("hubs", 0), "error_budget", "null");
}

static struct incident incident(double end_wall) {
  return (struct incident){
      .alert = {.rule_name = "hub_down",
                .series = {"hub-1", "mcp_hub", "prod", "bool", "up", "value"},
                .level = ALERT_CRITICAL,
                .since = WALL - 100,
                .message = "down"},
      .end = end_wall};
}

static void incidents_are_open_or_have_an_end(void **state) {
  const struct incident open = incident(NAN);
  const struct incident closed = incident(WALL - 10);

  (void)state;
  assert_int_equal(incidents_restore(status.incidents, &open), 0);
  assert_int_equal(incidents_restore(status.incidents, &closed), 0);
  parse();
  assert_non_null(strstr(
      written,
      "\"incidents\":[\n{\"rule\":\"hub_down\",\"level\":\"critical\",\"host\":"
      "\"hub-1\",\"plugin\":\"mcp_hub\",\"plugin_instance\":\"prod\","
      "\"type\":\"bool\",\"type_instance\":\"up\",\"ds\":\"value\","
      "\"identity\":\"hub-1/mcp_hub-prod/bool-up\",\"message\":\"down\","
      "\"begin\":1699999900,\"end\":null},\n{"));
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

  (void)state;
  status.rules = set;
  assert_non_null(
      strstr(write_text(),
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
  status.rules = set;
  parse();
  assert_int_equal(length("thresholds"), STATUS_JSON_THRESHOLDS);
  ruleset_destroy(set);
}

static void many_entries_are_all_there(void **state) {
  static struct alert list[3000];
  const struct incident one = incident(WALL);

  (void)state;
  for (size_t k = 0; k < 3000; k++)
    list[k] = alert;
  for (int k = 0; k < 500; k++)
    assert_int_equal(incidents_restore(status.incidents, &one), 0);
  write_alerts(list, 3000);
  assert_int_equal(length("alerts"), 3000);
  assert_int_equal(length("hubs"), 0);
  assert_int_equal(length("incidents"), 500);
}

/* What is read is written again as it was. */
static void what_was_written_is_read(void **state) {
  struct alert list[] = {alert, alert};
  const struct incident open = incident(NAN);
  bool out_of_memory = true;
  struct status_json *s = NULL;
  char *again = NULL;
  size_t len = 0;

  (void)state;
  list[1].series.plugin_instance = "other";
  list[1].status = STATUS_SILENCED;
  list[1].previous = ALERT_INFO;
  list[1].runbook = "https://example.org/";
  list[1].value = 1.0 / 3;
  say("bool", "up", 1);
  say("percent", "cpu", 7.5);
  assert_int_equal(incidents_restore(status.incidents, &open), 0);
  status.alerts = list;
  status.alerts_num = 2;
  status.rules = rules_of("{\"warning\":{\"cpu_percent\":5}}");
  write_hub();
  ruleset_destroy(status.rules);
  s = status_json_read(written, strlen(written), NULL, NULL, &out_of_memory);
  assert_non_null(s);
  assert_false(out_of_memory);
  again = status_json_write(s, &len);
  assert_string_equal(again, written);
  assert_ptr_equal(status_json_find_hub(s, "hub-1", "prod"), s->hubs);
  assert_null(status_json_find_hub(s, "hub-1", "other"));
  free(again);
  status_json_free(s);
  s = status_json_read(written, strlen(written), "hub-1", "other",
                       &out_of_memory);
  assert_int_equal(s->alerts_num, 1);
  assert_int_equal(s->alerts->status, STATUS_SILENCED);
  assert_int_equal(s->hubs_num, 0);
  assert_int_equal(incidents_count(s->incidents), 0);
  status_json_free(s);
}

static void another_text_is_no_status(void **state) {
  static const char *const texts[] = {"", "[]", "{", "{}", "{\"version\":2}"};
  bool out_of_memory = true;

  (void)state;
  for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
    assert_null(status_json_read(texts[i], strlen(texts[i]), NULL, NULL,
                                 &out_of_memory));
    assert_false(out_of_memory);
  }
  status_json_free(NULL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(an_empty_status_is_exactly_this),
      TEST(an_alert_is_exactly_this),
      TEST(an_alert_without_message_gets_that_of_its_rule),
      TEST(the_unknown_is_null),
      TEST(numbers_are_as_they_were),
      TEST(a_runbook_is_there_or_null),
      TEST(hostile_names_stay_text),
      TEST(a_hub_has_score_reasons_availability_and_figures),
      TEST(the_day_is_told_of_what_was_heard_in_it),
      TEST(a_silent_hub_has_no_score),
      TEST(incidents_are_open_or_have_an_end),
      TEST(the_thresholds_of_hubs_are_there),
      TEST(thresholds_have_a_bound),
      TEST(many_entries_are_all_there),
      TEST(what_was_written_is_read),
      TEST(another_text_is_no_status),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
