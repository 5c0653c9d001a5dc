/* SPDX-License-Identifier: MIT */
#include "hubread.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TIMEOUT 30.0     /* seconds */
#define MAX_VALUES 65536 /* of a read */
#define MAX_SERVERS 200  /* the plugin's default */
#define MAX_BODY (64U << 20)

struct value {
  char type[32];
  char instance[IDENTIFIER_MAX];
  double gauge;
  int64_t derive[2];
};

static struct value values[MAX_VALUES];

struct hubread {
  struct http_engine *fetcher;
  struct http_client *client;
  struct poller *reader;
  enum http_error error;
};

double hubread_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void complain(void *arg, enum remark_level level, const char *text) {
  (void)arg;
  if (level == REMARK_ERROR)
    fprintf(stderr, "%s\n", text);
}

struct poller *hubread_reader(const char *url, const char *proc) {
  const struct poller_settings settings = {.name = "bench",
                                           .url = url,
                                           .timeout = TIMEOUT,
                                           .min_calls = 10,
                                           .max_servers = MAX_SERVERS,
                                           .proc = proc,
                                           .remark = complain};
  struct poller *r = poller_create(&settings);
  if (r == NULL)
    fprintf(stderr, "out of memory\n");
  return r;
}

static void add_value(void *arg, const struct hub_value *m) {
  size_t *num = arg;
  if (*num == MAX_VALUES)
    return;
  struct value *v = &values[(*num)++];
  strncpy(v->type, m->type, sizeof(v->type) - 1);
  strncpy(v->instance, m->instance, sizeof(v->instance) - 1);
  v->gauge = m->gauge;
  memcpy(v->derive, m->derive, sizeof(v->derive));
}

size_t hubread_values(const struct poller *r) {
  size_t num = 0;
  poller_emit(r, add_value, &num);
  return num;
}

struct hubread *hubread_create(struct http_engine *f, const char *url,
                               const char *proc) {
  const struct http_options access = {.url = url,
                                      .verify_peer = true,
                                      .verify_host = true,
                                      .max_body = MAX_BODY};
  char err[256] = "out of memory";
  struct hubread *h = calloc(1, sizeof(*h));
  if (h == NULL)
    return NULL;
  h->fetcher = f;
  h->client = http_client_create(f, &access, err, sizeof(err));
  h->reader = hubread_reader(url, proc);
  if (h->client != NULL && h->reader != NULL)
    return h;
  fprintf(stderr, "%s: %s\n", url, err);
  hubread_destroy(h);
  return NULL;
}

void hubread_destroy(struct hubread *h) {
  if (h == NULL)
    return;
  http_client_destroy(h->client);
  poller_destroy(h->reader);
  free(h);
}

static int on_data(void *arg, const char *bytes, size_t len) {
  const struct hubread *h = arg;
  return poller_data(h->reader, bytes, len);
}

static void on_done(void *arg, const struct http_result *result);

static void ask(struct hubread *h, const char *path) {
  http_get(h->client, path, poller_time_left(h->reader, hubread_now()), on_data,
           on_done, h);
}

/* A hub without tool filtering (404) is a good one. */
static void on_done(void *arg, const struct http_result *result) {
  struct hubread *h = arg;
  if (result->status != 404)
    h->error = result->error;
  const char *next = poller_done(h->reader, result, hubread_now());
  if (next != NULL)
    ask(h, next);
}

int hubread_once(struct hubread *h) {
  h->error = HTTP_OK;
  ask(h, poller_begin(h->reader, hubread_now(), (double)time(NULL)));
  int under_way;
  while ((under_way = http_engine_run(h->fetcher, TIMEOUT)) > 0)
    ;
  if (under_way < 0 || h->error != HTTP_OK)
    return -1;
  return (int)hubread_values(h->reader);
}
