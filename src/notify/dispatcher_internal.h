/* SPDX-License-Identifier: MIT */
/* dispatcher_internal.h - what a notifier is made of, for its own files only.
 *
 * dispatcher_alert.c: hubs, series and their alerts, what holds an alert back.
 * dispatcher.c: what is told, and when. dispatcher_saved.c: over a restart. */
#ifndef NOTIFY_DISPATCHER_INTERNAL_H
#define NOTIFY_DISPATCHER_INTERNAL_H

#include "notify/dispatcher.h"
#include "notify/flapping.h"

#include <sys/queue.h>

#define UNCONFIRMED_WAIT 10.0 /* seconds in which a new value may come */
#define FLAPPING (-1)         /* as what has been told, beside the levels */

struct dispatched_hub { /* or whatever else has this host, plugin and instance
                         */
  struct series_entry entry;
  size_t alerts;
  struct dispatcher_counts counts;          /* at the last tick */
  LIST_HEAD(, dispatched_alert) inhibitors; /* that fire, and silence others */
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
  struct alert alert; /* as of the last event; its series is the subject's */
  struct dispatched_series *subject;
  double changed; /* when it last started or ended */
  double notified_at;
  const struct silence *silence; /* that lasts until silenced_until */
  double silenced_until;         /* wall; NaN: to be found at the next tick */
  double due;              /* while it waits; INFINITY: until nothing holds it
                              back */
  int notified;            /* enum alert_level, or FLAPPING */
  enum alert_level worst;  /* since it was last known to be ok */
  bool waits;              /* in the queue */
  bool again;              /* what has been notified is to be repeated */
  bool released;           /* nothing holds it back any more */
  bool unconfirmed;        /* delivered, but not known to have arrived */
  bool unconfirmed_before; /* so before the restart: to be delivered, whatever
                              it was */
  bool is_inhibitor;
  enum dispatcher_hold hold; /* at the last tick */
  struct flapping flap;
  TAILQ_ENTRY(dispatched_alert) all; /* in the order of their beginning */
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
  uint64_t lost; /* neither taken nor to be tried again */
};

struct dispatched_alert *alert_find(const struct dispatcher *n,
                                    const char *rule, const struct series *s);
void alert_use_rule(struct dispatched_alert *a, const struct rule *rule);
/* What an event says: not its rule and series, which are known. */
void alert_take(struct dispatched_alert *a, const struct alert *from);

/* NULL: no room, or no memory. */
struct dispatched_alert *alert_add(struct dispatcher *n,
                                   const struct rule *rule,
                                   const struct series *s, double now);
void alert_drop(struct dispatcher *n, struct dispatched_alert *a);

/* Whether it inhibits others, after its level or its rule changed. */
void alert_set_inhibitor(struct dispatched_alert *a);

/* What is to be known of it: its level, or FLAPPING. */
int alert_wanted(const struct dispatched_alert *a);

void alert_enqueue(struct dispatcher *n, struct dispatched_alert *a,
                   double due);
void alert_dequeue(struct dispatcher *n, struct dispatched_alert *a);

/* How long it waits at most. What was held back may be about to end, as what
 * held it back did: its clear_for goes by first, and an interval. */
double alert_patience(const struct dispatcher *n,
                      const struct dispatched_alert *a);
double dispatcher_group_wait(const struct dispatcher *n);

/* Once for an alert and a set of rules: there may be many of both. */
void alert_find_silence(const struct dispatcher *n, struct dispatched_alert *a);
enum alert_status alert_status_of(const struct dispatcher *n,
                                  const struct dispatched_alert *a);
/* The reason of its silence, or the name of the rule that inhibits it; NULL:
 * neither. */
const char *alert_holder(const struct dispatcher *n,
                         const struct dispatched_alert *a);
/* Recoveries are told whatever happens. */
bool alert_is_held(const struct dispatcher *n,
                   const struct dispatched_alert *a);

#endif
