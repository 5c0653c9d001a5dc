/* SPDX-License-Identifier: MIT */
#include "alerts/window.h"

#include "util/serialize.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#define FINE 60
#define COARSE 10
#define HALF 0.5
#define WHOLE 0.99
#define ROUNDING 1e-6 /* a half rounds down despite rounding errors */

struct window {
  struct window_spec spec;
  double last;    /* of the last reading; before the first: start time */
  double seen;    /* seconds of the width covered by readings, at `last` */
  double held;    /* last value; DELTA: time of the last increment that is not a
                     whole number; NaN: none */
  int64_t head;   /* number of the newest bucket, from time 0 */
  int32_t newest; /* its index */
};

struct sums { /* DELTA, COUNT_OVER, FLAPS; MIN and MAX: the extreme */
  struct window w;
  double bucket[FINE + 1]; /* one more: the bucket that expires */
};

struct means { /* AVG, RATE, BURN_RATE */
  struct window w;
  double mean[FINE + 1];
  float weight[FINE + 1]; /* seconds */
};

struct points { /* a distribution: ascending values and their weights */
  double value[WINDOW_POINTS];
  float until[WINDOW_POINTS]; /* seconds at this value or below */
  int32_t num;
};

struct ranks { /* PERCENTILE */
  struct window w;
  double guess; /* value of the last result */
  struct points bucket[COARSE + 1];
};

size_t window_size(enum window_function function) {
  switch (function) {
  case WINDOW_AVG:
  case WINDOW_RATE:
  case WINDOW_BURN_RATE:
    return sizeof(struct means);
  case WINDOW_PERCENTILE:
    return sizeof(struct ranks);
  default:
    return sizeof(struct sums);
  }
}

/* ---- buckets ---- */

static int32_t per_width(const struct window *w) {
  return w->spec.function == WINDOW_PERCENTILE ? COARSE : FINE;
}

static int64_t bucket_number(const struct window *w, double now) {
  return (int64_t)floor(now * per_width(w) / w->spec.width);
}

static void clear(struct window *w, int32_t i) {
  switch (w->spec.function) {
  case WINDOW_AVG:
  case WINDOW_RATE:
  case WINDOW_BURN_RATE:
    ((struct means *)w)->mean[i] = 0;
    ((struct means *)w)->weight[i] = 0;
    break;
  case WINDOW_PERCENTILE:
    ((struct ranks *)w)->bucket[i].num = 0;
    break;
  case WINDOW_MIN:
  case WINDOW_MAX:
    ((struct sums *)w)->bucket[i] = NAN;
    break;
  default:
    ((struct sums *)w)->bucket[i] = 0;
  }
}

static void advance(struct window *w, double now) {
  int64_t number = bucket_number(w, now);
  int32_t last = per_width(w);

  if (number - w->head > last)
    w->head = number - last - 1;
  while (w->head < number) {
    w->head++;
    w->newest = w->newest == last ? 0 : w->newest + 1;
    clear(w, w->newest);
  }
}

/* Index of a bucket that is not newer than the newest. */
static int32_t bucket_index(const struct window *w, int64_t number) {
  int64_t back = w->head - number;
  int32_t last = per_width(w);

  if (back < 0)
    back = 0;
  if (back > last)
    back = last;
  int32_t i = w->newest - (int32_t)back;
  return i < 0 ? i + last + 1 : i;
}

static int32_t oldest(const struct window *w) {
  return w->newest == per_width(w) ? 0 : w->newest + 1;
}

/* Share of the oldest bucket that is inside the width. */
static double oldest_share(const struct window *w, double now) {
  double begun = now * per_width(w) / w->spec.width - (double)w->head;

  return 1 - fmin(fmax(begun, 0), 1);
}

void window_init(struct window *w, const struct window_spec *spec, double now) {
  memset(w, 0, window_size(spec->function));
  w->spec.function = spec->function; /* padding stays 0 */
  w->spec.width = spec->width;
  w->spec.parameter = spec->parameter;
  w->last = now;
  w->held = NAN;
  w->head = bucket_number(w, now);
  for (int32_t i = 0; i <= per_width(w); i++)
    clear(w, i);
}

void window_rewind(struct window *w, double now) {
  w->head = bucket_number(w, now);
  w->last = now;
  if (w->spec.function == WINDOW_DELTA && w->held > now)
    w->held = now;
}

/* ---- points of a distribution ---- */

static float weight_of(const struct points *p, int32_t i) {
  return i == 0 ? p->until[0] : p->until[i] - p->until[i - 1];
}

static void remove_point(struct points *p, int32_t i) {
  size_t behind = (size_t)(--p->num - i);

  memmove(&p->value[i], &p->value[i + 1], behind * sizeof(*p->value));
  memmove(&p->until[i], &p->until[i + 1], behind * sizeof(*p->until));
}

/* Merges two neighbours into the heavier one. Chooses a light pair far from the
 * rank. */
static void merge_points(struct points *p, double rank) {
  float total = p->until[p->num - 1];
  float wanted = (float)rank * total;
  float least = INFINITY;
  int32_t best = 0;

  for (int32_t i = 0; i + 1 < p->num; i++) {
    float both = weight_of(p, i) + weight_of(p, i + 1);
    float cost = both / (0.1F * total + fabsf(p->until[i] - wanted));
    if (cost < least) {
      least = cost;
      best = i;
    }
  }
  if (weight_of(p, best) > weight_of(p, best + 1))
    p->value[best + 1] = p->value[best];
  remove_point(p, best);
}

/* Index of the first point that is not below `value`. */
static int32_t find_point(const struct points *p, double value) {
  int32_t first = 0;
  int32_t end = p->num;

  while (first < end) {
    int32_t middle = (first + end) / 2;
    if (p->value[middle] < value)
      first = middle + 1;
    else
      end = middle;
  }
  return first;
}

static void add_point(struct points *p, double value, float weight,
                      double rank) {
  int32_t i = find_point(p, value);

  if (i == p->num || p->value[i] > value) {
    if (p->num == WINDOW_POINTS) {
      merge_points(p, rank);
      i = find_point(p, value);
    }
    size_t behind = (size_t)(p->num++ - i);
    memmove(&p->value[i + 1], &p->value[i], behind * sizeof(*p->value));
    memmove(&p->until[i + 1], &p->until[i], behind * sizeof(*p->until));
    p->value[i] = value;
    p->until[i] = i == 0 ? 0 : p->until[i - 1];
  }
  for (; i < p->num; i++)
    p->until[i] += weight;
}

struct standing { /* position of a value among all points */
  double below;
  double at;
  double total;
  double lower; /* neighbouring values */
  double upper;
};

static struct standing stand(const struct ranks *r, double value, double now) {
  struct standing s = {.lower = -INFINITY, .upper = INFINITY};

  for (int32_t k = 0; k <= COARSE; k++) {
    const struct points *p = &r->bucket[k];
    double share = k == oldest(&r->w) ? oldest_share(&r->w, now) : 1;
    if (p->num == 0 || !(share > 0))
      continue;
    int32_t i = find_point(p, value);
    if (i > 0) {
      s.below += share * p->until[i - 1];
      s.lower = fmax(s.lower, p->value[i - 1]);
    }
    if (i < p->num && p->value[i] <= value)
      s.at += share * weight_of(p, i++);
    if (i < p->num)
      s.upper = fmin(s.upper, p->value[i]);
    s.total += share * p->until[p->num - 1];
  }
  return s;
}

/* Starts the search at the last result, which is usually near. */
static double ranked(struct ranks *r, double now) {
  int moved = 0;

  for (;;) {
    struct standing s = stand(r, r->guess, now);
    double wanted = s.total * r->w.spec.parameter / 100;
    int move = 0;
    if (s.below > 0 && s.below >= wanted)
      move = -1;
    else if (isfinite(s.upper) && (s.at <= 0 || s.below + s.at < wanted))
      move = 1;
    if (move == 0 || move == -moved)
      return s.total > 0 ? r->guess : NAN;
    r->guess = move < 0 ? s.lower : s.upper;
    moved = move;
  }
}

/* ---- add ---- */

static void add_mean(struct means *m, int32_t i, double value, double time) {
  if (!(m->weight[i] > 0))
    m->mean[i] = value;
  m->weight[i] += (float)time;
  m->mean[i] += (value - m->mean[i]) * fmin(time / m->weight[i], 1);
  m->w.held = value;
}

static double best_value(const struct window *w) {
  return w->spec.parameter > 1 ? 100 : 1;
}

static double bad_share(const struct window *w, double value) {
  return 1 - fmin(fmax(value / best_value(w), 0), 1);
}

/* The amount that a reading adds to the time that it covers. */
static double amount_of(struct window *w, double figure, double gap,
                        double time, double now) {
  double before = w->held;

  switch (w->spec.function) {
  case WINDOW_RATE:
    return gap > 0 ? figure / gap : 0;
  case WINDOW_BURN_RATE:
    return bad_share(w, figure);
  case WINDOW_DELTA:
    if (figure < floor(figure) || figure > floor(figure))
      w->held = now;
    return gap > time ? figure * (time / gap) : figure;
  case WINDOW_COUNT_OVER:
    return figure > w->spec.parameter;
  case WINDOW_FLAPS:
    w->held = figure;
    return figure < before || figure > before;
  default:
    return figure;
  }
}

/* Adds to one bucket `seconds` of the `time` that a reading covers. */
static void add_part(struct window *w, int32_t i, double amount, double seconds,
                     double time) {
  switch (w->spec.function) {
  case WINDOW_AVG:
  case WINDOW_RATE:
  case WINDOW_BURN_RATE:
    add_mean((struct means *)w, i, amount, seconds);
    break;
  case WINDOW_PERCENTILE:
    add_point(&((struct ranks *)w)->bucket[i], amount, (float)seconds,
              w->spec.parameter / 100);
    break;
  default:
    ((struct sums *)w)->bucket[i] += amount * (seconds / time);
  }
}

static void add_extreme(struct sums *s, double value, double then) {
  double *bucket = &s->bucket[bucket_index(&s->w, bucket_number(&s->w, then))];

  *bucket = s->w.spec.function == WINDOW_MIN ? fmin(*bucket, value)
                                             : fmax(*bucket, value);
}

/* `gap`: seconds since the previous reading; `time`: the part that counts. */
static void add_figure(struct window *w, double figure, double gap, double time,
                       double now) {
  enum window_function function = w->spec.function;
  double width = w->spec.width / per_width(w);
  double amount = amount_of(w, figure, gap, time, now);

  if (function == WINDOW_MIN || function == WINDOW_MAX) {
    add_extreme((struct sums *)w, figure, now - time / 2);
    return;
  }
  for (int64_t n = bucket_number(w, now - time); time > 0 && n <= w->head;
       n++) {
    double from = fmax(now - time, (double)n * width);
    double seconds = fmin(now, (double)(n + 1) * width) - from;
    if (seconds > 0)
      add_part(w, bucket_index(w, n), amount, seconds, time);
  }
  if (!(time > 0) && window_size(function) == sizeof(struct sums))
    ((struct sums *)w)->bucket[w->newest] += amount;
}

void window_add(struct window *w, const struct reading *r, double interval,
                double now) {
  bool steps = w->spec.function == WINDOW_DELTA ||
               w->spec.function == WINDOW_RATE; /* uses increments */
  double figure = steps ? r->increment : r->value;

  advance(w, now);
  if (!isfinite(r->value) && !isfinite(r->increment))
    return;
  if (isfinite(figure)) {
    double width = w->spec.width;
    double known = isfinite(interval) ? fmax(interval, 0) : 0;
    double gap = fmax(now - w->last, 0);
    if (!(w->seen > 0) && !(gap > 0))
      gap = known;
    double hold = steps || !(known > 0) ? width : WINDOW_HOLD * known;
    double time = fmin(gap, fmin(hold, width));
    w->seen = fmax(time, fmin(w->seen + time, width - (gap - time)));
    add_figure(w, figure, gap, time, now);
  }
  w->last = now;
}

/* ---- evaluation ---- */

/* Counts and increments that are whole numbers have a whole sum: the share of
 * the oldest bucket is rounded. */
static double total(const struct sums *s, double now) {
  const struct window *w = &s->w;
  bool whole =
      w->spec.function != WINDOW_DELTA || !(now - w->held < w->spec.width);
  double sum = s->bucket[oldest(w)] * oldest_share(w, now);

  for (int i = 0; i <= FINE; i++)
    sum += i != oldest(w) ? s->bucket[i] : 0;
  return whole ? ceil(sum - HALF - ROUNDING) + 0.0 : sum; /* no -0 */
}

/* The oldest bucket counts while more than half of it is inside the width. */
static double extreme(const struct sums *s, double now) {
  bool least = s->w.spec.function == WINDOW_MIN;
  double value = NAN;

  for (int i = 0; i <= FINE; i++)
    if (i != oldest(&s->w) || oldest_share(&s->w, now) > HALF)
      value = least ? fmin(value, s->bucket[i]) : fmax(value, s->bucket[i]);
  return value;
}

/* Mean over at least `at_least` seconds; missing time counts as 0. Sums the
 * differences from the last value, so a constant series has its exact mean. */
static double mean(const struct means *m, double at_least, double now) {
  double sum = 0;
  double all = 0;

  for (int i = 0; i <= FINE; i++) {
    double share = i == oldest(&m->w) ? oldest_share(&m->w, now) : 1;
    double weight = share * m->weight[i];
    sum += (m->mean[i] - m->w.held) * weight;
    all += weight;
  }
  if (!(all > 0))
    return NAN;
  return (m->w.held + sum / all) * fmin(all / fmax(at_least, all), 1);
}

static double burn_rate(const struct means *m, double now) {
  const struct window *w = &m->w;
  double allowed = 1 - w->spec.parameter / best_value(w);

  return mean(m, HALF * w->spec.width, now) / allowed;
}

/* Share of the width that readings must cover. */
static double needed(enum window_function function, int side) {
  switch (function) {
  case WINDOW_AVG:
  case WINDOW_RATE:
  case WINDOW_PERCENTILE:
    return HALF;
  case WINDOW_BURN_RATE:
    return side > 0 ? 0 : HALF;
  case WINDOW_MIN:
    return side < 0 ? 0 : WHOLE;
  default:
    return side > 0 ? 0 : WHOLE;
  }
}

double window_value(struct window *w, int side, double now) {
  double width = w->spec.width;
  double seen = fmin(w->seen, width - (now - w->last));

  advance(w, now);
  if (!(seen > 0) || seen < needed(w->spec.function, side) * width)
    return NAN;
  switch (w->spec.function) {
  case WINDOW_AVG:
  case WINDOW_RATE:
    return mean((struct means *)w, 0, now);
  case WINDOW_BURN_RATE:
    return burn_rate((struct means *)w, now);
  case WINDOW_PERCENTILE:
    return ranked((struct ranks *)w, now);
  case WINDOW_MIN:
  case WINDOW_MAX:
    return extreme((struct sums *)w, now);
  default:
    return total((struct sums *)w, now);
  }
}

/* ---- validation of loaded state ---- */

static bool points_fit(const struct ranks *r) {
  for (int32_t k = 0; k <= COARSE; k++) {
    const struct points *p = &r->bucket[k];
    if (p->num < 0 || p->num > WINDOW_POINTS)
      return false;
    for (int32_t i = 0; i < p->num; i++)
      if (!isfinite(p->value[i]) || !isfinite(p->until[i]) ||
          (i > 0 && !(p->value[i] > p->value[i - 1])) ||
          !(weight_of(p, i) >= 0))
        return false;
  }
  return isfinite(r->guess);
}

bool window_fits(const struct window *w, const struct window_spec *spec,
                 double now) {
  return w->spec.function == spec->function && w->spec.width == spec->width &&
         w->spec.parameter == spec->parameter && serialize_is_time(w->last) &&
         w->last <= now && w->seen >= 0 && w->seen <= w->spec.width &&
         w->head >= bucket_number(w, w->last) &&
         (double)w->head <= floor(now * per_width(w) / w->spec.width) &&
         w->newest >= 0 && w->newest <= per_width(w) &&
         (spec->function != WINDOW_PERCENTILE ||
          points_fit((const struct ranks *)w));
}
