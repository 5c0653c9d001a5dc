/* SPDX-License-Identifier: MIT */
/* webhook against a server that answers as it is told, one connection after the
 * other. Nothing sleeps but the webhook's own retries; alarm() ends what hangs.
 */
#include "unit.h"

#include "plugins/webhook_sender.h"

#include <math.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE 120
#define SECRET "T0KEN"
#define HANG "hang" /* an answer that never comes */
#define STATUS(line) "HTTP/1.1 " line "\r\nContent-Length: 0\r\n\r\n"
#define FINE STATUS("200 OK")
#define MAX_REQUESTS 512

static void check(int ok, const char *what) {
  if (!ok) {
    perror(what);
    abort();
  }
}

/* ---- server ---- */

struct server {
  int fd;
  int port;
  int hanging;                /* the connection that gets no answer, or -1 */
  const char *const *answers; /* the last one for all that follow */
  pthread_t thread;
  pthread_mutex_t lock; /* what follows */
  pthread_cond_t news;
  char *requests[MAX_REQUESTS];
  int count;
};

static void read_request(int fd, char *buf, size_t size) {
  size_t len = 0;
  size_t want = size - 1;
  buf[0] = '\0';
  while (len < want) {
    ssize_t n = recv(fd, buf + len, want - len, 0);
    if (n <= 0)
      return;
    len += (size_t)n;
    buf[len] = '\0';
    char *end = strstr(buf, "\r\n\r\n");
    char *length = strstr(buf, "Content-Length: ");
    if (end != NULL && length != NULL)
      want = (size_t)(end - buf) + 4 + strtoul(length + 16, NULL, 10);
  }
}

static void *serve(void *arg) {
  struct server *s = arg;
  char buf[65536];
  for (const char *const *answer = s->answers;;) {
    int fd = accept(s->fd, NULL, NULL);
    if (fd < 0)
      return NULL;
    read_request(fd, buf, sizeof(buf));
    pthread_mutex_lock(&s->lock);
    check(s->count < MAX_REQUESTS, "requests");
    s->requests[s->count++] = strdup(buf);
    if (strcmp(*answer, HANG) == 0)
      s->hanging = fd;
    pthread_cond_broadcast(&s->news);
    pthread_mutex_unlock(&s->lock);
    if (strcmp(*answer, HANG) != 0) {
      send(fd, *answer, strlen(*answer), MSG_NOSIGNAL);
      close(fd);
    }
    answer += answer[1] != NULL;
  }
}

static void server_start(struct server *s, const char *const *answers) {
  struct sockaddr_in a = {.sin_family = AF_INET,
                          .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t len = sizeof(a);
  *s = (struct server){.answers = answers, .hanging = -1};
  s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  check(s->fd >= 0, "socket");
  check(bind(s->fd, (struct sockaddr *)&a, sizeof(a)) == 0, "bind");
  check(listen(s->fd, 64) == 0, "listen");
  check(getsockname(s->fd, (struct sockaddr *)&a, &len) == 0, "getsockname");
  s->port = ntohs(a.sin_port);
  pthread_mutex_init(&s->lock, NULL);
  pthread_cond_init(&s->news, NULL);
  check(pthread_create(&s->thread, NULL, serve, s) == 0, "thread");
}

static void server_stop(struct server *s) {
  shutdown(s->fd, SHUT_RDWR);
  pthread_join(s->thread, NULL);
  close(s->fd);
  if (s->hanging >= 0)
    close(s->hanging);
  for (int i = 0; i < s->count; i++)
    free(s->requests[i]);
  pthread_cond_destroy(&s->news);
  pthread_mutex_destroy(&s->lock);
}

static void wait_requests(struct server *s, int count) {
  pthread_mutex_lock(&s->lock);
  while (s->count < count)
    pthread_cond_wait(&s->news, &s->lock);
  pthread_mutex_unlock(&s->lock);
}

static int requested(struct server *s) {
  pthread_mutex_lock(&s->lock);
  int count = s->count;
  pthread_mutex_unlock(&s->lock);
  return count;
}

/* ---- what was logged ---- */

static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t log_news = PTHREAD_COND_INITIALIZER;
static char logged[8192];

static void take_log(int priority, const char *message) {
  (void)priority;
  pthread_mutex_lock(&log_lock);
  size_t len = strlen(logged);
  snprintf(logged + len, sizeof(logged) - len, "%s\n", message);
  pthread_cond_broadcast(&log_news);
  pthread_mutex_unlock(&log_lock);
}

static void wait_log(const char *text) {
  pthread_mutex_lock(&log_lock);
  while (strstr(logged, text) == NULL)
    pthread_cond_wait(&log_news, &log_lock);
  pthread_mutex_unlock(&log_lock);
}

static int lines(const char *text) {
  int count = 0;
  pthread_mutex_lock(&log_lock);
  for (const char *at = logged; (at = strstr(at, text)) != NULL; at++)
    count++;
  pthread_mutex_unlock(&log_lock);
  return count;
}

/* ---- webhooks ---- */

struct world {
  struct server server;
  struct server other;
  char url[2][128];
  struct webhook_config config[2];
  struct webhooks *w;
};

static void configure(struct world *w, size_t i, const struct server *s) {
  static char names[2][8] = {"ops", "other"};
  snprintf(w->url[i], sizeof(w->url[i]), "http://127.0.0.1:%d/%s?k=" SECRET,
           s->port, SECRET);
  w->config[i] = (struct webhook_config){
      .name = names[i],
      .url = w->url[i],
      .format = WEBHOOK_QUEUE_JSON,
      .min_severity = ALERT_WARNING - ALERT_INFO,
      .timeout = 60,
      .resend = 60,
      .verify_peer = true,
      .verify_host = true,
  };
}

static int enter(void **state) {
  struct world *w = calloc(1, sizeof(*w));
  check(w != NULL, "memory");
  logged[0] = '\0';
  alarm(PATIENCE);
  *state = w;
  return 0;
}

static void begin(struct world *w, const char *const *answers) {
  char err[256];
  server_start(&w->server, answers);
  configure(w, 0, &w->server);
  w->w = webhooks_create(w->config, 1, take_log, err, sizeof(err));
  assert_non_null(w->w);
}

static int leave(void **state) {
  struct world *w = *state;
  webhooks_destroy(w->w);
  if (w->server.answers != NULL)
    server_stop(&w->server);
  if (w->other.answers != NULL)
    server_stop(&w->other);
  int leaked = lines(SECRET);
  free(w);
  alarm(0);
  return leaked;
}

static void notify(struct world *w, const char *rule, const char *level) {
  const struct alert n = {
      .rule_name = rule,
      .series = {"vm", "mcp_hub", "prod", "t", "", "value"},
      .level = strcmp(level, "critical") == 0 ? ALERT_CRITICAL
               : strcmp(level, "info") == 0   ? ALERT_INFO
                                              : ALERT_WARNING,
      .status = STATUS_FIRING,
      .message = "it fires",
      .value = NAN,
      .threshold = NAN,
      .since = 1700000000,
      .time = 1700000000,
  };
  const struct webhook_notice notice = {&n, &n, 1, false};
  webhooks_send(w->w, WEBHOOKS_ALL, &notice);
}

static void assert_requested(struct server *s, int i, const char *text) {
  pthread_mutex_lock(&s->lock);
  bool found = i < s->count && strstr(s->requests[i], text) != NULL;
  pthread_mutex_unlock(&s->lock);
  assert_true(found);
}

static void notice_arrives(void **state) {
  struct world *w = *state;
  static const char *const answers[] = {FINE, NULL};
  begin(w, answers);
  notify(w, "a", "warning");
  wait_requests(&w->server, 1);
  assert_requested(&w->server, 0, "POST /" SECRET "?k=" SECRET " HTTP/1.1\r\n");
  assert_requested(&w->server, 0, "\r\nContent-Type: application/json\r\n");
  assert_requested(&w->server, 0, "\"rule\":\"a\"");
  webhooks_finish(w->w, 60);
  notify(w, "late", "warning");
  assert_int_equal(webhooks_count(w->w).dropped, 1);
  webhooks_destroy(w->w);
  w->w = NULL;
  assert_int_equal(requested(&w->server), 1);
  assert_int_equal(lines("\n"), 0);
}

static void failure_is_said_once_and_tried_again(void **state) {
  struct world *w = *state;
  static const char *const answers[] = {STATUS("500 Oops"), "",
                                        STATUS("429 Slow"), FINE, NULL};
  begin(w, answers);
  notify(w, "a", "warning");
  wait_log("works again");
  assert_int_equal(requested(&w->server), 4);
  for (int i = 0; i < 4; i++)
    assert_requested(&w->server, i, "\"rule\":\"a\"");
  char line[200];
  snprintf(line, sizeof(line),
           "webhook \"ops\": http://127.0.0.1:%d/...: http: HTTP status 500, "
           "expected 2xx; next try in ",
           w->server.port);
  assert_int_equal(lines(line), 1);
  assert_int_equal(lines("\n"), 2);
  struct webhook_queue_counts counts = webhooks_count(w->w);
  assert_int_equal(counts.sent, 1);
  assert_int_equal(counts.dropped, 0);
  assert_int_equal(counts.retried, 3);
}

static void refusal_is_final_and_said_once(void **state) {
  struct world *w = *state;
  static const char *const answers[] = {STATUS("404 No"),
                                        STATUS("302 Found\r\nLocation: /x"),
                                        STATUS("410 Gone"), FINE, NULL};
  begin(w, answers);
  notify(w, "a", "warning");
  notify(w, "b", "warning");
  notify(w, "c", "warning");
  notify(w, "d", "warning");
  wait_log("works again");
  assert_requested(&w->server, 3, "\"rule\":\"d\"");
  assert_int_equal(lines("refuses a notice, which is lost: HTTP status 404"),
                   1);
  assert_int_equal(lines("\n"), 2);
  struct webhook_queue_counts counts = webhooks_count(w->w);
  assert_int_equal(counts.sent, 1);
  assert_int_equal(counts.dropped, 3);
  assert_int_equal(counts.retried, 0);
}

static void one_that_hangs_holds_up_nobody(void **state) {
  struct world *w = *state;
  static const char *const hang[] = {HANG, NULL};
  static const char *const fine[] = {FINE, NULL};
  char err[256];
  server_start(&w->server, hang);
  server_start(&w->other, fine);
  configure(w, 0, &w->server);
  configure(w, 1, &w->other);
  w->w = webhooks_create(w->config, 2, take_log, err, sizeof(err));
  assert_non_null(w->w);
  for (int i = 0; i < 20; i++) {
    char rule[8];
    snprintf(rule, sizeof(rule), "r%d", i);
    notify(w, rule, "warning");
    wait_requests(&w->other, i + 1);
  }
  wait_requests(&w->server, 1);
  alarm(60);
  while (webhooks_count(w->w).sent < 20) /* the last answer is on its way */
    sched_yield();
  alarm(0);
  webhooks_finish(w->w, 0.2);
  webhooks_destroy(w->w);
  w->w = NULL;
  assert_int_equal(requested(&w->server), 1);
  assert_int_equal(lines("\"ops\": http://127.0.0.1:"), 1);
  assert_int_equal(lines("ends with 20 notices undelivered"), 1);
  assert_int_equal(lines("\n"), 1);
}

static void what_waits_is_delivered_at_the_end(void **state) {
  struct world *w = *state;
  static const char *const answers[] = {FINE, NULL};
  begin(w, answers);
  char rule[8];
  for (int i = 0; i < 50; i++) {
    snprintf(rule, sizeof(rule), "r%d", i);
    notify(w, rule, "warning");
  }
  webhooks_finish(w->w, 60);
  webhooks_destroy(w->w);
  w->w = NULL;
  assert_int_equal(requested(&w->server), 50);
  assert_int_equal(lines("\n"), 0);
}

static void retries_do_not_hold_up_the_end(void **state) {
  struct world *w = *state;
  static const char *const answers[] = {
      STATUS("503 Later\r\nRetry-After: 3000"), NULL};
  begin(w, answers);
  notify(w, "a", "warning");
  wait_log("next try in 3000 s");
  webhooks_finish(w->w, 60); /* or alarm(): nothing is due in that time */
  webhooks_destroy(w->w);
  w->w = NULL;
  assert_int_equal(lines("ends with 1 notices undelivered"), 1);
}

static void *send_many(void *arg) {
  struct world *w = arg;
  char rule[8];
  for (int i = 0; i < 40; i++) {
    snprintf(rule, sizeof(rule), "r%d", i);
    notify(w, rule, i % 2 == 0 ? "warning" : "critical");
    webhooks_count(w->w);
  }
  return NULL;
}

static void many_threads_may_send(void **state) {
  struct world *w = *state;
  static const char *const answers[] = {STATUS("500 Oops"), FINE, NULL};
  pthread_t threads[4];
  begin(w, answers);
  for (size_t i = 0; i < 4; i++)
    check(pthread_create(&threads[i], NULL, send_many, w) == 0, "thread");
  for (size_t i = 0; i < 4; i++)
    pthread_join(threads[i], NULL);
  notify(w, "last", "warning");
  wait_log("works again");
  webhooks_finish(w->w, 60);
  webhooks_destroy(w->w);
  w->w = NULL;
  assert_requested(&w->server, requested(&w->server) - 1, "\"rule\":\"last\"");
}

static void alertmanager_gets_all_in_one_post(void **state) {
  struct world *w = *state;
  static const char *const answers[] = {STATUS("500 Oops"), FINE, NULL};
  char err[256];
  server_start(&w->server, answers);
  configure(w, 0, &w->server);
  w->config[0].format = WEBHOOK_QUEUE_ALERTMANAGER;
  w->config[0].resend = 1;
  w->w = webhooks_create(w->config, 1, take_log, err, sizeof(err));
  notify(w, "a", "warning");
  wait_requests(&w->server, 1);
  notify(w, "b", "warning");
  wait_requests(&w->server, 4); /* sent again and again */
  assert_requested(&w->server, 3, "\"alertname\":\"a\"");
  assert_requested(&w->server, 3, "\"alertname\":\"b\"");
  assert_int_equal(webhooks_count(w->w).sent, 2);
}

static void wrong_access_is_named(void **state) {
  struct world *w = *state;
  static char wrong_header[] = SECRET;
  static char missing[] = "/nonexistent/ca.pem";
  char *headers[] = {wrong_header, NULL};
  char err[256];
  w->server.port = 9;
  configure(w, 0, &w->server);
  w->config[0].headers = headers;
  assert_null(webhooks_create(w->config, 1, take_log, err, sizeof(err)));
  assert_string_equal(err, "<Webhook \"ops\">: Header: expected \"Name: "
                           "value\" without control characters");
  w->config[0].headers = NULL;
  w->config[0].ca_cert = missing;
  assert_null(webhooks_create(w->config, 1, take_log, err, sizeof(err)));
  assert_string_equal(err, "<Webhook \"ops\">: CACert: "
                           "\"/nonexistent/ca.pem\": expected a readable file: "
                           "No such file or directory");
}

static void without_webhooks_nothing_happens(void **state) {
  struct world *w = *state;
  char err[256];
  w->w = webhooks_create(NULL, 0, take_log, err, sizeof(err));
  assert_non_null(w->w);
  notify(w, "a", "critical");
  webhooks_finish(w->w, 60);
  assert_int_equal(webhooks_count(w->w).sent, 0);
  webhooks_finish(NULL, 0);
  webhooks_destroy(NULL);
}

#define WORLD_TEST(f) cmocka_unit_test_setup_teardown(f, enter, leave)

int main(void) {
  const struct CMUnitTest tests[] = {
      WORLD_TEST(notice_arrives),
      WORLD_TEST(failure_is_said_once_and_tried_again),
      WORLD_TEST(refusal_is_final_and_said_once),
      WORLD_TEST(one_that_hangs_holds_up_nobody),
      WORLD_TEST(what_waits_is_delivered_at_the_end),
      WORLD_TEST(retries_do_not_hold_up_the_end),
      WORLD_TEST(many_threads_may_send),
      WORLD_TEST(alertmanager_gets_all_in_one_post),
      WORLD_TEST(wrong_access_is_named),
      WORLD_TEST(without_webhooks_nothing_happens),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
