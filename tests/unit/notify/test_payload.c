/* SPDX-License-Identifier: MIT */
/* payload: exact bodies of a plain notice, and what becomes of hostile names.
 */
#include "unit.h"

#include "notify/payload.h"

#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIME 1700000100 /* 2023-11-14T22:15:00Z */

static struct alert alert(void) {
  return (struct alert){
      .rule_name = "queue_depth",
      .series = {"vm", "mcp_hub", "prod", "queue_length", "llm", "value"},
      .level = ALERT_WARNING,
      .previous = ALERT_LEVEL_UNKNOWN,
      .status = STATUS_FIRING,
      .value = 52.1,
      .threshold = 50,
      .since = TIME - 100,
      .time = TIME,
      .message = "queue is 52 deep",
  };
}

/* Compares and frees. */
static void assert_body(char *body, const char *expected) {
  assert_non_null(body);
  assert_string_equal(body, expected);
  free(body);
}

static void json_has_every_field(void **state) {
  (void)state;
  struct alert n = alert();
  assert_body(payload_json(&n),
              "{\"version\":1,\"status\":\"firing\",\"rule\":\"queue_depth\","
              "\"level\":\"warning\",\"previous\":null,\"host\":\"vm\","
              "\"plugin\":\"mcp_hub\",\"plugin_instance\":\"prod\","
              "\"type\":\"queue_length\",\"type_instance\":\"llm\","
              "\"ds\":\"value\",\"message\":\"queue is 52 deep\","
              "\"runbook\":null,\"value\":52.1,\"threshold\":50,"
              "\"since\":\"2023-11-14T22:13:20Z\","
              "\"time\":\"2023-11-14T22:15:00Z\"}");
}

static void unknown_numbers_are_null_or_left_out(void **state) {
  (void)state;
  struct alert n = alert();
  n.value = NAN;
  n.threshold = NAN;
  char *body = payload_json(&n);
  assert_non_null(strstr(body, "\"value\":null,\"threshold\":null,"));
  free(body);
  n.value = -INFINITY;
  body = payload_json(&n);
  assert_non_null(strstr(body, "\"value\":null,"));
  free(body);
  n.value = NAN;
  struct payload_alert posted = {&n, TIME + 180};
  body = payload_alertmanager(&posted, 1);
  assert_null(strstr(body, "\"value\""));
  assert_null(strstr(body, "threshold"));
  free(body);
}

static void slack_has_colour_rule_and_identity(void **state) {
  (void)state;
  struct alert n = alert();
  n.runbook = "https://wiki.example/a?b=1&c=2";
  assert_body(
      payload_slack(&n),
      "{\"text\":\"WARNING: queue is 52 deep\",\"mrkdwn\":false,"
      "\"attachments\":[{\"color\":\"#ecb22e\","
      "\"fallback\":\"WARNING: queue is 52 deep\",\"title\":\"queue_depth\","
      "\"title_link\":\"https://wiki.example/a?b=1&c=2\","
      "\"text\":\"vm/mcp_hub-prod/queue_length-llm\",\"mrkdwn_in\":[],"
      "\"ts\":1700000100}]}");
}

static void slack_says_what_kind_of_notice_it_is(void **state) {
  (void)state;
  static const struct {
    enum alert_status status;
    enum alert_level level;
    const char *begin;
    const char *colour;
  } table[] = {
      {STATUS_FIRING, ALERT_CRITICAL, "{\"text\":\"CRITICAL: ", "#e01e5a"},
      {STATUS_FIRING, ALERT_WARNING, "{\"text\":\"WARNING: ", "#ecb22e"},
      {STATUS_FIRING, ALERT_INFO, "{\"text\":\"INFO: ", "#36c5f0"},
      {STATUS_RESOLVED, ALERT_OK, "{\"text\":\"OK: ", "#2eb67d"},
      {STATUS_RESOLVED, ALERT_INFO, "{\"text\":\"INFO: ", "#2eb67d"},
      {STATUS_FLAPPING, ALERT_CRITICAL, "{\"text\":\"FLAPPING: ", "#e01e5a"},
      {STATUS_TEST, ALERT_CRITICAL, "{\"text\":\"TEST: ", "#868686"},
  };
  for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
    struct alert n = alert();
    n.status = table[i].status;
    n.level = table[i].level;
    char *body = payload_slack(&n);
    assert_ptr_equal(strstr(body, table[i].begin), body);
    assert_non_null(strstr(body, table[i].colour));
    free(body);
  }
}

static void only_links_are_links(void **state) {
  (void)state;
  static const char *const others[] = {"javascript:alert(1)", "page 12",
                                       "file:///etc/passwd", ""};
  for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
    struct alert n = alert();
    n.runbook = others[i];
    char *body = payload_slack(&n);
    assert_null(strstr(body, "title_link"));
    free(body);
  }
}

static void alertmanager_gets_labels_and_annotations(void **state) {
  (void)state;
  struct alert a = alert();
  struct alert b = alert();
  a.runbook = "https://wiki.example/q";
  b.series.plugin = "load";
  b.series.plugin_instance = "x";
  b.series.type_instance = "";
  b.series.ds = "shortterm";
  const struct payload_alert both[] = {{&a, TIME + 180}, {&b, TIME}};
  assert_body(
      payload_alertmanager(both, 2),
      "[{\"labels\":{\"alertname\":\"queue_depth\",\"severity\":\"warning\","
      "\"host\":\"vm\",\"plugin\":\"mcp_hub\",\"hub\":\"prod\","
      "\"type\":\"queue_length\",\"type_instance\":\"llm\"},"
      "\"annotations\":{\"summary\":\"queue is 52 deep\","
      "\"runbook\":\"https://wiki.example/q\",\"value\":\"52.1\","
      "\"threshold\":\"50\"},\"startsAt\":\"2023-11-14T22:13:20Z\","
      "\"endsAt\":\"2023-11-14T22:18:00Z\"},"
      "{\"labels\":{\"alertname\":\"queue_depth\",\"severity\":\"warning\","
      "\"host\":\"vm\",\"plugin\":\"load\",\"instance\":\"x\","
      "\"type\":\"queue_length\",\"ds\":\"shortterm\"},"
      "\"annotations\":{\"summary\":\"queue is 52 deep\",\"value\":\"52.1\","
      "\"threshold\":\"50\"},\"startsAt\":\"2023-11-14T22:13:20Z\","
      "\"endsAt\":\"2023-11-14T22:15:00Z\"}]");
  assert_body(payload_alertmanager(NULL, 0), "[]");
}

static void alerts_never_end_before_they_start(void **state) {
  (void)state;
  struct alert n = alert();
  struct payload_alert posted = {&n, (int64_t)n.since - 7};
  char *body = payload_alertmanager(&posted, 1);
  assert_non_null(strstr(body, "\"startsAt\":\"2023-11-14T22:13:13Z\","
                               "\"endsAt\":\"2023-11-14T22:13:13Z\""));
  free(body);
}

/* ---- names that are not trusted ---- */

#define BAD "\xEF\xBF\xBD"

static const struct {
  const char *name;
  const char *plain;
  const char *slack;
} hostile[] = {
    {"a&b", "a&b", "a&amp;b"},
    {"<!channel>", "<!channel>", "&lt;!channel&gt;"},
    {"<https://evil|click>", "<https://evil|click>",
     "&lt;https://evil|click&gt;"},
    {"@here @all", "@here @all",
     "@\xE2\x80\x8Bhere @\xE2\x80\x8B"
     "all"},
    {"```x`", "```x`", "'''x'"},
    {"two\r\nlines\t", "two  lines ", "two  lines "},
    {"\x1b[31m\x7f", " [31m ", " [31m "},
    {"say \"hi\" \\", "say \"hi\" \\", "say \"hi\" \\"},
    {"caf\xC3\xA9 \xE2\x98\x83", "caf\xC3\xA9 \xE2\x98\x83",
     "caf\xC3\xA9 \xE2\x98\x83"},
    {"\xC3(\xFF", BAD "(" BAD, BAD "(" BAD},
    {"cut \xE2\x98", "cut " BAD BAD, "cut " BAD BAD},
    {"\xED\xA0\x80", BAD BAD BAD, BAD BAD BAD}, /* surrogate */
    {"\xC0\x80", BAD BAD, BAD BAD},             /* overlong */
    {"\xC2\x85", BAD BAD, BAD BAD},             /* control character */
    {"", "", ""},
};

static const char *text_at(struct json_object *object, const char *key) {
  struct json_object *value = NULL;
  assert_true(json_object_object_get_ex(object, key, &value));
  return json_object_get_string(value);
}

static struct json_object *first(struct json_object *list) {
  assert_true(json_object_array_length(list) > 0);
  return json_object_array_get_idx(list, 0);
}

static struct json_object *parsed(char *body) {
  struct json_object *made = json_tokener_parse(body);
  assert_non_null(made);
  free(body);
  return made;
}

static void hostile_names_stay_texts_in_json(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
    struct alert n = alert();
    n.series.plugin_instance = n.series.type_instance = n.message =
        hostile[i].name;
    n.rule_name = n.runbook = n.series.host = n.series.ds = hostile[i].name;
    struct json_object *made = parsed(payload_json(&n));
    static const char *const keys[] = {
        "plugin_instance", "type_instance", "message", "rule",
        "runbook",         "host",          "ds"};
    for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++)
      assert_string_equal(text_at(made, keys[k]), hostile[i].plain);
    json_object_put(made);
  }
}

static void hostile_names_are_no_markup_in_slack(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
    struct alert n = alert();
    n.rule_name = n.message = n.series.host = hostile[i].name;
    n.series.plugin_instance = n.series.type_instance = "";
    struct json_object *made = parsed(payload_slack(&n));
    struct json_object *attachments = NULL;
    char text[200];
    snprintf(text, sizeof(text), "WARNING: %s", hostile[i].slack);
    assert_string_equal(text_at(made, "text"), text);
    json_object_object_get_ex(made, "attachments", &attachments);
    struct json_object *a = first(attachments);
    assert_string_equal(text_at(a, "fallback"), text);
    assert_string_equal(text_at(a, "title"), hostile[i].slack);
    snprintf(text, sizeof(text), "%s/mcp_hub/queue_length", hostile[i].slack);
    assert_string_equal(text_at(a, "text"), text);
    json_object_put(made);
  }
}

static void hostile_names_are_labels_of_alertmanager(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
    struct alert n = alert();
    n.series.type_instance = n.message = hostile[i].name;
    struct payload_alert posted = {&n, TIME};
    struct json_object *made = parsed(payload_alertmanager(&posted, 1));
    struct json_object *part = NULL;
    json_object_object_get_ex(first(made), "labels", &part);
    if (hostile[i].name[0] != '\0')
      assert_string_equal(text_at(part, "type_instance"), hostile[i].plain);
    else
      assert_false(json_object_object_get_ex(part, "type_instance", NULL));
    json_object_object_get_ex(first(made), "annotations", &part);
    assert_string_equal(text_at(part, "summary"), hostile[i].plain);
    json_object_put(made);
  }
}

static void long_texts_are_cut_between_characters(void **state) {
  (void)state;
  static char huge[100001];
  for (size_t i = 0; i + 3 < sizeof(huge); i += 3)
    memcpy(huge + i, "\xE2\x98\x83", 4);
  struct alert n = alert();
  n.rule_name = n.message = n.series.type_instance = huge;
  struct json_object *made = parsed(payload_json(&n));
  const char *message = text_at(made, "message");
  assert_int_equal(strlen(message), JSON_TEXT_MAX / 3 * 3);
  assert_memory_equal(message, huge, strlen(message));
  json_object_put(made);
  memset(huge, '&', sizeof(huge) - 1);
  char *body = payload_slack(&n);
  assert_true(strlen(body) < 5 * JSON_TEXT_MAX);
  assert_null(strstr(body, "&amp\"")); /* whole or not at all */
  free(body);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(json_has_every_field),
      cmocka_unit_test(unknown_numbers_are_null_or_left_out),
      cmocka_unit_test(slack_has_colour_rule_and_identity),
      cmocka_unit_test(slack_says_what_kind_of_notice_it_is),
      cmocka_unit_test(only_links_are_links),
      cmocka_unit_test(alertmanager_gets_labels_and_annotations),
      cmocka_unit_test(alerts_never_end_before_they_start),
      cmocka_unit_test(hostile_names_stay_texts_in_json),
      cmocka_unit_test(hostile_names_are_no_markup_in_slack),
      cmocka_unit_test(hostile_names_are_labels_of_alertmanager),
      cmocka_unit_test(long_texts_are_cut_between_characters),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
