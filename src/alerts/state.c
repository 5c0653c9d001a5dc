#include "alerts/state.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PATIENCE 3 /* of the sender's intervals */

int state_init(struct state *st, const struct rule *rule, double now) {
  size_t size = function_size(rule);

  *st = (struct state){.rule = rule, .value = NAN};
  for (int k = 0; k < ALERT_LEVELS; k++)
    st->turned[k] = now;
  if (size == 0)
    return 0;
  st->memory = calloc(1, size);
  if (st->memory == NULL)
    return -1;
  function_init(rule, st->memory, now);
  return 0;
}

void state_clear(struct state *st) {
  free(st->memory);
  st->memory = NULL;
}

void state_continue(struct state *st, struct state *from) {
  const struct rule *rule = st->rule;
  void *fresh = st->memory;
  bool same = rule->function == from->rule->function && fresh != NULL &&
              function_fits(rule, from->memory, INFINITY);

  *st = *from;
  st->rule = rule;
  if (same)
    from->memory = fresh;
  else
    st->memory = fresh;
}

static enum alert_level instant_level(const struct state *st, double figure) {
  enum alert_level level = rule_judge(st->rule, figure);

  if (level == ALERT_OK && st->level != ALERT_OK &&
      !rule_cleared(st->rule, figure))
    return rule_mildest(st->rule);
  return level;
}

static void judge(struct state *st, enum alert_level instant, double hold_for,
                  double clear_for, double now) {
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

static void judge_figure(struct state *st, double figure, double now) {
  judge(st, instant_level(st, figure), st->rule->hold_for, st->rule->clear_for,
        now);
}

enum alert_level state_update(struct state *st, const struct reading *r,
                              double interval, double now) {
  enum alert_level before = st->level;
  double figure = function_value(st->rule, st->memory, r, interval,
                                 st->level != ALERT_OK, now);

  if (isnan(figure))
    return before;
  st->value = st->rule->function == RULE_ANOMALY ? r->value : figure;
  judge_figure(st, figure, now);
  return before;
}

bool state_minds_silence(const struct state *st) {
  return st->rule->function == RULE_ABSENT || st->rule->no_data != NO_DATA_HOLD;
}

static void restart_durations(struct state *st, double now) {
  for (int k = 0; k < ALERT_LEVELS; k++)
    st->turned[k] = now;
  if (st->since > now)
    st->since = now;
}

enum alert_level state_silent(struct state *st, double silent, double interval,
                              double now) {
  const struct rule *rule = st->rule;
  double patience =
      rule->no_data_for > 0 ? rule->no_data_for : PATIENCE * interval;
  enum alert_level before = st->level;

  if (silent < 0) {
    restart_durations(st, now);
  } else if (rule->function == RULE_ABSENT) {
    if (silent < st->value)
      return before; /* time stepped back: no value has come */
    st->value = silent;
    judge_figure(st, silent, now);
  } else if (rule->no_data != NO_DATA_HOLD && patience > 0 &&
             silent >= patience) {
    judge(st, rule->no_data_level, 0, 0, now);
  }
  return before;
}

void state_rewind(struct state *st, double now) {
  restart_durations(st, now);
  if (st->memory != NULL)
    function_rewind(st->rule, st->memory, now);
}

void state_unheard(struct state *st, double seconds, double now) {
  if (st->rule->function != RULE_ABSENT)
    return;
  for (int k = 0; k < ALERT_LEVELS; k++)
    st->turned[k] = fmin(st->turned[k] + seconds, now);
}

bool state_worth_saving(const struct state *st) {
  return st->level != ALERT_OK || st->holds[ALERT_INFO] || st->memory != NULL ||
         state_minds_silence(st);
}

void state_save(const struct state *st, struct bytes *out) {
  size_t size = function_size(st->rule);

  bytes_put_u64(out, st->level);
  for (int k = 0; k < ALERT_LEVELS; k++) {
    bytes_put_u64(out, st->holds[k]);
    bytes_put_double(out, st->turned[k]);
  }
  bytes_put_double(out, st->since);
  bytes_put_double(out, st->value);
  bytes_put_u64(out, size);
  bytes_put(out, st->memory, size);
}

static void load_memory(struct state *st, struct bytes_reader *in, double now) {
  size_t size = (size_t)bytes_get_u64(in);
  const void *memory = bytes_get(in, size);

  if (memory == NULL || st->memory == NULL || size != function_size(st->rule))
    return;
  memcpy(st->memory, memory, size);
  if (!function_fits(st->rule, st->memory, now))
    function_init(st->rule, st->memory, now);
}

void state_load(struct state *st, struct bytes_reader *in, double away,
                double now) {
  uint64_t level = bytes_get_u64(in);

  if (level >= ALERT_LEVELS) {
    in->failed = true;
    return;
  }
  st->level = (enum alert_level)level;
  for (int k = 0; k < ALERT_LEVELS; k++) {
    st->holds[k] = bytes_get_u64(in) != 0;
    st->turned[k] = fmin(bytes_get_time(in), now);
  }
  state_unheard(st, away, now);
  st->since = fmin(bytes_get_time(in), now);
  st->value = bytes_get_double(in);
  load_memory(st, in, now);
}

bool state_pending(const struct state *st) {
  return st->level == ALERT_OK && st->holds[ALERT_INFO];
}

double state_threshold(const struct state *st) {
  const struct rule *r = st->rule;

  if (r->function == RULE_ANOMALY)
    return NAN; /* a score is none in the series' unit */
  if (st->level != ALERT_OK && !isnan(r->threshold[st->level]))
    return r->threshold[st->level];
  if (st->level == ALERT_OK && !isnan(r->clear))
    return r->clear;
  return r->threshold[rule_mildest(r)];
}
