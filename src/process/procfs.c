/* SPDX-License-Identifier: MIT */
#include "process/procfs.h"

#include "util/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LISTEN_STATE 0x0a
#define TICKS_MAX 10000000000000 /* upper limit of plausible CPU time */

/* ---- files ---- */

/* Reads the whole file; E2BIG if it does not fit. */
static int read_at(int dir, const char *path, char *buf, size_t size) {
  int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return -1;
  ssize_t len = file_read_at(fd, buf, size, 0);
  int error = len < 0 ? errno : E2BIG;
  close(fd);
  errno = error;
  return len < (ssize_t)size && len <= INT_MAX ? (int)len : -1;
}

static FILE *open_lines(int dir, const char *path) {
  int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
  FILE *f = fd >= 0 ? fdopen(fd, "r") : NULL;
  if (f == NULL && fd >= 0)
    close(fd);
  return f;
}

/* Reads a line; cuts a long one. */
static bool next_line(FILE *f, char *line, size_t size) {
  if (fgets(line, (int)size, f) == NULL)
    return false;
  if (strchr(line, '\n') == NULL)
    for (int c = getc(f); c != EOF && c != '\n';)
      c = getc(f);
  return true;
}

static DIR *open_folder(int dir, const char *path) {
  int fd = openat(dir, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
  if (d == NULL && fd >= 0)
    close(fd);
  return d;
}

int proc_root_open(const char *root) {
  return open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int proc_open(const char *root, int pid) {
  char name[16];
  snprintf(name, sizeof(name), "%d", pid);
  int dir = proc_root_open(root);
  if (dir < 0)
    return -1;
  int folder = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int error = errno;
  close(dir);
  errno = error;
  return folder;
}

/* ---- stat ---- */

/* Parses digits that end at a space, a newline or the end. */
static bool take_number(const char **p, const char *end, uint64_t *out) {
  const char *s = *p;
  uint64_t x = 0;
  for (; s < end && *s >= '0' && *s <= '9'; s++) {
    uint64_t digit = (uint64_t)(*s - '0');
    if (x > (UINT64_MAX - digit) / 10)
      return false;
    x = x * 10 + digit;
  }
  if (s == *p || (s < end && *s != ' ' && *s != '\n'))
    return false;
  *p = s;
  *out = x;
  return true;
}

static bool skip_field(const char **p, const char *end) {
  const char *next = memchr(*p, ' ', (size_t)(end - *p));
  if (next == NULL)
    return false;
  *p = next + 1;
  return true;
}

int proc_stat_parse(const char *text, size_t len, struct proc_stat *out) {
  struct proc_stat s = {0};
  uint64_t ppid = 0;
  const struct {
    int number; /* as in proc(5) */
    uint64_t *to;
  } fields[] = {{4, &ppid},       {14, &s.cpu[0]}, {15, &s.cpu[1]},
                {20, &s.threads}, {22, &s.start},  {24, &s.rss}};
  const char *end = text + len;
  const char *p = memrchr(text, ')', len);
  errno = EINVAL;
  if (p == NULL || end - p < 4 || p[1] != ' ' || p[3] != ' ')
    return -1;
  s.state = p[2];
  p += 4;
  int at = 4;
  for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
    for (; at < fields[i].number; at++)
      if (!skip_field(&p, end))
        return -1;
    if (!take_number(&p, end, fields[i].to))
      return -1;
  }
  if (ppid > INT_MAX || s.cpu[0] > TICKS_MAX || s.cpu[1] > TICKS_MAX)
    return -1;
  s.ppid = (int)ppid;
  *out = s;
  return 0;
}

static int stat_at(int dir, const char *path, struct proc_stat *out) {
  char text[2048];
  int len = read_at(dir, path, text, sizeof(text));
  return len < 0 ? -1 : proc_stat_parse(text, (size_t)len, out);
}

int proc_stat_read(int folder, struct proc_stat *out) {
  return stat_at(folder, "stat", out);
}

int proc_stat_of(int dir, int pid, struct proc_stat *out) {
  char path[32];
  snprintf(path, sizeof(path), "%d/stat", pid);
  return stat_at(dir, path, out);
}

int proc_cmdline(int dir, int pid, char *buf, size_t size) {
  char path[32];
  snprintf(path, sizeof(path), "%d/cmdline", pid);
  return read_at(dir, path, buf, size);
}

/* ---- open files and sockets ---- */

int proc_fd_count(int folder) {
  DIR *d = open_folder(folder, "fd");
  if (d == NULL)
    return -1;
  int num = 0;
  for (const struct dirent *e = readdir(d); e != NULL; e = readdir(d))
    num += e->d_name[0] != '.' && num < INT_MAX;
  closedir(d);
  return num;
}

bool proc_listener_parse(const char *line, int port, uint64_t *inode) {
  unsigned local = 0, state = 0;
  unsigned long long number = 0;
  if (sscanf(line,
             " %*15[0-9]: %*32[0-9A-Fa-f]:%4x %*32[0-9A-Fa-f]:%*4x %2x "
             "%*17[0-9A-Fa-f:] %*17[0-9A-Fa-f:] %*8[0-9A-Fa-f] %*10[0-9] "
             "%*10[0-9] %19llu",
             &local, &state, &number) != 3)
    return false;
  if (local != (unsigned)port || state != LISTEN_STATE || number == 0)
    return false;
  *inode = number;
  return true;
}

int proc_listeners(int folder, int port, uint64_t *inodes, int max) {
  static const char *const files[] = {"net/tcp", "net/tcp6"};
  int num = 0;
  int missing = 0, error = ENOENT;
  for (size_t i = 0; i < 2; i++) {
    FILE *f = open_lines(folder, files[i]);
    if (f == NULL) {
      missing++; /* for example without IPv6 */
      error = errno == ENOENT ? error : errno;
      continue;
    }
    char line[256];
    for (int n = 0;
         num < max && n < PROCFS_LINES_MAX && next_line(f, line, sizeof(line));
         n++)
      num += proc_listener_parse(line, port, &inodes[num]);
    fclose(f);
  }
  errno = error;
  return num == 0 && (missing == 2 || error != ENOENT) ? -1 : num;
}

static bool is_socket(const char *target, const uint64_t *inodes, int num) {
  char expected[40];
  for (int i = 0; i < num; i++) {
    snprintf(expected, sizeof(expected), "socket:[%llu]",
             (unsigned long long)inodes[i]);
    if (strcmp(target, expected) == 0)
      return true;
  }
  return false;
}

int proc_holds_socket(int folder, const uint64_t *inodes, int num) {
  DIR *d = open_folder(folder, "fd");
  if (d == NULL)
    return -1;
  int found = 0, error = 0;
  for (const struct dirent *e = readdir(d); e != NULL && found == 0;
       e = readdir(d)) {
    char target[64];
    ssize_t len = readlinkat(dirfd(d), e->d_name, target, sizeof(target) - 1);
    if (len < 0) {
      error = errno == EACCES || errno == EPERM ? errno : error;
      continue;
    }
    target[len] = '\0';
    found = is_socket(target, inodes, num);
  }
  closedir(d);
  errno = error;
  return found == 0 && error != 0 ? -1 : found;
}

int proc_same_network(const char *root, int folder) {
  int dir = proc_root_open(root);
  if (dir < 0)
    return -1;
  char ours[64], theirs[64];
  ssize_t a = readlinkat(dir, "self/ns/net", ours, sizeof(ours));
  ssize_t b = a < 0 ? -1 : readlinkat(folder, "ns/net", theirs, sizeof(theirs));
  int error = errno;
  close(dir);
  errno = error;
  if (a < 0 || b < 0)
    return -1;
  return a == b && memcmp(ours, theirs, (size_t)a) == 0;
}

/* ---- the machine ---- */

/* Returns the number after `key` at the start of a line; NaN if absent. */
static double read_number(const char *root, const char *file, const char *key) {
  double x = NAN;
  int dir = proc_root_open(root);
  FILE *f = dir >= 0 ? open_lines(dir, file) : NULL;
  char line[256];
  while (f != NULL && isnan(x) && next_line(f, line, sizeof(line))) {
    unsigned long long number = 0;
    if (strncmp(line, key, strlen(key)) == 0 &&
        sscanf(line + strlen(key), " %19llu", &number) == 1 && number > 0)
      x = (double)number;
  }
  if (f != NULL)
    fclose(f);
  if (dir >= 0)
    close(dir);
  return x;
}

double proc_boot_time(const char *root) {
  return read_number(root, "stat", "btime ");
}

double proc_memory_total(const char *root) {
  return read_number(root, "meminfo", "MemTotal:") * 1024;
}
