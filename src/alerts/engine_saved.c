/* SPDX-License-Identifier: MIT */
/* Saves the states of the engine and loads them again. */
#include "alerts/engine_internal.h"

#include <math.h>
#include <string.h>

static size_t count_worth_saving(const struct monitored_series *t) {
  size_t num = 0;

  for (size_t i = 0; i < t->states_num; i++)
    num += rule_state_worth_saving(&t->states[i]);
  return num;
}

/* Save a series unless it is OK and has no state. The state of a server is
 * always saved: it is needed to detect its removal. */
static bool is_kept(const struct monitored_series *t) {
  bool counts = t->base.kind == SAMPLE_DERIVE || t->base.kind == SAMPLE_COUNTER;

  return count_worth_saving(t) > 0 || t->is_listed ||
         (t->states_num > 0 && t->base.begun && counts);
}

static void save_base(const struct sample_base *base, struct serializer *out) {
  serialize_u64(out, base->last.counter);
  serialize_double(out, base->time);
  serialize_u64(out, base->kind);
  serialize_u64(out, base->late);
  serialize_u64(out, base->known);
  serialize_u64(out, base->begun);
}

static void save_track(const struct monitored_series *t,
                       struct serializer *out) {
  series_save(&t->entry.series, out);
  serialize_double(out, t->seen);
  serialize_double(out, t->known);
  serialize_double(out, t->interval);
  save_base(&t->base, out);
  serialize_u64(out, count_worth_saving(t));
  for (size_t i = 0; i < t->states_num; i++) {
    if (!rule_state_worth_saving(&t->states[i]))
      continue;
    serialize_text(out, t->states[i].rule->name);
    rule_state_save(&t->states[i], out);
  }
}

static void save_groups(const struct engine *e, struct serializer *out) {
  const struct hub_group *g = NULL;
  uint64_t num = 0;

  LIST_FOREACH(g, &e->all_groups, all) { num++; }
  serialize_u64(out, num);
  LIST_FOREACH(g, &e->all_groups, all) {
    series_save(&g->entry.series, out);
    serialize_double(out, g->up[0]);
    serialize_double(out, g->up[1]);
  }
}

void engine_save(const struct engine *e, struct serializer *out) {
  const struct monitored_series *t = NULL;
  uint64_t num = 0;

  LIST_FOREACH(t, &e->all, all) { num += is_kept(t); }
  serialize_u64(out, num);
  LIST_FOREACH(t, &e->all, all) {
    if (is_kept(t))
      save_track(t, out);
  }
  save_groups(e, out);
}

/* Ends the alert of a series that its rule no longer matches. */
static void end_loaded(const struct engine *e, const struct series *s,
                       const char *name, const struct rule_state *st,
                       double now) {
  const struct rule *rule =
      e->rules != NULL ? ruleset_find(e->rules, name) : NULL;
  const struct alert event = {.rule = rule,
                              .rule_name = name,
                              .series = *s,
                              .level = ALERT_OK,
                              .previous = st->level,
                              .reason = ALERT_RULE_CHANGED,
                              .status = STATUS_RESOLVED,
                              .value = st->value,
                              .threshold = NAN,
                              .since = st->since,
                              .time = now,
                              .runbook = rule != NULL ? rule->runbook : NULL};

  if (rule != NULL && st->level != ALERT_OK)
    e->emit(e->arg, &event);
}

static void load_state(struct engine *e, struct monitored_series *t,
                       const struct series *s, struct deserializer *in,
                       double away, double now) {
  const char *name = deserialize_text(in);
  static const struct rule none = {0};
  struct rule_state gone = {.rule = &none};

  for (size_t i = 0; t != NULL && i < t->states_num; i++) {
    struct rule_state *st = &t->states[i];
    if (strcmp(st->rule->name, name) != 0)
      continue;
    engine_count(t->group, st, false);
    rule_state_load(st, in, away, now);
    engine_count(t->group, st, true);
    return;
  }
  rule_state_load(&gone, in, away, now);
  if (!in->failed)
    end_loaded(e, s, name, &gone, now);
}

static struct sample_base load_base(struct deserializer *in) {
  struct sample_base base = {.last.counter = deserialize_u64(in)};

  base.time = deserialize_double(in);
  base.kind = (uint8_t)deserialize_u64(in);
  base.late = (uint8_t)deserialize_u64(in);
  base.known = deserialize_u64(in) != 0;
  base.begun = deserialize_u64(in) != 0;
  if (!isfinite(base.time) || base.kind > SAMPLE_ABSOLUTE)
    base = (struct sample_base){0};
  return base;
}

static struct monitored_series *track_get(struct engine *e,
                                          const struct series *s, double now) {
  struct series_key key = series_key(e->tracks, s);
  struct monitored_series *t =
      (struct monitored_series *)series_table_find(e->tracks, s, &key);
  int status = 0;

  return t != NULL ? t : monitored_series_admit(e, s, &key, now, &status);
}

static void load_track(struct engine *e, struct deserializer *in, double away,
                       double now) {
  const struct series s = series_load(in);
  double seen = deserialize_time(in);
  double known = deserialize_time(in);
  double interval = deserialize_double(in);
  const struct sample_base base = load_base(in);
  uint64_t num = deserialize_u64(in);
  struct monitored_series *t = in->failed ? NULL : track_get(e, &s, now);

  if (t != NULL) {
    t->seen = fmin(seen + away, now);
    t->known = fmin(known + away, now);
    t->interval = interval >= 0 && isfinite(interval) ? interval : 0;
    t->base = base;
  }
  for (uint64_t i = 0; i < num && !in->failed; i++)
    load_state(e, t, &s, in, away, now);
}

/* Loads a group if one of its series was loaded. */
static void load_group(const struct engine *e, struct deserializer *in) {
  const struct series s = series_load(in);
  double latest = deserialize_double(in);
  double before = deserialize_double(in);
  struct hub_group *g = hub_group_find(e, &s);

  if (in->failed || g == NULL || isinf(latest) || isinf(before))
    return;
  g->up[0] = latest;
  g->up[1] = before;
}

/* Required series were added before the time was known: set their times. */
static void begin_at(struct engine *e, double now) {
  struct monitored_series *t = NULL;

  LIST_FOREACH(t, &e->all, all) {
    t->seen = t->known = now;
    for (size_t i = 0; i < t->states_num; i++)
      rule_state_rewind(&t->states[i], now);
  }
}

int engine_load(struct engine *e, struct deserializer *in, double away,
                double now) {
  uint64_t num = deserialize_u64(in);

  begin_at(e, now);
  for (uint64_t i = 0; i < num && !in->failed; i++)
    load_track(e, in, away, now);
  num = deserialize_u64(in);
  for (uint64_t i = 0; i < num && !in->failed; i++)
    load_group(e, in);
  return in->failed ? -1 : 0;
}
