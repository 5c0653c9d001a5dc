/* SPDX-License-Identifier: MIT */
#include "notify/message.h"
#include "rules/builtin_rules.h"
#include "rules/template.h"

#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BEGAN 1700000000 /* 2023-11-14 22:13:20 UTC */
#define STAMP "2023-11-14 22:13:20"

static char name[65] = "too_deep";
static struct rule rule;
static struct series series;
static struct alert event;

static int begin(void **state) {
  (void)state;
  setenv("TZ", "UTC", 1);
  tzset();
  strcpy(name, "too_deep");
  rule = (struct rule){.name = name, .op = RULE_GT};
  series = (struct series){"hub-1",        "mcp_hub", "prod",
                           "queue_length", "llm",     "value"};
  event = (struct alert){.rule = &rule,
                         .rule_name = name,
                         .series = series,
                         .level = ALERT_WARNING,
                         .value = 60,
                         .threshold = 50,
                         .since = 1000,
                         .time = 1125};
  return 0;
}

static const char *text(void) {
  static char buf[MESSAGE_MAX];

  memset(buf, 'x', sizeof(buf));
  event.series = series;
  message_format(&event, 1, BEGAN, buf);
  assert_non_null(memchr(buf, '\0', sizeof(buf)));
  return buf;
}

static const char *expand(const char *message) {
  static char copy[2000];

  snprintf(copy, sizeof(copy), "%s", message);
  rule.message = copy;
  return text();
}

static void the_general_text_says_what_where_how_much_since_when(void **state) {
  (void)state;
  assert_string_equal(text(),
                      "too_deep: hub-1/mcp_hub-prod/queue_length-llm is "
                      "60 (alert at > 50) since " STAMP);
  series.plugin_instance = "";
  series.type_instance = "";
  series.ds = "shortterm";
  assert_string_equal(text(), "too_deep: hub-1/mcp_hub/queue_length shortterm "
                              "is 60 (alert at > 50) since " STAMP);
}

static void the_general_text_of_the_end_says_how_long(void **state) {
  (void)state;
  event.level = ALERT_OK;
  event.previous = ALERT_WARNING;
  event.value = 3;
  assert_string_equal(text(),
                      "Resolved: too_deep: "
                      "hub-1/mcp_hub-prod/queue_length-llm is 3 (alert at > "
                      "50), after 2 min 5 s");
  series.ds = "x";
  assert_string_equal(text(),
                      "Resolved: too_deep: "
                      "hub-1/mcp_hub-prod/queue_length-llm x is 3 (alert at > "
                      "50), after 2 min 5 s");
}

static void a_message_of_the_rule_has_its_words_replaced(void **state) {
  (void)state;
  event.level = ALERT_CRITICAL;
  assert_string_equal(
      expand("{rule}|{level}|{host}|{plugin}|{plugin_instance}|{type}|"
             "{type_instance}|{ds}|{identity}|{value}|{threshold}|{op}|{since}|"
             "{duration}"),
      "too_deep|critical|hub-1|mcp_hub|prod|queue_length|llm|value|"
      "hub-1/mcp_hub-prod/queue_length-llm|60|50|>|" STAMP "|2 min 5 s");
  assert_string_equal(expand("100 % {{x} {{{host}} }{"),
                      "100 % {x} {hub-1} }{");
  assert_string_equal(expand("{nonsense} {host"), "{nonsense} {host");
  event.value = 3 * 1048576;
  event.threshold = 2.5 * 1048576;
  assert_string_equal(expand("{value_mib} > {threshold_mib}"), "3 > 2.5");
}

static void a_message_is_not_used_for_the_end(void **state) {
  char resolved[] = "{host} is well again after {duration}";

  (void)state;
  event.level = ALERT_OK;
  assert_non_null(strstr(expand("burning"), "Resolved: too_deep: "));
  rule.resolved = resolved;
  assert_string_equal(text(), "Resolved: hub-1 is well again after 2 min 5 s");
}

static void ends_without_a_value_say_why(void **state) {
  char message[] = "m";

  (void)state;
  rule.message = message;
  rule.resolved = message;
  event.level = ALERT_OK;
  event.value = NAN;
  event.reason = ALERT_UNLISTED;
  series.type_instance = "github";
  assert_string_equal(text(),
                      "Resolved: MCP server github of hub prod on hub-1 is no "
                      "longer listed by its hub (too_deep, after 2 min 5 s)");
  event.reason = ALERT_RULE_CHANGED;
  assert_string_equal(text(), "Resolved: too_deep no longer applies to "
                              "hub-1/mcp_hub-prod/queue_length-github, after "
                              "2 min 5 s");
}

static void a_function_is_named_with_its_window(void **state) {
  (void)state;
  rule.function = RULE_AVG;
  rule.window = 600;
  assert_string_equal(
      text(), "too_deep: avg over 10 min of hub-1/mcp_hub-prod/queue_length-llm"
              " is 60 (alert at > 50) since " STAMP);
  series.ds = "rx";
  assert_non_null(strstr(text(), "queue_length-llm rx is 60 (alert at > 50)"));
  series.ds = "value";
  assert_string_equal(expand("{function}: {value}"), "avg over 10 min: 60");
  rule.message = NULL;
  event.level = ALERT_OK;
  assert_string_equal(text(), "Resolved: too_deep: avg over 10 min of "
                              "hub-1/mcp_hub-prod/queue_length-llm is 60 "
                              "(alert at > 50), after 2 min 5 s");
}

static void an_absence_says_for_how_long(void **state) {
  (void)state;
  rule.function = RULE_ABSENT;
  event.threshold = 60;
  event.value = 75;
  assert_string_equal(text(), "too_deep: no value of "
                              "hub-1/mcp_hub-prod/queue_length-llm for 75 s "
                              "(alert at 60) since " STAMP);
  event.level = ALERT_OK;
  event.value = 0;
  assert_string_equal(text(), "Resolved: too_deep: "
                              "hub-1/mcp_hub-prod/queue_length-llm has a value "
                              "again, after 2 min 5 s");
}

static void an_anomaly_has_a_value_and_no_threshold(void **state) {
  (void)state;
  rule.function = RULE_ANOMALY;
  event.threshold = NAN;
  assert_string_equal(text(), "too_deep: hub-1/mcp_hub-prod/queue_length-llm "
                              "is 60, unlike its past since " STAMP);
  series.ds = "rx";
  assert_non_null(strstr(text(), "queue_length-llm rx is 60, unlike its past"));
}

static void what_flaps_says_that_no_more_will_be_said(void **state) {
  static char message[] = "m";

  (void)state;
  rule.message = message;
  event.reason = ALERT_FLAPPING;
  for (int level = ALERT_OK; level <= ALERT_WARNING; level += ALERT_WARNING) {
    event.level = (enum alert_level)level;
    assert_string_equal(text(), "too_deep comes and goes on "
                                "hub-1/mcp_hub-prod/queue_length-llm: no more "
                                "notices until it settles (now 60)");
  }
}

static void what_goes_on_is_told_as_that(void **state) {
  static char message[] = "{rule} burns";

  (void)state;
  event.reason = ALERT_REPEATED;
  assert_string_equal(text(), "Still: too_deep: "
                              "hub-1/mcp_hub-prod/queue_length-llm is 60 "
                              "(alert at > 50) since " STAMP);
  rule.message = message;
  assert_string_equal(text(), "Still: too_deep burns");
}

static const char *text_of_many(size_t num) {
  static const char *const names[] = {"llm", "b", "", "d", "e", "f"};
  static struct series others[6];
  struct alert many[6];
  static char buf[MESSAGE_MAX];

  for (size_t i = 0; i < num; i++) {
    others[i] = series;
    others[i].type_instance = names[i];
    many[i] = event;
    many[i].series = others[i];
  }
  message_format(many, num, BEGAN, buf);
  return buf;
}

static void many_alerts_are_one_text_that_names_some(void **state) {
  static char message[] = "{type_instance} is {value}";

  (void)state;
  rule.message = message;
  assert_string_equal(text_of_many(1), "llm is 60");
  assert_string_equal(text_of_many(2), "llm is 60 (and 1 more: b)");
  assert_string_equal(text_of_many(4),
                      "llm is 60 (and 3 more: b, /queue_length, d)");
  assert_string_equal(text_of_many(6), "llm is 60 (and 5 more: b, "
                                       "/queue_length, d, \xE2\x80\xA6)");
  event.level = ALERT_OK;
  assert_non_null(strstr(text_of_many(3), "Resolved: "));
  assert_non_null(strstr(text_of_many(3), " (and 2 more: b, /queue_length)"));
}

static void states_are_words(void **state) {
  static const struct {
    const char *type;
    double value;
    const char *text;
  } cases[] = {{"mcp_breaker_state", 0, "closed (0)"},
               {"mcp_breaker_state", 1, "half-open (1)"},
               {"mcp_breaker_state", 2, "open (2)"},
               {"mcp_breaker_state", 3, "3"},
               {"mcp_breaker_state", 1.5, "1.5"},
               {"mcp_server_state", 4, "disconnected (4)"},
               {"mcp_server_state", 5, "dead (5)"},
               {"mcp_server_state", -1, "-1"},
               {"mcp_hub_state", 8, "unreachable (8)"},
               {"mcp_hub_state", 9, "9"},
               {"bool", 0, "no (0)"},
               {"bool", 1, "yes (1)"},
               {"gauge", 1, "1"}};

  (void)state;
  for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
    series.type = cases[i].type;
    event.value = cases[i].value;
    assert_string_equal(expand("{value}"), cases[i].text);
    event.threshold = cases[i].value;
    assert_string_equal(expand("{threshold}"), cases[i].text);
  }
  rule.function = RULE_DELTA; /* of a state is no state */
  series.type = "mcp_breaker_state";
  event.value = 2;
  assert_string_equal(expand("{value}"), "2");
}

static void value_and_threshold_never_look_the_same(void **state) {
  (void)state;
  event.value = 2.0000001;
  event.threshold = 2;
  assert_string_equal(expand("{value} > {threshold}"), "2.0000001 > 2");
  event.value = 94.99999;
  event.threshold = 95;
  assert_string_equal(expand("{value} < {threshold}"), "94.99999 < 95");
  event.value = nextafter(1, 2);
  event.threshold = 1;
  assert_string_equal(expand("{value}"), "1.0000000000000002");
  event.value = 524288000.25;
  event.threshold = 524288000;
  assert_string_equal(expand("{value} > {threshold}"),
                      "524288000.25 > 524288000.00");
  event.value = event.threshold = 7;
  assert_string_equal(expand("{value} = {threshold}"), "7 = 7");
}

static void time_is_local(void **state) {
  (void)state;
  setenv("TZ", "XYZ-3", 1);
  tzset();
  assert_string_equal(expand("{since}"), "2023-11-15 01:13:20");
}

static void times_out_of_this_world_are_unknown(void **state) {
  char buf[MESSAGE_MAX];

  (void)state;
  expand("{since}");
  message_format(&event, 1, (time_t)INT64_MAX, buf);
  assert_string_equal(buf, "unknown");
}

/* ------------------------------------------------------------ what is long */

static char longest[128];

static void lengthen(void) {
  memset(longest, 'n', sizeof(longest) - 1);
  series =
      (struct series){longest, longest, longest, longest, longest, longest};
  memset(name, 'r', sizeof(name) - 1);
}

static void long_identifiers_push_no_figure_out(void **state) {
  const char *notification = NULL;

  (void)state;
  lengthen();
  event.value = -1.23457e-100;
  event.threshold = -1.23456e+100;
  notification = text();
  assert_in_range(strlen(notification), 230, 255);
  assert_non_null(strstr(notification, " is -1.23457e-100 (alert at > "
                                       "-1.23456e+100) since " STAMP));
  assert_memory_equal(notification, "rrrrr", 5);
  event.level = ALERT_OK;
  notification = text();
  assert_in_range(strlen(notification), 230, 255);
  assert_non_null(strstr(notification, "-1.23457e-100"));
  assert_non_null(strstr(notification, ", after 2 min 5 s"));
}

static void every_builtin_text_keeps_its_figures(void **state) {
  (void)state;
  lengthen();
  event.value = 1048576 * 98.765;
  for (size_t i = 0; i < builtin_rules_num; i++) {
    const char *notification = expand(builtin_rules[i].message);
    assert_in_range(strlen(notification), 100, 255);
    if (strstr(builtin_rules[i].message, "{since}") != NULL)
      assert_non_null(strstr(notification, STAMP));
    if (strstr(builtin_rules[i].message, "{value}") != NULL)
      assert_non_null(strstr(notification, "103562609"));
    if (strcmp(builtin_rules[i].name, "server_dead") == 0)
      assert_non_null(strstr(notification,
                             " is dead: its process is gone though the "
                             "hub says connected, since "));
    if (strstr(builtin_rules[i].message, "{value_mib}") != NULL)
      assert_non_null(strstr(notification, "98.765"));
  }
}

static void short_identifiers_are_left_alone_beside_a_long_one(void **state) {
  const char *notification = NULL;

  (void)state;
  lengthen();
  series.host = "hub-1";
  series.plugin = "mcp_hub";
  series.plugin_instance = "prod";
  series.type = "mcp_server_state";
  rule.message = NULL;
  strcpy(name, "r");
  notification = text();
  assert_memory_equal(notification,
                      "r: hub-1/mcp_hub-prod/mcp_server_state-nnnn", 43);
  assert_in_range(strlen(notification), 253, 255);
}

static void shortened_names_end_between_characters(void **state) {
  char umlauts[127];

  (void)state;
  for (size_t i = 0; i < 126; i += 2)
    memcpy(umlauts + i, "\xC3\xBC", 2);
  umlauts[126] = '\0';
  for (int i = 0; i < 2; i++) {
    const char *notification = NULL;
    const char *cut = NULL;
    lengthen();
    series.host = series.type_instance = umlauts;
    strcpy(name, i > 0 ? "a" : "ab");
    notification = text();
    cut = strstr(notification, "\xE2\x80\xA6/"); /* behind the host */
    assert_non_null(cut);
    assert_int_equal((unsigned char)cut[-1], 0xBC);
  }
}

static void a_text_without_end_is_cut_between_characters(void **state) {
  char endless[1000];
  const char *notification = NULL;

  (void)state;
  memset(endless, 'a', sizeof(endless));
  for (size_t i = 253; i + 2 < sizeof(endless); i += 3)
    memcpy(endless + i, "\xE2\x82\xAC", 3);
  endless[999] = '\0';
  notification = expand(endless);
  assert_int_equal(strlen(notification), 253);
  endless[0] = '\0';
  for (int i = 0; i < 200; i++)
    strcat(endless, "{op}");
  assert_true(strlen(expand(endless)) < 255);
}

static void nothing_but_text_comes_through(void **state) {
  (void)state;
  series.host = "a\nb\x1B[31m\tc\x7F";
  assert_string_equal(expand("{host}"), "a b [31m c ");
  series.host = "\xC3(\xFF\xE2\x82 \xC0\xAF\xED\xA0\x80 \xF5\x80\x80\x80";
  assert_string_equal(expand("{host}"), "?(??? ????? ????");
  series.host = "\xC2\x9B\xE0\x80\x80\xF0\x80\x80\x80\xF4\x90\x80\x80\xE2";
  assert_string_equal(expand("{host}"), "??????????????");
  series.host = "\xC2\xA0 \xE2\x82\xAC \xF0\x9F\x94\xA5";
  assert_string_equal(expand("{host}"),
                      "\xC2\xA0 \xE2\x82\xAC \xF0\x9F\x94\xA5");
}

static void a_percent_sign_is_no_format(void **state) {
  (void)state;
  series.host = "%s%n%d";
  assert_string_equal(expand("%s {host} %n"), "%s %s%n%d %n");
}

/* --------------------------------------------------------------- templates */

static void check(const char *template, const char *expected) {
  char err[400] = "";
  int status = template_check(template, err, sizeof(err));

  assert_string_equal(err, expected);
  assert_int_equal(status, *expected != '\0' ? -1 : 0);
}

static void templates_are_checked(void **state) {
#define LIST                                                                   \
  ": expected one of {rule} {level} {host} {plugin} {plugin_instance} {type} " \
  "{type_instance} {ds} {identity} {value} {value_mib} {threshold} "           \
  "{threshold_mib} {function} {op} {since} {duration}"
  (void)state;
  check("", "");
  check("no names }", "");
  check("{rule}{level}{host}{plugin}{plugin_instance}{type}{type_instance}{ds}"
        "{identity}{value}{value_mib}{threshold}{threshold_mib}{op}{since}"
        "{duration}{{",
        "");
  check("{hots}", "{hots}" LIST);
  check("x {host {value}", "{host {value}" LIST);
  check("x {", "{" LIST);
  check("{}", "{}" LIST);
  check("{Host}", "{Host}" LIST);
  check(
      "{aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}",
      "{aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" LIST);
}

static void a_template_must_leave_room_for_the_figures(void **state) {
  char template[300];

  (void)state;
  memset(template, 'a', sizeof(template));
  strcpy(template + 220, "{value} {since}");
  check(template, "expected a text that fits into 255 bytes, this takes up to "
                  "256");
  strcpy(template + 219, "{value} {since}");
  check(template, "");
}

#define TEST(f) cmocka_unit_test_setup(f, begin)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(the_general_text_says_what_where_how_much_since_when),
      TEST(the_general_text_of_the_end_says_how_long),
      TEST(a_message_of_the_rule_has_its_words_replaced),
      TEST(a_message_is_not_used_for_the_end),
      TEST(ends_without_a_value_say_why),
      TEST(a_function_is_named_with_its_window),
      TEST(an_absence_says_for_how_long),
      TEST(an_anomaly_has_a_value_and_no_threshold),
      TEST(what_flaps_says_that_no_more_will_be_said),
      TEST(what_goes_on_is_told_as_that),
      TEST(many_alerts_are_one_text_that_names_some),
      TEST(states_are_words),
      TEST(value_and_threshold_never_look_the_same),
      TEST(time_is_local),
      TEST(times_out_of_this_world_are_unknown),
      TEST(long_identifiers_push_no_figure_out),
      TEST(every_builtin_text_keeps_its_figures),
      TEST(short_identifiers_are_left_alone_beside_a_long_one),
      TEST(shortened_names_end_between_characters),
      TEST(a_text_without_end_is_cut_between_characters),
      TEST(nothing_but_text_comes_through),
      TEST(a_percent_sign_is_no_format),
      TEST(templates_are_checked),
      TEST(a_template_must_leave_room_for_the_figures),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
