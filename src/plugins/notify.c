#include "plugins/notify.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct notify {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  pthread_t thread;
  bool stopping;
  struct notify_counts count;
  size_t max;
  size_t first; /* of the ring */
  size_t waiting;
  notification_t ring[];
};

static void free_meta(notification_t *notification) {
  if (notification->meta != NULL) /* collectd complains of NULL */
    plugin_notification_meta_free(notification->meta);
  notification->meta = NULL;
}

static void deliver(notification_t *notification) {
  plugin_dispatch_notification(notification);
  free_meta(notification);
}

static void *run(void *arg) {
  struct notify *n = arg;
  pthread_mutex_lock(&n->lock);
  while (n->waiting > 0 || !n->stopping) {
    if (n->waiting == 0) {
      pthread_cond_wait(&n->changed, &n->lock);
      continue;
    }
    notification_t next = n->ring[n->first];
    n->first = (n->first + 1) % n->max;
    n->waiting--;
    pthread_mutex_unlock(&n->lock);
    deliver(&next);
    pthread_mutex_lock(&n->lock);
    n->count.sent++;
  }
  pthread_mutex_unlock(&n->lock);
  return NULL;
}

struct notify *notify_create(size_t max_waiting) {
  struct notify *n = calloc(1, sizeof(*n) + max_waiting * sizeof(n->ring[0]));
  if (n == NULL)
    return NULL;
  n->max = max_waiting;
  pthread_mutex_init(&n->lock, NULL);
  pthread_cond_init(&n->changed, NULL);
  if (plugin_thread_create(&n->thread, run, n, "mcp_hub notify") != 0) {
    pthread_cond_destroy(&n->changed);
    pthread_mutex_destroy(&n->lock);
    free(n);
    return NULL;
  }
  return n;
}

void notify_destroy(struct notify *n, double grace) {
  if (n == NULL)
    return;
  pthread_mutex_lock(&n->lock);
  n->stopping = true;
  pthread_cond_signal(&n->changed);
  pthread_mutex_unlock(&n->lock);

  struct timespec until = {0};
  clock_gettime(CLOCK_REALTIME, &until);
  double end = (double)until.tv_sec + (double)until.tv_nsec / 1e9 + grace;
  until.tv_sec = (time_t)end;
  until.tv_nsec = (long)((end - (double)until.tv_sec) * 1e9);
  if (pthread_timedjoin_np(n->thread, NULL, &until) != 0) {
    WARNING("mcp_hub_alerts: a notification sink hangs: %zu notices are lost",
            n->waiting + 1);
    return;
  }
  pthread_cond_destroy(&n->changed);
  pthread_mutex_destroy(&n->lock);
  free(n);
}

int notify_send(struct notify *n, notification_t *notification) {
  pthread_mutex_lock(&n->lock);
  bool fits = n->waiting < n->max && !n->stopping;
  if (fits) {
    n->ring[(n->first + n->waiting) % n->max] = *notification;
    n->waiting++;
    pthread_cond_signal(&n->changed);
  } else {
    n->count.dropped++;
  }
  pthread_mutex_unlock(&n->lock);
  if (!fits)
    free_meta(notification);
  notification->meta = NULL;
  return fits ? 0 : -1;
}

struct notify_counts notify_count(struct notify *n) {
  pthread_mutex_lock(&n->lock);
  struct notify_counts count = n->count;
  pthread_mutex_unlock(&n->lock);
  return count;
}
