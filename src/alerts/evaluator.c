/* SPDX-License-Identifier: MIT */
#include "alerts/evaluator.h"

#include "alerts/anomaly.h"
#include "alerts/leak.h"
#include "alerts/window.h"

#include <math.h>

static bool has_window(const struct rule *rule) {
  return (rule->function >= RULE_AVG && rule->function <= RULE_FLAPS) ||
         rule->function == RULE_BURN_RATE;
}

static struct window_spec window_spec(const struct rule *rule) {
  static const enum window_function functions[RULE_FUNCTIONS] = {
      [RULE_AVG] = WINDOW_AVG,
      [RULE_MIN] = WINDOW_MIN,
      [RULE_MAX] = WINDOW_MAX,
      [RULE_RATE] = WINDOW_RATE,
      [RULE_DELTA] = WINDOW_DELTA,
      [RULE_PERCENTILE] = WINDOW_PERCENTILE,
      [RULE_COUNT_OVER] = WINDOW_COUNT_OVER,
      [RULE_FLAPS] = WINDOW_FLAPS,
      [RULE_BURN_RATE] = WINDOW_BURN_RATE,
  };
  struct window_spec spec = {.function = functions[rule->function],
                             .width = rule->window};

  if (rule->function == RULE_PERCENTILE)
    spec.parameter = rule->rank;
  else if (rule->function == RULE_COUNT_OVER)
    spec.parameter = rule->limit;
  else if (rule->function == RULE_BURN_RATE)
    spec.parameter = rule->objective;
  return spec;
}

size_t evaluator_size(const struct rule *rule) {
  if (has_window(rule))
    return window_size(window_spec(rule).function);
  if (rule->function == RULE_LEAK)
    return sizeof(struct leak);
  return rule->function == RULE_ANOMALY ? sizeof(struct anomaly) : 0;
}

void evaluator_init(const struct rule *rule, void *memory, double now) {
  const struct window_spec spec = window_spec(rule);

  if (has_window(rule))
    window_init(memory, &spec, now);
  else if (rule->function == RULE_LEAK)
    leak_init(memory, rule->window, now);
  else if (rule->function == RULE_ANOMALY)
    anomaly_init(memory, now);
}

bool evaluator_fits(const struct rule *rule, const void *memory, double now) {
  const struct window_spec spec = window_spec(rule);

  if (has_window(rule))
    return window_fits(memory, &spec, now);
  if (rule->function == RULE_LEAK)
    return leak_fits(memory, rule->window);
  return rule->function != RULE_ANOMALY || anomaly_fits(memory);
}

double evaluator_value(const struct rule *rule, void *memory,
                       const struct reading *r, double interval, bool firing,
                       double now) {
  if (has_window(rule)) {
    window_add(memory, r, interval, now);
    return window_value(memory, rule_op_side(rule->op), now);
  }
  switch (rule->function) {
  case RULE_LEAK:
    return leak_add(memory, r->value, now);
  case RULE_ANOMALY:
    return anomaly_add(memory, r->value, now, firing);
  case RULE_ABSENT:
    return isnan(r->value) ? NAN : 0;
  default:
    return r->value;
  }
}

void evaluator_rewind(const struct rule *rule, void *memory, double now) {
  if (has_window(rule))
    window_rewind(memory, now);
}
