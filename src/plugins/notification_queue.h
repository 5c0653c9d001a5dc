/* SPDX-License-Identifier: MIT */
/* notification_queue.h - notifications leave on a thread of their own.
 *
 * collectd calls every sink in the thread that dispatches; a sink that hangs
 * would hold back the write threads. The queue is bounded: what does not fit is
 * dropped and counted. All functions may be called from any thread. */
#ifndef PLUGINS_NOTIFICATION_QUEUE_H
#define PLUGINS_NOTIFICATION_QUEUE_H

#include "plugins/adapter.h"

struct notification_queue;

/* `save`, on the queue's thread: before something new is delivered, when all is
 * delivered, and after notification_queue_wake(). */
struct notification_queue *notification_queue_create(size_t max_waiting,
                                                     void (*save)(void));

/* Delivers what waits for at most `grace` seconds and ends the thread, after
 * `save`. 0, or -1: a sink held the thread longer; it is left behind with its
 * memory, delivers no more and calls nobody. */
int notification_queue_destroy(struct notification_queue *n, double grace);

/* Copies *notification and takes its meta data over. 0, or -1: dropped. */
int notification_queue_send(struct notification_queue *n,
                            notification_t *notification);

/* The same for one that is only logged, at level info. */
int notification_queue_log(struct notification_queue *n,
                           const notification_t *notification);

/* Whether anything waits or is being delivered; not in NULL. */
bool notification_queue_busy(struct notification_queue *n);

/* Has `save` called, unless a sink hangs. */
void notification_queue_wake(struct notification_queue *n);

struct notification_queue_counts {
  uint64_t sent;
  uint64_t dropped;
};
struct notification_queue_counts
notification_queue_count(struct notification_queue *n);

#endif
