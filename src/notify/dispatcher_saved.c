/* SPDX-License-Identifier: MIT */
/* Saves what was delivered and loads it again. */
#include "notify/dispatcher_internal.h"

#include <math.h>
#include <string.h>

static void save_alert(const struct dispatched_alert *a,
                       struct serializer *out) {
  serialize_text(out, a->alert.rule->name);
  series_save(&a->subject->entry.series, out);
  serialize_u64(out, a->alert.level);
  serialize_u64(out, a->alert.reason);
  serialize_u64(out, (uint64_t)(a->notified - FLAPPING));
  serialize_u64(out, a->worst);
  serialize_u64(out, a->waits);
  serialize_u64(out, a->again);
  serialize_u64(out, a->released);
  serialize_u64(out, a->unconfirmed || a->unconfirmed_before);
  serialize_double(out, a->due);
  serialize_double(out, a->alert.value);
  serialize_double(out, a->alert.threshold);
  serialize_double(out, a->alert.since);
  serialize_double(out, a->alert.time);
  serialize_double(out, a->changed);
  serialize_double(out, a->notified_at);
  serialize_u64(out, (uint64_t)a->flap.head);
  serialize_u64(out, a->flap.newest);
  serialize_u64(out, a->flap.active);
  serialize(out, a->flap.changes, sizeof(a->flap.changes));
}

void dispatcher_save(const struct dispatcher *n, struct serializer *out) {
  const struct dispatched_alert *a = NULL;

  serialize_u64(out, n->num);
  TAILQ_FOREACH(a, &n->all, all) { save_alert(a, out); }
}

static void load_flap(struct flapping *flap, struct deserializer *in) {
  uint64_t newest = 0;
  const void *changes = NULL;

  flap->head = (int64_t)deserialize_u64(in);
  newest = deserialize_u64(in);
  flap->active = deserialize_u64(in) != 0;
  changes = deserialize(in, sizeof(flap->changes));
  flap->newest = newest < FLAPPING_SLOTS ? (uint8_t)newest : FLAPPING_SLOTS;
  if (changes != NULL)
    memcpy(flap->changes, changes, sizeof(flap->changes));
  if (!flapping_fits(flap))
    in->failed = true;
}

/* Fails unless the number is 0 to `most`. */
static int load_choice(struct deserializer *in, int most) {
  uint64_t number = deserialize_u64(in);

  if (number <= (uint64_t)most)
    return (int)number;
  in->failed = true;
  return 0;
}

static void load_figures(struct dispatched_alert *a, struct deserializer *in) {
  a->alert.level = (enum alert_level)load_choice(in, ALERT_CRITICAL);
  a->alert.reason = (enum alert_reason)load_choice(in, ALERT_REPEATED);
  a->notified = load_choice(in, ALERT_CRITICAL - FLAPPING) + FLAPPING;
  a->worst = (enum alert_level)load_choice(in, ALERT_CRITICAL);
  a->waits = load_choice(in, true);
  a->again = load_choice(in, true);
  a->released = load_choice(in, true);
  a->unconfirmed_before = load_choice(in, true);
  a->due = deserialize_double(in);
  a->alert.value = deserialize_double(in);
  a->alert.threshold = deserialize_double(in);
  a->alert.since = deserialize_time(in);
  a->alert.time = deserialize_time(in);
  a->changed = deserialize_time(in);
  a->notified_at = deserialize_time(in);
  load_flap(&a->flap, in);
  if (isnan(a->due))
    in->failed = true;
}

/* The rule was removed: delivers "resolved" if "firing" was delivered. */
static void deliver_resolved(struct dispatcher *n,
                             const struct dispatched_alert *loaded,
                             double now) {
  struct alert event = loaded->alert;

  event.level = ALERT_OK;
  event.previous = loaded->notified <= ALERT_OK
                       ? loaded->worst
                       : (enum alert_level)loaded->notified;
  event.reason = ALERT_RULE_CHANGED;
  event.status = STATUS_RESOLVED;
  event.threshold = NAN;
  event.time = now;
  if (loaded->notified != ALERT_OK || loaded->unconfirmed_before)
    n->lost += n->deliver(n->arg, &event, 1) != 0;
}

/* Adds a loaded alert to a rule in force. */
static void take_loaded(struct dispatcher *n, const struct rule *rule,
                        const struct dispatched_alert *loaded, double now) {
  struct dispatched_alert *a =
      alert_add(n, rule, &loaded->alert.series, loaded->changed);

  if (a == NULL)
    return;
  alert_take(a, &loaded->alert);
  a->notified = loaded->notified;
  a->worst = loaded->worst;
  a->again = loaded->again;
  a->released = loaded->released;
  a->changed = loaded->changed;
  a->notified_at = loaded->notified_at;
  a->flap = loaded->flap;
  alert_set_inhibitor(a);
  alert_find_silence(n, a);
  a->unconfirmed_before = loaded->unconfirmed_before;
  if (loaded->waits && !a->unconfirmed_before)
    alert_enqueue(n, a, loaded->due);
  else if (a->unconfirmed_before)
    alert_enqueue(n, a, now + UNCONFIRMED_WAIT);
}

static void load_alert(struct dispatcher *n, struct deserializer *in,
                       double now) {
  struct dispatched_alert loaded = {0};
  const struct rule *rule = NULL;

  loaded.alert.rule_name = deserialize_text(in);
  loaded.alert.series = series_load(in);
  load_figures(&loaded, in);
  if (in->failed)
    return;
  rule =
      n->rules != NULL ? ruleset_find(n->rules, loaded.alert.rule_name) : NULL;
  if (rule == NULL)
    deliver_resolved(n, &loaded, now);
  else if (alert_find(n, rule->name, &loaded.alert.series) == NULL)
    take_loaded(n, rule, &loaded, now);
}

int dispatcher_load(struct dispatcher *n, struct deserializer *in, double now) {
  uint64_t num = deserialize_u64(in);

  for (uint64_t i = 0; i < num && !in->failed; i++)
    load_alert(n, in, now);
  if (!in->failed)
    return 0;
  while (!TAILQ_EMPTY(&n->all))
    alert_drop(n, TAILQ_FIRST(&n->all));
  return -1;
}
