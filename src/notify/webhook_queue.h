/* SPDX-License-Identifier: MIT */
/* webhook_queue.h - undelivered messages of one webhook and its retry times.
 *
 * No clock, threads or I/O: alerts go in, bodies come out one at a time, and
 * the caller reports the outcome. `now` is in seconds on a clock without steps;
 * `wall` is epoch seconds.
 *
 * Slack and json get one message for several alerts; Alertmanager gets each
 * alert and groups them itself.
 *
 * Alerts below the minimum level are skipped. An alert that falls below it is
 * sent as "resolved". Test notifications are always sent, but at most one
 * waits, it takes no alert's place, and WEBHOOK_QUEUE_TESTS are taken a minute.
 *
 * slack, json: a queue with one message per body, in order. A message replaces
 * the last waiting one of the same alerts (rule and identity) if the status is
 * the same; start and end are both sent. In a full queue a message that fires
 * finds no room, and one older than WEBHOOK_QUEUE_EXPIRY is dropped; then its
 * alerts are missed (see webhook_queue_lacks()). The end of an alert is sent if
 * its start was delivered or waits, also when the queue is full; it never
 * expires. The end of an alert whose start was not delivered is not sent.
 *
 * alertmanager: the set of firing alerts and of ends not sent yet. A body has
 * changes, and every `resend` seconds all alerts are posted again; a body has
 * at most WEBHOOK_QUEUE_BODY_MAX alerts. endsAt is 3 * resend ahead, so that a
 * firing alert does not expire there, and expires if this process dies. The
 * level is a label: a new level ends the alert of the old one. If the set is
 * full new alerts are missed.
 *
 * After a failure: retry after 1, 2, 4... up to WEBHOOK_QUEUE_MAX_DELAY seconds
 * (alertmanager: up to `resend`), +-25 % at random, or after the server's
 * Retry-After, up to an hour. Not thread-safe. */
#ifndef NOTIFY_WEBHOOK_QUEUE_H
#define NOTIFY_WEBHOOK_QUEUE_H

#include "notify/payload.h"
#include "rules/rule.h"

#include <stdbool.h>

#define WEBHOOK_QUEUE_EXPIRY 86400.0      /* seconds */
#define WEBHOOK_QUEUE_MAX_DELAY 300.0     /* seconds */
#define WEBHOOK_QUEUE_MAX_PATIENCE 3600.0 /* greatest Retry-After, seconds */
#define WEBHOOK_QUEUE_BODY_MAX 500U       /* alerts for an Alertmanager */
#define WEBHOOK_QUEUE_TESTS 10.0          /* a minute */
#define WEBHOOK_QUEUE_REFILL 1000U        /* most alerts to be put in again */

enum webhook_queue_format {
  WEBHOOK_QUEUE_SLACK,
  WEBHOOK_QUEUE_JSON,
  WEBHOOK_QUEUE_ALERTMANAGER
};

struct webhook_queue_settings {
  enum webhook_queue_format format;
  enum alert_level least;
  size_t max;        /* slack, json: most messages, without ends; at least 2 */
  size_t max_alerts; /* most alerts, and slack, json: most ends beyond `max` */
  double resend;     /* alertmanager, seconds */
};

enum webhook_queue_outcome {
  WEBHOOK_QUEUE_DELIVERED,
  WEBHOOK_QUEUE_REFUSED, /* permanent: dropped */
  WEBHOOK_QUEUE_FAILED   /* retried */
};

struct webhook_queue_counts { /* messages; `retried`: attempts */
  uint64_t sent;
  uint64_t dropped; /* also those whose alerts are put in again later */
  uint64_t retried;
};

struct webhook_queue;

struct webhook_queue *
webhook_queue_create(const struct webhook_queue_settings *settings);
void webhook_queue_destroy(struct webhook_queue *o);

/* Alerts that start together are one message. */
struct webhook_notice {
  const struct alert *message; /* of all, named after the first */
  const struct alert *alerts;  /* each with a message of its own */
  size_t num;                  /* at least 1; not used for a test */
  bool again; /* they fire and were notified before: only what the receiver
                 lacks is sent */
};

/* Copies the alerts; their times are epoch seconds. 0 (also if not wanted), or
 * -1: something found no room. */
int webhook_queue_put(struct webhook_queue *o,
                      const struct webhook_notice *notice, double now);

/* Refilling: the number of missed alerts for which there is room now, and
 * whether this one is missed. Put in those that still fire, with `again`. */
size_t webhook_queue_room(const struct webhook_queue *o);
bool webhook_queue_lacks(const struct webhook_queue *o,
                         const struct alert *alert);

/* Time for webhook_queue_begin(); INFINITY: nothing to do, or a body is in
 * progress. */
double webhook_queue_due(const struct webhook_queue *o);

/* The next body, owned by the caller; NULL: none is due. Call
 * webhook_queue_end() after it. */
char *webhook_queue_begin(struct webhook_queue *o, double now, int64_t wall);

/* `retry_after` in seconds, 0: none. `chance`: random number from 0 to 1. */
void webhook_queue_end(struct webhook_queue *o,
                       enum webhook_queue_outcome outcome, double retry_after,
                       double chance, double now);

size_t webhook_queue_waiting(const struct webhook_queue *o); /* not delivered */
struct webhook_queue_counts webhook_queue_counts(const struct webhook_queue *o);

#endif
