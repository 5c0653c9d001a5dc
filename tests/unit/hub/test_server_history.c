/* SPDX-License-Identifier: MIT */
#include "hub/server_history.h"

#include "unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One server as a hub would list it at `time` (its own clock). */
struct look {
  const char *name;
  enum server_status status;
  double uptime;
  double last_started;
};

static void see_none(struct server_history *t, enum hub_state state,
                     bool known) {
  struct hub_snapshot s;
  hub_snapshot_init(&s);
  s.state = state;
  s.servers_known = known;
  struct text_store texts = {.max = 100};
  assert_int_equal(text_add(&texts, "/home/hub", 9), TEXT_OK);
  s.self.cwd = text_keep(&texts);
  s.texts = texts.block; /* a sanitizer sees whether it is freed */
  assert_int_equal(server_history_update(t, &s, 5000), 0);
  assert_int_equal(server_history_snapshot(t)->servers_num, 0);
}

static void see(struct server_history *t, double time, const struct look *looks,
                size_t num) {
  struct hub_snapshot s;
  hub_snapshot_init(&s);
  s.state = HUB_READY;
  s.timestamp = time;
  s.servers_known = true;
  s.servers_num = num;
  s.servers = num > 0 ? calloc(num, sizeof(*s.servers)) : NULL;
  for (size_t i = 0; i < num; i++) {
    s.servers[i].name = looks[i].name;
    s.servers[i].name_len = looks[i].name != NULL ? strlen(looks[i].name) : 0;
    s.servers[i].status = looks[i].status;
    s.servers[i].uptime = looks[i].uptime;
    s.servers[i].last_started = looks[i].last_started;
  }
  assert_int_equal(server_history_update(t, &s, 5000), 0);
  assert_int_equal(s.servers_num, 0);
}

static const struct server_history_entry *
see_one(struct server_history *t, double time, enum server_status status,
        double uptime, double last_started) {
  see(t, time, &(struct look){"a", status, uptime, last_started}, 1);
  return &server_history_servers(t)[0];
}

static void uptime_zero_two_seconds_apart_is_dead(void **state) {
  (void)state;
  struct server_history *t = server_history_create();
  assert_int_equal(see_one(t, 100, SERVER_CONNECTED, 50, 50)->status,
                   SERVER_CONNECTED);
  assert_int_equal(see_one(t, 110, SERVER_CONNECTED, 0, 50)->status,
                   SERVER_CONNECTED);
  assert_int_equal(see_one(t, 111.9, SERVER_CONNECTED, 0, 50)->status,
                   SERVER_CONNECTED);
  assert_int_equal(see_one(t, 112, SERVER_CONNECTED, 0, 50)->status,
                   SERVER_DEAD);
  assert_int_equal(server_history_servers(t)[0].transitions, 1);
  server_history_destroy(t);
}

static void a_server_that_was_dead_before_we_came_is_found(void **state) {
  (void)state;
  struct server_history *t = server_history_create();
  see_one(t, 100, SERVER_CONNECTED, 0, 50);
  assert_int_equal(see_one(t, 110, SERVER_CONNECTED, 0, 50)->status,
                   SERVER_DEAD);
  server_history_destroy(t);
}

static void a_reconnect_is_not_death(void **state) {
  (void)state;
  struct server_history *t = server_history_create();
  see_one(t, 100, SERVER_CONNECTED, 0, 99.5);
  const struct server_history_entry *a =
      see_one(t, 110, SERVER_CONNECTED, 0, 109.5);
  assert_int_equal(a->status, SERVER_CONNECTED);
  assert_int_equal(a->restarts, 1);
  assert_int_equal(a->transitions, 0);
  server_history_destroy(t);
}

static void a_slow_start_is_not_death(void **state) {
  (void)state;
  struct server_history *t = server_history_create();
  see_one(t, 100, SERVER_CONNECTING, 0, 40);
  see_one(t, 110, SERVER_CONNECTING, 0, 40);
  assert_int_equal(see_one(t, 120, SERVER_CONNECTED, 0, 40)->status,
                   SERVER_CONNECTED);
  assert_int_equal(see_one(t, 130, SERVER_CONNECTED, 10, 40)->status,
                   SERVER_CONNECTED);
  server_history_destroy(t);
}

static void death_ends_with_a_new_start_or_another_status(void **state) {
  (void)state;
  struct server_history *t = server_history_create();
  see_one(t, 100, SERVER_CONNECTED, 0, 50);
  see_one(t, 110, SERVER_CONNECTED, 0, 50);
  assert_int_equal(see_one(t, 120, SERVER_CONNECTED, 3, 115)->status,
                   SERVER_CONNECTED);
  see_one(t, 130, SERVER_CONNECTED, 0, 115);
  assert_int_equal(see_one(t, 140, SERVER_CONNECTED, 0, 115)->status,
                   SERVER_DEAD);
  assert_int_equal(see_one(t, 150, SERVER_DISABLED, 0, 115)->status,
                   SERVER_DISABLED);
  assert_int_equal(server_history_servers(t)[0].transitions, 4);
  server_history_destroy(t);
}

static void
a_hub_clock_that_steps_back_neither_kills_nor_revives(void **state) {
  (void)state;
  struct server_history *t = server_history_create();
  see_one(t, 1000, SERVER_CONNECTED, 0, 50);
  assert_int_equal(see_one(t, 100, SERVER_CONNECTED, 0, 50)->status,
                   SERVER_CONNECTED);
  assert_int_equal(see_one(t, 102, SERVER_CONNECTED, 0, 50)->status,
                   SERVER_DEAD);
  assert_int_equal(see_one(t, 10, SERVER_CONNECTED, 0, 50)->status,
                   SERVER_DEAD);
  server_history_destroy(t);
}

static void only_a_change_between_known_starts_is_a_restart(void **state) {
  (void)state;
  struct server_history *t = server_history_create();
  see_one(t, 100, SERVER_DISCONNECTED, 0, NAN);
  assert_int_equal(see_one(t, 110, SERVER_CONNECTED, 5, 105)->restarts, 0);
  assert_int_equal(see_one(t, 120, SERVER_CONNECTED, 5, 115)->restarts, 1);
  assert_int_equal(see_one(t, 130, SERVER_DISCONNECTED, 0, NAN)->restarts, 1);
  assert_int_equal(see_one(t, 140, SERVER_CONNECTED, 5, 135)->restarts, 1);
  server_history_destroy(t);
}

/* A hub dates what is disabled with its own start. */
static void a_disabled_server_does_not_start(void **state) {
  (void)state;
  struct server_history *t = server_history_create();
  see_one(t, 100, SERVER_DISABLED, 50, 50);
  assert_int_equal(see_one(t, 110, SERVER_DISABLED, 5, 105)->restarts, 0);
  assert_int_equal(see_one(t, 120, SERVER_CONNECTED, 5, 115)->restarts, 0);
  assert_int_equal(see_one(t, 130, SERVER_CONNECTED, 5, 125)->restarts, 1);
  assert_int_equal(see_one(t, 140, SERVER_DISABLED, 5, 135)->restarts, 1);
  server_history_destroy(t);
}

static void a_server_that_left_the_list_is_forgotten(void **state) {
  (void)state;
  struct server_history *t = server_history_create();
  see_one(t, 100, SERVER_CONNECTED, 0, 50);
  see_one(t, 110, SERVER_CONNECTED, 0, 50);
  see(t, 120, NULL, 0);
  const struct server_history_entry *a =
      see_one(t, 130, SERVER_CONNECTED, 0, 50);
  assert_int_equal(a->status, SERVER_CONNECTED);
  assert_int_equal(a->transitions, 0);
  server_history_destroy(t);
}

static void a_hub_that_starts_with_no_servers_yet_forgets_none(void **state) {
  (void)state;
  struct server_history *t = server_history_create();
  see_one(t, 100, SERVER_CONNECTED, 50, 50);
  see_none(t, HUB_STARTING, true);
  see_none(t, HUB_STARTING, true);
  see_one(t, 110, SERVER_CONNECTING, 0, 109);
  const struct server_history_entry *a =
      see_one(t, 120, SERVER_CONNECTED, 9, 111);
  assert_int_equal(a->restarts, 2);
  assert_int_equal(a->transitions, 2);
  see_none(t, HUB_STARTING, false);
  assert_int_equal(see_one(t, 130, SERVER_CONNECTED, 2, 128)->restarts, 3);
  server_history_destroy(t);
}

static void a_hub_that_is_ready_without_servers_has_none(void **state) {
  (void)state;
  struct server_history *t = server_history_create();
  see_one(t, 100, SERVER_CONNECTED, 50, 50);
  see_none(t, HUB_STARTING, true);
  see_none(t, HUB_READY, true);
  assert_int_equal(see_one(t, 110, SERVER_CONNECTED, 5, 105)->restarts, 0);
  server_history_destroy(t);
}

static void servers_are_matched_by_name_while_others_come_and_go(void **state) {
  (void)state;
  struct server_history *t = server_history_create();
  const struct look first[] = {{"b", SERVER_CONNECTED, 9, 1},
                               {"d", SERVER_CONNECTED, 9, 1}};
  const struct look second[] = {{"a", SERVER_CONNECTED, 9, 1},
                                {"c", SERVER_CONNECTED, 9, 1},
                                {"d", SERVER_DISCONNECTED, 0, 2},
                                {"e", SERVER_CONNECTED, 9, 1}};
  see(t, 100, first, 2);
  see(t, 110, second, 4);
  const struct server_history_entry *s = server_history_servers(t);
  assert_int_equal(s[0].transitions + s[1].transitions + s[3].transitions, 0);
  assert_int_equal(s[2].transitions, 1);
  assert_int_equal(s[2].restarts, 1);
  server_history_destroy(t);
}

static void
a_name_listed_twice_is_marked_once_and_keeps_its_past(void **state) {
  (void)state;
  struct server_history *t = server_history_create();
  const struct look looks[] = {{NULL, SERVER_CONNECTED, 9, 1},
                               {"a", SERVER_CONNECTED, 9, 1},
                               {"a", SERVER_CONNECTED, 9, 1},
                               {"b", SERVER_CONNECTED, 9, 1}};
  see(t, 100, looks, 4);
  see(t, 110, looks, 4);
  const struct server_history_entry *s = server_history_servers(t);
  assert_false(s[1].duplicate);
  assert_true(s[2].duplicate);
  assert_false(s[3].duplicate);
  server_history_destroy(t);
}

static void without_a_timestamp_the_readers_clock_serves(void **state) {
  (void)state;
  struct server_history *t = server_history_create();
  see_one(t, NAN, SERVER_CONNECTED, 0, 50);
  assert_true(server_history_servers(t)[0].uptime_zero_since == 5000);
  server_history_destroy(t);
  server_history_destroy(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(uptime_zero_two_seconds_apart_is_dead),
      cmocka_unit_test(a_server_that_was_dead_before_we_came_is_found),
      cmocka_unit_test(a_reconnect_is_not_death),
      cmocka_unit_test(a_slow_start_is_not_death),
      cmocka_unit_test(death_ends_with_a_new_start_or_another_status),
      cmocka_unit_test(a_hub_clock_that_steps_back_neither_kills_nor_revives),
      cmocka_unit_test(only_a_change_between_known_starts_is_a_restart),
      cmocka_unit_test(a_disabled_server_does_not_start),
      cmocka_unit_test(a_server_that_left_the_list_is_forgotten),
      cmocka_unit_test(a_hub_that_starts_with_no_servers_yet_forgets_none),
      cmocka_unit_test(a_hub_that_is_ready_without_servers_has_none),
      cmocka_unit_test(servers_are_matched_by_name_while_others_come_and_go),
      cmocka_unit_test(a_name_listed_twice_is_marked_once_and_keeps_its_past),
      cmocka_unit_test(without_a_timestamp_the_readers_clock_serves),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
