/* SPDX-License-Identifier: MIT */
/* Requests while memory, sockets, epoll or the token's file fail: each is
 * answered once, right or with what was in the way, and the next one is
 * right. */
#include "fault.h"
#include "process/fake_proc.h"
#include "server.h"

#include "http/client.h"

#include <curl/curl.h>

#define CLIENTS 2
#define DEADLINE 60 /* seconds; of requests that must not time out */
#define SOON 0.5    /* of those that nobody answers */

/* Each client has a server of its own: libcurl keeps a connection that it could
 * not send on, and the server waits for it. */
struct stage {
  struct fakeproc folder;
  struct server servers[CLIENTS];
  double deadline;
  int notified;    /* times that epoll was named as the reason */
  char token[128]; /* its file */
};

static void set_up(struct stage *s, bool answers) {
  s->notified = 0;
  s->deadline = answers ? DEADLINE : SOON;
  fake_create(&s->folder);
  fake_file(&s->folder, "token", "T0KEN\n");
  fake_path(&s->folder, s->token, sizeof(s->token), "token");
  for (int i = 0; i < CLIENTS; i++)
    server_start(&s->servers[i], answers);
}

static void tear_down(struct stage *s) {
  for (int i = 0; i < CLIENTS; i++)
    server_stop(&s->servers[i]);
  fake_destroy(&s->folder);
}

static struct http_client *open_client(const struct stage *s, int server,
                                       struct http_engine *f, char *err,
                                       size_t size) {
  static const char *const headers[] = {"X-Key: v", NULL};
  const struct http_options access = {.url = s->servers[server].url,
                                      .bearer_file = s->token,
                                      .headers = headers,
                                      .verify_peer = true,
                                      .verify_host = true,
                                      .max_body = 1000};
  return http_client_create(f, &access, err, size);
}

struct outcome {
  int num;
  enum http_error error;
  char message[512];
  char body[64];
};

static int on_data(void *arg, const char *bytes, size_t len) {
  struct outcome *o = arg;
  size_t have = strlen(o->body);
  snprintf(o->body + have, sizeof(o->body) - have, "%.*s", (int)len, bytes);
  return 0;
}

static void on_done(void *arg, const struct http_result *result) {
  struct outcome *o = arg;
  o->num++;
  o->error = result->error;
  snprintf(o->message, sizeof(o->message), "%s", result->message);
}

/* Of all clients at once: none holds back another. */
static void get(const struct stage *s, struct http_engine *f,
                struct http_client *const clients[], struct outcome outcomes[],
                size_t num) {
  for (size_t i = 0; i < num; i++) {
    outcomes[i] = (struct outcome){0};
    http_get(clients[i], "/", s->deadline, on_data, on_done, &outcomes[i]);
  }
  fault_spare("libcurl"); /* 7.88 divides by nought without memory */
  for (int turns = 0; http_engine_run(f, s->deadline) != 0; turns++)
    assert_true(turns < 1000);
  for (size_t i = 0; i < num; i++)
    assert_int_equal(outcomes[i].num, 1);
  fault_spare(NULL);
}

static void is_right(const struct outcome *o) {
  assert_string_equal(o->message, "");
  assert_int_equal(o->error, HTTP_OK);
  assert_string_equal(o->body, "{}");
}

static void requesting(void *arg) {
  const struct stage *s = arg;
  char err[256];
  struct http_client *clients[CLIENTS];
  struct outcome o[CLIENTS];
  struct http_engine *f = http_engine_create();
  for (int i = 0; i < CLIENTS; i++)
    clients[i] = open_client(s, i, f, err, sizeof(err));
  fault_begin();
  get(s, f, clients, o, CLIENTS);
  bool failed = fault_end();
  for (int i = 0; i < CLIENTS; i++) {
    assert_null(strstr(o[i].message, "T0KEN"));
    assert_true(o[i].error == HTTP_OK || (failed && o[i].message[0] != '\0'));
    if (o[i].error == HTTP_OK)
      is_right(&o[i]);
  }
  get(s, f, clients, o, CLIENTS);
  for (int i = 0; i < CLIENTS; i++) {
    is_right(&o[i]);
    http_client_destroy(clients[i]);
  }
  http_engine_destroy(f);
}

/* Of a server that never answers. */
static void waiting(void *arg) {
  struct stage *s = arg;
  char err[256];
  struct outcome o;
  struct http_engine *f = http_engine_create();
  struct http_client *c = open_client(s, 0, f, err, sizeof(err));
  fault_begin();
  get(s, f, &c, &o, 1);
  bool failed = fault_end();
  bool notified = strstr(o.message, "No space left on device") != NULL;
  assert_int_equal(o.error, notified ? HTTP_CONNECT : HTTP_TIMEOUT);
  assert_true(failed || !notified);
  s->notified += notified;
  if (notified) {
    get(s, f, &c, &o, 1);
    assert_int_equal(o.error, HTTP_TIMEOUT);
  }
  http_client_destroy(c);
  http_engine_destroy(f);
}

static void opening(void *arg) {
  const struct stage *s = arg;
  char err[256] = "";
  struct outcome o;
  fault_begin();
  struct http_engine *f = http_engine_create();
  struct http_client *c =
      f != NULL ? open_client(s, 0, f, err, sizeof(err)) : NULL;
  bool failed = fault_end();
  assert_true(c != NULL || failed);
  if (f != NULL && c == NULL) {
    assert_true(err[0] != '\0');
    c = open_client(s, 0, f, err, sizeof(err));
  }
  if (c != NULL) {
    get(s, f, &c, &o, 1);
    is_right(&o);
  }
  http_client_destroy(c);
  http_engine_destroy(f);
}

static void each(const char *what, void (*scenario)(void *arg)) {
  struct stage s = {0};
  set_up(&s, true);
  assert_true(fault_all(what, false, scenario, &s) > 0);
  tear_down(&s);
}

static void a_request_is_answered_once(void **state) {
  (void)state;
  each("a request", requesting);
}

static void what_cannot_be_watched_is_not_late_but_says_why(void **state) {
  (void)state;
  struct stage s = {0};
  set_up(&s, false);
  fault_each("no answer, epoll", FAULT_WATCH, ENOSPC, waiting, &s);
  assert_true(s.notified > 0);
  tear_down(&s);
}

static void a_client_is_whole_or_not_there(void **state) {
  (void)state;
  each("a client", opening);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_teardown(a_request_is_answered_once, fault_teardown),
      cmocka_unit_test_teardown(what_cannot_be_watched_is_not_late_but_says_why,
                                fault_teardown),
      cmocka_unit_test_teardown(a_client_is_whole_or_not_there, fault_teardown),
  };
  curl_global_init(CURL_GLOBAL_DEFAULT);
  int status = cmocka_run_group_tests(tests, NULL, NULL);
  curl_global_cleanup();
  return status;
}
