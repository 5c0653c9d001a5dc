/* SPDX-License-Identifier: MIT */
/* delivery.h - what the dispatcher delivers -> notifications, webhooks,
 * incidents.
 *
 * Under the lock alerts are only copied, in their order; one thread formats and
 * sends them without it: the clock's, or the one that starts or ends the
 * plugin. */
#ifndef PLUGINS_DELIVERY_H
#define PLUGINS_DELIVERY_H

#include "plugins/alerts_plugin.h"

/* The dispatcher's callback, under the lock; `arg` is a struct alerts_plugin.
 */
int deliver_alerts(void *arg, const struct alert *alerts, size_t num);

/* After a restart: what was notified and still fires, for receivers that forget
 * it unless it is posted again (Alertmanager). */
void deliver_again(void *arg, const struct alert *alert);

/* A decision about an alert (decisions.h), to be logged in the same order.
 * Under the lock; left out without memory. */
void delivery_remark(struct alerts_plugin *a, const struct alert *alert,
                     int decision);

/* Formats and sends what was delivered. With the lock held, which is given up
 * meanwhile. */
void delivery_send(struct alerts_plugin *a);

/* With the lock held: whether delivery_send() has anything to do; whether
 * anything delivered has not arrived yet. */
bool delivery_is_waiting(const struct alerts_plugin *a);
bool delivery_is_busy(const struct alerts_plugin *a);

/* Frees what is not sent. With the lock held. */
void delivery_drop(struct alerts_plugin *a);

/* A test notification that somebody gave collectd: to the webhooks, as if it
 * were an alert's. Takes the lock; ignores all other notifications. */
void deliver_test(struct alerts_plugin *a, const notification_t *n);

/* One notification when an edit of the rules is rejected, one when all is well.
 */
void deliver_rules_state(struct alerts_plugin *a, bool good, const char *err);

#endif
