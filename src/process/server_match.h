/* SPDX-License-Identifier: MIT */
/* server_match.h - assigns child processes to servers.
 *
 * A pair means: the child's command line fits the server's command. A pair is
 * dropped if the child is older than the server's connection by more than
 * SERVER_MATCH_OLDER. Server and child match if they have no other pair.
 *
 * Otherwise a pair matches if the child started within SERVER_MATCH_TIMELY of
 * the connection and each other pair of the server or the child is farther off
 * by at least SERVER_MATCH_CLEAR. (Start times have a resolution of one
 * second.) Servers with equal commands that start together get no match. */
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
  double delay; /* seconds from connection to start; NaN: unknown */
};

enum server_match_outcome {
  SERVER_MATCH_NONE,
  SERVER_MATCH_ONE,
  SERVER_MATCH_SEVERAL
};

struct server_match {
  enum server_match_outcome outcome;
  size_t child; /* index, with SERVER_MATCH_ONE */
  bool by_time; /* decided by time, several fit */
};

/* Writes one result per server to `out`. Reorders `pairs`. */
void server_match_resolve(struct server_match_pair *pairs, size_t pairs_num,
                          struct server_match *out, size_t servers_num);

#endif
