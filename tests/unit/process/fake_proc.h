/* SPDX-License-Identifier: MIT */
/* fakeproc.h - a made-up /proc in a temporary folder.
 *
 * The machine started at epoch second FAKE_BOOT and has FAKE_MEMORY bytes. Our
 * own network is net:[1]. */
#ifndef TESTS_FAKEPROC_H
#define TESTS_FAKEPROC_H

#include "unit.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FAKE_BOOT 1000000
#define FAKE_MEMORY (1000.0 * 1024 * 1024)

struct fakeproc {
  char root[64];
};

static inline void fake_path(const struct fakeproc *f, char *path, size_t size,
                             const char *name) {
  assert_true(snprintf(path, size, "%s/%s", f->root, name) < (int)size);
}

/* Makes the folders on the way, too. */
static inline void fake_bytes(const struct fakeproc *f, const char *name,
                              const void *bytes, size_t len) {
  char path[4096];
  fake_path(f, path, sizeof(path), name);
  for (char *p = path + strlen(f->root) + 1; (p = strchr(p, '/')) != NULL;
       p++) {
    *p = '\0';
    assert_true(mkdir(path, 0755) == 0 || errno == EEXIST);
    *p = '/';
  }
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, len, file), len);
  fclose(file);
}

static inline void fake_file(const struct fakeproc *f, const char *name,
                             const char *text) {
  fake_bytes(f, name, text, strlen(text));
}

static inline void fake_link(const struct fakeproc *f, const char *name,
                             const char *target) {
  char path[4096];
  fake_file(f, name, "");
  fake_path(f, path, sizeof(path), name);
  unlink(path);
  assert_int_equal(symlink(target, path), 0);
}

static inline int fake_remove_one(const char *path, const struct stat *st,
                                  int type, struct FTW *ftw) {
  (void)st;
  (void)type;
  (void)ftw;
  return remove(path);
}

/* A file, or a folder with all that is in it. */
static inline void fake_remove(const struct fakeproc *f, const char *name) {
  char path[4096];
  fake_path(f, path, sizeof(path), name);
  nftw(path, fake_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static inline void fake_machine(const struct fakeproc *f) {
  char text[512];
  snprintf(text, sizeof(text),
           "cpu  1 2 3 4\nintr 123 0 0 0\nctxt 5\nbtime %d\nprocesses 9\n",
           FAKE_BOOT);
  fake_file(f, "stat", text);
  snprintf(text, sizeof(text), "MemTotal:  %.0f kB\nMemFree: 17 kB\n",
           FAKE_MEMORY / 1024);
  fake_file(f, "meminfo", text);
  fake_link(f, "self/ns/net", "net:[1]");
}

static inline void fake_create(struct fakeproc *f) {
  strcpy(f->root, "/tmp/fakeproc-XXXXXX");
  assert_non_null(mkdtemp(f->root));
  fake_machine(f);
}

static inline void fake_destroy(const struct fakeproc *f) {
  fake_remove(f, "");
}

struct fake_stat {
  int pid, ppid;
  const char *comm;           /* NULL: node */
  char state;                 /* NUL: S */
  double start;               /* seconds after the machine's */
  unsigned long user, system; /* ticks */
  unsigned long rss;          /* pages */
};

static inline void fake_stat_file(const struct fakeproc *f,
                                  const struct fake_stat *s) {
  char name[32], text[1024];
  snprintf(name, sizeof(name), "%d/stat", s->pid);
  snprintf(text, sizeof(text),
           "%d (%s) %c %d 5 5 0 -1 4194304 1 2 3 4 %lu %lu 8 9 20 0 11 0 %.0f "
           "1000000 %lu 18446744073709551615 1 1 0 0\n",
           s->pid, s->comm != NULL ? s->comm : "node",
           s->state != '\0' ? s->state : 'S', s->ppid, s->user, s->system,
           s->start * (double)sysconf(_SC_CLK_TCK), s->rss);
  fake_file(f, name, text);
}

/* `words`: separated by '|' */
static inline void fake_cmdline(const struct fakeproc *f, int pid,
                                const char *words) {
  char name[32], text[4096];
  size_t len = strlen(words);
  assert_true(len < sizeof(text));
  memcpy(text, words, len + 1);
  for (size_t i = 0; i < len; i++)
    if (text[i] == '|')
      text[i] = '\0';
  snprintf(name, sizeof(name), "%d/cmdline", pid);
  fake_bytes(f, name, text, len + 1);
}

#define FAKE_TCP_HEADER                                                        \
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when "        \
  "retrnsmt   uid  timeout inode\n"

/* A process that listens on a port of our network, with three files open. */
static inline void fake_listener(const struct fakeproc *f, int pid, int port,
                                 unsigned long inode) {
  char name[64], text[512];
  snprintf(name, sizeof(name), "%d/ns/net", pid);
  fake_link(f, name, "net:[1]");
  snprintf(name, sizeof(name), "%d/net/tcp", pid);
  snprintf(text, sizeof(text),
           FAKE_TCP_HEADER
           "   0: 0100007F:0016 00000000:0000 0A 00000000:00000000 "
           "00:00000000 00000000     0        0 77 1 0000000000000000 100\n"
           "   1: 0100007F:%04X 0100007F:C350 01 00000000:00000000 "
           "00:00000000 00000000     0        0 %lu 1 0000000000000000 100\n"
           "   2: 00000000:%04X 00000000:0000 0A 00000000:00000000 "
           "00:00000000 00000000  1000        0 %lu 1 0000000000000000 100\n",
           (unsigned)port, inode + 1, (unsigned)port, inode);
  fake_file(f, name, text);
  snprintf(name, sizeof(name), "%d/fd/0", pid);
  fake_link(f, name, "/dev/null");
  snprintf(name, sizeof(name), "%d/fd/1", pid);
  fake_link(f, name, "pipe:[5]");
  snprintf(name, sizeof(name), "%d/fd/20", pid);
  snprintf(text, sizeof(text), "socket:[%lu]", inode);
  fake_link(f, name, text);
}

#endif
