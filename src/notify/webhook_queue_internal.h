/* SPDX-License-Identifier: MIT */
/* webhook_queue_internal.h - data of a webhook's queue, for webhook_*.c only.
 *
 * webhook_queue.c: what both kinds share, and when to try. webhook_messages.c:
 * slack and json. webhook_set.c: alertmanager. webhook_alert.c: what is known
 * of each alert. */
#ifndef NOTIFY_WEBHOOK_QUEUE_INTERNAL_H
#define NOTIFY_WEBHOOK_QUEUE_INTERNAL_H

#include "notify/webhook_queue.h"

#include <stdbool.h>
#include <sys/queue.h>

/* An alert that has something waiting, that an Alertmanager knows, or whose
 * message found no room. */
struct webhook_alert {
  struct series_entry entry;
  struct webhook_alert *next; /* of another rule, same series */
  LIST_ENTRY(webhook_alert) all;
  bool missed; /* fires, and its message found no room */
  /* slack, json */
  enum alert_level told;        /* by the last delivered message; ALERT_OK:
                                   nothing fires. UNKNOWN: it fires */
  size_t waiting;               /* messages */
  struct webhook_message *last; /* of these; NULL: none */
  /* alertmanager: at most one of each level */
  LIST_HEAD(, webhook_item) items;
  const char *rule;
  char text[];
};

struct webhook_message { /* slack, json: a body */
  TAILQ_ENTRY(webhook_message) link;
  struct alert alert;
  double since; /* `now` of arrival */
  bool under_way;
  size_t num;
  struct webhook_alert *alerts[]; /* none: a test. The texts follow */
};

struct webhook_item { /* alertmanager: an alert with a level */
  TAILQ_ENTRY(webhook_item) link;
  LIST_ENTRY(webhook_item) of_alert;
  struct webhook_alert *of; /* NULL: a test */
  struct alert alert;
  double since;
  int64_t ends;   /* 0: firing */
  bool waiting;   /* not posted yet: in `changes`, else in `posted` */
  bool under_way; /* in the current body */
  char texts[];
};

TAILQ_HEAD(webhook_items, webhook_item);

struct webhook_queue {
  struct webhook_queue_settings settings;
  struct series_table *alerts; /* struct webhook_alert */
  LIST_HEAD(, webhook_alert) all;
  size_t alerts_num;
  size_t missed;
  TAILQ_HEAD(, webhook_message) messages; /* slack, json */
  struct webhook_items changes;           /* alertmanager */
  struct webhook_items posted;
  size_t posted_num;
  size_t resend_left; /* of `posted`, in the current round */
  bool resends;       /* a round is in progress */
  double next_resend;
  size_t count; /* messages or items, without a test */
  bool busy;    /* a body is in progress */
  unsigned failures;
  double next_try;
  double next_expiry;
  double tests; /* that may still come now */
  double tests_at;
  struct webhook_queue_counts counts;
};

/* ---- webhook_alert.c ---- */

struct webhook_alert *webhook_alert_find(const struct webhook_queue *o,
                                         const struct alert *alert);
/* Finds or adds it. NULL: out of memory, or too many. */
struct webhook_alert *webhook_alert_get(struct webhook_queue *o,
                                        const struct alert *alert);
void webhook_alert_set_missed(struct webhook_queue *o, struct webhook_alert *a,
                              bool missed);
/* Frees it if nothing has to be remembered. */
void webhook_alert_release(struct webhook_queue *o, struct webhook_alert *a);

void webhook_alerts_forget(struct webhook_queue *o); /* all */

/* False: not wanted. An alert that falls below the minimum level is
 * resolved. */
bool webhook_filter_level(const struct webhook_queue *o, struct alert *n);

/* ---- slack, json ---- */

int messages_put(struct webhook_queue *o, const struct webhook_notice *notice,
                 double now);
void messages_expire(struct webhook_queue *o, double now);
/* Ends of alerts whose start was not delivered. */
void messages_skip_pointless(struct webhook_queue *o);
char *messages_body(struct webhook_queue *o);
/* The body was delivered or given up. */
void messages_settle(struct webhook_queue *o, uint64_t *count);
void messages_fail(struct webhook_queue *o);
void messages_destroy(struct webhook_queue *o);

/* ---- alertmanager ---- */

int set_put(struct webhook_queue *o, const struct webhook_notice *notice,
            double now);
void set_expire(struct webhook_queue *o, double now);
char *set_body(struct webhook_queue *o, double now, int64_t wall);
/* The body was not delivered: the same comes again. */
void set_fail(struct webhook_queue *o);
void set_settle(struct webhook_queue *o, uint64_t *count, double now);
void set_destroy(struct webhook_queue *o);

#endif
