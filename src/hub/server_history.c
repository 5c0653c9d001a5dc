/* SPDX-License-Identifier: MIT */
#include "hub/server_history.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct server_list { /* servers of one snapshot, with their history */
  struct hub_snapshot snapshot;
  struct server_history_entry *servers;
};

struct server_history {
  struct server_list now;
  struct server_list
      before; /* the last list while `now` has none, else empty */
};

struct server_history *server_history_create(void) {
  struct server_history *t = calloc(1, sizeof(*t));
  if (t == NULL)
    return NULL;
  hub_snapshot_init(&t->now.snapshot);
  hub_snapshot_init(&t->before.snapshot);
  return t;
}

static void list_clear(struct server_list *list) {
  hub_snapshot_clear(&list->snapshot);
  free(list->servers);
  list->servers = NULL;
}

void server_history_destroy(struct server_history *t) {
  if (t == NULL)
    return;
  list_clear(&t->now);
  list_clear(&t->before);
  free(t);
}

/* True for equal times, or both unknown. */
static bool same_start(double a, double b) {
  return a == b || (isnan(a) && isnan(b));
}

static void entry_init(struct server_history_entry *now,
                       const struct server_snapshot *server, double time) {
  bool zero = server->status == SERVER_CONNECTED && server->uptime == 0;
  *now = (struct server_history_entry){.status = server->status,
                                       .before = SERVER_STATUSES,
                                       .uptime_zero_since = zero ? time : NAN};
}

/* The last start of a disabled server is the hub's own start. */
static bool has_restarted(const struct server_snapshot *server,
                          const struct server_snapshot *before) {
  return server->last_started != before->last_started &&
         !isnan(server->last_started) && !isnan(before->last_started) &&
         server->status != SERVER_DISABLED && before->status != SERVER_DISABLED;
}

/* `time` is the hub's clock at this read. */
static void entry_update(struct server_history_entry *now,
                         const struct server_snapshot *server, double time,
                         const struct server_history_entry *before,
                         const struct server_snapshot *server_before) {
  entry_init(now, server, time);
  now->before = (uint8_t)before->status;
  now->restarted = has_restarted(server, server_before);
  now->restarts = before->restarts + now->restarted;
  bool zero_still =
      !isnan(now->uptime_zero_since) &&
      same_start(server->last_started, server_before->last_started) &&
      before->uptime_zero_since <= time;
  if (zero_still)
    now->uptime_zero_since = before->uptime_zero_since;
  bool dead_still =
      before->status == SERVER_DEAD && !isnan(now->uptime_zero_since) &&
      same_start(server->last_started, server_before->last_started);
  if (dead_still || time - now->uptime_zero_since >= SERVER_HISTORY_DEAD_AFTER)
    now->status = SERVER_DEAD;
  now->transitions = before->transitions + (now->status != before->status);
}

static void compare(struct server_history_entry *servers,
                    const struct hub_snapshot *s, const struct server_list *old,
                    double time) {
  for (size_t i = 0, j = 0; i < s->servers_num; i++) {
    const struct server_snapshot *server = &s->servers[i];
    bool duplicate = i > 0 && server_snapshot_compare(server, server - 1) == 0;
    while (j < old->snapshot.servers_num &&
           server_snapshot_compare(&old->snapshot.servers[j], server) < 0)
      j++;
    bool known =
        j < old->snapshot.servers_num && !duplicate && server->name != NULL &&
        server_snapshot_compare(&old->snapshot.servers[j], server) == 0;
    if (known)
      entry_update(&servers[i], server, time, &old->servers[j],
                   &old->snapshot.servers[j]);
    else
      entry_init(&servers[i], server, time);
    servers[i].duplicate = duplicate;
  }
}

/* A starting hub answers before it has read its configuration. */
static bool has_no_list(const struct hub_snapshot *s) {
  bool starting = s->state == HUB_STARTING || s->state == HUB_RESTARTING;
  return !s->servers_known || (starting && s->servers_num == 0);
}

/* Returns the list to compare the next one with. */
static const struct server_list *latest(const struct server_history *t) {
  return t->before.snapshot.servers_num > 0 ? &t->before : &t->now;
}

int server_history_update(struct server_history *t, struct hub_snapshot *s,
                          double now) {
  struct server_history_entry *servers = NULL;
  if (s->servers_num > 0) {
    servers = calloc(s->servers_num, sizeof(*servers));
    if (servers == NULL)
      return -1;
  }
  compare(servers, s, latest(t), isnan(s->timestamp) ? now : s->timestamp);
  if (has_no_list(s) && t->now.snapshot.servers_num > 0) {
    t->before = t->now; /* `before` was empty */
  } else {
    list_clear(&t->now);
    if (!has_no_list(s))
      list_clear(&t->before);
  }
  t->now = (struct server_list){*s, servers};
  hub_snapshot_init(s);
  return 0;
}

const struct hub_snapshot *
server_history_snapshot(const struct server_history *t) {
  return &t->now.snapshot;
}

const struct server_history_entry *
server_history_servers(const struct server_history *t) {
  return t->now.servers;
}
