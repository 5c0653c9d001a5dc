/* SPDX-License-Identifier: MIT */
/* process_table.h - a table of all processes with their parents.
 *
 * A scan reads /proc/<pid>/stat of every process, 5 to 10 us each, and needs 8
 * bytes per process. Processes start and end during a scan: read a process
 * again before using its entry. */
#ifndef PROCESS_PROCESS_TABLE_H
#define PROCESS_PROCESS_TABLE_H

#include <stddef.h>

#define PROCESS_TABLE_MAX 32768

struct process_entry {
  int pid;
  int ppid;
};

struct process_table {
  size_t num;
  struct process_entry *entries; /* sorted by ppid, then pid */
};

/* `dir` is a descriptor of /proc. Returns NULL with errno; E2BIG: more than
 * `max` processes. */
struct process_table *process_table_scan(int dir, size_t max);
void process_table_destroy(struct process_table *t);

/* Returns the entries whose ppid is `pid`; NULL if there are none. */
const struct process_entry *
process_table_children(const struct process_table *t, int pid, size_t *num);

#endif
