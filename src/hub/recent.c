#include "hub/recent.h"

#include <math.h>
#include <stdbool.h>

#define MARK_EVERY (RECENT_WINDOW / (RECENT_MARKS - 2))

static struct recent_mark *mark(struct recent *r, size_t i) {
  return &r->marks[(r->first + i) % RECENT_MARKS];
}

static void forget_first(struct recent *r) {
  r->first = (r->first + 1) % RECENT_MARKS;
  r->num--;
}

/* The first mark stays the last one that is as old as the window. */
static void forget_old(struct recent *r, double now) {
  while (r->num > 1 && mark(r, 1)->time <= now - RECENT_WINDOW)
    forget_first(r);
}

/* The last mark is the latest value; it is moved along until it is MARK_EVERY
 * behind the one before it. */
static void append(struct recent *r, struct recent_mark next) {
  bool move = r->num > 1 && mark(r, r->num - 1)->time <
                                mark(r, r->num - 2)->time + MARK_EVERY;
  if (!move && r->num == RECENT_MARKS)
    forget_first(r);
  if (!move)
    r->num++;
  *mark(r, r->num - 1) = next;
}

void recent_add(struct recent *r, double now, double part, double whole) {
  if (isnan(part) || isnan(whole))
    return;
  const struct recent_mark *last = r->num > 0 ? mark(r, r->num - 1) : NULL;
  if (last != NULL &&
      (part < last->part || whole < last->whole || now < last->time))
    *r = (struct recent){0};
  append(r, (struct recent_mark){now, part, whole});
  forget_old(r, now);
}

double recent_share(const struct recent *r, double least) {
  if (r->num < 2)
    return NAN;
  const struct recent_mark *from = &r->marks[r->first];
  const struct recent_mark *to =
      &r->marks[(r->first + r->num - 1) % RECENT_MARKS];
  double whole = to->whole - from->whole, part = to->part - from->part;
  if (whole < (least > 1 ? least : 1) || part > whole)
    return NAN;
  return part / whole * 100;
}
