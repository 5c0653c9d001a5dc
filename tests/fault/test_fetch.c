/* Requests while memory, sockets, epoll or the token's file fail: each is
 * answered once, right or with what was in the way, and the next one is
 * right. */
#include "fakeproc.h"
#include "fault.h"

#include "hub/fetch.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

#define DEADLINE 0.5 /* seconds; of requests that nobody hears any more */
#define ANSWER                                                                 \
  "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}"

struct stage {
  struct fakeproc folder;
  int fd;   /* that listens */
  int told; /* times that epoll was named as the reason */
  pthread_t thread;
  char url[64];
  char token[128]; /* its file */
};

/* One connection after the other, each for one request. */
static void *serve(void *arg) {
  const struct stage *s = arg;
  char request[4096];
  for (;;) {
    int fd = accept(s->fd, NULL, NULL);
    if (fd < 0)
      return NULL;
    size_t len = 0;
    ssize_t got = 1;
    request[0] = '\0';
    while (got > 0 && strstr(request, "\r\n\r\n") == NULL) {
      got = recv(fd, request + len, sizeof(request) - 1 - len, 0);
      len += got > 0 ? (size_t)got : 0;
      request[len] = '\0';
    }
    if (strstr(request, "Bearer T0KEN\r\n") != NULL)
      send(fd, ANSWER, strlen(ANSWER), MSG_NOSIGNAL);
    close(fd);
  }
}

static void listen_only(struct stage *s) {
  struct sockaddr_in a = {.sin_family = AF_INET,
                          .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t len = sizeof(a);
  fake_create(&s->folder);
  fake_file(&s->folder, "token", "T0KEN\n");
  fake_path(&s->folder, s->token, sizeof(s->token), "token");
  s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert_int_equal(bind(s->fd, (struct sockaddr *)&a, sizeof(a)), 0);
  assert_int_equal(listen(s->fd, 64), 0);
  assert_int_equal(getsockname(s->fd, (struct sockaddr *)&a, &len), 0);
  snprintf(s->url, sizeof(s->url), "http://127.0.0.1:%d", ntohs(a.sin_port));
}

static void set_up(struct stage *s) {
  listen_only(s);
  assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void close_all(const struct stage *s) {
  close(s->fd);
  fake_destroy(&s->folder);
}

static void tear_down(const struct stage *s) {
  shutdown(s->fd, SHUT_RDWR);
  pthread_join(s->thread, NULL);
  close_all(s);
}

static struct fetch_client *
open_client(const struct stage *s, struct fetcher *f, char *err, size_t size) {
  static const char *const headers[] = {"X-Key: v", NULL};
  const struct fetch_access access = {.url = s->url,
                                      .bearer_file = s->token,
                                      .headers = headers,
                                      .verify_peer = true,
                                      .verify_host = true,
                                      .max_body = 1000};
  return fetch_client_create(f, &access, err, size);
}

struct outcome {
  int num;
  enum fetch_error error;
  char message[512];
  char body[64];
};

static int on_data(void *arg, const char *bytes, size_t len) {
  struct outcome *o = arg;
  size_t have = strlen(o->body);
  snprintf(o->body + have, sizeof(o->body) - have, "%.*s", (int)len, bytes);
  return 0;
}

static void on_done(void *arg, const struct fetch_result *result) {
  struct outcome *o = arg;
  o->num++;
  o->error = result->error;
  snprintf(o->message, sizeof(o->message), "%s", result->message);
}

/* While transfers run, libcurl 7.88 divides by nought without memory. */
static bool starts_only;

/* Of all clients at once: none holds back another. */
static void get(struct fetcher *f, struct fetch_client *const clients[],
                struct outcome outcomes[], size_t num) {
  for (size_t i = 0; i < num; i++) {
    outcomes[i] = (struct outcome){0};
    fetch_start(clients[i], "/", DEADLINE, on_data, on_done, &outcomes[i]);
  }
  fault_shelter(starts_only);
  for (int turns = 0; fetcher_run(f, DEADLINE) != 0; turns++)
    assert_true(turns < 1000);
  for (size_t i = 0; i < num; i++)
    assert_int_equal(outcomes[i].num, 1);
}

static void is_right(const struct outcome *o) {
  assert_string_equal(o->message, "");
  assert_int_equal(o->error, FETCH_OK);
  assert_string_equal(o->body, "{}");
}

static void requesting(void *arg) {
  const struct stage *s = arg;
  char err[256];
  struct fetch_client *clients[2];
  struct outcome o[2];
  struct fetcher *f = fetcher_create();
  for (int i = 0; i < 2; i++)
    clients[i] = open_client(s, f, err, sizeof(err));
  fault_begin();
  get(f, clients, o, 2);
  bool failed = fault_end();
  for (int i = 0; i < 2; i++) {
    assert_null(strstr(o[i].message, "T0KEN"));
    assert_true(o[i].error == FETCH_OK || (failed && o[i].message[0] != '\0'));
    if (o[i].error == FETCH_OK)
      is_right(&o[i]);
  }
  get(f, clients, o, 2);
  for (int i = 0; i < 2; i++) {
    is_right(&o[i]);
    fetch_client_destroy(clients[i]);
  }
  fetcher_destroy(f);
}

/* Of a server that never answers. */
static void waiting(void *arg) {
  struct stage *s = arg;
  char err[256];
  struct outcome o;
  struct fetcher *f = fetcher_create();
  struct fetch_client *c = open_client(s, f, err, sizeof(err));
  fault_begin();
  get(f, &c, &o, 1);
  bool failed = fault_end();
  bool told = strstr(o.message, "No space left on device") != NULL;
  assert_int_equal(o.error, told ? FETCH_CONNECT : FETCH_TIMEOUT);
  assert_true(failed || !told);
  s->told += told;
  if (told) {
    get(f, &c, &o, 1);
    assert_int_equal(o.error, FETCH_TIMEOUT);
  }
  fetch_client_destroy(c);
  fetcher_destroy(f);
}

static void opening(void *arg) {
  const struct stage *s = arg;
  char err[256] = "";
  struct outcome o;
  fault_begin();
  struct fetcher *f = fetcher_create();
  struct fetch_client *c =
      f != NULL ? open_client(s, f, err, sizeof(err)) : NULL;
  bool failed = fault_end();
  assert_true(c != NULL || failed);
  if (f != NULL && c == NULL) {
    assert_true(err[0] != '\0');
    c = open_client(s, f, err, sizeof(err));
  }
  if (c != NULL) {
    get(f, &c, &o, 1);
    is_right(&o);
  }
  fetch_client_destroy(c);
  fetcher_destroy(f);
}

static const struct {
  enum fault_call call;
  int error;
  const char *name;
} faults[] = {
    {FAULT_MEMORY, ENOMEM, "memory"},
    {FAULT_SOCKET, EMFILE, "descriptors"},
    {FAULT_WATCH, ENOSPC, "epoll"},
    {FAULT_WAIT, ENOMEM, "epoll, memory"},
    {FAULT_WAIT, EINTR, "epoll, a signal"},
    {FAULT_OPEN, EMFILE, "the token's descriptor"},
    {FAULT_READ, EIO, "the token's disk"},
    {FAULT_READ, EINTR, "the token, a signal"},
    {FAULT_READ, FAULT_SHORT, "the token, in part"},
    {FAULT_STAT, EIO, "the token, stat()"},
};

static void each(const char *what, void (*scenario)(void *arg)) {
  struct stage s;
  set_up(&s);
  size_t num = 0;
  for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
    char words[64];
    snprintf(words, sizeof(words), "%s, %s", what, faults[i].name);
    starts_only = faults[i].call == FAULT_MEMORY;
    num += fault_once(words, faults[i].call, faults[i].error, scenario, &s);
  }
  assert_true(num > 0);
  tear_down(&s);
}

static void a_request_is_answered_once(void **state) {
  (void)state;
  each("a request", requesting);
}

static void what_cannot_be_watched_is_not_late_but_says_why(void **state) {
  (void)state;
  struct stage s = {.told = 0};
  listen_only(&s);
  starts_only = false;
  fault_each("no answer, epoll", FAULT_WATCH, ENOSPC, waiting, &s);
  assert_true(s.told > 0);
  close_all(&s);
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
