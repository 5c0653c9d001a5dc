/* SPDX-License-Identifier: MIT */
/* notification_queue.h - dispatches notifications on its own thread.
 *
 * collectd calls all notification callbacks in the dispatching thread; one that
 * hangs would block the write threads. The queue is bounded: what does not fit
 * is dropped and counted. Thread-safe. */
#ifndef PLUGINS_NOTIFICATION_QUEUE_H
#define PLUGINS_NOTIFICATION_QUEUE_H

#include "plugins/adapter.h"

struct notification_queue;

/* Calls `save` on the queue's thread: before a new delivery, when the queue is
 * empty again, and after notification_queue_wake(). */
struct notification_queue *notification_queue_create(size_t max_waiting,
                                                     void (*save)(void));

/* Delivers the rest for at most `grace` seconds, calls `save` and ends the
 * thread. 0, or -1: a callback hangs; the thread and its memory are abandoned,
 * and it delivers nothing more. */
int notification_queue_destroy(struct notification_queue *n, double grace);

/* Copies *notification and takes ownership of its meta data. 0, or -1:
 * dropped. */
int notification_queue_send(struct notification_queue *n,
                            notification_t *notification);

/* The same for a message that is only logged, at level info. */
int notification_queue_log(struct notification_queue *n,
                           const notification_t *notification);

/* True: something waits or is being delivered. NULL: false. */
bool notification_queue_busy(struct notification_queue *n);

/* Requests a `save`; has no effect while a callback hangs. */
void notification_queue_wake(struct notification_queue *n);

struct notification_queue_counts {
  uint64_t sent;
  uint64_t dropped;
};
struct notification_queue_counts
notification_queue_count(struct notification_queue *n);

#endif
