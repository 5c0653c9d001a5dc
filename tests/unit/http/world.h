/* SPDX-License-Identifier: MIT */
/* world.h - clients and a scripted server on the loopback: a path selects what
 * the server sends, in pieces, and how the connection ends (the table of routes
 * in world.c). Nothing sleeps; alarm() ends a test that hangs. */
#ifndef TESTS_UNIT_HTTP_WORLD_H
#define TESTS_UNIT_HTTP_WORLD_H

#include "unit.h"

#include "http/client.h"

#include <pthread.h>
#include <semaphore.h>
#include <sys/socket.h>
#include <sys/un.h>

#define DEADLINE 60.0 /* of requests that must not time out */
#define MAX_CONNECTIONS 64

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

struct world {
  int files; /* open before the test */
  struct server *server;
  struct http_engine *engine;
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

/* getaddrinfo() is ours: no name is known, and "hang.invalid" hangs. */
extern sem_t resolving; /* posted when a thread enters, ... */
extern sem_t resolve;   /* ... and that is what it waits for */

void check(int ok, const char *what);
int listen_tcp(int *port, int backlog);
/* `path`: of a Unix socket, or NULL for TCP. */
struct server *server_start(const char *path, const char *greeting);
void server_stop(struct server *s);
int accepted(struct server *s);
int requested(struct server *s, const char *line);
/* The http_done_fn of an outcome. */
void done(void *arg, const struct http_result *r);
struct http_options options_for(const char *url);
struct outcome *client_with(struct world *w, const struct http_options *a);
struct outcome *client_of(struct world *w);
void drop(struct outcome *o);
void start_within(struct outcome *o, const char *path, double timeout);
void wait_for(struct outcome *o, int count);
void get_within(struct outcome *o, const char *path, double timeout);
void get(struct outcome *o, const char *path);
const char *in_temporary(const char *name);
void write_file(const char *path, const char *text);

/* A world with a server, for one test. */
int enter(void **state);
int leave(void **state);
/* libcurl and a folder, for all tests of a program. */
int world_begin(void **state);
int world_end(void **state);

#define WORLD_TEST(f) cmocka_unit_test_setup_teardown(f, enter, leave)

#endif
