/* SPDX-License-Identifier: MIT */
/* The notifier against a model that keeps every change of every alert and asks
 * at each tick: what is to be known of it, what was told, what holds it back?
 */
#include "notify/dispatcher.h"
#include "notify/flapping.h"

#include "random.h"
#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEQUENCES 50000 /* MODEL_SEQUENCES in the environment overrides */
#define LENGTH 60
#define RULES 3
#define HUBS 2
#define INSTANCES 3
#define ALERTS (RULES * HUBS * INSTANCES)
#define FLAPPING (-1)
#define EPOCH 1e9 /* of the wall clock at time 0 */
#define LINE_MAX_BYTES 400

static const char *const names[] = {"a", "b", "boss"};
static const char *const hubs[] = {"one", "two"};
static const char *const instances[] = {"x", "y", "z"};

/* ----------------------------------------------------------------- model */

struct model_alert {
  int rule;
  int hub;
  int instance;
  int level;
  int reason;
  int notified;     /* a level, or FLAPPING */
  int worst;        /* level since it was last delivered as ok, or forgotten */
  bool unconfirmed; /* told and not known to be delivered */
  double changed;   /* when it last began or ended */
  bool known;
  bool flapping;
  bool waits;
  bool again;
  double due;
  double notified_at;
  double since;
  double now; /* of the last event */
  double value;
  double turns[LENGTH]; /* slots in which it began or ended */
  int turns_num;
  double slot; /* of the last look at them */
};

struct model {
  struct model_alert alerts[ALERTS];
  double group_wait;
  double repeat;
  double silence_until[RULES][INSTANCES]; /* wall; 0: none */
  bool inhibits[RULES][RULES]; /* the first is inhibited by the second */
  double wall;
};

/* A line a notice: rule, hub, what happened, then each alert. */
struct notices {
  char lines[ALERTS][LINE_MAX_BYTES];
  int num;
};

static struct notices notified;
static struct notices expected;
static long reasons_seen[ALERT_REPEATED + 1];
static long grouped_seen;

static int wanted(const struct model_alert *a) {
  return a->flapping ? FLAPPING : a->level;
}

static double slot_of(double now) {
  return floor(now / (FLAPPING_WINDOW / FLAPPING_SLOTS));
}

/* Weighs all changes anew; those before a step back are as old as they were. */
static void look_at_flaps(struct model_alert *a, bool turned, double now) {
  double slot = slot_of(now);
  double sum = 0;

  for (int i = 0; slot < a->slot && i < a->turns_num; i++)
    a->turns[i] -= a->slot - slot;
  a->slot = slot;
  if (turned)
    a->turns[a->turns_num++] = slot;
  for (int i = 0; i < a->turns_num; i++) {
    double age = slot - a->turns[i];
    if (age < FLAPPING_SLOTS)
      sum += 1.2 - 0.4 * age / (FLAPPING_SLOTS - 1);
  }
  if (sum >= FLAPPING_HIGH - 1e-9)
    a->flapping = true;
  else if (sum <= FLAPPING_LOW + 1e-9)
    a->flapping = false;
}

static bool model_inhibited(const struct model *m,
                            const struct model_alert *a) {
  for (int i = 0; i < ALERTS; i++) {
    const struct model_alert *by = &m->alerts[i];
    if (by->hub == a->hub && by->level != ALERT_OK &&
        m->inhibits[a->rule][by->rule])
      return true;
  }
  return false;
}

static enum alert_status model_status(const struct model *m,
                                      const struct model_alert *a) {
  if (m->wall < m->silence_until[a->rule][a->instance])
    return STATUS_SILENCED;
  if (model_inhibited(m, a))
    return STATUS_INHIBITED;
  return a->flapping ? STATUS_FLAPPING : STATUS_FIRING;
}

static bool model_held(const struct model *m, const struct model_alert *a) {
  enum alert_status status = model_status(m, a);

  return wanted(a) != ALERT_OK &&
         (status == STATUS_SILENCED || status == STATUS_INHIBITED);
}

static void wait_until(struct model_alert *a, double due) {
  if (!a->waits)
    a->due = due;
  a->waits = true;
}

static int notified_reason(const struct model_alert *a) {
  if (a->flapping)
    return ALERT_FLAPPING;
  return a->notified == a->level ? ALERT_REPEATED : a->reason;
}

static bool same_notification(const struct model_alert *a,
                              const struct model_alert *b) {
  return a->rule == b->rule && a->hub == b->hub && wanted(a) == wanted(b) &&
         notified_reason(a) == notified_reason(b);
}

static size_t put_head(char *line, const char *rule, const char *hub, int level,
                       int reason) {
  return (size_t)snprintf(line, LINE_MAX_BYTES, "%s %s %s %d:", rule, hub,
                          reason == ALERT_FLAPPING
                              ? "-"
                              : alert_level_name((enum alert_level)level),
                          reason);
}

static size_t put_member(char *line, size_t len, const char *instance,
                         int previous, double since, double value, double now) {
  return len + (size_t)snprintf(line + len, LINE_MAX_BYTES - len,
                                " %s after %d since %g value %g at %g",
                                instance, previous, since, value, now);
}

static int model_order(const void *a, const void *b) {
  const struct model_alert *x = *(const struct model_alert *const *)a;
  const struct model_alert *y = *(const struct model_alert *const *)b;

  if (x->since < y->since || x->since > y->since)
    return x->since < y->since ? -1 : 1;
  return x->instance - y->instance;
}

/* Of an alert that is over: how bad it was, where no level was told. */
static int previous_of(const struct model_alert *a) {
  if (a->level == ALERT_OK && a->notified <= ALERT_OK)
    return a->worst;
  return a->notified == FLAPPING ? ALERT_OK : a->notified;
}

static void model_deliver(struct model_alert **ready, int num, double now) {
  bool done[ALERTS] = {false};

  qsort(ready, (size_t)num, sizeof(*ready), model_order);
  for (int i = 0; i < num; i++) {
    const struct model_alert *a = ready[i];
    char *line = expected.lines[expected.num];
    size_t len = 0;
    int members = 0;
    if (done[i])
      continue;
    len = put_head(line, names[a->rule], hubs[a->hub], a->level,
                   notified_reason(a));
    for (int j = i; j < num; j++) {
      const struct model_alert *b = ready[j];
      if (done[j] || !same_notification(a, b))
        continue;
      done[j] = true;
      members++;
      len = put_member(line, len, instances[b->instance], previous_of(b),
                       b->since, b->value, b->now);
    }
    reasons_seen[notified_reason(a)]++;
    grouped_seen += members > 1;
    expected.num++;
  }
  for (int i = 0; i < num; i++) {
    ready[i]->notified = wanted(ready[i]);
    ready[i]->notified_at = now;
    ready[i]->waits = ready[i]->again = false;
    ready[i]->unconfirmed = true;
  }
}

static void model_deliver_due(struct model *m, double now) {
  struct model_alert *waiting[ALERTS];
  struct model_alert *ready[ALERTS];
  int waiting_num = 0;
  int num = 0;

  for (int i = 0; i < ALERTS; i++) {
    struct model_alert *a = &m->alerts[i];
    if (!a->waits)
      continue;
    if (wanted(a) == a->notified && !a->again) {
      a->waits = false;
      continue;
    }
    if (model_held(m, a)) {
      a->due = INFINITY;
      continue;
    }
    if (isinf(a->due)) /* what held it back is over */
      a->due = now + m->group_wait;
    waiting[waiting_num++] = a;
  }
  for (int i = 0; i < waiting_num; i++) {
    bool due = false; /* it, or one that makes one notice with it */
    for (int j = 0; j < waiting_num; j++)
      due |=
          waiting[j]->due <= now && same_notification(waiting[i], waiting[j]);
    if (due)
      ready[num++] = waiting[i];
  }
  model_deliver(ready, num, now);
}

static void model_tick(struct model *m, double now, double wall) {
  m->wall = wall;
  for (int i = 0; i < ALERTS; i++) {
    struct model_alert *a = &m->alerts[i];
    if (!a->known)
      continue;
    a->notified_at = fmin(a->notified_at, now);
    a->changed = fmin(a->changed, now);
    if (a->flapping)
      look_at_flaps(a, false, now);
    if (m->repeat > 0 && a->level != ALERT_OK && a->notified == a->level &&
        now - a->notified_at >= m->repeat)
      a->again = true;
    if (a->again)
      wait_until(a, now);
    if (wanted(a) != a->notified)
      wait_until(a, now + m->group_wait);
    if (isfinite(a->due)) /* time stepped back */
      a->due = fmin(a->due, now + m->group_wait);
  }
  model_deliver_due(m, now);
  for (int i = 0; i < ALERTS; i++) {
    struct model_alert *a = &m->alerts[i];
    if (a->level == ALERT_OK && a->notified == ALERT_OK && !a->waits &&
        !a->unconfirmed && now - a->changed >= FLAPPING_WINDOW)
      a->known = false; /* forgotten */
  }
}

static void model_event(struct model *m, struct model_alert *a,
                        const struct alert *event) {
  if (!a->known) {
    a->notified = (int)event->previous;
    a->worst = ALERT_OK;
    a->unconfirmed = false;
    a->changed = event->time;
  }
  a->known = true;
  if ((event->previous == ALERT_OK) != (event->level == ALERT_OK))
    a->changed = event->time;
  a->level = (int)event->level;
  a->worst = a->level > a->worst ? a->level : a->worst;
  a->reason = (int)event->reason;
  a->since = event->since;
  a->value = event->value;
  a->now = event->time;
  look_at_flaps(a, (event->previous == ALERT_OK) != (event->level == ALERT_OK),
                event->time);
  if (wanted(a) != a->notified)
    wait_until(a, event->time + m->group_wait);
}

/* ------------------------------------------------------------ comparison */

static int note(void *arg, const struct alert *events, size_t num) {
  char *line = notified.lines[notified.num++];
  size_t len = put_head(line, events->rule_name, events->series.plugin_instance,
                        (int)events->level, (int)events->reason);

  (void)arg;
  for (size_t i = 0; i < num; i++) {
    const struct alert *e = &events[i];
    len = put_member(line, len, e->series.type_instance, (int)e->previous,
                     e->since, e->value, e->time);
  }
  return 0;
}

static int compare_lines(const void *a, const void *b) { return strcmp(a, b); }

static void compare_notifications(int sequence, int step) {
  bool same = notified.num == expected.num;

  qsort(notified.lines, (size_t)notified.num, sizeof(notified.lines[0]),
        compare_lines);
  qsort(expected.lines, (size_t)expected.num, sizeof(expected.lines[0]),
        compare_lines);
  for (int i = 0; same && i < notified.num; i++)
    same = strcmp(notified.lines[i], expected.lines[i]) == 0;
  if (!same) {
    for (int i = 0; i < notified.num; i++)
      print_error("told:     %s\n", notified.lines[i]);
    for (int i = 0; i < expected.num; i++)
      print_error("expected: %s\n", expected.lines[i]);
    fail_msg("sequence %d, step %d", sequence, step);
  }
  notified.num = expected.num = 0;
}

static struct series series_of(const struct model_alert *a) {
  return (struct series){
      "h", "mcp_hub", hubs[a->hub], "gauge", instances[a->instance], "value"};
}

static void add_counts(void *arg, const struct series *hub,
                       const struct dispatcher_counts *counts) {
  size_t *sum = arg;
  size_t at = strcmp(hub->plugin_instance, hubs[0]) == 0 ? 0 : 2;

  sum[at] += counts->silenced;
  sum[at + 1] += counts->inhibited;
}

static void compare_statuses(const struct model *m, const struct dispatcher *n,
                             const struct ruleset *set) {
  size_t counts[2 * HUBS] = {0};
  size_t expected_counts[2 * HUBS] = {0};

  for (int i = 0; i < ALERTS; i++) {
    const struct model_alert *a = &m->alerts[i];
    const struct series s = series_of(a);
    enum alert_status status = model_status(m, a);
    if (a->level == ALERT_OK)
      continue;
    assert_int_equal(dispatcher_status(n, &set->rules[a->rule], &s), status);
    expected_counts[2 * a->hub] += status == STATUS_SILENCED;
    expected_counts[2 * a->hub + 1] += status == STATUS_INHIBITED;
  }
  dispatcher_each_count(n, add_counts, counts);
  assert_memory_equal(counts, expected_counts, sizeof(counts));
}

/* ------------------------------------------------------------------ cases */

static void inhibit(struct rule *rule, struct rule *by) {
  rule->inhibited_by = calloc(1, sizeof(char *));
  assert_non_null(rule->inhibited_by);
  rule->inhibited_by[0] = strdup(by->name);
  rule->inhibited_by_num = 1;
  by->inhibits = true;
}

static void silence(struct model *m, struct silence *s, double now) {
  unsigned rule = chance(RULES + 1);
  unsigned instance = chance(INSTANCES + 1);
  char metric[32];

  s->until = EPOCH + now + 5.0 * chance(40) - 20;
  s->reason = strdup("why not");
  if (rule < RULES)
    s->rule = strdup(names[rule]);
  if (instance < INSTANCES) {
    snprintf(metric, sizeof(metric), "*/*/*-%s", instances[instance]);
    s->metric = pattern_create(metric, NULL, 0);
  }
  for (unsigned i = 0; i < RULES * INSTANCES; i++) {
    double *until = &m->silence_until[i / INSTANCES][i % INSTANCES];
    if ((rule == RULES || rule == i / INSTANCES) &&
        (instance == INSTANCES || instance == i % INSTANCES))
      *until = fmax(*until, s->until);
  }
}

static struct ruleset *rules_of(struct model *m, double now) {
  struct ruleset *set = calloc(1, sizeof(*set));

  assert_non_null(set);
  set->rules = calloc(RULES, sizeof(*set->rules));
  assert_non_null(set->rules);
  set->rules_num = RULES;
  for (int i = 0; i < RULES; i++) {
    set->rules[i].name = strdup(names[i]);
    set->rules[i].metric = pattern_create("*/*/*", NULL, 0);
  }
  for (int i = 0; i < RULES * RULES; i++)
    if (m->inhibits[i / RULES][i % RULES])
      inhibit(&set->rules[i / RULES], &set->rules[i % RULES]);
  set->group_wait = m->group_wait;
  set->repeat = m->repeat;
  set->silences_num = chance(3);
  set->silences = calloc(set->silences_num + 1, sizeof(*set->silences));
  assert_non_null(set->silences);
  memset(m->silence_until, 0, sizeof(m->silence_until));
  for (size_t i = 0; i < set->silences_num; i++)
    silence(m, &set->silences[i], now);
  return set;
}

static void random_model(struct model *m, double now) {
  static const double waits[] = {0, 1, 5, 30};
  static const double repeats[] = {0, 0, 20, 60};

  *m = (struct model){.group_wait = waits[chance(4)],
                      .repeat = repeats[chance(4)]};
  m->inhibits[0][2] = chance(2) > 0;
  m->inhibits[2][1] = chance(4) == 0; /* one behind the other */
  for (int i = 0; i < ALERTS; i++)
    m->alerts[i] = (struct model_alert){.rule = i % RULES,
                                        .hub = i / RULES % HUBS,
                                        .instance = i / RULES / HUBS,
                                        .due = INFINITY,
                                        .slot = slot_of(now)};
}

static void happen(struct model *m, struct dispatcher *n, struct ruleset *set,
                   struct model_alert *a, double now) {
  const struct series s = series_of(a);
  struct alert event = {.rule = &set->rules[a->rule],
                        .rule_name = set->rules[a->rule].name,
                        .series = s,
                        .previous = (enum alert_level)a->level,
                        .value = chance(100),
                        .since = a->level != ALERT_OK ? a->since : now,
                        .time = now};

  event.level = a->level != ALERT_OK && chance(3) > 0
                    ? ALERT_OK
                    : (enum alert_level)((a->level + 1 + (int)chance(3)) % 4);
  if (event.level == ALERT_OK && chance(5) == 0)
    event.reason = ALERT_UNLISTED;
  dispatcher_event(n, &event);
  model_event(m, a, &event);
}

static struct dispatcher *restart(struct model *m, struct dispatcher *n,
                                  struct ruleset *set, double now) {
  struct dispatcher *again = dispatcher_create(ALERTS, note, NULL);
  struct serializer saved = {0};
  struct deserializer in;

  assert_non_null(again);
  dispatcher_delivered(n);
  dispatcher_save(n, &saved);
  dispatcher_destroy(n);
  dispatcher_set_rules(again, set, now);
  in = (struct deserializer){saved.data, saved.len, false};
  assert_int_equal(dispatcher_load(again, &in, now), 0);
  free(saved.data);
  m->wall = 0; /* until the next tick no silence is over */
  for (int i = 0; i < ALERTS; i++) {
    struct model_alert *a = &m->alerts[i];
    a->unconfirmed = false;
    if (a->notified == ALERT_OK && a->level == ALERT_OK)
      a->worst = ALERT_OK;
  }
  return again;
}

static struct ruleset *reload(struct model *m, struct dispatcher *n,
                              struct ruleset *set, double now) {
  for (int i = 0; i < ALERTS; i++)
    if (m->alerts[i].waits)
      m->alerts[i].due = now;
  model_deliver_due(m, now);
  ruleset_destroy(set);
  set = rules_of(m, now);
  dispatcher_set_rules(n, set, now);
  return set;
}

/* Few alerts, so that they meet. */
static void play_sequence(int sequence) {
  static const double steps[] = {0, 0, 0.5, 1, 1, 5, 10, 30};
  struct model m;
  struct dispatcher *n = dispatcher_create(ALERTS, note, NULL);
  struct ruleset *set = NULL;
  double now = chance(1000);
  unsigned few = 1 + chance(ALERTS);

  assert_non_null(n);
  random_model(&m, now);
  set = rules_of(&m, now);
  dispatcher_set_rules(n, set, now);
  for (int i = 0; i < LENGTH; i++) {
    now += chance(50) == 0 ? -5.0 * chance(8) : steps[chance(8)];
    if (chance(60) == 0)
      now += 400;
    unsigned what = chance(100);
    if (what < 65) {
      happen(&m, n, set, &m.alerts[chance(few)], now);
    } else if (what < 96) {
      dispatcher_tick(n, now, EPOCH + now);
      model_tick(&m, now, EPOCH + now);
      compare_statuses(&m, n, set);
    } else if (what < 98) {
      n = restart(&m, n, set, now);
    } else {
      set = reload(&m, n, set, now);
    }
    compare_notifications(sequence, i);
  }
  dispatcher_destroy(n);
  ruleset_destroy(set);
}

static void the_notifier_agrees_with_the_model(void **state) {
  const char *given = getenv("MODEL_SEQUENCES");
  int sequences = given != NULL ? atoi(given) : SEQUENCES;

  (void)state;
  for (int i = 0; i < sequences; i++) {
    seed = (uint64_t)i + 1;
    play_sequence(i);
  }
}

/* That the sequences are worth something. */
static void the_sequences_had_notifications_of_all_kinds(void **state) {
  (void)state;
  assert_true(grouped_seen > 100);
  assert_true(reasons_seen[ALERT_VALUE] > 100);
  assert_true(reasons_seen[ALERT_UNLISTED] > 100);
  assert_true(reasons_seen[ALERT_FLAPPING] > 100);
  assert_true(reasons_seen[ALERT_REPEATED] > 100);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_notifier_agrees_with_the_model),
      cmocka_unit_test(the_sequences_had_notifications_of_all_kinds),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
