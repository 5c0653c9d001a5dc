#include "hub/match.h"

#include <math.h>
#include <stdbool.h>

static size_t drop_impossible(struct match_pair *pairs, size_t num) {
  size_t kept = 0;
  for (size_t i = 0; i < num; i++)
    if (!(pairs[i].delay < -MATCH_OLDER)) /* true for NaN */
      pairs[kept++] = pairs[i];
  return kept;
}

/* `p` against another pair of the same server or child. */
static bool clearly_nearer(const struct match_pair *p,
                           const struct match_pair *other) {
  return fabs(p->delay) <= MATCH_TIMELY &&
         fabs(other->delay) >= fabs(p->delay) + MATCH_CLEAR;
}

static bool stands_out(const struct match_pair *pairs, size_t num,
                       const struct match_pair *p) {
  for (const struct match_pair *q = pairs; q < pairs + num; q++) {
    bool rival = q != p && (q->server == p->server || q->child == p->child);
    if (rival && !clearly_nearer(p, q))
      return false;
  }
  return true;
}

void match_resolve(struct match_pair *pairs, size_t pairs_num,
                   struct match *out, size_t servers_num) {
  for (size_t i = 0; i < servers_num; i++)
    out[i] = (struct match){MATCH_NONE, 0};
  pairs_num = drop_impossible(pairs, pairs_num);
  for (size_t i = 0; i < pairs_num; i++) {
    struct match *m = &out[pairs[i].server];
    if (m->outcome == MATCH_ONE)
      continue;
    *m = stands_out(pairs, pairs_num, &pairs[i])
             ? (struct match){MATCH_ONE, pairs[i].child}
             : (struct match){MATCH_SEVERAL, 0};
  }
}
