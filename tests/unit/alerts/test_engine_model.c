/* SPDX-License-Identifier: MIT */
/* The engine against its model, at each sample and tick of random sequences. */
#include "alerts/engine.h"

#include "engine_model.h"
#include "random.h"
#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEQUENCES 50000 /* MODEL_SEQUENCES in the environment overrides */
#define SERIES 3
#define RULES 3
#define FORGET 3600.0 /* seconds of silence */
#define SWEEP 60.0    /* no two within */

static const struct series all_series[SERIES] = {
    {"h", "p", "", "t", "0", "value"},
    {"h", "p", "", "t", "0", "other"},
    {"h", "p", "", "t", "1", "value"},
};

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
