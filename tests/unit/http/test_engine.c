/* SPDX-License-Identifier: MIT */
/* Deadlines, and the life of clients in their engine. */
#include "http/world.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- deadlines ---- */

/* The deadline, one by which a busy machine has come that far, too. */
static double time_out(struct outcome *o, const char *path, const char *far) {
  double deadline = 0.1;
  do {
    deadline *= 2;
    get_within(o, path, deadline);
    assert_int_equal(o->error, HTTP_TIMEOUT);
  } while (strstr(o->message, far) == NULL && deadline < DEADLINE / 4);
  assert_non_null(strstr(o->message, far));
  return deadline;
}

static void silence_ends_at_the_deadline(void **state) {
  struct world *w = *state;
  char expected[256];
  struct outcome *o = client_of(w);
  double deadline = time_out(o, "/silent", "(connected,");
  snprintf(expected, sizeof(expected),
           "no complete answer from 127.0.0.1:%d within %g s (connected, 0 "
           "bytes received)",
           w->server->port, deadline);
  assert_string_equal(o->message, expected);
  assert_true(o->duration >= 0.95 * deadline);
  time_out(o, "/drip", "1 bytes received");
  assert_int_equal(o->status, 200);
  drop(o);
}

static void kept_connection_counts_as_connected(void **state) {
  struct outcome *o = client_of(*state);
  get(o, "/short");
  time_out(o, "/silent", "(connected,");
  drop(o);
}

static void nonsense_deadlines_end_too(void **state) {
  struct outcome *o = client_of(*state);
  get_within(o, "/silent", 0);
  assert_int_equal(o->error, HTTP_TIMEOUT);
  get_within(o, "/silent", -1);
  assert_int_equal(o->error, HTTP_TIMEOUT);
  get_within(o, "/silent", __builtin_nan(""));
  assert_int_equal(o->error, HTTP_TIMEOUT);
  get_within(o, "/short", 1e300);
  assert_int_equal(o->error, HTTP_OK);
  drop(o);
}

/* A listener whose queue is full leaves further connections unanswered. */
static void deadline_holds_while_connecting(void **state) {
  int port = 0;
  int fd = listen_tcp(&port, 0);
  int fill[4];
  struct sockaddr_in a = {.sin_family = AF_INET,
                          .sin_port = htons((uint16_t)port),
                          .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  for (size_t i = 0; i < 4; i++) {
    fill[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    connect(fill[i], (struct sockaddr *)&a, sizeof(a));
  }
  char url[64];
  snprintf(url, sizeof(url), "http://127.0.0.1:%d", port);
  struct http_options access = options_for(url);
  struct outcome *o = client_with(*state, &access);
  get_within(o, "/short", 0.2);
  assert_int_equal(o->error, HTTP_TIMEOUT);
  assert_non_null(strstr(o->message, "(not connected, 0 bytes"));
  drop(o);
  for (size_t i = 0; i < 4; i++)
    close(fill[i]);
  close(fd);
}

static void resolver_that_hangs_holds_up_nobody(void **state) {
  struct world *w = *state;
  struct http_options a = options_for("http://hang.invalid:7000");
  struct outcome *lost = client_with(w, &a);
  struct outcome *quick = client_of(w);
  start_within(lost, "/short", 0.5);
  get(quick, "/good");
  assert_int_equal(quick->error, HTTP_OK);
  wait_for(lost, 1);
  assert_int_equal(lost->error, HTTP_TIMEOUT);
  assert_non_null(strstr(lost->message, "(name not resolved, 0 bytes"));
  sem_wait(&resolving);
  start_within(lost, "/short", DEADLINE);
  while (sem_trywait(&resolving) != 0)
    http_engine_run(w->engine, 0.01);
  drop(lost); /* does not wait for it either */
  drop(quick);
  sem_post(&resolve);
  sem_post(&resolve);
}

static void one_that_hangs_holds_up_nobody(void **state) {
  struct world *w = *state;
  struct outcome *slow = client_of(w);
  struct outcome *quick = client_of(w);
  start_within(slow, "/silent", DEADLINE);
  get(quick, "/short");
  assert_int_equal(quick->error, HTTP_OK);
  assert_int_equal(slow->done, 0);
  assert_int_equal(http_engine_run(w->engine, 0), 1);
  get(quick, "/good");
  assert_int_equal(quick->error, HTTP_OK);
  assert_int_equal(slow->done, 0);
  drop(quick);
  drop(slow);
}

/* ---- life of clients ---- */

static void destroying_cancels(void **state) {
  struct world *w = *state;
  struct outcome *o = client_of(w);
  start_within(o, "/drip", DEADLINE);
  while (o->len == 0)
    http_engine_run(w->engine, DEADLINE);
  o->next = "/short";
  o->restarts = 1; /* is in vain */
  http_client_destroy(o->client);
  o->client = NULL;
  assert_int_equal(o->done, 1);
  assert_int_equal(o->error, HTTP_CONNECT);
  assert_string_equal(o->message, "cancelled");
  assert_int_equal(http_engine_run(w->engine, 0), 0);
  drop(o);
}

static void destroying_before_the_first_run_cancels(void **state) {
  struct world *w = *state;
  struct outcome *o = client_of(w);
  start_within(o, "/short", DEADLINE);
  http_client_destroy(o->client);
  o->client = NULL;
  assert_int_equal(o->done, 1);
  assert_string_equal(o->message, "cancelled");
  assert_int_equal(http_engine_run(w->engine, 0), 0);
  drop(o);
}

static void done_may_start_the_next(void **state) {
  struct world *w = *state;
  struct outcome *o = client_of(w);
  o->next = "/short";
  o->restarts = 3;
  start_within(o, "/404", DEADLINE);
  wait_for(o, 4);
  assert_int_equal(o->error, HTTP_OK);
  assert_int_equal(o->len, 6);
  assert_int_equal(http_engine_run(w->engine, 0), 0);
  assert_int_equal(accepted(w->server), 1);
  drop(o);
}

static void done_may_destroy_its_client(void **state) {
  struct world *w = *state;
  struct outcome *o = client_of(w);
  o->destroy = true;
  get(o, "/short");
  assert_null(o->client);
  assert_int_equal(o->error, HTTP_OK);
  assert_int_equal(http_engine_run(w->engine, 0), 0);
  drop(o);
}

static void many_clients_are_all_served(void **state) {
  enum { MANY = 600 };
  struct world *w = *state;
  struct outcome **all = calloc(MANY, sizeof(*all));
  int port = 0;
  char url[64];
  close(listen_tcp(&port, 1));
  snprintf(url, sizeof(url), "http://127.0.0.1:%d", port);
  struct http_options a = options_for(url);
  for (size_t i = 0; i < MANY; i++)
    all[i] = client_with(w, &a);
  for (size_t i = 0; i < MANY; i++)
    start_within(all[i], "/short", DEADLINE);
  int active = MANY;
  while (active > 0) {
    active = http_engine_run(w->engine, DEADLINE);
    assert_int_not_equal(active, -1);
  }
  for (size_t i = 0; i < MANY; i++) {
    assert_int_equal(all[i]->done, 1);
    assert_int_equal(all[i]->error, HTTP_CONNECT);
    drop(all[i]);
  }
  free(all);
}

static void *wake(void *arg) {
  http_engine_wake(arg);
  return NULL;
}

static void wake_ends_a_long_wait(void **state) {
  struct world *w = *state;
  struct outcome *o = client_of(w);
  pthread_t thread;
  check(pthread_create(&thread, NULL, wake, w->engine) == 0, "thread");
  assert_int_equal(http_engine_run(w->engine, 3600), 0); /* or alarm() */
  pthread_join(thread, NULL);
  start_within(o, "/silent", 3600);
  http_engine_wake(w->engine);
  http_engine_wake(w->engine);
  assert_int_equal(http_engine_run(w->engine, 3600), 1);
  drop(o);
}

static void nothing_to_destroy_is_fine(void **state) {
  (void)state;
  http_client_destroy(NULL);
  http_engine_destroy(NULL);
}

/* A request that fails at once and is started again must not spin for ever in
 * one http_engine_run(), and must not be forgotten either. */
static void failed_start_is_delivered_once_a_run(void **state) {
  struct world *w = *state;
  struct http_options a = options_for(w->url);
  a.bearer_file = "/nonexistent/token";
  struct outcome *o = client_with(w, &a);
  o->next = "/short";
  o->restarts = 2;
  start_within(o, "/short", DEADLINE);
  assert_int_equal(http_engine_run(w->engine, DEADLINE), 1);
  assert_int_equal(o->done, 1);
  assert_int_equal(http_engine_run(w->engine, DEADLINE), 1);
  assert_int_equal(http_engine_run(w->engine, DEADLINE), 0);
  assert_int_equal(o->done, 3);
  start_within(o, "/short", DEADLINE);
  http_client_destroy(o->client);
  o->client = NULL;
  assert_int_equal(o->done, 4);
  assert_string_equal(o->message, "cancelled");
  drop(o);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      WORLD_TEST(silence_ends_at_the_deadline),
      WORLD_TEST(kept_connection_counts_as_connected),
      WORLD_TEST(nonsense_deadlines_end_too),
      WORLD_TEST(deadline_holds_while_connecting),
      WORLD_TEST(one_that_hangs_holds_up_nobody),
      WORLD_TEST(resolver_that_hangs_holds_up_nobody),
      WORLD_TEST(destroying_cancels),
      WORLD_TEST(destroying_before_the_first_run_cancels),
      WORLD_TEST(done_may_start_the_next),
      WORLD_TEST(done_may_destroy_its_client),
      WORLD_TEST(many_clients_are_all_served),
      WORLD_TEST(wake_ends_a_long_wait),
      WORLD_TEST(failed_start_is_delivered_once_a_run),
      cmocka_unit_test(nothing_to_destroy_is_fine),
  };
  return cmocka_run_group_tests(tests, world_begin, world_end);
}
