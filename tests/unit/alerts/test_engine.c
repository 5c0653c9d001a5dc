/* SPDX-License-Identifier: MIT */
#include "alerts/engine_fixture.h"

/* ---------------------------------------------------------------- levels */

static void a_breach_alarms_at_once_and_ends_at_once(void **state) {
  (void)state;
  use_rule("'op': '>', 'warning': 5");
  PLAY(&gauge, {0, 5, NULL}, {10, 6, "r ok>warning"}, {20, 7, NULL},
       {30, 5, "r warning>ok"}, {40, 5, NULL}, {50, 6, "r ok>warning"});
}

static void the_event_tells_all(void **state) {
  (void)state;
  use_rule("'op': '>', 'warning': 5, 'critical': 8, 'for': '20s'");
  PLAY(&gauge, {10, 6, NULL}, {20, 6.5, NULL}, {30, 7, "r ok>warning"});
  assert_string_equal(last.rule->name, "r");
  assert_string_equal(last.series.host, "h");
  assert_string_equal(last.series.type, "gauge");
  assert_int_equal(last.level, ALERT_WARNING);
  assert_int_equal(last.previous, ALERT_OK);
  assert_int_equal(last.reason, ALERT_VALUE);
  near(last.value, 7);
  near(last.threshold, 5);
  near(last.since, 10);
  near(last.time, 30);
  PLAY(&gauge, {40, 9, NULL}, {60, 10, "r warning>critical"});
  near(last.threshold, 8);
  near(last.since, 40); /* one alert, but its worse level began later */
  PLAY(&gauge, {70, 6, "r critical>warning"});
  near(last.threshold, 5);
  near(last.since, 10);
  PLAY(&gauge, {80, 1, "r warning>ok"});
  near(last.threshold, 5);
  near(last.value, 1);
  near(last.since, 10);
  near(last.time, 80);
}

static void one_alert_changes_its_level(void **state) {
  (void)state;
  use_rule("'op': '<', 'info': 30, 'warning': 20, 'critical': 10");
  PLAY(&gauge, {0, 50, NULL}, {10, 5, "r ok>critical"},
       {20, 15, "r critical>warning"}, {30, 25, "r warning>info"},
       {40, 9, "r info>critical"}, {50, 30, "r critical>ok"},
       {60, 29, "r ok>info"}, {70, 19, "r info>warning"});
}

static void a_breach_must_hold_for_its_time(void **state) {
  (void)state;
  use_rule("'op': '>=', 'warning': 5, 'for': '30s'");
  PLAY(&gauge, {0, 5, NULL}, {10, 5, NULL}, {20, 4, NULL}, {30, 5, NULL},
       {40, 5, NULL}, {50, 5, NULL}, {59.9, 5, NULL}, {60, 5, "r ok>warning"},
       {70, 4, "r warning>ok"});
  near(last.since, 30);
}

static void a_worse_value_holds_the_milder_level_too(void **state) {
  (void)state;
  use_rule("'op': '>', 'warning': 5, 'critical': 10, 'for': '30s'");
  PLAY(&gauge, {0, 6, NULL}, {10, 11, NULL}, {20, 6, NULL},
       {30, 11, "r ok>warning"}, {40, 12, NULL}, {60, 12, "r warning>critical"},
       {70, 11, NULL}, {80, 6, "r critical>warning"}, {90, 3, "r warning>ok"});
}

static void both_levels_may_be_due_at_once(void **state) {
  (void)state;
  use_rule("'op': '>', 'warning': 5, 'critical': 10, 'for': '30s'");
  PLAY(&gauge, {0, 11, NULL}, {30, 11, "r ok>critical"},
       {40, 0, "r critical>ok"});
}

static void an_alert_ends_after_its_time(void **state) {
  (void)state;
  use_rule("'op': '>', 'warning': 5, 'critical': 10, 'clear_for': '30s'");
  PLAY(&gauge, {0, 11, "r ok>critical"}, {10, 6, NULL}, {20, 1, NULL},
       {30, 1, NULL}, {40, 1, "r critical>warning"}, {45, 6, NULL},
       {50, 1, NULL}, {79, 1, NULL}, {80, 1, "r warning>ok"});
  near(last.since, 0);
}

static void an_alert_that_clears_long_enough_ends_in_one_event(void **state) {
  (void)state;
  use_rule("'op': '>', 'warning': 5, 'critical': 10, 'clear_for': '30s'");
  PLAY(&gauge, {0, 11, "r ok>critical"}, {10, 1, NULL},
       {40, 1, "r critical>ok"});
}

static void clear_keeps_an_alert_until_it_is_reached(void **state) {
  (void)state;
  use_rule("'op': '>', 'warning': 5, 'critical': 10, 'clear': 3");
  PLAY(&gauge, {0, 4, NULL}, {10, 6, "r ok>warning"}, {20, 4, NULL},
       {30, 11, "r warning>critical"}, {40, 4, "r critical>warning"},
       {50, 3.01, NULL}, {60, 3, "r warning>ok"}, {70, 4, NULL});
  near(last.threshold, 3);
}

static void clear_works_below_too(void **state) {
  (void)state;
  use_rule("'op': '<=', 'critical': 10, 'clear': 20, 'clear_for': '10s'");
  PLAY(&gauge, {0, 10, "r ok>critical"}, {10, 19, NULL}, {20, 20, NULL},
       {25, 19, NULL}, {30, 20, NULL}, {39, 25, NULL},
       {40, 25, "r critical>ok"});
}

static void equality_alarms_on_exactly_that(void **state) {
  (void)state;
  use_rule("'op': '==', 'warning': 4, 'critical': 5");
  PLAY(&gauge, {0, 3, NULL}, {10, 4, "r ok>warning"},
       {20, 5, "r warning>critical"}, {30, 6, "r critical>ok"},
       {40, 4, "r ok>warning"}, {50, 3.9, "r warning>ok"});
  use_rule("'op': '!=', 'warning': 0");
  PLAY(&gauge, {60, 0, NULL}, {70, -1, "r ok>warning"},
       {80, 0, "r warning>ok"});
}

/* -------------------------------------------------- what a rule looks at */

static void nan_neither_ends_nor_begins_nor_resets(void **state) {
  (void)state;
  use_rule("'op': '>', 'warning': 5, 'for': '20s', 'clear_for': '20s'");
  PLAY(&gauge, {0, NAN, NULL}, {10, 6, NULL}, {20, NAN, NULL},
       {30, 6, "r ok>warning"}, {40, NAN, NULL}, {900, NAN, NULL},
       {910, 6, NULL}, {920, 1, NULL}, {930, NAN, NULL},
       {940, 1, "r warning>ok"});
  use_rule("'op': '!=', 'warning': 5");
  PLAY(&gauge, {950, NAN, NULL});
}

static void every_data_source_has_a_state_of_its_own(void **state) {
  struct series rx = {"h", "x", "", "gauge", "", "rx"};
  struct series tx = {"h", "x", "", "gauge", "", "tx"};

  (void)state;
  use_rule("'op': '>', 'warning': 5");
  PLAY(&rx, {0, 6, "r ok>warning"});
  PLAY(&tx, {0, 6, "r ok>warning"});
  PLAY(&rx, {10, 1, "r warning>ok"});
  assert_string_equal(last.series.ds, "rx");
  PLAY(&tx, {10, 6, NULL}, {20, 1, "r warning>ok"});
  assert_string_equal(last.series.ds, "tx");
}

static void a_rule_may_be_about_one_data_source(void **state) {
  struct series rx = {"h", "x", "", "gauge", "", "rx"};
  struct series tx = {"h", "x", "", "gauge", "", "tx"};

  (void)state;
  use_rule("'op': '>', 'warning': 5, 'ds': 'tx'");
  PLAY(&rx, {0, 6, NULL});
  PLAY(&tx, {0, 6, "r ok>warning"});
}

static void a_breach_on_every_series_of_a_glob_is_an_alert_each(void **state) {
  (void)state;
  use_rules("{'rules': [{'name': 'r', 'metric': 'db-*/x-?/gauge', 'op': '>', "
            "'info': 1}]}",
            0);
  PLAY(&((struct series){"db-1", "x", "a", "gauge", "", "value"}),
       {0, 2, "r ok>info"});
  PLAY(&((struct series){"db-2", "x", "a", "gauge", "", "value"}),
       {0, 2, "r ok>info"});
  PLAY(&((struct series){"db-2", "x", "b", "gauge", "", "value"}),
       {0, 2, "r ok>info"});
  PLAY(&((struct series){"db-2", "x", "bb", "gauge", "", "value"}),
       {0, 2, NULL});
  PLAY(&((struct series){"web", "x", "b", "gauge", "", "value"}), {0, 2, NULL});
}

static void identifiers_of_any_length_are_kept_apart(void **state) {
  char a[3000];
  char b[3000];

  (void)state;
  use_rules("{'rules': [{'name': 'r', 'metric': '*/*/*', 'op': '>', 'info': "
            "1}]}",
            0);
  for (size_t len = 0; len < 40; len++) {
    memset(a, 'a', sizeof(a));
    a[len] = '\0';
    PLAY(&((struct series){a, "p", "", "t", "", ""}), {0, 2, "r ok>info"});
    PLAY(&((struct series){"", "p", a, "t", "z", ""}), {0, 2, "r ok>info"});
    if (len > 0) {
      a[len - 1] = 'b';
      PLAY(&((struct series){a, "p", "", "t", "", ""}), {0, 2, "r ok>info"});
    }
  }
  memset(a, 'a', sizeof(a));
  memset(b, 'a', sizeof(b));
  a[sizeof(a) - 1] = b[sizeof(b) - 1] = '\0';
  b[sizeof(b) - 2] = 'b';
  PLAY(&((struct series){a, a, a, a, a, a}), {0, 2, "r ok>info"});
  PLAY(&((struct series){a, a, a, a, a, b}), {0, 2, "r ok>info"});
  PLAY(&((struct series){a, a, a, a, a, a}), {0, 2, NULL}, {1, 0, "r info>ok"});
}

/* ------------------------------------------------------------------ time */

static void gaps_say_nothing(void **state) {
  (void)state;
  use_rule("'op': '>', 'warning': 5, 'for': '1h'");
  PLAY(&gauge, {0, 6, NULL});
  for (int i = 0; i < 8000; i += 60)
    engine_tick(engine, i);
  expect(""); /* pending is not forgotten, and time alone confirms nothing */
  PLAY(&gauge, {8000, 6, "r ok>warning"});
  for (int i = 8000; i < 20000; i += 60)
    engine_tick(engine, i);
  expect("");
  PLAY(&gauge, {20000, 1, "r warning>ok"});
}

static void time_that_steps_back_restarts_durations(void **state) {
  (void)state;
  use_rule("'op': '>', 'warning': 5, 'for': '30s', 'clear_for': '30s'");
  PLAY(&gauge, {1000, 6, NULL}, {1020, 6, NULL}, {500, 6, NULL}, {520, 6, NULL},
       {530, 6, "r ok>warning"});
  near(last.since, 500);
  PLAY(&gauge, {100, 6, NULL}, {110, 1, NULL}, {130, 1, NULL}, {50, 1, NULL},
       {79, 1, NULL}, {80, 1, "r warning>ok"});
  near(last.since, 50); /* never in the future */
}

static void time_that_steps_back_alone_does_nothing(void **state) {
  (void)state;
  use_rule("'op': '>', 'warning': 5, 'function': 'delta', 'window': '1m'");
  PLAY(&gauge, {1000, 0, NULL}, {1010, 6, "r ok>warning"}, {20, 6, NULL},
       {30, 6, NULL}, {70, 6, NULL}, {85, 6, "r warning>ok"});
}

/* ---------------------------------------------------------------- counts */

static char counted[1000];

static void count(void *arg, const struct engine_counts *c) {
  size_t len = strlen(counted);

  assert_null(arg);
  snprintf(counted + len, sizeof(counted) - len, "%s/%s %zu %zu %zu %zu|",
           c->host, c->instance, c->firing[ALERT_CRITICAL],
           c->firing[ALERT_WARNING], c->firing[ALERT_INFO], c->pending);
}

static void counts_are(const char *const *expected) {
  size_t len = 0;

  counted[0] = '\0';
  engine_each_count(engine, count, NULL);
  for (; *expected != NULL; expected++) { /* in any order */
    len += strlen(*expected);
    if (strstr(counted, *expected) == NULL)
      assert_string_equal(counted, *expected);
  }
  assert_int_equal(strlen(counted), len);
}

#define COUNTS(...) counts_are((const char *const[]){__VA_ARGS__, NULL})

static void alerts_are_counted_by_hub_and_host(void **state) {
  const struct series other_hub = {"h", "mcp_hub", "q", "x", "", "value"};
  const struct series unwanted = {"u", "y", "", "t", "", "value"};
  const struct series again = {"h", "x", "", "gauge", "", "ds2"};

  (void)state;
  use_rule("'op': '>', 'info': 3, 'warning': 5, 'for': '10s', "
           "'clear_for': '10s'");
  put(&unwanted, 9, 0, 0);
  put(&other_hub, 9, 0, 0);
  COUNTS("h/q 0 0 0 0|");
  read_hub(0, 0, 5);
  COUNTS("h/q 0 0 0 0|", "h/p 1 1 0 0|");
  put(&gauge, 9, 0, 0);
  put(&again, 9, 0, 0);
  COUNTS("h/q 0 0 0 0|", "h/p 1 1 0 0|", "h/ 0 0 0 2|");
  put(&gauge, 4, 10, 10);
  COUNTS("h/q 0 0 0 0|", "h/p 1 1 0 0|", "h/ 0 0 1 1|");
  put(&again, 9, 10, 10);
  COUNTS("h/q 0 0 0 0|", "h/p 1 1 0 0|", "h/ 0 1 1 0|");
  put(&gauge, 0, 20, 20); /* clearing still counts */
  COUNTS("h/q 0 0 0 0|", "h/p 1 1 0 0|", "h/ 0 1 1 0|");
  put(&gauge, 0, 30, 30);
  COUNTS("h/q 0 0 0 0|", "h/p 1 1 0 0|", "h/ 0 1 0 0|");
  use_rules("{}", 40);
  COUNTS("h/q 0 0 0 0|", "h/p 1 1 0 0|");
  read_hub(50, 1, NAN);
  COUNTS("h/q 0 0 0 0|", "h/p 0 1 0 0|");
  for (int i = 6; i < 10; i++)
    read_hub(10 * i, 1, NAN);
  COUNTS("h/q 0 0 0 0|", "h/p 0 0 0 0|");
  engine_tick(engine, 10000);
  COUNTS("");
}

static void pending_alerts_that_end_otherwise_are_counted_off(void **state) {
  (void)state;
  use_rules("{}", 0);
  read_hub(0, 1, 4); /* down, for less than two minutes */
  COUNTS("h/p 0 0 0 1|");
  use_rules("{'rules': [{'name': 'server_down', 'for': '1m'}]}", 0);
  COUNTS("h/p 0 0 0 1|");
  for (int i = 1; i < 6; i++)
    read_hub(10 * i, 1, NAN);
  COUNTS("h/p 0 0 0 0|");
  expect("");
}

static char listed[400];

static void list(void *arg, const struct alert *alert) {
  size_t len = strlen(listed);

  assert_ptr_equal(arg, &listed);
  snprintf(listed + len, sizeof(listed) - len, "%s%s %s %s since %g is %g",
           len > 0 ? "; " : "", alert->rule_name, alert->series.ds,
           alert->level == ALERT_OK           ? "pending"
           : alert->status == STATUS_CLEARING ? "clearing"
                                              : alert_level_name(alert->level),
           alert->since, alert->value);
}

static void expect_alerts(const char *expected) {
  listed[0] = '\0';
  engine_each_alert(engine, list, &listed);
  assert_string_equal(listed, expected);
}

static void every_alert_is_listed_from_pending_to_clearing(void **state) {
  (void)state;
  use_rule("'op': '>', 'warning': 5, 'for': '20s', 'clear_for': '20s'");
  PLAY(&gauge, {0, 1, NULL});
  expect_alerts("");
  PLAY(&gauge, {10, 6, NULL}, {20, 7, NULL});
  expect_alerts("r value pending since 10 is 7");
  PLAY(&gauge, {30, 8, "r ok>warning"});
  expect_alerts("r value warning since 10 is 8");
  PLAY(&gauge, {40, 2, NULL}, {50, NAN, NULL});
  expect_alerts("r value clearing since 10 is 2");
  PLAY(&gauge, {60, 2, "r warning>ok"});
  expect_alerts("");
}

static void an_anomaly_tells_the_value_and_no_threshold(void **state) {
  double now = 0;

  (void)state;
  use_rule("'function': 'anomaly', 'severity': 'warning'");
  for (int i = 0; i < 2000; i++, now += 300)
    put(&gauge, 50 + i % 7, 1e9 + now, now);
  expect("");
  for (int i = 0; i < 3 && events[0] == '\0'; i++, now += 300)
    put(&gauge, 500, 1e9 + now, now);
  expect("r ok>warning");
  near(last.value, 500);
  assert_true(isnan(last.threshold));
}

static void a_hub_without_name_is_no_other_plugin(void **state) {
  const struct series nameless = {"h", "mcp_hub", "", "bool", "up", "value"};

  (void)state;
  use_rule("'op': '>', 'info': 3");
  put(&nameless, 1, 0, 0);
  put(&gauge, 9, 0, 0);
  COUNTS("h/ 0 0 0 0|", "h/ 0 0 1 0|");
}

/* ---------------------------------------------------------- the whole day */

static void say(double now, const char *type, const char *instance,
                double value) {
  const struct series s = {"hub-1", "mcp_hub", "prod", type, instance, "value"};

  put(&s, value, 1.7e9 + now, now);
}

static double between(double now, double from, double to, double inside,
                      double outside) {
  return now >= from && now < to ? inside : outside;
}

/* Minute by minute, what was said and when. */
static char diary[20000];

static void write_diary(double now) {
  size_t len = strlen(diary);

  if (*events != '\0')
    snprintf(diary + len, sizeof(diary) - len, "%02d:%02d:%02d %s\n",
             (int)now / 3600, (int)now / 60 % 60, (int)now % 60, events);
  events[0] = '\0';
}

static void one_read(double now) {
  const double h = 3600;

  if (now >= 9 * h && now < 9 * h + 65) { /* killed, back after a minute */
    say(now, "bool", "up", 0);
    return;
  }
  say(now, "bool", "up", 1);
  say(now, "percent", "servers_down", 0);
  say(now, "mcp_server_state", "github",
      between(now, 3 * h, 3 * h + 100, 4, 0)); /* less than two minutes */
  if (now < 20 * h)                            /* then taken off the list */
    say(now, "mcp_server_state", "files",
        now >= 18 * h ? 5 : between(now, 6 * h, 6 * h + 600, 4, 0));
  /* nothing was asked in the night */
  say(now, "percent", "llm_success",
      now < 8 * h ? NAN
                  : between(now, 12 * h + 600, 12 * h + 1200, 85,
                            between(now, 12 * h, 12 * h + 1800, 93, 99)));
  say(now, "latency", "llm_p95", between(now, 15 * h, 15 * h + 20, 2.5, 0.8));
  say(now, "queue_length", "llm", now < 8 * h ? 0 : 7);
  say(now, "mcp_breaker_state", "",
      between(now, 12 * h + 620, 12 * h + 680, 2, 0));
}

static void a_day_brings_exactly_its_alerts(void **state) {
  (void)state;
  diary[0] = '\0';
  use_rules("{ 'critical': { 'llm_success_rate': 0.90, "
            "'circuit_breaker_state': 'open' },\n"
            "  'warning':  { 'llm_success_rate': 0.95, 'p95_latency': 2000, "
            "'queue_depth': 50, 'cache_hit_rate': 0.80 } }",
            0);
  for (double now = 0; now < 86400; now += 10) {
    one_read(now);
    engine_tick(engine, now);
    write_diary(now);
  }
  assert_string_equal(diary, "06:02:00 server_down ok>warning\n"
                             "06:10:00 server_down warning>ok\n"
                             "09:00:00 hub_down ok>critical\n"
                             "09:01:10 hub_down critical>ok\n"
                             "12:00:00 llm_success_rate ok>warning\n"
                             "12:10:00 llm_success_rate warning>critical\n"
                             "12:10:20 circuit_breaker_state ok>critical\n"
                             "12:11:20 circuit_breaker_state critical>ok\n"
                             "12:20:00 llm_success_rate critical>warning\n"
                             "12:30:00 llm_success_rate warning>ok\n"
                             "15:00:00 p95_latency ok>warning\n"
                             "15:00:20 p95_latency warning>ok\n"
                             "18:00:00 server_dead ok>warning\n"
                             "20:00:20 server_dead warning>ok unlisted\n");
  COUNTS("hub-1/prod 0 0 0 0|");
}

/* ---------------------------------------------------------------- the rest */

/* Each of the expressions backtracks exponentially on this series. */
#define SLOW_RULES 2000
static void slow_expressions_do_not_match_and_share_a_budget(void **state) {
  static char text[SLOW_RULES * 100];
  static const struct series slow = {
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac", "x", "", "gauge", "", "value"};
  char line[300];
  size_t told = 0;

  (void)state;
  strcpy(text, "{\"rules\": [");
  for (size_t i = 0, len = strlen(text); i < SLOW_RULES; i++)
    len += (size_t)snprintf(text + len, sizeof(text) - len,
                            "{\"name\": \"r%zu\", \"metric\": "
                            "\"/^(a|a)*x/\", \"op\": \">\", \"info\": 1}%s",
                            i, i + 1 < SLOW_RULES ? "," : "]}");
  engine_set_rules(engine, ruleset_parse(text, strlen(text), line, 300), 0);
  assert_int_equal(put(&slow, 2, 0, 0), 0);
  expect("");
  while (ruleset_take_slow(engine_rules(engine), line, sizeof(line)))
    told++;
  assert_int_equal(told, SLOW_RULES);
  assert_string_equal(line, "rule \"r1999\": its regular expression takes too "
                            "long on aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac/x/"
                            "gauge; treated as no match");
  assert_int_equal(put(&gauge, 2, 1, 1), 0);
  assert_false(ruleset_take_slow(engine_rules(engine), line, sizeof(line)));
}

static void destroying_nothing_is_allowed(void **state) {
  (void)state;
  engine_destroy(NULL);
  engine_tick(engine, 0);
  engine_set_rules(engine, NULL, 0);
  assert_int_equal(put(&gauge, 1, 0, 0), 0);
}

/* A packet that was recorded is sent again. */
static void
sample_that_is_not_later_is_late_while_later_ones_come(void **state) {
  const struct sample at_100 = {SAMPLE_GAUGE, {.gauge = 1}, 100, 10};
  (void)state;
  use_rule("'op': '>', 'warning': 5");
  assert_false(engine_is_late(engine, &gauge, &at_100, 0));
  put(&gauge, 1, 100, 0);
  assert_true(engine_is_late(engine, &gauge, &at_100, 1));
  put(&gauge, 9, 110, 10);
  assert_true(engine_is_late(engine, &gauge, &at_100, 40));
  assert_false(engine_is_late(engine, &gauge, &at_100, 41)); /* clock set */
  put(&gauge, 1, 100, 41);
  const struct sample at_101 = {SAMPLE_GAUGE, {.gauge = 1}, 101, 10};
  assert_false(engine_is_late(engine, &gauge, &at_101, 42));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(sample_that_is_not_later_is_late_while_later_ones_come),
      TEST(a_breach_alarms_at_once_and_ends_at_once),
      TEST(the_event_tells_all),
      TEST(one_alert_changes_its_level),
      TEST(a_breach_must_hold_for_its_time),
      TEST(a_worse_value_holds_the_milder_level_too),
      TEST(both_levels_may_be_due_at_once),
      TEST(an_alert_ends_after_its_time),
      TEST(an_alert_that_clears_long_enough_ends_in_one_event),
      TEST(clear_keeps_an_alert_until_it_is_reached),
      TEST(clear_works_below_too),
      TEST(equality_alarms_on_exactly_that),
      TEST(nan_neither_ends_nor_begins_nor_resets),
      TEST(every_data_source_has_a_state_of_its_own),
      TEST(a_rule_may_be_about_one_data_source),
      TEST(a_breach_on_every_series_of_a_glob_is_an_alert_each),
      TEST(identifiers_of_any_length_are_kept_apart),
      TEST(gaps_say_nothing),
      TEST(time_that_steps_back_restarts_durations),
      TEST(time_that_steps_back_alone_does_nothing),
      TEST(alerts_are_counted_by_hub_and_host),
      TEST(pending_alerts_that_end_otherwise_are_counted_off),
      TEST(every_alert_is_listed_from_pending_to_clearing),
      TEST(an_anomaly_tells_the_value_and_no_threshold),
      TEST(a_hub_without_name_is_no_other_plugin),
      TEST(a_day_brings_exactly_its_alerts),
      TEST(slow_expressions_do_not_match_and_share_a_budget),
      TEST(destroying_nothing_is_allowed),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
