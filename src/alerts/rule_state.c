/* SPDX-License-Identifier: MIT */
#include "alerts/rule_state.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PATIENCE 3 /* intervals without a value */

int rule_state_init(struct rule_state *st, const struct rule *rule,
                    double now) {
  size_t size = evaluator_size(rule);

  *st = (struct rule_state){.rule = rule, .value = NAN};
  for (int k = 0; k < ALERT_LEVELS; k++)
    st->turned[k] = now;
  if (size == 0)
    return 0;
  st->memory = calloc(1, size);
  if (st->memory == NULL)
    return -1;
  evaluator_init(rule, st->memory, now);
  return 0;
}

void rule_state_clear(struct rule_state *st) {
  free(st->memory);
  st->memory = NULL;
}

void rule_state_continue(struct rule_state *st, struct rule_state *from) {
  const struct rule *rule = st->rule;
  void *fresh = st->memory;
  bool same = rule->function == from->rule->function && fresh != NULL &&
              evaluator_fits(rule, from->memory, INFINITY);

  *st = *from;
  st->rule = rule;
  if (same)
    from->memory = fresh;
  else
    st->memory = fresh;
}

static enum alert_level instant_level(const struct rule_state *st,
                                      double figure) {
  enum alert_level level = rule_judge(st->rule, figure);

  if (level == ALERT_OK && st->level != ALERT_OK &&
      !rule_cleared(st->rule, figure))
    return rule_mildest(st->rule);
  return level;
}

static void judge(struct rule_state *st, enum alert_level instant,
                  double hold_for, double clear_for, double now) {
  int up = ALERT_OK;

  for (int k = ALERT_INFO; k < ALERT_LEVELS; k++) {
    bool holds = (int)instant >= k;
    if (holds != st->holds[k]) {
      st->holds[k] = holds;
      st->turned[k] = now;
    }
    if (holds && now - st->turned[k] >= hold_for)
      up = k;
  }
  if (up > (int)st->level) {
    if (st->level == ALERT_OK)
      st->since = st->turned[ALERT_INFO];
    st->level = (enum alert_level)up;
    return;
  }
  while (st->level != ALERT_OK && !st->holds[st->level] &&
         now - st->turned[st->level] >= clear_for)
    st->level = (enum alert_level)(st->level - 1);
}

static void judge_figure(struct rule_state *st, double figure, double now) {
  judge(st, instant_level(st, figure), st->rule->hold_for, st->rule->clear_for,
        now);
}

enum alert_level rule_state_update(struct rule_state *st,
                                   const struct reading *r, double interval,
                                   double now) {
  enum alert_level before = st->level;
  double figure = evaluator_value(st->rule, st->memory, r, interval,
                                  st->level != ALERT_OK, now);

  if (isnan(figure))
    return before;
  st->value = st->rule->function == RULE_ANOMALY ? r->value : figure;
  judge_figure(st, figure, now);
  return before;
}

bool rule_state_watches_silence(const struct rule_state *st) {
  return st->rule->function == RULE_ABSENT || st->rule->no_data != NO_DATA_HOLD;
}

static void restart_durations(struct rule_state *st, double now) {
  for (int k = 0; k < ALERT_LEVELS; k++)
    st->turned[k] = now;
  if (st->since > now)
    st->since = now;
}

enum alert_level rule_state_silent(struct rule_state *st, double silent,
                                   double interval, double now) {
  const struct rule *rule = st->rule;
  double patience =
      rule->no_data_for > 0 ? rule->no_data_for : PATIENCE * interval;
  enum alert_level before = st->level;

  if (silent < 0) {
    restart_durations(st, now);
  } else if (rule->function == RULE_ABSENT) {
    if (silent < st->value)
      return before; /* the clock stepped back: not a new value */
    st->value = silent;
    judge_figure(st, silent, now);
  } else if (rule->no_data != NO_DATA_HOLD && patience > 0 &&
             silent >= patience) {
    judge(st, rule->no_data_level, 0, 0, now);
  }
  return before;
}

void rule_state_rewind(struct rule_state *st, double now) {
  restart_durations(st, now);
  if (st->memory != NULL)
    evaluator_rewind(st->rule, st->memory, now);
}

void rule_state_skip_gap(struct rule_state *st, double seconds, double now) {
  if (st->rule->function != RULE_ABSENT)
    return;
  for (int k = 0; k < ALERT_LEVELS; k++)
    st->turned[k] = fmin(st->turned[k] + seconds, now);
}

bool rule_state_worth_saving(const struct rule_state *st) {
  return st->level != ALERT_OK || st->holds[ALERT_INFO] || st->memory != NULL ||
         rule_state_watches_silence(st);
}

void rule_state_save(const struct rule_state *st, struct serializer *out) {
  size_t size = evaluator_size(st->rule);

  serialize_u64(out, st->level);
  for (int k = 0; k < ALERT_LEVELS; k++) {
    serialize_u64(out, st->holds[k]);
    serialize_double(out, st->turned[k]);
  }
  serialize_double(out, st->since);
  serialize_double(out, st->value);
  serialize_u64(out, size);
  serialize(out, st->memory, size);
}

static void load_memory(struct rule_state *st, struct deserializer *in,
                        double now) {
  size_t size = (size_t)deserialize_u64(in);
  const void *memory = deserialize(in, size);

  if (memory == NULL || st->memory == NULL || size != evaluator_size(st->rule))
    return;
  memcpy(st->memory, memory, size);
  if (!evaluator_fits(st->rule, st->memory, now))
    evaluator_init(st->rule, st->memory, now);
}

void rule_state_load(struct rule_state *st, struct deserializer *in,
                     double away, double now) {
  uint64_t level = deserialize_u64(in);

  if (level >= ALERT_LEVELS) {
    in->failed = true;
    return;
  }
  st->level = (enum alert_level)level;
  for (int k = 0; k < ALERT_LEVELS; k++) {
    st->holds[k] = deserialize_u64(in) != 0;
    st->turned[k] = fmin(deserialize_time(in), now);
  }
  rule_state_skip_gap(st, away, now);
  st->since = fmin(deserialize_time(in), now);
  st->value = deserialize_double(in);
  load_memory(st, in, now);
}

bool rule_state_pending(const struct rule_state *st) {
  return st->level == ALERT_OK && st->holds[ALERT_INFO];
}

double rule_state_threshold(const struct rule_state *st) {
  const struct rule *r = st->rule;

  if (r->function == RULE_ANOMALY)
    return NAN; /* a score is not in the unit of the series */
  if (st->level != ALERT_OK && !isnan(r->threshold[st->level]))
    return r->threshold[st->level];
  if (st->level == ALERT_OK && !isnan(r->clear))
    return r->clear;
  return r->threshold[rule_mildest(r)];
}
