/* recent.h - two counters over time -> their share in the last five minutes.
 *
 * A hub's own rates are since its start: a new outburst hides in a long
 * history. This keeps marks of (part, whole) and compares now with the mark at
 * the far end of the window, or with the first one while there is less.
 * Counters that fall were reset (the hub restarted): what was before is
 * forgotten, so that no spike comes of it. Memory is constant. */
#ifndef HUB_RECENT_H
#define HUB_RECENT_H

#include <stddef.h>

#define RECENT_WINDOW 300.0 /* seconds */
#define RECENT_MARKS 62     /* one for every five seconds, and both ends */

struct recent { /* zero-initialised: empty */
  struct recent_mark {
    double time;
    double part;
    double whole;
  } marks[RECENT_MARKS]; /* a ring, times ascending */
  size_t first;
  size_t num;
};

/* `now`: seconds of a clock that does not step; NaN counters say nothing. */
void recent_add(struct recent *r, double now, double part, double whole);

/* Percent of `whole` that was `part` within the window before the last add; NaN
 * when `whole` grew by less than `least` (at least 1). */
double recent_share(const struct recent *r, double least);

#endif
