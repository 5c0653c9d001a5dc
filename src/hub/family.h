/* family.h - the children of a process, each with all that descends from it.
 *
 * A child's figures are the sums over its subtree. Memory that processes share
 * is counted for each of them. CPU time never falls while the child lives: a
 * process that has ended, or was handed to another parent, keeps what it had
 * spent when it was last seen. Descendants are found by a scan of all processes
 * (see proctable.h); in between, those known are read again one by one. Every
 * process is known by pid and start, so that a pid which is used again is
 * another process. */
#ifndef HUB_FAMILY_H
#define HUB_FAMILY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct family_child {
  int pid;         /* first: see by_pid() */
  uint64_t start;  /* clock ticks since boot */
  uint64_t cpu[2]; /* user, system; clock ticks, never falls */
  uint64_t rss;    /* pages */
  size_t processes;
  uint64_t ended[2]; /* the part of `cpu` that processes gone had spent */
};

struct family;

struct family *family_create(void);
void family_destroy(struct family *f);

/* Reads the known processes again; `dir` is /proc opened. True: a child is
 * gone, so that a scan is due. */
bool family_refresh(struct family *f, int dir);

/* Finds the descendants of `pid` anew. -1 with errno (E2BIG: more processes
 * than can be looked at): then nothing has changed. */
int family_scan(struct family *f, int dir, int pid);

/* By pid; valid until the next scan. */
const struct family_child *family_children(const struct family *f, size_t *num);

#endif
