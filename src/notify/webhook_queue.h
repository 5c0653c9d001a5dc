/* SPDX-License-Identifier: MIT */
/* webhook_queue.h - what one webhook is yet to be told, and when to try.
 *
 * Without clock, threads or I/O: notices go in, bodies come out one at a time,
 * and the caller says how each fared. `now` is in seconds of a clock that does
 * not step; `wall` is epoch seconds.
 *
 * Slack and json are for people: a notice of several alerts is one;
 * Alertmanager gets each alert (it groups by itself).
 *
 * A notice is wanted from the least level on; when an alert falls below it,
 * that is its end: the notice goes out as "resolved". Test notices always go
 * out.
 *
 * slack, json: a queue, one notice a body, in order. A notice replaces the last
 * one that waits of the same alert (rule and identity) if their status is the
 * same; start and end of an alert are both told. When the queue is full the
 * oldest is dropped; what has waited WEBHOOK_QUEUE_EXPIRY is dropped.
 *
 * alertmanager: the set of alerts that fire, and of ends not told yet. A body
 * holds all that changed, and each `resend` seconds all: an alert is told to
 * end 3 * resend later, so that it neither ends by itself there nor outlives
 * us. A level is a label there: one that changes ends the alert of the level
 * before. When the set is full new alerts are dropped.
 *
 * After a failure: next try after 1, 2, 4... up to WEBHOOK_QUEUE_MAX_DELAY
 * seconds (alertmanager: up to `resend`), a quarter more or less at random, or
 * after what the server asks for, up to an hour. Not thread-safe. */
#ifndef NOTIFY_WEBHOOK_QUEUE_H
#define NOTIFY_WEBHOOK_QUEUE_H

#include "notify/payload.h"
#include "rules/rule.h"

#define WEBHOOK_QUEUE_EXPIRY 86400.0  /* seconds */
#define WEBHOOK_QUEUE_MAX_DELAY 300.0 /* seconds */
#define WEBHOOK_QUEUE_MAX_PATIENCE                                             \
  3600.0 /* seconds that a server may ask for */

enum webhook_queue_format {
  WEBHOOK_QUEUE_SLACK,
  WEBHOOK_QUEUE_JSON,
  WEBHOOK_QUEUE_ALERTMANAGER
};

struct webhook_queue_settings {
  enum webhook_queue_format format;
  enum alert_level least;
  size_t max;    /* notices, or alerts, kept; 2 or more */
  double resend; /* seconds; alertmanager */
};

enum webhook_queue_outcome {
  WEBHOOK_QUEUE_DELIVERED,
  WEBHOOK_QUEUE_REFUSED, /* for good: dropped */
  WEBHOOK_QUEUE_FAILED   /* to be tried again */
};

struct webhook_queue_counts { /* of notices; `retried`: of attempts */
  uint64_t sent;
  uint64_t dropped;
  uint64_t retried;
};

struct webhook_queue;

struct webhook_queue *
webhook_queue_create(const struct webhook_queue_settings *settings);
void webhook_queue_destroy(struct webhook_queue *o);

/* Alerts that start together are one notification. */
enum webhook_part {
  WEBHOOK_SINGLE, /* a notification of one alert */
  WEBHOOK_GROUP,  /* of several: named after the first */
  WEBHOOK_MEMBER  /* one of these; no notification of its own */
};

/* Copies the alert, whose times are epoch seconds. 0, also for one that is not
 * wanted, or -1: something was dropped. */
int webhook_queue_put(struct webhook_queue *o, const struct alert *alert,
                      enum webhook_part part, double now);

/* When to call webhook_queue_begin(); INFINITY: nothing to do, or a body is
 * under way.
 */
double webhook_queue_due(const struct webhook_queue *o);

/* A body to send, the caller's; NULL: none is due. webhook_queue_end() must
 * follow. */
char *webhook_queue_begin(struct webhook_queue *o, double now, int64_t wall);

/* `retry_after` in seconds, 0: none; `chance` from 0 to 1. */
void webhook_queue_end(struct webhook_queue *o,
                       enum webhook_queue_outcome outcome, double retry_after,
                       double chance, double now);

size_t webhook_queue_waiting(const struct webhook_queue *o); /* not told yet */
struct webhook_queue_counts webhook_queue_counts(const struct webhook_queue *o);

#endif
