/* notifier.h - alerts -> what people are told of them, and when.
 *
 * Takes in what the engine emits and tells it in batches: alerts of one rule
 * and one hub (host, plugin and plugin instance) that change the same way
 * within settings.group_wait are one. An alert that is over before it was told
 * is not told; neither is one that
 * - flaps (flap.h): that is told once, and once how it ended;
 * - is silenced: until the silence ends;
 * - is inhibited: while an alert of a rule in `inhibited_by` fires on the same
 *   hub.
 * What was held back and goes on is told after twice its clear_for.
 * Recoveries of what was told are told always. settings.repeat tells again what
 * goes on.
 *
 * Like the engine: no clock, no threads, not thread-safe; `now` is the
 * engine's, `wall` epoch seconds, for the ends of silences only. `tell` must
 * not call the notifier. Bounded: past max_alerts alerts are told at once, one
 * by one. */
#ifndef ALERTS_NOTIFIER_H
#define ALERTS_NOTIFIER_H

#include "alerts/bytes.h"
#include "alerts/engine.h"

enum alert_status {
  STATUS_FIRING,
  STATUS_FLAPPING,
  STATUS_SILENCED,
  STATUS_INHIBITED
};

/* At least one, all of the same rule, hub and kind; borrowed for the call. */
typedef void (*notifier_tell_fn)(void *arg, const struct alert_event *events,
                                 size_t num);

struct notifier;

struct notifier *notifier_create(size_t max_alerts, notifier_tell_fn tell,
                                 void *arg);
void notifier_destroy(struct notifier *n);

/* Those of the engine; call it after engine_set_rules(). Shares the set. */
void notifier_set_rules(struct notifier *n, struct ruleset *set, double now);

/* An event as the engine emits it. */
void notifier_event(struct notifier *n, const struct alert_event *event);

/* Tells what is due. Call it when notifier_due() says, and once an interval. */
void notifier_tick(struct notifier *n, double now, double wall);

/* All that has been told so far has arrived. Until then it is saved as in
 * doubt, and told after a restart, once more perhaps: when it changes, or some
 * seconds later as it is then. */
void notifier_delivered(struct notifier *n);

/* When something may be due; INFINITY: nothing waits. */
double notifier_due(const struct notifier *n);

/* Of an alert that fires; STATUS_FIRING where it is not known. */
enum alert_status notifier_status(const struct notifier *n,
                                  const struct rule *rule,
                                  const struct series *s);

struct notifier_counts { /* of the alerts that fire on one hub */
  size_t silenced;
  size_t inhibited;
};
/* As of the last tick: every hub, or other host, plugin and instance, that has
 * one of either. */
void notifier_each_count(const struct notifier *n,
                         void (*each)(void *arg, const struct series *hub,
                                      const struct notifier_counts *counts),
                         void *arg);

/* What has been told and still fires. */
void notifier_each_told(const struct notifier *n,
                        void (*each)(void *arg,
                                     const struct alert_event *event),
                        void *arg);

/* All that has been told, and is still to tell. */
void notifier_save(const struct notifier *n, struct bytes *out);

/* Into one that is empty and has its rules. What has been told of rules that
 * are gone is told to be over, at once. 0, or -1: not what notifier_save()
 * wrote; nothing is kept then. */
int notifier_load(struct notifier *n, struct bytes_reader *in, double now);

#endif
