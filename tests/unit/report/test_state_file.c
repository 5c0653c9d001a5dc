/* SPDX-License-Identifier: MIT */
/* Everything that the alert plugin remembers, over a restart. */
#include "report/note_incident.h"
#include "report/state_file.h"

#include "rules/parse_rules.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EPOCH 1.7e9 /* of the engine's time 0 */
#define STEPS 700
#define DAMAGES 10000

/* ------------------------------------------------------------- the stage */

#define RULES                                                                  \
  "{'settings': {'group_wait': '3s', 'repeat': '5m'}, 'rules': ["              \
  "{'name': 'plain', 'metric': '*/*/gauge-*', 'op': '>', 'warning': 60,"       \
  " 'critical': 80, 'clear': 50, 'for': '7s', 'clear_for': '5s',"              \
  " 'inhibited_by': ['boss']},"                                                \
  "{'name': 'boss', 'metric': '*/*/gauge-b', 'op': '>', 'critical': 97},"      \
  "{'name': 'avg', 'metric': '*/*/gauge-*', 'function': 'avg',"                \
  " 'window': '1m', 'op': '>', 'warning': 52},"                                \
  "{'name': 'max', 'metric': '*/*/gauge-*', 'function': 'max',"                \
  " 'window': '30s', 'op': '>', 'info': 95},"                                  \
  "{'name': 'p90', 'metric': '*/*/gauge-*', 'function': 'percentile',"         \
  " 'rank': 90, 'window': '1m', 'op': '>', 'warning': 90},"                    \
  "{'name': 'over', 'metric': '*/*/gauge-*', 'function': 'count_over',"        \
  " 'limit': 90, 'window': '1m', 'op': '>', 'warning': 2},"                    \
  "{'name': 'flaps', 'metric': '*/*/mcp_server_state-*',"                      \
  " 'function': 'flaps', 'window': '1m', 'op': '>', 'warning': 6},"            \
  "{'name': 'rate', 'metric': '*/*/derive-*', 'op': '>', 'warning': 60},"      \
  "{'name': 'delta', 'metric': '*/*/derive-*', 'function': 'delta',"           \
  " 'window': '1m', 'op': '>', 'warning': 3000},"                              \
  "{'name': 'leak', 'metric': '*/*/gauge-*', 'function': 'leak',"              \
  " 'window': '2m', 'warning': 1},"                                            \
  "{'name': 'odd', 'metric': '*/*/gauge-*', 'function': 'anomaly',"            \
  " 'severity': 'warning'},"                                                   \
  "{'name': 'burn', 'metric': '*/*/gauge-*', 'function': 'burn_rate',"         \
  " 'objective': 99, 'window': '1m', 'op': '>', 'warning': 60},"               \
  "{'name': 'nothing', 'metric': '*/*/gauge-*', 'op': '>',"                    \
  " 'critical': 1000, 'no_data': 'warning', 'no_data_for': '40s'},"            \
  "{'name': 'absent', 'metric': 'h/mcp_hub-q/gauge-a',"                        \
  " 'function': 'absent', 'op': '>', 'warning': 30, 'for': '4s'}],"            \
  " 'silences': [{'metric': '*/*/gauge-c', 'until': '2023-11-14T22:30:00Z',"   \
  " 'reason': 'test'}]}"

struct plugin { /* all that it remembers, and what it says */
  struct alert_memory m;
  struct ruleset *rules; /* shared */
  char said[64][160];    /* since it was last compared */
  size_t num;
};

static void say(struct plugin *p, const char *kind, const struct alert *event) {
  const struct series *s = &event->series;

  assert_true(serialize_is_time(event->since) &&
              serialize_is_time(event->time));
  if (p->num < 64)
    snprintf(p->said[p->num++], sizeof(p->said[0]),
             "%s %s %s-%s/%s-%s %d>%d (%d) %.6g since %.3f at %.3f", kind,
             event->rule_name, s->host, s->plugin_instance, s->type,
             s->type_instance, event->previous, event->level, event->reason,
             event->value, event->since, event->time);
}

static void on_event(void *arg, const struct alert *event) {
  struct plugin *p = arg;

  say(p, "event", event);
  dispatcher_event(p->m.notifier, event);
}

static int on_notification(void *arg, const struct alert *events, size_t num) {
  struct plugin *p = arg;

  for (size_t i = 0; i < num; i++) {
    say(p, "told", &events[i]);
    if (events[i].reason < ALERT_FLAPPING)
      note_incident(p->m.incidents, &events[i], "message",
                    EPOCH + events[i].since, EPOCH + events[i].time);
  }
  return 0;
}

static void open_plugin(struct plugin *p, struct ruleset *rules, double now) {
  p->rules = rules;
  p->num = 0;
  p->m = (struct alert_memory){.engine = engine_create(1000, on_event, p),
                               .notifier =
                                   dispatcher_create(1000, on_notification, p),
                               .hubs = hub_stats_table_create(10),
                               .incidents = incidents_create(100)};
  engine_set_rules(p->m.engine, ruleset_share(rules), now);
  dispatcher_set_rules(p->m.notifier, rules, now);
}

static void close_plugin(struct plugin *p) {
  engine_destroy(p->m.engine);
  dispatcher_destroy(p->m.notifier);
  hub_stats_table_destroy(p->m.hubs);
  incidents_destroy(p->m.incidents);
}

static struct serializer save(const struct plugin *p, double now) {
  struct serializer out = {0};

  assert_int_equal(state_file_write(&p->m, now, EPOCH + now, &out), 0);
  state_file_seal(&out);
  return out;
}

static int load(struct plugin *p, const struct serializer *file, double away) {
  char err[200] = "";
  double now = 0;
  double wall = 0;

  if (state_file_check(file->data, file->len, &now, &wall, err, sizeof(err)) !=
      0)
    return -1;
  return state_file_read(&p->m, file->data, file->len, away, now + away);
}

/* Saved at `now`, and loaded `away` seconds later by a program with these
 * rules, whose clock was another one until then. */
static void restart_with(struct plugin *p, struct ruleset *rules, double now,
                         double away) {
  struct serializer file = save(p, now);

  close_plugin(p);
  open_plugin(p, rules, 5);
  assert_int_equal(load(p, &file, away), 0);
  free(file.data);
}

/* ------------------------------------------------------------ one history */

struct step {
  struct series series;
  struct sample sample;
  double now;
};

static double chance(void) { return rand() / (RAND_MAX + 1.0); }

/* Some series fall silent now and then; servers go and come back; values dwell
 * on one side for a while. */
static void make_history(struct step steps[STEPS], unsigned seed) {
  static const char *const names[] = {"a", "b", "c"};
  static const char *const hubs[] = {"p", "q"};
  int64_t counter[2][3] = {{0}};
  double now = 1000;

  srand(seed);
  for (int i = 0; i < STEPS; i++) {
    int hub = rand() % 2;
    int name = rand() % 3;
    int kind = rand() % 5;
    int era = i / 60;
    struct step *s = &steps[i];
    now += 4 * chance();
    s->now = now;
    s->series = (struct series){"h",     "mcp_hub",   hubs[hub],
                                "gauge", names[name], "value"};
    s->sample = (struct sample){SAMPLE_GAUGE, {.gauge = 0}, EPOCH + now, 10};
    if ((era + name + hub) % 7 == 0)
      name = 3; /* silent: an answer instead */
    if (name == 3 || kind == 0) {
      s->series.type = "bool";
      s->series.type_instance = "up";
      s->sample.value.gauge = 1;
    } else if (kind == 1) {
      s->series.type = "derive";
      counter[hub][name] += rand() % 1000;
      if (rand() % 30 == 0)
        counter[hub][name] = 0;
      s->sample.kind = SAMPLE_DERIVE;
      s->sample.value.derive = counter[hub][name];
    } else if (kind == 2) {
      s->series.type = "mcp_server_state";
      s->sample.value.gauge = rand() % 3 == 0 ? 4 : 0;
    } else {
      s->sample.value.gauge =
          100 * chance() * (era % 3 == 0 ? 0.3 : 1) + (era % 5) + i * 0.01;
      if (rand() % 20 == 0)
        s->sample.value.gauge = NAN;
    }
  }
}

static void take(struct plugin *p, const struct step *s) {
  const struct hub_stats_sample seen = {.value = s->sample.value.gauge,
                                        .interval = 10,
                                        .now = s->now,
                                        .wall = s->sample.time};

  engine_sample(p->m.engine, &s->series, &s->sample, s->now);
  if (s->sample.kind == SAMPLE_GAUGE)
    hub_stats_table_sample(p->m.hubs, &s->series, &seen);
  engine_tick(p->m.engine, s->now);
  dispatcher_tick(p->m.notifier, s->now, EPOCH + s->now);
  dispatcher_delivered(p->m.notifier);
  incidents_expire(p->m.incidents, EPOCH + s->now);
}

static int compare_lines(const void *a, const void *b) { return strcmp(a, b); }

/* What is said within one step has no order. */
static void assert_alike(struct plugin *a, struct plugin *b, size_t *said) {
  qsort(a->said, a->num, sizeof(a->said[0]), compare_lines);
  qsort(b->said, b->num, sizeof(b->said[0]), compare_lines);
  for (size_t i = 0; i < a->num && i < b->num; i++)
    assert_string_equal(a->said[i], b->said[i]);
  if (a->num != b->num)
    print_message("only one says: %s\n",
                  a->num > b->num ? a->said[b->num] : b->said[a->num]);
  assert_int_equal(a->num, b->num);
  *said += a->num;
  a->num = b->num = 0;
}

static void assert_same_memory(const struct plugin *a, const struct plugin *b) {
  const struct incident *x = NULL;
  const struct incident *y = NULL;

  assert_int_equal(incidents_count(a->m.incidents),
                   incidents_count(b->m.incidents));
  while ((x = incidents_next(a->m.incidents, x)) != NULL) {
    y = incidents_next(b->m.incidents, y);
    assert_memory_equal(&x->alert.since, &y->alert.since,
                        sizeof(x->alert.since));
    assert_int_equal(x->alert.level, y->alert.level);
  }
  for (int i = 0; i < 2; i++) {
    const char *name = i == 0 ? "p" : "q";
    const struct hub_stats *h = hub_stats_table_find(a->m.hubs, "h", name);
    const struct hub_stats *k = hub_stats_table_find(b->m.hubs, "h", name);
    assert_true(fabs(hub_stats_average(h, HUB_STATS_UP) -
                     hub_stats_average(k, HUB_STATS_UP)) < 1e-9);
  }
}

/* One is restarted after every step. */
static void a_restart_changes_nothing(void **state) {
  static struct step steps[STEPS];
  size_t said = 0;

  (void)state;
  for (unsigned seed = 1; seed <= 3; seed++) {
    struct ruleset *rules = parse_rules(RULES);
    static struct plugin steady;
    static struct plugin restarted;
    make_history(steps, seed);
    open_plugin(&steady, rules, steps[0].now);
    open_plugin(&restarted, rules, steps[0].now);
    for (int i = 0; i < STEPS; i++) {
      take(&steady, &steps[i]);
      take(&restarted, &steps[i]);
      assert_alike(&steady, &restarted, &said);
      restart_with(&restarted, rules, steps[i].now, 0);
    }
    assert_same_memory(&steady, &restarted);
    close_plugin(&steady);
    close_plugin(&restarted);
    ruleset_destroy(rules);
  }
  assert_true(said > 500); /* there was something to lose */
}

static void what_is_saved_again_is_the_same(void **state) {
  static struct step steps[STEPS];
  static struct plugin p;
  struct ruleset *rules = parse_rules(RULES);

  (void)state;
  make_history(steps, 7);
  open_plugin(&p, rules, steps[0].now);
  for (int i = 0; i < 500; i++)
    take(&p, &steps[i]);
  restart_with(&p, rules, steps[499].now,
               0); /* what need not be kept is gone */
  struct serializer once = save(&p, steps[499].now);
  restart_with(&p, rules, steps[499].now, 0);
  restart_with(&p, rules, steps[499].now, 0); /* lists are turned round */
  struct serializer again = save(&p, steps[499].now);
  assert_int_equal(once.len, again.len);
  assert_memory_equal(once.data, again.data, once.len);
  free(once.data);
  free(again.data);
  close_plugin(&p);
  ruleset_destroy(rules);
}

/* ----------------------------------------------------------- foreign bytes */

/* Some of everything, in few bytes. */
static struct serializer some_file(struct ruleset *rules, int num) {
  static struct step steps[STEPS];
  static struct plugin p;

  make_history(steps, 3);
  open_plugin(&p, rules, steps[0].now);
  for (int i = 0; i < num; i++)
    take(&p, &steps[i]);
  assert_true(num < 500 || incidents_count(p.m.incidents) > 5);
  struct serializer file = save(&p, steps[num - 1].now);
  close_plugin(&p);
  return file;
}

static void assert_empty(const struct plugin *p, size_t expected_series) {
  assert_int_equal(engine_series_count(p->m.engine), expected_series);
  assert_int_equal(hub_stats_table_count(p->m.hubs), 0);
  assert_int_equal(incidents_count(p->m.incidents), 0);
  assert_true(isinf(dispatcher_due(p->m.notifier)));
  assert_int_equal(p->num, 0);
}

static void a_part_of_a_file_is_nothing(void **state) {
  static struct plugin p;
  struct ruleset *rules = parse_rules(RULES);
  struct serializer file = some_file(rules, 60);
  char err[200];
  double now = 0;
  double wall = 0;

  (void)state;
  open_plugin(&p, rules, 0);
  size_t series = engine_series_count(p.m.engine);
  for (size_t len = 0; len < file.len; len++) {
    unsigned char *part = malloc(len + 1); /* its end is seen by ASan */
    memcpy(part, file.data, len);
    part = realloc(part, len > 0 ? len : 1);
    if (len % 100 == 0)
      assert_int_equal(
          state_file_check(part, len, &now, &wall, err, sizeof(err)), -1);
    assert_int_equal(state_file_read(&p.m, part, len, 0, 3000), -1);
    free(part);
  }
  assert_empty(&p, series);
  assert_int_equal(state_file_read(&p.m, file.data, file.len, 0, 3000), 0);
  assert_true(engine_series_count(p.m.engine) > series);
  free(file.data);
  close_plugin(&p);
  ruleset_destroy(rules);
}

static void a_byte_too_many_is_nothing(void **state) {
  static struct plugin p;
  struct ruleset *rules = parse_rules(RULES);
  struct serializer file = some_file(rules, 60);

  (void)state;
  serialize(&file, "", 1);
  state_file_seal(&file);
  open_plugin(&p, rules, 0);
  size_t series = engine_series_count(p.m.engine);
  assert_int_equal(load(&p, &file, 0), -1);
  assert_empty(&p, series);
  free(file.data);
  close_plugin(&p);
  ruleset_destroy(rules);
}

static void damage(struct serializer *file) {
  static const double figures[] = {0,    -1,  1e300, -1e300, INFINITY,
                                   -5e9, NAN, 5e9,   1.5e12, 1e-300};
  static const uint64_t numbers[] = {0,  1,         2,         UINT64_MAX,
                                     20, INT64_MAX, 1UL << 63, 1UL << 32};
  size_t at = 60 + (size_t)rand() % (file->len - 60);
  size_t size = file->len - at < 8 ? file->len - at : 8;

  switch (rand() % 4) {
  case 0:
    file->data[at] = (unsigned char)rand();
    break;
  case 1:
    memcpy(file->data + at, &figures[rand() % 10], size);
    break;
  case 2:
    memcpy(file->data + at, &numbers[rand() % 8], size);
    break;
  default:
    file->len = at + size / 2;
  }
}

static void a_damaged_file_does_no_harm(void **state) {
  static struct step steps[STEPS];
  static struct plugin p;
  struct ruleset *rules = parse_rules(RULES);
  struct serializer good = some_file(rules, 150);
  int taken = 0;

  (void)state;
  make_history(steps, 3);
  for (int run = 0; run < DAMAGES; run++) {
    struct serializer bad = {0};
    srand((unsigned)run);
    serialize(&bad, good.data, good.len);
    for (int i = rand() % 3; i >= 0; i--)
      damage(&bad);
    state_file_seal(&bad);
    open_plugin(&p, rules, 0);
    if (load(&p, &bad, rand() % 2 * 100) == 0) {
      taken++;
      for (int i = 150; i < 170; i++)
        take(&p, &steps[i]);
      struct serializer again = save(&p, steps[170].now);
      free(again.data);
    }
    close_plugin(&p);
    free(bad.data);
  }
  assert_in_range(taken, DAMAGES / 10, DAMAGES - DAMAGES / 10);
  free(good.data);
  ruleset_destroy(rules);
}

static void one_wrong_bit_is_seen(void **state) {
  struct ruleset *rules = parse_rules(RULES);
  struct serializer file = some_file(rules, 60);
  char err[200] = "";
  double now = 7;
  double wall = 7;

  (void)state;
  for (size_t i = 0; i < file.len; i += i < 200 ? 1 : 99) {
    file.data[i] ^= (unsigned char)(1 << i % 8);
    assert_int_equal(
        state_file_check(file.data, file.len, &now, &wall, err, sizeof(err)),
        -1);
    file.data[i] ^= (unsigned char)(1 << i % 8);
  }
  assert_int_equal((int)now, 7);
  assert_string_equal(err, "damaged: the checksum does not fit");
  free(file.data);
  ruleset_destroy(rules);
}

static void
another_version_or_machine_is_refused_with_what_was_expected(void **state) {
  static const char *const wrong[][2] = {
      {"state 3", "state 2"}, {"little", "bigger"}, {"endian, ", "endian, 9"}};
  struct ruleset *rules = parse_rules(RULES);
  struct serializer file = some_file(rules, 10);
  size_t head =
      (size_t)((char *)memchr(file.data, '\n', 100) - (char *)file.data);

  (void)state;
  for (int i = 0; i < 3; i++) {
    char err[200] = "";
    double now = 0;
    double wall = 0;
    struct serializer other = {0};
    serialize(&other, file.data, file.len);
    char *at = memmem(other.data, head, wrong[i][0], strlen(wrong[i][0]));
    assert_non_null(at);
    memcpy(at, wrong[i][1], strlen(wrong[i][1]));
    assert_int_equal(
        state_file_check(other.data, other.len, &now, &wall, err, sizeof(err)),
        -1);
    assert_memory_equal(err, "expected the first line \"", 25);
    assert_memory_equal(err + 25, file.data, head);
    free(other.data);
  }
  free(file.data);
  ruleset_destroy(rules);
}

/* ------------------------------------------------ rules that were edited */

#define ONE(name, more)                                                        \
  "{'settings': {'group_wait': '0s'}, 'rules': [{'name': '" name "',"          \
  " 'op': '>', 'warning': 10, " more "}]}"

static struct plugin plugin;

static void sample(const char *instance, double value, double now) {
  const struct step s = {{"h", "mcp_hub", "p", "gauge", instance, "value"},
                         {SAMPLE_GAUGE, {.gauge = value}, EPOCH + now, 10},
                         now};

  take(&plugin, &s);
}

static void expect(const char *const *lines, size_t num) {
  for (size_t i = 0; i < num && i < plugin.num; i++)
    assert_string_equal(plugin.said[i], lines[i]);
  assert_int_equal(plugin.num, num);
  plugin.num = 0;
}
#define expect(...)                                                            \
  (expect)((const char *const[]){__VA_ARGS__},                                 \
           sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))
#define expect_nothing() assert_int_equal(plugin.num, 0)

/* Fires, is told, and the program comes up again with other rules. */
static void fire_and_edit(const char *before, const char *after) {
  struct ruleset *old = parse_rules(before);
  struct ruleset *new = parse_rules(after);

  open_plugin(&plugin, old, 100);
  sample("a", 20, 100);
  expect("event r h-p/gauge-a 0>2 (0) 20 since 100.000 at 100.000",
         "told r h-p/gauge-a 0>2 (0) 20 since 100.000 at 100.000");
  restart_with(&plugin, new, 101, 9);
  ruleset_destroy(old);
  ruleset_destroy(new);
}

static void assert_incident_closed(void) {
  const struct incident *i = incidents_next(plugin.m.incidents, NULL);

  assert_non_null(i);
  assert_false(incident_is_open(i));
  close_plugin(&plugin);
}

static void the_alert_of_a_rule_that_is_gone_is_resolved(void **state) {
  (void)state;
  fire_and_edit(ONE("r", "'metric': '*/*/gauge-*'"),
                ONE("other", "'metric': '*/*/gauge-z'"));
  expect("told r h-p/gauge-a 2>0 (2) 20 since 100.000 at 110.000");
  sample("a", 20, 111);
  expect_nothing();
  assert_incident_closed();
}

static void a_rule_with_a_new_name_is_a_new_rule(void **state) {
  (void)state;
  fire_and_edit(ONE("r", "'metric': '*/*/gauge-*'"),
                ONE("s", "'metric': '*/*/gauge-*'"));
  expect("told r h-p/gauge-a 2>0 (2) 20 since 100.000 at 110.000");
  sample("a", 20, 111);
  expect("event s h-p/gauge-a 0>2 (0) 20 since 111.000 at 111.000",
         "told s h-p/gauge-a 0>2 (0) 20 since 111.000 at 111.000");
  close_plugin(&plugin);
}

static void the_alert_ends_where_the_rule_looks_elsewhere(void **state) {
  (void)state;
  fire_and_edit(ONE("r", "'metric': '*/*/gauge-*'"),
                ONE("r", "'metric': '*/*/gauge-z'"));
  expect("event r h-p/gauge-a 2>0 (2) 20 since 100.000 at 110.000");
  sample("a", 20, 111);
  expect("told r h-p/gauge-a 2>0 (2) 20 since 100.000 at 110.000");
  assert_incident_closed();
}

static void an_alert_outlives_another_function_and_its_memory(void **state) {
  static const char *const functions[] = {
      "'function': 'avg', 'window': '1m'", "'function': 'max', 'window': '1m'",
      "'function': 'percentile', 'rank': 50, 'window': '1m'",
      "'function': 'value'"};

  (void)state;
  for (int i = 0; i < 4; i++) {
    char after[400];
    snprintf(after, sizeof(after), ONE("r", "'metric': '*/*/gauge-*', %s"),
             functions[i]);
    fire_and_edit(ONE("r", "'metric': '*/*/gauge-*'"), after);
    expect_nothing();
    for (int k = 0; k < 20; k++)
      sample("a", 1, 111 + 10 * k);
    assert_int_equal(plugin.num, 2); /* is over, and that is told */
    assert_incident_closed();
  }
}

static void an_alert_goes_on_under_other_thresholds(void **state) {
  (void)state;
  fire_and_edit(ONE("r", "'metric': '*/*/gauge-*'"),
                ONE("r", "'metric': '*/*/gauge-*', 'critical': 15"));
  expect_nothing();
  sample("a", 20, 111);
  expect("event r h-p/gauge-a 2>3 (0) 20 since 111.000 at 111.000",
         "told r h-p/gauge-a 2>3 (0) 20 since 111.000 at 111.000");
  close_plugin(&plugin);
}

/* ----------------------------------------------------- the time in between */

static void begin(const char *text, double now) {
  struct ruleset *rules = parse_rules(text);

  open_plugin(&plugin, rules, now);
  ruleset_destroy(rules);
}

/* The same rules. */
static void away(double now, double seconds) {
  struct ruleset *rules = ruleset_share(plugin.rules);

  ruleset_share(rules);
  restart_with(&plugin, rules, now, seconds);
  ruleset_destroy(rules);
  ruleset_destroy(rules);
}

static void a_breach_that_was_there_before_and_after_has_lasted(void **state) {
  (void)state;
  begin(ONE("r", "'metric': '*/*/gauge-*', 'for': '1m'"), 100);
  sample("a", 20, 100);
  away(110, 40);
  sample("a", 20, 150);
  expect_nothing();
  away(155, 5);
  sample("a", 20, 161);
  expect("event r h-p/gauge-a 0>2 (0) 20 since 100.000 at 161.000",
         "told r h-p/gauge-a 0>2 (0) 20 since 100.000 at 161.000");
  close_plugin(&plugin);
}

#define ABSENT                                                                 \
  "{'settings': {'group_wait': '0s'}, 'rules': [{'name': 'r',"                 \
  " 'metric': 'h/mcp_hub-p/gauge-a', 'function': 'absent', 'op': '>',"         \
  " 'warning': 30, 'for': '10s'}]}"

static void tick(double now) {
  engine_tick(plugin.m.engine, now);
  dispatcher_tick(plugin.m.notifier, now, EPOCH + now);
}

static void nobody_is_absent_because_nobody_listened(void **state) {
  (void)state;
  begin(ABSENT, 100);
  sample("a", 1, 100);
  away(120, 10000); /* silent for 20 s, not for 10020 */
  tick(10121);
  tick(10129);
  tick(10135); /* pending since now */
  expect_nothing();
  away(10136, 500);
  tick(10637);
  tick(10644);
  expect_nothing();
  tick(10645);
  assert_int_equal(plugin.num, 2);
  plugin.num = 0;
  sample("a", 1, 10642);
  sample("a", 1, 10653);
  assert_int_equal(plugin.num, 2);
  close_plugin(&plugin);
}

/* Whatever the clock said before the file told the time. */
static void
a_series_that_must_exist_since_the_restart_is_given_its_time(void **state) {
  struct ruleset *rules = parse_rules(ABSENT);

  (void)state;
  begin(ONE("s", "'metric': '*/*/gauge-b'"), 5e6);
  sample("b", 1, 5e6);
  restart_with(&plugin, rules, 5e6, 100);
  ruleset_destroy(rules);
  tick(5000101);
  tick(5000129);
  expect_nothing();
  tick(5000131);
  tick(5000142);
  assert_int_equal(plugin.num, 2);
  close_plugin(&plugin);
}

static void a_silent_series_is_not_more_silent_for_it(void **state) {
  (void)state;
  begin(ONE("r", "'metric': '*/*/gauge-*', 'no_data': 'critical',"
                 " 'no_data_for': '30s'"),
        100);
  sample("a", 1, 100);
  away(120, 10000);
  tick(10129);
  expect_nothing();
  tick(10131);
  assert_int_equal(plugin.num, 2);
  close_plugin(&plugin);
}

/* It went while nobody listened: its alerts end, also those of other values. */
static void a_server_that_went_meanwhile_is_missed(void **state) {
  struct step read = {{"h", "mcp_hub", "p", "bool", "up", "value"},
                      {SAMPLE_GAUGE, {.gauge = 1}, 0, 10},
                      0};
  struct step server = read;

  (void)state;
  server.series.type = "mcp_server_state";
  server.series.type_instance = "a";
  server.sample.value.gauge = 0;
  begin(ONE("r", "'metric': '*/*/gauge-*'"), 100);
  for (int i = 0; i < 9; i++) {
    read.now = server.now = 100 + 10 * i + (i < 3 ? 0 : 1000);
    read.sample.time = server.sample.time = EPOCH + read.now;
    if (i == 3)
      away(121, 1000);
    take(&plugin, &read);
    if (i < 3) {
      take(&plugin, &server);
      sample("a", 20, read.now);
    }
    if (i == 2)
      plugin.num = 0;
  }
  assert_int_equal(plugin.num, 2);
  assert_non_null(strstr(plugin.said[0], "gauge-a 2>0 (1)"));
  close_plugin(&plugin);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_restart_changes_nothing),
      cmocka_unit_test(what_is_saved_again_is_the_same),
      cmocka_unit_test(a_part_of_a_file_is_nothing),
      cmocka_unit_test(a_byte_too_many_is_nothing),
      cmocka_unit_test(a_damaged_file_does_no_harm),
      cmocka_unit_test(one_wrong_bit_is_seen),
      cmocka_unit_test(
          another_version_or_machine_is_refused_with_what_was_expected),
      cmocka_unit_test(the_alert_of_a_rule_that_is_gone_is_resolved),
      cmocka_unit_test(a_rule_with_a_new_name_is_a_new_rule),
      cmocka_unit_test(the_alert_ends_where_the_rule_looks_elsewhere),
      cmocka_unit_test(an_alert_outlives_another_function_and_its_memory),
      cmocka_unit_test(an_alert_goes_on_under_other_thresholds),
      cmocka_unit_test(a_breach_that_was_there_before_and_after_has_lasted),
      cmocka_unit_test(nobody_is_absent_because_nobody_listened),
      cmocka_unit_test(
          a_series_that_must_exist_since_the_restart_is_given_its_time),
      cmocka_unit_test(a_silent_series_is_not_more_silent_for_it),
      cmocka_unit_test(a_server_that_went_meanwhile_is_missed),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
