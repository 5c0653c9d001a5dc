/* SPDX-License-Identifier: MIT */
/* server_history.h - what shows only between two reads of the same hub.
 *
 * A stdio server whose process died stays "connected" in the hub's words: only
 * its uptime falls to 0 and stays there. Dead means connected with uptime 0,
 * with the same last start, in two reads at least SERVER_HISTORY_DEAD_AFTER
 * seconds apart by the hub's own clock. A reconnect between two reads shows
 * only as a changed last start. Counters start with 0 when a server is first
 * seen, and a server that leaves the hub's list is forgotten; no list, or the
 * empty one of a hub that starts, forgets nobody. */
#ifndef HUB_SERVER_HISTORY_H
#define HUB_SERVER_HISTORY_H

#include "hub/snapshot.h"

#include <stdint.h>

#define SERVER_HISTORY_DEAD_AFTER 2.0 /* seconds */

/* Beside the server of the same index in the snapshot. */
struct server_history_entry {
  enum server_status status; /* with SERVER_DEAD */
  uint8_t before;           /* status at the last read; SERVER_STATUSES: none */
  bool duplicate;           /* same name as the one before: not reported */
  bool restarted;           /* since the last read */
  double uptime_zero_since; /* hub's clock; NaN: it is not */
  int64_t restarts;
  int64_t transitions;
};

struct server_history; /* remembers the last snapshot of one hub */

struct server_history *server_history_create(void);
void server_history_destroy(struct server_history *t);

/* Compares with the snapshot before and takes *s over, leaving it empty. `now`
 * (epoch seconds) stands in for a missing timestamp. 0, or -1 without memory:
 * then nothing has changed. */
int server_history_update(struct server_history *t, struct hub_snapshot *s,
                          double now);

/* Of the last update; valid until the next. */
const struct hub_snapshot *
server_history_snapshot(const struct server_history *t);
const struct server_history_entry *
server_history_servers(const struct server_history *t);

#endif
