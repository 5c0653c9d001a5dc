/* SPDX-License-Identifier: MIT */
#include "notify/dispatcher.h"

#include "rules/parse_rules.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------- the stage */

#define RULES_LIST                                                             \
  "'rules': ["                                                                 \
  "{'name': 'a', 'metric': '*/*/*', 'op': '>', 'warning': 1,"                  \
  " 'inhibited_by': ['boss']},"                                                \
  "{'name': 'b', 'metric': '*/*/*', 'op': '>', 'warning': 1},"                 \
  "{'name': 'boss', 'metric': '*/*/*', 'op': '>', 'warning': 1}]"
#define RULES "{" RULES_LIST

static struct dispatcher *notifier;
static struct ruleset *rules;
static char notified[4000]; /* "a:x,y ok>warning; …" since it was last read */
static struct alert first;

static int note(void *arg, const struct alert *events, size_t num) {
  static const char *const reasons[] = {"", " unlisted", " rule-changed",
                                        " flapping", " repeated"};
  size_t len = strlen(notified);

  assert_ptr_equal(arg, &notifier);
  first = events[0];
  len += (size_t)snprintf(notified + len, sizeof(notified) - len,
                          "%s%s:", len > 0 ? "; " : "", events->rule_name);
  for (size_t i = 0; i < num; i++)
    len += (size_t)snprintf(notified + len, sizeof(notified) - len, "%s%s",
                            i > 0 ? "," : "", events[i].series.type_instance);
  snprintf(notified + len, sizeof(notified) - len, " %s>%s%s",
           alert_level_name(events->previous), alert_level_name(events->level),
           reasons[events->reason]);
  return 0;
}

static void use_rules(const char *text, double now) {
  struct ruleset *set = parse_rules(text);

  dispatcher_set_rules(notifier, set, now);
  ruleset_destroy(rules);
  rules = set;
}

static int begin(void **state) {
  (void)state;
  notified[0] = '\0';
  notifier = dispatcher_create(1000, note, &notifier);
  use_rules(RULES "}", 0);
  return notifier == NULL;
}

static int end(void **state) {
  (void)state;
  dispatcher_destroy(notifier);
  ruleset_destroy(rules);
  rules = NULL;
  return 0;
}

static void expect(const char *expected) {
  char seen[sizeof(notified)];

  strcpy(seen, notified);
  notified[0] = '\0';
  assert_string_equal(seen, expected);
}

static struct series series_of(const char *hub, const char *instance) {
  return (struct series){"h", "mcp_hub", hub, "gauge", instance, "value"};
}

static void happens_on(const char *hub, const char *rule, const char *instance,
                       enum alert_level from, enum alert_level to, double now) {
  const struct series s = series_of(hub, instance);
  const struct alert event = {.rule = ruleset_find(rules, rule),
                              .rule_name = rule,
                              .series = s,
                              .level = to,
                              .previous = from,
                              .value = 7,
                              .threshold = 1,
                              .since = now,
                              .time = now};

  dispatcher_event(notifier, &event);
}

static void starts(const char *rule, const char *instance, double now) {
  happens_on("hub", rule, instance, ALERT_OK, ALERT_WARNING, now);
}

static void stops(const char *rule, const char *instance, double now) {
  happens_on("hub", rule, instance, ALERT_WARNING, ALERT_OK, now);
}

static void tick(double now, const char *expected) {
  dispatcher_tick(notifier, now, 1e9 + now);
  expect(expected);
}

/* --------------------------------------------------------------- grouping */

static void an_alert_is_delivered_after_the_wait(void **state) {
  (void)state;
  starts("a", "x", 10);
  assert_true(dispatcher_due(notifier) > 10.9 &&
              dispatcher_due(notifier) < 11.1);
  tick(10.5, "");
  tick(11, "a:x ok>warning");
  assert_true(isinf(dispatcher_due(notifier)));
  tick(12, "");
  stops("a", "x", 20);
  tick(21, "a:x warning>ok");
}

static void alerts_of_one_rule_and_hub_are_one_notification(void **state) {
  (void)state;
  starts("a", "x", 10);
  starts("b", "x", 10.1);
  starts("a", "z", 10.2);
  starts("a", "y", 10.2);
  happens_on("other", "a", "x", ALERT_OK, ALERT_WARNING, 10.2);
  tick(11, "a:x,y,z ok>warning"); /* a second after the first of them */
  assert_true(dispatcher_due(notifier) > 11 &&
              dispatcher_due(notifier) < 11.11);
  tick(11.2, "a:x ok>warning; b:x ok>warning");
}

static void
those_that_end_are_one_notification_and_not_mixed_with_others(void **state) {
  (void)state;
  starts("a", "x", 10);
  starts("a", "y", 10);
  tick(11, "a:x,y ok>warning");
  stops("a", "y", 20);
  stops("a", "x", 20);
  starts("a", "z", 20);
  happens_on("hub", "a", "w", ALERT_OK, ALERT_CRITICAL, 20);
  tick(21, "a:x,y warning>ok; a:z ok>warning; a:w ok>critical");
}

static void
what_is_over_before_it_was_delivered_is_not_delivered(void **state) {
  (void)state;
  starts("a", "x", 10);
  stops("a", "x", 10.5);
  tick(11, "");
  starts("a", "y", 20);
  tick(21, "a:y ok>warning");
  stops("a", "y", 30);
  starts("a", "y", 30.5);
  tick(32, "");
}

static void levels_between_are_not_delivered(void **state) {
  (void)state;
  starts("a", "x", 10);
  happens_on("hub", "a", "x", ALERT_WARNING, ALERT_CRITICAL, 10.5);
  tick(11, "a:x ok>critical");
  happens_on("hub", "a", "x", ALERT_CRITICAL, ALERT_WARNING, 20);
  tick(21, "a:x critical>warning");
}

/* --------------------------------------------------------------- flapping */

static void
an_alert_that_comes_and_goes_is_delivered_as_flapping_once(void **state) {
  int notices = 0;

  (void)state;
  for (int i = 0; i < 40; i++) {
    double now = 10 + 20 * i;
    i % 2 == 0 ? starts("a", "x", now) : stops("a", "x", now);
    dispatcher_tick(notifier, now + 2, 1e9);
    notices += notified[0] != '\0';
    if (strstr(notified, "flapping") != NULL)
      assert_string_equal(notified, "a:x ok>warning flapping");
    notified[0] = '\0';
  }
  assert_in_range(notices, 3, 6);
  assert_int_equal(dispatcher_status(notifier, ruleset_find(rules, "a"),
                                     &(struct series){"h", "mcp_hub", "hub",
                                                      "gauge", "x", "value"}),
                   STATUS_FLAPPING);
  for (double now = 800; now < 1300; now += 10)
    dispatcher_tick(notifier, now, 1e9);
  expect("a:x warning>ok"); /* how it ended, once */
}

static void what_flaps_is_over_with_its_rule(void **state) {
  (void)state;
  for (int i = 0; i < 8; i++) {
    double now = 10 + 10 * i;
    i % 2 == 0 ? starts("a", "x", now) : stops("a", "x", now);
    dispatcher_tick(notifier, now + 2, 1e9);
  }
  assert_non_null(strstr(notified, "flapping"));
  notified[0] = '\0';
  use_rules("{}", 90);
  expect("a:x warning>ok");
}

static void what_settles_as_an_alert_is_delivered_as_one(void **state) {
  (void)state;
  for (int i = 0; i < 9; i++) {
    double now = 10 + 10 * i;
    i % 2 == 0 ? starts("a", "x", now) : stops("a", "x", now);
    dispatcher_tick(notifier, now + 2, 1e9);
  }
  notified[0] = '\0';
  for (double now = 100; now < 600; now += 10)
    dispatcher_tick(notifier, now, 1e9);
  expect("a:x ok>warning");
}

/* --------------------------------------------------- inhibition, silences */

static void the_inhibited_stay_silent_until_the_inhibitor_ends(void **state) {
  (void)state;
  starts("a", "x", 10);
  starts("boss", "y", 10.5);
  happens_on("other", "a", "x", ALERT_OK, ALERT_WARNING, 10.5);
  tick(11.5, "a:x ok>warning; boss:y ok>warning");
  tick(100, "");
  stops("boss", "y", 110);
  tick(111, "boss:y warning>ok");
  tick(112, "a:x ok>warning");
}

static void
what_was_held_back_is_delivered_when_it_has_had_time_to_clear(void **state) {
  (void)state;
  use_rules("{'rules': [{'name': 'a', 'metric': '*/*/*', 'op': '>',"
            " 'warning': 1, 'clear_for': '1m', 'inhibited_by': ['boss']},"
            "{'name': 'boss', 'metric': '*/*/*', 'op': '>', 'warning': 1}]}",
            0);
  starts("boss", "y", 10);
  starts("a", "x", 10);
  starts("a", "z", 10);
  tick(11, "boss:y ok>warning");
  stops("boss", "y", 100);
  tick(101, "boss:y warning>ok");
  tick(102, "");
  stops("a", "x", 165); /* after its clear_for */
  tick(221, "");
  tick(222, "a:z ok>warning");
}

static void what_ends_while_inhibited_was_never_delivered(void **state) {
  (void)state;
  starts("boss", "y", 10);
  starts("a", "x", 10);
  tick(11, "boss:y ok>warning");
  stops("a", "x", 20);
  stops("boss", "y", 20);
  tick(21, "boss:y warning>ok");
  tick(30, "");
}

static void a_recovery_is_delivered_although_inhibited(void **state) {
  (void)state;
  starts("a", "x", 10);
  tick(11, "a:x ok>warning");
  starts("boss", "y", 20);
  tick(21, "boss:y ok>warning");
  stops("a", "x", 30);
  tick(31, "a:x warning>ok");
}

static void the_silenced_are_delivered_when_the_silence_ends(void **state) {
  (void)state;
  use_rules(RULES ", 'silences': [{'metric': '*/mcp_hub-hub/gauge-x',"
                  " 'until': '2001-09-09T01:48:20Z', 'reason': 'test'}]}",
            0); /* 1e9 + 100 */
  starts("a", "x", 10);
  starts("a", "y", 10);
  tick(11, "a:y ok>warning");
  tick(99, "");
  tick(100, "");
  tick(101, "a:x ok>warning");
}

static void a_silence_may_be_of_a_rule(void **state) {
  (void)state;
  use_rules(RULES ", 'silences': [{'rule': 'b', 'reason': 'test',"
                  " 'until': '2001-09-09T01:48:20Z'}]}",
            0);
  starts("a", "x", 10);
  starts("b", "x", 10);
  tick(11, "a:x ok>warning");
  stops("b", "x", 20);
  tick(200, "");
}

struct seen_counts {
  size_t silenced;
  size_t inhibited;
};

static void sum_counts(void *arg, const struct series *hub,
                       const struct dispatcher_counts *counts) {
  struct seen_counts *seen = arg;

  assert_string_equal(hub->plugin_instance, "hub");
  seen->silenced += counts->silenced;
  seen->inhibited += counts->inhibited;
}

static void the_held_are_counted(void **state) {
  struct seen_counts seen = {0, 0};

  (void)state;
  use_rules(RULES ", 'silences': [{'rule': 'b', 'reason': 'test',"
                  " 'until': '2001-09-09T01:48:20Z'}]}",
            0);
  starts("boss", "x", 10);
  starts("a", "x", 10);
  starts("a", "y", 10);
  starts("b", "x", 10);
  dispatcher_tick(notifier, 11, 1e9);
  dispatcher_each_count(notifier, sum_counts, &seen);
  assert_int_equal(seen.silenced, 1);
  assert_int_equal(seen.inhibited, 2);
}

static void a_new_silence_covers_what_already_fires(void **state) {
  (void)state;
  starts("a", "x", 10);
  use_rules(RULES ", 'silences': [{'rule': 'a', 'reason': 'test',"
                  " 'until': '2001-09-09T01:48:20Z'}]}",
            10.5);
  expect("a:x ok>warning"); /* an edit tells what waits */
  stops("a", "x", 20);
  starts("a", "y", 20);
  tick(30, "a:x warning>ok");
}

/* ---------------------------------------------------------- repeat, rules */

static void what_goes_on_is_repeated_where_that_is_wanted(void **state) {
  (void)state;
  starts("a", "x", 10);
  tick(11, "a:x ok>warning");
  tick(10000, "");
  use_rules(RULES ", 'settings': {'repeat': '1h'}}", 10000);
  tick(10001, "a:x warning>warning repeated");
  tick(13000, "");
  tick(13602, "a:x warning>warning repeated");
  stops("a", "x", 14000);
  tick(20000, "a:x warning>ok");
}

static void what_is_repeated_is_not_mixed_with_what_is_new(void **state) {
  (void)state;
  use_rules(
      "{'settings': {'repeat': '1m', 'group_wait': '0s'}, " RULES_LIST "}", 0);
  starts("a", "x", 10);
  tick(10, "a:x ok>warning");
  starts("a", "y", 70);
  tick(70, "a:y ok>warning; a:x warning>warning repeated");
}

static void
what_changed_before_it_could_be_repeated_is_no_repetition(void **state) {
  (void)state;
  use_rules(
      "{'settings': {'repeat': '1m', 'group_wait': '0s'}, " RULES_LIST "}", 0);
  starts("a", "x", 10);
  tick(10, "a:x ok>warning");
  starts("boss", "x", 60);
  tick(60, "boss:x ok>warning");
  tick(70, ""); /* due, but held back */
  happens_on("hub", "a", "x", ALERT_WARNING, ALERT_CRITICAL, 80);
  stops("boss", "x", 90);
  tick(90, "a:x warning>critical; boss:x warning>ok");
  starts("boss", "x", 140);
  tick(150, "boss:x ok>warning");
  happens_on("hub", "a", "x", ALERT_CRITICAL, ALERT_OK, 151);
  tick(151, "a:x critical>ok");
}

static void the_end_of_a_rule_is_delivered(void **state) {
  const struct series s = series_of("hub", "x");
  struct alert event = {.series = s,
                        .rule = ruleset_find(rules, "a"),
                        .rule_name = "a",
                        .previous = ALERT_WARNING,
                        .reason = ALERT_RULE_CHANGED,
                        .time = 20};

  (void)state;
  starts("a", "x", 10);
  tick(11, "a:x ok>warning");
  dispatcher_event(notifier, &event);
  use_rules("{}", 20);
  expect("a:x warning>ok rule-changed");
  tick(30, "");
}

static void an_alert_without_room_is_delivered_at_once(void **state) {
  (void)state;
  dispatcher_destroy(notifier);
  notifier = dispatcher_create(1, note, &notifier);
  dispatcher_set_rules(notifier, rules, 0);
  starts("a", "x", 10);
  expect("");
  starts("a", "y", 10);
  expect("a:y ok>warning");
  stops("a", "y", 20);
  expect("a:y warning>ok");
  tick(20, "a:x ok>warning");
}

static void time_that_steps_back_delays_nothing_for_long(void **state) {
  (void)state;
  starts("a", "x", 1000);
  tick(500, "");
  tick(501, "a:x ok>warning");
  stops("a", "x", 502);
  tick(503, "a:x warning>ok");
}

/* --------------------------------------------------------- over a restart */

static void restart_after(bool delivered) {
  struct serializer out = {0};
  struct deserializer in = {0};

  if (delivered)
    dispatcher_delivered(notifier);
  dispatcher_save(notifier, &out);
  assert_false(out.failed);
  dispatcher_destroy(notifier);
  notifier = dispatcher_create(1000, note, &notifier);
  dispatcher_set_rules(notifier, rules, 0);
  in = (struct deserializer){.at = out.data, .left = out.len};
  assert_int_equal(dispatcher_load(notifier, &in, 20), 0);
  assert_int_equal(in.left, 0);
  free(out.data);
}

static void restart(void) { restart_after(true); }

static void what_may_not_have_arrived_is_delivered_as_it_is_then(void **state) {
  (void)state;
  starts("a", "x", 10);
  starts("b", "x", 10);
  tick(11, "a:x ok>warning; b:x ok>warning");
  restart_after(false); /* at 20 */
  tick(21, "");
  stops("a", "x", 22);
  tick(23, "a:x warning>ok");
  tick(29, "");
  restart_after(false); /* the end of a, and b, may not have arrived */
  tick(29, "");
  tick(31, "a:x warning>ok; b:x warning>warning");
  restart();
  tick(50, "");
}

/* However long ago it ended. */
static void an_end_that_may_not_have_arrived_is_not_forgotten(void **state) {
  (void)state;
  starts("a", "x", 10);
  tick(11, "a:x ok>warning");
  dispatcher_delivered(notifier);
  stops("a", "x", 20);
  tick(21, "a:x warning>ok");
  tick(1000, "");
  restart_after(false);
  tick(29, "");
  tick(31, "a:x warning>ok");
}

static void
what_was_notified_is_not_delivered_again_after_a_restart(void **state) {
  (void)state;
  starts("a", "x", 10);
  tick(11, "a:x ok>warning");
  restart();
  tick(20, "");
  stops("a", "x", 30);
  tick(31, "a:x warning>ok");
}

static void what_was_not_notified_is_delivered_after_a_restart(void **state) {
  (void)state;
  starts("a", "x", 10);
  restart();
  tick(20, "a:x ok>warning");
  assert_true(first.value > 6.9 && first.value < 7.1);
  assert_true(first.since > 9.9 && first.since < 10.1);
}

static void a_flapping_alert_still_flaps_after_a_restart(void **state) {
  (void)state;
  for (int i = 0; i < 9; i++) {
    double now = 10 + 10 * i;
    i % 2 == 0 ? starts("a", "x", now) : stops("a", "x", now);
    dispatcher_tick(notifier, now + 2, 1e9);
  }
  notified[0] = '\0';
  restart();
  stops("a", "x", 100);
  tick(102, "");
}

static void the_inhibitor_still_inhibits_after_a_restart(void **state) {
  (void)state;
  starts("boss", "y", 10);
  tick(11, "boss:y ok>warning");
  restart();
  starts("a", "x", 20);
  tick(22, "");
}

static void alerts_of_rules_that_are_gone_are_left_out(void **state) {
  struct serializer out = {0};
  struct deserializer in = {0};

  (void)state;
  starts("a", "x", 10);
  starts("b", "x", 10);
  dispatcher_save(notifier, &out);
  dispatcher_destroy(notifier);
  notifier = dispatcher_create(1000, note, &notifier);
  use_rules("{'rules': [{'name': 'b', 'metric': '*/*/*', 'op': '>', "
            "'warning': 1}]}",
            0);
  in = (struct deserializer){.at = out.data, .left = out.len};
  assert_int_equal(dispatcher_load(notifier, &in, 20), 0);
  tick(20, "b:x ok>warning");
  free(out.data);
}

static void what_was_notified_of_a_rule_that_is_gone_is_resolved(void **state) {
  struct serializer out = {0};
  struct deserializer in = {0};

  (void)state;
  starts("a", "x", 10);
  starts("b", "x", 10);
  tick(11, "a:x ok>warning; b:x ok>warning");
  starts("boss", "x", 11); /* not told yet */
  dispatcher_save(notifier, &out);
  dispatcher_destroy(notifier);
  notifier = dispatcher_create(1000, note, &notifier);
  use_rules("{'rules': [{'name': 'b', 'metric': '*/*/*', 'op': '>', "
            "'warning': 1}]}",
            0);
  in = (struct deserializer){.at = out.data, .left = out.len};
  assert_int_equal(dispatcher_load(notifier, &in, 20), 0);
  expect("a:x warning>ok rule-changed");
  tick(20, "");
  free(out.data);
}

static void half_of_what_was_saved_is_nothing(void **state) {
  struct serializer out = {0};

  (void)state;
  starts("a", "x", 10);
  starts("b", "x", 10);
  dispatcher_save(notifier, &out);
  for (size_t len = 0; len < out.len; len++) {
    struct deserializer in = {.at = out.data, .left = len};
    dispatcher_destroy(notifier);
    notifier = dispatcher_create(1000, note, &notifier);
    dispatcher_set_rules(notifier, rules, 0);
    assert_int_equal(dispatcher_load(notifier, &in, 20), -1);
    tick(100, "");
  }
  free(out.data);
}

#define test(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void) {
  const struct CMUnitTest tests[] = {
      test(an_alert_is_delivered_after_the_wait),
      test(alerts_of_one_rule_and_hub_are_one_notification),
      test(those_that_end_are_one_notification_and_not_mixed_with_others),
      test(what_is_over_before_it_was_delivered_is_not_delivered),
      test(levels_between_are_not_delivered),
      test(an_alert_that_comes_and_goes_is_delivered_as_flapping_once),
      test(what_flaps_is_over_with_its_rule),
      test(what_settles_as_an_alert_is_delivered_as_one),
      test(the_inhibited_stay_silent_until_the_inhibitor_ends),
      test(what_was_held_back_is_delivered_when_it_has_had_time_to_clear),
      test(what_ends_while_inhibited_was_never_delivered),
      test(a_recovery_is_delivered_although_inhibited),
      test(the_silenced_are_delivered_when_the_silence_ends),
      test(a_silence_may_be_of_a_rule),
      test(the_held_are_counted),
      test(a_new_silence_covers_what_already_fires),
      test(what_goes_on_is_repeated_where_that_is_wanted),
      test(what_is_repeated_is_not_mixed_with_what_is_new),
      test(what_changed_before_it_could_be_repeated_is_no_repetition),
      test(the_end_of_a_rule_is_delivered),
      test(an_alert_without_room_is_delivered_at_once),
      test(time_that_steps_back_delays_nothing_for_long),
      test(what_may_not_have_arrived_is_delivered_as_it_is_then),
      test(an_end_that_may_not_have_arrived_is_not_forgotten),
      test(what_was_notified_is_not_delivered_again_after_a_restart),
      test(what_was_not_notified_is_delivered_after_a_restart),
      test(a_flapping_alert_still_flaps_after_a_restart),
      test(the_inhibitor_still_inhibits_after_a_restart),
      test(alerts_of_rules_that_are_gone_are_left_out),
      test(what_was_notified_of_a_rule_that_is_gone_is_resolved),
      test(half_of_what_was_saved_is_nothing),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
