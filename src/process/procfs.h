/* SPDX-License-Identifier: MIT */
/* procfs.h - the few files of /proc that are read, as numbers.
 *
 * `root` is where /proc is found, so that tests can make one up. Everything of
 * one process goes through a descriptor of its folder: when the process ends,
 * that descriptor leads nowhere, whoever gets its pid next. Nothing is kept;
 * every file is read up to a bound. Functions that return int give 0 or a
 * count, or -1 with errno. */
#ifndef PROCESS_PROCFS_H
#define PROCESS_PROCFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROCFS_LINES_MAX 16384 /* of net/tcp; listening sockets come first */

struct proc_stat { /* see proc(5) */
  int ppid;
  char state;
  uint64_t cpu[2]; /* user, system; clock ticks */
  uint64_t threads;
  uint64_t start; /* clock ticks since boot: with the pid, who it is */
  uint64_t rss;   /* pages */
};

/* The text of /proc/<pid>/stat; the command's name in it may hold anything. */
int proc_stat_parse(const char *text, size_t len, struct proc_stat *out);

int proc_open(const char *root, int pid); /* folder; close() it */
int proc_stat_read(int folder, struct proc_stat *out);

/* As proc_stat_read() without a folder, for one file only; `dir` is `root`
 * opened. */
int proc_stat_of(int dir, int pid, struct proc_stat *out);
int proc_root_open(const char *root);

/* The arguments, each ended by NUL: their length. -1 with E2BIG beyond `size`.
 */
int proc_cmdline(int dir, int pid, char *buf, size_t size);

int proc_fd_count(int folder);

/* Inodes of the sockets that listen on that TCP port in the network namespace
 * of the process, at most `max`. */
int proc_listeners(int folder, int port, uint64_t *inodes, int max);

/* Has the process one of those sockets open? 1, 0, -1. */
int proc_holds_socket(int folder, const uint64_t *inodes, int num);

/* Does the process see the same network as we do? 1, 0, -1. */
int proc_same_network(const char *root, int folder);

/* Epoch seconds of the machine's start; bytes of memory. NaN: unknown. */
double proc_boot_time(const char *root);
double proc_memory_total(const char *root);

/* Of one line of net/tcp or net/tcp6: does it listen on `port`? */
bool proc_listener_parse(const char *line, int port, uint64_t *inode);

#endif
