/* SPDX-License-Identifier: MIT */
/* process_tree.h - the children of a process, each with all that descends from
 * it.
 *
 * A child's figures are the sums over its subtree. Memory that processes share
 * is counted for each of them. CPU time never falls while the child lives: a
 * process that has ended, or was handed to another parent, keeps what it had
 * spent when it was last seen. Descendants are found by a scan of all processes
 * (see process_table.h); in between, those known are read again one by one.
 * Every process is known by pid and start, so that a pid which is used again is
 * another process. */
#ifndef PROCESS_PROCESS_TREE_H
#define PROCESS_PROCESS_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct process_tree_child {
  int pid;         /* first: see by_pid() */
  uint64_t start;  /* clock ticks since boot */
  uint64_t cpu[2]; /* user, system; clock ticks, never falls */
  uint64_t rss;    /* pages */
  size_t processes;
  uint64_t ended[2]; /* the part of `cpu` that processes gone had spent */
};

struct process_tree;

struct process_tree *process_tree_create(void);
void process_tree_destroy(struct process_tree *f);

/* Reads the known processes again; `dir` is /proc opened. True: a child is
 * gone, so that a scan is due. */
bool process_tree_refresh(struct process_tree *f, int dir);

/* Finds the descendants of `pid` anew. -1 with errno (E2BIG: more processes
 * than can be looked at): then nothing has changed. */
int process_tree_scan(struct process_tree *f, int dir, int pid);

/* By pid; valid until the next scan. */
const struct process_tree_child *
process_tree_children(const struct process_tree *f, size_t *num);

#endif
