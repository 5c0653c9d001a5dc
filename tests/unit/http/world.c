/* SPDX-License-Identifier: MIT */
#include "http/world.h"

#include <dirent.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE 120 /* seconds for one test, valgrind included */

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

void check(int ok, const char *what) {
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

int listen_tcp(int *port, int backlog) {
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

struct server *server_start(const char *path, const char *greeting) {
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

void server_stop(struct server *s) {
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

int accepted(struct server *s) {
  pthread_mutex_lock(&s->lock);
  int count = s->accepted;
  pthread_mutex_unlock(&s->lock);
  return count;
}

int requested(struct server *s, const char *line) {
  pthread_mutex_lock(&s->lock);
  int found = strstr(s->request, line) != NULL;
  if (!found)
    fprintf(stderr, "request without %s:\n%s", line, s->request);
  pthread_mutex_unlock(&s->lock);
  return found;
}

/* ---- resolver ---- */

sem_t resolving; /* posted when a thread enters, ... */
sem_t resolve;   /* ... and that is what it waits for */

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

void done(void *arg, const struct http_result *r) {
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

struct http_options options_for(const char *url) {
  struct http_options a = {
      .url = url, .verify_peer = true, .verify_host = true, .max_body = 1000};
  return a;
}

struct outcome *client_with(struct world *w, const struct http_options *a) {
  char err[256] = "";
  struct outcome *o = calloc(1, sizeof(*o));
  check(o != NULL, "memory");
  o->world = w;
  o->older = w->outcomes;
  w->outcomes = o;
  o->client = http_client_create(w->engine, a, err, sizeof(err));
  assert_string_equal(err, "");
  assert_non_null(o->client);
  return o;
}

struct outcome *client_of(struct world *w) {
  struct http_options a = options_for(w->url);
  return client_with(w, &a);
}

void drop(struct outcome *o) {
  struct outcome **link = &o->world->outcomes;
  while (*link != o)
    link = &(*link)->older;
  *link = o->older;
  o->restarts = 0;
  http_client_destroy(o->client);
  free(o);
}

void start_within(struct outcome *o, const char *path, double timeout) {
  memset(o->body, 0, sizeof(o->body));
  o->len = 0;
  http_get(o->client, path, timeout, sink, done, o);
}

void wait_for(struct outcome *o, int count) {
  while (o->done < count)
    assert_int_not_equal(http_engine_run(o->world->engine, DEADLINE), -1);
}

void get_within(struct outcome *o, const char *path, double timeout) {
  int before = o->done;
  start_within(o, path, timeout);
  assert_int_equal(o->done, before); /* never from within http_get() */
  wait_for(o, before + 1);
  assert_int_equal(o->done, before + 1);
}

void get(struct outcome *o, const char *path) { get_within(o, path, DEADLINE); }

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

int enter(void **state) {
  struct world *w = calloc(1, sizeof(*w));
  check(w != NULL, "memory");
  w->files = open_files();
  w->server = server_start(NULL, NULL);
  w->engine = http_engine_create();
  check(w->engine != NULL, "engine");
  snprintf(w->url, sizeof(w->url), "http://127.0.0.1:%d", w->server->port);
  *state = w;
  alarm(PATIENCE);
  return 0;
}

int leave(void **state) {
  struct world *w = *state;
  while (w->outcomes != NULL)
    drop(w->outcomes);
  http_engine_destroy(w->engine);
  server_stop(w->server);
  while (open_files() > w->files) /* a resolver's thread ends by itself */
    usleep(1000);
  free(w);
  alarm(0);
  return 0;
}

static char temporary[64];

const char *in_temporary(const char *name) {
  static char path[100];
  snprintf(path, sizeof(path), "%s/%s", temporary, name);
  return path;
}

void write_file(const char *path, const char *text) {
  FILE *f = fopen(path, "w");
  check(f != NULL, path);
  fputs(text, f);
  fclose(f);
}

int world_begin(void **state) {
  (void)state;
  sem_init(&resolving, 0, 0);
  sem_init(&resolve, 0, 0);
  strcpy(temporary, "/tmp/test_http.XXXXXX");
  check(mkdtemp(temporary) != NULL, "mkdtemp");
  return http_init();
}

int world_end(void **state) {
  (void)state;
  http_cleanup();
  return rmdir(temporary);
}
