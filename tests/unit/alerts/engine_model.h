/* SPDX-License-Identifier: MIT */
/* engine_model.h - a model of the engine that keeps every sample and looks back:
 * for how long has a level held until here; what do the readings of the window
 * amount to; since when has nothing come? */
#ifndef TESTS_ENGINE_MODEL_H
#define TESTS_ENGINE_MODEL_H

#include "alerts/engine.h"

#include <math.h>

#define LENGTH 60
#define SIXTIETHS 60 /* of a window: its resolution */
#define HOLD 3       /* intervals that a reading stands for */
#define PATIENCE 3   /* intervals until there is no data */

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
  double begin; /* of its time, in sixtieths of the window */
  double end;
};

struct view { /* of a window, from its last sample */
  struct span spans[LENGTH];
  int num;
  double seen;
  double here;     /* sixtieth of now */
  double share;    /* of the oldest sixtieth that is in the window */
  double fraction; /* time of the last increment that is not whole, or NaN */
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
  if (floor(figure) < figure)
    v->fraction = now;
  v->spans[v->num++] =
      (struct span){figure, time, gap, (now - time) * SIXTIETHS / rule->window,
                    now * SIXTIETHS / rule->window};
}

static void look_back(const struct past *p, const struct rule *rule,
                      struct view *v) {
  double last = p->began;

  *v = (struct view){.here = sixtieth(rule, p->began), .fraction = NAN};
  for (int i = 0; i < p->num; i++) {
    const struct past_sample *s = &p->samples[i];
    double figure = figure_of(rule, &s->reading);
    double here = sixtieth(rule, s->now);
    if (stepped_back(p, i)) { /* what is there stays as old as it was */
      for (int j = 0; j < v->num; j++) {
        v->spans[j].begin -= v->here - here;
        v->spans[j].end -= v->here - here;
      }
      if (v->fraction > s->now)
        v->fraction = s->now;
      last = s->now;
    }
    v->here = here;
    if (!isfinite(s->reading.value) && !isfinite(s->reading.increment))
      continue;
    if (isfinite(figure))
      see(v, rule, figure, s->sample.interval, last, s->now);
    last = s->now;
  }
  double now = p->samples[p->num - 1].now;
  v->seen = fmin(v->seen, rule->window - (now - last));
  v->share = 1 - (now * SIXTIETHS / rule->window - v->here);
  v->fraction = now - v->fraction < rule->window ? v->fraction : NAN;
}

/* How much of it is in the window, in sixtieths. */
static double inside(const struct view *v, const struct span *s) {
  double edge = v->here - SIXTIETHS + 1; /* of the oldest, its newer one */
  double newer = fmax(s->end - fmax(s->begin, edge), 0);
  double both = fmax(s->end - fmax(s->begin, edge - 1), 0);

  return newer + v->share * (both - newer);
}

static double part(const struct view *v, const struct span *s) {
  double age = v->here - floor(s->end);

  if (s->time > 0)
    return inside(v, s) / (s->end - s->begin);
  return age < SIXTIETHS ? 1 : age <= SIXTIETHS ? v->share : 0;
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
    double weight = s->time > 0 ? inside(v, s) : 0;
    sum += weight * (!rate ? s->figure : s->gap > 0 ? s->figure / s->gap : 0);
    time += weight;
  }
  return time > 0 ? sum / time : NAN;
}

static double sum_of(const struct view *v, const struct rule *rule) {
  bool whole = rule->function != RULE_DELTA || isnan(v->fraction);
  double sum = 0;

  for (int i = 0; i < v->num; i++) {
    const struct span *s = &v->spans[i];
    double amount =
        s->gap > s->time ? s->figure * (s->time / s->gap) : s->figure;
    if (rule->function == RULE_COUNT_OVER)
      amount = s->figure > rule->limit;
    else if (rule->function == RULE_FLAPS)
      amount = i > 0 && (s->figure < v->spans[i - 1].figure ||
                         s->figure > v->spans[i - 1].figure);
    sum += amount * part(v, s);
  }
  return whole ? ceil(sum - 0.5 - 1e-6) + 0.0 : sum;
}

static double extreme_of(const struct view *v, bool most) {
  double oldest = v->here - SIXTIETHS + (v->share > 0.5 ? 0 : 1);
  double extreme = NAN;

  for (int i = 0; i < v->num; i++)
    if (floor((v->spans[i].begin + v->spans[i].end) / 2) >= oldest)
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

#endif
