/* SPDX-License-Identifier: MIT */
/* What the log level debug shows of a read: each decision once, with its
 * reason. */
#include "hub/poller_scene.h"

/* The debug lines of the last read. */
static void says(const struct scene *s, const char *lines) {
  assert_string_equal(s->received.debug, lines);
}

static void the_state_of_a_hub_and_why(void **state) {
  (void)state;
  struct scene s;
  const struct answer ready = GOOD(HEALTH("ready", "")), stats = GOOD("{}");
  start(&s);
  read_once(&s, ready, stats);
  says(&s, "hub \"prod\": state ready, before: none: as the hub says\n");
  read_once(&s, ready, stats);
  says(&s, "");
  read_once(&s, BAD(HTTP_CONNECT, 0, "connection refused"), NONE);
  says(&s, "hub \"prod\": state unreachable, before: ready: connection "
           "refused\n");
  read_once(&s, BAD(HTTP_CONNECT, 0, "connection refused"), NONE);
  says(&s, "");
  read_once(&s, GOOD("<html>"), NONE);
  says(&s,
       "hub \"prod\": state unknown, before: unreachable: byte 0: expected a "
       "value\n");
  read_once(&s, GOOD(HEALTH("dancing", "")), stats);
  says(&s, "");
  read_once(&s, ready, stats);
  says(&s, "hub \"prod\": state ready, before: unknown: as the hub says\n");
  read_once(&s, GOOD(HEALTH("dancing", "")), stats);
  says(&s, "hub \"prod\": state unknown, before: ready: the hub says no known "
           "state\n");
  stop(&s);
}

static void whether_servers_of_a_hub_that_restarts_count_as_down(void **state) {
  (void)state;
  struct scene s;
  const struct answer stuck = GOOD(HEALTH("restarting", "")),
                      stats = GOOD("{}");
  start(&s);
  read_once(&s, stuck, stats);
  says(&s, "hub \"prod\": state restarting, before: none: as the hub says\n"
           "hub \"prod\": restarting: for 300 s none of its servers counts as "
           "down\n");
  for (int i = 0; i < 29; i++) {
    read_once(&s, stuck, stats);
    says(&s, "");
  }
  read_once(&s, stuck, stats);
  says(&s, "hub \"prod\": still restarting after 300 s: its servers count as "
           "down\n");
  read_once(&s, GOOD(HEALTH("ready", "")), stats);
  says(&s, "hub \"prod\": state ready, before: restarting: as the hub says\n");
  stop(&s);
}

/* A read of server "a", `seconds` after 12:00 by the hub's clock. */
static void read_server(struct scene *s, int seconds, const char *status,
                        int uptime, int last_started) {
  char body[512];
  snprintf(body, sizeof(body),
           "{\"state\":\"ready\",\"timestamp\":\"2026-11-20T12:00:%02dZ\","
           "\"servers\":[{\"name\":\"a\",\"status\":\"%s\",\"uptime\":%d,"
           "\"lastStarted\":\"2026-11-20T11:59:%02dZ\"}]}",
           seconds, status, uptime, last_started);
  read_once(s, GOOD(body), GOOD("{}"));
}

static void why_a_server_is_dead(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  read_server(&s, 10, "connected", 9, 0);
  says(&s, "hub \"prod\": state ready, before: none: as the hub says\n"
           "hub \"prod\": server \"a\": connected, before: not listed: as the "
           "hub says\n");
  read_server(&s, 20, "connected", 0, 0);
  says(&s, "");
  read_server(&s, 32, "connected", 0, 0);
  says(&s,
       "hub \"prod\": server \"a\": dead, before: connected: connected, but "
       "with uptime 0 for 12 s by the hub's clock and the same last start\n");
  read_server(&s, 42, "connected", 0, 0);
  says(&s, "");
  read_server(&s, 52, "connected", 0, 30);
  says(&s, "hub \"prod\": server \"a\": restarted: its last start has changed\n"
           "hub \"prod\": server \"a\": connected, before: dead: as the hub "
           "says\n");
  read_server(&s, 59, "disconnected", 0, 30);
  says(&s,
       "hub \"prod\": server \"a\": disconnected, before: connected: as the "
       "hub says\n");
  stop(&s);
}

static void that_a_hub_has_no_statistics(void **state) {
  (void)state;
  static const char absent[] =
      "hub \"prod\": no statistics of tool filtering (HTTP status 404): asked "
      "again in 600 s\n";
  struct scene s;
  const struct answer ready = GOOD(HEALTH("ready", ""));
  start(&s);
  read_once(&s, ready, NONE);
  assert_non_null(strstr(s.received.debug, absent));
  for (int i = 0; i < 61; i++) {
    read_once(&s, ready, NONE);
    says(&s, "");
  }
  s.now += 600;
  read_once(&s, ready, GOOD("{}"));
  says(&s, "");
  read_once(&s, ready, NONE);
  says(&s, absent);
  stop(&s);
}

static void that_an_answer_is_asked_for_again(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  poller_begin(s.reader, 100, 100);
  s.now = 700; /* the deadline was at 105 */
  give(&s, BAD(HTTP_TIMEOUT, 0, "no answer"));
  says(&s,
       "hub \"prod\": no answer in time, but this process stood still: asked "
       "again\n");
  stop(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_state_of_a_hub_and_why),
      cmocka_unit_test(whether_servers_of_a_hub_that_restarts_count_as_down),
      cmocka_unit_test(why_a_server_is_dead),
      cmocka_unit_test(that_a_hub_has_no_statistics),
      cmocka_unit_test(that_an_answer_is_asked_for_again),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
