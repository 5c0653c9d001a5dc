/* SPDX-License-Identifier: MIT */
#include "process/server_match.h"

#include <math.h>

static size_t drop_impossible(struct server_match_pair *pairs, size_t num) {
  size_t kept = 0;
  for (size_t i = 0; i < num; i++)
    if (!(pairs[i].delay < -SERVER_MATCH_OLDER)) /* keeps NaN */
      pairs[kept++] = pairs[i];
  return kept;
}

/* Compares `p` with another pair of the same server or child. */
static bool clearly_nearer(const struct server_match_pair *p,
                           const struct server_match_pair *other) {
  return fabs(p->delay) <= SERVER_MATCH_TIMELY &&
         fabs(other->delay) >= fabs(p->delay) + SERVER_MATCH_CLEAR;
}

static bool stands_out(const struct server_match_pair *pairs, size_t num,
                       const struct server_match_pair *p, bool *by_time) {
  *by_time = false;
  for (const struct server_match_pair *q = pairs; q < pairs + num; q++) {
    bool rival = q != p && (q->server == p->server || q->child == p->child);
    if (rival && !clearly_nearer(p, q))
      return false;
    *by_time |= rival;
  }
  return true;
}

void server_match_resolve(struct server_match_pair *pairs, size_t pairs_num,
                          struct server_match *out, size_t servers_num) {
  for (size_t i = 0; i < servers_num; i++)
    out[i] = (struct server_match){.outcome = SERVER_MATCH_NONE};
  pairs_num = drop_impossible(pairs, pairs_num);
  for (size_t i = 0; i < pairs_num; i++) {
    struct server_match *m = &out[pairs[i].server];
    if (m->outcome == SERVER_MATCH_ONE)
      continue;
    bool by_time, one = stands_out(pairs, pairs_num, &pairs[i], &by_time);
    m->outcome = one ? SERVER_MATCH_ONE : SERVER_MATCH_SEVERAL;
    m->child = one ? pairs[i].child : 0;
    m->by_time = one && by_time;
  }
}
