/* SPDX-License-Identifier: MIT */
/* dispatcher_internal.h - data of the dispatcher, for dispatcher*.c only.
 *
 * dispatcher_alert.c: hubs, series, alerts, silences. dispatcher.c: delivery.
 * dispatcher_saved.c: save and load. */
#ifndef NOTIFY_DISPATCHER_INTERNAL_H
#define NOTIFY_DISPATCHER_INTERNAL_H

#include "notify/dispatcher.h"
#include "notify/flapping.h"

#include <sys/queue.h>

#define UNCONFIRMED_WAIT 10.0 /* seconds to wait for a new value */
#define FLAPPING (-1)         /* value of `notified` beside the levels */

struct dispatched_hub { /* or any other host, plugin and instance */
  struct series_entry entry;
  size_t alerts;
  struct dispatcher_counts counts;          /* at the last tick */
  LIST_HEAD(, dispatched_alert) inhibitors; /* firing alerts */
  LIST_ENTRY(dispatched_hub) all;
  char text[];
};

struct dispatched_series { /* a series with alerts */
  struct series_entry entry;
  struct dispatched_hub *hub;
  LIST_HEAD(, dispatched_alert) alerts;
  char text[];
};

struct dispatched_alert {
  struct alert alert; /* of the last event; its series is that of `subject` */
  struct dispatched_series *subject;
  double changed; /* time of the last start or end */
  double notified_at;
  const struct silence *silence; /* in force until silenced_until */
  double silenced_until;         /* wall; NaN: look it up at the next tick */
  double due;                    /* while it waits; INFINITY: held back */
  int notified;                  /* last delivered level, or FLAPPING */
  enum alert_level worst;        /* since it was last ok */
  bool waits;                    /* in the queue */
  bool again;                    /* repeat the delivered level */
  bool released;                 /* no longer held back */
  bool unconfirmed;              /* delivered, not confirmed */
  bool unconfirmed_before;       /* before the restart: deliver in any case */
  bool is_inhibitor;
  enum dispatcher_hold hold; /* at the last tick */
  struct flapping flap;
  TAILQ_ENTRY(dispatched_alert) all; /* in the order of their start */
  TAILQ_ENTRY(dispatched_alert) queue;
  LIST_ENTRY(dispatched_alert) of_subject;
  LIST_ENTRY(dispatched_alert) of_hub;
};

struct dispatcher {
  dispatcher_deliver_fn deliver;
  dispatcher_hold_fn hold; /* or NULL */
  void *arg;
  struct ruleset *rules; /* shared; NULL: none */
  struct series_table *subjects;
  struct series_table *hubs;
  LIST_HEAD(, dispatched_hub) all_hubs;
  TAILQ_HEAD(, dispatched_alert) all;
  TAILQ_HEAD(, dispatched_alert) queue;
  size_t num;
  size_t max;
  double due;
  double wall;   /* at the last tick */
  uint64_t lost; /* failed deliveries without retry */
};

struct dispatched_alert *alert_find(const struct dispatcher *n,
                                    const char *rule, const struct series *s);
void alert_use_rule(struct dispatched_alert *a, const struct rule *rule);
/* Copies an event, except its rule and series. */
void alert_take(struct dispatched_alert *a, const struct alert *from);

/* NULL: limit reached or out of memory. */
struct dispatched_alert *alert_add(struct dispatcher *n,
                                   const struct rule *rule,
                                   const struct series *s, double now);
void alert_drop(struct dispatcher *n, struct dispatched_alert *a);

/* Updates whether it inhibits others, after a change of level or rule. */
void alert_set_inhibitor(struct dispatched_alert *a);

/* What should be delivered: its level, or FLAPPING. */
int alert_wanted(const struct dispatched_alert *a);

void alert_enqueue(struct dispatcher *n, struct dispatched_alert *a,
                   double due);
void alert_dequeue(struct dispatcher *n, struct dispatched_alert *a);

/* Longest wait in seconds: group_wait. A released alert waits 2 * clear_for
 * more, because it may be about to end. */
double alert_patience(const struct dispatcher *n,
                      const struct dispatched_alert *a);
double dispatcher_group_wait(const struct dispatcher *n);

/* Looks up its silence; the result is cached per alert and ruleset. */
void alert_find_silence(const struct dispatcher *n, struct dispatched_alert *a);
enum alert_status alert_status_of(const struct dispatcher *n,
                                  const struct dispatched_alert *a);
/* The reason of its silence, or the name of the inhibiting rule; NULL:
 * neither. */
const char *alert_holder(const struct dispatcher *n,
                         const struct dispatched_alert *a);
/* True: held back. "Resolved" is never held back. */
bool alert_is_held(const struct dispatcher *n,
                   const struct dispatched_alert *a);

#endif
