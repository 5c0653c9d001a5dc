/* The engine against a model that keeps everything and looks back: for each
 * sample and level, for how long has the level held until here? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "alerts/engine.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEQUENCES 100000 /* MODEL_SEQUENCES in the environment overrides */
#define LENGTH 40

/* ---------------------------------------------------------------- chance */

static uint64_t seed;

static unsigned chance(unsigned below) {
  seed = seed * 6364136223846793005U + 1442695040888963407U;
  return (unsigned)(seed >> 33) % below;
}

/* ----------------------------------------------------------------- model */

struct moment {
  double now;
  double value;
  int instant;  /* level of the value alone; -1: nothing said */
  int alert;    /* level of the alert after it */
  double since; /* of the alert */
};

struct model {
  const struct rule *rule;
  struct moment past[LENGTH];
  int num;
};

/* Whether the level is on after moment i, and since when it held or not. */
static bool level_holds(const struct moment *m, int level) {
  return m->instant >= level;
}

/* Start of the time during which the level has been as it is at i. */
static double run_start(const struct model *m, int i, int level) {
  bool holds = level_holds(&m->past[i], level);
  double start = m->past[i].now;

  for (int j = i; j >= 0; j--) {
    const struct moment *at = &m->past[j];
    if (at->instant >= 0 && level_holds(at, level) != holds)
      break;
    if (at->instant >= 0)
      start = at->now;
    if (j > 0 && at->now < m->past[j - 1].now) {
      /* the clock stepped back here: durations restart, also of what began
       * before, if it did */
      for (int k = j - 1; k >= 0; k--)
        if (m->past[k].instant >= 0)
          return level_holds(&m->past[k], level) == holds ? at->now : start;
      return start;
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

static void model_add(struct model *m, double now, double value) {
  int i = m->num++;
  struct moment *at = &m->past[i];
  int before = i > 0 ? m->past[i - 1].alert : 0;

  at->now = now;
  at->value = value;
  at->instant = instant(m->rule, value, before);
  at->alert = before;
  at->since = i > 0 ? m->past[i - 1].since : 0;
  if (i > 0 && now < m->past[i - 1].now && at->since > now)
    at->since = now;
  if (at->instant < 0)
    return;
  at->alert = 0;
  for (int k = 1; k <= 3; k++) { /* each level on its own */
    bool was_on = before >= k;
    double time = now - run_start(m, i, k);
    bool on = was_on;
    if (level_holds(at, k) && time >= m->rule->hold_for)
      on = true;
    if (!level_holds(at, k) && time >= m->rule->clear_for)
      on = false;
    if (on)
      at->alert = k;
  }
  if (before == 0 && at->alert > 0)
    at->since = run_start(m, i, 1);
}

/* ----------------------------------------------------------------- events */

static struct alert_event seen;
static char seen_name[8];
static int seen_num;

static void note(void *arg, const struct alert_event *event) {
  (void)arg;
  seen = *event;
  snprintf(seen_name, sizeof(seen_name), "%s", event->rule->name);
  seen_num++;
}

/* Since when: of the level where it holds, else of the alert. */
static double told_since(const struct model *m) {
  const struct moment *at = &m->past[m->num - 1];

  return at->alert > 0 && level_holds(at, at->alert)
             ? run_start(m, m->num - 1, at->alert)
             : at->since;
}

static void compare(const struct model *m, int sequence) {
  const struct moment *at = &m->past[m->num - 1];
  int before = m->num > 1 ? m->past[m->num - 2].alert : 0;

  if (seen_num != (at->alert != before) ||
      (seen_num > 0 &&
       ((int)seen.level != at->alert || (int)seen.previous != before ||
        fabs(seen.since - told_since(m)) > 0 || fabs(seen.now - at->now) > 0 ||
        fabs(seen.value - at->value) > 0))) {
    print_error("op %s, critical %g, warning %g, info %g, clear %g, for %g, "
                "clear_for %g\n",
                rule_op_symbol(m->rule->op), m->rule->threshold[3],
                m->rule->threshold[2], m->rule->threshold[1], m->rule->clear,
                m->rule->hold_for, m->rule->clear_for);
    for (int i = 0; i < m->num; i++)
      print_error("%g: %g -> level %d, alert %d since %g\n", m->past[i].now,
                  m->past[i].value, m->past[i].instant, m->past[i].alert,
                  m->past[i].since);
    fail_msg("sequence %d: %d events, the last %d>%d since %g", sequence,
             seen_num, (int)seen.previous, (int)seen.level, seen.since);
  }
}

/* ------------------------------------------------------------------ cases */

static void random_levels(struct rule *r) {
  int side = rule_op_side(r->op);
  double threshold = 3 + chance(3);

  for (int k = 0; k < ALERT_LEVELS; k++)
    r->threshold[k] = NAN;
  r->clear = NAN;
  while (rule_mildest(r) == ALERT_OK)
    for (int k = ALERT_INFO; k < ALERT_LEVELS; k++) {
      r->threshold[k] = chance(3) > 0 ? threshold : NAN;
      threshold += (side == 0 ? 1 : side) * (int)chance(3);
    }
  if (side != 0 && chance(2) > 0)
    r->clear = r->threshold[rule_mildest(r)] - side * (int)chance(3);
}

static struct ruleset *random_rules(void) {
  static const double durations[] = {0, 0, 10, 20, 35};
  struct ruleset *set = calloc(1, sizeof(*set));
  struct rule *r = calloc(1, sizeof(*r));

  assert_non_null(set);
  assert_non_null(r);
  set->rules = r;
  set->rules_num = 1;
  r->name = strdup("r");
  r->metric = pattern_create("*/*/*", NULL, 0);
  r->op = (enum rule_op)chance(6);
  random_levels(r);
  r->hold_for = durations[chance(5)];
  r->clear_for = durations[chance(5)];
  return set;
}

static double random_step(void) {
  static const double steps[] = {10, 10, 10, 10, 10, 5, 30, 0, 1000};

  return chance(40) == 0 ? -7.0 * chance(10) : steps[chance(9)];
}

static void play_sequence(int sequence) {
  const struct series s = {"h", "p", "", "t", "", "value"};
  struct engine *e = engine_create(10, note, NULL);
  struct ruleset *set = random_rules();
  struct model m = {.rule = &set->rules[0]};
  double now = chance(1000);
  double value = 0;

  assert_non_null(e);
  engine_set_rules(e, set, now);
  for (int i = 0; i < LENGTH; i++) {
    struct sample sample = {SAMPLE_GAUGE, {.gauge = 0}, 1000 + i, 10};
    if (chance(3) == 0)
      value = chance(11);
    sample.value.gauge = chance(10) == 0 ? NAN : value;
    now += i > 0 ? random_step() : 0;
    seen_num = 0;
    engine_sample(e, &s, &sample, now);
    model_add(&m, now, sample.value.gauge);
    compare(&m, sequence);
  }
  engine_destroy(e);
}

static void the_engine_agrees_with_the_model(void **state) {
  const char *given = getenv("MODEL_SEQUENCES");
  int sequences = given != NULL ? atoi(given) : SEQUENCES;

  (void)state;
  for (int i = 0; i < sequences; i++) {
    seed = (uint64_t)i + 1;
    play_sequence(i);
  }
}

/* That the sequences are worth something. */
static void the_sequences_have_alerts_of_all_kinds(void **state) {
  int changes[ALERT_LEVELS][ALERT_LEVELS] = {{0}};

  (void)state;
  for (int i = 0; i < 500; i++) {
    struct ruleset *set = NULL;
    struct model m = {0};
    double now = 0;
    double value = 0;
    seed = (uint64_t)i + 1;
    set = random_rules();
    m.rule = &set->rules[0];
    for (int k = 0; k < LENGTH; k++) {
      now += random_step();
      value = chance(3) == 0 ? chance(11) : value;
      model_add(&m, now, value);
      changes[k > 0 ? m.past[k - 1].alert : 0][m.past[k].alert]++;
    }
    ruleset_destroy(set);
  }
  for (int from = 0; from < ALERT_LEVELS; from++)
    for (int to = 0; to < ALERT_LEVELS; to++)
      assert_true(changes[from][to] > 5);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_sequences_have_alerts_of_all_kinds),
      cmocka_unit_test(the_engine_agrees_with_the_model),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
