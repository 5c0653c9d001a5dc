/* SPDX-License-Identifier: MIT */
/* What collectd's own `threshold` plugin does wrong, as it was reproduced, and
 * must never happen here: from a value to the text that a person reads. */
#include "notify/dispatcher.h"
#include "notify/message.h"

#include "rules/parse_rules.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct engine *engine;
static struct dispatcher *notifier;
static char notified[4000]; /* "warning firing; …" since it was last read */
static char text[MESSAGE_MAX];
static int notices;

static int on_notification(void *arg, const struct alert *events, size_t num) {
  size_t len = strlen(notified);

  (void)arg;
  notices++;
  memset(text, 'x', sizeof(text));
  message_format(events, num, 0, text);
  snprintf(notified + len, sizeof(notified) - len, "%s%s%s",
           len > 0 ? "; " : "", alert_level_name(events->level),
           events->reason == ALERT_FLAPPING ? " flapping" : "");
  return 0;
}

static void on_event(void *arg, const struct alert *event) {
  (void)arg;
  dispatcher_event(notifier, event);
}

static int create(void) {
  engine = engine_create(1000, on_event, NULL);
  notifier = dispatcher_create(1000, on_notification, NULL);
  return engine == NULL || notifier == NULL;
}

static void destroy(void) {
  engine_destroy(engine);
  dispatcher_destroy(notifier);
}

static int begin(void **state) {
  (void)state;
  notified[0] = '\0';
  notices = 0;
  return create();
}

static int end(void **state) {
  (void)state;
  destroy();
  return 0;
}

static void use_rule(const char *keys, double now) {
  char rules[1000];

  snprintf(rules, sizeof(rules),
           "{'settings': {'group_wait': '0s'}, 'rules': [{'name': 'r', %s}]}",
           keys);
  struct ruleset *set = parse_rules(rules);
  engine_set_rules(engine, set, now);
  dispatcher_set_rules(notifier, set, now);
}

static void tick(double now) {
  engine_tick(engine, now);
  dispatcher_tick(notifier, now, 1e9 + now);
}

static void put_on(const struct series *s, double value, double now) {
  const struct sample sample = {SAMPLE_GAUGE, {.gauge = value}, 1e9 + now, 10};

  assert_int_equal(engine_sample(engine, s, &sample, now), 0);
  tick(now);
}

static const struct series series = {"h", "x", "", "gauge", "", "value"};

static void put(double value, double now) { put_on(&series, value, now); }

static void expect(const char *expected) {
  assert_string_equal(notified, expected);
  notified[0] = '\0';
}

#define LOAD "'metric': '*/x/gauge', 'op': '>', 'warning': 5"

static void three_hits_alarm_on_the_third(void **state) {
  (void)state;
  use_rule(LOAD ", 'for': '20s'", 0);
  put(9, 0);
  put(9, 10);
  expect("");
  put(9, 20);
  expect("warning");
}

static void nan_is_no_recovery(void **state) {
  (void)state;
  use_rule(LOAD, 0);
  put(NAN, 0);
  put(9, 10);
  expect("warning");
  put(NAN, 20);
  put(9, 30);
  expect("");
  put(1, 40);
  expect("ok");
}

static void an_alarm_below_one_bound_ends(void **state) {
  (void)state;
  use_rule("'metric': '*/x/gauge', 'op': '<', 'critical': 5", 0);
  put(4, 0);
  expect("critical");
  put(5, 10);
  expect("ok");
}

static void a_second_data_source_is_notified_too(void **state) {
  struct series tx = series;

  (void)state;
  tx.ds = "tx";
  use_rule(LOAD, 0);
  put(9, 0);
  expect("warning");
  put_on(&tx, 9, 10);
  expect("warning");
  assert_non_null(strstr(text, "gauge tx is 9"));
  put(1, 20);
  expect("ok");
  put_on(&tx, 9, 20);
  expect("");
}

static void a_healthy_start_says_nothing(void **state) {
  (void)state;
  use_rule(LOAD, 0);
  for (int i = 0; i < 100; i++)
    put(1, 10 * i);
  expect("");
}

static void a_restart_neither_loses_nor_repeats_an_alert(void **state) {
  struct serializer saved = {0};
  struct deserializer in;

  (void)state;
  use_rule(LOAD, 0);
  put(9, 0);
  expect("warning");
  dispatcher_delivered(notifier);
  dispatcher_save(notifier, &saved);
  engine_save(engine, &saved);
  destroy();
  assert_int_equal(create(), 0);
  use_rule(LOAD, 100);
  in = (struct deserializer){saved.data, saved.len, false};
  assert_int_equal(dispatcher_load(notifier, &in, 100), 0);
  assert_int_equal(engine_load(engine, &in, 0, 100), 0);
  free(saved.data);
  put(9, 100);
  expect("");
  put(1, 110);
  expect("ok");
}

static void one_rule_covers_what_a_glob_names(void **state) {
  (void)state;
  use_rule("'metric': 'db-*/x/gauge', 'op': '>', 'warning': 5", 0);
  put_on(&(struct series){"db-1", "x", "", "gauge", "", "value"}, 9, 0);
  put_on(&(struct series){"db-2", "x", "", "gauge", "", "value"}, 9, 0);
  put_on(&(struct series){"web", "x", "", "gauge", "", "value"}, 9, 0);
  expect("warning; warning");
}

static void long_identifiers_stay_within_the_message(void **state) {
  char name[128];

  (void)state;
  memset(name, 'n', sizeof(name) - 1);
  name[sizeof(name) - 1] = '\0';
  use_rule("'metric': '*/*/*', 'op': '>', 'warning': 5", 0);
  put_on(&(struct series){name, name, name, name, name, name}, 9.25, 0);
  expect("warning");
  assert_non_null(memchr(text, '\0', sizeof(text)));
  assert_non_null(strstr(text, "is 9.25 (alert at > 5)"));
}

static void forty_flips_are_few_notifications(void **state) {
  (void)state;
  use_rule(LOAD, 0);
  for (int i = 0; i < 40; i++)
    put(i % 2 == 0 ? 9 : 1, 10 * i);
  assert_true(notices > 0 && notices <= 6);
  assert_non_null(strstr(notified, "flapping"));
  for (int i = 40; i < 80; i++)
    put(1, 10 * i);
  assert_true(notices <= 7);
  assert_string_equal(notified + strlen(notified) - 2, "ok");
}

static void a_missing_value_is_notified_once_and_its_return_once(void **state) {
  (void)state;
  use_rule("'metric': 'h/x/gauge', 'function': 'absent', 'op': '>=', "
           "'critical': 30",
           0);
  put(1, 10);
  for (int now = 20; now < 5000; now += 10) /* more than an hour */
    tick(now);
  expect("critical");
  put(1, 5000);
  expect("ok");
  tick(5030);
  expect("critical");
}

static void rules_change_without_a_restart(void **state) {
  (void)state;
  use_rule(LOAD, 0);
  put(9, 0);
  expect("warning");
  use_rule("'metric': '*/x/gauge', 'op': '>', 'warning': 5, 'critical': 8", 5);
  put(9, 10);
  expect("critical");
  use_rule("'metric': '*/x/gauge', 'op': '>', 'warning': 20", 15);
  put(9, 20);
  expect("ok");
}

#define test(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
  const struct CMUnitTest tests[] = {
      test(three_hits_alarm_on_the_third),
      test(nan_is_no_recovery),
      test(an_alarm_below_one_bound_ends),
      test(a_second_data_source_is_notified_too),
      test(a_healthy_start_says_nothing),
      test(a_restart_neither_loses_nor_repeats_an_alert),
      test(one_rule_covers_what_a_glob_names),
      test(long_identifiers_stay_within_the_message),
      test(forty_flips_are_few_notifications),
      test(a_missing_value_is_notified_once_and_its_return_once),
      test(rules_change_without_a_restart),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
