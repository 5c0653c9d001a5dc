/* SPDX-License-Identifier: MIT */
/* server.h - an HTTP server on loopback that answers 200 to who has the bearer
 * token, one connection after the other, each for one request; to others it
 * closes. Or one that listens, and no more. It counts what it answers with a
 * word in it. */
#ifndef TESTS_SERVER_H
#define TESTS_SERVER_H

#include "unit.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct server {
  int fd; /* that listens */
  bool answers;
  pthread_t thread;
  char url[64];
  const char *word;       /* set before it starts; NULL: none */
  atomic_size_t notified; /* requests with the word, before each is answered */
};

/* A whole request, or what came of it. */
static inline void server_take(int fd, char *request, size_t size) {
  size_t len = 0;
  size_t want = size - 1;
  ssize_t got = 1;
  request[0] = '\0';
  while (len < want && got > 0) {
    got = recv(fd, request + len, want - len, 0);
    len += got > 0 ? (size_t)got : 0;
    request[len] = '\0';
    const char *end = strstr(request, "\r\n\r\n");
    const char *length = strstr(request, "Content-Length: ");
    if (end != NULL)
      want = (size_t)(end - request) + 4 +
             (length != NULL ? strtoul(length + 16, NULL, 10) : 0);
  }
}

static inline void *server_run(void *arg) {
  static const char answer[] = "HTTP/1.1 200 OK\r\nConnection: close\r\n"
                               "Content-Length: 2\r\n\r\n{}";
  struct server *s = arg;
  char request[8192];
  for (;;) {
    int fd = accept(s->fd, NULL, NULL);
    if (fd < 0)
      return NULL;
    server_take(fd, request, sizeof(request));
    if (strstr(request, "Bearer T0KEN\r\n") != NULL) {
      s->notified += s->word != NULL && strstr(request, s->word) != NULL;
      send(fd, answer, strlen(answer), MSG_NOSIGNAL);
    }
    close(fd);
  }
}

static inline void server_start(struct server *s, bool answers) {
  struct sockaddr_in a = {.sin_family = AF_INET,
                          .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t len = sizeof(a);
  s->answers = answers;
  s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert_int_equal(bind(s->fd, (struct sockaddr *)&a, sizeof(a)), 0);
  assert_int_equal(listen(s->fd, 64), 0);
  assert_int_equal(getsockname(s->fd, (struct sockaddr *)&a, &len), 0);
  snprintf(s->url, sizeof(s->url), "http://127.0.0.1:%d", ntohs(a.sin_port));
  if (answers)
    assert_int_equal(pthread_create(&s->thread, NULL, server_run, s), 0);
}

static inline void server_stop(struct server *s) {
  shutdown(s->fd, SHUT_RDWR);
  if (s->answers)
    pthread_join(s->thread, NULL);
  close(s->fd);
}

#endif
