/* SPDX-License-Identifier: MIT */
/* The engine against a model that keeps everything and looks back: at each
 * sample and tick, for how long has a level held until here; what do the
 * readings of the window amount to; since when has nothing come? */
#include "alerts/engine.h"

#include "random.h"
#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEQUENCES 50000 /* MODEL_SEQUENCES in the environment overrides */
#define LENGTH 60
#define SERIES 3
#define RULES 3
#define SIXTIETHS 60  /* of a window: its resolution */
#define HOLD 3        /* intervals that a reading stands for */
#define PATIENCE 3    /* intervals until there is no data */
#define FORGET 3600.0 /* seconds of silence */
#define SWEEP 60.0    /* no two within */

static const struct series all_series[SERIES] = {
    {"h", "p", "", "t", "0", "value"},
    {"h", "p", "", "t", "0", "other"},
    {"h", "p", "", "t", "1", "value"},
};

/* ----------------------------------------------------- model of a series */

struct past_sample {
  struct sample sample;
  double now;
  bool taken; /* not forgotten as late */
  bool anew;  /* nothing before it counts */
  struct reading reading;
};

struct past { /* of a series since it was first seen */
  struct past_sample samples[LENGTH];
  int num;
  bool exists;
  double began; /* now */
  double known; /* when the last value came */
};

static bool is_figure(const struct sample *s) {
  return s->kind != SAMPLE_GAUGE || isfinite(s->value.gauge);
}

/* The latest before i with a figure that may be compared with, or NULL. */
static const struct past_sample *before(const struct past *p, int i,
                                        bool figure) {
  if (p->samples[i].anew)
    return NULL;
  for (int j = i - 1; j >= 0; j--) {
    const struct past_sample *s = &p->samples[j];
    if (s->taken && (!figure || is_figure(&s->sample)))
      return s;
    if (s->anew)
      return NULL;
  }
  return NULL;
}

static void find_place(struct past *p, int i) {
  struct past_sample *s = &p->samples[i];
  int late = 0;

  for (int j = i - 1; j >= 0 && !p->samples[j].taken; j--)
    late++;
  s->taken = true;
  if (i == late)
    return;
  const struct past_sample *last = &p->samples[i - late - 1];
  if (s->sample.time > last->sample.time)
    return;
  s->taken = late + 1 >= LATE_MAX;
  s->anew = s->taken;
}

static double step_of(const struct sample *from, const struct sample *to) {
  const double range = 4294967296.0;
  double step = 0;

  if (to->kind == SAMPLE_GAUGE)
    return to->value.gauge - from->value.gauge;
  if (to->kind == SAMPLE_DERIVE)
    return (double)(to->value.derive - from->value.derive);
  step = (double)to->value.counter - (double)from->value.counter;
  if (step < 0 && step + range <= range / 2)
    return step + range; /* wrapped */
  return step;
}

static struct reading read_at(const struct past *p, int i) {
  const struct past_sample *at = &p->samples[i];
  const struct past_sample *base = before(p, i, true);
  const struct past_sample *last = before(p, i, false);
  const struct sample *s = &at->sample;
  struct reading r = {NAN, NAN};

  if (s->kind == SAMPLE_GAUGE)
    r.value = s->value.gauge;
  if (s->kind == SAMPLE_ABSOLUTE)
    r.value = (double)s->value.counter / s->interval;
  if (!at->taken)
    return r;
  if (s->kind == SAMPLE_ABSOLUTE)
    r.increment = (double)s->value.counter;
  else if (base != NULL)
    r.increment = step_of(&base->sample, s);
  if (s->kind == SAMPLE_GAUGE || s->kind == SAMPLE_ABSOLUTE || base == NULL)
    return r;
  if (r.increment < 0) /* begins again from 0 */
    r.increment = s->kind == SAMPLE_DERIVE ? (double)s->value.derive
                                           : (double)s->value.counter;
  else
    r.value = r.increment / (s->time - last->sample.time);
  return r;
}

static const struct reading *past_add(struct past *p,
                                      const struct sample *sample, double now) {
  int i = p->num;

  if (!p->exists) {
    *p = (struct past){.exists = true, .began = now, .known = now};
    i = 0;
  }
  p->samples[i] = (struct past_sample){.sample = *sample, .now = now};
  p->num = i + 1;
  find_place(p, i);
  p->samples[i].reading = read_at(p, i);
  if (!isnan(p->samples[i].reading.value) || p->known > now)
    p->known = now;
  return &p->samples[i].reading;
}

static bool stepped_back(const struct past *p, int i) {
  return p->samples[i].now < (i > 0 ? p->samples[i - 1].now : p->began);
}

/* ----------------------------------------------------- model of a window */

struct span { /* what a reading stands for */
  double figure;
  double time;
  double gap;
  double at;     /* its sixtieth, as of now */
  double middle; /* that of the middle of its time */
};

struct view { /* of a window, from its last sample */
  struct span spans[LENGTH];
  int num;
  double seen;
  double here; /* sixtieth of now */
};

static double sixtieth(const struct rule *rule, double now) {
  return floor(now * SIXTIETHS / rule->window);
}

static double figure_of(const struct rule *rule, const struct reading *r) {
  return rule->function == RULE_RATE || rule->function == RULE_DELTA
             ? r->increment
             : r->value;
}

/* For how long it stands, and how much has been seen then. */
static void see(struct view *v, const struct rule *rule, double figure,
                double interval, double last, double now) {
  bool steps = rule->function == RULE_RATE || rule->function == RULE_DELTA;
  double gap = fmax(now - last, 0);
  double hold = steps ? rule->window : HOLD * interval;

  if (!(v->seen > 0) && !(gap > 0))
    gap = interval;
  double time = fmin(gap, fmin(hold, rule->window));
  v->seen = fmax(time, fmin(v->seen + time, rule->window - (gap - time)));
  v->spans[v->num++] = (struct span){figure, time, gap, sixtieth(rule, now),
                                     sixtieth(rule, now - time / 2)};
}

static void look_back(const struct past *p, const struct rule *rule,
                      struct view *v) {
  double last = p->began;

  *v = (struct view){.here = sixtieth(rule, p->began)};
  for (int i = 0; i < p->num; i++) {
    const struct past_sample *s = &p->samples[i];
    double figure = figure_of(rule, &s->reading);
    double here = sixtieth(rule, s->now);
    if (stepped_back(p, i)) { /* what is there stays as old as it was */
      for (int j = 0; j < v->num; j++) {
        v->spans[j].at -= v->here - here;
        v->spans[j].middle -= v->here - here;
      }
      last = s->now;
    }
    v->here = here;
    if (!isfinite(s->reading.value) && !isfinite(s->reading.increment))
      continue;
    if (isfinite(figure))
      see(v, rule, figure, s->sample.interval, last, s->now);
    last = s->now;
  }
  v->seen = fmin(v->seen, rule->window - (p->samples[p->num - 1].now - last));
}

static bool enough_seen(const struct view *v, const struct rule *rule) {
  int side = rule_op_side(rule->op);
  double needed = 0.99;

  if (rule->function == RULE_AVG || rule->function == RULE_RATE)
    needed = 0.5;
  else if (side == (rule->function == RULE_MIN ? -1 : 1))
    needed = 0;
  return v->seen > 0 && v->seen >= needed * rule->window;
}

static double mean_of(const struct view *v, bool rate) {
  double sum = 0;
  double time = 0;

  for (int i = 0; i < v->num; i++) {
    const struct span *s = &v->spans[i];
    if (v->here - s->middle > SIXTIETHS)
      continue;
    sum += s->time * (!rate ? s->figure : s->gap > 0 ? s->figure / s->gap : 0);
    time += s->time;
  }
  return time > 0 ? sum / time : NAN;
}

static double sum_of(const struct view *v, const struct rule *rule) {
  double sum = 0;

  for (int i = 0; i < v->num; i++) {
    const struct span *s = &v->spans[i];
    bool counts = rule->function == RULE_COUNT_OVER;
    if (v->here - (counts ? s->middle : s->at) > SIXTIETHS)
      continue;
    if (counts)
      sum += s->figure > rule->limit;
    else if (rule->function == RULE_FLAPS)
      sum += i > 0 && (s->figure < v->spans[i - 1].figure ||
                       s->figure > v->spans[i - 1].figure);
    else
      sum += s->gap > s->time ? s->figure * (s->time / s->gap) : s->figure;
  }
  return sum;
}

static double extreme_of(const struct view *v, bool most) {
  double extreme = NAN;

  for (int i = 0; i < v->num; i++)
    if (v->here - v->spans[i].at <= SIXTIETHS)
      extreme = most ? fmax(extreme, v->spans[i].figure)
                     : fmin(extreme, v->spans[i].figure);
  return extreme;
}

static double figure_now(const struct past *p, const struct rule *rule) {
  struct view v;

  if (rule->function == RULE_VALUE)
    return p->samples[p->num - 1].reading.value;
  if (rule->function == RULE_ABSENT)
    return isnan(p->samples[p->num - 1].reading.value) ? NAN : 0;
  look_back(p, rule, &v);
  if (!enough_seen(&v, rule))
    return NAN;
  if (rule->function == RULE_AVG || rule->function == RULE_RATE)
    return mean_of(&v, rule->function == RULE_RATE);
  if (rule->function == RULE_MIN || rule->function == RULE_MAX)
    return extreme_of(&v, rule->function == RULE_MAX);
  return sum_of(&v, rule);
}

/* ----------------------------------------------------- model of an alert */

struct moment {
  double now;
  double value; /* the last one known */
  int instant;  /* level of the value alone; -1: nothing said */
  int alert;    /* level of the alert after it */
  double since; /* of the alert */
  bool restart; /* of durations: time stepped back */
};

struct model {
  const struct rule *rule;
  struct past *past;
  struct moment moments[LENGTH];
  int num;
};

static const struct moment *latest(const struct model *m) {
  static const struct moment none = {.value = NAN, .instant = -1};

  return m->num > 0 ? &m->moments[m->num - 1] : &none;
}

static bool level_holds(const struct moment *m, int level) {
  return m->instant >= level;
}

/* Whether it held when anything was last said, and where: -1: nothing was. */
static int last_said(const struct model *m, int i) {
  while (i >= 0 && m->moments[i].instant < 0)
    i--;
  return i;
}

/* Start of the time during which the level has been as it is at i. */
static double run_start(const struct model *m, int i, int level) {
  bool holds = level_holds(&m->moments[last_said(m, i)], level);
  double start = m->moments[i].now;

  for (int j = i; j >= 0; j--) {
    const struct moment *at = &m->moments[j];
    if (at->instant >= 0 && level_holds(at, level) != holds)
      break;
    if (at->instant >= 0)
      start = at->now;
    if (at->restart) {
      int said = last_said(m, j - 1);
      return said >= 0 && level_holds(&m->moments[said], level) == holds
                 ? at->now
                 : start;
    }
  }
  return start;
}

static bool breaks(enum rule_op op, double value, double threshold) {
  switch (op) {
  case RULE_GT:
    return value > threshold;
  case RULE_GE:
    return value >= threshold;
  case RULE_LT:
    return value < threshold;
  case RULE_LE:
    return value <= threshold;
  case RULE_EQ:
    return value <= threshold && value >= threshold;
  case RULE_NE:
    return value < threshold || value > threshold;
  }
  return false;
}

static int instant(const struct rule *r, double value, int alert) {
  int worst = 0;
  int mildest = 0;

  if (isnan(value))
    return -1;
  for (int k = 1; k <= 3; k++)
    if (!isnan(r->threshold[k])) {
      if (mildest == 0)
        mildest = k;
      if (breaks(r->op, value, r->threshold[k]))
        worst = k;
    }
  if (worst == 0 && alert > 0 && !isnan(r->clear)) {
    bool above = r->op == RULE_GT || r->op == RULE_GE;
    if (above ? value > r->clear : value < r->clear)
      return mildest;
  }
  return worst;
}

/* A moment that says `level` (-1: nothing), to be believed after so long. */
static void moment_add(struct model *m, double now, double value, int level,
                       double hold_for, double clear_for, bool restart) {
  struct moment last = *latest(m);
  int i = m->num++;
  struct moment *at = &m->moments[i];

  *at = (struct moment){.now = now,
                        .value = isnan(value) ? last.value : value,
                        .instant = level,
                        .alert = last.alert,
                        .since = last.since,
                        .restart = restart};
  if (restart && at->since > now)
    at->since = now;
  if (level < 0)
    return;
  at->alert = 0;
  for (int k = 1; k <= 3; k++) { /* each level on its own */
    bool on = last.alert >= k;
    double time = now - run_start(m, i, k);
    if (level_holds(at, k) && time >= hold_for)
      on = true;
    if (!level_holds(at, k) && time >= clear_for)
      on = false;
    if (on)
      at->alert = k;
  }
  if (last.alert == 0 && at->alert > 0)
    at->since = run_start(m, i, 1);
}

static void model_sample(struct model *m) {
  const struct past *p = m->past;
  double figure = figure_now(p, m->rule);

  moment_add(m, p->samples[p->num - 1].now, figure,
             instant(m->rule, figure, latest(m)->alert), m->rule->hold_for,
             m->rule->clear_for, stepped_back(p, p->num - 1));
}

static void model_tick(struct model *m, bool restart, double now) {
  const struct rule *rule = m->rule;
  const struct past *p = m->past;
  double silent = now - p->known;
  double interval = p->num > 0 ? p->samples[p->num - 1].sample.interval : 0;
  double patience =
      rule->no_data_for > 0 ? rule->no_data_for : PATIENCE * interval;

  if (rule->function == RULE_ABSENT) {
    bool shrank = restart || silent < latest(m)->value; /* time stepped back */
    moment_add(m, now, shrank ? NAN : silent,
               shrank ? -1 : instant(rule, silent, latest(m)->alert),
               rule->hold_for, rule->clear_for, restart);
  } else if (rule->no_data != NO_DATA_HOLD) {
    int said = rule->no_data == NO_DATA_OK ? 0 : (int)rule->no_data_level;
    bool no_data = patience > 0 && silent >= patience;
    moment_add(m, now, NAN, no_data ? said : -1, 0, 0, restart);
  }
}

static bool model_pending(const struct model *m) {
  int said = last_said(m, m->num - 1);

  return latest(m)->alert == 0 && said >= 0 && m->moments[said].instant > 0;
}

/* Since when: of the level where it holds, else of the alert. */
static double notified_since(const struct model *m) {
  const struct moment *at = latest(m);
  int said = last_said(m, m->num - 1);

  return at->alert > 0 && level_holds(&m->moments[said], at->alert)
             ? run_start(m, m->num - 1, at->alert)
             : at->since;
}

/* ------------------------------------------------------------- the world */

struct world {
  struct engine *engine;
  struct ruleset *set;
  struct past pasts[SERIES];
  struct model models[RULES][SERIES];
  double swept;
};

static bool wants(const struct rule *rule, int series) {
  const char *text = pattern_text(rule->metric);
  char instance = text[strlen(text) - 1];
  const struct series *s = &all_series[series];

  return (rule->ds == NULL || strcmp(rule->ds, s->ds) == 0) &&
         (instance == '*' || instance == s->type_instance[0]);
}

static bool is_expected(const struct world *w, int series) {
  for (size_t i = 0; i < w->set->rules_num; i++)
    if (w->set->rules[i].function == RULE_ABSENT &&
        wants(&w->set->rules[i], series))
      return true;
  return false;
}

static void series_begin(struct world *w, int series, double now) {
  struct past *p = &w->pasts[series];

  *p = (struct past){.exists = true, .began = now, .known = now};
  for (size_t i = 0; i < w->set->rules_num; i++)
    w->models[i][series] = (struct model){.rule = &w->set->rules[i], .past = p};
}

static void world_sample(struct world *w, int series, const struct sample *s,
                         double now) {
  if (!w->pasts[series].exists)
    series_begin(w, series, now);
  past_add(&w->pasts[series], s, now);
  for (size_t i = 0; i < w->set->rules_num; i++)
    if (wants(&w->set->rules[i], series))
      model_sample(&w->models[i][series]);
}

static void forget_silent(struct world *w, double now) {
  if (now >= w->swept && now - w->swept < SWEEP)
    return;
  w->swept = now;
  for (int s = 0; s < SERIES; s++) {
    struct past *p = &w->pasts[s];
    bool quiet = p->exists && !is_expected(w, s);
    double patience = FORGET;
    for (size_t i = 0; quiet && i < w->set->rules_num; i++) {
      const struct model *m = &w->models[i][s];
      if (!wants(m->rule, s))
        continue;
      patience = fmax(patience, m->rule->window);
      quiet = latest(m)->alert == 0 && !model_pending(m);
    }
    if (quiet && now - p->samples[p->num - 1].now > patience)
      p->exists = false;
  }
}

static void world_tick(struct world *w, double now) {
  for (int s = 0; s < SERIES; s++) {
    struct past *p = &w->pasts[s];
    bool restart = p->exists && p->known > now;
    if (restart)
      p->known = now;
    for (size_t i = 0; p->exists && i < w->set->rules_num; i++)
      if (wants(&w->set->rules[i], s))
        model_tick(&w->models[i][s], restart, now);
  }
  forget_silent(w, now);
}

/* ------------------------------------------------------------ comparison */

#define SEEN_MAX (RULES * SERIES)

static struct {
  struct alert event;
  int rule;
  int series;
  bool clearing;
  bool known;
} seen[SEEN_MAX + 1];
static int seen_num;
static long changes[ALERT_LEVELS][ALERT_LEVELS];
static long fired[RULE_FUNCTIONS];

static int series_number(const struct series *s) {
  for (int i = 0; i < SERIES; i++)
    if (strcmp(s->type_instance, all_series[i].type_instance) == 0 &&
        strcmp(s->ds, all_series[i].ds) == 0)
      return i;
  return -1;
}

static void note_alert(void *arg, const struct alert *event) {
  (void)arg;
  assert_true(seen_num < SEEN_MAX);
  seen[seen_num].event = *event;
  seen[seen_num].rule = event->rule_name[0] - '0';
  seen[seen_num].series = series_number(&event->series);
  seen[seen_num].clearing = event->status == STATUS_CLEARING;
  seen_num++;
}

static int find_seen(int rule, int series) {
  for (int i = 0; i < seen_num; i++)
    if (seen[i].rule == rule && seen[i].series == series)
      return i;
  return -1;
}

static bool same(double a, double b) {
  return (isnan(a) && isnan(b)) || fabs(a - b) <= 1e-9 * fmax(1, fabs(b));
}

static void explain(const struct model *m) {
  const struct rule *r = m->rule;

  print_error("%s over %g, limit %g, op %s, critical %g, warning %g, info %g, "
              "clear %g, for %g, clear_for %g, no_data %d %d for %g\n",
              rule_function_name(r->function), r->window, r->limit,
              rule_op_symbol(r->op), r->threshold[3], r->threshold[2],
              r->threshold[1], r->clear, r->hold_for, r->clear_for,
              (int)r->no_data, (int)r->no_data_level, r->no_data_for);
  for (int i = 0; i < m->past->num; i++) {
    const struct past_sample *s = &m->past->samples[i];
    print_error("sample at %g, stamp %g: value %g, increment %g\n", s->now,
                s->sample.time, s->reading.value, s->reading.increment);
  }
  for (int i = 0; i < m->num; i++)
    print_error("%g: %g -> level %d, alert %d since %g%s\n", m->moments[i].now,
                m->moments[i].value, m->moments[i].instant, m->moments[i].alert,
                m->moments[i].since, m->moments[i].restart ? ", restart" : "");
}

static bool agrees(const struct model *m, int before_it, int found,
                   double now) {
  const struct moment *at = latest(m);

  if (at->alert == before_it || found < 0)
    return at->alert == before_it && found < 0;
  const struct alert *e = &seen[found].event;
  changes[before_it][at->alert]++;
  fired[m->rule->function]++;
  return (int)e->level == at->alert && (int)e->previous == before_it &&
         e->reason == ALERT_VALUE && same(e->since, notified_since(m)) &&
         same(e->time, now) && same(e->value, at->value);
}

static void compare(struct world *w, int levels[RULES][SERIES], double now) {
  int expected = 0;

  for (int k = 0; k < (int)w->set->rules_num * SERIES; k++) {
    const struct model *m = &w->models[k / SERIES][k % SERIES];
    int found = find_seen(k / SERIES, k % SERIES);
    if (m->rule == NULL)
      continue;
    expected += found >= 0;
    if (!agrees(m, levels[k / SERIES][k % SERIES], found, now)) {
      explain(m);
      if (found >= 0)
        print_error("event %d>%d since %g value %.17g\n",
                    (int)seen[found].event.previous,
                    (int)seen[found].event.level, seen[found].event.since,
                    seen[found].event.value);
      fail_msg("seed %llu, series %d", (unsigned long long)seed, k % SERIES);
    }
    levels[k / SERIES][k % SERIES] = latest(m)->alert;
  }
  assert_int_equal(seen_num, expected);
  seen_num = 0;
}

static void add_counts(void *arg, const struct engine_counts *c) {
  size_t *sums = arg;

  sums[0] += c->pending;
  for (int k = ALERT_INFO; k < ALERT_LEVELS; k++)
    sums[k] += c->firing[k];
}

/* What is told when asked, not when it happens. */
static void compare_alerts(const struct world *w) {
  size_t counts[ALERT_LEVELS] = {0};
  size_t expected[ALERT_LEVELS] = {0};

  engine_each_count(w->engine, add_counts, counts);
  engine_each_alert(w->engine, note_alert, NULL);
  for (int k = 0; k < (int)w->set->rules_num * SERIES; k++) {
    const struct model *m = &w->models[k / SERIES][k % SERIES];
    int found = find_seen(k / SERIES, k % SERIES);
    bool pending = m->rule != NULL && m->past->exists && model_pending(m);
    int alert = m->rule != NULL && m->past->exists ? latest(m)->alert : 0;
    expected[alert > 0 ? alert : 0] += alert > 0 || pending;
    assert_int_equal(found >= 0, alert > 0 || pending);
    if (found < 0)
      continue;
    const struct alert *e = &seen[found].event;
    bool holds =
        level_holds(&m->moments[last_said(m, m->num - 1)], pending ? 1 : alert);
    double since = pending ? run_start(m, m->num - 1, 1) : notified_since(m);
    if ((int)e->level != alert || !same(e->since, since) ||
        (!pending && seen[found].clearing == holds)) {
      explain(m);
      fail_msg("alert %d since %g", (int)e->level, e->since);
    }
  }
  assert_memory_equal(counts, expected, sizeof(counts));
  seen_num = 0;
}

/* ------------------------------------------------------------------ cases */

/* Thresholds that no sum of fractions hits, where there are fractions. */
static double scale_of(const struct rule *r, double threshold) {
  switch (r->function) {
  case RULE_AVG:
  case RULE_DELTA:
    return threshold + 0.137;
  case RULE_RATE:
    return 0.2 * (threshold - 3) + 0.0137;
  case RULE_COUNT_OVER:
  case RULE_FLAPS:
    return threshold - 2;
  case RULE_ABSENT:
    return 15 * (threshold - 1);
  default:
    return threshold;
  }
}

static void random_levels(struct rule *r) {
  int side = rule_op_side(r->op);
  double threshold = 3 + chance(3);

  for (int k = 0; k < ALERT_LEVELS; k++)
    r->threshold[k] = NAN;
  r->clear = NAN;
  while (rule_mildest(r) == ALERT_OK)
    for (int k = ALERT_INFO; k < ALERT_LEVELS; k++) {
      r->threshold[k] = chance(3) > 0 ? scale_of(r, threshold) : NAN;
      threshold += (side == 0 ? 1 : side) * (int)chance(3);
    }
  if (side != 0 && r->function != RULE_ABSENT && chance(2) > 0)
    r->clear = r->threshold[rule_mildest(r)] - side * (int)chance(3);
}

static void random_function(struct rule *r) {
  static const enum rule_function functions[] = {
      RULE_VALUE, RULE_VALUE, RULE_VALUE, RULE_AVG,        RULE_MIN,   RULE_MAX,
      RULE_RATE,  RULE_DELTA, RULE_FLAPS, RULE_COUNT_OVER, RULE_ABSENT};
  static const double windows[] = {20, 60, 90, 600};
  bool fractions = false;

  r->function = functions[chance(11)];
  if (r->function > RULE_VALUE && r->function < RULE_ABSENT)
    r->window = windows[chance(4)];
  r->limit = r->function == RULE_COUNT_OVER ? 2 + chance(4) : 0;
  fractions = r->function == RULE_AVG || r->function == RULE_RATE ||
              r->function == RULE_DELTA;
  r->op = (enum rule_op)chance(r->function == RULE_ABSENT ? 2
                               : fractions                ? 4
                                                          : 6);
}

static void random_rule(struct rule *r, int number) {
  static const double durations[] = {0, 0, 10, 20, 35};
  static const char *const metrics[] = {"*/*/*", "h/p/t-0", "*/*/t-1"};
  char name[] = {(char)('0' + number), '\0'};

  r->name = strdup(name);
  random_function(r);
  random_levels(r);
  r->metric = pattern_create(
      metrics[r->function == RULE_ABSENT ? 1 : chance(3)], NULL, 0);
  if (chance(6) == 0)
    r->ds = strdup(chance(2) > 0 ? "value" : "other");
  r->hold_for = durations[chance(5)];
  r->clear_for = durations[chance(5)];
  if (r->function == RULE_ABSENT)
    return;
  r->no_data = (enum rule_no_data)(chance(2) * (1 + chance(2)));
  if (r->no_data == NO_DATA_LEVEL)
    r->no_data_level = (enum alert_level)(1 + chance(3));
  r->no_data_for = chance(2) > 0 ? 45 : 0;
}

static void random_rules(struct world *w, double now) {
  struct ruleset *set = calloc(1, sizeof(*set));

  assert_non_null(set);
  set->rules_num = 1 + chance(RULES);
  set->rules = calloc(set->rules_num, sizeof(*set->rules));
  assert_non_null(set->rules);
  for (size_t i = 0; i < set->rules_num; i++)
    random_rule(&set->rules[i], (int)i);
  w->set = set;
  engine_set_rules(w->engine, set, now);
  for (size_t i = 0; i < set->rules_num; i++)
    for (int s = 0; s < SERIES; s++) {
      const struct rule *r = &set->rules[i];
      bool is_named =
          r->ds != NULL ? strcmp(r->ds, all_series[s].ds) == 0 : s != 1;
      if (r->function == RULE_ABSENT && wants(r, s) && is_named &&
          !w->pasts[s].exists)
        series_begin(w, s, now);
    }
}

static double random_step(void) {
  static const double steps[] = {10, 10, 10, 5, 5, 0, 0, 3, 30, 0};

  switch (chance(60)) {
  case 0:
    return -7.0 * chance(10);
  case 1:
    return 500;
  case 2:
    return chance(2) > 0 ? FORGET + 100 : 1000;
  default:
    return steps[chance(10)];
  }
}

struct sender {
  enum sample_kind kind;
  double value;
  uint64_t count;
  double stamp;
  double interval;
};

static void random_sender(struct sender *s) {
  *s = (struct sender){.kind = (enum sample_kind)(chance(2) * chance(4)),
                       .value = 3,
                       .count = chance(3) == 0 ? UINT32_MAX - 60 : 0,
                       .stamp = 1000,
                       .interval = chance(2) > 0 ? 10 : 5};
}

static struct sample random_sample(struct sender *s) {
  struct sample sample = {.kind = s->kind, .interval = s->interval};

  if (chance(12) > 0)
    s->stamp += 1 + chance(10);
  else if (chance(3) == 0)
    s->stamp -= 20;
  sample.time = s->stamp;
  if (chance(3) == 0)
    s->value = chance(11);
  s->count += (uint64_t)s->value * chance(3);
  if (s->kind == SAMPLE_COUNTER)
    s->count &= UINT32_MAX;
  if (chance(25) == 0)
    s->count =
        chance(10) *
        (s->kind == SAMPLE_COUNTER && chance(2) > 0 ? UINT32_MAX / 9 : 1U);
  if (s->kind == SAMPLE_GAUGE)
    sample.value.gauge = chance(10) == 0 ? NAN : s->value;
  else if (s->kind == SAMPLE_DERIVE)
    sample.value.derive = (int64_t)s->count;
  else
    sample.value.counter = s->kind == SAMPLE_COUNTER ? s->count : chance(50);
  return sample;
}

static void play_sequence(void) {
  static struct world w;
  struct sender senders[SERIES];
  int levels[RULES][SERIES] = {{0}};
  double now = chance(1000);
  int series = 1 + (int)chance(SERIES);

  memset(&w, 0, sizeof(w));
  seen_num = 0;
  w.swept = -INFINITY;
  w.engine = engine_create(10, note_alert, NULL);
  assert_non_null(w.engine);
  random_rules(&w, now);
  for (int i = 0; i < SERIES; i++)
    random_sender(&senders[i]);
  for (int i = 0; i < LENGTH; i++) {
    int s = (int)chance((unsigned)series);
    now += i > 0 ? random_step() : 0;
    if (chance(4) == 0) {
      engine_tick(w.engine, now);
      world_tick(&w, now);
    } else {
      struct sample sample = random_sample(&senders[s]);
      assert_int_equal(engine_sample(w.engine, &all_series[s], &sample, now),
                       0);
      world_sample(&w, s, &sample, now);
    }
    compare(&w, levels, now);
    compare_alerts(&w);
  }
  engine_destroy(w.engine);
}

static void the_engine_agrees_with_the_model(void **state) {
  const char *given = getenv("MODEL_SEQUENCES");
  int sequences = given != NULL ? atoi(given) : SEQUENCES;

  (void)state;
  for (int i = 0; i < sequences; i++) {
    seed = (uint64_t)i + 1;
    play_sequence();
  }
}

/* That the sequences are worth something. */
static void the_sequences_had_alerts_of_all_kinds(void **state) {
  (void)state;
  for (int from = 0; from < ALERT_LEVELS; from++)
    for (int to = 0; to < ALERT_LEVELS; to++)
      assert_true(from == to || changes[from][to] > 100);
  for (int f = RULE_VALUE; f <= RULE_ABSENT; f++)
    assert_true(f == RULE_PERCENTILE || fired[f] > 100);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_engine_agrees_with_the_model),
      cmocka_unit_test(the_sequences_had_alerts_of_all_kinds),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
