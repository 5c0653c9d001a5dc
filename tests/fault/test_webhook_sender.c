/* SPDX-License-Identifier: MIT */
/* A webhook, and the thread that delivers, while memory, threads, sockets,
 * epoll or the token's file fail: it is there as a whole or not, and a notice
 * that it has taken in arrives, be it later. */
#include "fault.h"
#include "process/fake_proc.h"
#include "server.h"

#include "plugins/webhook_sender.h"

#include <curl/curl.h>
#include <math.h>
#include <stdatomic.h>
#include <time.h>

#define LATER 10 /* seconds; no pause before another try is longer at first */

static _Atomic long ahead; /* seconds, of the clock */

int __real_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);

/* Linked in the place of clock_gettime(). */
int __wrap_clock_gettime(clockid_t clock, struct timespec *now) {
  int status = __real_clock_gettime(clock, now);
  now->tv_sec += ahead;
  return status;
}

struct stage {
  struct fakeproc folder;
  struct server server;
  char token[128]; /* its file */
  enum webhook_queue_format format;
};

static void hear(int priority, const char *message) {
  (void)priority;
  assert_null(strstr(message, "T0KEN"));
}

static struct webhooks *open_webhooks(const struct stage *s, char *err,
                                      size_t size) {
  const struct webhook_config config = {.name = (char[]){"ops"},
                                        .url = (char *)(uintptr_t)s->server.url,
                                        .format = (int)s->format,
                                        .timeout = 30,
                                        .resend = 1e6,
                                        .bearer_file =
                                            (char *)(uintptr_t)s->token,
                                        .verify_peer = true,
                                        .verify_host = true};
  return webhooks_create(&config, 1, hear, err, size);
}

static void put(struct webhooks *w, enum alert_status status) {
  const struct alert n = {.rule_name = "a_rule",
                          .series = {"h", "mcp_hub", "p", "gauge", "", "value"},
                          .level = ALERT_WARNING,
                          .status = status,
                          .message = "m",
                          .value = 1,
                          .threshold = NAN};
  const struct webhook_notice notice = {&n, &n, 1, false};
  webhooks_send(w, WEBHOOKS_ALL, &notice);
}

static void rest(void) {
  nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

/* The end of what never fired: it is not sent. */
static void wake(struct webhooks *w) { put(w, STATUS_RESOLVED); }

/* Only what memory was short for as it came does not arrive. */
static void delivering(void *arg) {
  struct stage *s = arg;
  char err[256];
  struct webhooks *w = open_webhooks(s, err, sizeof(err));
  assert_non_null(w);
  s->server.notified = 0;
  alarm(60);
  fault_begin();
  put(w, STATUS_FIRING);
  struct webhook_queue_counts c = webhooks_count(w);
  bool taken_in = c.dropped == 0;
  assert_true(taken_in || (fault_happened() && fault_is_of(FAULT_MEMORY)));
  while (!fault_happened() && c.sent + c.dropped + c.retried == 0) {
    rest();
    c = webhooks_count(w);
  }
  bool failed = fault_end();
  assert_true(failed || c.sent == 1);
  ahead += LATER;
  for (uint64_t tries = 0; c.sent + c.dropped == 0; c = webhooks_count(w)) {
    ahead += c.retried > tries ? LATER : 0;
    tries = c.retried;
    wake(w);
    rest();
  }
  alarm(0);
  assert_int_equal(c.sent, taken_in);
  assert_int_equal(c.dropped, !taken_in);
  assert_true((s->server.notified > 0) == taken_in);
  webhooks_destroy(w);
}

static void creating(void *arg) {
  const struct stage *s = arg;
  char err[256] = "";
  fault_begin();
  struct webhooks *w = open_webhooks(s, err, sizeof(err));
  bool failed = fault_end();
  if (w == NULL) {
    assert_true(failed);
    assert_true(err[0] != '\0');
  }
  webhooks_destroy(w);
}

static void each(const char *what, enum webhook_queue_format format,
                 void (*scenario)(void *arg)) {
  struct stage s = {.format = format, .server.word = "a_rule"};
  fake_create(&s.folder);
  fake_file(&s.folder, "token", "T0KEN\n");
  fake_path(&s.folder, s.token, sizeof(s.token), "token");
  server_start(&s.server, true);
  fault_follow(true);
  fault_spare("libcurl"); /* 7.88 divides by nought without memory */
  assert_true(fault_all(what, false, scenario, &s) > 0);
  fault_follow(false);
  server_stop(&s.server);
  fake_destroy(&s.folder);
}

static void webhooks_are_there_as_a_whole_or_not(void **state) {
  (void)state;
  each("webhooks", WEBHOOK_QUEUE_JSON, creating);
}

static void a_notice_arrives_be_it_later(void **state) {
  (void)state;
  each("a notice", WEBHOOK_QUEUE_JSON, delivering);
}

static void an_alert_arrives_be_it_later(void **state) {
  (void)state;
  each("an alert", WEBHOOK_QUEUE_ALERTMANAGER, delivering);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_teardown(webhooks_are_there_as_a_whole_or_not,
                                fault_teardown),
      cmocka_unit_test_teardown(a_notice_arrives_be_it_later, fault_teardown),
      cmocka_unit_test_teardown(an_alert_arrives_be_it_later, fault_teardown),
  };
  curl_global_init(CURL_GLOBAL_DEFAULT);
  int status = cmocka_run_group_tests(tests, NULL, NULL);
  curl_global_cleanup();
  return status;
}
