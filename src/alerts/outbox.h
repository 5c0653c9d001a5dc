/* outbox.h - what one webhook is yet to be told, and when to try.
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
 * oldest is dropped; what has waited OUTBOX_EXPIRY is dropped.
 *
 * alertmanager: the set of alerts that fire, and of ends not told yet. A body
 * holds all that changed, and each `resend` seconds all: an alert is told to
 * end 3 * resend later, so that it neither ends by itself there nor outlives
 * us. A level is a label there: one that changes ends the alert of the level
 * before. When the set is full new alerts are dropped.
 *
 * After a failure: next try after 1, 2, 4... up to OUTBOX_MAX_DELAY seconds
 * (alertmanager: up to `resend`), a quarter more or less at random, or after
 * what the server asks for, up to an hour. Not thread-safe. */
#ifndef ALERTS_OUTBOX_H
#define ALERTS_OUTBOX_H

#include "alerts/payload.h"
#include "alerts/rule.h"

#define OUTBOX_EXPIRY 86400.0      /* seconds */
#define OUTBOX_MAX_DELAY 300.0     /* seconds */
#define OUTBOX_MAX_PATIENCE 3600.0 /* seconds that a server may ask for */

enum outbox_format { OUTBOX_SLACK, OUTBOX_JSON, OUTBOX_ALERTMANAGER };

struct outbox_settings {
  enum outbox_format format;
  enum alert_level least;
  size_t max;    /* notices, or alerts, kept; 2 or more */
  double resend; /* seconds; alertmanager */
};

enum outbox_outcome {
  OUTBOX_DELIVERED,
  OUTBOX_REFUSED, /* for good: dropped */
  OUTBOX_FAILED   /* to be tried again */
};

struct outbox_counts { /* of notices; `retried`: of attempts */
  uint64_t sent;
  uint64_t dropped;
  uint64_t retried;
};

struct outbox;

struct outbox *outbox_create(const struct outbox_settings *settings);
void outbox_destroy(struct outbox *o);

/* Copies. 0, also for one that is not wanted, or -1: something was dropped. */
int outbox_put(struct outbox *o, const struct payload_notice *notice,
               double now);

/* When to call outbox_begin(); INFINITY: nothing to do, or a body is under way.
 */
double outbox_due(const struct outbox *o);

/* A body to send, the caller's; NULL: none is due. outbox_end() must follow. */
char *outbox_begin(struct outbox *o, double now, int64_t wall);

/* `retry_after` in seconds, 0: none; `chance` from 0 to 1. */
void outbox_end(struct outbox *o, enum outbox_outcome outcome,
                double retry_after, double chance, double now);

size_t outbox_waiting(const struct outbox *o); /* not told yet */
struct outbox_counts outbox_counts(const struct outbox *o);

#endif
