/* proctable.h - who is whose child, of all processes, at one moment.
 *
 * One scan reads /proc/<pid>/stat of every process: some 5 to 10 us each, so it
 * is for now and then. Eight bytes a process. A
 * table is a hint, for processes come and go while it is made: who acts on an
 * entry reads that process again. */
#ifndef HUB_PROCTABLE_H
#define HUB_PROCTABLE_H

#include <stddef.h>

#define PROC_TABLE_MAX 32768

struct proc_entry {
  int pid;
  int ppid;
};

struct proc_table {
  size_t num;
  struct proc_entry *entries; /* by ppid, then pid */
};

/* `dir` is /proc opened. NULL with errno; E2BIG: there are more processes than
 * `max`. */
struct proc_table *proc_table_scan(int dir, size_t max);
void proc_table_destroy(struct proc_table *t);

/* The entries whose ppid is `pid`. */
const struct proc_entry *proc_table_children(const struct proc_table *t,
                                             int pid, size_t *num);

#endif
