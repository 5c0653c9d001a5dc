/* SPDX-License-Identifier: MIT */
#include "plugins/webhook_sender.h"

#include "http/client.h"

#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#define MAX_ANSWER 65536 /* bytes; the body is ignored */
#define MAX_WAIT 3600.0  /* seconds */
#define MESSAGE_SIZE 1024

struct webhook {
  struct webhooks *all;
  char *name;
  char *where; /* URL without secrets */
  double timeout;
  struct webhook_queue *queue; /* under the lock */
  struct http_client *client;
  char *body;    /* of the current request */
  bool failing;  /* logged */
  bool refusing; /* logged */
};

struct webhooks {
  webhook_log_fn log;
  struct http_engine *engine;
  pthread_t thread;
  bool runs;
  bool closing; /* the thread has ended */
  unsigned short seed[3];
  pthread_mutex_t lock; /* protects the queues and the next three members */
  bool finishing;
  double end;    /* end of the grace period */
  uint64_t late; /* messages that came after webhooks_finish() */
  size_t count;
  struct webhook hooks[];
};

static double clock_seconds(void) {
  struct timespec t = {0};
  clock_gettime(CLOCK_BOOTTIME, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* "https://host:port/..." of a valid URL. */
static char *mask(const char *url) {
  static const char rest[] = "/...";
  size_t len = strcspn(url, ":") + strlen("://");
  len += strcspn(url + len, "/?#");
  char *where = malloc(len + sizeof(rest));
  if (where == NULL)
    return NULL;
  memcpy(where, url, len);
  memcpy(where + len, rest, sizeof(rest));
  return where;
}

/* ---- log messages ---- */

static void log_line(const struct webhook *h, int priority, const char *what) {
  char message[MESSAGE_SIZE];
  snprintf(message, sizeof(message), "webhook \"%s\": %s: %s", h->name,
           h->where, what);
  h->all->log(priority, message);
}

static void log_failure(struct webhook *h, const struct http_result *r,
                        double delay) {
  char what[MESSAGE_SIZE / 2];
  snprintf(what, sizeof(what), "%s: %s; next try in %.0f s",
           http_error_name(r->error), r->message, delay);
  if (!h->failing)
    log_line(h, LOG_WARNING, what);
  h->failing = true;
}

static void log_refusal(struct webhook *h, const struct http_result *r) {
  char what[MESSAGE_SIZE / 2];
  snprintf(what, sizeof(what), "refuses a notice, which is lost: %s",
           r->message);
  if (!h->refusing)
    log_line(h, LOG_ERR, what);
  h->refusing = true;
}

static void log_success(struct webhook *h) {
  if (h->failing || h->refusing)
    log_line(h, LOG_NOTICE, "works again");
  h->failing = h->refusing = false;
}

/* ---- delivery, on the thread ---- */

static enum webhook_queue_outcome judge(const struct http_result *r) {
  if (r->error == HTTP_OK)
    return WEBHOOK_QUEUE_DELIVERED;
  bool later = r->status == 0 || r->status == 408 || r->status == 425 ||
               r->status == 429 || r->status >= 500;
  return later ? WEBHOOK_QUEUE_FAILED : WEBHOOK_QUEUE_REFUSED;
}

static void on_done(void *arg, const struct http_result *r) {
  struct webhook *h = arg;
  struct webhooks *w = h->all;
  double now = clock_seconds();
  enum webhook_queue_outcome outcome = judge(r);
  free(h->body);
  h->body = NULL;
  if (w->closing) /* cancelled */
    return;
  pthread_mutex_lock(&w->lock);
  webhook_queue_end(h->queue, outcome, http_retry_after(h->client),
                    erand48(w->seed), now);
  double delay = webhook_queue_due(h->queue) - now;
  pthread_mutex_unlock(&w->lock);
  if (outcome == WEBHOOK_QUEUE_DELIVERED)
    log_success(h);
  else if (outcome == WEBHOOK_QUEUE_REFUSED)
    log_refusal(h, r);
  else
    log_failure(h, r, delay);
}

/* Starts a due request. Returns the next due time; INFINITY: none, or a request
 * is in progress. */
static double begin_due(struct webhook *h, double now) {
  if (h->body != NULL)
    return INFINITY;
  pthread_mutex_lock(&h->all->lock);
  h->body = webhook_queue_begin(h->queue, now, time(NULL));
  double due = webhook_queue_due(h->queue);
  pthread_mutex_unlock(&h->all->lock);
  if (h->body != NULL)
    http_post(h->client, h->body, h->timeout, on_done, h);
  return due;
}

/* Starts all due requests. Returns the seconds to wait; -1: finished. */
static double begin_all(struct webhooks *w) {
  double now = clock_seconds();
  double next = INFINITY;
  bool busy = false;
  for (size_t i = 0; i < w->count; i++) {
    next = fmin(next, begin_due(&w->hooks[i], now));
    busy = busy || w->hooks[i].body != NULL;
  }
  pthread_mutex_lock(&w->lock);
  double end = w->finishing ? w->end : INFINITY;
  pthread_mutex_unlock(&w->lock);
  if (now >= end || (!busy && isfinite(end)))
    return -1;
  return fmin(fmax(fmin(next, end) - now, 0), MAX_WAIT);
}

static void *run(void *arg) {
  struct webhooks *w = arg;
  double wait = 0;
  while ((wait = begin_all(w)) >= 0)
    if (http_engine_run(w->engine, wait) < 0)
      nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
  return NULL;
}

/* ---- start and stop ---- */

/* The thread blocks all signals: they are for collectd. */
static int start_thread(struct webhooks *w) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  w->runs = pthread_create(&w->thread, NULL, run, w) == 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return w->runs ? 0 : -1;
}

static int open_webhook(struct webhook *h, const struct webhook_config *c,
                        char *err, size_t err_size) {
  const struct webhook_queue_settings settings = {
      .format = (enum webhook_queue_format)c->format,
      .least = ALERT_INFO + (unsigned)c->min_severity,
      .max = WEBHOOK_MAX_WAITING,
      .max_alerts = WEBHOOK_MAX_ALERTS,
      .resend = c->resend,
  };
  const struct http_options options = {
      .url = c->url,
      .post = true,
      .user = c->user,
      .password = c->password,
      .bearer_file = c->bearer_file,
      .headers = (const char *const *)c->headers,
      .verify_peer = c->verify_peer,
      .verify_host = c->verify_host,
      .ca_cert = c->ca_cert,
      .client_cert = c->client_cert,
      .client_key = c->client_key,
      .max_body = MAX_ANSWER,
  };
  char why[256] = "out of memory";
  h->timeout = c->timeout;
  h->name = strdup(c->name);
  h->where = mask(c->url);
  h->queue = webhook_queue_create(&settings);
  h->client = http_client_create(h->all->engine, &options, why, sizeof(why));
  if (h->name != NULL && h->where != NULL && h->queue != NULL &&
      h->client != NULL)
    return 0;
  snprintf(err, err_size, "<Webhook \"%s\">: %s", c->name, why);
  return -1;
}

static int open_all(struct webhooks *w, const struct webhook_config *configs,
                    char *err, size_t err_size) {
  if (w->count == 0)
    return 0;
  snprintf(err, err_size, "webhooks: libcurl cannot be initialised");
  if (http_init() != 0 || (w->engine = http_engine_create()) == NULL)
    return -1;
  for (size_t i = 0; i < w->count; i++)
    if (open_webhook(&w->hooks[i], &configs[i], err, err_size) != 0)
      return -1;
  snprintf(err, err_size, "webhooks: cannot start a thread");
  return start_thread(w);
}

struct webhooks *webhooks_create(const struct webhook_config *configs,
                                 size_t count, webhook_log_fn log, char *err,
                                 size_t err_size) {
  struct webhooks *w = calloc(1, sizeof(*w) + count * sizeof(w->hooks[0]));
  snprintf(err, err_size, "webhooks: out of memory");
  if (w == NULL)
    return NULL;
  w->log = log;
  w->count = count;
  w->seed[0] = (unsigned short)clock(); /* differs between processes */
  w->seed[1] = (unsigned short)time(NULL);
  w->seed[2] = (unsigned short)getpid();
  pthread_mutex_init(&w->lock, NULL);
  for (size_t i = 0; i < count; i++)
    w->hooks[i].all = w;
  if (open_all(w, configs, err, err_size) == 0)
    return w;
  webhooks_destroy(w);
  return NULL;
}

void webhooks_finish(struct webhooks *w, double grace) {
  if (w == NULL)
    return;
  pthread_mutex_lock(&w->lock);
  w->finishing = true;
  w->end = clock_seconds() + grace;
  pthread_mutex_unlock(&w->lock);
  if (w->engine != NULL)
    http_engine_wake(w->engine);
}

static void close_webhook(struct webhook *h) {
  char what[64];
  size_t waiting = h->queue != NULL ? webhook_queue_waiting(h->queue) : 0;
  if (waiting > 0) {
    snprintf(what, sizeof(what), "ends with %zu notices undelivered", waiting);
    log_line(h, LOG_WARNING, what);
  }
  http_client_destroy(h->client); /* calls on_done() */
  webhook_queue_destroy(h->queue);
  free(h->where);
  free(h->name);
}

void webhooks_destroy(struct webhooks *w) {
  if (w == NULL)
    return;
  if (w->runs) {
    if (!w->finishing)
      webhooks_finish(w, 0);
    pthread_join(w->thread, NULL);
  }
  w->closing = true;
  for (size_t i = 0; i < w->count; i++)
    close_webhook(&w->hooks[i]);
  http_engine_destroy(w->engine);
  pthread_mutex_destroy(&w->lock);
  free(w);
}

/* ---- any thread ---- */

void webhooks_send(struct webhooks *w, size_t which,
                   const struct webhook_notice *notice) {
  if (w->count == 0)
    return;
  double now = clock_seconds();
  pthread_mutex_lock(&w->lock);
  for (size_t i = 0; i < w->count && !w->finishing; i++)
    if (which == WEBHOOKS_ALL || which == i)
      webhook_queue_put(w->hooks[i].queue, notice, now);
  w->late += w->finishing ? w->count : 0;
  pthread_mutex_unlock(&w->lock);
  http_engine_wake(w->engine);
}

size_t webhooks_num(const struct webhooks *w) { return w->count; }

size_t webhooks_room(struct webhooks *w, size_t which) {
  pthread_mutex_lock(&w->lock);
  size_t room = webhook_queue_room(w->hooks[which].queue);
  pthread_mutex_unlock(&w->lock);
  return room;
}

bool webhooks_lack(struct webhooks *w, size_t which,
                   const struct alert *alert) {
  pthread_mutex_lock(&w->lock);
  bool lacks = webhook_queue_lacks(w->hooks[which].queue, alert);
  pthread_mutex_unlock(&w->lock);
  return lacks;
}

struct webhook_queue_counts webhooks_count(struct webhooks *w) {
  pthread_mutex_lock(&w->lock);
  struct webhook_queue_counts sum = {.dropped = w->late};
  for (size_t i = 0; i < w->count; i++) {
    struct webhook_queue_counts c = webhook_queue_counts(w->hooks[i].queue);
    sum.sent += c.sent;
    sum.dropped += c.dropped;
    sum.retried += c.retried;
  }
  pthread_mutex_unlock(&w->lock);
  return sum;
}
