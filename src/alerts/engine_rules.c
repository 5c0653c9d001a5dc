/* SPDX-License-Identifier: MIT */
/* Takes a new ruleset over: which states go on, which alerts end. */
#include "alerts/engine_internal.h"

#include <stdlib.h>
#include <string.h>

struct rule_map { /* the new rule of each old rule */
  const struct ruleset *old;
  const struct rule **new_rule; /* by index of the old rule; NULL: none */
};

static int compare_names(const void *a, const void *b) {
  const struct rule *const *ra = a;
  const struct rule *const *rb = b;

  return strcmp((*ra)->name, (*rb)->name);
}

static bool same_series(const struct rule *a, const struct rule *b) {
  bool same_ds = a->ds == NULL || b->ds == NULL ? a->ds == b->ds
                                                : strcmp(a->ds, b->ds) == 0;

  return same_ds &&
         strcmp(pattern_text(a->metric), pattern_text(b->metric)) == 0;
}

/* On allocation failure no state is carried over. */
static void map_rules(struct rule_map *h, const struct ruleset *set) {
  const struct rule **by_name = NULL;

  if (h->old == NULL || set == NULL || set->rules_num == 0 ||
      h->old->rules_num == 0)
    return;
  h->new_rule = calloc(h->old->rules_num, sizeof(*h->new_rule));
  by_name = calloc(set->rules_num, sizeof(*by_name));
  if (h->new_rule != NULL && by_name != NULL) {
    for (size_t i = 0; i < set->rules_num; i++)
      by_name[i] = &set->rules[i];
    qsort(by_name, set->rules_num, sizeof(*by_name), compare_names);
    for (size_t i = 0; i < h->old->rules_num; i++) {
      const struct rule *old = &h->old->rules[i];
      const struct rule **found = bsearch(&old, by_name, set->rules_num,
                                          sizeof(*by_name), compare_names);
      if (found != NULL && same_series(old, *found))
        h->new_rule[i] = *found;
    }
  }
  free(by_name);
}

static const struct rule *new_rule_of(const struct rule_map *h,
                                      const struct rule *old) {
  return h->new_rule != NULL ? h->new_rule[old - h->old->rules] : NULL;
}

/* The new state that continues an old one. */
static struct rule_state *new_state_of(const struct rule_map *h,
                                       const struct rule_state *old,
                                       struct rule_state *fresh, size_t num) {
  const struct rule *new_rule = new_rule_of(h, old->rule);

  for (size_t i = 0; new_rule != NULL && i < num; i++)
    if (fresh[i].rule == new_rule)
      return &fresh[i];
  return NULL;
}

/* Moves continued states into the new ones and ends the rest. */
static void carry_over(struct engine *e, struct monitored_series *t,
                       const struct rule_map *h, struct rule_state *fresh,
                       size_t num, double now) {
  for (size_t i = 0; i < t->states_num; i++) {
    struct rule_state *old = &t->states[i];
    struct rule_state *to = new_state_of(h, old, fresh, num);
    if (to == NULL) {
      engine_end_state(e, t, old, ALERT_RULE_CHANGED, now);
      continue;
    }
    engine_count(t->group, old, false);
    rule_state_continue(to, old);
    rule_state_clear(old);
  }
  monitored_series_strip(e, t);
}

/* Adds series that a rule requires to exist. */
static void expect_series(struct engine *e, const struct rule *rule,
                          double now) {
  const char *ds = rule->ds != NULL ? rule->ds : "value";
  char *text = strdup(pattern_text(rule->metric));
  struct series s;
  int status = -1;

  if (text != NULL && series_parse(text, ds, &s) == 0) {
    struct series_key key = series_key(e->tracks, &s);
    if (series_table_find(e->tracks, &s, &key) == NULL)
      monitored_series_admit(e, &s, &key, now, &status);
  }
  free(text);
}

static void rebind(struct engine *e, struct monitored_series *t,
                   const struct rule_map *h, double now) {
  struct rule_state *fresh = NULL;
  size_t num = 0;
  int status = engine_match(e, &t->entry.series, now, &fresh, &num);

  if (status == 0 &&
      (num == 0 || t->states_num > 0 || e->watched < e->max_series)) {
    carry_over(e, t, h, fresh, num, now);
    status = monitored_series_attach(e, t, fresh, num);
  } else {
    status = -1;
  }
  if (status != 0) {
    states_free(fresh, num);
    e->refused++;
    monitored_series_forget(e, t, ALERT_RULE_CHANGED, now);
  } else if (num == 0 && !series_is_hub(&t->entry.series)) {
    hub_group_leave(e, t);
  }
}

void engine_set_rules(struct engine *e, struct ruleset *set, double now) {
  struct rule_map map = {.old = e->rules};
  struct ruleset *old = e->rules;
  struct monitored_series *next = NULL;

  map_rules(&map, set);
  e->rules = set;
  for (struct monitored_series *t = LIST_FIRST(&e->all); t != NULL; t = next) {
    next = LIST_NEXT(t, all);
    rebind(e, t, &map, now);
  }
  for (size_t i = 0; set != NULL && i < set->rules_num; i++)
    if (set->rules[i].function == RULE_ABSENT)
      expect_series(e, &set->rules[i], now);
  free(map.new_rule);
  ruleset_destroy(old);
}
