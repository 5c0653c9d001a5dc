/* SPDX-License-Identifier: MIT */
/* Functions over time windows against a model that keeps every reading and cuts
 * the window exactly: of the oldest bucket only the part inside the width
 * counts. */
#include "alerts/window.h"

#include "random.h"
#include "unit.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#define DAY 86400.0
#define ABOVE 1
#define SEQUENCES 100000 /* MODEL_SEQUENCES in the environment overrides */
#define LENGTH 60

struct kept { /* a reading with a figure */
  double now;
  double figure;
  double gap;
  double time; /* of the gap that counts */
  bool flap;
};

struct model {
  struct window_spec spec;
  struct kept *kept;
  size_t num;
  double last;
  double seen;
  double fraction; /* time of the last increment that is not whole, or NaN */
};

static struct window *window_new(const struct window_spec *spec, double now) {
  struct window *w = malloc(window_size(spec->function));

  assert_non_null(w);
  window_init(w, spec, now);
  return w;
}

static void model_add(struct model *m, const struct reading *r, double interval,
                      double now) {
  bool steps =
      m->spec.function == WINDOW_DELTA || m->spec.function == WINDOW_RATE;
  double figure = steps ? r->increment : r->value;

  if (isnan(r->value) && isnan(r->increment))
    return;
  if (!isnan(figure)) {
    double width = m->spec.width;
    struct kept *k = &m->kept[m->num];
    k->now = now;
    k->figure = figure;
    k->gap = now - m->last;
    if (m->seen <= 0 && k->gap <= 0)
      k->gap = interval;
    k->time = fmin(k->gap, steps ? width : fmin(width, 3 * interval));
    if (fabs(figure - round(figure)) > 0)
      m->fraction = now;
    k->flap = m->num > 0 && fabs(k->figure - k[-1].figure) > 0;
    m->seen = fmin(m->seen + k->time, width - k->gap + k->time);
    m->seen = fmax(m->seen, k->time);
    m->num++;
  }
  m->last = now;
}

static double buckets_of(const struct model *m) {
  return m->spec.function == WINDOW_PERCENTILE ? 10 : 60;
}

static double bucket_at(const struct model *m, double now) {
  return floor(now * buckets_of(m) / m->spec.width);
}

/* Readings move by whole buckets, as the buckets do. */
static void model_rewind(struct model *m, double old, double now) {
  double width = m->spec.width / buckets_of(m);

  for (size_t i = 0; i < m->num; i++)
    m->kept[i].now += (bucket_at(m, now) - bucket_at(m, old)) * width;
  m->last = now;
  if (m->fraction > now)
    m->fraction = now;
}

static bool model_waits(const struct model *m, int side, double now) {
  double share = fmin(m->seen, m->spec.width - (now - m->last)) / m->spec.width;

  if (!(share > 0))
    return true;
  switch (m->spec.function) {
  case WINDOW_BURN_RATE:
    if (side > 0)
      return false;
    /* fall through */
  case WINDOW_AVG:
  case WINDOW_RATE:
  case WINDOW_PERCENTILE:
    return share < 0.5;
  case WINDOW_MIN:
    return side >= 0 && share < 0.99;
  default:
    return side <= 0 && share < 0.99;
  }
}

/* ---- the reference ---- */

struct cut {    /* what a window holds of the readings */
  double from;  /* time of the newer edge of the oldest bucket */
  double width; /* of a bucket */
  double share; /* of the oldest bucket that is inside */
};

static struct cut cut_at(const struct model *m, double now) {
  double width = m->spec.width / buckets_of(m);
  double newest = bucket_at(m, now);

  return (struct cut){(newest + 1) * width - m->spec.width, width,
                      newest + 1 - now / width};
}

/* Seconds of the reading inside the window. */
static double inside(const struct cut *c, const struct kept *k) {
  double begin = k->now - k->time;
  double newer = fmax(k->now - fmax(begin, c->from), 0);
  double both = fmax(k->now - fmax(begin, c->from - c->width), 0);

  return newer + c->share * (both - newer);
}

/* 0 to 1: how much of the reading is inside. A reading that took no time is in
 * one bucket. */
static double part(const struct cut *c, const struct kept *k) {
  if (k->time > 0)
    return inside(c, k) / k->time;
  return k->now >= c->from ? 1 : k->now >= c->from - c->width ? c->share : 0;
}

/* Which bucket has it is then a matter of rounding. */
static bool is_at_edge(const struct cut *c, const struct kept *k) {
  double at = (k->now - c->from) / c->width;

  return k->time <= 0 && fabs(at - round(at)) < 1e-6;
}

static double amount(const struct model *m, const struct kept *k) {
  double full = m->spec.parameter > 1 ? 100 : 1;

  switch (m->spec.function) {
  case WINDOW_RATE:
    return k->gap > 0 ? k->figure / k->gap : 0;
  case WINDOW_BURN_RATE:
    return 1 - fmin(fmax(k->figure, 0), full) / full;
  case WINDOW_DELTA:
    return k->gap > 0 ? k->figure * k->time / k->gap : k->figure;
  case WINDOW_COUNT_OVER:
    return k->figure > m->spec.parameter;
  case WINDOW_FLAPS:
    return k->flap;
  default:
    return k->figure;
  }
}

static bool same(double a, double b) {
  return (isnan(a) && isnan(b)) || fabs(a - b) <= 1e-4 + 1e-5 * fabs(b);
}

static bool mean_fits(const struct model *m, const struct cut *c,
                      double value) {
  double full = m->spec.parameter > 1 ? 100 : 1;
  double sum = 0;
  double time = 0;

  for (size_t i = 0; i < m->num; i++) {
    sum += amount(m, &m->kept[i]) * inside(c, &m->kept[i]);
    time += inside(c, &m->kept[i]);
  }
  if (m->spec.function != WINDOW_BURN_RATE)
    return time < 1e-6 * m->spec.width || same(value, sum / time);
  return time < 1e-6 * m->spec.width ||
         same(value, sum / fmax(time, m->spec.width / 2) /
                         (1 - m->spec.parameter / full));
}

/* Whole numbers have a whole sum, at most half of one away. */
static bool sum_fits(const struct model *m, const struct cut *c, double value,
                     double now) {
  bool whole =
      m->spec.function != WINDOW_DELTA || !(now - m->fraction < m->spec.width);
  double grain = 4 * DBL_EPSILON * fabs(now) / c->width; /* of a share */
  double sum = 0;
  double blur = 0;

  for (size_t i = 0; i < m->num; i++) {
    sum += amount(m, &m->kept[i]) * part(c, &m->kept[i]);
    blur +=
        fabs(amount(m, &m->kept[i])) * (is_at_edge(c, &m->kept[i]) ? 1 : grain);
  }
  return whole ? fabs(value - round(value)) <= 0 &&
                     fabs(value - sum) <= 0.5 + 2e-6 + blur
               : same(value, sum) || fabs(value - sum) <= blur;
}

/* The oldest bucket counts while more than half of it is inside; a reading is
 * in the bucket of the middle of its time. `shift` moves both limits. */
static double extreme(const struct model *m, const struct cut *c,
                      double shift) {
  double from = c->share + shift > 0.5 ? c->from - c->width : c->from;
  double value = NAN;

  for (size_t i = 0; i < m->num; i++) {
    const struct kept *k = &m->kept[i];
    if (k->now - k->time / 2 < from + shift * c->width)
      continue;
    value = m->spec.function == WINDOW_MIN ? fmin(value, k->figure)
                                           : fmax(value, k->figure);
  }
  return value;
}

static bool extreme_fits(const struct model *m, const struct cut *c,
                         double value) {
  return same(value, extreme(m, c, 0)) || same(value, extreme(m, c, 1e-5)) ||
         same(value, extreme(m, c, -1e-5));
}

/* Points of a hundred between the wanted rank and what `value` has. */
static double rank_error(const struct model *m, const struct cut *c,
                         double value) {
  double below = 0;
  double upto = 0;
  double all = 0;

  for (size_t i = 0; i < m->num; i++) {
    double time = inside(c, &m->kept[i]);
    all += time;
    below += m->kept[i].figure < value ? time : 0;
    upto += m->kept[i].figure <= value ? time : 0;
  }
  if (!(all > 1e-6 * m->spec.width))
    return 0;
  return fmax(0, fmax(100 * below / all - m->spec.parameter,
                      m->spec.parameter - 100 * upto / all));
}

/* 0: the value is right. Of PERCENTILE, by how many points it is off. */
static double model_differs(const struct model *m, double value, double now) {
  const struct cut c = cut_at(m, now);

  switch (m->spec.function) {
  case WINDOW_PERCENTILE:
    return rank_error(m, &c, value);
  case WINDOW_MIN:
  case WINDOW_MAX:
    return extreme_fits(m, &c, value) ? 0 : INFINITY;
  case WINDOW_AVG:
  case WINDOW_RATE:
  case WINDOW_BURN_RATE:
    return mean_fits(m, &c, value) ? 0 : INFINITY;
  default:
    return sum_fits(m, &c, value, now) ? 0 : INFINITY;
  }
}

/* ---- sequences ---- */

static const struct window_spec *random_spec(double *interval) {
  static const double intervals[] = {0.1, 1, 10, 60, 300, 3600};
  static const double ranks[] = {0, 1, 25, 50, 90, 95, 99, 99.9, 100};
  static struct window_spec spec;

  *interval = intervals[chance(6)];
  spec.function = (enum window_function)chance(WINDOW_FUNCTIONS);
  spec.width = fmin(fmax(1, *interval * pow(1.5, chance(12)) / 3), 30 * DAY);
  if (chance(10) == 0)
    spec.width = 30 * DAY;
  spec.parameter = 0;
  if (spec.function == WINDOW_PERCENTILE)
    spec.parameter = ranks[chance(9)];
  else if (spec.function == WINDOW_COUNT_OVER)
    spec.parameter = chance(50);
  else if (spec.function == WINDOW_BURN_RATE)
    spec.parameter = chance(2) ? 0.99 : 95;
  return &spec;
}

static double random_step(double interval, double width) {
  switch (chance(20)) {
  case 0:
    return interval * chance(20);
  case 1:
    return width * (1 + chance(100) / 50.0);
  case 2:
    return 0;
  default:
    return interval * (0.9 + chance(100) / 500.0);
  }
}

static struct reading random_reading(void) {
  struct reading r = {chance(2) ? chance(20) / 5.0 : chance(1000) / 7.0,
                      (double)chance(1000) - 300};

  if (chance(30) == 0)
    r.increment += 0.25;
  if (chance(15) == 0)
    r.value = NAN;
  if (chance(15) == 0)
    r.increment = NAN;
  return r;
}

static void one_sequence(uint64_t number) {
  struct kept kept[LENGTH];
  double interval = 0;

  seed = number * 77 + 1;
  (void)chance(1);
  struct model m = {
      .spec = *random_spec(&interval), .kept = kept, .fraction = NAN};
  double now =
      chance(2) || m.spec.width < 60 ? chance(1000) : 1.7e9 + chance(100000);
  struct window *w = window_new(&m.spec, now);
  m.last = now;
  for (int n = 0; n < LENGTH; n++) {
    int side = (int)chance(3) - 1;
    double old = now;
    if (chance(60) == 0) {
      now -= chance(100000);
      window_rewind(w, now);
      model_rewind(&m, old, now);
    }
    now += random_step(interval, m.spec.width);
    if (chance(5) > 0) {
      const struct reading r = random_reading();
      window_add(w, &r, interval, now);
      model_add(&m, &r, interval, now);
    }
    double value = window_value(w, side, now);
    bool wrong = model_waits(&m, side, now)
                     ? !isnan(value)
                     : model_differs(&m, value, now) > 1e-3;
    if (wrong)
      fail_msg("sequence %llu, step %d: function %d, width %g, side %d: %.10g",
               (unsigned long long)number, n, (int)m.spec.function,
               m.spec.width, side, value);
  }
  free(w);
}

static void they_agree_with_a_model_that_keeps_all(void **state) {
  const char *override = getenv("MODEL_SEQUENCES");
  uint64_t sequences = override ? strtoull(override, NULL, 10) : SEQUENCES;

  (void)state;
  for (uint64_t n = 0; n < sequences; n++)
    one_sequence(n);
}

/* The figure of `width` seconds of a series that grows by `speed` a second. */
static double steady(enum window_function function, double width, double speed,
                     double interval) {
  return function == WINDOW_DELTA        ? width * speed
         : function == WINDOW_COUNT_OVER ? width / interval
                                         : speed;
}

static void a_steady_series_has_the_figure_of_exactly_one_width(void **state) {
  static const enum window_function functions[] = {WINDOW_DELTA, WINDOW_RATE,
                                                   WINDOW_COUNT_OVER};
  static const double intervals[] = {1, 2, 7.5, 10, 60, 300};
  const double speed = 98.4 * 1048576 / 3600;

  (void)state;
  seed = 11;
  for (int run = 0; run < 300; run++) {
    const struct window_spec spec = {functions[run % 3], chance(2) ? 3600 : 600,
                                     0};
    double interval = intervals[chance(6)];
    double begin = chance(100000) / 7.0;
    struct window *w = window_new(&spec, begin);
    for (int i = 1; i < 1000; i++) {
      const struct reading r = {1, speed * interval};
      double now = begin + i * interval;
      window_add(w, &r, interval, now);
      if (i * interval < spec.width + spec.width / 60)
        continue; /* the first bucket is not filled evenly */
      double wanted = steady(spec.function, spec.width, speed, interval);
      double value = window_value(w, ABOVE, now);
      if (fabs(value - wanted) > 1e-6 * wanted)
        fail_msg("function %d, interval %g, reading %d: %.10g, not %.10g",
                 (int)spec.function, interval, i, value, wanted);
    }
    free(w);
  }
}

/* Values of many kinds, more in a bucket than it has points. */
static double shape(int kind, int i) {
  double even = (chance(1000000) + 0.5) / 1e6;

  switch (kind) {
  case 0:
    return even;
  case 1:
    return exp(sqrt(-2 * log(even)) * cos(chance(6283) / 1000.0) * 2);
  case 2:
    return i; /* ever more */
  case 3:
    return -i;
  case 4:
    return 100 * sin(i / 500.0) + even;
  case 5:
    return chance(20) == 0 ? 1000 * even : even; /* a tail */
  case 6:
    return i / 300 % 2 ? 1e6 * even : -even; /* from side to side */
  default:
    return 1 / even;
  }
}

static void a_percentile_is_off_by_two_points_at_most(void **state) {
  static const double ranks[] = {1, 50, 90, 95, 99, 99.9};
  double sum = 0;
  int num = 0;

  (void)state;
  seed = 5;
  for (int kind = 0; kind < 8; kind++)
    for (size_t k = 0; k < sizeof(ranks) / sizeof(*ranks); k++) {
      struct kept *kept = calloc(20000, sizeof(*kept));
      struct model m = {.spec = {WINDOW_PERCENTILE, 36000, ranks[k]},
                        .kept = kept,
                        .fraction = NAN};
      struct window *w = window_new(&m.spec, 0);
      for (int i = 0; i < 20000; i++) {
        const struct reading r = {shape(kind, i), NAN};
        window_add(w, &r, 10, 10.0 * i);
        model_add(&m, &r, 10, 10.0 * i);
        if (i % 487 == 486 && i > 1900) {
          double value = window_value(w, ABOVE, 10.0 * i);
          double error = model_differs(&m, value, 10.0 * i);
          if (error > 2)
            fail_msg("kind %d, rank %g, reading %d: %.10g is off by %g", kind,
                     ranks[k], i, value, error);
          sum += error;
          num++;
        }
      }
      free(w);
      free(kept);
    }
  if (!(sum / num < 0.25))
    fail_msg("off by %g on average", sum / num);
}

/* Each function over the windows that people use. */
static void a_month_agrees_with_the_model(void **state) {
  static const double widths[] = {60, 3600, DAY, 30 * DAY};
  struct kept *kept = calloc((size_t)(31 * DAY / 10), sizeof(*kept));

  (void)state;
  assert_non_null(kept);
  for (int k = 0; k < 4 * WINDOW_FUNCTIONS; k++) {
    enum window_function f = (enum window_function)(k / 4);
    double parameter = f == WINDOW_PERCENTILE ? 95 : 0.5;
    double interval = widths[k % 4] > DAY ? 60 : 10;
    int readings = (int)(31 * DAY / interval);
    struct model m = {
        .spec = {f, widths[k % 4], parameter}, .kept = kept, .fraction = NAN};
    struct window *w = window_new(&m.spec, 0);
    seed = (uint64_t)k;
    for (int i = 0; i < readings; i++) {
      const struct reading r = {chance(10) / 9.0, chance(100)};
      double now = interval * i + chance(100) / 100.0;
      window_add(w, &r, interval, now);
      model_add(&m, &r, interval, now);
      if (i % (readings / 2) == readings / 2 - 1) {
        double value = window_value(w, ABOVE, now);
        assert_int_equal(!isnan(value), !model_waits(&m, ABOVE, now));
        if (!isnan(value) && model_differs(&m, value, now) > 0.01)
          fail_msg("function %d, width %g, reading %d: %.10g", (int)f,
                   m.spec.width, i, value);
      }
    }
    free(w);
  }
  free(kept);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(they_agree_with_a_model_that_keeps_all),
      cmocka_unit_test(a_steady_series_has_the_figure_of_exactly_one_width),
      cmocka_unit_test(a_percentile_is_off_by_two_points_at_most),
      cmocka_unit_test(a_month_agrees_with_the_model),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
