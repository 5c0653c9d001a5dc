/* notifier_parts.h - what a notifier is made of, for its own files only.
 *
 * notifier_alert.c: hubs, series and their alerts, what holds an alert back.
 * notifier.c: what is told, and when. notifier_saved.c: over a restart. */
#ifndef ALERTS_NOTIFIER_PARTS_H
#define ALERTS_NOTIFIER_PARTS_H

#include "alerts/flap.h"
#include "alerts/notifier.h"

#include <sys/queue.h>

#define DOUBT 10.0    /* seconds in which a new value may come */
#define FLAPPING (-1) /* as what has been told, beside the levels */

struct hub { /* or whatever else has this host, plugin and instance */
  struct series_entry entry;
  size_t alerts;
  struct notifier_counts counts; /* at the last tick */
  LIST_HEAD(, alert) inhibitors; /* that fire, and silence others */
  LIST_ENTRY(hub) all;
  char text[];
};

struct subject { /* a series with alerts */
  struct series_entry entry;
  struct hub *hub;
  LIST_HEAD(, alert) alerts;
  char text[];
};

struct alert {
  const struct rule *rule;
  struct subject *subject;
  enum alert_level level;
  enum alert_reason reason;
  double value;
  double threshold;
  double since;
  double now;     /* of the last event */
  double changed; /* when it last started or ended */
  double told_at;
  double silenced_until; /* wall */
  double due; /* while it waits; INFINITY: until nothing holds it back */
  int told;   /* enum alert_level, or FLAPPING */
  enum alert_level worst; /* since it was last known to be ok */
  bool waits;             /* in the queue */
  bool again;             /* what has been told is to be repeated */
  bool released;          /* nothing holds it back any more */
  bool unsure;            /* told, but not known to be delivered */
  bool doubtful; /* so before the restart: to be told whatever it was */
  bool is_inhibitor;
  struct flap flap;
  TAILQ_ENTRY(alert) all; /* in the order of their beginning */
  TAILQ_ENTRY(alert) queue;
  LIST_ENTRY(alert) of_subject;
  LIST_ENTRY(alert) of_hub;
};

struct notifier {
  notifier_tell_fn tell;
  void *arg;
  struct ruleset *rules; /* shared; NULL: none */
  struct series_table *subjects;
  struct series_table *hubs;
  LIST_HEAD(, hub) all_hubs;
  TAILQ_HEAD(, alert) all;
  TAILQ_HEAD(, alert) queue;
  size_t num;
  size_t max;
  double due;
  double wall; /* at the last tick */
};

struct alert *alert_find(const struct notifier *n, const char *rule,
                         const struct series *s);
/* NULL: no room, or no memory. */
struct alert *alert_add(struct notifier *n, const struct rule *rule,
                        const struct series *s, double now);
void alert_drop(struct notifier *n, struct alert *a);

/* Whether it inhibits others, after its level or its rule changed. */
void alert_set_inhibitor(struct alert *a);

/* What is to be known of it: its level, or FLAPPING. */
int alert_wanted(const struct alert *a);

void alert_enqueue(struct notifier *n, struct alert *a, double due);
void alert_dequeue(struct notifier *n, struct alert *a);

/* How long it waits at most. What was held back may be about to end, as what
 * held it back did: its clear_for goes by first, and an interval. */
double alert_patience(const struct notifier *n, const struct alert *a);
double notifier_group_wait(const struct notifier *n);

/* Once for an alert and a set of rules: there may be many of both. */
void alert_find_silence(const struct notifier *n, struct alert *a);
enum alert_status alert_status_of(const struct notifier *n,
                                  const struct alert *a);
/* Recoveries are told whatever happens. */
bool alert_is_held(const struct notifier *n, const struct alert *a);

#endif
