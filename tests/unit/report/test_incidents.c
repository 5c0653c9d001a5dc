/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "report/incidents.h"
#include "report/note_incident.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char rule_name[200];
static struct series series;
static struct incidents *list;

static int begin(void **state) {
  (void)state;
  strcpy(rule_name, "server_down");
  series = (struct series){"hub-1",  "mcp_hub", "prod", "mcp_server_state",
                           "github", "value"};
  list = incidents_create(4);
  return list != NULL ? 0 : -1;
}

static int end(void **state) {
  (void)state;
  incidents_destroy(list);
  list = NULL;
  return 0;
}

static void event_as(enum alert_level previous, enum alert_level level,
                     const char *message, double begin_wall, double wall) {
  const struct alert event = {.rule_name = rule_name,
                              .series = series,
                              .level = level,
                              .previous = previous};

  note_incident(list, &event, message, begin_wall, wall);
}

static void fires(const char *server, double wall) {
  series.type_instance = server;
  event_as(ALERT_OK, ALERT_WARNING, "down", wall, wall);
}

static void resolves(const char *server, double wall) {
  series.type_instance = server;
  event_as(ALERT_WARNING, ALERT_OK, "well", wall, wall);
}

static const struct incident *nth(size_t n) {
  const struct incident *i = NULL;

  do
    i = incidents_next(list, i);
  while (i != NULL && n-- > 0);
  return i;
}

static void expect_servers(const char *expected) {
  const struct incident *i = NULL;
  char text[200] = "";

  while ((i = incidents_next(list, i)) != NULL) {
    strcat(text, i->alert.series.type_instance);
    strcat(text, incident_is_open(i) ? "+ " : " ");
  }
  assert_string_equal(text, expected);
}

static void an_alert_that_starts_opens_one(void **state) {
  const struct incident *i = NULL;
  char identity[SERIES_TEXT_MAX];

  (void)state;
  assert_null(incidents_next(list, NULL));
  event_as(ALERT_OK, ALERT_WARNING, "github is down", 5000, 5120);
  i = nth(0);
  assert_non_null(i);
  assert_null(nth(1));
  assert_int_equal(incidents_count(list), 1);
  assert_true(incident_is_open(i));
  assert_string_equal(i->alert.rule_name, "server_down");
  assert_int_equal(i->alert.level, ALERT_WARNING);
  assert_string_equal(i->alert.message, "github is down");
  assert_true(i->alert.since >= 5000 && i->alert.since <= 5000);
  series_text(&i->alert.series, identity);
  assert_string_equal(identity, "hub-1/mcp_hub-prod/mcp_server_state-github");
}

static void an_identity_without_instances_has_no_hyphens(void **state) {
  char identity[SERIES_TEXT_MAX];

  (void)state;
  series = (struct series){"h", "load", "", "load", "", "shortterm"};
  event_as(ALERT_OK, ALERT_INFO, "", 0, 0);
  series_text(&nth(0)->alert.series, identity);
  assert_string_equal(identity, "h/load/load");
}

static void its_end_closes_it(void **state) {
  (void)state;
  fires("a", 1000);
  fires("b", 1001);
  resolves("a", 1300);
  expect_servers("a b+ ");
  assert_true(nth(0)->end >= 1300 && nth(0)->end <= 1300);
  fires("a", 1400); /* again: another one */
  expect_servers("a b+ a+ ");
  resolves("c", 1500); /* nobody knows it */
  expect_servers("a b+ a+ ");
}

static void the_worst_level_is_kept_with_its_message(void **state) {
  (void)state;
  event_as(ALERT_OK, ALERT_WARNING, "bad", 1000, 1000);
  event_as(ALERT_WARNING, ALERT_CRITICAL, "worse", 1100, 1100);
  event_as(ALERT_CRITICAL, ALERT_INFO, "better", 1200, 1200);
  assert_int_equal(incidents_count(list), 1);
  assert_int_equal(nth(0)->alert.level, ALERT_CRITICAL);
  assert_string_equal(nth(0)->alert.message, "worse");
  assert_true(nth(0)->alert.since <= 1000);
  event_as(ALERT_INFO, ALERT_OK, "well", 1000, 1300);
  assert_string_equal(nth(0)->alert.message, "worse");
  assert_false(incident_is_open(nth(0)));
}

static void each_series_and_rule_has_its_own(void **state) {
  (void)state;
  fires("a", 1);
  series.ds = "other";
  fires("a", 2);
  strcpy(rule_name, "another");
  fires("a", 3);
  assert_int_equal(incidents_count(list), 3);
  resolves("a", 4);
  assert_true(incident_is_open(nth(0)));
  assert_true(incident_is_open(nth(1)));
  assert_false(incident_is_open(nth(2)));
}

static void one_that_is_open_goes_on_when_it_starts_again(void **state) {
  (void)state;
  fires("a", 1000);
  fires("a", 2000); /* the engine began anew */
  expect_servers("a+ ");
  assert_true(nth(0)->alert.since <= 1000);
}

static void the_closed_are_forgotten_after_a_day(void **state) {
  (void)state;
  fires("a", 0);
  fires("b", 10);
  fires("c", 20);
  resolves("b", 1000);
  resolves("c", 2000);
  incidents_expire(list, 1000 + 86400);
  expect_servers("a+ b c ");
  incidents_expire(list, 1001 + 86400);
  expect_servers("a+ c ");
  incidents_expire(list, 1e9);
  expect_servers("a+ ");
}

static void past_the_bound_the_oldest_closed_one_goes(void **state) {
  (void)state;
  fires("a", 1);
  fires("b", 2);
  fires("c", 3);
  fires("d", 4);
  resolves("c", 5);
  resolves("b", 6);
  fires("e", 7);
  expect_servers("a+ c d+ e+ ");
  assert_int_equal(incidents_dropped(list), 1);
  fires("f", 8);
  fires("g", 9); /* all are open */
  expect_servers("a+ d+ e+ f+ ");
  assert_int_equal(incidents_dropped(list), 3);
}

static void a_step_of_the_clock_ends_none_before_it_began(void **state) {
  (void)state;
  fires("a", 5000);
  resolves("a", 10);
  assert_true(nth(0)->end >= 5000 && nth(0)->end <= 5000);
}

static void long_names_are_cut(void **state) {
  char name[400];
  char identity[SERIES_TEXT_MAX];

  (void)state;
  memset(name, 'n', sizeof(name));
  name[399] = '\0';
  memset(rule_name, 'r', sizeof(rule_name) - 1);
  series = (struct series){name, name, name, name, name, name};
  event_as(ALERT_OK, ALERT_WARNING, name, 1, 1);
  assert_int_equal(strlen(nth(0)->alert.series.host), INCIDENT_NAME_MAX - 1);
  assert_int_equal(strlen(nth(0)->alert.rule_name), INCIDENT_NAME_MAX - 1);
  assert_int_equal(strlen(nth(0)->alert.message), MESSAGE_MAX - 1);
  series_text(&nth(0)->alert.series, identity);
  assert_int_equal(strlen(identity), 5 * 127 + 4);
  event_as(ALERT_WARNING, ALERT_OK, name, 1, 2);
  assert_false(incident_is_open(nth(0)));
}

/* What is there, saved and loaded into an empty list, `change` bytes of it
 * from `at` on overwritten. */
static void reload(size_t at, size_t change) {
  struct serializer out = {0};
  struct deserializer in = {0};

  incidents_save(list, &out);
  assert_false(out.failed);
  memset(out.data + at, 'x', change);
  in = (struct deserializer){.at = out.data, .left = out.len};
  end(NULL);
  begin(NULL);
  incidents_load(list, &in);
  assert_true(!in.failed && in.left == 0);
  free(out.data);
}

static void they_go_on_after_a_restart(void **state) {
  (void)state;
  fires("a", 1);
  fires("b", 2);
  resolves("a", 3);
  reload(0, 0);
  expect_servers("a b+ ");
  resolves("b", 10);
  expect_servers("a b ");
  assert_int_equal(incidents_restore(list, nth(0)), 0);
  assert_int_equal(incidents_restore(list, nth(0)), 0);
  assert_int_equal(incidents_restore(list, nth(0)), -1); /* full */
}

static void bytes_that_are_none_are_refused(void **state) {
  struct incident good;

  (void)state;
  fires("a", 1);
  good = *nth(0);
#define REFUSED(change)                                                        \
  do {                                                                         \
    struct incident i = good;                                                  \
    change;                                                                    \
    assert_int_equal(incidents_restore(list, &i), -1);                         \
  } while (0)
  REFUSED(i.alert.level = ALERT_OK);
  REFUSED(i.alert.level = ALERT_LEVELS);
  REFUSED(i.alert.level = -1);
  REFUSED(i.alert.since = NAN);
  REFUSED(i.end = INFINITY);
  REFUSED(i.end = 0.5);
  assert_int_equal(incidents_restore(list, &good), 0);
}

static void texts_without_an_end_are_refused(void **state) {
  size_t head = sizeof(uint64_t) + 2 * sizeof(double) + 2 * sizeof(uint32_t);

  (void)state;
  for (size_t k = 0; k < 8; k++) {
    fires("a", 1);
    assert_int_equal(incidents_count(list), 1);
    reload(head + k * INCIDENT_NAME_MAX,
           k < 7 ? INCIDENT_NAME_MAX : MESSAGE_MAX);
    assert_int_equal(incidents_count(list), 0);
  }
}

static void a_copy_is_the_same_and_its_own(void **state) {
  struct incidents *copy = NULL;
  const struct incident *i = NULL;

  (void)state;
  fires("a", 1);
  fires("b", 2);
  copy = incidents_copy(list);
  assert_non_null(copy);
  resolves("a", 3);
  assert_int_equal(incidents_count(copy), 2);
  i = incidents_next(copy, NULL);
  assert_true(incident_is_open(i));
  assert_string_equal(i->alert.series.type_instance, "a");
  i = incidents_next(copy, i);
  assert_string_equal(i->alert.series.type_instance, "b");
  assert_null(incidents_next(copy, i));
  incidents_destroy(copy);
}

static void none_is_destroyed_in_peace(void **state) {
  (void)state;
  incidents_destroy(NULL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(an_alert_that_starts_opens_one),
      TEST(an_identity_without_instances_has_no_hyphens),
      TEST(its_end_closes_it),
      TEST(the_worst_level_is_kept_with_its_message),
      TEST(each_series_and_rule_has_its_own),
      TEST(one_that_is_open_goes_on_when_it_starts_again),
      TEST(the_closed_are_forgotten_after_a_day),
      TEST(past_the_bound_the_oldest_closed_one_goes),
      TEST(a_step_of_the_clock_ends_none_before_it_began),
      TEST(long_names_are_cut),
      TEST(they_go_on_after_a_restart),
      TEST(bytes_that_are_none_are_refused),
      TEST(texts_without_an_end_are_refused),
      TEST(a_copy_is_the_same_and_its_own),
      TEST(none_is_destroyed_in_peace),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
