/* SPDX-License-Identifier: MIT */
/* process_table.h - who is whose child, of all processes, at one moment.
 *
 * One scan reads /proc/<pid>/stat of every process: some 5 to 10 us each, so it
 * is for now and then. Eight bytes a process. A
 * table is a hint, for processes come and go while it is made: who acts on an
 * entry reads that process again. */
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
  struct process_entry *entries; /* by ppid, then pid */
};

/* `dir` is /proc opened. NULL with errno; E2BIG: there are more processes than
 * `max`. */
struct process_table *process_table_scan(int dir, size_t max);
void process_table_destroy(struct process_table *t);

/* The entries whose ppid is `pid`. */
const struct process_entry *
process_table_children(const struct process_table *t, int pid, size_t *num);

#endif
