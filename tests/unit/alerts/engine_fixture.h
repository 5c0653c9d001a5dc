/* SPDX-License-Identifier: MIT */
/* engine_fixture.h - an engine for each test, and what it emits, as text. */
#ifndef TESTS_ENGINE_FIXTURE_H
#define TESTS_ENGINE_FIXTURE_H

#include "alerts/engine.h"

#include "rules/parse_rules.h"

#include <math.h>
#include <stdio.h>

static struct engine *engine;
static char events[4000]; /* "rule ok>warning; …" since they were last read */
static struct alert last;

static inline void note(void *arg, const struct alert *event) {
  static const char *const reasons[] = {"", " unlisted", " rule-changed"};
  size_t len = strlen(events);

  assert_ptr_equal(arg, &engine);
  assert_int_not_equal(event->level, event->previous);
  last = *event;
  snprintf(events + len, sizeof(events) - len, "%s%s %s>%s%s",
           len > 0 ? "; " : "", event->rule_name,
           alert_level_name(event->previous), alert_level_name(event->level),
           reasons[event->reason]);
}

static inline int begin(void **state) {
  (void)state;
  events[0] = '\0';
  engine = engine_create(1000, note, &engine);
  return engine == NULL;
}

static inline int end(void **state) {
  (void)state;
  engine_destroy(engine);
  engine = NULL;
  return 0;
}

static inline void near(double a, double b) {
  if (!(fabs(a - b) <= 1e-9))
    fail_msg("%.17g is not %.17g", a, b);
}

static inline void expect(const char *expected) {
  char seen[sizeof(events)];

  strcpy(seen, events);
  events[0] = '\0';
  assert_string_equal(seen, expected);
}

static inline void use_rules(const char *text, double now) {
  engine_set_rules(engine, parse_rules(text), now);
}

/* One rule "r" on host/x/gauge, the built-in ones beside it. */
static inline void use_rule(const char *keys) {
  char text[1000];

  snprintf(text, sizeof(text),
           "{'rules': [{'name': 'r', 'metric': '*/x/gauge', %s}]}", keys);
  use_rules(text, 0);
}

static const struct series gauge = {"h", "x", "", "gauge", "", "value"};

static inline int put(const struct series *s, double value, double time,
                      double now) {
  const struct sample sample = {SAMPLE_GAUGE, {.gauge = value}, time, 10};

  return engine_sample(engine, s, &sample, now);
}

static inline int derive(const struct series *s, int64_t value, double time) {
  const struct sample sample = {SAMPLE_DERIVE, {.derive = value}, time, 10};

  return engine_sample(engine, s, &sample, time);
}

static inline int counter(const struct series *s, uint64_t value, double time) {
  const struct sample sample = {SAMPLE_COUNTER, {.counter = value}, time, 10};

  return engine_sample(engine, s, &sample, time);
}

static const struct series up = {"h", "mcp_hub", "p", "bool", "up", "value"};
static const struct series server = {
    "h", "mcp_hub", "p", "mcp_server_state", "github", "value"};

static inline void read_hub(double now, double is_up, double state) {
  put(&up, is_up, 1e9 + now, now);
  if (!isnan(state))
    put(&server, state, 1e9 + now, now);
}

struct step {
  double now;
  double value;
  const char *expected; /* NULL: nothing */
};

static inline void play(const struct series *s, const struct step *steps,
                        size_t num) {
  for (size_t i = 0; i < num; i++) {
    char seen[sizeof(events)];
    assert_int_equal(put(s, steps[i].value, 1e9 + steps[i].now, steps[i].now),
                     0);
    strcpy(seen, events);
    events[0] = '\0';
    if (strcmp(seen, steps[i].expected != NULL ? steps[i].expected : "") != 0)
      fail_msg("step %zu: \"%s\" instead of \"%s\"", i, seen,
               steps[i].expected != NULL ? steps[i].expected : "");
  }
}

#define PLAY(series, ...)                                                      \
  do {                                                                         \
    const struct step steps[] = {__VA_ARGS__};                                 \
    play(series, steps, sizeof(steps) / sizeof(*steps));                       \
  } while (0)

static inline void tick(double now, const char *expected) {
  engine_tick(engine, now);
  expect(expected);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

#endif
