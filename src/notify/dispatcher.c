/* SPDX-License-Identifier: MIT */
#include "notify/dispatcher_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RETRY 1.0 /* seconds until a failed delivery is repeated */

/* ---- delivery ---- */

static enum alert_reason reason_of(const struct dispatched_alert *a) {
  if (alert_wanted(a) == FLAPPING)
    return ALERT_FLAPPING;
  return a->again && alert_wanted(a) == a->notified ? ALERT_REPEATED
                                                    : a->alert.reason;
}

static struct alert event_of(const struct dispatched_alert *a) {
  struct alert event = a->alert;

  event.previous =
      a->notified == FLAPPING ? ALERT_OK : (enum alert_level)a->notified;
  if (a->alert.level == ALERT_OK &&
      (a->notified <= ALERT_OK || a->unconfirmed_before))
    event.previous = a->worst; /* resolved, whatever was delivered */
  event.reason = reason_of(a);
  event.status = alert_event_status(&event);
  return event;
}

static int compare_hubs(const struct dispatched_alert *x,
                        const struct dispatched_alert *y) {
  if (x->subject->hub == y->subject->hub)
    return 0;
  return series_compare_hubs(&x->subject->hub->entry.series,
                             &y->subject->hub->entry.series);
}

/* Alerts of one message are adjacent, in the order of their start. */
static int compare_kinds(const void *a, const void *b) {
  const struct dispatched_alert *x = *(const struct dispatched_alert *const *)a;
  const struct dispatched_alert *y = *(const struct dispatched_alert *const *)b;
  int order = (x->alert.rule > y->alert.rule) -
              (x->alert.rule < y->alert.rule); /* pointers into one array */

  if (order == 0)
    order = compare_hubs(x, y);
  if (order == 0)
    order = alert_wanted(x) - alert_wanted(y);
  if (order == 0)
    order = (int)reason_of(x) - (int)reason_of(y);
  return order;
}

static int compare_for_message(const void *a, const void *b) {
  const struct dispatched_alert *x = *(const struct dispatched_alert *const *)a;
  const struct dispatched_alert *y = *(const struct dispatched_alert *const *)b;
  int order = compare_kinds(a, b);

  if (order == 0)
    order =
        (x->alert.since > y->alert.since) - (x->alert.since < y->alert.since);
  return order != 0 ? order
                    : strcmp(x->subject->entry.series.type_instance,
                             y->subject->entry.series.type_instance);
}

static void mark_notified(struct dispatcher *n, struct dispatched_alert *a,
                          double now) {
  alert_dequeue(n, a);
  a->notified = alert_wanted(a);
  a->notified_at = now;
  a->unconfirmed = true;
  a->unconfirmed_before = false;
}

/* A failed delivery is repeated later. */
static void deliver_some(struct dispatcher *n, const struct alert *events,
                         struct dispatched_alert *const *batch, size_t num,
                         double now) {
  bool taken = n->deliver(n->arg, events, num) == 0;

  if (!taken)
    n->due = fmin(n->due, now + RETRY);
  for (size_t i = 0; taken && i < num; i++)
    mark_notified(n, batch[i], now);
}

/* If memory is short, delivers alerts one by one. */
static void deliver_batch(struct dispatcher *n,
                          struct dispatched_alert *const *batch, size_t num,
                          double now) {
  struct alert *events = calloc(num, sizeof(*events));

  for (size_t i = 0; i < num; i++) {
    const struct alert event = event_of(batch[i]);
    if (events == NULL)
      deliver_some(n, &event, &batch[i], 1, now);
    else
      events[i] = event;
  }
  if (events != NULL)
    deliver_some(n, events, batch, num, now);
  free(events);
}

/* True: waits for its due time only; nothing holds it back. */
static bool is_waiting(struct dispatcher *n, struct dispatched_alert *a,
                       double now) {
  if (alert_wanted(a) == a->notified && !a->again && !a->unconfirmed_before) {
    alert_dequeue(n, a);
    return false;
  }
  if (alert_is_held(n, a)) {
    a->due = INFINITY;
    return false;
  }
  if (isinf(a->due)) {
    a->released = true;
    a->due = now + alert_patience(n, a);
  }
  return true;
}

static double first_due(struct dispatched_alert *const *batch, size_t num) {
  double due = INFINITY;

  for (size_t i = 0; i < num; i++)
    due = fmin(due, batch[i]->due);
  return due;
}

/* Waiting alerts of the same kind started within group_wait of a due one: they
 * are delivered with it. */
static void deliver_due(struct dispatcher *n, struct dispatched_alert **waiting,
                        size_t num, double now) {
  qsort(waiting, num, sizeof(struct dispatched_alert *), compare_for_message);
  for (size_t first = 0, next = 0; first < num; first = next) {
    double due = INFINITY;
    while (next < num && compare_kinds(&waiting[first], &waiting[next]) == 0)
      next++;
    due = first_due(&waiting[first], next - first);
    if (due <= now)
      deliver_batch(n, &waiting[first], next - first, now);
    else
      n->due = fmin(n->due, due);
  }
}

static void deliver_ready(struct dispatcher *n, double now) {
  struct dispatched_alert **waiting =
      calloc(n->num + 1, sizeof(struct dispatched_alert *));
  struct dispatched_alert *a = TAILQ_FIRST(&n->queue);
  struct dispatched_alert *next = NULL;
  size_t num = 0;

  n->due = INFINITY;
  for (; a != NULL; a = next) {
    next = TAILQ_NEXT(a, queue);
    if (!is_waiting(n, a, now))
      continue;
    if (waiting != NULL)
      waiting[num++] = a;
    else
      deliver_due(n, &a, 1, now);
  }
  if (num > 0)
    deliver_due(n, waiting, num, now);
  free(waiting);
}

/* ---- interface ---- */

struct dispatcher *dispatcher_create(size_t max_alerts,
                                     dispatcher_deliver_fn deliver, void *arg) {
  struct dispatcher *n = calloc(1, sizeof(*n));

  if (n == NULL)
    return NULL;
  n->deliver = deliver;
  n->arg = arg;
  n->max = max_alerts;
  n->due = INFINITY;
  LIST_INIT(&n->all_hubs);
  TAILQ_INIT(&n->all);
  TAILQ_INIT(&n->queue);
  n->subjects = series_table_create();
  n->hubs = series_table_create();
  if (n->subjects != NULL && n->hubs != NULL)
    return n;
  dispatcher_destroy(n);
  return NULL;
}

void dispatcher_destroy(struct dispatcher *n) {
  if (n == NULL)
    return;
  while (!TAILQ_EMPTY(&n->all))
    alert_drop(n, TAILQ_FIRST(&n->all));
  series_table_destroy(n->subjects);
  series_table_destroy(n->hubs);
  ruleset_destroy(n->rules);
  free(n);
}

static void take_event(struct dispatched_alert *a, const struct alert *event) {
  bool turned = (event->previous == ALERT_OK) != (event->level == ALERT_OK);

  alert_take(a, event);
  if (a->alert.level > a->worst)
    a->worst = a->alert.level;
  if (turned)
    a->changed = event->time;
  alert_set_inhibitor(a);
  flapping_update(&a->flap, turned, event->time);
}

void dispatcher_event(struct dispatcher *n, const struct alert *event) {
  struct dispatched_alert *a = alert_find(n, event->rule_name, &event->series);

  if (a == NULL) {
    a = alert_add(n, event->rule, &event->series, event->time);
    if (a == NULL) {
      n->lost += n->deliver(n->arg, event, 1) != 0;
      return;
    }
    a->notified = (int)event->previous;
    alert_find_silence(n, a);
  }
  take_event(a, event);
  if (a->unconfirmed_before) /* the state is known now */
    alert_dequeue(n, a);
  if (alert_wanted(a) != a->notified || a->unconfirmed_before)
    alert_enqueue(n, a, event->time + dispatcher_group_wait(n));
}

static bool is_over(const struct dispatched_alert *a, double now) {
  return a->alert.level == ALERT_OK && a->notified == ALERT_OK && !a->waits &&
         !a->unconfirmed && now - a->changed >= FLAPPING_WINDOW;
}

void dispatcher_set_hold(struct dispatcher *n, dispatcher_hold_fn hold) {
  n->hold = hold;
}

static void note_hold(const struct dispatcher *n, struct dispatched_alert *a,
                      enum alert_status status) {
  enum dispatcher_hold hold = status == STATUS_SILENCED    ? HOLD_SILENCE
                              : status == STATUS_INHIBITED ? HOLD_INHIBITED
                              : a->waits                   ? HOLD_GROUP_WAIT
                              : status == STATUS_FLAPPING  ? HOLD_FLAPPING
                                                           : HOLD_NOTHING;
  struct alert alert = a->alert;

  if (a->alert.level == ALERT_OK && status != STATUS_FLAPPING)
    hold = HOLD_NOTHING;
  if (n->hold != NULL && hold != a->hold && hold != HOLD_NOTHING) {
    alert.message = alert_holder(n, a);
    n->hold(n->arg, &alert, hold);
  }
  a->hold = hold;
}

static void count_alert(const struct dispatcher *n,
                        struct dispatched_alert *a) {
  struct dispatcher_counts *counts = &a->subject->hub->counts;
  enum alert_status status = alert_status_of(n, a);

  counts->silenced += a->alert.level != ALERT_OK && status == STATUS_SILENCED;
  counts->inhibited += a->alert.level != ALERT_OK && status == STATUS_INHIBITED;
  note_hold(n, a, status);
}

static void check_alert(struct dispatcher *n, struct dispatched_alert *a,
                        double now) {
  double repeat = n->rules != NULL ? n->rules->repeat : 0;

  if (isnan(a->silenced_until))
    alert_find_silence(n, a);
  if (a->changed > now) /* the clock stepped back */
    a->changed = now;
  if (a->notified_at > now)
    a->notified_at = now;
  if (flapping_active(&a->flap))
    flapping_update(&a->flap, false, now);
  if (repeat > 0 && a->alert.level != ALERT_OK &&
      a->notified == (int)a->alert.level && now - a->notified_at >= repeat)
    a->again = true;
  if (alert_wanted(a) != a->notified || a->again)
    alert_enqueue(n, a, a->again ? now : now + dispatcher_group_wait(n));
  double most = now + alert_patience(n, a);
  if (a->waits && a->due > most && isfinite(a->due))
    a->due = most;
}

void dispatcher_tick(struct dispatcher *n, double now, double wall) {
  struct dispatched_alert *next = NULL;
  struct dispatched_hub *hub = NULL;

  n->wall = wall;
  LIST_FOREACH(hub, &n->all_hubs, all) {
    hub->counts = (struct dispatcher_counts){0, 0};
  }
  for (struct dispatched_alert *a = TAILQ_FIRST(&n->all); a != NULL; a = next) {
    next = TAILQ_NEXT(a, all);
    check_alert(n, a, now);
  }
  deliver_ready(n, now);
  for (struct dispatched_alert *a = TAILQ_FIRST(&n->all); a != NULL; a = next) {
    next = TAILQ_NEXT(a, all);
    if (is_over(a, now))
      alert_drop(n, a);
    else
      count_alert(n, a);
  }
}

double dispatcher_due(const struct dispatcher *n) { return n->due; }

uint64_t dispatcher_lost(const struct dispatcher *n) { return n->lost; }

void dispatcher_delivered(struct dispatcher *n) {
  struct dispatched_alert *a = NULL;

  TAILQ_FOREACH(a, &n->all, all) {
    a->unconfirmed = false;
    if (a->notified == ALERT_OK && a->alert.level == ALERT_OK &&
        !a->unconfirmed_before)
      a->worst = ALERT_OK;
  }
}

/* The rule of that name; NULL: none. */
static const struct rule *rule_of_name(const struct ruleset *set,
                                       const struct rule *rule) {
  return set != NULL ? ruleset_find(set, rule->name) : NULL;
}

void dispatcher_set_rules(struct dispatcher *n, struct ruleset *set,
                          double now) {
  struct dispatched_alert *next = NULL;
  struct ruleset *old = n->rules;

  for (struct dispatched_alert *a = TAILQ_FIRST(&n->all); a != NULL; a = next) {
    next = TAILQ_NEXT(a, all);
    if (flapping_active(&a->flap) && rule_of_name(set, a->alert.rule) == NULL) {
      flapping_init(&a->flap, now); /* flapping ends with the rule */
      alert_enqueue(n, a, now);
    }
    a->due = a->waits ? now : a->due;
  }
  deliver_ready(n, now); /* resolved alerts still need their rules */
  n->rules = ruleset_share(set);
  for (struct dispatched_alert *a = TAILQ_FIRST(&n->all); a != NULL; a = next) {
    const struct rule *rule = rule_of_name(set, a->alert.rule);
    next = TAILQ_NEXT(a, all);
    if (rule == NULL) {
      n->lost += a->waits && isfinite(a->due); /* not accepted */
      alert_drop(n, a);
      continue;
    }
    alert_use_rule(a, rule);
    alert_set_inhibitor(a);
    alert_find_silence(n, a);
  }
  ruleset_destroy(old);
}

struct ruleset *dispatcher_rules(const struct dispatcher *n) {
  return n->rules;
}

enum alert_status dispatcher_status(const struct dispatcher *n,
                                    const struct rule *rule,
                                    const struct series *s) {
  const struct dispatched_alert *a = alert_find(n, rule->name, s);

  return a != NULL ? alert_status_of(n, a) : STATUS_FIRING;
}

void dispatcher_each_count(const struct dispatcher *n,
                           void (*each)(void *arg, const struct series *hub,
                                        const struct dispatcher_counts *counts),
                           void *arg) {
  const struct dispatched_hub *hub = NULL;

  LIST_FOREACH(hub, &n->all_hubs, all) {
    if (hub->counts.silenced + hub->counts.inhibited > 0)
      each(arg, &hub->entry.series, &hub->counts);
  }
}

void dispatcher_each_notified(const struct dispatcher *n,
                              void (*each)(void *arg,
                                           const struct alert *event),
                              void *arg) {
  const struct dispatched_alert *a = NULL;

  TAILQ_FOREACH(a, &n->all, all) {
    const struct alert event = event_of(a);
    if (a->notified != ALERT_OK && a->alert.level != ALERT_OK)
      each(arg, &event);
  }
}
