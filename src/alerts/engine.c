#include "alerts/engine.h"

#include "alerts/state.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define HUB_PLUGIN "mcp_hub"
#define SILENCE_MAX 3600.0 /* seconds until a series is forgotten */
#define SWEEP_EVERY 60.0

struct group { /* what is counted together: a hub, or all else of a host */
  struct series_entry entry; /* host, plugin and plugin_instance of the hub */
  size_t members;
  size_t firing[ALERT_LEVELS];
  size_t pending;
  double up[2]; /* sender's stamps of the last reads that succeeded, latest
                   first; NaN: none */
  LIST_HEAD(, track) tracks;
  LIST_HEAD(, track) listed;
  LIST_ENTRY(group) all;
  char text[];
};

struct track { /* a series that has been seen */
  struct series_entry entry;
  double seen;     /* `now` of the last sample */
  double known;    /* `now` of the last one with a value, or of the first */
  double interval; /* of the sender; 0: not known */
  struct state *states;
  size_t states_num;
  struct group *group; /* NULL: other plugin, no rule */
  struct sample_base base;
  bool is_up;      /* tells that the hub answers */
  bool is_listed;  /* a rule says so */
  bool only_grows; /* what falls was cut */
  bool is_timed;   /* a rule minds its silence */
  LIST_ENTRY(track) all;
  LIST_ENTRY(track) of_group;
  LIST_ENTRY(track) of_listed;
  LIST_ENTRY(track) of_timed;
  char text[];
};

struct engine {
  engine_emit_fn emit;
  void *arg;
  struct ruleset *rules; /* owned; NULL: none */
  struct series_table *tracks;
  struct series_table *groups;
  LIST_HEAD(, track) all;
  LIST_HEAD(, group) all_groups;
  LIST_HEAD(, track) timed;
  size_t max_series;
  size_t watched; /* tracks with rules */
  uint64_t refused;
  uint64_t changes;
  double swept;
};

/* --------------------------------------------------------------- counting */

static void count(struct group *g, const struct state *st, bool add) {
  size_t one = add ? 1 : (size_t)-1;

  g->firing[st->level] += one; /* [ALERT_OK] is everybody else */
  if (state_pending(st))
    g->pending += one;
}

static struct alert_event event_of(const struct track *t,
                                   const struct state *st,
                                   enum alert_level previous,
                                   enum alert_reason reason, double now) {
  enum alert_level level = reason == ALERT_VALUE ? st->level : ALERT_OK;

  return (struct alert_event){
      .rule = st->rule,
      .series = &t->entry.series,
      .level = level,
      .previous = previous,
      .reason = reason,
      .value = st->value,
      .threshold = state_threshold(st),
      .since = st->holds[level] ? st->turned[level] : st->since,
      .now = now,
  };
}

static void emit(const struct engine *e, const struct track *t,
                 const struct state *st, enum alert_level previous,
                 enum alert_reason reason, double now) {
  const struct alert_event event = event_of(t, st, previous, reason, now);

  e->emit(e->arg, &event);
}

/* A state that ends for another reason than its value. */
static void end_state(const struct engine *e, const struct track *t,
                      struct state *st, enum alert_reason reason, double now) {
  count(t->group, st, false);
  if (st->level != ALERT_OK)
    emit(e, t, st, st->level, reason, now);
  state_clear(st);
}

/* ----------------------------------------------------------------- groups */

static bool is_hub(const struct series *s) {
  return strcmp(s->plugin, HUB_PLUGIN) == 0;
}

static struct series group_of(const struct series *s) {
  return (struct series){s->host,
                         is_hub(s) ? s->plugin : "",
                         is_hub(s) ? s->plugin_instance : "",
                         "",
                         "",
                         ""};
}

static struct group *group_get(struct engine *e, const struct series *s) {
  const struct series id = group_of(s);
  struct series_key key = series_key(e->groups, &id);
  struct group *g = (struct group *)series_table_find(e->groups, &id, &key);

  if (g != NULL)
    return g;
  g = calloc(1, sizeof(*g) + key.size);
  if (g == NULL)
    return NULL;
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

static void group_drop_empty(struct engine *e, struct group *g) {
  if (g->members > 0)
    return;
  series_table_remove(e->groups, &g->entry);
  LIST_REMOVE(g, all);
  free(g);
}

static int group_join(struct engine *e, struct track *t) {
  struct group *g = group_get(e, &t->entry.series);

  if (g == NULL)
    return -1;
  t->group = g;
  g->members++;
  LIST_INSERT_HEAD(&g->tracks, t, of_group);
  return 0;
}

static void group_leave(struct engine *e, struct track *t) {
  struct group *g = t->group;

  if (g == NULL)
    return;
  LIST_REMOVE(t, of_group);
  t->group = NULL;
  g->members--;
  group_drop_empty(e, g);
}

static void set_listed(struct track *t, bool listed) {
  if (listed && !t->is_listed)
    LIST_INSERT_HEAD(&t->group->listed, t, of_listed);
  else if (!listed && t->is_listed)
    LIST_REMOVE(t, of_listed);
  t->is_listed = listed;
}

static void set_timed(struct engine *e, struct track *t, bool timed) {
  if (timed && !t->is_timed)
    LIST_INSERT_HEAD(&e->timed, t, of_timed);
  else if (!timed && t->is_timed)
    LIST_REMOVE(t, of_timed);
  t->is_timed = timed;
}

/* ----------------------------------------------------------------- tracks */

/* 1 or 0; -1: without memory. */
static int rule_wants(const struct rule *rule, const struct series *s,
                      const struct identity *id) {
  if (rule->ds != NULL && strcmp(rule->ds, s->ds) != 0)
    return 0;
  return pattern_match(rule->metric, id);
}

/* New states for all rules that want the series. */
static int match(const struct engine *e, const struct series *s, double now,
                 struct state **states, size_t *num) {
  const struct ruleset *set = e->rules;
  size_t wanted = 0;
  size_t made = 0;
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
    int wants = rule_wants(&set->rules[i], s, &id);
    wanted += wants > 0;
    status = wants < 0 ? -1 : 0;
  }
  if (status == 0 && wanted > 0 &&
      (*states = calloc(wanted, sizeof(**states))) == NULL)
    status = -1;
  for (size_t i = 0; status == 0 && made < wanted; i++) {
    int wants = rule_wants(&set->rules[i], s, &id);
    if (wants > 0)
      wants = state_init(&(*states)[made++], &set->rules[i], now);
    status = wants < 0 ? -1 : 0;
  }
  series_identity_clear(&id, buf);
  *num = made;
  return status;
}

static void states_free(struct state *states, size_t num) {
  for (size_t i = 0; i < num; i++)
    state_clear(&states[i]);
  free(states);
}

/* Gives the track its states; it has none and is not counted yet. */
static int attach(struct engine *e, struct track *t, struct state *states,
                  size_t num) {
  bool listed = false;
  bool timed = false;

  if (num > 0 && e->watched >= e->max_series)
    return -1;
  if (t->group == NULL && (num > 0 || is_hub(&t->entry.series)) &&
      group_join(e, t) != 0)
    return -1;
  t->states = states;
  t->states_num = num;
  for (size_t i = 0; i < num; i++) {
    count(t->group, &states[i], true);
    listed |= states[i].rule->listed && is_hub(&t->entry.series);
    timed |= state_minds_silence(&states[i]);
  }
  e->watched += num > 0;
  set_timed(e, t, timed);
  if (t->group != NULL)
    set_listed(t, listed);
  return 0;
}

/* The reverse, states ended by the caller or here. */
static void detach(struct engine *e, struct track *t, enum alert_reason reason,
                   double now) {
  for (size_t i = 0; i < t->states_num; i++)
    end_state(e, t, &t->states[i], reason, now);
  e->watched -= t->states_num > 0;
  free(t->states);
  t->states = NULL;
  t->states_num = 0;
  set_timed(e, t, false);
  if (t->group != NULL)
    set_listed(t, false);
}

static void track_forget(struct engine *e, struct track *t,
                         enum alert_reason reason, double now) {
  detach(e, t, reason, now);
  group_leave(e, t);
  LIST_REMOVE(t, all);
  series_table_remove(e->tracks, &t->entry);
  free(t);
}

static struct track *track_create(struct engine *e, const struct series *s,
                                  const struct series_key *key, double now) {
  struct track *t = calloc(1, sizeof(*t) + key->size);

  if (t == NULL)
    return NULL;
  series_entry_init(&t->entry, s, key, t->text);
  t->seen = t->known = now;
  t->is_up = is_hub(s) && strcmp(s->type, "bool") == 0 &&
             strcmp(s->type_instance, "up") == 0;
  t->only_grows = strcmp(s->type, "file_size") == 0;
  if (series_table_insert(e->tracks, &t->entry) != 0) {
    free(t);
    return NULL;
  }
  LIST_INSERT_HEAD(&e->all, t, all);
  return t;
}

/* A series that is seen for the first time. NULL with 0: nobody wants it, and
 * there is no room to remember that; with -1: refused. */
static struct track *track_admit(struct engine *e, const struct series *s,
                                 const struct series_key *key, double now,
                                 int *status) {
  size_t unwatched = series_table_count(e->tracks) - e->watched;
  struct state *states = NULL;
  struct track *t = NULL;
  size_t num = 0;

  *status = match(e, s, now, &states, &num);
  if (*status == 0 && num == 0 && unwatched >= e->max_series)
    return NULL;
  if (*status == 0 && (num == 0 || e->watched < e->max_series))
    t = track_create(e, s, key, now);
  if (t != NULL && attach(e, t, states, num) == 0)
    return t;
  if (t != NULL)
    track_forget(e, t, ALERT_VALUE, now);
  states_free(states, num);
  e->refused++;
  *status = -1;
  return NULL;
}

/* Whether a rule says that the series must exist. */
static bool is_expected(const struct track *t) {
  for (size_t i = 0; i < t->states_num; i++)
    if (t->states[i].rule->function == RULE_ABSENT)
      return true;
  return false;
}

/* ------------------------------------------------------ servers that go */

/* The server of t is gone: everything of the same name that has been silent as
 * long. */
static void forget_server(struct engine *e, struct track *gone, double limit,
                          double now) {
  const char *name = gone->entry.series.type_instance;
  struct track *next = NULL;

  for (struct track *t = LIST_FIRST(&gone->group->tracks); t != NULL;
       t = next) {
    next = LIST_NEXT(t, of_group);
    if (t != gone && t->base.time < limit && !is_expected(t) &&
        strcmp(t->entry.series.type_instance, name) == 0)
      track_forget(e, t, ALERT_UNLISTED, now);
  }
  track_forget(e, gone, ALERT_UNLISTED, now);
}

static struct track *first_gone(const struct group *g, double limit) {
  struct track *t = NULL;

  LIST_FOREACH(t, &g->listed, of_listed) {
    if (t->base.time < limit && !is_expected(t))
      return t;
  }
  return NULL;
}

/* The sender's clock stepped back: everybody is there until proven absent. */
static void restart_reads(struct group *g, double time) {
  struct track *t = NULL;

  g->up[0] = time;
  g->up[1] = NAN;
  LIST_FOREACH(t, &g->tracks, of_group) {
    if (t->base.time > time) {
      t->base.time = time;
      t->base.known = false;
    }
  }
}

/* The hub answered a read; all values of one read have the same stamp. */
static void hub_answered(struct engine *e, struct group *g, double time,
                         double now) {
  double limit = g->up[1];
  struct track *gone = NULL;

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

/* ------------------------------------------------------------ the engine */

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
  struct track *t = NULL;

  if (e == NULL)
    return;
  while ((t = LIST_FIRST(&e->all)) != NULL) {
    LIST_REMOVE(t, all);
    states_free(t->states, t->states_num);
    group_leave(e, t);
    free(t);
  }
  series_table_destroy(e->tracks);
  series_table_destroy(e->groups);
  ruleset_destroy(e->rules);
  free(e);
}

/* What follows of a state that had the level `previous`. */
static void follow(struct engine *e, struct track *t, const struct state *st,
                   bool was_pending, enum alert_level previous, double now) {
  if (state_pending(st) != was_pending)
    t->group->pending += was_pending ? (size_t)-1 : 1;
  e->changes += state_pending(st) != was_pending || st->level != previous;
  if (st->level == previous)
    return;
  t->group->firing[previous]--;
  t->group->firing[st->level]++;
  emit(e, t, st, previous, ALERT_VALUE, now);
}

static void update_states(struct engine *e, struct track *t,
                          const struct reading *r, double now) {
  for (size_t i = 0; i < t->states_num; i++) {
    struct state *st = &t->states[i];
    bool was_pending = state_pending(st);
    enum alert_level previous = state_update(st, r, t->interval, now);
    follow(e, t, st, was_pending, previous, now);
  }
}

/* Nothing, or nothing known, has come. */
static void note_silence(struct engine *e, struct track *t, double now) {
  double silent = now - t->known;

  if (silent < 0)
    t->known = now;
  for (size_t i = 0; i < t->states_num; i++) {
    struct state *st = &t->states[i];
    bool was_pending = state_pending(st);
    if (!state_minds_silence(st))
      continue;
    enum alert_level previous = state_silent(st, silent, t->interval, now);
    follow(e, t, st, was_pending, previous, now);
  }
}

static void take_sample(struct engine *e, struct track *t,
                        const struct sample *sample, double elapsed,
                        double now) {
  struct reading r = sample_read(&t->base, sample, t->only_grows);

  if (elapsed < 0)
    for (size_t i = 0; i < t->states_num; i++)
      state_rewind(&t->states[i], now);
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
  struct track *t = (struct track *)series_table_find(e->tracks, s, &key);
  double elapsed = 0;

  if (t == NULL) {
    int status = 0;
    t = track_admit(e, s, &key, now, &status);
    if (t == NULL)
      return status;
  }
  elapsed = now - t->seen;
  t->seen = now;
  if (t->states_num > 0 || t->is_up)
    take_sample(e, t, sample, elapsed, now);
  return 0;
}

static bool is_forgettable(const struct track *t, double now) {
  double patience = SILENCE_MAX;

  for (size_t i = 0; i < t->states_num; i++) {
    const struct state *st = &t->states[i];
    if (st->level != ALERT_OK || state_pending(st))
      return false;
    if (st->rule->window > patience)
      patience = st->rule->window;
  }
  return now - t->seen > patience && !is_expected(t);
}

void engine_tick(struct engine *e, double now) {
  struct track *t = NULL;
  struct track *next = NULL;

  LIST_FOREACH(t, &e->timed, of_timed) { note_silence(e, t, now); }
  if (now >= e->swept && now - e->swept < SWEEP_EVERY)
    return;
  e->swept = now;
  for (t = LIST_FIRST(&e->all); t != NULL; t = next) {
    next = LIST_NEXT(t, all);
    if (is_forgettable(t, now))
      track_forget(e, t, ALERT_VALUE, now);
  }
}

/* ------------------------------------------------------------- new rules */

struct heirs { /* of the old rules: under which new rule a state goes on */
  const struct ruleset *old;
  const struct rule **heir; /* by index in old; NULL: none */
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

/* Without memory nobody has an heir. */
static void heirs_find(struct heirs *h, const struct ruleset *set) {
  const struct rule **by_name = NULL;

  if (h->old == NULL || set == NULL || set->rules_num == 0 ||
      h->old->rules_num == 0)
    return;
  h->heir = calloc(h->old->rules_num, sizeof(*h->heir));
  by_name = calloc(set->rules_num, sizeof(*by_name));
  if (h->heir != NULL && by_name != NULL) {
    for (size_t i = 0; i < set->rules_num; i++)
      by_name[i] = &set->rules[i];
    qsort(by_name, set->rules_num, sizeof(*by_name), compare_names);
    for (size_t i = 0; i < h->old->rules_num; i++) {
      const struct rule *old = &h->old->rules[i];
      const struct rule **found = bsearch(&old, by_name, set->rules_num,
                                          sizeof(*by_name), compare_names);
      if (found != NULL && same_series(old, *found))
        h->heir[i] = *found;
    }
  }
  free(by_name);
}

static const struct rule *heir_of(const struct heirs *h,
                                  const struct rule *old) {
  return h->heir != NULL ? h->heir[old - h->old->rules] : NULL;
}

/* The state among the fresh ones under which an old one goes on. */
static struct state *successor(const struct heirs *h, const struct state *old,
                               struct state *fresh, size_t num) {
  const struct rule *heir = heir_of(h, old->rule);

  for (size_t i = 0; heir != NULL && i < num; i++)
    if (fresh[i].rule == heir)
      return &fresh[i];
  return NULL;
}

/* Moves what goes on into the fresh states, ends the rest. */
static void hand_over(struct engine *e, struct track *t, const struct heirs *h,
                      struct state *fresh, size_t num, double now) {
  for (size_t i = 0; i < t->states_num; i++) {
    struct state *old = &t->states[i];
    struct state *to = successor(h, old, fresh, num);
    if (to == NULL) {
      end_state(e, t, old, ALERT_RULE_CHANGED, now);
      continue;
    }
    count(t->group, old, false);
    state_continue(to, old);
    state_clear(old);
  }
  e->watched -= t->states_num > 0;
  free(t->states);
  t->states = NULL;
  t->states_num = 0;
  set_timed(e, t, false);
}

/* Series that must exist are there from the start. */
static void expect_series(struct engine *e, const struct rule *rule,
                          double now) {
  const char *ds = rule->ds != NULL ? rule->ds : "value";
  char *text = strdup(pattern_text(rule->metric));
  struct series s;
  int status = -1;

  if (text != NULL && series_parse(text, ds, &s) == 0) {
    struct series_key key = series_key(e->tracks, &s);
    if (series_table_find(e->tracks, &s, &key) == NULL)
      track_admit(e, &s, &key, now, &status);
  }
  free(text);
}

static void rebind(struct engine *e, struct track *t, const struct heirs *h,
                   double now) {
  struct state *fresh = NULL;
  size_t num = 0;
  int status = match(e, &t->entry.series, now, &fresh, &num);

  if (status == 0 &&
      (num == 0 || t->states_num > 0 || e->watched < e->max_series)) {
    hand_over(e, t, h, fresh, num, now);
    status = attach(e, t, fresh, num);
  } else {
    status = -1;
  }
  if (status != 0) {
    states_free(fresh, num);
    e->refused++;
    track_forget(e, t, ALERT_RULE_CHANGED, now);
  } else if (num == 0 && !is_hub(&t->entry.series)) {
    group_leave(e, t);
  }
}

void engine_set_rules(struct engine *e, struct ruleset *set, double now) {
  struct heirs heirs = {.old = e->rules};
  struct ruleset *old = e->rules;
  struct track *next = NULL;

  heirs_find(&heirs, set);
  e->rules = set;
  for (struct track *t = LIST_FIRST(&e->all); t != NULL; t = next) {
    next = LIST_NEXT(t, all);
    rebind(e, t, &heirs, now);
  }
  for (size_t i = 0; set != NULL && i < set->rules_num; i++)
    if (set->rules[i].function == RULE_ABSENT)
      expect_series(e, &set->rules[i], now);
  free(heirs.heir);
  ruleset_destroy(old);
}

/* ---------------------------------------------------------------- counts */

void engine_each_count(const struct engine *e,
                       void (*each)(void *arg, const struct engine_counts *c),
                       void *arg) {
  const struct group *g = NULL;

  LIST_FOREACH(g, &e->all_groups, all) {
    struct engine_counts c = {.host = g->entry.series.host,
                              .instance = g->entry.series.plugin_instance,
                              .pending = g->pending};
    for (int k = ALERT_INFO; k < ALERT_LEVELS; k++)
      c.firing[k] = g->firing[k];
    each(arg, &c);
  }
}

static void each_alert_of(const struct track *t,
                          void (*each)(void *arg,
                                       const struct alert_event *alert,
                                       bool clearing),
                          void *arg) {
  for (size_t i = 0; i < t->states_num; i++) {
    const struct state *st = &t->states[i];
    struct alert_event alert = event_of(t, st, st->level, ALERT_VALUE, t->seen);
    if (st->level == ALERT_OK && !state_pending(st))
      continue;
    if (st->level == ALERT_OK) /* pending */
      alert.since = st->turned[ALERT_INFO];
    each(arg, &alert, !st->holds[st->level]);
  }
}

void engine_each_alert(const struct engine *e,
                       void (*each)(void *arg, const struct alert_event *alert,
                                    bool clearing),
                       void *arg) {
  const struct group *g = NULL;
  const struct track *t = NULL;

  LIST_FOREACH(g, &e->all_groups, all) {
    if (g->pending + g->firing[ALERT_INFO] + g->firing[ALERT_WARNING] +
            g->firing[ALERT_CRITICAL] >
        0)
      LIST_FOREACH(t, &g->tracks, of_group) { each_alert_of(t, each, arg); }
  }
}

size_t engine_series_count(const struct engine *e) { return e->watched; }

uint64_t engine_series_refused(const struct engine *e) { return e->refused; }

uint64_t engine_changes(const struct engine *e) { return e->changes; }

/* --------------------------------------------------------- over a restart */

static size_t worth_saving(const struct track *t) {
  size_t num = 0;

  for (size_t i = 0; i < t->states_num; i++)
    num += state_worth_saving(&t->states[i]);
  return num;
}

/* All that goes on where it stands: not what is ok and judged by its next value
 * alone. A server's state stays, to miss it when the server goes. */
static bool is_kept(const struct track *t) {
  bool counts = t->base.kind == SAMPLE_DERIVE || t->base.kind == SAMPLE_COUNTER;

  return worth_saving(t) > 0 || t->is_listed ||
         (t->states_num > 0 && t->base.begun && counts);
}

static void save_series(const struct series *s, struct bytes *out) {
  bytes_put_text(out, s->host);
  bytes_put_text(out, s->plugin);
  bytes_put_text(out, s->plugin_instance);
  bytes_put_text(out, s->type);
  bytes_put_text(out, s->type_instance);
  bytes_put_text(out, s->ds);
}

static void save_base(const struct sample_base *base, struct bytes *out) {
  bytes_put_u64(out, base->last.counter);
  bytes_put_double(out, base->time);
  bytes_put_u64(out, base->kind);
  bytes_put_u64(out, base->late);
  bytes_put_u64(out, base->known);
  bytes_put_u64(out, base->begun);
}

static void save_track(const struct track *t, struct bytes *out) {
  save_series(&t->entry.series, out);
  bytes_put_double(out, t->seen);
  bytes_put_double(out, t->known);
  bytes_put_double(out, t->interval);
  save_base(&t->base, out);
  bytes_put_u64(out, worth_saving(t));
  for (size_t i = 0; i < t->states_num; i++) {
    if (!state_worth_saving(&t->states[i]))
      continue;
    bytes_put_text(out, t->states[i].rule->name);
    state_save(&t->states[i], out);
  }
}

static void save_groups(const struct engine *e, struct bytes *out) {
  const struct group *g = NULL;
  uint64_t num = 0;

  LIST_FOREACH(g, &e->all_groups, all) { num++; }
  bytes_put_u64(out, num);
  LIST_FOREACH(g, &e->all_groups, all) {
    save_series(&g->entry.series, out);
    bytes_put_double(out, g->up[0]);
    bytes_put_double(out, g->up[1]);
  }
}

void engine_save(const struct engine *e, struct bytes *out) {
  const struct track *t = NULL;
  uint64_t num = 0;

  LIST_FOREACH(t, &e->all, all) { num += is_kept(t); }
  bytes_put_u64(out, num);
  LIST_FOREACH(t, &e->all, all) {
    if (is_kept(t))
      save_track(t, out);
  }
  save_groups(e, out);
}

/* The alert of a series that its rule no longer looks at. */
static void end_loaded(const struct engine *e, const struct series *s,
                       const char *name, const struct state *st, double now) {
  const struct rule *rule =
      e->rules != NULL ? ruleset_find(e->rules, name) : NULL;
  const struct alert_event event = {.rule = rule,
                                    .series = s,
                                    .level = ALERT_OK,
                                    .previous = st->level,
                                    .reason = ALERT_RULE_CHANGED,
                                    .value = st->value,
                                    .threshold = NAN,
                                    .since = st->since,
                                    .now = now};

  if (rule != NULL && st->level != ALERT_OK)
    e->emit(e->arg, &event);
}

static void load_state(struct engine *e, struct track *t,
                       const struct series *s, struct bytes_reader *in,
                       double away, double now) {
  const char *name = bytes_get_text(in);
  static const struct rule none = {0};
  struct state gone = {.rule = &none};

  for (size_t i = 0; t != NULL && i < t->states_num; i++) {
    struct state *st = &t->states[i];
    if (strcmp(st->rule->name, name) != 0)
      continue;
    count(t->group, st, false);
    state_load(st, in, away, now);
    count(t->group, st, true);
    return;
  }
  state_load(&gone, in, away, now);
  if (!in->failed)
    end_loaded(e, s, name, &gone, now);
}

static struct series load_series(struct bytes_reader *in) {
  struct series s = {.host = bytes_get_text(in)};

  s.plugin = bytes_get_text(in);
  s.plugin_instance = bytes_get_text(in);
  s.type = bytes_get_text(in);
  s.type_instance = bytes_get_text(in);
  s.ds = bytes_get_text(in);
  return s;
}

static struct sample_base load_base(struct bytes_reader *in) {
  struct sample_base base = {.last.counter = bytes_get_u64(in)};

  base.time = bytes_get_double(in);
  base.kind = (uint8_t)bytes_get_u64(in);
  base.late = (uint8_t)bytes_get_u64(in);
  base.known = bytes_get_u64(in) != 0;
  base.begun = bytes_get_u64(in) != 0;
  if (!isfinite(base.time) || base.kind > SAMPLE_ABSOLUTE)
    base = (struct sample_base){0};
  return base;
}

static struct track *track_get(struct engine *e, const struct series *s,
                               double now) {
  struct series_key key = series_key(e->tracks, s);
  struct track *t = (struct track *)series_table_find(e->tracks, s, &key);
  int status = 0;

  return t != NULL ? t : track_admit(e, s, &key, now, &status);
}

static void load_track(struct engine *e, struct bytes_reader *in, double away,
                       double now) {
  const struct series s = load_series(in);
  double seen = bytes_get_time(in);
  double known = bytes_get_time(in);
  double interval = bytes_get_double(in);
  const struct sample_base base = load_base(in);
  uint64_t num = bytes_get_u64(in);
  struct track *t = in->failed ? NULL : track_get(e, &s, now);

  if (t != NULL) {
    t->seen = fmin(seen + away, now);
    t->known = fmin(known + away, now);
    t->interval = interval >= 0 && isfinite(interval) ? interval : 0;
    t->base = base;
  }
  for (uint64_t i = 0; i < num && !in->failed; i++)
    load_state(e, t, &s, in, away, now);
}

/* Of groups that have a series again. */
static void load_group(const struct engine *e, struct bytes_reader *in) {
  const struct series s = load_series(in);
  double latest = bytes_get_double(in);
  double before = bytes_get_double(in);
  const struct series id = group_of(&s);
  struct series_key key = series_key(e->groups, &id);
  struct group *g = (struct group *)series_table_find(e->groups, &id, &key);

  if (in->failed || g == NULL || isinf(latest) || isinf(before))
    return;
  g->up[0] = latest;
  g->up[1] = before;
}

/* Series that must exist have been there since before the time was known. */
static void begin_at(struct engine *e, double now) {
  struct track *t = NULL;

  LIST_FOREACH(t, &e->all, all) {
    t->seen = t->known = now;
    for (size_t i = 0; i < t->states_num; i++)
      state_rewind(&t->states[i], now);
  }
}

int engine_load(struct engine *e, struct bytes_reader *in, double away,
                double now) {
  uint64_t num = bytes_get_u64(in);

  begin_at(e, now);
  for (uint64_t i = 0; i < num && !in->failed; i++)
    load_track(e, in, away, now);
  num = bytes_get_u64(in);
  for (uint64_t i = 0; i < num && !in->failed; i++)
    load_group(e, in);
  return in->failed ? -1 : 0;
}
