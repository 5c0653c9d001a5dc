/* notify.h - notifications leave on a thread of their own.
 *
 * collectd calls every sink in the thread that dispatches; a sink that hangs
 * would hold back the write threads. The queue is bounded: what does not fit is
 * dropped and counted. All functions may be called from any thread. */
#ifndef PLUGINS_NOTIFY_H
#define PLUGINS_NOTIFY_H

#include "plugins/adapter.h"

struct notify;

/* `save`, on the queue's thread: before something new is delivered, when all is
 * delivered, and after notify_wake(). */
struct notify *notify_create(size_t max_waiting, void (*save)(void));

/* Delivers what waits for at most `grace` seconds and ends the thread, after
 * `save`. 0, or -1: a sink held the thread longer; it is left behind with its
 * memory, delivers no more and calls nobody. */
int notify_destroy(struct notify *n, double grace);

/* Copies *notification and takes its meta data over. 0, or -1: dropped. */
int notify_send(struct notify *n, notification_t *notification);

/* The same for one that is only logged, at level info. */
int notify_log(struct notify *n, const notification_t *notification);

/* Whether anything waits or is being delivered; not in NULL. */
bool notify_busy(struct notify *n);

/* Has `save` called, unless a sink hangs. */
void notify_wake(struct notify *n);

struct notify_counts {
  uint64_t sent;
  uint64_t dropped;
};
struct notify_counts notify_count(struct notify *n);

#endif
