/* SPDX-License-Identifier: MIT */
/* hub_process.h - the hub's own process: is it the one that it says, and its
 * figures.
 *
 * A hub tells its pid, its start and its port (the entry of /api/health's
 * workspaces that `workspaces.current` names). Entries outlive their hub and
 * pids are used again, so none of it is believed before it is verified:
 *
 *   - the hub is reached by a loopback address or a Unix socket. The figures of
 *     a process of this machine are of no hub elsewhere. A Unix socket is that
 *     of a proxy, for hubs listen on TCP alone: the port below is the hub's own
 *     in either case, never the one of the URL;
 *   - a process of that pid lives and is no zombie;
 *   - it started at most HUB_PROCESS_LATER seconds after the hub's start, which
 * it writes down itself (a later process has inherited the pid), and at most
 *     HUB_PROCESS_EARLIER before (modules are loaded, the port is opened and a
 * lock is taken in between; the bound is wide because nobody else can have had
 *     that pid, unless it was counted in another pid namespace, where small
 *     numbers meet the system's own processes from the machine's start);
 *   - it shares our network and has a socket open that listens on the hub's
 *     port. This needs access to /proc/<pid>/fd and ns: the hub's own user, or
 *     CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH.
 *
 * The last two are asked once for a process and a claim: every read compares
 * the process's start with the verified one, in ticks since boot, which no step
 * of the clock can change, and takes its figures from that same file. What was
 * refused for its socket is asked again after HUB_PROCESS_RETRY. */
#ifndef PROCESS_HUB_PROCESS_H
#define PROCESS_HUB_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

#define HUB_PROCESS_LATER 5.0     /* seconds */
#define HUB_PROCESS_EARLIER 300.0 /* seconds */
#define HUB_PROCESS_RETRY 60.0    /* seconds */

enum hub_process_state {
  HUB_PROCESS_VERIFIED,
  HUB_PROCESS_REMOTE, /* not reached by a loopback address or a Unix socket */
  HUB_PROCESS_UNTOLD, /* no pid, start or port from the hub */
  HUB_PROCESS_GONE,   /* no such process, or a zombie */
  HUB_PROCESS_LATE,   /* started after the hub: the pid is another's now */
  HUB_PROCESS_EARLY,  /* started long before the hub */
  HUB_PROCESS_NO_ACCESS,   /* its open files cannot be seen */
  HUB_PROCESS_ELSEWHERE,   /* in another network namespace: a container */
  HUB_PROCESS_NOT_HEARING, /* does not listen on the hub's port */
  HUB_PROCESS_NO_PROC,     /* no usable /proc */
};

struct hub_process_claim { /* what the hub says of itself */
  int pid;                 /* 0: not told */
  int port;                /* 0: not told */
  double start;            /* epoch seconds; NaN: not told */
};

struct hub_process_figures { /* NaN or -1: unknown */
  double rss;                /* bytes */
  int64_t cpu[2];            /* user, system; us since the process's start */
  double threads;
  double file_handles;
  double memory_percent; /* of the machine */
  double cpu_percent;    /* of one core since the read before, 0 to 100 */
};

struct hub_process; /* of one hub; not thread-safe */

/* Is that URL's host this machine by a loopback address? */
bool hub_process_url_is_local(const char *url);

/* `root` is copied, "/proc" as a rule. NULL without memory. */
struct hub_process *hub_process_create(const char *root, bool local);
void hub_process_destroy(struct hub_process *p);

/* One read; `now` in seconds of a clock that does not step. Unless verified,
 * all figures are unknown. */
enum hub_process_state hub_process_read(struct hub_process *p,
                                        const struct hub_process_claim *claim,
                                        double now);
const struct hub_process_figures *
hub_process_figures(const struct hub_process *p);

/* Of the last read: start in ticks since boot, 0 unless verified. */
uint64_t hub_process_start(const struct hub_process *p);

const char *hub_process_state_text(enum hub_process_state state);

#endif
