/* notify.h - notifications leave on a thread of their own.
 *
 * collectd calls every sink in the thread that dispatches; a sink that hangs
 * would hold back the write threads. The queue is bounded: what does not fit is
 * dropped and counted. All functions may be called from any thread. */
#ifndef PLUGINS_NOTIFY_H
#define PLUGINS_NOTIFY_H

#include "plugins/adapter.h"

struct notify;

struct notify *notify_create(size_t max_waiting);

/* Delivers what waits for at most `grace` seconds and ends the thread. A thread
 * that a sink holds longer is left behind, with its memory. */
void notify_destroy(struct notify *n, double grace);

/* Copies *notification and takes its meta data over. 0, or -1: dropped. */
int notify_send(struct notify *n, notification_t *notification);

struct notify_counts {
  uint64_t sent;
  uint64_t dropped;
};
struct notify_counts notify_count(struct notify *n);

#endif
