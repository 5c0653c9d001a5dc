/* SPDX-License-Identifier: MIT */
#include "alerts/sample.h"

#include <math.h>

static double derive_step(int64_t old, int64_t new, struct reading *r) {
  int64_t step = 0;

  if (__builtin_sub_overflow(new, old, &step) || step < 0) {
    r->increment = new >= 0 ? (double)new : NAN;
    return NAN;
  }
  r->increment = (double)step;
  return (double)step;
}

static double counter_step(uint64_t old, uint64_t new, struct reading *r) {
  bool is_32 = old <= UINT32_MAX;
  uint64_t step = is_32 && new < old ? (uint32_t)(new - old) : new - old;

  if (new < old && step > (is_32 ? UINT32_MAX : UINT64_MAX) / 2) {
    r->increment = (double)new; /* counter reset */
    return NAN;
  }
  r->increment = (double)step;
  return (double)step;
}

/* Reading of s, which is `seconds` later than `last`. */
static void read_step(const union sample_value *last, const struct sample *s,
                      double seconds, bool only_grows, struct reading *r) {
  switch (s->kind) {
  case SAMPLE_GAUGE:
    r->increment = s->value.gauge - last->gauge;
    if (only_grows && r->increment < 0)
      r->increment = 0;
    break;
  case SAMPLE_DERIVE:
    r->value = derive_step(last->derive, s->value.derive, r) / seconds;
    break;
  case SAMPLE_COUNTER:
    r->value = counter_step(last->counter, s->value.counter, r) / seconds;
    break;
  case SAMPLE_ABSOLUTE:
    break;
  }
}

static void read_alone(const struct sample *s, struct reading *r) {
  *r = (struct reading){NAN, NAN};
  if (s->kind == SAMPLE_GAUGE)
    r->value = s->value.gauge;
  else if (s->kind == SAMPLE_ABSOLUTE && s->interval > 0)
    r->value = (double)s->value.counter / s->interval;
}

struct reading sample_read(struct sample_base *base, const struct sample *s,
                           bool only_grows) {
  bool is_figure = s->kind != SAMPLE_GAUGE || isfinite(s->value.gauge);
  struct reading r;

  read_alone(s, &r);
  if (base->begun && base->kind != s->kind)
    *base = (struct sample_base){0};
  if (base->begun && !(s->time > base->time)) {
    if (++base->late < LATE_MAX)
      return r;
    base->known = false;
  }
  if (s->kind == SAMPLE_ABSOLUTE)
    r.increment = (double)s->value.counter;
  else if (base->known)
    read_step(&base->last, s, s->time - base->time, only_grows, &r);
  if (!isfinite(r.increment))
    r.increment = NAN;
  if (is_figure) {
    base->last = s->value;
    base->known = true;
  }
  base->time = s->time;
  base->kind = (uint8_t)s->kind;
  base->late = 0;
  base->begun = true;
  return r;
}
