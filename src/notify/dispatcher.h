/* SPDX-License-Identifier: MIT */
/* dispatcher.h - decides which alerts are delivered and when.
 *
 * Takes the events of the engine and delivers them in batches: alerts of one
 * rule and one hub (host, plugin, plugin instance) with the same change within
 * settings.group_wait are one batch. An alert that ends before its delivery is
 * dropped. An alert is held back while it
 * - flaps (flapping.h): flapping is delivered once, and its end once;
 * - is silenced, until the silence ends;
 * - is inhibited: an alert of a rule in `inhibited_by` fires on the same hub.
 *
 * An alert that still fires when it is released is delivered after twice its
 * clear_for. "Resolved" is sent if "firing" was sent. settings.repeat repeats
 * the delivery of an alert that still fires.
 *
 * No clock, no threads, not thread-safe. `now` is the engine's time; `wall` is
 * epoch seconds, used only for the end of silences. `deliver` must not call the
 * dispatcher. Memory is bounded: alerts beyond max_alerts are delivered at
 * once, one by one. */
#ifndef NOTIFY_DISPATCHER_H
#define NOTIFY_DISPATCHER_H

#include "alerts/engine.h"
#include "util/serialize.h"

/* Delivers at least one alert, all with the same rule, hub and change; borrowed
 * for the call. 0, or -1: out of memory, the dispatcher tries again a second
 * later. */
typedef int (*dispatcher_deliver_fn)(void *arg, const struct alert *alerts,
                                     size_t num);

struct dispatcher;

/* Why a firing alert is not delivered. */
enum dispatcher_hold {
  HOLD_NOTHING,
  HOLD_GROUP_WAIT, /* waits for group_wait, or was just released */
  HOLD_SILENCE,
  HOLD_INHIBITED,
  HOLD_FLAPPING /* flapping was delivered */
};

/* Called by a tick once per change. The message of the alert is the reason of
 * the silence, the name of the inhibiting rule, or NULL. Same contract as
 * `deliver`. */
typedef void (*dispatcher_hold_fn)(void *arg, const struct alert *alert,
                                   enum dispatcher_hold hold);
void dispatcher_set_hold(struct dispatcher *n, dispatcher_hold_fn hold);

struct dispatcher *dispatcher_create(size_t max_alerts,
                                     dispatcher_deliver_fn deliver, void *arg);
void dispatcher_destroy(struct dispatcher *n);

/* Shares the engine's ruleset; call it after engine_set_rules(). */
void dispatcher_set_rules(struct dispatcher *n, struct ruleset *set,
                          double now);

/* The ruleset that owns the rules of delivered alerts. */
struct ruleset *dispatcher_rules(const struct dispatcher *n);

/* Takes an event of the engine. */
void dispatcher_event(struct dispatcher *n, const struct alert *event);

/* Delivers what is due. Call it at dispatcher_due() and once per interval. */
void dispatcher_tick(struct dispatcher *n, double now, double wall);

/* Confirms all deliveries so far. Unconfirmed alerts are delivered again after
 * a restart: with their next change, or after some seconds as they are then. */
void dispatcher_delivered(struct dispatcher *n);

/* Time of the next delivery; INFINITY: none. */
double dispatcher_due(const struct dispatcher *n);

/* Number of failed deliveries that cannot be repeated. */
uint64_t dispatcher_lost(const struct dispatcher *n);

/* Firing, flapping, silenced or inhibited; unknown alerts: STATUS_FIRING. */
enum alert_status dispatcher_status(const struct dispatcher *n,
                                    const struct rule *rule,
                                    const struct series *s);

struct dispatcher_counts { /* of the firing alerts of one hub */
  size_t silenced;
  size_t inhibited;
};
/* Counts of the last tick for every host, plugin and instance with alerts. */
void dispatcher_each_count(const struct dispatcher *n,
                           void (*each)(void *arg, const struct series *hub,
                                        const struct dispatcher_counts *counts),
                           void *arg);

/* Calls `each` for every delivered alert that still fires. */
void dispatcher_each_notified(const struct dispatcher *n,
                              void (*each)(void *arg,
                                           const struct alert *event),
                              void *arg);

/* Saves delivered and waiting alerts. */
void dispatcher_save(const struct dispatcher *n, struct serializer *out);

/* Loads into an empty dispatcher with rules. A delivered alert whose rule was
 * removed is resolved at once. 0, or -1: invalid data, nothing is loaded. */
int dispatcher_load(struct dispatcher *n, struct deserializer *in, double now);

#endif
