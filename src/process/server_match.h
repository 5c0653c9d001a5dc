/* SPDX-License-Identifier: MIT */
/* server_match.h - who could be whose -> who is whose, or that nobody can tell.
 *
 * A pair says that a child fits the launch of a server. They belong together
 * when the child fits no other server and the server no other child. Nothing is
 * older than what started it: a pair in which the child is older than the
 * server's connection by more than SERVER_MATCH_OLDER is none.
 *
 * Where several fit, time decides if it can: the child that started within
 * SERVER_MATCH_TIMELY of the server's connection, when every other pair of
 * either of them is further off by SERVER_MATCH_CLEAR or more. (The moment of a
 * process's start is known to a second, its offset is the same for all.) Equal
 * launches that began together stay without an answer. */
#ifndef PROCESS_SERVER_MATCH_H
#define PROCESS_SERVER_MATCH_H

#include <stdbool.h>
#include <stddef.h>

#define SERVER_MATCH_OLDER 2.5  /* seconds */
#define SERVER_MATCH_TIMELY 2.0 /* seconds */
#define SERVER_MATCH_CLEAR 1.0  /* seconds */
#define SERVER_MATCH_PAIRS_MAX 2048

struct server_match_pair {
  size_t server;
  size_t child;
  double delay; /* from the connection's begin to the child's; NaN: unknown */
};

enum server_match_outcome {
  SERVER_MATCH_NONE,
  SERVER_MATCH_ONE,
  SERVER_MATCH_SEVERAL
};

struct server_match {
  enum server_match_outcome outcome;
  size_t child; /* of SERVER_MATCH_ONE */
  bool by_time; /* others fit, too */
};

/* One answer a server into `out`. `pairs` is put in another order. */
void server_match_resolve(struct server_match_pair *pairs, size_t pairs_num,
                          struct server_match *out, size_t servers_num);

#endif
