/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "report/hub_stats.h"
#include "report/note_incident.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_HUBS 3
#define WALL 1700000000.0

static struct hub_stats_table *views;
static double now;

static int begin(void **state) {
  (void)state;
  now = 100;
  views = hub_stats_table_create(MAX_HUBS);
  return views != NULL ? 0 : -1;
}

static int end(void **state) {
  (void)state;
  hub_stats_table_destroy(views);
  views = NULL;
  return 0;
}

static int say_as(const char *host, const char *hub, const char *type,
                  const char *instance, double value) {
  const struct series s = {host, "mcp_hub", hub, type, instance, "value"};
  const struct hub_stats_sample x = {
      .value = value, .interval = 10, .now = now, .wall = WALL + now};

  return hub_stats_table_sample(views, &s, &x);
}

static void say(const char *type, const char *instance, double value) {
  assert_int_equal(say_as("h", "prod", type, instance, value), 0);
}

static const struct hub_stats *hub(void) {
  const struct hub_stats *h = hub_stats_table_find(views, "h", "prod");

  assert_non_null(h);
  return h;
}

static double value(enum hub_stats_figure f) {
  return hub_stats_value(hub(), f, now);
}

static void expect(double got, double expected) {
  if (!(fabs(got - expected) < 1e-6))
    fail_msg("%.9g, expected %.9g", got, expected);
}

static void every_row_has_a_name_and_takes_its_series(void **state) {
  (void)state;
  say("bool", "up", 1);
  for (int i = 0; i < HUB_STATS_FIGURES; i++) {
    const struct metric_row *row = hub_stats_metric((enum hub_stats_figure)i);
    char name[100];
    assert_non_null(row->label);
    snprintf(name, sizeof(name), "%s%s%s", row->type,
             *row->instance != '\0' ? "-" : "", row->instance);
    assert_string_equal(row->name, name);
    say(row->type, row->instance, i + 1);
    expect(value((enum hub_stats_figure)i), i + 1);
    for (int k = 0; k < i; k++)
      assert_string_not_equal(row->name,
                              hub_stats_metric((enum hub_stats_figure)k)->name);
  }
}

static void other_series_are_ignored(void **state) {
  const struct hub_stats_sample x = {1, 10, now, WALL};
  const struct series other = {"h", "cpu", "prod", "bool", "up", "value"};
  const struct series longer = {"h",  "mcp_hub_alerts", "prod", "bool",
                                "up", "value"};

  (void)state;
  assert_int_equal(hub_stats_table_sample(views, &other, &x), 0);
  assert_int_equal(hub_stats_table_sample(views, &longer, &x), 0);
  say("mcp_server_state", "github", 4);
  say("bool", "", 1);
  say("bool", "upper", 1);
  assert_int_equal(hub_stats_table_count(views), 0);
}

static void a_figure_is_unknown_when_it_stays_away(void **state) {
  (void)state;
  say("percent", "cpu", 3);
  now += 24;
  expect(value(HUB_STATS_CPU), 3);
  now += 1;
  assert_true(isnan(value(HUB_STATS_CPU)));
  assert_true(isnan(value(HUB_STATS_RSS)));
  say("percent", "cpu", 4);
  expect(value(HUB_STATS_CPU), 4);
  say("percent", "cpu", NAN);
  assert_true(isnan(value(HUB_STATS_CPU)));
  say("percent", "cpu", INFINITY);
  assert_true(isnan(value(HUB_STATS_CPU)));
  expect(hub_stats_average(hub(), HUB_STATS_CPU), 3.5);
}

static void what_a_dead_hub_said_is_unknown_at_once(void **state) {
  (void)state;
  say("bool", "up", 1);
  say("percent", "cpu", 3);
  say("mcp_servers", "dead", 0);
  say("count", "log_errors_1000", 7);
  say("mcp_hub_state", "", 0);
  now += 10;
  say("bool", "up", 0);
  assert_true(isnan(value(HUB_STATS_CPU)));
  assert_true(isnan(value(HUB_STATS_SERVERS_DEAD)));
  expect(value(HUB_STATS_LOG_ERRORS_1000), 7);
  expect(value(HUB_STATS_STATE), 0);
  expect(value(HUB_STATS_UP), 0);
}

static void the_day_has_average_and_worst(void **state) {
  const struct hub_stats_memory *cpu = NULL;
  const struct hub_stats_memory *success = NULL;

  (void)state;
  for (int i = 1; i <= 5; i++) {
    say("percent", "cpu", i == 3 ? 90 : i);
    say("percent", "llm_success", i == 2 ? 50 : 100 - i);
    now += 10;
  }
  cpu = &hub()->figures[HUB_STATS_CPU];
  success = &hub()->figures[HUB_STATS_LLM_SUCCESS];
  expect(hub()->day_begin, WALL + 100);
  expect(hub_stats_average(hub(), HUB_STATS_CPU), 102 / 5.0);
  expect(cpu->worst, 90);
  expect(cpu->worst_at, WALL + 120);
  expect(success->worst, 50);
  expect(success->worst_at, WALL + 110);
  assert_true(isnan(cpu->before));
  assert_true(isnan(hub_stats_average(hub(), HUB_STATS_RSS)));
  assert_true(isnan(hub()->figures[HUB_STATS_RSS].worst));
}

static void the_end_of_the_day_makes_it_the_day_before(void **state) {
  (void)state;
  say("percent", "cpu", 2);
  say("percent", "cpu", 4);
  hub_stats_table_end_day(views, WALL + 200);
  expect(hub()->figures[HUB_STATS_CPU].before, 3);
  expect(hub()->day_begin, WALL + 200);
  assert_true(isnan(hub_stats_average(hub(), HUB_STATS_CPU)));
  assert_true(isnan(hub()->figures[HUB_STATS_CPU].worst));
  assert_true(isnan(hub()->figures[HUB_STATS_RSS].before));
  expect(value(HUB_STATS_CPU), 4);
  say("percent", "cpu", 1);
  expect(hub()->figures[HUB_STATS_CPU].worst, 1);
  hub_stats_table_end_day(views, WALL + 300);
  hub_stats_table_end_day(views, WALL + 400); /* of a day without a sample */
  assert_true(isnan(hub()->figures[HUB_STATS_CPU].before));
}

static double available(void) {
  return availability_percent(&hub()->availability, AVAILABILITY_HOUR, now);
}

static void reads_make_the_availability(void **state) {
  (void)state;
  say("bool", "up", 1); /* tells of its interval */
  for (int i = 0; i < 3; i++) {
    now += 10;
    say("bool", "up", i > 1 ? 0 : 1);
  }
  expect(available(), 75);
  now += 20; /* one was late: still known */
  say("bool", "up", 0);
  expect(available(), 50);
  now += 600; /* collectd was away: only the last interval is known */
  say("bool", "up", 0);
  expect(available(), 100 * 30 / 70.0);
  say("bool", "up", NAN);
  expect(available(), 100 * 30 / 70.0);
}

static void health_comes_from_the_figures(void **state) {
  struct incidents *list = incidents_create(10);
  struct health h;

  (void)state;
  say("bool", "up", 1);
  say("mcp_servers", "disconnected", 0);
  say("mcp_servers", "dead", 1);
  say("count", "log_errors_1000", 31);
  say("percent", "cpu", 6);
  say("percent", "memory", 1);
  hub_stats_table_count_alerts(views, list);
  h = hub_stats_health(hub(), now);
  expect(h.score, 100 - 30 - 6 - 15);
  assert_int_equal(h.reasons_num, 3);
  now += 10;
  say("bool", "up", 0);
  h = hub_stats_health(hub(), now);
  expect(h.score, 100 - 50 - 6);
  now += 1000; /* silence */
  h = hub_stats_health(hub(), now);
  assert_true(isnan(h.score));
  incidents_destroy(list);
}

static void fire(struct incidents *list, const char *plugin, const char *hub_of,
                 const char *server, enum alert_level level) {
  char name[] = "r";
  struct rule rule = {.name = name};
  struct series s = {"h", plugin, hub_of, "mcp_server_state", server, "value"};
  struct alert e = {.rule = &rule,
                    .rule_name = rule.name,
                    .series = s,
                    .message = "m",
                    .level = level};

  note_incident(list, &e, "m", 1, 1);
}

static void alerts_of_a_hub_are_counted(void **state) {
  struct incidents *list = incidents_create(10);

  (void)state;
  say("bool", "up", 1);
  assert_true(isnan(hub()->alerts));
  fire(list, "mcp_hub", "prod", "a", ALERT_WARNING);
  fire(list, "mcp_hub", "prod", "b", ALERT_CRITICAL);
  fire(list, "mcp_hub", "prod", "c", ALERT_INFO);
  fire(list, "mcp_hub", "other", "a", ALERT_CRITICAL);
  fire(list, "load", "prod", "a", ALERT_CRITICAL);
  for (int i = 0; i < 2; i++) {
    hub_stats_table_count_alerts(views, list);
    expect(hub()->alerts, 2);
  }
  incidents_destroy(list);
}

static void hubs_beyond_the_bound_are_refused_and_counted(void **state) {
  char name[HUB_STATS_NAME_MAX + 1];

  (void)state;
  memset(name, 'n', sizeof(name));
  name[HUB_STATS_NAME_MAX] = '\0';
  assert_int_equal(say_as(name, "prod", "bool", "up", 1), -1);
  assert_int_equal(say_as("h", name, "bool", "up", 1), -1);
  name[HUB_STATS_NAME_MAX - 1] = '\0';
  assert_int_equal(say_as(name, name, "bool", "up", 1), 0);
  assert_non_null(hub_stats_table_find(views, name, name));
  assert_int_equal(say_as("h", "a", "bool", "up", 1), 0);
  assert_int_equal(say_as("h", "b", "bool", "up", 1), 0);
  assert_int_equal(say_as("h", "c", "bool", "up", 1), -1);
  assert_int_equal(say_as("h", "a", "bool", "up", 1), 0);
  assert_int_equal(hub_stats_table_count(views), MAX_HUBS);
  assert_int_equal(hub_stats_table_refused(views), 3);
  assert_null(hub_stats_table_find(views, "h", "c"));
}

static void silent_hubs_are_forgotten_after_a_day(void **state) {
  (void)state;
  say_as("h", "a", "bool", "up", 1);
  now += 10;
  say_as("h", "b", "bool", "up", 1);
  hub_stats_table_tick(views, 100 + 86400);
  assert_int_equal(hub_stats_table_count(views), 2);
  hub_stats_table_tick(views, 101 + 86400);
  assert_int_equal(hub_stats_table_count(views), 1);
  assert_non_null(hub_stats_table_find(views, "h", "b"));
}

static void nobody_is_silent_while_we_stand_still(void **state) {
  (void)state;
  say_as("h", "a", "bool", "up", 1);
  now += 10;
  say_as("h", "b", "bool", "up", 1);
  now += 10 + 90000;
  hub_stats_table_skip_gap(views, 90000, now);
  hub_stats_table_tick(views, now);
  assert_int_equal(hub_stats_table_count(views), 2);
  now += 100;
  hub_stats_table_skip_gap(views, 1e6, now); /* more than there was */
  hub_stats_table_tick(views, now + 86400);
  assert_int_equal(hub_stats_table_count(views), 2);
  hub_stats_table_tick(views, now + 86401);
  assert_int_equal(hub_stats_table_count(views), 0);
}

static void a_standstill_keeps_the_day_and_is_unknown_time(void **state) {
  (void)state;
  say("bool", "up", 1);
  say("percent", "cpu", 8);
  now += 10;
  say("bool", "up", 0);
  now += 600;
  hub_stats_table_skip_gap(views, 600, now);
  assert_true(isnan(value(HUB_STATS_UP)));
  say("bool", "up", 1);
  expect(hub_stats_average(hub(), HUB_STATS_CPU), 8);
  expect(available(), 100 * 20 / 30.0);
}

static void the_list_is_ordered(void **state) {
  const struct hub_stats **list = NULL;
  size_t num = 99;

  (void)state;
  list = hub_stats_table_list(views, NULL, &num);
  assert_non_null(list);
  assert_int_equal(num, 0);
  free(list);
  say_as("h1", "z", "bool", "up", 1);
  say_as("h2", "a", "bool", "up", 1);
  say_as("h1", "b", "bool", "up", 1);
  list = hub_stats_table_list(views, NULL, &num);
  assert_int_equal(num, 3);
  assert_string_equal(list[0]->instance, "b");
  assert_string_equal(list[1]->instance, "z");
  assert_string_equal(list[2]->host, "h2");
  free(list);
  list = hub_stats_table_list(views, "h1", &num);
  assert_int_equal(num, 2);
  assert_string_equal(list[1]->instance, "z");
  free(list);
}

static void a_restart_keeps_the_day_and_forgets_the_values(void **state) {
  struct hub_stats kept;

  (void)state;
  say("bool", "up", 1);
  say("percent", "cpu", 2);
  hub_stats_table_end_day(views, WALL);
  say("percent", "cpu", 8);
  now += 10;
  say("bool", "up", 0);
  kept = *hub();
  end(NULL);
  begin(NULL);
  now = 3; /* another clock */
  assert_int_equal(hub_stats_table_restore(views, &kept, 600, now), 0);
  assert_int_equal(hub_stats_table_restore(views, &kept, 600, now), -1);
  assert_true(isnan(value(HUB_STATS_CPU)));
  assert_true(isnan(value(HUB_STATS_UP)));
  expect(hub_stats_average(hub(), HUB_STATS_CPU), 8);
  expect(hub()->figures[HUB_STATS_CPU].before, 2);
  expect(available(), 50);
  assert_true(isnan(hub()->alerts));
  hub_stats_table_tick(views, now + 86400);
  assert_int_equal(hub_stats_table_count(views), 1);
  now += 5;
  say("bool", "up", 1); /* the time away stays unknown */
  expect(available(), 100 * 15 / 25.0);
}

static void
a_hub_that_is_gone_is_forgotten_however_often_we_restart(void **state) {
  struct hub_stats kept;

  (void)state;
  say("bool", "up", 1);
  for (int i = 0; i < 24; i++) { /* each hour, and a minute away */
    kept = *hub();
    now += 3600;
    end(NULL);
    double goes_on = now + 60;
    begin(NULL);
    now = goes_on;
    assert_int_equal(hub_stats_table_restore(views, &kept, 60, now), 0);
    hub_stats_table_tick(views, now);
    assert_int_equal(hub_stats_table_count(views), 1);
  }
  hub_stats_table_tick(views, now + 1);
  assert_int_equal(hub_stats_table_count(views), 0);
}

static void bytes_that_are_none_are_refused(void **state) {
  struct hub_stats good;

  (void)state;
  say("bool", "up", 1);
  say("percent", "cpu", 2);
  good = *hub();
  end(NULL);
  begin(NULL);
#define REFUSED(change)                                                        \
  do {                                                                         \
    struct hub_stats v = good;                                                 \
    change;                                                                    \
    assert_int_equal(hub_stats_table_restore(views, &v, 1, now), -1);          \
  } while (0)
  REFUSED(memset(v.host, 'x', sizeof(v.host)));
  REFUSED(memset(v.instance, 'x', sizeof(v.instance)));
  REFUSED(v.day_begin = NAN);
  REFUSED(v.availability.newest = 5000);
  REFUSED(v.figures[HUB_STATS_CPU].sum = INFINITY);
  REFUSED(v.figures[HUB_STATS_CPU].samples = -1);
  REFUSED(v.figures[HUB_STATS_CPU].samples = NAN);
  REFUSED(v.figures[HUB_STATS_CPU].worst = NAN);
  REFUSED(v.figures[HUB_STATS_CPU].worst_at = INFINITY);
  REFUSED(v.figures[HUB_STATS_CPU].before = -INFINITY);
  assert_int_equal(hub_stats_table_count(views), 0);
  assert_int_equal(hub_stats_table_restore(views, &good, 1, now), 0);
}

static void a_hub_takes_no_more_than_is_documented(void **state) {
  (void)state;
  assert_true(sizeof(struct hub_stats) <= (size_t)5 * 1024);
  assert_true(sizeof(struct availability) <= (size_t)5 * 1024);
  assert_true(sizeof(struct incident) <= (size_t)1280);
}

static void none_is_destroyed_in_peace(void **state) {
  (void)state;
  hub_stats_table_destroy(NULL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(every_row_has_a_name_and_takes_its_series),
      TEST(other_series_are_ignored),
      TEST(a_figure_is_unknown_when_it_stays_away),
      TEST(what_a_dead_hub_said_is_unknown_at_once),
      TEST(the_day_has_average_and_worst),
      TEST(the_end_of_the_day_makes_it_the_day_before),
      TEST(reads_make_the_availability),
      TEST(health_comes_from_the_figures),
      TEST(alerts_of_a_hub_are_counted),
      TEST(hubs_beyond_the_bound_are_refused_and_counted),
      TEST(silent_hubs_are_forgotten_after_a_day),
      TEST(nobody_is_silent_while_we_stand_still),
      TEST(a_standstill_keeps_the_day_and_is_unknown_time),
      TEST(the_list_is_ordered),
      TEST(a_restart_keeps_the_day_and_forgets_the_values),
      TEST(a_hub_that_is_gone_is_forgotten_however_often_we_restart),
      TEST(bytes_that_are_none_are_refused),
      TEST(a_hub_takes_no_more_than_is_documented),
      TEST(none_is_destroyed_in_peace),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
