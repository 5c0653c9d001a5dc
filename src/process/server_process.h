/* SPDX-License-Identifier: MIT */
/* server_process.h - finds the processes of a hub's local servers and reads
 * their figures.
 *
 * The hub reports no pids of its servers. They are found among the hub's
 * children by the configured command and arguments (command_line.h,
 * server_match.h). An ambiguous server has no figures, but a reason. Figures
 * are sums over the server's process tree. CPU time continues across restarts
 * and never decreases, as DERIVE requires.
 *
 * A scan of all processes takes milliseconds. It runs after a change (a server,
 * its last start, an ended process), then at growing intervals up to
 * SERVER_PROCESS_SCAN; processes started in between are missing until the next
 * scan. Other reads open one small file per process. Each scan reads the
 * configuration again. Not thread-safe. */
#ifndef PROCESS_SERVER_PROCESS_H
#define PROCESS_SERVER_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SERVER_PROCESS_SCAN 60.0 /* seconds */

/* Steps of work in a scan, 0.1 s in sum: bytes of command lines and paths that
 * are read or compared. It suffices for 1,000 servers and 1,000 children. If it
 * does not, no server has figures. */
#define SERVER_PROCESS_STEPS 80000000L

struct server_process_query {
  const char *name;
  size_t name_len;
  const char *config_source; /* NULL: search all files of the hub */
  double last_started;       /* epoch seconds; NaN: unknown */
  bool running;              /* stdio, and connected or connecting */
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
  SERVER_PROCESS_IDLE,         /* not running, nothing to find */
  SERVER_PROCESS_UNREADABLE,   /* configuration file cannot be read */
  SERVER_PROCESS_UNPARSABLE,   /* configuration file is not JSON */
  SERVER_PROCESS_UNCONFIGURED, /* no usable command in it */
  SERVER_PROCESS_NONE,         /* no child of the hub fits */
  SERVER_PROCESS_SEVERAL,      /* ambiguous */
  SERVER_PROCESS_UNTRIED,      /* too much to compare */
  SERVER_PROCESS_UNSEEN,       /* processes cannot be listed */
};

struct server_process { /* NaN or -1: unknown */
  enum server_process_state state : 16;
  bool changed : 1; /* state or process changed since the last read */
  bool by_time : 1; /* several fit, chosen by start time */
  int pid;          /* of the hub's child; 0: unknown */
  double rss;       /* bytes */
  int64_t cpu[2];   /* user, system; us */
};

struct server_processes; /* one hub */

/* Copies `root`, usually "/proc". Returns NULL if out of memory. */
struct server_processes *server_processes_create(const char *root);
void server_processes_destroy(struct server_processes *s);

/* Reads once; `now` in seconds of a monotonic clock. Names of `queries` must be
 * unique and sorted: by bytes, then by length. Returns 0, or -1 if out of
 * memory: then server_processes() has no entries. */
int server_processes_read(struct server_processes *s,
                          const struct server_process_hub *hub,
                          const struct server_process_query *queries,
                          size_t num, double now);

/* Results of the last read in the order of the queries, valid until the next
 * read. */
const struct server_process *server_processes(const struct server_processes *s,
                                              size_t *num);

const char *server_process_state_text(enum server_process_state state);

#endif
