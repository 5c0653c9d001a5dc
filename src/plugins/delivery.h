/* SPDX-License-Identifier: MIT */
/* delivery.h - sends what the dispatcher delivers: notifications, webhooks,
 * incidents.
 *
 * Under the lock alerts are only copied, in order. One thread formats and sends
 * them without the lock: the clock thread, or the thread that starts or stops
 * the plugin. */
#ifndef PLUGINS_DELIVERY_H
#define PLUGINS_DELIVERY_H

#include "plugins/alerts_plugin.h"

/* Callback of the dispatcher, under the lock; `arg` is a struct
 * alerts_plugin. */
int deliver_alerts(void *arg, const struct alert *alerts, size_t num);

/* After a restart: posts alerts that still fire again, for Alertmanager, which
 * drops alerts that are not repeated. */
void deliver_again(void *arg, const struct alert *alert);

/* Queues alerts that fire and that a webhook missed when its queue was full.
 * Call it with the lock held, when nothing waits to be sent. */
void delivery_refill(struct alerts_plugin *a);

/* Queues a decision (decisions.h) to be logged in the same order. Under the
 * lock; skipped if out of memory. */
void delivery_remark(struct alerts_plugin *a, const struct alert *alert,
                     int decision);

/* Formats and sends the queue. Call it with the lock held; it releases the lock
 * meanwhile. */
void delivery_send(struct alerts_plugin *a);

/* With the lock held. is_waiting: delivery_send() has work. is_busy: something
 * has not arrived yet. */
bool delivery_is_waiting(const struct alerts_plugin *a);
bool delivery_is_busy(const struct alerts_plugin *a);

/* Frees the queue. Call it with the lock held. */
void delivery_drop(struct alerts_plugin *a);

/* Forwards a test notification of collectd to the webhooks. Takes the lock;
 * ignores all other notifications, and tests that came over the network. */
void deliver_test(struct alerts_plugin *a, const notification_t *n);

/* Sends one notification when new rules are rejected, and one when they are
 * valid again. */
void deliver_rules_state(struct alerts_plugin *a, bool good, const char *err);

#endif
