/* SPDX-License-Identifier: MIT */
#include "process/process_tree.h"

#include "process/process_table.h"
#include "process/procfs.h"

#include <errno.h>
#include <stdlib.h>

struct member {
  int pid; /* first member, see by_pid() */
  int ppid;
  int child; /* pid of the tree's child that is this process or its ancestor */
  uint64_t start;
  uint64_t cpu[2];
  uint64_t rss;
};

struct process_tree {
  struct member *members; /* sorted by pid */
  size_t members_num;
  struct process_tree_child *children; /* sorted by pid */
  size_t children_num;
};

struct process_tree *process_tree_create(void) {
  return calloc(1, sizeof(struct process_tree));
}

static void clear(struct process_tree *f) {
  free(f->members);
  free(f->children);
  *f = (struct process_tree){0};
}

void process_tree_destroy(struct process_tree *f) {
  if (f == NULL)
    return;
  clear(f);
  free(f);
}

const struct process_tree_child *
process_tree_children(const struct process_tree *f, size_t *num) {
  *num = f->children_num;
  return f->children;
}

/* ---- sums ---- */

/* Compares pids; members and children begin with their pid. */
static int by_pid(const void *a, const void *b) {
  const int *x = a, *y = b;
  return (*x > *y) - (*x < *y);
}

static struct process_tree_child *child_of(const struct process_tree *f,
                                           int pid) {
  if (f->children_num == 0)
    return NULL;
  return bsearch(&pid, f->children, f->children_num, sizeof(*f->children),
                 by_pid);
}

const struct process_tree_child *
process_tree_child(const struct process_tree *f, int pid) {
  return child_of(f, pid);
}

static void add_up(struct process_tree *f) {
  for (size_t i = 0; i < f->children_num; i++) {
    struct process_tree_child *c = &f->children[i];
    c->cpu[0] = c->ended[0];
    c->cpu[1] = c->ended[1];
    c->rss = 0;
    c->processes = 0;
  }
  for (size_t i = 0; i < f->members_num; i++) {
    const struct member *m = &f->members[i];
    struct process_tree_child *c = child_of(f, m->child);
    c->cpu[0] += m->cpu[0];
    c->cpu[1] += m->cpu[1];
    c->rss += m->rss;
    c->processes++;
  }
}

static void take(struct member *m, const struct proc_stat *s) {
  m->cpu[0] = s->cpu[0];
  m->cpu[1] = s->cpu[1];
  m->rss = s->rss;
}

bool process_tree_refresh(struct process_tree *f, int dir) {
  bool lost = false;
  for (size_t i = 0; i < f->members_num; i++) {
    struct member *m = &f->members[i];
    struct proc_stat s;
    bool same = proc_stat_of(dir, m->pid, &s) == 0 && s.start == m->start;
    if (same)
      take(m, &s);
    else
      m->rss = 0;
    lost = lost || (m->pid == m->child && (!same || s.ppid != m->ppid));
  }
  add_up(f);
  return lost;
}

/* ---- growing the tree ---- */

struct growth {
  struct process_tree *tree;
  size_t room;
  const struct process_table *table;
  int dir;
  int root; /* pid */
};

static struct member *append(struct growth *g) {
  struct process_tree *f = g->tree;
  if (f->members_num == PROCESS_TREE_MAX) {
    errno = E2BIG;
    return NULL;
  }
  if (f->members_num == g->room) {
    size_t more = g->room == 0 ? 16 : g->room * 2;
    struct member *members = realloc(f->members, more * sizeof(*members));
    if (members == NULL)
      return NULL;
    f->members = members;
    g->room = more;
  }
  return &f->members[f->members_num++];
}

/* Appends the current children of `pid`. `child` is their ancestor; 0: each
 * child is its own. No process is added twice, since each has one parent in the
 * table and the root is skipped. */
static int append_children(struct growth *g, int pid, int child) {
  size_t num = 0;
  const struct process_entry *e = process_table_children(g->table, pid, &num);
  for (size_t i = 0; i < num; i++) {
    struct proc_stat s;
    if (e[i].pid == g->root || proc_stat_of(g->dir, e[i].pid, &s) != 0 ||
        s.ppid != pid)
      continue;
    struct member *m = append(g);
    if (m == NULL)
      return -1;
    *m = (struct member){.pid = e[i].pid,
                         .ppid = pid,
                         .child = child != 0 ? child : e[i].pid,
                         .start = s.start};
    take(m, &s);
  }
  return 0;
}

static int list_children(struct process_tree *f) {
  size_t num = 0;
  for (size_t i = 0; i < f->members_num; i++)
    num += f->members[i].pid == f->members[i].child;
  f->children = num > 0 ? calloc(num, sizeof(*f->children)) : NULL;
  if (num > 0 && f->children == NULL)
    return -1;
  for (size_t i = 0; i < f->members_num; i++) {
    const struct member *m = &f->members[i];
    if (m->pid == m->child)
      f->children[f->children_num++] =
          (struct process_tree_child){.pid = m->pid, .start = m->start};
  }
  return 0;
}

/* Adds the descendants of `pid` to an empty tree. */
static int grow(struct process_tree *f, const struct process_table *t, int dir,
                int pid) {
  struct growth g = {.tree = f, .table = t, .dir = dir, .root = pid};
  if (append_children(&g, pid, 0) != 0)
    return -1;
  for (size_t i = 0; i < f->members_num; i++)
    if (append_children(&g, f->members[i].pid, f->members[i].child) != 0)
      return -1;
  if (f->members_num > 1)
    qsort(f->members, f->members_num, sizeof(*f->members), by_pid);
  return list_children(f);
}

/* Adds the CPU time of processes that ended since `old` to their child. */
static void keep_ended_cpu(struct process_tree *f,
                           const struct process_tree *old) {
  for (size_t i = 0; i < old->children_num; i++) {
    const struct process_tree_child *was = &old->children[i];
    struct process_tree_child *is = child_of(f, was->pid);
    if (is == NULL || is->start != was->start)
      continue;
    is->ended[0] = was->ended[0];
    is->ended[1] = was->ended[1];
  }
  for (size_t i = 0, j = 0; i < old->members_num; i++) {
    const struct member *was = &old->members[i];
    while (j < f->members_num && f->members[j].pid < was->pid)
      j++;
    bool here = j < f->members_num && f->members[j].pid == was->pid &&
                f->members[j].start == was->start &&
                f->members[j].child == was->child;
    struct process_tree_child *is = here ? NULL : child_of(f, was->child);
    const struct process_tree_child *of = child_of(old, was->child);
    if (is == NULL || is->start != of->start)
      continue;
    is->ended[0] += was->cpu[0];
    is->ended[1] += was->cpu[1];
  }
}

int process_tree_scan(struct process_tree *f, int dir, int pid) {
  struct process_tree next = {0};
  struct process_table *t = process_table_scan(dir, PROCESS_TABLE_MAX);
  int status = t != NULL ? grow(&next, t, dir, pid) : -1;
  int error = errno;
  process_table_destroy(t);
  if (status == 0) {
    keep_ended_cpu(&next, f);
    add_up(&next);
    clear(f);
    *f = next;
  } else {
    clear(&next);
  }
  errno = error;
  return status;
}
