/* SPDX-License-Identifier: MIT */
/* New rules, and as many series as there is room for. */
#include "alerts/engine_fixture.h"

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
  s.type = "unwanted"; /* no rule matches it: it is not refused */
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

int main(void) {
  const struct CMUnitTest tests[] = {
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
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
