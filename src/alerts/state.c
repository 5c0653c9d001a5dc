#include "alerts/state.h"

#include <math.h>
#include <stdlib.h>

static struct window_spec window_spec(const struct rule *rule) {
  return (struct window_spec){.function = WINDOW_DELTA, .width = rule->window};
}

int state_init(struct state *st, const struct rule *rule, double now) {
  *st = (struct state){.rule = rule, .value = NAN};
  for (int k = 0; k < ALERT_LEVELS; k++)
    st->turned[k] = now;
  if (rule->function == RULE_VALUE)
    return 0;
  struct window_spec spec = window_spec(rule);
  st->window = malloc(window_size(spec.function));
  if (st->window == NULL)
    return -1;
  window_init(st->window, &spec, now);
  return 0;
}

void state_clear(struct state *st) {
  free(st->window);
  st->window = NULL;
}

void state_continue(struct state *st, struct state *from) {
  const struct rule *rule = st->rule;
  struct window *fresh = st->window;
  struct window_spec spec = window_spec(rule);
  bool same = rule->function == from->rule->function && fresh != NULL &&
              window_fits(from->window, &spec);

  *st = *from;
  st->rule = rule;
  if (same)
    from->window = fresh;
  else
    st->window = fresh;
}

/* What the rule's function makes of it; NaN: nothing yet. */
static double evaluate(struct state *st, const struct reading *r,
                       double elapsed, double now) {
  switch (st->rule->function) {
  case RULE_VALUE:
    return r->value;
  case RULE_DELTA:
    window_add(st->window, r, elapsed, now);
    return window_value(st->window, rule_op_side(st->rule->op), now);
  }
  return NAN;
}

static enum alert_level instant_level(const struct state *st) {
  enum alert_level level = rule_judge(st->rule, st->value);

  if (level == ALERT_OK && st->level != ALERT_OK &&
      !rule_cleared(st->rule, st->value))
    return rule_mildest(st->rule);
  return level;
}

static void judge(struct state *st, double now) {
  enum alert_level instant = instant_level(st);
  int up = ALERT_OK;

  for (int k = ALERT_INFO; k < ALERT_LEVELS; k++) {
    bool holds = (int)instant >= k;
    if (holds != st->holds[k]) {
      st->holds[k] = holds;
      st->turned[k] = now;
    }
    if (holds && now - st->turned[k] >= st->rule->hold_for)
      up = k;
  }
  if (up > (int)st->level) {
    if (st->level == ALERT_OK)
      st->since = st->turned[ALERT_INFO];
    st->level = (enum alert_level)up;
    return;
  }
  while (st->level != ALERT_OK && !st->holds[st->level] &&
         now - st->turned[st->level] >= st->rule->clear_for)
    st->level = (enum alert_level)(st->level - 1);
}

enum alert_level state_update(struct state *st, const struct reading *r,
                              double elapsed, double now) {
  enum alert_level before = st->level;
  double value = evaluate(st, r, elapsed, now);

  if (isnan(value))
    return before;
  st->value = value;
  judge(st, now);
  return before;
}

void state_rewind(struct state *st, double now) {
  for (int k = 0; k < ALERT_LEVELS; k++)
    st->turned[k] = now;
  if (st->since > now)
    st->since = now;
  if (st->window != NULL)
    window_rewind(st->window, now);
}

bool state_pending(const struct state *st) {
  return st->level == ALERT_OK && st->holds[ALERT_INFO];
}

double state_threshold(const struct state *st) {
  const struct rule *r = st->rule;

  if (st->level != ALERT_OK && !isnan(r->threshold[st->level]))
    return r->threshold[st->level];
  if (st->level == ALERT_OK && !isnan(r->clear))
    return r->clear;
  return r->threshold[rule_mildest(r)];
}
