/* SPDX-License-Identifier: MIT */
/* libcurl names the sockets, epoll reports the ready ones: a request's cost
 * does not depend on the number of other requests, unlike with
 * curl_multi_poll(). A multi handle scans all its idle connections after each
 * request, so clients are spread over several handles, the shards. */
#include "http/client_internal.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define MAX_WAIT 86400.0 /* seconds; also limits deadlines */
#define EVENTS 64        /* per epoll_wait() */
#define SHARD_CLIENTS 256
/* descriptors per lookup: two of libcurl, the resolver's */
#define LOOKUP_FILES 4U
#define RECOUNT 0.1 /* seconds; a lookup opens its descriptors within this */
#define WAKE UINT64_MAX /* data of the eventfd in epoll */

double http_clock(void) {
  struct timespec t = {0};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int http_milliseconds(double seconds) {
  if (!(seconds > 0))
    return 0;
  if (seconds > MAX_WAIT)
    seconds = MAX_WAIT;
  return (int)(seconds * 1000 + 0.999);
}

/* ---- descriptors ---- */

/* Counts open descriptors, at most `most`. Returns `most` without /proc. */
static size_t count_files(size_t most) {
  DIR *dir = opendir("/proc/self/fd");
  size_t num = 0;
  if (dir == NULL)
    return most;
  while (num < most && readdir(dir) != NULL)
    num++;
  closedir(dir);
  return num;
}

/* Counts at most once per RECOUNT and adds the lookups started since. */
bool http_engine_is_short_of_files(struct http_engine *engine) {
  struct rlimit most = {0};
  if (getrlimit(RLIMIT_NOFILE, &most) != 0)
    return false;
  double now = http_clock();
  if (now - engine->counted > RECOUNT) {
    engine->files = count_files(most.rlim_cur / 2);
    engine->counted = now;
  }
  engine->files += LOOKUP_FILES;
  return engine->files >= most.rlim_cur / 2;
}

/* ---- shards ---- */

/* Returns NULL for a handle that libcurl created internally. */
static struct http_client *client_of(CURL *easy) {
  char *c = NULL;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, &c);
  return (struct http_client *)(void *)c;
}

/* libcurl's CURLMOPT_SOCKETFUNCTION. `known` is set from the second call on.
 * Stores a failure of epoll for the message and returns 0: an error would end
 * all transfers of the multi handle. The affected request continues at
 * libcurl's next timer or ends at its deadline. */
static int on_watch(CURL *easy, curl_socket_t fd, int what, void *arg,
                    void *known) {
  struct http_shard *s = arg;
  int epoll = s->engine->epoll;
  struct epoll_event event = {.data.u64 =
                                  (uint64_t)s->index << 32 | (uint32_t)fd};
  if (what == CURL_POLL_REMOVE) {
    epoll_ctl(epoll, EPOLL_CTL_DEL, fd, &event);
    return 0;
  }
  if (what & CURL_POLL_IN)
    event.events |= EPOLLIN;
  if (what & CURL_POLL_OUT)
    event.events |= EPOLLOUT;
  int op = known != NULL ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
  int status = epoll_ctl(epoll, op, fd, &event);
  if (status != 0 && errno == ENOENT)
    status = epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
  else if (status != 0 && errno == EEXIST)
    status = epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &event);
  int error = status != 0 ? errno : 0;
  struct http_client *c = client_of(easy);
  if (c != NULL)
    c->watch_errno = error;
  curl_multi_assign(s->multi, fd, s);
  return 0;
}

static void shard_destroy(struct http_shard *s) {
  if (s == NULL)
    return;
  assert(s->clients == 0);
  curl_multi_cleanup(s->multi);
  free(s);
}

static struct http_shard *shard_create(struct http_engine *engine,
                                       uint32_t index) {
  struct http_shard *s = calloc(1, sizeof(*s));
  if (s == NULL)
    return NULL;
  s->engine = engine;
  s->index = index;
  s->multi = curl_multi_init();
  /* One idle connection per client. */
  if (s->multi == NULL ||
      curl_multi_setopt(s->multi, CURLMOPT_MAXCONNECTS, 2L * SHARD_CLIENTS) !=
          CURLM_OK ||
      curl_multi_setopt(s->multi, CURLMOPT_SOCKETFUNCTION, on_watch) !=
          CURLM_OK ||
      curl_multi_setopt(s->multi, CURLMOPT_SOCKETDATA, s) != CURLM_OK) {
    shard_destroy(s);
    return NULL;
  }
  return s;
}

struct http_shard *http_engine_shard(struct http_engine *engine) {
  for (uint32_t i = 0; i < engine->shard_count; i++)
    if (engine->shards[i]->clients < SHARD_CLIENTS)
      return engine->shards[i];
  size_t size = (engine->shard_count + 1) * sizeof(struct http_shard *);
  struct http_shard **shards = realloc(engine->shards, size);
  if (shards == NULL)
    return NULL;
  engine->shards = shards;
  struct http_shard *s = shard_create(engine, engine->shard_count);
  if (s != NULL)
    engine->shards[engine->shard_count++] = s;
  return s;
}

/* ---- engine ---- */

struct http_engine *http_engine_create(void) {
  struct http_engine *engine = calloc(1, sizeof(*engine));
  if (engine == NULL)
    return NULL;
  TAILQ_INIT(&engine->failed);
  engine->epoll = epoll_create1(EPOLL_CLOEXEC);
  engine->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = WAKE};
  if (engine->epoll >= 0 && engine->wake >= 0 &&
      epoll_ctl(engine->epoll, EPOLL_CTL_ADD, engine->wake, &event) == 0)
    return engine;
  http_engine_destroy(engine);
  return NULL;
}

void http_engine_destroy(struct http_engine *engine) {
  if (engine == NULL)
    return;
  for (uint32_t i = 0; i < engine->shard_count; i++)
    shard_destroy(engine->shards[i]);
  free(engine->shards);
  if (engine->epoll >= 0)
    close(engine->epoll);
  if (engine->wake >= 0)
    close(engine->wake);
  free(engine);
}

/* Returns milliseconds until libcurl's next timer, at most `wait`. */
static int time_to_wait(const struct http_engine *engine, double wait) {
  int least = http_milliseconds(wait);
  for (uint32_t i = 0; i < engine->shard_count; i++) {
    long due = -1;
    curl_multi_timeout(engine->shards[i]->multi, &due);
    if (due >= 0 && due < least)
      least = (int)due;
  }
  return least;
}

static int act(struct http_shard *s, curl_socket_t fd, int bits) {
  int running = 0;
  CURLMcode code = curl_multi_socket_action(s->multi, fd, bits, &running);
  return code == CURLM_OK ? 0 : -1;
}

static int drive_ready(struct http_engine *engine,
                       const struct epoll_event *event) {
  if (event->data.u64 == WAKE) {
    eventfd_t count = 0;
    eventfd_read(engine->wake, &count);
    return 0;
  }
  int bits = 0;
  if (event->events & (EPOLLIN | EPOLLHUP | EPOLLERR))
    bits |= CURL_CSELECT_IN;
  if (event->events & (EPOLLOUT | EPOLLERR))
    bits |= CURL_CSELECT_OUT;
  struct http_shard *s = engine->shards[event->data.u64 >> 32];
  return act(s, (curl_socket_t)(event->data.u64 & UINT32_MAX), bits);
}

static int drive_due(struct http_shard *s) {
  long due = -1;
  curl_multi_timeout(s->multi, &due);
  return due == 0 ? act(s, CURL_SOCKET_TIMEOUT, 0) : 0;
}

/* Reports `count` requests only: `done` may queue another one. */
static void deliver_failed(struct http_engine *engine, size_t count) {
  for (; count > 0 && !TAILQ_EMPTY(&engine->failed); count--)
    http_client_fail(TAILQ_FIRST(&engine->failed));
}

static void deliver_finished(struct http_shard *s) {
  int left = 0;
  CURLMsg *m = NULL;
  while ((m = curl_multi_info_read(s->multi, &left)) != NULL) {
    if (m->msg == CURLMSG_DONE)
      http_client_finish(client_of(m->easy_handle), m->data.result);
  }
}

int http_engine_run(struct http_engine *engine, double wait) {
  struct epoll_event events[EVENTS];
  size_t failed = 0;
  struct http_client *c = NULL;
  TAILQ_FOREACH(c, &engine->failed, link) failed++;
  int ms = failed == 0 ? time_to_wait(engine, wait) : 0;
  int count = epoll_wait(engine->epoll, events, EVENTS, ms);
  int status = count >= 0 || errno == EINTR ? 0 : -1;
  for (int i = 0; i < count; i++)
    status |= drive_ready(engine, &events[i]);
  for (uint32_t i = 0; i < engine->shard_count; i++)
    status |= drive_due(engine->shards[i]);
  deliver_failed(engine, failed);
  for (uint32_t i = 0; i < engine->shard_count; i++)
    deliver_finished(engine->shards[i]);
  return status == 0 ? engine->active : -1;
}

void http_engine_wake(struct http_engine *engine) {
  eventfd_write(engine->wake, 1);
}
