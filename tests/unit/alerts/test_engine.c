/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "alerts/engine.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------- the stage */

static struct engine *engine;
static char events[4000]; /* "rule ok>warning; …" since they were last read */
static struct alert last;

static void note(void *arg, const struct alert *event) {
  static const char *const reasons[] = {"", " unlisted", " rule-changed"};
  size_t len = strlen(events);

  assert_ptr_equal(arg, &engine);
  assert_int_not_equal(event->level, event->previous);
  last = *event;
  snprintf(events + len, sizeof(events) - len, "%s%s %s>%s%s",
           len > 0 ? "; " : "", event->rule_name,
           alert_level_name(event->previous), alert_level_name(event->level),
           reasons[event->reason]);
}

static int begin(void **state) {
  (void)state;
  events[0] = '\0';
  engine = engine_create(1000, note, &engine);
  return engine == NULL;
}

static int end(void **state) {
  (void)state;
  engine_destroy(engine);
  engine = NULL;
  return 0;
}

static void near(double a, double b) {
  if (!(fabs(a - b) <= 1e-9))
    fail_msg("%.17g is not %.17g", a, b);
}

static void expect(const char *expected) {
  char seen[sizeof(events)];

  strcpy(seen, events);
  events[0] = '\0';
  assert_string_equal(seen, expected);
}

/* JSON with ' for ". */
static void use_rules(const char *text, double now) {
  char json[4000];
  char err[700] = "";
  struct ruleset *set = NULL;

  snprintf(json, sizeof(json), "%s", text);
  for (char *c = json; *c != '\0'; c++)
    if (*c == '\'')
      *c = '"';
  set = ruleset_parse(json, strlen(json), err, sizeof(err));
  assert_string_equal(err, "");
  engine_set_rules(engine, set, now);
}

/* One rule "r" on host/x/gauge, the built-in ones beside it. */
static void use_rule(const char *keys) {
  char text[1000];

  snprintf(text, sizeof(text),
           "{'rules': [{'name': 'r', 'metric': '*/x/gauge', %s}]}", keys);
  use_rules(text, 0);
}

static const struct series gauge = {"h", "x", "", "gauge", "", "value"};

static int put(const struct series *s, double value, double time, double now) {
  const struct sample sample = {SAMPLE_GAUGE, {.gauge = value}, time, 10};

  return engine_sample(engine, s, &sample, now);
}

struct step {
  double now;
  double value;
  const char *expected; /* NULL: nothing */
};

static void play(const struct series *s, const struct step *steps, size_t num) {
  for (size_t i = 0; i < num; i++) {
    char seen[sizeof(events)];
    assert_int_equal(put(s, steps[i].value, 1e9 + steps[i].now, steps[i].now),
                     0);
    strcpy(seen, events);
    events[0] = '\0';
    if (strcmp(seen, steps[i].expected != NULL ? steps[i].expected : "") != 0)
      fail_msg("step %zu: \"%s\" instead of \"%s\"", i, seen,
               steps[i].expected != NULL ? steps[i].expected : "");
  }
}

#define PLAY(series, ...)                                                      \
  do {                                                                         \
    const struct step steps[] = {__VA_ARGS__};                                 \
    play(series, steps, sizeof(steps) / sizeof(*steps));                       \
  } while (0)

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

/* ------------------------------ what collectd's threshold plugin does wrong */

static void
the_breach_that_completes_the_time_alarms_not_one_later(void **state) {
  (void)state;
  use_rule("'op': '>', 'warning': 5, 'for': '20s'"); /* Hits 3 every 10 s */
  PLAY(&gauge, {0, 9, NULL}, {10, 9, NULL}, {20, 9, "r ok>warning"});
}

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

static void below_one_bound_recovers(void **state) {
  (void)state;
  use_rule("'op': '<', 'critical': 5"); /* Invert with one bound */
  PLAY(&gauge, {0, 4, "r ok>critical"}, {10, 6, "r critical>ok"});
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

static void a_healthy_start_is_silent(void **state) {
  (void)state;
  use_rule("'op': '>', 'warning': 5, 'clear': 2");
  for (int i = 0; i < 100; i++) {
    char host[20];
    struct series s = gauge;
    snprintf(host, sizeof(host), "h%d", i);
    s.host = host;
    PLAY(&s, {0, 1, NULL}, {10, 4, NULL}, {20, 5, NULL});
  }
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

/* ------------------------------------------------------ nothing comes */

static void tick(double now, const char *expected) {
  engine_tick(engine, now);
  expect(expected);
}

#define ABSENT                                                                 \
  "{'rules': [{'name': 'r', 'metric': 'h/x/gauge', 'function': 'absent', "     \
  "'op': '>=', 'warning': 60, 'critical': 600}]}"

static void an_expected_series_that_never_came_is_absent(void **state) {
  (void)state;
  use_rules(ABSENT, 1000);
  tick(1059, "");
  tick(1060, "r ok>warning");
  assert_string_equal(last.series.host, "h");
  assert_string_equal(last.series.plugin, "x");
  assert_string_equal(last.series.type, "gauge");
  assert_string_equal(last.series.ds, "value");
  near(last.value, 60);
  near(last.threshold, 60);
  near(last.since, 1060);
  tick(1599, "");
  tick(1600, "r warning>critical");
  tick(90000, ""); /* is not forgotten */
  PLAY(&gauge, {90010, 1, "r critical>ok"});
}

static void what_comes_and_goes_is_absent_each_time(void **state) {
  (void)state;
  use_rules(ABSENT, 0);
  PLAY(&gauge, {50, 1, NULL});
  tick(100, "");
  PLAY(&gauge, {105, NAN, NULL}); /* no value */
  tick(110, "r ok>warning");
  PLAY(&gauge, {120, 2, "r warning>ok"}, {130, 3, NULL});
  tick(189, "");
  tick(190, "r ok>warning");
  PLAY(&gauge, {200, NAN, NULL}, {210, 0, "r warning>ok"});
}

static void nobody_is_silent_while_we_stand_still(void **state) {
  (void)state;
  use_rules(ABSENT, 0);
  PLAY(&gauge, {50, 1, NULL});
  tick(100, "");
  engine_skip_gap(engine, 1000, 1100);
  tick(1109, "");
  engine_skip_gap(engine, 5000, 6109);
  tick(6109, "");
  tick(6110, "r ok>warning");
}

static void no_absence_lasts_longer_while_we_stand_still(void **state) {
  (void)state;
  use_rules("{'rules': [{'name': 'r', 'metric': 'h/x/gauge', 'function': "
            "'absent', 'op': '>=', 'warning': 60, 'for': '5m', 'clear_for': "
            "'20s'}]}",
            0);
  tick(60, ""); /* pending */
  tick(70, "");
  engine_skip_gap(engine, 3600, 3670);
  tick(3670, "");
  tick(3959, "");
  tick(3960, "r ok>warning");
  near(last.since, 3660);
  PLAY(&gauge, {3970, 1, NULL});
  engine_skip_gap(engine, 3600, 7575);
  PLAY(&gauge, {7589, 1, NULL}, {7590, 1, "r warning>ok"});
}

/* A breach is confirmed by the value that comes after it: nothing is shifted.
 */
static void a_breach_lasts_while_we_stand_still(void **state) {
  (void)state;
  use_rule("'op': '>', 'warning': 5, 'for': '5m'");
  PLAY(&gauge, {0, 6, NULL});
  engine_skip_gap(engine, 3600, 3610);
  PLAY(&gauge, {3610, 6, "r ok>warning"});
  near(last.since, 0);
}

static void no_data_is_not_missed_while_we_stand_still(void **state) {
  (void)state;
  use_rules("{'rules': [{'name': 'q', 'metric': 'h/x/gauge', 'op': '>', "
            "'warning': 9, 'no_data': 'critical', 'no_data_for': '30s'}]}",
            7000);
  PLAY(&gauge, {7000, 1, NULL});
  engine_skip_gap(engine, 10000, 17000); /* more than there was */
  tick(17029, "");
  tick(17030, "q ok>critical");
}

static void an_absence_may_have_to_last_and_its_end_too(void **state) {
  (void)state;
  use_rules("{'rules': [{'name': 'r', 'metric': 'h/x/gauge', 'function': "
            "'absent', 'op': '>', 'warning': 60, 'for': '30s', 'clear_for': "
            "'20s'}]}",
            0);
  tick(61, "");
  tick(90, "");
  tick(91, "r ok>warning");
  PLAY(&gauge, {100, 1, NULL}, {110, 1, NULL}, {120, 1, "r warning>ok"});
}

static void an_absence_outlasts_time_that_steps_back(void **state) {
  (void)state;
  use_rules(ABSENT, 1000);
  tick(1060, "r ok>warning");
  tick(1030, "");
  tick(500, "");
  tick(510, "");
  tick(1110, "r warning>critical");
  PLAY(&gauge, {1120, 1, "r critical>ok"});
  tick(1000, ""); /* and is found after it */
  tick(1059, "");
  tick(1060, "r ok>warning");
}

static void an_absent_server_is_not_forgotten_with_its_list(void **state) {
  const struct series up = {"h", "mcp_hub", "a", "bool", "up", "value"};
  const struct series server = {"h",  "mcp_hub", "a", "mcp_server_state",
                                "s1", "value"};

  (void)state;
  use_rules("{'rules': [{'name': 'r', 'metric': "
            "'h/mcp_hub-a/mcp_server_state-s1', 'function': 'absent', 'op': "
            "'>=', 'critical': 60}]}",
            0);
  PLAY(&up, {0, 1, NULL});
  PLAY(&server, {0, 0, NULL});
  for (double now = 10; now < 60; now += 10)
    PLAY(&up, {now, 1, NULL});
  tick(60, "r ok>critical");
  PLAY(&up, {70, 1, NULL}, {80, 1, NULL});
  PLAY(&server, {80, 0, "r critical>ok"});
}

static void an_absence_goes_with_its_rule(void **state) {
  (void)state;
  use_rules(ABSENT, 0);
  tick(60, "r ok>warning");
  use_rules("{}", 70);
  expect("r warning>ok rule-changed");
  tick(80, "");
}

static void without_data_an_alert_is_held(void **state) {
  (void)state;
  use_rule("'op': '>', 'warning': 5");
  PLAY(&gauge, {0, 9, "r ok>warning"});
  tick(86400, "");
}

static void no_data_may_mean_ok(void **state) {
  (void)state;
  use_rule("'op': '>', 'warning': 5, 'clear_for': '1h', 'no_data': 'ok'");
  PLAY(&gauge, {0, 9, "r ok>warning"});
  tick(29, "");
  PLAY(&gauge, {20, NAN, NULL});
  tick(30, "r warning>ok"); /* three intervals of the sender */
  PLAY(&gauge, {40, 9, "r ok>warning"});
}

static void no_data_may_be_an_alert(void **state) {
  (void)state;
  use_rule("'op': '>', 'warning': 5, 'for': '1h', 'no_data': 'critical', "
           "'no_data_for': '2m'");
  PLAY(&gauge, {0, 3, NULL});
  tick(119, "");
  tick(120, "r ok>critical");
  near(last.since, 120);
  near(last.value, 3);
  PLAY(&gauge, {130, 3, "r critical>ok"});
  tick(100, ""); /* time stepped back */
  tick(219, "");
  tick(220, "r ok>critical");
}

static void
the_interval_of_a_sender_that_never_came_is_waited_for(void **state) {
  (void)state;
  use_rules("{'rules': [{'name': 'r', 'metric': 'h/x/gauge', 'op': '>', "
            "'warning': 5, 'no_data': 'critical'}, {'name': 'a', 'metric': "
            "'h/x/gauge', 'function': 'absent', 'op': '>', 'warning': 60}]}",
            0);
  tick(10, "");
  tick(61, "a ok>warning");
  PLAY(&gauge, {70, 1, "a warning>ok"});
  tick(100, "r ok>critical");
}

/* ----------------------------------------------------------------- rates */

static int derive(const struct series *s, int64_t value, double time) {
  const struct sample sample = {SAMPLE_DERIVE, {.derive = value}, time, 10};

  return engine_sample(engine, s, &sample, time);
}

static int counter(const struct series *s, uint64_t value, double time) {
  const struct sample sample = {SAMPLE_COUNTER, {.counter = value}, time, 10};

  return engine_sample(engine, s, &sample, time);
}

static void a_derive_is_judged_by_its_rate(void **state) {
  (void)state;
  use_rule("'op': '>', 'warning': 5");
  derive(&gauge, 1000000, 0);
  expect("");
  derive(&gauge, 1000051, 10);
  expect("r ok>warning");
  near(last.value, 5.1);
  derive(&gauge, 1000101, 20);
  expect("r warning>ok");
  derive(&gauge, 1000200, 40); /* 20 s */
  expect("");
}

static void a_derive_that_falls_says_nothing(void **state) {
  (void)state;
  use_rule("'op': '>', 'warning': 5");
  derive(&gauge, 0, 0);
  derive(&gauge, 100, 10);
  expect("r ok>warning");
  derive(&gauge, 0, 20); /* restarted */
  expect("");
  derive(&gauge, 60, 30);
  expect("");
  derive(&gauge, 60, 40);
  expect("r warning>ok");
  derive(&gauge, INT64_MAX, 50);
  expect("r ok>warning");
  derive(&gauge, INT64_MIN, 60);
  derive(&gauge, INT64_MAX, 70); /* more than fits */
  expect("");
}

static void a_counter_wraps_at_32_and_64_bits(void **state) {
  (void)state;
  use_rule("'op': '>', 'warning': 5");
  counter(&gauge, UINT32_MAX - 9, 0);
  counter(&gauge, 50, 10); /* 60 */
  expect("r ok>warning");
  near(last.value, 6);
  counter(&gauge, 50, 20);
  expect("r warning>ok");
  counter(&gauge, UINT64_MAX - 9, 30);
  expect("r ok>warning");
  counter(&gauge, 0, 40);
  expect("r warning>ok");
  near(last.value, 1);
}

static void counters_of_64_bits_count_beyond_32(void **state) {
  (void)state;
  use_rule("'op': '>', 'warning': 5");
  counter(&gauge, 1, 0);
  counter(&gauge, (UINT64_C(1) << 33) + 1, 8);
  near(last.value, 1 << 30);
  counter(&gauge, UINT64_MAX - (UINT64_C(1) << 40), 16);
  counter(&gauge, UINT64_MAX - (UINT64_C(1) << 40), 24);
  expect("r ok>warning; r warning>ok");
  counter(&gauge, (UINT64_C(1) << 40) - 1, 32); /* wrapped */
  expect("r ok>warning");
  near(last.value, UINT64_C(1) << 38);
}

static void a_counter_that_restarts_is_no_wrap(void **state) {
  (void)state;
  use_rule("'op': '>', 'warning': 5");
  counter(&gauge, 1000000, 0);
  counter(&gauge, 5, 10); /* not 4293967301 */
  expect("");
  counter(&gauge, 1000000000000, 20);
  expect("r ok>warning");
  counter(&gauge, 7, 30); /* not 1.8e19 */
  expect("");
  counter(&gauge, 8, 40);
  expect("r warning>ok");
}

static void absolute_is_per_interval(void **state) {
  struct sample s = {SAMPLE_ABSOLUTE, {.counter = 51}, 0, 10};

  (void)state;
  use_rule("'op': '>', 'warning': 5");
  engine_sample(engine, &gauge, &s, 0);
  expect("r ok>warning");
  near(last.value, 5.1);
  s.interval = 0;
  s.time = 10;
  engine_sample(engine, &gauge, &s, 10);
  expect("");
  s.interval = 100;
  s.time = 20;
  engine_sample(engine, &gauge, &s, 20);
  expect("r warning>ok");
}

static void samples_out_of_order_say_nothing_about_rates(void **state) {
  (void)state;
  use_rule("'op': '>', 'warning': 5");
  derive(&gauge, 0, 0);
  derive(&gauge, 20, 20);
  derive(&gauge, 10, 10);
  derive(&gauge, 20, 20);
  expect("");
  derive(&gauge, 30, 30);
  expect("");
  derive(&gauge, 1000, 30); /* same stamp */
  expect("");
  derive(&gauge, 100, 40);
  expect("r ok>warning");
  near(last.value, 7);
}

static void a_senders_clock_that_steps_back_is_followed(void **state) {
  (void)state;
  use_rule("'op': '>', 'warning': 5");
  derive(&gauge, 0, 10000);
  for (int i = 1; i <= 3; i++)
    derive(&gauge, 100 * i, 1000 + 10 * i);
  expect(""); /* the third is believed */
  derive(&gauge, 400, 1040);
  expect("r ok>warning");
  near(last.value, 10);
}

static void out_of_order_gauges_are_values_all_the_same(void **state) {
  (void)state;
  use_rule("'op': '>', 'warning': 5");
  put(&gauge, 1, 1000, 0);
  put(&gauge, 6, 900, 10);
  expect("r ok>warning");
}

static void a_series_that_changes_its_kind_begins_anew(void **state) {
  (void)state;
  use_rule("'op': '>', 'warning': 5");
  put(&gauge, 3, -10, -10);
  counter(&gauge, 3, 0);
  derive(&gauge, 1000, 10);
  expect("");
  derive(&gauge, 1100, 20);
  expect("r ok>warning");
  put(&gauge, 1, 30, 30);
  expect("r warning>ok");
}

/* ----------------------------------------------------------------- delta */

static void delta_counts_what_came_within_the_window(void **state) {
  (void)state;
  use_rules("{'warning': {'connection_flaps': 3}}", 0);
  struct series s = {"h",          "mcp_hub", "p", "total_events",
                     "disconnect", "value"};
  derive(&s, 0, 0);
  derive(&s, 2, 10);
  derive(&s, 3, 300);
  expect("");
  derive(&s, 4, 590);
  expect("connection_flaps ok>warning");
  near(last.value, 4);
  derive(&s, 4, 605);
  expect("");
  derive(&s, 4, 630); /* the first two are out of it */
  expect("connection_flaps warning>ok");
  near(last.value, 2);
}

static void delta_of_a_restarted_counter_counts_from_zero(void **state) {
  (void)state;
  use_rule("'op': '>', 'warning': 50, 'function': 'delta', 'window': '1m'");
  derive(&gauge, 1000, 0);
  derive(&gauge, 1040, 10);
  derive(&gauge, 5, 20);
  expect("");
  derive(&gauge, 11, 30); /* 40 + 5 + 6 */
  expect("r ok>warning");
  near(last.value, 51);
}

static void delta_knows_counters_wraps_and_absolutes(void **state) {
  struct series abs = {"h2", "x", "", "gauge", "", "value"};
  struct sample s = {SAMPLE_ABSOLUTE, {.counter = 30}, 0, 10};

  (void)state;
  use_rule("'op': '>', 'warning': 50, 'function': 'delta', 'window': '1m'");
  counter(&gauge, UINT32_MAX - 9, 0);
  counter(&gauge, 50, 10);
  expect("r ok>warning");
  near(last.value, 60);
  counter(&gauge, 49, 20); /* reset: 49 more */
  counter(&gauge, 49, 65);
  expect("");
  counter(&gauge, 49, 75);
  expect("r warning>ok");
  engine_sample(engine, &abs, &s, 5000); /* whole, not the share of a gap */
  s.time = 10;
  engine_sample(engine, &abs, &s, 5010);
  expect("r ok>warning");
  near(last.value, 60);
}

static void a_truncated_log_has_not_shrunk(void **state) {
  const struct series s = {"h", "mcp_hub", "p", "file_size", "log", "value"};
  const double mib = 1048576;

  (void)state;
  use_rules("{'warning': {'log_growth_mb_per_hour': 100}}", 0);
  PLAY(&s, {0, 500 * mib, NULL}, {600, 560 * mib, NULL}, {1200, 0, NULL},
       {1800, 40 * mib, NULL},
       {2400, 41 * mib, "log_growth_mb_per_hour ok>warning"});
  near(last.value / mib, 101);
}

static void delta_of_a_gauge_is_its_net_change(void **state) {
  (void)state;
  use_rule("'op': '>', 'warning': 10, 'function': 'delta', 'window': '1h'");
  for (int i = 0; i < 300; i++) /* a noisy gauge has not grown */
    PLAY(&gauge, {i * 10.0, i % 2 > 0 ? 100 : 91, NULL});
  PLAY(&gauge, {3000, 102, "r ok>warning"}, {3010, NAN, NULL},
       {3020, INFINITY, NULL}, {3030, 100, "r warning>ok"});
}

static void delta_after_a_gap_counts_its_share(void **state) {
  (void)state;
  use_rule("'op': '>', 'warning': 50, 'function': 'delta', 'window': '1m'");
  derive(&gauge, 0, 0);
  derive(&gauge, 500, 600); /* 50 a minute */
  expect("");
  derive(&gauge, 502, 610);
  expect("r ok>warning");
}

static void delta_below_waits_for_a_whole_window(void **state) {
  (void)state;
  use_rule("'op': '<', 'warning': 5, 'function': 'delta', 'window': '1m'");
  for (int i = 0; i < 6; i++)
    derive(&gauge, 100, 10 * i);
  expect("");
  derive(&gauge, 100, 60);
  expect("r ok>warning");
  derive(&gauge, 110, 70);
  expect("r warning>ok");
}

/* ------------------------------------------------- servers that are gone */

static const struct series up = {"h", "mcp_hub", "p", "bool", "up", "value"};
static const struct series server = {
    "h", "mcp_hub", "p", "mcp_server_state", "github", "value"};

static void read_hub(double now, double is_up, double state) {
  put(&up, is_up, 1e9 + now, now);
  if (!isnan(state))
    put(&server, state, 1e9 + now, now);
}

static void a_server_gone_from_the_list_is_forgotten(void **state) {
  (void)state;
  use_rules("{}", 0);
  read_hub(0, 1, 5);
  expect("server_dead ok>warning");
  read_hub(10, 1, 5);
  read_hub(20, 1, NAN); /* no longer there */
  read_hub(30, 1, NAN);
  expect("");
  read_hub(40, 1, NAN);
  expect("server_dead warning>ok unlisted");
  near(last.since, 0);
  near(last.time, 40);
  near(last.value, 5);
  assert_int_equal(engine_series_count(engine), 1);
  read_hub(50, 1, 5); /* and may come back */
  expect("server_dead ok>warning");
}

static void a_server_that_is_gone_takes_all_its_values_along(void **state) {
  const struct series rss = {"h", "mcp_hub", "p", "ps_rss", "github", "value"};
  const struct series other = {"h", "mcp_hub", "p", "ps_rss", "git", "value"};
  const struct series alive = {"h", "mcp_hub", "p", "uptime", "github", "v"};
  const struct series hub2 = {"h", "mcp_hub", "q", "ps_rss", "github", "value"};

  (void)state;
  use_rules("{'rules': [{'name': 'r', 'metric': '*/mcp_hub-*/*', 'op': '>', "
            "'info': 10}]}",
            0);
  read_hub(0, 1, 0);
  put(&rss, 20, 1e9, 0);
  put(&other, 20, 1e9, 0);
  put(&alive, 20, 1e9, 0);
  put(&hub2, 20, 1e9, 0);
  expect("r ok>info; r ok>info; r ok>info; r ok>info");
  for (int i = 1; i < 5; i++) {
    read_hub(10 * i, 1, NAN);
    put(&alive, 20, 1e9 + 10 * i, 10 * i);
  }
  expect("r info>ok unlisted");
  assert_int_equal(engine_series_count(engine), 4);
}

static void nothing_is_forgotten_while_the_hub_is_down(void **state) {
  (void)state;
  use_rules("{}", 0);
  read_hub(0, 1, 5);
  expect("server_dead ok>warning");
  for (int i = 1; i < 50; i++)
    read_hub(10 * i, 0, NAN);
  expect("hub_down ok>critical");
  read_hub(500, 1, NAN); /* the list may come a read later */
  expect("hub_down critical>ok");
  read_hub(510, 1, 5);
  read_hub(520, 1, 5);
  read_hub(530, 1, 5);
  expect("");
}

static void the_values_of_a_read_may_come_in_any_order(void **state) {
  (void)state;
  use_rules("{}", 0);
  for (int i = 0; i < 100; i++) {
    double t = 10 * i;
    if (i % 3 > 0)
      put(&up, 1, 1e9 + t, t);
    put(&server, 5, 1e9 + t, t + 1);
    if (i % 3 == 0)
      put(&up, 1, 1e9 + t, t + 2);
  }
  expect("server_dead ok>warning");
}

static void values_without_a_figure_are_listed_all_the_same(void **state) {
  (void)state;
  use_rules("{}", 0);
  read_hub(0, 1, 5);
  expect("server_dead ok>warning");
  for (int i = 1; i < 10; i++) {
    put(&server, NAN, 1e9 + 10 * i, 10 * i);
    read_hub(10 * i, 1, NAN);
  }
  expect("");
}

static void a_read_that_is_told_twice_counts_once(void **state) {
  (void)state;
  use_rules("{}", 0);
  read_hub(0, 1, 5);
  for (int i = 0; i < 10; i++)
    put(&up, 1, 1e9 + 10, 10);
  expect("server_dead ok>warning");
  put(&up, 1, NAN, 10);
  put(&up, NAN, 1e9 + 20, 20);
  expect("");
}

static void a_hubs_clock_that_steps_back_forgets_nobody(void **state) {
  (void)state;
  use_rules("{}", 0);
  for (int i = 0; i < 5; i++)
    read_hub(1000 + 10 * i, 1, 5);
  expect("server_dead ok>warning");
  for (int i = 0; i < 5; i++) { /* sender's stamps only */
    put(&up, 1, 10 * i, 1050 + 10 * i);
    put(&server, 5, 10 * i, 1050 + 10 * i);
  }
  expect("");
  for (int i = 5; i < 8; i++)
    put(&up, 1, 10 * i, 1050 + 10 * i);
  expect("server_dead warning>ok unlisted");
}

static void a_server_that_goes_when_the_clock_steps_back_is_gone(void **state) {
  (void)state;
  use_rules("{}", 0);
  for (int i = 0; i < 5; i++)
    read_hub(1000 + 10 * i, 1, 5);
  expect("server_dead ok>warning");
  for (int i = 0; i < 3; i++)
    put(&up, 1, 10 * i, 1050 + 10 * i);
  expect("");
  put(&up, 1, 30, 1080);
  expect("server_dead warning>ok unlisted");
}

static void many_servers_may_go_at_once(void **state) {
  char name[20];
  struct series s = server;

  (void)state;
  use_rules("{}", 0);
  s.type_instance = name;
  put(&up, 1, 1, 1);
  for (int i = 0; i < 500; i++) {
    snprintf(name, sizeof(name), "s%d", i);
    put(&s, i % 5, 1, 1); /* none is dead, some pending */
  }
  assert_int_equal(engine_series_count(engine), 501);
  for (int i = 2; i < 5; i++)
    put(&up, 1, i, i);
  assert_int_equal(engine_series_count(engine), 1);
  expect("");
}

static void forgetting_works_without_the_rule_on_the_hub(void **state) {
  (void)state;
  use_rules("{'rules': [{'name': 'hub_down', 'enabled': false}]}", 0);
  read_hub(0, 1, 5);
  read_hub(10, 1, NAN);
  read_hub(20, 1, NAN);
  read_hub(30, 1, NAN);
  expect("server_dead ok>warning; server_dead warning>ok unlisted");
}

static void other_plugins_know_no_list(void **state) {
  const struct series fake = {"h", "x", "p", "mcp_server_state", "s", "value"};
  const struct series fake_up = {"h", "x", "p", "bool", "up", "value"};

  (void)state;
  use_rules("{'rules': [{'name': 'r', 'metric': '*/*/mcp_server_state-*', "
            "'op': '>', 'info': 0}]}",
            0);
  put(&fake, 1, 0, 0);
  for (int i = 0; i < 10; i++)
    put(&fake_up, 1, i, i);
  expect("r ok>info");
}

/* ---------------------------------------------------------------- reload */

static void unchanged_rules_go_on_silently(void **state) {
  static const char rules[] =
      "{'rules': [{'name': 'r', 'metric': '*/x/gauge', 'op': '>',"
      "'warning': 5, 'for': '20s'}]}";

  (void)state;
  use_rules(rules, 0);
  PLAY(&gauge, {0, 6, NULL});
  use_rules(rules, 5);
  PLAY(&gauge, {20, 6, "r ok>warning"});
  use_rules(rules, 25);
  expect("");
  PLAY(&gauge, {30, 6, NULL}, {40, 1, "r warning>ok"});
  near(last.since, 0);
}

static void a_changed_threshold_is_judged_at_the_next_sample(void **state) {
  (void)state;
  use_rule("'op': '>', 'warning': 5");
  PLAY(&gauge, {0, 6, "r ok>warning"});
  use_rule("'op': '>', 'warning': 5, 'critical': 5.5");
  expect("");
  PLAY(&gauge, {10, 6, "r warning>critical"});
  use_rule("'op': '>', 'warning': 7");
  expect("");
  PLAY(&gauge, {20, 6, "r critical>ok"});
  near(last.since, 0);
  near(last.threshold, 7);
}

static void a_level_without_threshold_any_more_goes(void **state) {
  (void)state;
  use_rule("'op': '>', 'warning': 5, 'critical': 8");
  PLAY(&gauge, {0, 9, "r ok>critical"});
  use_rule("'op': '>', 'warning': 5, 'clear_for': '10s'");
  PLAY(&gauge, {10, 9, NULL}, {20, 9, "r critical>warning"});
  near(last.threshold, 5);
  use_rule("'op': '>', 'info': 5");
  engine_set_rules(engine, NULL, 30);
  expect("r warning>ok rule-changed");
  near(last.threshold, 5);
}

static void alerts_of_rules_that_are_gone_end(void **state) {
  (void)state;
  use_rule("'op': '>', 'warning': 5");
  PLAY(&gauge, {0, 6, "r ok>warning"});
  use_rules("{}", 10);
  expect("r warning>ok rule-changed");
  near(last.since, 0);
  near(last.time, 10);
  assert_int_equal(engine_series_count(engine), 0);
  PLAY(&gauge, {20, 6, NULL});
  use_rule("'op': '>', 'warning': 5");
  PLAY(&gauge, {30, 6, "r ok>warning"});
  engine_set_rules(engine, NULL, 40);
  expect("r warning>ok rule-changed");
  PLAY(&gauge, {50, 6, NULL});
}

static void a_rule_of_another_series_or_source_is_another_rule(void **state) {
  (void)state;
  use_rule("'op': '>', 'warning': 5");
  PLAY(&gauge, {0, 6, "r ok>warning"});
  use_rules("{'rules': [{'name': 'r', 'metric': 'h/x/*', 'op': '>', "
            "'warning': 5}]}",
            10);
  expect("r warning>ok rule-changed");
  PLAY(&gauge, {20, 6, "r ok>warning"});
  use_rules("{'rules': [{'name': 'r', 'metric': 'h/x/*', 'op': '>', "
            "'warning': 5, 'ds': 'value'}]}",
            30);
  expect("r warning>ok rule-changed");
  PLAY(&gauge, {40, 6, "r ok>warning"});
  use_rules("{'rules': [{'name': 'r', 'metric': 'h/x/*', 'op': '>', "
            "'warning': 6, 'ds': 'value'}]}",
            50);
  expect("");
  use_rules("{'rules': [{'name': 'r', 'metric': 'h/x/*', 'op': '>', "
            "'warning': 6, 'ds': 'other'}]}",
            60);
  expect("r warning>ok rule-changed");
}

static void windows_go_on_where_they_are_the_same(void **state) {
  (void)state;
  use_rule("'op': '>', 'warning': 50, 'function': 'delta', 'window': '1m'");
  derive(&gauge, 0, 0);
  derive(&gauge, 40, 10);
  use_rule("'op': '>', 'warning': 45, 'function': 'delta', 'window': '1m'");
  derive(&gauge, 46, 20);
  expect("r ok>warning");
  use_rule("'op': '>', 'warning': 45, 'function': 'delta', 'window': '2m'");
  derive(&gauge, 47, 30); /* begins anew */
  expect("r warning>ok");
  near(last.value, 1);
  use_rule("'op': '>', 'warning': 0.5");
  derive(&gauge, 67, 40);
  expect("r ok>warning");
  near(last.value, 2);
  use_rule("'op': '>', 'warning': 0.5, 'function': 'delta', 'window': '1m'");
  derive(&gauge, 67, 50);
  expect("r warning>ok");
}

static void
a_window_goes_on_only_under_the_same_function_and_width(void **state) {
  static const struct {
    const char *changed;
    const char *then; /* at the next sample */
  } cases[] = {
      {"'function': 'max', 'window': '1m', 'op': '>', 'warning': 6",
       "r ok>warning"},
      {"'function': 'max', 'window': '2m', 'op': '>', 'warning': 6", ""},
      {"'function': 'delta', 'window': '1m', 'op': '>', 'warning': 6", ""},
      {"'op': '>', 'warning': 6", ""},
  };

  (void)state;
  for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
    end(state);
    assert_int_equal(begin(state), 0);
    use_rule("'function': 'max', 'window': '1m', 'op': '>', 'warning': 8");
    PLAY(&gauge, {0, 7, NULL});
    use_rule(cases[i].changed);
    assert_int_equal(put(&gauge, 1, 1e9 + 10, 10), 0);
    expect(cases[i].then);
  }
}

static void reloading_among_many_rules_keeps_each_to_its_own(void **state) {
  char text[4000];

  (void)state;
  for (int round = 0; round < 4; round++) {
    size_t len = (size_t)snprintf(text, sizeof(text), "{'rules': [");
    for (int i = 0; i < 30; i++) /* every third is left out, order turns */
      if (i % 3 != round % 3)
        len += (size_t)snprintf(
            text + len, sizeof(text) - len,
            "{'name': 'r%d', 'metric': '*/x/gauge', 'op': '>', 'info': %d},",
            round % 2 > 0 ? i : 29 - i, round % 2 > 0 ? i : 29 - i);
    snprintf(text + len - 1, sizeof(text) - len + 1, "]}");
    use_rules(text, 10 * round);
    events[0] = '\0';
    put(&gauge, 100, 10 * round, 10 * round);
    events[0] = '\0';
    put(&gauge, 100, 10 * round + 5, 10 * round + 5);
    expect("");
    use_rules(text, 10 * round + 6);
    expect("");
  }
}

/* --------------------------------------------------------- limits, memory */

static void past_the_limit_series_are_refused_and_counted(void **state) {
  char host[20];
  struct series s = gauge;

  (void)state;
  use_rule("'op': '>', 'warning': 5");
  s.host = host;
  for (int i = 0; i < 1000; i++) {
    snprintf(host, sizeof(host), "%d", i);
    assert_int_equal(put(&s, 1, 0, 0), 0);
  }
  assert_int_equal(engine_series_count(engine), 1000);
  s.host = "late";
  assert_int_equal(put(&s, 9, 0, 0), -1);
  assert_int_equal(put(&s, 9, 10, 10), -1);
  expect("");
  assert_int_equal(engine_series_refused(engine), 2);
  s.host = "500"; /* the others live on */
  assert_int_equal(put(&s, 9, 10, 10), 0);
  expect("r ok>warning");
  s.type = "unwanted"; /* what nobody wants is not refused */
  assert_int_equal(put(&s, 9, 10, 10), 0);
  assert_int_equal(engine_series_count(engine), 1000);
  assert_int_equal(engine_series_refused(engine), 2);
}

static void what_nobody_wants_takes_no_place(void **state) {
  char host[20];
  struct series s = gauge;

  (void)state;
  use_rule("'op': '>', 'warning': 5");
  s.host = host;
  s.type = "unwanted";
  for (int i = 0; i < 3000; i++) {
    snprintf(host, sizeof(host), "%d", i);
    assert_int_equal(put(&s, 9, 0, 0), 0);
  }
  assert_int_equal(engine_series_count(engine), 0);
  assert_int_equal(engine_series_refused(engine), 0);
  PLAY(&gauge, {0, 6, "r ok>warning"});
}

static void new_rules_may_want_more_than_there_is_room_for(void **state) {
  char host[20];
  struct series s = gauge;

  (void)state;
  use_rules("{'rules': [{'name': 'r', 'metric': '*/x/gauge', 'op': '>', "
            "'warning': 5}]}",
            0);
  s.host = host;
  for (int i = 0; i < 800; i++) {
    snprintf(host, sizeof(host), "%d", i);
    s.type = "gauge";
    put(&s, 1, 0, 0);
    s.type = "other";
    put(&s, 1, 0, 0);
  }
  use_rules("{'rules': [{'name': 'r', 'metric': '*/x/*', 'op': '>', "
            "'warning': 5}]}",
            0);
  assert_int_equal(engine_series_count(engine), 1000);
  assert_int_equal(engine_series_refused(engine), 600);
  expect("");
  for (int i = 0; i < 800; i++) { /* refused again, not overlooked */
    snprintf(host, sizeof(host), "%d", i);
    s.type = "gauge";
    put(&s, 1, 10, 10);
    s.type = "other";
    put(&s, 1, 10, 10);
  }
  assert_int_equal(engine_series_count(engine), 1000);
  assert_int_equal(engine_series_refused(engine), 1200);
}

static void silent_series_are_forgotten_after_an_hour(void **state) {
  const struct series unwanted = {"h", "y", "", "t", "", "value"};
  const struct series alarmed = {"h2", "x", "", "gauge", "", "value"};

  (void)state;
  use_rule("'op': '>', 'warning': 5");
  put(&gauge, 1, 0, 0);
  put(&unwanted, 1, 0, 0);
  put(&alarmed, 9, 0, 0);
  expect("r ok>warning");
  engine_tick(engine, 3600);
  assert_int_equal(engine_series_count(engine), 2);
  engine_tick(engine, 3601); /* swept a second ago */
  assert_int_equal(engine_series_count(engine), 2);
  engine_tick(engine, 3700);
  assert_int_equal(engine_series_count(engine), 1);
  engine_tick(engine, 1000000);
  assert_int_equal(engine_series_count(engine), 1);
  expect("");
  engine_tick(engine, 10); /* a clock that steps back */
  PLAY(&alarmed, {1000100, 1, "r warning>ok"});
  engine_tick(engine, 2000000);
  assert_int_equal(engine_series_count(engine), 0);
}

static void a_long_window_is_remembered_as_long(void **state) {
  (void)state;
  use_rule("'op': '>', 'warning': 5, 'function': 'delta', 'window': '1d'");
  put(&gauge, 1, 0, 0);
  engine_tick(engine, 80000);
  assert_int_equal(engine_series_count(engine), 1);
  engine_tick(engine, 90000);
  assert_int_equal(engine_series_count(engine), 0);
}

static void ten_thousand_series_come_and_go(void **state) {
  char host[20];
  struct series s = gauge;

  (void)state;
  engine_destroy(engine);
  engine = engine_create(10000, note, &engine);
  use_rule("'op': '>', 'warning': 5");
  s.host = host;
  srand(7);
  for (int round = 0; round < 6; round++) {
    size_t num = 0;
    for (int i = 0; i < 10000; i++) {
      if (round > 0 && rand() % 2 > 0)
        continue;
      snprintf(host, sizeof(host), "%d", i);
      assert_int_equal(put(&s, round > 5, 3000 * round, 3000 * round), 0);
      num++;
    }
    engine_tick(engine, 3000 * round + 1000);
    assert_int_equal(engine_series_count(engine), num);
  }
  engine_tick(engine, 30000);
  assert_int_equal(engine_series_count(engine), 0);
  assert_int_equal(engine_series_refused(engine), 0);
  expect("");
}

static void a_series_with_several_rules_stays_for_each_of_them(void **state) {
  (void)state;
  use_rules("{'rules': ["
            "{'name': 'a', 'metric': '*/x/gauge', 'op': '<', 'info': 1},"
            "{'name': 'b', 'metric': '*/x/gauge', 'op': '>', 'info': 5,"
            " 'for': '30s'}]}",
            0);
  put(&gauge, 6, 0, 1000);
  put(&gauge, 6, 10, 10); /* stepped back, for both */
  engine_tick(engine, 100000);
  assert_int_equal(engine_series_count(engine), 1);
  expect("");
  put(&gauge, 6, 20, 39);
  expect("");
  put(&gauge, 6, 30, 40);
  expect("b ok>info");
  near(last.since, 10);
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

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
  const struct CMUnitTest tests[] = {
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
      TEST(the_breach_that_completes_the_time_alarms_not_one_later),
      TEST(nan_neither_ends_nor_begins_nor_resets),
      TEST(below_one_bound_recovers),
      TEST(every_data_source_has_a_state_of_its_own),
      TEST(a_rule_may_be_about_one_data_source),
      TEST(a_healthy_start_is_silent),
      TEST(a_breach_on_every_series_of_a_glob_is_an_alert_each),
      TEST(identifiers_of_any_length_are_kept_apart),
      TEST(gaps_say_nothing),
      TEST(time_that_steps_back_restarts_durations),
      TEST(time_that_steps_back_alone_does_nothing),
      TEST(an_expected_series_that_never_came_is_absent),
      TEST(what_comes_and_goes_is_absent_each_time),
      TEST(nobody_is_silent_while_we_stand_still),
      TEST(no_absence_lasts_longer_while_we_stand_still),
      TEST(a_breach_lasts_while_we_stand_still),
      TEST(no_data_is_not_missed_while_we_stand_still),
      TEST(an_absence_may_have_to_last_and_its_end_too),
      TEST(an_absence_outlasts_time_that_steps_back),
      TEST(an_absent_server_is_not_forgotten_with_its_list),
      TEST(an_absence_goes_with_its_rule),
      TEST(without_data_an_alert_is_held),
      TEST(no_data_may_mean_ok),
      TEST(no_data_may_be_an_alert),
      TEST(the_interval_of_a_sender_that_never_came_is_waited_for),
      TEST(a_derive_is_judged_by_its_rate),
      TEST(a_derive_that_falls_says_nothing),
      TEST(a_counter_wraps_at_32_and_64_bits),
      TEST(counters_of_64_bits_count_beyond_32),
      TEST(a_counter_that_restarts_is_no_wrap),
      TEST(absolute_is_per_interval),
      TEST(samples_out_of_order_say_nothing_about_rates),
      TEST(a_senders_clock_that_steps_back_is_followed),
      TEST(out_of_order_gauges_are_values_all_the_same),
      TEST(a_series_that_changes_its_kind_begins_anew),
      TEST(delta_counts_what_came_within_the_window),
      TEST(delta_of_a_restarted_counter_counts_from_zero),
      TEST(delta_knows_counters_wraps_and_absolutes),
      TEST(a_truncated_log_has_not_shrunk),
      TEST(delta_of_a_gauge_is_its_net_change),
      TEST(delta_after_a_gap_counts_its_share),
      TEST(delta_below_waits_for_a_whole_window),
      TEST(a_server_gone_from_the_list_is_forgotten),
      TEST(a_server_that_is_gone_takes_all_its_values_along),
      TEST(nothing_is_forgotten_while_the_hub_is_down),
      TEST(the_values_of_a_read_may_come_in_any_order),
      TEST(values_without_a_figure_are_listed_all_the_same),
      TEST(a_read_that_is_told_twice_counts_once),
      TEST(a_hubs_clock_that_steps_back_forgets_nobody),
      TEST(a_server_that_goes_when_the_clock_steps_back_is_gone),
      TEST(many_servers_may_go_at_once),
      TEST(forgetting_works_without_the_rule_on_the_hub),
      TEST(other_plugins_know_no_list),
      TEST(unchanged_rules_go_on_silently),
      TEST(a_changed_threshold_is_judged_at_the_next_sample),
      TEST(a_level_without_threshold_any_more_goes),
      TEST(alerts_of_rules_that_are_gone_end),
      TEST(a_rule_of_another_series_or_source_is_another_rule),
      TEST(windows_go_on_where_they_are_the_same),
      TEST(a_window_goes_on_only_under_the_same_function_and_width),
      TEST(reloading_among_many_rules_keeps_each_to_its_own),
      TEST(past_the_limit_series_are_refused_and_counted),
      TEST(what_nobody_wants_takes_no_place),
      TEST(new_rules_may_want_more_than_there_is_room_for),
      TEST(silent_series_are_forgotten_after_an_hour),
      TEST(a_long_window_is_remembered_as_long),
      TEST(ten_thousand_series_come_and_go),
      TEST(a_series_with_several_rules_stays_for_each_of_them),
      TEST(alerts_are_counted_by_hub_and_host),
      TEST(pending_alerts_that_end_otherwise_are_counted_off),
      TEST(a_hub_without_name_is_no_other_plugin),
      TEST(every_alert_is_listed_from_pending_to_clearing),
      TEST(an_anomaly_tells_the_value_and_no_threshold),
      TEST(a_day_brings_exactly_its_alerts),
      TEST(slow_expressions_do_not_match_and_share_a_budget),
      TEST(destroying_nothing_is_allowed),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
