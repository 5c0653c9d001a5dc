/* SPDX-License-Identifier: MIT */
/* procfs.h - reads files of /proc as numbers.
 *
 * `root` is the path of /proc; tests use their own. All files of one process
 * are read through a descriptor of its folder: after the process ends, reads
 * fail, even if the pid is reused. Files are read up to a limit. Functions that
 * return int return 0 or a count, or -1 with errno. Thread-safe: no state. */
#ifndef PROCESS_PROCFS_H
#define PROCESS_PROCFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROCFS_LINES_MAX 16384 /* lines; listening sockets come first */

struct proc_stat { /* fields as in proc(5) */
  int ppid;
  char state;
  uint64_t cpu[2]; /* user, system; clock ticks */
  uint64_t threads;
  uint64_t start; /* ticks since boot; pid and start identify a process */
  uint64_t rss;   /* pages */
};

/* Parses /proc/<pid>/stat; the command's name may contain any bytes. */
int proc_stat_parse(const char *text, size_t len, struct proc_stat *out);

int proc_open(const char *root, int pid); /* descriptor; close() it */
int proc_stat_read(int folder, struct proc_stat *out);

/* Like proc_stat_read() without a descriptor of the process; `dir` is a
 * descriptor of `root`. */
int proc_stat_of(int dir, int pid, struct proc_stat *out);
int proc_root_open(const char *root);

/* Reads the NUL-terminated arguments, returns their length. -1 with E2BIG if
 * too long. */
int proc_cmdline(int dir, int pid, char *buf, size_t size);

int proc_fd_count(int folder);

/* Finds at most `max` inodes of sockets that listen on the TCP port in the
 * network namespace of the process. */
int proc_listeners(int folder, int port, uint64_t *inodes, int max);

/* Checks whether the process has one of the sockets open: 1, 0, -1. */
int proc_holds_socket(int folder, const uint64_t *inodes, int num);

/* Checks whether the process is in our network namespace: 1, 0, -1. */
int proc_same_network(const char *root, int folder);

/* Boot time in epoch seconds; memory in bytes. NaN: unknown. */
double proc_boot_time(const char *root);
double proc_memory_total(const char *root);

/* Parses a line of net/tcp or net/tcp6; true if it listens on `port`. */
bool proc_listener_parse(const char *line, int port, uint64_t *inode);

#endif
