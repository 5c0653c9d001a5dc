/* SPDX-License-Identifier: MIT */
/* server_process.h - the processes of a hub's local servers, and their figures.
 *
 * A hub names no pid of its servers: they are found among its children by the
 * command and arguments of its configuration file (command_line.h,
 * server_match.h). What cannot be told beyond doubt has no figures, and a
 * reason.
 *
 * Figures are sums over the server's process and all that descends from it.
 * CPU time counts from the first process that was found, goes on when the
 * server is started anew and never falls, as a DERIVE must.
 *
 * Looking through all processes takes milliseconds: it is done when something
 * has changed (a server, its last start, a process that has ended), then ever
 * more seldom, at last once in SERVER_PROCESS_SCAN; what the servers have
 * started meanwhile is missing until then. In between, a read costs one small
 * file a process. The configuration is read at each scan and not kept. */
#ifndef PROCESS_SERVER_PROCESS_H
#define PROCESS_SERVER_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SERVER_PROCESS_SCAN 60.0 /* seconds */

struct server_process_query {
  const char *name;
  size_t name_len;
  const char *config_source; /* NULL: look into all of the hub's files */
  double last_started;       /* epoch seconds; NaN: unknown */
  bool running; /* local, and connected or connecting: else it has no process */
};

struct server_process_hub { /* verified by hub_process_read() */
  int pid;
  uint64_t start;  /* hub_process_start() */
  const char *cwd; /* for relative paths; NULL: unknown */
  const char *const *config_files;
  size_t config_files_num;
};

enum server_process_state {
  SERVER_PROCESS_FOUND,
  SERVER_PROCESS_IDLE,         /* not running: nothing to find */
  SERVER_PROCESS_UNREADABLE,   /* configuration file cannot be read */
  SERVER_PROCESS_UNPARSABLE,   /* configuration file is not JSON */
  SERVER_PROCESS_UNCONFIGURED, /* no usable command there */
  SERVER_PROCESS_NONE,         /* no child of the hub fits */
  SERVER_PROCESS_SEVERAL,      /* it cannot be told which */
  SERVER_PROCESS_UNSEEN,       /* processes cannot be looked through */
};

struct server_process { /* NaN or -1: unknown */
  enum server_process_state state : 16;
  bool changed : 1; /* state or process, since the last read */
  bool by_time : 1; /* found among several that fit by when it started */
  int pid;          /* of the hub's child; 0: unknown */
  double rss;       /* bytes */
  int64_t cpu[2];   /* user, system; us */
};

struct server_processes; /* of one hub; not thread-safe */

/* `root` is copied, "/proc" as a rule. NULL without memory. */
struct server_processes *server_processes_create(const char *root);
void server_processes_destroy(struct server_processes *s);

/* One read; `now` in seconds of a clock that does not step. `queries` have
 * different names and, for little work, the same order each time. 0, or -1
 * without memory: then there are no servers. */
int server_processes_read(struct server_processes *s,
                          const struct server_process_hub *hub,
                          const struct server_process_query *queries,
                          size_t num, double now);

/* Of the last read, in the order of the queries; valid until the next. */
const struct server_process *server_processes(const struct server_processes *s,
                                              size_t *num);

const char *server_process_state_text(enum server_process_state state);

#endif
