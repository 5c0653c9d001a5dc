/* SPDX-License-Identifier: MIT */
/* dispatcher.h - alerts -> what people are told of them, and when.
 *
 * Takes in what the engine emits and tells it in batches: alerts of one rule
 * and one hub (host, plugin and plugin instance) that change the same way
 * within settings.group_wait are one. An alert that is over before it was told
 * is not told; neither is one that
 * - flaps (flapping.h): that is told once, and once how it ended;
 * - is silenced: until the silence ends;
 * - is inhibited: while an alert of a rule in `inhibited_by` fires on the same
 *   hub.
 * What was held back and goes on is told after twice its clear_for.
 * Recoveries of what was told are told always. settings.repeat tells again what
 * goes on.
 *
 * Like the engine: no clock, no threads, not thread-safe; `now` is the
 * engine's, `wall` epoch seconds, for the ends of silences only. `deliver` must
 * not call the dispatcher. Bounded: past max_alerts alerts are told at once,
 * one by one. */
#ifndef NOTIFY_DISPATCHER_H
#define NOTIFY_DISPATCHER_H

#include "alerts/engine.h"
#include "util/serialize.h"

/* At least one alert, all of the same rule, hub and kind; borrowed for the
 * call. 0, or -1: not taken, for want of memory; tried again a second later. */
typedef int (*dispatcher_deliver_fn)(void *arg, const struct alert *alerts,
                                     size_t num);

struct dispatcher;

/* Why a firing alert is not delivered. */
enum dispatcher_hold {
  HOLD_NOTHING,
  HOLD_GROUP_WAIT, /* others may start within settings.group_wait, or it was
                      held until now and may be about to end */
  HOLD_SILENCE,
  HOLD_INHIBITED,
  HOLD_FLAPPING /* it was delivered that it flaps */
};

/* At a tick, once a change. The alert's message is the silence's reason, or the
 * name of the inhibiting rule, else NULL. As `deliver`. */
typedef void (*dispatcher_hold_fn)(void *arg, const struct alert *alert,
                                   enum dispatcher_hold hold);
void dispatcher_set_hold(struct dispatcher *n, dispatcher_hold_fn hold);

struct dispatcher *dispatcher_create(size_t max_alerts,
                                     dispatcher_deliver_fn deliver, void *arg);
void dispatcher_destroy(struct dispatcher *n);

/* Those of the engine; call it after engine_set_rules(). Shares the set. */
void dispatcher_set_rules(struct dispatcher *n, struct ruleset *set,
                          double now);

/* What the rules of delivered alerts are in. */
struct ruleset *dispatcher_rules(const struct dispatcher *n);

/* An event as the engine emits it. */
void dispatcher_event(struct dispatcher *n, const struct alert *event);

/* Tells what is due. Call it when dispatcher_due() says, and once an interval.
 */
void dispatcher_tick(struct dispatcher *n, double now, double wall);

/* All that has been told so far has arrived. Until then it is saved as in
 * doubt, and told after a restart, once more perhaps: when it changes, or some
 * seconds later as it is then. */
void dispatcher_delivered(struct dispatcher *n);

/* When something may be due; INFINITY: nothing waits. */
double dispatcher_due(const struct dispatcher *n);

/* Deliveries that were not taken and cannot be tried again. */
uint64_t dispatcher_lost(const struct dispatcher *n);

/* firing, flapping, silenced or inhibited; STATUS_FIRING where it is not known.
 */
enum alert_status dispatcher_status(const struct dispatcher *n,
                                    const struct rule *rule,
                                    const struct series *s);

struct dispatcher_counts { /* of the alerts that fire on one hub */
  size_t silenced;
  size_t inhibited;
};
/* As of the last tick: every hub, or other host, plugin and instance, that has
 * one of either. */
void dispatcher_each_count(const struct dispatcher *n,
                           void (*each)(void *arg, const struct series *hub,
                                        const struct dispatcher_counts *counts),
                           void *arg);

/* What has been told and still fires. */
void dispatcher_each_notified(const struct dispatcher *n,
                              void (*each)(void *arg,
                                           const struct alert *event),
                              void *arg);

/* All that has been told, and is still to tell. */
void dispatcher_save(const struct dispatcher *n, struct serializer *out);

/* Into one that is empty and has its rules. What has been told of rules that
 * are gone is told to be over, at once. 0, or -1: not what dispatcher_save()
 * wrote; nothing is kept then. */
int dispatcher_load(struct dispatcher *n, struct deserializer *in, double now);

#endif
