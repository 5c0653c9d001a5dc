/* SPDX-License-Identifier: MIT */
/* hub_process.h - verifies the hub's process and reads its figures from /proc.
 *
 * The hub reports its pid, start time and port in the entry of /api/health's
 * workspaces that `workspaces.current` names. Entries may be stale and pids are
 * reused, so the claim is verified:
 *
 *  - The hub's address is a loopback address or a Unix socket. A Unix socket is
 *    a proxy's, as hubs listen on TCP only; the port of the claim is always the
 *    hub's own, not that of the URL.
 *  - A process with this pid exists and is not a zombie.
 *  - It started at most HUB_PROCESS_LATER seconds after the reported start
 *    (else the pid was reused), and at most HUB_PROCESS_EARLIER seconds before
 *    it (loading modules, opening the port, taking a lock). The second limit
 *    rejects pids of another pid namespace.
 *  - It is in our network namespace and has a socket that listens on the port.
 *    This needs access to /proc/<pid>/fd and ns: the same user, or
 *    CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH.
 *
 * The last two checks run once per process and claim. Each read compares the
 * start time in ticks since boot, which clock changes do not affect. A failed
 * check is repeated after HUB_PROCESS_RETRY. Not thread-safe. */
#ifndef PROCESS_HUB_PROCESS_H
#define PROCESS_HUB_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

#define HUB_PROCESS_LATER 5.0     /* seconds */
#define HUB_PROCESS_EARLIER 300.0 /* seconds */
#define HUB_PROCESS_RETRY 60.0    /* seconds */

enum hub_process_state {
  HUB_PROCESS_VERIFIED,
  HUB_PROCESS_REMOTE,      /* address is neither loopback nor a Unix socket */
  HUB_PROCESS_UNTOLD,      /* pid, start or port not reported */
  HUB_PROCESS_GONE,        /* no process with this pid, or a zombie */
  HUB_PROCESS_LATE,        /* started after the hub: the pid was reused */
  HUB_PROCESS_EARLY,       /* started long before the hub */
  HUB_PROCESS_NO_ACCESS,   /* no permission to read its open files */
  HUB_PROCESS_ELSEWHERE,   /* in another network namespace: a container */
  HUB_PROCESS_NOT_HEARING, /* does not listen on the hub's port */
  HUB_PROCESS_NO_PROC,     /* no usable /proc */
};

struct hub_process_claim { /* as reported by the hub */
  int pid;                 /* 0: not reported */
  int port;                /* 0: not reported */
  double start;            /* epoch seconds; NaN: not reported */
};

struct hub_process_figures { /* NaN or -1: unknown */
  double rss;                /* bytes */
  int64_t cpu[2]; /* user, system; us since the start of the process */
  double threads;
  double file_handles;
  double memory_percent; /* share of the machine's memory */
  double cpu_percent;    /* of one core since the last read, 0 to 100 */
};

struct hub_process; /* one hub */

/* True if the URL's host is a loopback address or "localhost". */
bool hub_process_url_is_local(const char *url);

/* Copies `root`, usually "/proc". Returns NULL if out of memory. */
struct hub_process *hub_process_create(const char *root, bool local);
void hub_process_destroy(struct hub_process *p);

/* Reads once; `now` in seconds of a monotonic clock. All figures are unknown
 * unless the result is HUB_PROCESS_VERIFIED. */
enum hub_process_state hub_process_read(struct hub_process *p,
                                        const struct hub_process_claim *claim,
                                        double now);
const struct hub_process_figures *
hub_process_figures(const struct hub_process *p);

/* Start of the process in ticks since boot, as of the last read; 0 unless
 * verified. */
uint64_t hub_process_start(const struct hub_process *p);

const char *hub_process_state_text(enum hub_process_state state);

#endif
