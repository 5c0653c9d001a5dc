/* SPDX-License-Identifier: MIT */
/* No values come, or no server any more. */
#include "alerts/engine_fixture.h"

/* ------------------------------------------------------ nothing comes */

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
  const struct series its_hub = {"h", "mcp_hub", "a", "bool", "up", "value"};
  const struct series expected = {"h",  "mcp_hub", "a", "mcp_server_state",
                                  "s1", "value"};

  (void)state;
  use_rules("{'rules': [{'name': 'r', 'metric': "
            "'h/mcp_hub-a/mcp_server_state-s1', 'function': 'absent', 'op': "
            "'>=', 'critical': 60}]}",
            0);
  PLAY(&its_hub, {0, 1, NULL});
  PLAY(&expected, {0, 0, NULL});
  for (double now = 10; now < 60; now += 10)
    PLAY(&its_hub, {now, 1, NULL});
  tick(60, "r ok>critical");
  PLAY(&its_hub, {70, 1, NULL}, {80, 1, NULL});
  PLAY(&expected, {80, 0, "r critical>ok"});
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

/* ------------------------------------------------- servers that are gone */

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

int main(void) {
  const struct CMUnitTest tests[] = {
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
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
