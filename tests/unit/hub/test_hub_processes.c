/* SPDX-License-Identifier: MIT */
/* A hub of this machine, read through the whole reader over a made-up /proc. */
#include "hub/received.h"
#include "process/fake_proc.h"

#include <math.h>

#define HUB 4242
#define PORT 7000

struct scene {
  struct fakeproc proc;
  struct poller *reader;
  double now;
  struct received received;
};

static void start(struct scene *s) {
  *s = (struct scene){.now = 10};
  fake_create(&s->proc);
  fake_stat_file(&s->proc, &(struct fake_stat){
                               .pid = HUB, .ppid = 1, .start = 500, .rss = 9});
  fake_listener(&s->proc, HUB, PORT, 5555);
  fake_file(&s->proc, "4242/environ", "HOME=/home/hub");
  fake_file(
      &s->proc, "hub/servers.json",
      "{\"mcpServers\":{\"a\":{\"command\":\"node\",\"args\":[\"/a.js\"]},"
      "\"b\":{\"command\":\"node\",\"args\":[\"/b.js\"]}}}");
  fake_stat_file(
      &s->proc,
      &(struct fake_stat){.pid = 300, .ppid = HUB, .start = 503, .rss = 5});
  fake_cmdline(&s->proc, 300, "node|/a.js");
  const struct poller_settings settings = {.name = "prod",
                                           .url = "http://127.0.0.1:7000",
                                           .timeout = 5,
                                           .max_servers = 200,
                                           .proc = s->proc.root,
                                           .remark = received_remark,
                                           .remark_arg = &s->received};
  s->reader = poller_create(&settings);
}

static void stop(struct scene *s) {
  poller_destroy(s->reader);
  fake_destroy(&s->proc);
}

#define SERVER(name, type)                                                     \
  "{\"name\":\"" name "\",\"transportType\":\"" type                           \
  "\",\"status\":\"connected\",\"uptime\":9,\"config_source\":\"servers."      \
  "json\","                                                                    \
  "\"lastStarted\":\"1970-01-12T13:55:03.000Z\"}"

/* The hub says what it is and where its servers are configured. */
static void read_with(struct scene *s, const char *pid, const char *servers) {
  char body[2048];
  snprintf(
      body, sizeof(body),
      "{\"state\":\"ready\",\"timestamp\":\"1970-01-12T14:00:00.000Z\","
      "\"servers\":[%s],\"workspaces\":{\"current\":\"7000\",\"allActive\":{"
      "\"7000\":{\"pid\":%s,\"port\":7000,\"cwd\":\"%s/hub\","
      "\"config_files\":[\"servers.json\",7],"
      "\"startTime\":\"1970-01-12T13:55:02.000Z\"}}}}",
      servers, pid, s->proc.root);
  struct http_result good = {HTTP_OK, 200, 0.1, 0, ""};
  struct http_result none = {HTTP_HTTP, 404, 0.1, 0, "404"};
  received_clear(&s->received);
  poller_begin(s->reader, s->now, s->now);
  assert_int_equal(poller_data(s->reader, body, strlen(body)), 0);
  if (poller_done(s->reader, &good, s->now) != NULL)
    assert_null(poller_done(s->reader, &none, s->now));
  poller_emit(s->reader, received_value, &s->received);
  s->now += 10;
}

static void read_once(struct scene *s, const char *pid) {
  read_with(
      s, pid,
      SERVER("a", "stdio") "," SERVER("b", "stdio") "," SERVER("c", "sse"));
}

static void fail_once(struct scene *s) {
  struct http_result refused = {HTTP_CONNECT, 0, 0, 0, "refused"};
  received_clear(&s->received);
  poller_begin(s->reader, s->now, s->now);
  assert_null(poller_done(s->reader, &refused, s->now));
  poller_emit(s->reader, received_value, &s->received);
  s->now += 10;
}

static bool has(const struct scene *s, const char *value) {
  return strstr(s->received.values, value) != NULL;
}

static void a_verified_hub_and_its_servers_have_figures(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  read_once(&s, "4242");
  assert_true(has(&s, "ps_rss-hub ") && has(&s, "ps_cputime-hub 0:0\n"));
  assert_true(has(&s, "percent-memory ") && has(&s, "threads-hub "));
  assert_true(has(&s, "ps_rss-a ") && has(&s, "ps_cputime-a 0:0\n"));
  assert_false(has(&s, "ps_rss-b") || has(&s, "ps_rss-c"));
  assert_string_equal(poller_log_path(s.reader),
                      "/home/hub/.local/state/mcp-hub/logs/mcp-hub.log");
  assert_non_null(strstr(s.received.remarks,
                         "no process is known of 1 server(s), such "
                         "as \"b\": "));
  read_once(&s, "4242");
  assert_string_equal(s.received.remarks, "");
  stop(&s);
}

static void the_debug_log_shows_which_process_is_whose(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  read_once(&s, "4242");
  assert_non_null(strstr(s.received.debug,
                         "hub \"prod\": log: /home/hub/.local/state/mcp-hub/"
                         "logs/mcp-hub.log, by the environment of process "
                         "4242\n"));
  assert_non_null(strstr(s.received.debug,
                         "hub \"prod\": server \"a\": process 300: its command "
                         "and arguments fit, and no other's\n"));
  assert_non_null(strstr(s.received.debug,
                         "hub \"prod\": server \"b\": no process: none of the "
                         "hub's children fits its command and arguments\n"));
  assert_null(strstr(s.received.debug, "\"c\": no process")); /* not local */
  read_once(&s, "4242");
  assert_string_equal(s.received.debug, "");
  fake_stat_file(&s.proc, &(struct fake_stat){
                              .pid = 301, .ppid = HUB, .start = 400, .rss = 5});
  fake_cmdline(&s.proc, 301, "node|/a.js"); /* too old to be a's */
  fake_stat_file(&s.proc, &(struct fake_stat){
                              .pid = 302, .ppid = HUB, .start = 900, .rss = 5});
  fake_cmdline(&s.proc, 302, "node|/b.js");
  fake_stat_file(&s.proc, &(struct fake_stat){
                              .pid = 303, .ppid = HUB, .start = 503, .rss = 5});
  fake_cmdline(&s.proc, 303, "node|/b.js");
  s.now += 600; /* processes are looked through again */
  read_once(&s, "4242");
  assert_string_equal(
      s.received.debug,
      "hub \"prod\": server \"b\": process 303: its command and "
      "arguments fit, and of several it started with the "
      "server\n");
  stop(&s);
}

static void another_process_of_that_pid_has_none(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  read_once(&s, "4242");
  fake_stat_file(&s.proc, &(struct fake_stat){
                              .pid = HUB, .ppid = 1, .start = 900, .rss = 9});
  read_once(&s, "4242");
  assert_false(has(&s, "ps_"));
  assert_non_null(strstr(s.received.remarks, "hub \"prod\": process: "));
  read_once(&s, "4242");
  assert_string_equal(s.received.remarks, "");
  stop(&s);
}

static void what_the_hub_does_not_tell_is_not_guessed(void **state) {
  (void)state;
  static const char *const pids[] = {"null", "0",        "-1",
                                     "1.5",  "\"4242\"", "99999999999"};
  for (size_t i = 0; i < sizeof(pids) / sizeof(pids[0]); i++) {
    struct scene s;
    start(&s);
    read_once(&s, pids[i]);
    assert_false(has(&s, "ps_"));
    assert_string_equal(poller_log_path(s.reader), "");
    stop(&s);
  }
}

static void a_hub_that_does_not_answer_has_none(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  read_once(&s, "4242");
  fail_once(&s);
  assert_false(has(&s, "ps_"));
  read_once(&s, "4242");
  assert_true(has(&s, "ps_rss-hub") && has(&s, "ps_rss-a"));
  stop(&s);
}

static void one_of_two_servers_of_a_name_has_figures(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  read_with(&s, "4242",
            SERVER("a", "stdio") "," SERVER("a", "stdio") ",{\"name\":7}");
  const char *first = strstr(s.received.values, "ps_rss-a ");
  assert_non_null(first);
  assert_null(strstr(first + 1, "ps_rss-a "));
  read_with(&s, "4242", "");
  assert_true(has(&s, "ps_rss-hub ") && !has(&s, "ps_rss-a"));
  stop(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_verified_hub_and_its_servers_have_figures),
      cmocka_unit_test(the_debug_log_shows_which_process_is_whose),
      cmocka_unit_test(another_process_of_that_pid_has_none),
      cmocka_unit_test(what_the_hub_does_not_tell_is_not_guessed),
      cmocka_unit_test(a_hub_that_does_not_answer_has_none),
      cmocka_unit_test(one_of_two_servers_of_a_name_has_figures),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
