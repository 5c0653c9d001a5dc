/* SPDX-License-Identifier: MIT */
#include "alerts/engine_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SILENCE_MAX 3600.0 /* seconds until a series is dropped */
#define SWEEP_EVERY 60.0

/* ---- removed servers ---- */

/* Drops all series of t's server that have been silent for as long as t. */
static void forget_server(struct engine *e, struct monitored_series *gone,
                          double limit, double now) {
  const char *name = gone->entry.series.type_instance;
  struct monitored_series *next = NULL;

  for (struct monitored_series *t = LIST_FIRST(&gone->group->tracks); t != NULL;
       t = next) {
    next = LIST_NEXT(t, of_group);
    if (t != gone && t->base.time < limit && !monitored_series_is_expected(t) &&
        strcmp(t->entry.series.type_instance, name) == 0)
      monitored_series_forget(e, t, ALERT_UNLISTED, now);
  }
  monitored_series_forget(e, gone, ALERT_UNLISTED, now);
}

static struct monitored_series *first_gone(const struct hub_group *g,
                                           double limit) {
  struct monitored_series *t = NULL;

  LIST_FOREACH(t, &g->listed, of_listed) {
    if (t->base.time < limit && !monitored_series_is_expected(t))
      return t;
  }
  return NULL;
}

/* The sender's clock stepped back: no server counts as missing. */
static void restart_reads(struct hub_group *g, double time) {
  struct monitored_series *t = NULL;

  g->up[0] = time;
  g->up[1] = NAN;
  LIST_FOREACH(t, &g->tracks, of_group) {
    if (t->base.time > time) {
      t->base.time = time;
      t->base.known = false;
    }
  }
}

/* The hub answered a read; all values of one read have the same time. */
static void hub_answered(struct engine *e, struct hub_group *g, double time,
                         double now) {
  double limit = g->up[1];
  struct monitored_series *gone = NULL;

  if (time < g->up[0]) {
    restart_reads(g, time);
    return;
  }
  if (!(time > g->up[0] || isnan(g->up[0])))
    return;
  g->up[1] = g->up[0];
  g->up[0] = time;
  while ((gone = first_gone(g, limit)) != NULL)
    forget_server(e, gone, limit, now);
}

/* ---- engine ---- */

struct engine *engine_create(size_t max_series, engine_emit_fn emit_fn,
                             void *arg) {
  struct engine *e = calloc(1, sizeof(*e));

  if (e == NULL)
    return NULL;
  e->emit = emit_fn;
  e->arg = arg;
  e->max_series = max_series;
  e->swept = -INFINITY;
  LIST_INIT(&e->all);
  LIST_INIT(&e->all_groups);
  LIST_INIT(&e->timed);
  e->tracks = series_table_create();
  e->groups = series_table_create();
  if (e->tracks == NULL || e->groups == NULL) {
    engine_destroy(e);
    return NULL;
  }
  return e;
}

void engine_destroy(struct engine *e) {
  struct monitored_series *t = NULL;

  if (e == NULL)
    return;
  while ((t = LIST_FIRST(&e->all)) != NULL) {
    LIST_REMOVE(t, all);
    states_free(t->states, t->states_num);
    hub_group_leave(e, t);
    free(t);
  }
  series_table_destroy(e->tracks);
  series_table_destroy(e->groups);
  ruleset_destroy(e->rules);
  free(e);
}

void engine_set_pending(struct engine *e, engine_emit_fn pending) {
  e->pending = pending;
}

static struct alert pending_alert(const struct monitored_series *t,
                                  const struct rule_state *st, double now) {
  struct alert alert = engine_event_of(t, st, st->level, ALERT_VALUE, now);

  alert.status = STATUS_PENDING;
  alert.since = st->turned[ALERT_INFO];
  return alert;
}

static void note_pending(const struct engine *e,
                         const struct monitored_series *t,
                         const struct rule_state *st, double now) {
  struct alert alert = pending_alert(t, st, now);

  if (!rule_state_pending(st))
    alert.status = STATUS_RESOLVED;
  if (e->pending != NULL && st->level == ALERT_OK)
    e->pending(e->arg, &alert);
}

/* Emits the event of a state change; `previous` is the level before. */
static void emit_change(struct engine *e, struct monitored_series *t,
                        const struct rule_state *st, bool was_pending,
                        enum alert_level previous, double now) {
  if (rule_state_pending(st) != was_pending)
    t->group->pending += was_pending ? (size_t)-1 : 1;
  e->changes += rule_state_pending(st) != was_pending || st->level != previous;
  if (rule_state_pending(st) != was_pending)
    note_pending(e, t, st, now);
  if (st->level == previous)
    return;
  t->group->firing[previous]--;
  t->group->firing[st->level]++;
  engine_emit_event(e, t, st, previous, ALERT_VALUE, now);
}

static void update_states(struct engine *e, struct monitored_series *t,
                          const struct reading *r, double now) {
  for (size_t i = 0; i < t->states_num; i++) {
    struct rule_state *st = &t->states[i];
    bool was_pending = rule_state_pending(st);
    enum alert_level previous = rule_state_update(st, r, t->interval, now);
    emit_change(e, t, st, was_pending, previous, now);
  }
}

/* Handles a series without a sample, or without a known value. */
static void note_silence(struct engine *e, struct monitored_series *t,
                         double now) {
  double silent = now - t->known;

  if (silent < 0)
    t->known = now;
  for (size_t i = 0; i < t->states_num; i++) {
    struct rule_state *st = &t->states[i];
    bool was_pending = rule_state_pending(st);
    if (!rule_state_watches_silence(st))
      continue;
    enum alert_level previous = rule_state_silent(st, silent, t->interval, now);
    emit_change(e, t, st, was_pending, previous, now);
  }
}

static void take_sample(struct engine *e, struct monitored_series *t,
                        const struct sample *sample, double elapsed,
                        double now) {
  struct reading r = sample_read(&t->base, sample, t->only_grows);

  if (elapsed < 0)
    for (size_t i = 0; i < t->states_num; i++)
      rule_state_rewind(&t->states[i], now);
  if (!isnan(r.value) || t->known > now)
    t->known = now;
  t->interval = sample->interval;
  update_states(e, t, &r, now);
  if (t->is_up && r.value >= 1 && isfinite(sample->time))
    hub_answered(e, t->group, sample->time, now);
}

const struct ruleset *engine_rules(const struct engine *e) { return e->rules; }

int engine_sample(struct engine *e, const struct series *s,
                  const struct sample *sample, double now) {
  struct series_key key = series_key(e->tracks, s);
  struct monitored_series *t =
      (struct monitored_series *)series_table_find(e->tracks, s, &key);
  double elapsed = 0;

  if (t == NULL) {
    int status = 0;
    t = monitored_series_admit(e, s, &key, now, &status);
    if (t == NULL)
      return status;
  }
  elapsed = now - t->seen;
  t->seen = now;
  t->sent = sample->time;
  if (t->states_num > 0 || t->is_up)
    take_sample(e, t, sample, elapsed, now);
  return 0;
}

bool engine_is_late(const struct engine *e, const struct series *s,
                    const struct sample *sample, double now) {
  struct series_key key = series_key(e->tracks, s);
  const struct monitored_series *t =
      (struct monitored_series *)series_table_find(e->tracks, s, &key);
  return t != NULL && sample->time <= t->sent &&
         now - t->seen <= ENGINE_LATE * sample->interval;
}

static bool is_forgettable(const struct monitored_series *t, double now) {
  double patience = SILENCE_MAX;

  for (size_t i = 0; i < t->states_num; i++) {
    const struct rule_state *st = &t->states[i];
    if (st->level != ALERT_OK || rule_state_pending(st))
      return false;
    if (st->rule->window > patience)
      patience = st->rule->window;
  }
  return now - t->seen > patience && !monitored_series_is_expected(t);
}

void engine_tick(struct engine *e, double now) {
  struct monitored_series *t = NULL;
  struct monitored_series *next = NULL;

  LIST_FOREACH(t, &e->timed, of_timed) { note_silence(e, t, now); }
  if (now >= e->swept && now - e->swept < SWEEP_EVERY)
    return;
  e->swept = now;
  for (t = LIST_FIRST(&e->all); t != NULL; t = next) {
    next = LIST_NEXT(t, all);
    if (is_forgettable(t, now))
      monitored_series_forget(e, t, ALERT_VALUE, now);
  }
}

void engine_skip_gap(struct engine *e, double seconds, double now) {
  struct monitored_series *t = NULL;

  LIST_FOREACH(t, &e->all, all) {
    t->seen = fmin(t->seen + seconds, now);
    t->known = fmin(t->known + seconds, now);
    for (size_t i = 0; i < t->states_num; i++)
      rule_state_skip_gap(&t->states[i], seconds, now);
  }
}

/* ---- counts ---- */

void engine_each_count(const struct engine *e,
                       void (*each)(void *arg, const struct engine_counts *c),
                       void *arg) {
  const struct hub_group *g = NULL;

  LIST_FOREACH(g, &e->all_groups, all) {
    struct engine_counts c = {.host = g->entry.series.host,
                              .instance = g->entry.series.plugin_instance,
                              .pending = g->pending};
    for (int k = ALERT_INFO; k < ALERT_LEVELS; k++)
      c.firing[k] = g->firing[k];
    each(arg, &c);
  }
}

static void each_alert_of(const struct monitored_series *t,
                          void (*each)(void *arg, const struct alert *alert),
                          void *arg) {
  for (size_t i = 0; i < t->states_num; i++) {
    const struct rule_state *st = &t->states[i];
    struct alert alert =
        engine_event_of(t, st, st->level, ALERT_VALUE, t->seen);
    if (st->level == ALERT_OK && !rule_state_pending(st))
      continue;
    if (st->level == ALERT_OK)
      alert = pending_alert(t, st, t->seen);
    else if (!st->holds[st->level])
      alert.status = STATUS_CLEARING;
    each(arg, &alert);
  }
}

void engine_each_alert(const struct engine *e,
                       void (*each)(void *arg, const struct alert *alert),
                       void *arg) {
  const struct hub_group *g = NULL;
  const struct monitored_series *t = NULL;

  LIST_FOREACH(g, &e->all_groups, all) {
    if (g->pending + g->firing[ALERT_INFO] + g->firing[ALERT_WARNING] +
            g->firing[ALERT_CRITICAL] >
        0)
      LIST_FOREACH(t, &g->tracks, of_group) { each_alert_of(t, each, arg); }
  }
}

void engine_count_series(const struct engine *e, size_t *num) {
  const struct monitored_series *t = NULL;

  if (e->rules == NULL)
    return;
  memset(num, 0, e->rules->rules_num * sizeof(*num));
  LIST_FOREACH(t, &e->all, all) {
    for (size_t i = 0; i < t->states_num; i++)
      num[t->states[i].rule - e->rules->rules]++;
  }
}

size_t engine_series_count(const struct engine *e) { return e->watched; }

uint64_t engine_series_refused(const struct engine *e) { return e->refused; }

uint64_t engine_changes(const struct engine *e) { return e->changes; }
