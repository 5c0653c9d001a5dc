/* SPDX-License-Identifier: MIT */
#include "process/process_table.h"

#include "process/procfs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#define FIRST_ROOM 256

/* "123" -> 123; anything else -> 0. */
static int pid_from(const char *name) {
  int pid = 0;
  if (name[0] == '0')
    return 0;
  for (; *name >= '0' && *name <= '9' && pid < INT_MAX / 10; name++)
    pid = pid * 10 + (*name - '0');
  return *name == '\0' ? pid : 0;
}

static int append(struct process_table *t, size_t *room,
                  struct process_entry e) {
  if (t->num == *room) {
    size_t more = *room == 0 ? FIRST_ROOM : *room * 2;
    struct process_entry *entries =
        realloc(t->entries, more * sizeof(*entries));
    if (entries == NULL)
      return -1;
    t->entries = entries;
    *room = more;
  }
  t->entries[t->num++] = e;
  return 0;
}

static int by_parent(const void *a, const void *b) {
  const struct process_entry *x = a, *y = b;
  if (x->ppid != y->ppid)
    return x->ppid < y->ppid ? -1 : 1;
  return (x->pid > y->pid) - (x->pid < y->pid);
}

static int scan(struct process_table *t, DIR *d, size_t max) {
  size_t room = 0;
  for (const struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
    struct proc_stat s;
    int pid = pid_from(e->d_name);
    if (pid == 0 || proc_stat_of(dirfd(d), pid, &s) != 0)
      continue; /* ended during the scan */
    if (t->num == max) {
      errno = E2BIG;
      return -1;
    }
    if (append(t, &room, (struct process_entry){pid, s.ppid}) != 0)
      return -1;
  }
  if (t->num > 1)
    qsort(t->entries, t->num, sizeof(*t->entries), by_parent);
  return 0;
}

struct process_table *process_table_scan(int dir, size_t max) {
  int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
  struct process_table *t = d != NULL ? calloc(1, sizeof(*t)) : NULL;
  int status = t != NULL ? scan(t, d, max) : -1;
  int error = errno;
  if (d != NULL)
    closedir(d);
  else if (fd >= 0)
    close(fd);
  if (status != 0) {
    process_table_destroy(t);
    errno = error;
    return NULL;
  }
  return t;
}

void process_table_destroy(struct process_table *t) {
  if (t == NULL)
    return;
  free(t->entries);
  free(t);
}

const struct process_entry *
process_table_children(const struct process_table *t, int pid, size_t *num) {
  size_t low = 0, high = t->num;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (t->entries[middle].ppid < pid)
      low = middle + 1;
    else
      high = middle;
  }
  size_t n = 0;
  while (low + n < t->num && t->entries[low + n].ppid == pid)
    n++;
  *num = n;
  return n > 0 ? &t->entries[low] : NULL;
}
