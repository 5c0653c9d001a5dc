/* SPDX-License-Identifier: MIT */
/* server_history.h - detects changes between two reads of a hub.
 *
 * The hub reports a stdio server whose process ended as "connected"; only its
 * uptime stays 0. Dead means: connected with uptime 0 and the same last start
 * in reads at least SERVER_HISTORY_DEAD_AFTER seconds apart by the hub's clock.
 * A restart between two reads shows only as a changed last start. Counters
 * start at 0 for a new server. A server removed from the list loses its
 * history; a missing list, or the empty list of a starting hub, removes no
 * server. Not thread-safe. */
#ifndef HUB_SERVER_HISTORY_H
#define HUB_SERVER_HISTORY_H

#include "hub/snapshot.h"

#include <stdint.h>

#define SERVER_HISTORY_DEAD_AFTER 2.0 /* seconds */

/* One entry per server of the snapshot, by index. */
struct server_history_entry {
  enum server_status status; /* may be SERVER_DEAD */
  uint8_t before;            /* at the last read; SERVER_STATUSES: new */
  bool duplicate;            /* same name as the previous one: not reported */
  bool restarted;            /* since the last read */
  double uptime_zero_since;  /* hub's clock; NaN: not zero */
  int64_t restarts;
  int64_t transitions;
};

struct server_history; /* keeps the last snapshot of one hub */

struct server_history *server_history_create(void);
void server_history_destroy(struct server_history *t);

/* Compares *s with the last snapshot and takes it over; *s is empty then. `now`
 * (epoch seconds) replaces a missing timestamp. Returns 0, or -1 if out of
 * memory: then nothing changes. */
int server_history_update(struct server_history *t, struct hub_snapshot *s,
                          double now);

/* State of the last update; valid until the next. */
const struct hub_snapshot *
server_history_snapshot(const struct server_history *t);
const struct server_history_entry *
server_history_servers(const struct server_history *t);

#endif
