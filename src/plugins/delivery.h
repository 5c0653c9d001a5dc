/* SPDX-License-Identifier: MIT */
/* delivery.h - what the notifier tells -> notifications, webhooks, incidents.
 */
#ifndef PLUGINS_DELIVERY_H
#define PLUGINS_DELIVERY_H

#include "plugins/alerts_plugin.h"

/* The notifier's callback, under the lock; `arg` is a struct alerts_plugin. */
void deliver_events(void *arg, const struct alert_event *events, size_t num);

/* After a restart: what has been told and still fires, for those who forget it
 * unless told again (Alertmanager). */
void deliver_again(void *arg, const struct alert_event *event);

/* A test notice that somebody gave collectd: to the webhooks, as if it were an
 * alert's. Takes the lock; ignores all other notifications. */
void deliver_test(struct alerts_plugin *a, const notification_t *n);

/* One notice when an edit of the rules is rejected, one when all is well. */
void deliver_rules_state(struct alerts_plugin *a, bool good, const char *err);

#endif
