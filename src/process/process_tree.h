/* SPDX-License-Identifier: MIT */
/* process_tree.h - the children of a process with all their descendants.
 *
 * A child's figures are sums over its subtree; shared memory counts once per
 * process. CPU time never decreases: an ended or reparented process keeps its
 * last known time. A scan of all processes (process_table.h) finds descendants;
 * a refresh reads only the known ones. A process is identified by pid and start
 * time, so a reused pid is another process. Not thread-safe. */
#ifndef PROCESS_PROCESS_TREE_H
#define PROCESS_PROCESS_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROCESS_TREE_MAX 4096 /* processes; each is read at each refresh */

struct process_tree_child {
  int pid;         /* first member, see by_pid() */
  uint64_t start;  /* clock ticks since boot */
  uint64_t cpu[2]; /* user, system; clock ticks, never decreases */
  uint64_t rss;    /* pages */
  size_t processes;
  uint64_t ended[2]; /* CPU time of ended processes, included in `cpu` */
};

struct process_tree;

struct process_tree *process_tree_create(void);
void process_tree_destroy(struct process_tree *f);

/* Reads the known processes again; `dir` is a descriptor of /proc. Returns true
 * if a child ended: a scan is due. */
bool process_tree_refresh(struct process_tree *f, int dir);

/* Finds the descendants of `pid`. Returns -1 with errno (E2BIG: too many
 * processes, or descendants): then nothing changes. */
int process_tree_scan(struct process_tree *f, int dir, int pid);

/* Returns the children sorted by pid, valid until the next scan. */
const struct process_tree_child *
process_tree_children(const struct process_tree *f, size_t *num);
const struct process_tree_child *
process_tree_child(const struct process_tree *f, int pid); /* or NULL */

#endif
