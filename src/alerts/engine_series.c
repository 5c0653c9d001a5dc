/* SPDX-License-Identifier: MIT */
/* Hubs, series and states of the engine: added, matched to rules, forgotten. */
#include "alerts/engine_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- counts ---- */

void engine_count(struct hub_group *g, const struct rule_state *st, bool add) {
  size_t one = add ? 1 : (size_t)-1;

  g->firing[st->level] += one; /* [ALERT_OK]: no alert */
  if (rule_state_pending(st))
    g->pending += one;
}

struct alert engine_event_of(const struct monitored_series *t,
                             const struct rule_state *st,
                             enum alert_level previous,
                             enum alert_reason reason, double now) {
  enum alert_level level = reason == ALERT_VALUE ? st->level : ALERT_OK;

  return (struct alert){
      .rule = st->rule,
      .rule_name = st->rule->name,
      .series = t->entry.series,
      .level = level,
      .previous = previous,
      .reason = reason,
      .status = level == ALERT_OK ? STATUS_RESOLVED : STATUS_FIRING,
      .value = st->value,
      .threshold = rule_state_threshold(st),
      .since = st->holds[level] ? st->turned[level] : st->since,
      .time = now,
      .runbook = st->rule->runbook,
  };
}

void engine_emit_event(const struct engine *e, const struct monitored_series *t,
                       const struct rule_state *st, enum alert_level previous,
                       enum alert_reason reason, double now) {
  const struct alert event = engine_event_of(t, st, previous, reason, now);

  e->emit(e->arg, &event);
}

void engine_end_state(const struct engine *e, const struct monitored_series *t,
                      struct rule_state *st, enum alert_reason reason,
                      double now) {
  engine_count(t->group, st, false);
  if (st->level != ALERT_OK)
    engine_emit_event(e, t, st, st->level, reason, now);
  rule_state_clear(st);
}

/* ---- groups ---- */

static struct series group_of(const struct series *s) {
  return (struct series){s->host,
                         series_is_hub(s) ? s->plugin : "",
                         series_is_hub(s) ? s->plugin_instance : "",
                         "",
                         "",
                         ""};
}

struct hub_group *hub_group_find(const struct engine *e,
                                 const struct series *s) {
  const struct series id = group_of(s);
  struct series_key key = series_key(e->groups, &id);

  return (struct hub_group *)series_table_find(e->groups, &id, &key);
}

static struct hub_group *group_get(struct engine *e, const struct series *s) {
  const struct series id = group_of(s);
  struct series_key key = series_key(e->groups, &id);
  struct hub_group *g = hub_group_find(e, s);

  if (g != NULL || (g = calloc(1, sizeof(*g) + key.size)) == NULL)
    return g;
  series_entry_init(&g->entry, &id, &key, g->text);
  g->up[0] = g->up[1] = NAN;
  LIST_INIT(&g->tracks);
  LIST_INIT(&g->listed);
  if (series_table_insert(e->groups, &g->entry) != 0) {
    free(g);
    return NULL;
  }
  LIST_INSERT_HEAD(&e->all_groups, g, all);
  return g;
}

static void group_drop_empty(struct engine *e, struct hub_group *g) {
  if (g->members > 0)
    return;
  series_table_remove(e->groups, &g->entry);
  LIST_REMOVE(g, all);
  free(g);
}

static int group_join(struct engine *e, struct monitored_series *t) {
  struct hub_group *g = group_get(e, &t->entry.series);

  if (g == NULL)
    return -1;
  t->group = g;
  g->members++;
  LIST_INSERT_HEAD(&g->tracks, t, of_group);
  return 0;
}

void hub_group_leave(struct engine *e, struct monitored_series *t) {
  struct hub_group *g = t->group;

  if (g == NULL)
    return;
  LIST_REMOVE(t, of_group);
  t->group = NULL;
  g->members--;
  group_drop_empty(e, g);
}

static void set_listed(struct monitored_series *t, bool listed) {
  if (listed && !t->is_listed)
    LIST_INSERT_HEAD(&t->group->listed, t, of_listed);
  else if (!listed && t->is_listed)
    LIST_REMOVE(t, of_listed);
  t->is_listed = listed;
}

static void set_timed(struct engine *e, struct monitored_series *t,
                      bool timed) {
  if (timed && !t->is_timed)
    LIST_INSERT_HEAD(&e->timed, t, of_timed);
  else if (!timed && t->is_timed)
    LIST_REMOVE(t, of_timed);
  t->is_timed = timed;
}

/* ---- series ---- */

/* 1: matches, 0: does not, -1: out of memory. */
static int rule_wants(const struct rule *rule, const struct series *s,
                      const struct identity *id, struct regex_budget *budget) {
  if (rule->ds != NULL && strcmp(rule->ds, s->ds) != 0)
    return 0;
  return pattern_match(rule->metric, id, budget);
}

struct state_list {
  struct rule_state *states;
  size_t num;
  size_t room;
};

static int state_add(struct state_list *list, const struct rule *rule,
                     double now) {
  if (list->num == list->room) {
    size_t room = list->room > 0 ? list->room * 2 : 1;
    struct rule_state *states =
        realloc(list->states, room * sizeof(*list->states));
    if (states == NULL)
      return -1;
    list->states = states;
    list->room = room;
  }
  return rule_state_init(&list->states[list->num++], rule, now);
}

/* Releases unused memory. */
static void states_fit(struct state_list *list) {
  struct rule_state *fit = NULL;

  if (list->num < list->room && list->num > 0)
    fit = realloc(list->states, list->num * sizeof(*list->states));
  if (fit != NULL)
    list->states = fit;
}

int engine_match(const struct engine *e, const struct series *s, double now,
                 struct rule_state **states, size_t *num) {
  const struct ruleset *set = e->rules;
  struct regex_budget budget = {REGEX_BUDGET_STEPS};
  struct state_list list = {NULL, 0, 0};
  char buf[1024];
  struct identity id;
  int status = 0;

  *states = NULL;
  *num = 0;
  if (set == NULL)
    return 0;
  if (series_identity(s, buf, sizeof(buf), &id) != 0)
    return -1;
  for (size_t i = 0; status == 0 && i < set->rules_num; i++) {
    int wants = rule_wants(&set->rules[i], s, &id, &budget);
    status = wants > 0 ? state_add(&list, &set->rules[i], now) : wants;
  }
  series_identity_clear(&id, buf);
  states_fit(&list);
  *states = list.states;
  *num = list.num;
  return status;
}

void states_free(struct rule_state *states, size_t num) {
  for (size_t i = 0; i < num; i++)
    rule_state_clear(&states[i]);
  free(states);
}

int monitored_series_attach(struct engine *e, struct monitored_series *t,
                            struct rule_state *states, size_t num) {
  bool listed = false;
  bool timed = false;

  if (num > 0 && e->watched >= e->max_series)
    return -1;
  if (t->group == NULL && (num > 0 || series_is_hub(&t->entry.series)) &&
      group_join(e, t) != 0)
    return -1;
  t->states = states;
  t->states_num = num;
  for (size_t i = 0; i < num; i++) {
    engine_count(t->group, &states[i], true);
    listed |= states[i].rule->listed && series_is_hub(&t->entry.series);
    timed |= rule_state_watches_silence(&states[i]);
  }
  e->watched += num > 0;
  set_timed(e, t, timed);
  if (t->group != NULL)
    set_listed(t, listed);
  return 0;
}

void monitored_series_strip(struct engine *e, struct monitored_series *t) {
  e->watched -= t->states_num > 0;
  free(t->states);
  t->states = NULL;
  t->states_num = 0;
  set_timed(e, t, false);
}

void monitored_series_forget(struct engine *e, struct monitored_series *t,
                             enum alert_reason reason, double now) {
  for (size_t i = 0; i < t->states_num; i++)
    engine_end_state(e, t, &t->states[i], reason, now);
  monitored_series_strip(e, t);
  if (t->group != NULL)
    set_listed(t, false);
  hub_group_leave(e, t);
  LIST_REMOVE(t, all);
  series_table_remove(e->tracks, &t->entry);
  free(t);
}

static struct monitored_series *
monitored_series_create(struct engine *e, const struct series *s,
                        const struct series_key *key, double now) {
  struct monitored_series *t = calloc(1, sizeof(*t) + key->size);

  if (t == NULL)
    return NULL;
  series_entry_init(&t->entry, s, key, t->text);
  t->seen = t->known = now;
  t->is_up = series_is_hub(s) && strcmp(s->type, "bool") == 0 &&
             strcmp(s->type_instance, "up") == 0;
  t->only_grows = strcmp(s->type, "file_size") == 0;
  if (series_table_insert(e->tracks, &t->entry) != 0) {
    free(t);
    return NULL;
  }
  LIST_INSERT_HEAD(&e->all, t, all);
  return t;
}

struct monitored_series *monitored_series_admit(struct engine *e,
                                                const struct series *s,
                                                const struct series_key *key,
                                                double now, int *status) {
  size_t unwatched = series_table_count(e->tracks) - e->watched;
  struct rule_state *states = NULL;
  struct monitored_series *t = NULL;
  size_t num = 0;

  *status = engine_match(e, s, now, &states, &num);
  if (*status == 0 && num == 0 && unwatched >= e->max_series)
    return NULL;
  if (*status == 0 && (num == 0 || e->watched < e->max_series))
    t = monitored_series_create(e, s, key, now);
  if (t != NULL && monitored_series_attach(e, t, states, num) == 0)
    return t;
  if (t != NULL)
    monitored_series_forget(e, t, ALERT_VALUE, now);
  states_free(states, num);
  e->refused++;
  *status = -1;
  return NULL;
}

bool monitored_series_is_expected(const struct monitored_series *t) {
  for (size_t i = 0; i < t->states_num; i++)
    if (t->states[i].rule->function == RULE_ABSENT)
      return true;
  return false;
}
