/* SPDX-License-Identifier: MIT */
/* fetch against a scripted server on the loopback: a path selects what the
 * server sends, in pieces, and how the connection ends. Nothing sleeps; a test
 * that hangs is ended by alarm(). */
#include "http/client.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>
#include <curl/curl.h>

#define PATIENCE 120  /* seconds for one test, valgrind included */
#define DEADLINE 60.0 /* of requests that must not time out */
#define MAX_CONNECTIONS 64

/* ---- server ---- */

enum ending { KEEP, ONCE, CLOSE, RESET, HANG, REPEAT };

struct route {
  const char *path;
  const char *pieces[4];
  enum ending ending; /* REPEAT: the last piece for as long as it is taken;
                         ONCE: a connection ends as this is asked for again */
  bool gated;         /* each further piece waits for server.gate */
};

#define OK_HEADER "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
#define LENGTH(n) "Content-Length: " #n "\r\n\r\n"
#define CHUNKED "Transfer-Encoding: chunked\r\n\r\n"
#define KB16 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const struct route routes[] = {
    {"/good", {OK_HEADER LENGTH(14) "{\"a\"", ":12,\"b\"", ":3}"}, KEEP, true},
    {"/short", {OK_HEADER LENGTH(2) "{}"}, KEEP, false},
    {"/once", {OK_HEADER LENGTH(2) "{}"}, ONCE, false},
    {"/empty", {OK_HEADER LENGTH(0)}, KEEP, false},
    {"/chunked",
     {OK_HEADER CHUNKED "4\r\n{\"a\"\r\n", "3\r\n:1}\r\n", "0\r\n\r\n"},
     KEEP,
     false},
    {"/until-close", {"HTTP/1.0 200 OK\r\n\r\n{}"}, CLOSE, false},
    {"/html",
     {"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" LENGTH(6) "<html>"},
     KEEP,
     false},
    {"/continue",
     {"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", OK_HEADER LENGTH(2) "{}"},
     KEEP,
     false},
    {"/prefix/api/health", {OK_HEADER LENGTH(2) "{}"}, KEEP, false},
    {"/hook/?sig=a%2Fb&x=/../", {OK_HEADER LENGTH(2) "ok"}, KEEP, false},
    {"/429",
     {"HTTP/1.1 429 Slow Down\r\nRetry-After: 90\r\n" LENGTH(0)},
     KEEP,
     false},
    {"/x/../prefix/api/health", {OK_HEADER LENGTH(2) "{}"}, KEEP, false},
    {"/404", {"HTTP/1.1 404 Not Found\r\n" LENGTH(9) "not found"}, KEEP, false},
    {"/500", {"HTTP/1.1 500 Oops\r\n" LENGTH(4) "oops"}, KEEP, false},
    {"/500-cut", {"HTTP/1.1 500 Oops\r\n" LENGTH(9) "oops"}, CLOSE, false},
    {"/500-endless",
     {"HTTP/1.1 500 Oops\r\n" CHUNKED, "40\r\n" KB16 "\r\n"},
     REPEAT,
     false},
    {"/500-huge", {"HTTP/1.1 500 Oops\r\n" LENGTH(99999999) "x"}, HANG, false},
    {"/204", {"HTTP/1.1 204 No Content\r\n\r\n"}, KEEP, false},
    {"/302",
     {"HTTP/1.1 302 Found\r\nLocation: /short\r\n" LENGTH(0)},
     KEEP,
     false},
    {"/cut", {OK_HEADER LENGTH(10) "1234"}, CLOSE, false},
    {"/cut-chunk", {OK_HEADER CHUNKED "4\r\n1234\r\n8\r\n12"}, CLOSE, false},
    {"/bad-chunk", {OK_HEADER CHUNKED "zz\r\n"}, KEEP, false},
    {"/announced", {OK_HEADER LENGTH(1001)}, HANG, false},
    {"/overflow", {OK_HEADER LENGTH(99999999999999999999999)}, HANG, false},
    {"/negative", {OK_HEADER LENGTH(-5)}, CLOSE, false},
    {"/endless", {OK_HEADER CHUNKED, "40\r\n" KB16 "\r\n"}, REPEAT, false},
    {"/headers", {OK_HEADER, "X-Filler: " KB16 "\r\n"}, REPEAT, false},
    {"/garbage", {"SSH-2.0-OpenSSH_9.2\r\n"}, CLOSE, false},
    {"/nothing", {NULL}, CLOSE, false},
    {"/reset", {NULL}, RESET, false},
    {"/reset-body", {OK_HEADER LENGTH(10) "1234"}, RESET, true},
    {"/silent", {NULL}, HANG, false},
    {"/drip", {OK_HEADER LENGTH(10) "1"}, HANG, false},
};

struct connection {
  struct server *server;
  pthread_t thread;
  int fd;
};

struct server {
  int fd;
  int port;
  char socket[sizeof(((struct sockaddr_un *)0)->sun_path)];
  const char *greeting; /* sent before any request; or NULL */
  pthread_t thread;
  sem_t gate;
  pthread_mutex_t lock; /* what follows */
  struct connection connections[MAX_CONNECTIONS];
  int accepted;
  char request[4096]; /* the last one */
};

static void check(int ok, const char *what) {
  if (!ok) {
    perror(what);
    abort();
  }
}

/* One request's head into `buf`; false at the end of the connection. */
static bool read_head(int fd, char *buf, size_t size) {
  size_t len = 0;
  buf[0] = '\0';
  while (strstr(buf, "\r\n\r\n") == NULL) {
    ssize_t n = recv(fd, buf + len, size - len - 1, 0);
    if (n <= 0)
      return false;
    len += (size_t)n;
    buf[len] = '\0';
  }
  return true;
}

static bool send_text(int fd, const char *text) {
  size_t len = strlen(text);
  while (len > 0) {
    ssize_t n = send(fd, text, len, MSG_NOSIGNAL);
    if (n <= 0)
      return false;
    text += n;
    len -= (size_t)n;
  }
  return true;
}

static const struct route *find_route(const char *request) {
  const char *path = strchr(request, ' ') + 1;
  for (size_t i = 0; i < sizeof(routes) / sizeof(*routes); i++) {
    size_t len = strlen(routes[i].path);
    if (strncmp(path, routes[i].path, len) == 0 && path[len] == ' ')
      return &routes[i];
  }
  fprintf(stderr, "no route: %s\n", request);
  abort();
}

static void wait_for_peer(int fd) {
  char buf[256];
  while (recv(fd, buf, sizeof(buf), 0) > 0)
    ;
}

/* True when the connection may carry another request. */
static bool answer(struct server *s, int fd, const struct route *r) {
  const char *last = NULL;
  for (size_t i = 0; i < 4 && r->pieces[i] != NULL; i++) {
    if (r->gated && i > 0)
      sem_wait(&s->gate);
    last = r->pieces[i];
    if (!send_text(fd, last))
      return false;
  }
  if (r->gated && r->ending != KEEP)
    sem_wait(&s->gate);
  while (r->ending == REPEAT && send_text(fd, last))
    ;
  if (r->ending == HANG)
    wait_for_peer(fd);
  struct linger linger = {.l_onoff = 1, .l_linger = 0};
  if (r->ending == RESET)
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
  return r->ending == KEEP || r->ending == ONCE;
}

static void *serve(void *arg) {
  struct connection *c = arg;
  struct server *s = c->server;
  char head[sizeof(s->request)];
  bool more = s->greeting == NULL || send_text(c->fd, s->greeting);
  for (int i = 0; more && read_head(c->fd, head, sizeof(head)); i++) {
    pthread_mutex_lock(&s->lock);
    strcpy(s->request, head);
    pthread_mutex_unlock(&s->lock);
    const struct route *r = find_route(head);
    more = (i == 0 || r->ending != ONCE) && answer(s, c->fd, r);
  }
  pthread_mutex_lock(&s->lock);
  close(c->fd);
  c->fd = -1;
  pthread_mutex_unlock(&s->lock);
  return NULL;
}

static void *accept_all(void *arg) {
  struct server *s = arg;
  for (;;) {
    int fd = accept(s->fd, NULL, NULL);
    if (fd < 0 && errno == EMFILE) /* while lack_of_files_is_named() */
      continue;
    if (fd < 0)
      return NULL;
    pthread_mutex_lock(&s->lock);
    check(s->accepted < MAX_CONNECTIONS, "connections");
    struct connection *c = &s->connections[s->accepted++];
    c->server = s;
    c->fd = fd;
    check(pthread_create(&c->thread, NULL, serve, c) == 0, "thread");
    pthread_mutex_unlock(&s->lock);
  }
}

static int listen_tcp(int *port, int backlog) {
  struct sockaddr_in a = {.sin_family = AF_INET,
                          .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t len = sizeof(a);
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  check(fd >= 0, "socket");
  check(bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0, "bind");
  check(listen(fd, backlog) == 0, "listen");
  check(getsockname(fd, (struct sockaddr *)&a, &len) == 0, "getsockname");
  *port = ntohs(a.sin_port);
  return fd;
}

static int listen_unix(const char *path) {
  struct sockaddr_un a = {.sun_family = AF_UNIX};
  strcpy(a.sun_path, path);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  check(fd >= 0, "socket");
  check(bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0, "bind");
  check(listen(fd, 8) == 0, "listen");
  return fd;
}

/* `path`: of a Unix socket, or NULL for TCP. */
static struct server *server_start(const char *path, const char *greeting) {
  struct server *s = calloc(1, sizeof(*s));
  check(s != NULL, "memory");
  s->greeting = greeting;
  snprintf(s->socket, sizeof(s->socket), "%s", path != NULL ? path : "");
  s->fd = path != NULL ? listen_unix(path) : listen_tcp(&s->port, 64);
  sem_init(&s->gate, 0, 0);
  pthread_mutex_init(&s->lock, NULL);
  check(pthread_create(&s->thread, NULL, accept_all, s) == 0, "thread");
  return s;
}

static void server_stop(struct server *s) {
  shutdown(s->fd, SHUT_RDWR);
  pthread_join(s->thread, NULL);
  close(s->fd);
  for (int i = 0; i < MAX_CONNECTIONS; i++)
    sem_post(&s->gate);
  for (int i = 0; i < s->accepted; i++) {
    pthread_mutex_lock(&s->lock);
    if (s->connections[i].fd >= 0)
      shutdown(s->connections[i].fd, SHUT_RDWR);
    pthread_mutex_unlock(&s->lock);
    pthread_join(s->connections[i].thread, NULL);
  }
  pthread_mutex_destroy(&s->lock);
  sem_destroy(&s->gate);
  free(s);
}

static int accepted(struct server *s) {
  pthread_mutex_lock(&s->lock);
  int count = s->accepted;
  pthread_mutex_unlock(&s->lock);
  return count;
}

static int requested(struct server *s, const char *line) {
  pthread_mutex_lock(&s->lock);
  int found = strstr(s->request, line) != NULL;
  if (!found)
    fprintf(stderr, "request without %s:\n%s", line, s->request);
  pthread_mutex_unlock(&s->lock);
  return found;
}

/* ---- resolver ---- */

static sem_t resolving; /* posted when a thread enters, ... */
static sem_t resolve;   /* ... and that is what it waits for */

/* Called by libcurl in place of the C library's: no name is known here, and one
 * of them hangs. */
int getaddrinfo(const char *node, const char *service,
                const struct addrinfo *hints, struct addrinfo **list) {
  (void)service;
  (void)hints;
  (void)list;
  if (strcmp(node, "hang.invalid") == 0) {
    sem_post(&resolving);
    sem_wait(&resolve);
  }
  return EAI_NONAME;
}

/* ---- client side ---- */

struct world {
  int files; /* open before the test */
  struct server *server;
  struct http_engine *fetcher;
  char url[128];
  struct outcome *outcomes; /* dropped by leave() when a test fails */
};

struct outcome { /* of one client's requests */
  struct world *world;
  struct http_client *client;
  int done; /* how often */
  enum http_error error;
  long status;
  double duration;
  uint64_t received;
  char message[512];
  char body[256]; /* its beginning */
  size_t len;
  size_t refuse_from; /* bytes of body; 0: never */
  const char *next;   /* path of the request that `done` starts; or NULL */
  int restarts;       /* how many of them */
  bool destroy;       /* in `done` */
  struct outcome *older;
};

static int sink(void *arg, const char *bytes, size_t len) {
  struct outcome *o = arg;
  for (size_t i = 0; i < len; i++)
    if (o->len + i < sizeof(o->body) - 1)
      o->body[o->len + i] = bytes[i];
  o->len += len;
  if (o->world->server != NULL)
    sem_post(&o->world->server->gate);
  return o->refuse_from > 0 && o->len >= o->refuse_from;
}

static void done(void *arg, const struct http_result *r) {
  struct outcome *o = arg;
  o->done++;
  o->error = r->error;
  o->status = r->status;
  o->duration = r->duration;
  o->received = r->received;
  snprintf(o->message, sizeof(o->message), "%s", r->message);
  if (o->restarts > 0) {
    o->restarts--;
    http_get(o->client, o->next, DEADLINE, sink, done, o);
  } else if (o->destroy) {
    http_client_destroy(o->client);
    o->client = NULL;
  }
}

static struct http_options access_to(const char *url) {
  struct http_options a = {
      .url = url, .verify_peer = true, .verify_host = true, .max_body = 1000};
  return a;
}

static struct outcome *client_with(struct world *w,
                                   const struct http_options *a) {
  char err[256] = "";
  struct outcome *o = calloc(1, sizeof(*o));
  check(o != NULL, "memory");
  o->world = w;
  o->older = w->outcomes;
  w->outcomes = o;
  o->client = http_client_create(w->fetcher, a, err, sizeof(err));
  assert_string_equal(err, "");
  assert_non_null(o->client);
  return o;
}

static struct outcome *client_of(struct world *w) {
  struct http_options a = access_to(w->url);
  return client_with(w, &a);
}

static void drop(struct outcome *o) {
  struct outcome **link = &o->world->outcomes;
  while (*link != o)
    link = &(*link)->older;
  *link = o->older;
  o->restarts = 0;
  http_client_destroy(o->client);
  free(o);
}

static void start_within(struct outcome *o, const char *path, double timeout) {
  memset(o->body, 0, sizeof(o->body));
  o->len = 0;
  http_get(o->client, path, timeout, sink, done, o);
}

static void wait_for(struct outcome *o, int count) {
  while (o->done < count)
    assert_int_not_equal(http_engine_run(o->world->fetcher, DEADLINE), -1);
}

static void get_within(struct outcome *o, const char *path, double timeout) {
  int before = o->done;
  start_within(o, path, timeout);
  assert_int_equal(o->done, before); /* never from within http_get() */
  wait_for(o, before + 1);
  assert_int_equal(o->done, before + 1);
}

static void get(struct outcome *o, const char *path) {
  get_within(o, path, DEADLINE);
}

/* Descriptors that this process has open. */
static int open_files(void) {
  DIR *folder = opendir("/proc/self/fd");
  int num = 0;
  check(folder != NULL, "/proc");
  while (readdir(folder) != NULL)
    num++;
  closedir(folder);
  return num;
}

static int enter(void **state) {
  struct world *w = calloc(1, sizeof(*w));
  check(w != NULL, "memory");
  w->files = open_files();
  w->server = server_start(NULL, NULL);
  w->fetcher = http_engine_create();
  check(w->fetcher != NULL, "fetcher");
  snprintf(w->url, sizeof(w->url), "http://127.0.0.1:%d", w->server->port);
  *state = w;
  alarm(PATIENCE);
  return 0;
}

static int leave(void **state) {
  struct world *w = *state;
  while (w->outcomes != NULL)
    drop(w->outcomes);
  http_engine_destroy(w->fetcher);
  server_stop(w->server);
  while (open_files() > w->files) /* a resolver's thread ends by itself */
    usleep(1000);
  free(w);
  alarm(0);
  return 0;
}

static char temporary[64];

static const char *in_temporary(const char *name) {
  static char path[100];
  snprintf(path, sizeof(path), "%s/%s", temporary, name);
  return path;
}

static void write_file(const char *path, const char *text) {
  FILE *f = fopen(path, "w");
  check(f != NULL, path);
  fputs(text, f);
  fclose(f);
}

/* ---- answers ---- */

struct expectation {
  const char *path;
  enum http_error error;
  long status;
  const char *body; /* NULL: not looked at */
  const char *message;
};

static void every_answer_is_named(void **state) {
  static const struct expectation table[] = {
      {"/good", HTTP_OK, 200, "{\"a\":12,\"b\":3}", ""},
      {"/short", HTTP_OK, 200, "{}", ""},
      {"/empty", HTTP_OK, 200, "", ""},
      {"/chunked", HTTP_OK, 200, "{\"a\":1}", ""},
      {"/until-close", HTTP_OK, 200, "{}", ""},
      {"/html", HTTP_OK, 200, "<html>", ""},
      {"/continue", HTTP_OK, 200, "{}", ""},
      {"/404", HTTP_HTTP, 404, "", "HTTP status 404, expected 200"},
      {"/500", HTTP_HTTP, 500, "", "HTTP status 500, expected 200"},
      {"/500-cut", HTTP_HTTP, 500, "", "HTTP status 500, expected 200"},
      {"/500-endless", HTTP_HTTP, 500, "", "HTTP status 500, expected 200"},
      {"/500-huge", HTTP_HTTP, 500, "", "HTTP status 500, expected 200"},
      {"/204", HTTP_HTTP, 204, "", "HTTP status 204, expected 200"},
      {"/302", HTTP_HTTP, 302, "",
       "HTTP status 302 (redirects are not followed), expected 200"},
      {"/cut", HTTP_PARSE, 200, "1234", "body ended after 4 of 10 bytes"},
      {"/cut-chunk", HTTP_PARSE, 200, "123412",
       "body ended after 6 bytes, expected a last chunk"},
      {"/bad-chunk", HTTP_HTTP, 200, "", "not an HTTP answer: malformed chunk"},
      {"/announced", HTTP_OVERSIZE, 200, "",
       "body larger than 1000 bytes (MaxBodySize)"},
      {"/overflow", HTTP_OVERSIZE, 200, "",
       "body larger than 1000 bytes (MaxBodySize)"},
      {"/negative", HTTP_HTTP, 200, "", "not an HTTP answer"},
      {"/endless", HTTP_OVERSIZE, 200, NULL,
       "body larger than 1000 bytes (MaxBodySize)"},
      {"/headers", HTTP_HTTP, 200, "", "headers larger than 65536 bytes"},
      {"/garbage", HTTP_HTTP, 0, "", "not an HTTP answer"},
  };
  struct world *w = *state;
  for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
    const struct expectation *e = &table[i];
    struct outcome *o = client_of(w);
    get(o, e->path);
    if (o->error != e->error || strcmp(o->message, e->message) != 0)
      print_error("%s\n", e->path);
    assert_string_equal(o->message, e->message);
    assert_int_equal(o->error, e->error);
    assert_int_equal(o->status, e->status);
    assert_true(o->duration > 0);
    if (e->body != NULL)
      assert_string_equal(o->body, e->body);
    if (e->body != NULL && e->status == 200)
      assert_int_equal(o->received, strlen(e->body));
    drop(o);
  }
}

static void sink_sees_no_more_than_max_body(void **state) {
  struct outcome *o = client_of(*state);
  get(o, "/endless");
  assert_int_equal(o->error, HTTP_OVERSIZE);
  assert_true(o->len <= 1000);
  drop(o);
}

static void body_of_exactly_max_body_is_fine(void **state) {
  struct world *w = *state;
  struct http_options a = access_to(w->url);
  a.max_body = 2;
  struct outcome *o = client_with(w, &a);
  get(o, "/short");
  assert_int_equal(o->error, HTTP_OK);
  drop(o);
  a.max_body = 1;
  o = client_with(w, &a);
  get(o, "/short");
  assert_int_equal(o->error, HTTP_OVERSIZE);
  drop(o);
  a.max_body = UINT64_MAX;
  o = client_with(w, &a);
  get(o, "/short");
  assert_int_equal(o->error, HTTP_OK);
  drop(o);
}

static void refused_body_ends_the_transfer(void **state) {
  struct outcome *o = client_of(*state);
  o->refuse_from = 5; /* within the second piece */
  get(o, "/good");
  assert_int_equal(o->error, HTTP_PARSE);
  assert_string_equal(o->message, "body refused");
  assert_int_equal(o->status, 200);
  drop(o);
}

/* ---- connections ---- */

static void connection_is_kept(void **state) {
  struct world *w = *state;
  struct outcome *o = client_of(w);
  get(o, "/short");
  get(o, "/chunked");
  get(o, "/404");
  get(o, "/short");
  assert_int_equal(o->error, HTTP_OK);
  assert_int_equal(accepted(w->server), 1);
  drop(o);
}

static void broken_connection_is_replaced(void **state) {
  struct world *w = *state;
  struct outcome *o = client_of(w);
  get(o, "/short");
  get(o, "/cut");
  get(o, "/short");
  assert_int_equal(o->error, HTTP_OK);
  assert_int_equal(accepted(w->server), 2);
  drop(o);
}

/* libcurl takes another by itself, but counts: five times, then it gives up. */
static void kept_connection_that_ends_is_replaced_each_time(void **state) {
  struct world *w = *state;
  struct outcome *o = client_of(w);
  for (int i = 1; i <= 14; i++) {
    get(o, "/once");
    assert_int_equal(o->error, HTTP_OK);
    assert_int_equal(accepted(w->server), i);
  }
  get(o, "/nothing");
  assert_int_equal(o->error, HTTP_CONNECT);
  drop(o);
}

static void lost_connections_are_connect_errors(void **state) {
  struct world *w = *state;
  char expected[256];
  struct outcome *o = client_of(w);
  get(o, "/nothing");
  assert_int_equal(o->error, HTTP_CONNECT);
  snprintf(expected, sizeof(expected),
           "127.0.0.1:%d closed the connection without an answer",
           w->server->port);
  assert_string_equal(o->message, expected);
  get(o, "/reset");
  assert_int_equal(o->error, HTTP_CONNECT);
  assert_int_equal(o->status, 0);
  get(o, "/reset-body");
  assert_int_equal(o->error, HTTP_CONNECT);
  snprintf(expected, sizeof(expected),
           "connection to 127.0.0.1:%d lost after 4 bytes of body",
           w->server->port);
  assert_string_equal(o->message, expected);
  drop(o);
}

static void refused_port_is_a_connect_error(void **state) {
  struct world *w = *state;
  int port = 0;
  close(listen_tcp(&port, 1));
  char url[64];
  char expected[128];
  snprintf(url, sizeof(url), "http://127.0.0.1:%d/", port);
  snprintf(expected, sizeof(expected),
           "cannot connect to 127.0.0.1:%d: Connection refused", port);
  struct http_options a = access_to(url);
  struct outcome *o = client_with(w, &a);
  get(o, "/short");
  assert_int_equal(o->error, HTTP_CONNECT);
  assert_string_equal(o->message, expected);
  assert_int_equal(o->status, 0);
  drop(o);
}

static void unknown_name_is_a_connect_error(void **state) {
  struct http_options a = access_to("http://hub.invalid:7000");
  struct outcome *o = client_with(*state, &a);
  get(o, "/short");
  assert_int_equal(o->error, HTTP_CONNECT);
  assert_string_equal(o->message,
                      "cannot resolve the name of hub.invalid:7000");
  drop(o);
}

static void lack_of_files_is_named(void **state) {
  struct world *w = *state;
  struct outcome *o = client_of(w);
  struct rlimit before;
  check(getrlimit(RLIMIT_NOFILE, &before) == 0, "getrlimit");
  int next = dup(0);
  close(next);
  struct rlimit none = {.rlim_cur = (rlim_t)next, .rlim_max = before.rlim_max};
  check(setrlimit(RLIMIT_NOFILE, &none) == 0, "setrlimit");
  get(o, "/short");
  check(setrlimit(RLIMIT_NOFILE, &before) == 0, "setrlimit");
  assert_int_equal(o->error, HTTP_CONNECT);
  assert_non_null(strstr(o->message, "Too many open files"));
  get(o, "/short");
  assert_int_equal(o->error, HTTP_OK);
  drop(o);
}

static void tls_failure_is_a_tls_error(void **state) {
  struct world *w = *state;
  struct server *plain = server_start(NULL, "HTTP/1.1 400 Bad Request\r\n\r\n");
  char url[64];
  char start[64];
  snprintf(url, sizeof(url), "https://127.0.0.1:%d", plain->port);
  snprintf(start, sizeof(start), "TLS with 127.0.0.1:%d: ", plain->port);
  struct http_options a = access_to(url);
  struct outcome *o = client_with(w, &a);
  get(o, "/short");
  assert_int_equal(o->error, HTTP_TLS);
  assert_int_equal(strncmp(o->message, start, strlen(start)), 0);
  drop(o);
  server_stop(plain);
}

static void unix_socket_replaces_tcp(void **state) {
  struct world *w = *state;
  const char *path = in_temporary("hub.sock");
  struct server *s = server_start(path, NULL);
  struct http_options a = access_to("http://localhost:1/prefix");
  a.unix_socket = s->socket;
  struct outcome *o = client_with(w, &a);
  get(o, "/api/health");
  assert_string_equal(o->message, "");
  assert_int_equal(o->error, HTTP_OK);
  assert_int_equal(accepted(s), 1);
  drop(o);
  unlink(path);
  server_stop(s);
  char expected[200];
  snprintf(expected, sizeof(expected),
           "cannot connect to %s: No such file or directory", path);
  a.unix_socket = path;
  o = client_with(w, &a);
  get(o, "/api/health");
  assert_int_equal(o->error, HTTP_CONNECT);
  assert_string_equal(o->message, expected);
  drop(o);
}

static void proxies_of_the_environment_are_ignored(void **state) {
  setenv("http_proxy", "http://127.0.0.1:1", 1);
  setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
  struct outcome *o = client_of(*state);
  get(o, "/short");
  unsetenv("http_proxy");
  unsetenv("ALL_PROXY");
  assert_int_equal(o->error, HTTP_OK);
  drop(o);
}

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
  struct http_options access = access_to(url);
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
  struct http_options a = access_to("http://hang.invalid:7000");
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
    http_engine_run(w->fetcher, 0.01);
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
  assert_int_equal(http_engine_run(w->fetcher, 0), 1);
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
    http_engine_run(w->fetcher, DEADLINE);
  o->next = "/short";
  o->restarts = 1; /* is in vain */
  http_client_destroy(o->client);
  o->client = NULL;
  assert_int_equal(o->done, 1);
  assert_int_equal(o->error, HTTP_CONNECT);
  assert_string_equal(o->message, "cancelled");
  assert_int_equal(http_engine_run(w->fetcher, 0), 0);
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
  assert_int_equal(http_engine_run(w->fetcher, 0), 0);
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
  assert_int_equal(http_engine_run(w->fetcher, 0), 0);
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
  assert_int_equal(http_engine_run(w->fetcher, 0), 0);
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
  struct http_options a = access_to(url);
  for (size_t i = 0; i < MANY; i++)
    all[i] = client_with(w, &a);
  for (size_t i = 0; i < MANY; i++)
    start_within(all[i], "/short", DEADLINE);
  int active = MANY;
  while (active > 0) {
    active = http_engine_run(w->fetcher, DEADLINE);
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
  check(pthread_create(&thread, NULL, wake, w->fetcher) == 0, "thread");
  assert_int_equal(http_engine_run(w->fetcher, 3600), 0); /* or alarm() */
  pthread_join(thread, NULL);
  start_within(o, "/silent", 3600);
  http_engine_wake(w->fetcher);
  http_engine_wake(w->fetcher);
  assert_int_equal(http_engine_run(w->fetcher, 3600), 1);
  drop(o);
}

/* ---- POST ---- */

static struct outcome *post(struct world *w, const char *path,
                            const char *const *headers) {
  char url[200];
  snprintf(url, sizeof(url), "%s%s", w->url, path);
  struct http_options a = access_to(url);
  a.post = true;
  a.headers = headers;
  struct outcome *o = client_with(w, &a);
  http_post(o->client, "{\"a\":\"\xc3\xa9\"}", DEADLINE, done, o);
  wait_for(o, 1);
  return o;
}

static void post_goes_to_the_url_as_it_stands(void **state) {
  struct world *w = *state;
  struct outcome *o = post(w, "/hook/?sig=a%2Fb&x=/../", NULL);
  assert_int_equal(o->error, HTTP_OK);
  assert_true(requested(w->server, "POST /hook/?sig=a%2Fb&x=/../ HTTP/1.1\r"));
  assert_true(requested(w->server, "\r\nContent-Type: application/json\r\n"));
  assert_true(requested(w->server, "\r\nContent-Length: 10\r\n"));
  assert_true(requested(w->server, "\r\n\r\n{\"a\":\"\xc3\xa9\"}"));
  drop(o);
  const char *headers[] = {"content-type: text/x-own", NULL};
  o = post(w, "/short", headers);
  assert_true(requested(w->server, "\r\ncontent-type: text/x-own\r\n"));
  assert_null(strstr(w->server->request, "Content-Type"));
  drop(o);
}

static void post_has_arrived_with_2xx_whatever_the_body(void **state) {
  struct world *w = *state;
  static const char *const arrived[] = {"/short",     "/204",     "/cut",
                                        "/announced", "/endless", "/bad-chunk"};
  for (size_t i = 0; i < sizeof(arrived) / sizeof(*arrived); i++) {
    struct outcome *o = post(w, arrived[i], NULL);
    assert_int_equal(o->error, HTTP_OK);
    assert_string_equal(o->message, "");
    drop(o);
  }
  struct outcome *o = post(w, "/302", NULL);
  assert_int_equal(o->error, HTTP_HTTP);
  assert_string_equal(
      o->message, "HTTP status 302 (redirects are not followed), expected 2xx");
  drop(o);
}

static void server_may_ask_for_patience(void **state) {
  struct world *w = *state;
  struct outcome *o = post(w, "/429", NULL);
  assert_int_equal(o->error, HTTP_HTTP);
  assert_int_equal(o->status, 429);
  assert_true(fabs(http_retry_after(o->client) - 90) <= 0);
  drop(o);
  o = post(w, "/500", NULL);
  assert_int_equal(o->status, 500);
  assert_true(fabs(http_retry_after(o->client)) <= 0);
  drop(o);
}

/* ---- credentials ---- */

static void headers_and_basic_login_arrive(void **state) {
  struct world *w = *state;
  const char *headers[] = {"X-Key: v", "accept: text/plain", NULL};
  struct http_options a = access_to(w->url);
  struct outcome *o = client_with(w, &a);
  get(o, "/short");
  assert_true(requested(w->server, "GET /short HTTP/1.1\r\n"));
  assert_true(requested(w->server, "\r\nAccept: application/json\r\n"));
  assert_true(requested(w->server, "\r\nUser-Agent: collectd-mcp_hub\r\n"));
  drop(o);
  a.headers = headers;
  a.user = "Aladdin";
  a.password = "open sesame";
  o = client_with(w, &a);
  get(o, "/short");
  assert_true(requested(w->server, "\r\nX-Key: v\r\n"));
  assert_true(requested(w->server, "\r\naccept: text/plain\r\n"));
  assert_null(strstr(w->server->request, "application/json"));
  assert_true(requested(w->server, "\r\nAuthorization: Basic "
                                   "QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"));
  drop(o);
}

static void token_file_is_read_for_each_request(void **state) {
  struct world *w = *state;
  const char *path = in_temporary("token");
  struct http_options a = access_to(w->url);
  a.bearer_file = path;
  write_file(path, "  first.token \r\nsecond line\n");
  struct outcome *o = client_with(w, &a);
  get(o, "/short");
  assert_true(
      requested(w->server, "\r\nAuthorization: Bearer first.token\r\n"));
  assert_true(requested(w->server, "\r\nAccept: application/json\r\n"));
  write_file(path, "changed");
  get(o, "/short");
  assert_true(requested(w->server, "\r\nAuthorization: Bearer changed\r\n"));
  assert_int_equal(accepted(w->server), 1);
  unlink(path);
  drop(o);
}

static void unusable_token_file_is_named(void **state) {
  struct world *w = *state;
  const char *path = in_temporary("token");
  char missing[200];
  char no_token[200];
  snprintf(missing, sizeof(missing),
           "cannot read BearerTokenFile %s: No such file or directory", path);
  snprintf(no_token, sizeof(no_token),
           "BearerTokenFile %s: expected a token on the first line", path);
  struct http_options a = access_to(w->url);
  a.bearer_file = path;
  struct outcome *o = client_with(w, &a);
  get(o, "/short");
  assert_int_equal(o->error, HTTP_CONNECT);
  assert_string_equal(o->message, missing);
  static const char *const wrong[] = {"",        "\ntoken", " \t\r\n",
                                      "se cret", "s\x01t",  "s\xc3\xa4t"};
  for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
    write_file(path, wrong[i]);
    get(o, "/short");
    assert_int_equal(o->error, HTTP_CONNECT);
    assert_string_equal(o->message, no_token);
  }
  static char large[65538];
  memset(large, 'x', 65537);
  write_file(path, large);
  get(o, "/short");
  assert_non_null(strstr(o->message, "File too large"));
  assert_int_equal(accepted(w->server), 0);
  write_file(path, "good");
  get(o, "/short");
  assert_int_equal(o->error, HTTP_OK);
  unlink(path);
  drop(o);
}

/* A request that fails at once and is started again must not spin for ever in
 * one http_engine_run(), and must not be forgotten either. */
static void failed_start_is_delivered_once_a_run(void **state) {
  struct world *w = *state;
  struct http_options a = access_to(w->url);
  a.bearer_file = "/nonexistent/token";
  struct outcome *o = client_with(w, &a);
  o->next = "/short";
  o->restarts = 2;
  start_within(o, "/short", DEADLINE);
  assert_int_equal(http_engine_run(w->fetcher, DEADLINE), 1);
  assert_int_equal(o->done, 1);
  assert_int_equal(http_engine_run(w->fetcher, DEADLINE), 1);
  assert_int_equal(http_engine_run(w->fetcher, DEADLINE), 0);
  assert_int_equal(o->done, 3);
  start_within(o, "/short", DEADLINE);
  http_client_destroy(o->client);
  o->client = NULL;
  assert_int_equal(o->done, 4);
  assert_string_equal(o->message, "cancelled");
  drop(o);
}

/* ---- checks before anything is sent ---- */

static void wrong_urls_are_refused(void **state) {
  (void)state;
  static const struct {
    const char *url;
    const char *expected; /* part of the message; NULL: the URL is right */
  } table[] = {
      {"http://127.0.0.1:37373", NULL},
      {"https://hub.example/", NULL},
      {"HTTP://hub-1.example:8080/prefix/", NULL},
      {"http://[::1]:7000/a@b", NULL},
      {NULL, "expected an http or https URL"},
      {"", "expected an http or https URL"},
      {"ftp://hub/", "expected an http or https URL"},
      {"file:///etc/passwd", "expected an http or https URL"},
      {"gopher://hub/", "expected an http or https URL"},
      {"localhost:7000", "expected an http or https URL"},
      {"127.0.0.1:7000", "expected an http or https URL"},
      {"hub", "expected an http or https URL"},
      {"http://", "expected an http or https URL"},
      {"http:///path", "expected an http or https URL"},
      {"http:/hub", "expected an http or https URL"},
      {"http:hub", "expected an http or https URL"},
      {"http:////hub", "expected an http or https URL"},
      {"http://:7000/", "expected an http or https URL"},
      {"http://hub:0/", "expected an http or https URL"},
      {"http://hub:65536/", "expected an http or https URL"},
      {"http://hub:x/", "expected an http or https URL"},
      {"http://hu b/", "expected an http or https URL"},
      {"http://hub/\r\nX: y", "expected an http or https URL"},
      {"http://joe:s3cret@hub/", "User and Password"},
      {"http://joe@hub/", "User and Password"},
      {"http://:s3cret@hub/", "User and Password"},
      {"http://joe:s3cret@hub/?a", "User and Password"},
      {"ftp://joe:s3cret@hub/", "expected an http or https URL"},
      {"http://hub/?token=s3cret", "without a query and fragment"},
      {"http://hub/?", "without a query and fragment"},
      {"http://hub/#s3cret", "without a query and fragment"},
      {"http://hub#", "without a query and fragment"},
  };
  for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
    char err[256] = "";
    int status = http_check_url(table[i].url, err, sizeof(err));
    if (table[i].url != NULL && (status == 0) != (table[i].expected == NULL))
      print_error("%s: %s\n", table[i].url, err);
    assert_int_equal(status, table[i].expected == NULL ? 0 : -1);
    if (table[i].expected != NULL)
      assert_non_null(strstr(err, table[i].expected));
    assert_null(strstr(err, "s3cret"));
    assert_null(strstr(err, "joe"));
  }
}

static void target_may_have_a_query(void **state) {
  (void)state;
  char err[256] = "";
  assert_int_equal(http_check_target("https://h/a/?t=s3cret", err, 256), 0);
  assert_int_equal(http_check_target("https://h/#s3cret", err, 256), -1);
  assert_string_equal(err, "expected a URL without a fragment");
  assert_int_equal(http_check_target("ftp://h/", err, 256), -1);
  assert_int_equal(http_check_target("http://u:p@h/", err, 256), -1);
}

static void path_prefix_is_kept(void **state) {
  struct world *w = *state;
  static const struct {
    const char *prefix;
    const char *request;
  } table[] = {
      {"/prefix", "GET /prefix/api/health HTTP/1.1\r\n"},
      {"/prefix/", "GET /prefix/api/health HTTP/1.1\r\n"},
      {"/prefix///", "GET /prefix/api/health HTTP/1.1\r\n"},
      {"/x/../prefix", "GET /x/../prefix/api/health HTTP/1.1\r\n"},
  };
  for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
    char url[200];
    snprintf(url, sizeof(url), "%s%s", w->url, table[i].prefix);
    struct http_options a = access_to(url);
    struct outcome *o = client_with(w, &a);
    get(o, "/api/health");
    assert_int_equal(o->error, HTTP_OK);
    assert_true(requested(w->server, table[i].request));
    drop(o);
  }
}

static void refuse(struct world *w, const struct http_options *a,
                   const char *expected) {
  char err[256] = "";
  assert_null(http_client_create(w->fetcher, a, err, sizeof(err)));
  if (strstr(err, expected) == NULL)
    print_error("%s: %s\n", expected, err);
  assert_non_null(strstr(err, expected));
  assert_null(strstr(err, "s3cret"));
}

static void wrong_access_is_refused(void **state) {
  struct world *w = *state;
  const struct http_options good = access_to(w->url);
  struct http_options a = good;
  a.url = "http://joe:s3cret@hub/";
  refuse(w, &a, "User and Password");
  a = good;
  a.password = "s3cret";
  refuse(w, &a, "Password: expected a User");
  a.user = "a:b";
  refuse(w, &a, "User: expected a name without a colon");
  a.user = "a";
  a.bearer_file = "/etc/hostname";
  refuse(w, &a, "either User or BearerTokenFile");
  a = good;
  a.ca_cert = "/nonexistent/ca";
  refuse(w, &a, "CACert: \"/nonexistent/ca\": expected a readable file: No");
  a.ca_cert = "/";
  refuse(w, &a, "CACert: \"/\": expected a readable file");
  a = good;
  a.client_key = "/nonexistent/key";
  refuse(w, &a, "ClientKey: expected a ClientCert");
  a.client_cert = "/nonexistent/cert";
  refuse(w, &a, "ClientCert: \"/nonexistent/cert\"");
  a = good;
  char path[200];
  memset(path, 'x', sizeof(path) - 1);
  path[sizeof(path) - 1] = '\0';
  a.unix_socket = path;
  refuse(w, &a, "UnixSocket: expected a path of 1 to 107 bytes");
  a = good;
  static const char *const wrong[] = {
      "s3cret", "",     ": s3cret",         "X s3cret: v",
      "X:",     "X:  ", "X: s3cret\r\nY: z"};
  for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
    const char *headers[] = {"X-Good: v", wrong[i], NULL};
    a.headers = headers;
    refuse(w, &a, "Header: expected \"Name: value\"");
  }
}

static void tls_files_do_not_matter_to_http(void **state) {
  struct world *w = *state;
  const char *path = in_temporary("pem");
  struct http_options a = access_to(w->url);
  write_file(path, "no certificate");
  a.ca_cert = path;
  a.client_cert = path;
  a.client_key = path;
  struct outcome *o = client_with(w, &a);
  get(o, "/short");
  assert_int_equal(o->error, HTTP_OK);
  unlink(path);
  drop(o);
}

/* A pipe would be waited for, for ever. */
static void tls_files_that_become_pipes_are_refused(void **state) {
  struct world *w = *state;
  const char *path = in_temporary("pem");
  char url[64];
  snprintf(url, sizeof(url), "https%s", w->url + strlen("http"));
  struct http_options a = access_to(url);
  write_file(path, "no certificate");
  for (int i = 0; i < 2; i++) {
    a.ca_cert = i == 0 ? path : NULL;
    a.client_cert = i == 0 ? NULL : path;
    struct outcome *o = client_with(w, &a);
    unlink(path);
    check(mkfifo(path, 0600) == 0, "mkfifo");
    get(o, "/short");
    assert_int_equal(o->error, HTTP_TLS);
    assert_non_null(strstr(o->message, i == 0 ? "CACert: " : "ClientCert: "));
    assert_non_null(strstr(o->message, "expected a readable file"));
    unlink(path);
    write_file(path, "no certificate");
    drop(o);
  }
  unlink(path);
}

static void every_error_has_a_cause(void **state) {
  (void)state;
  assert_string_equal(http_error_name(HTTP_OK), "");
  assert_string_equal(http_error_name(HTTP_CONNECT), "connect");
  assert_string_equal(http_error_name(HTTP_TIMEOUT), "timeout");
  assert_string_equal(http_error_name(HTTP_HTTP), "http");
  assert_string_equal(http_error_name(HTTP_TLS), "tls");
  assert_string_equal(http_error_name(HTTP_PARSE), "parse");
  assert_string_equal(http_error_name(HTTP_OVERSIZE), "oversize");
  assert_string_equal(http_error_name(HTTP_ERRORS), "");
}

static void nothing_to_destroy_is_fine(void **state) {
  (void)state;
  http_client_destroy(NULL);
  http_engine_destroy(NULL);
}

#define WORLD_TEST(f) cmocka_unit_test_setup_teardown(f, enter, leave)

int main(void) {
  const struct CMUnitTest tests[] = {
      WORLD_TEST(every_answer_is_named),
      WORLD_TEST(sink_sees_no_more_than_max_body),
      WORLD_TEST(body_of_exactly_max_body_is_fine),
      WORLD_TEST(refused_body_ends_the_transfer),
      WORLD_TEST(connection_is_kept),
      WORLD_TEST(broken_connection_is_replaced),
      WORLD_TEST(kept_connection_that_ends_is_replaced_each_time),
      WORLD_TEST(lost_connections_are_connect_errors),
      WORLD_TEST(refused_port_is_a_connect_error),
      WORLD_TEST(unknown_name_is_a_connect_error),
      WORLD_TEST(lack_of_files_is_named),
      WORLD_TEST(tls_failure_is_a_tls_error),
      WORLD_TEST(unix_socket_replaces_tcp),
      WORLD_TEST(proxies_of_the_environment_are_ignored),
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
      WORLD_TEST(post_goes_to_the_url_as_it_stands),
      WORLD_TEST(post_has_arrived_with_2xx_whatever_the_body),
      WORLD_TEST(server_may_ask_for_patience),
      WORLD_TEST(headers_and_basic_login_arrive),
      WORLD_TEST(token_file_is_read_for_each_request),
      WORLD_TEST(unusable_token_file_is_named),
      WORLD_TEST(failed_start_is_delivered_once_a_run),
      cmocka_unit_test(wrong_urls_are_refused),
      cmocka_unit_test(target_may_have_a_query),
      WORLD_TEST(path_prefix_is_kept),
      WORLD_TEST(wrong_access_is_refused),
      WORLD_TEST(tls_files_do_not_matter_to_http),
      WORLD_TEST(tls_files_that_become_pipes_are_refused),
      cmocka_unit_test(every_error_has_a_cause),
      cmocka_unit_test(nothing_to_destroy_is_fine),
  };
  curl_global_init(CURL_GLOBAL_DEFAULT);
  sem_init(&resolving, 0, 0);
  sem_init(&resolve, 0, 0);
  strcpy(temporary, "/tmp/test_fetch.XXXXXX");
  check(mkdtemp(temporary) != NULL, "mkdtemp");
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  rmdir(temporary);
  curl_global_cleanup();
  return failed;
}
