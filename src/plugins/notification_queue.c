/* SPDX-License-Identifier: MIT */
#include "plugins/notification_queue.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct notification_queue {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  pthread_t thread;
  void (*save)(void);
  bool stopping;
  bool left_behind; /* a callback hangs: thread abandoned */
  bool delivering;
  bool saving; /* `save` is running */
  bool woken;  /* `save` is requested */
  struct notification_queue_counts count;
  size_t max;
  size_t first; /* index in the ring */
  size_t waiting;
  struct queued_notification {
    notification_t notification;
    bool is_log;
  } ring[];
};

static void free_meta(notification_t *notification) {
  if (notification->meta != NULL) /* collectd logs an error for NULL */
    plugin_notification_meta_free(notification->meta);
  notification->meta = NULL;
}

static void deliver(struct queued_notification *item) {
  if (item->is_log)
    adapter_log(LOG_INFO, "mcp_hub_alerts: %s", item->notification.message);
  else
    plugin_dispatch_notification(&item->notification);
  free_meta(&item->notification);
}

/* Call it with the lock held; releases it meanwhile. */
static void deliver_first(struct notification_queue *n) {
  struct queued_notification next = n->ring[n->first];
  n->first = (n->first + 1) % n->max;
  n->waiting--;
  n->delivering = true;
  pthread_mutex_unlock(&n->lock);
  deliver(&next);
  pthread_mutex_lock(&n->lock);
  n->delivering = false;
  n->woken = n->woken || n->waiting == 0;
  pthread_cond_broadcast(&n->changed);
  n->count.sent += !next.is_log;
}

static void save_all(struct notification_queue *n) {
  void (*save)(void) = n->save;
  n->woken = false;
  if (save == NULL)
    return;
  n->saving = true;
  pthread_mutex_unlock(&n->lock);
  save();
  pthread_mutex_lock(&n->lock);
  n->saving = false;
  pthread_cond_broadcast(&n->changed);
}

static void *run(void *arg) {
  struct notification_queue *n = arg;
  pthread_mutex_lock(&n->lock);
  while (!n->left_behind && (n->waiting > 0 || n->woken || !n->stopping)) {
    if (n->woken)
      save_all(n);
    else if (n->waiting > 0)
      deliver_first(n);
    else
      pthread_cond_wait(&n->changed, &n->lock);
  }
  pthread_mutex_unlock(&n->lock);
  return NULL;
}

struct notification_queue *notification_queue_create(size_t max_waiting,
                                                     void (*save)(void)) {
  struct notification_queue *n =
      calloc(1, sizeof(*n) + max_waiting * sizeof(n->ring[0]));
  if (n == NULL)
    return NULL;
  n->max = max_waiting;
  n->save = save;
  pthread_mutex_init(&n->lock, NULL);
  adapter_condition(&n->changed);
  if (plugin_thread_create(&n->thread, run, n, "mcp_hub notify") != 0) {
    pthread_cond_destroy(&n->changed);
    pthread_mutex_destroy(&n->lock);
    free(n);
    return NULL;
  }
  return n;
}

/* Call it with the lock held. Returns the number not delivered in time. */
static size_t wait_for_sinks(struct notification_queue *n, double grace) {
  const struct timespec until = adapter_in(grace);
  int status = 0;
  while (status == 0 && (n->waiting > 0 || n->delivering))
    status = pthread_cond_timedwait(&n->changed, &n->lock, &until);
  while (n->saving)
    pthread_cond_wait(&n->changed, &n->lock);
  return n->waiting + n->delivering;
}

/* Abandons the thread. It may return from the callback, so nothing is freed. */
static void abandon_thread(struct notification_queue *n) {
  n->left_behind = true;
  while (n->waiting > 0) {
    free_meta(&n->ring[n->first].notification);
    n->first = (n->first + 1) % n->max;
    n->waiting--;
  }
  pthread_detach(n->thread);
}

int notification_queue_destroy(struct notification_queue *n, double grace) {
  if (n == NULL)
    return 0;
  pthread_mutex_lock(&n->lock);
  n->stopping = true;
  pthread_cond_broadcast(&n->changed);
  size_t lost = wait_for_sinks(n, grace);
  if (lost > 0)
    abandon_thread(n);
  pthread_mutex_unlock(&n->lock);
  if (lost > 0) {
    adapter_log(
        LOG_WARNING,
        "mcp_hub_alerts: a notification sink hangs: %zu notices are lost",
        lost);
    return -1;
  }
  pthread_join(n->thread, NULL); /* `save` may still run */
  pthread_cond_destroy(&n->changed);
  pthread_mutex_destroy(&n->lock);
  free(n);
  return 0;
}

/* 0, or -1: full. */
static int add(struct notification_queue *n,
               const struct queued_notification *item) {
  pthread_mutex_lock(&n->lock);
  bool fits = n->waiting < n->max && !n->stopping;
  if (fits) {
    n->ring[(n->first + n->waiting) % n->max] = *item;
    n->waiting++;
    n->woken = true;
    pthread_cond_broadcast(&n->changed);
  } else {
    n->count.dropped += !item->is_log;
  }
  pthread_mutex_unlock(&n->lock);
  return fits ? 0 : -1;
}

int notification_queue_send(struct notification_queue *n,
                            notification_t *notification) {
  int status = add(n, &(struct queued_notification){*notification, false});
  if (status != 0)
    free_meta(notification);
  notification->meta = NULL;
  return status;
}

int notification_queue_log(struct notification_queue *n,
                           const notification_t *notification) {
  return add(n, &(struct queued_notification){*notification, true});
}

bool notification_queue_busy(struct notification_queue *n) {
  if (n == NULL)
    return false;
  pthread_mutex_lock(&n->lock);
  bool busy = n->waiting > 0 || n->delivering;
  pthread_mutex_unlock(&n->lock);
  return busy;
}

void notification_queue_wake(struct notification_queue *n) {
  pthread_mutex_lock(&n->lock);
  n->woken = true;
  pthread_cond_broadcast(&n->changed);
  pthread_mutex_unlock(&n->lock);
}

struct notification_queue_counts
notification_queue_count(struct notification_queue *n) {
  pthread_mutex_lock(&n->lock);
  struct notification_queue_counts count = n->count;
  pthread_mutex_unlock(&n->lock);
  return count;
}
