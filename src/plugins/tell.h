/* tell.h - what the notifier tells -> notifications, webhooks, incidents. */
#ifndef PLUGINS_TELL_H
#define PLUGINS_TELL_H

#include "plugins/alerts.h"

/* The notifier's callback, under the lock; `arg` is a struct alerts. */
void tell_events(void *arg, const struct alert_event *events, size_t num);

/* After a restart: what has been told and still fires, for those who forget it
 * unless told again (Alertmanager). */
void tell_again(void *arg, const struct alert_event *event);

/* A test notice that somebody gave collectd: to the webhooks, as if it were an
 * alert's. Takes the lock; ignores all other notifications. */
void tell_test(struct alerts *a, const notification_t *n);

/* One notice when an edit of the rules is rejected, one when all is well. */
void tell_about_rules(struct alerts *a, bool good, const char *err);

#endif
