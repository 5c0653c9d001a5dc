/* SPDX-License-Identifier: MIT */
#include "hub/windowed_ratio.h"

#include <math.h>
#include <stdbool.h>

#define MARK_EVERY (WINDOWED_RATIO_WINDOW / (WINDOWED_RATIO_MARKS - 2))

static struct windowed_ratio_mark *mark(struct windowed_ratio *r, size_t i) {
  return &r->marks[(r->first + i) % WINDOWED_RATIO_MARKS];
}

static void forget_first(struct windowed_ratio *r) {
  r->first = (r->first + 1) % WINDOWED_RATIO_MARKS;
  r->num--;
}

/* Keeps one mark that is at least as old as the window. */
static void forget_old(struct windowed_ratio *r, double now) {
  while (r->num > 1 && mark(r, 1)->time <= now - WINDOWED_RATIO_WINDOW)
    forget_first(r);
}

/* The last mark is the current value. It is overwritten until it is MARK_EVERY
 * seconds after the previous mark. */
static void append(struct windowed_ratio *r, struct windowed_ratio_mark next) {
  bool move = r->num > 1 && mark(r, r->num - 1)->time <
                                mark(r, r->num - 2)->time + MARK_EVERY;
  if (!move && r->num == WINDOWED_RATIO_MARKS)
    forget_first(r);
  if (!move)
    r->num++;
  *mark(r, r->num - 1) = next;
}

void windowed_ratio_add(struct windowed_ratio *r, double now, double part,
                        double whole) {
  if (isnan(part) || isnan(whole))
    return;
  const struct windowed_ratio_mark *last =
      r->num > 0 ? mark(r, r->num - 1) : NULL;
  if (last != NULL &&
      (part < last->part || whole < last->whole || now < last->time))
    *r = (struct windowed_ratio){0};
  append(r, (struct windowed_ratio_mark){now, part, whole});
  forget_old(r, now);
}

double windowed_ratio_share(const struct windowed_ratio *r, double least) {
  if (r->num < 2)
    return NAN;
  const struct windowed_ratio_mark *from = &r->marks[r->first];
  const struct windowed_ratio_mark *to =
      &r->marks[(r->first + r->num - 1) % WINDOWED_RATIO_MARKS];
  double whole = to->whole - from->whole, part = to->part - from->part;
  if (whole < (least > 1 ? least : 1) || part > whole)
    return NAN;
  return part / whole * 100;
}
