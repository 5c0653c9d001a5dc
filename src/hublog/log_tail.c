/* SPDX-License-Identifier: MIT */
#include "hublog/log_tail.h"

#include "util/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MARK_MAX 256

/* Hash of a range of the file, to detect a changed file; len 0: none. */
struct mark {
  off_t at;
  size_t len;
  uint64_t hash;
};

struct logfile {
  int fd;        /* -1: closed */
  bool known;    /* the file may come back; the fields below are valid */
  bool mid_line; /* discard up to the next line feed */
  unsigned idle; /* consecutive reads without new data */
  dev_t dev;
  ino_t ino;
  off_t offset; /* end of the processed data */
  struct mark head;
  struct mark last;
};

struct log_tail {
  char *path;
  bool looked;   /* data from now on is new */
  bool counting; /* false: fill only the window */
  struct logfile current;
  struct logfile former; /* previous file at the path */
  struct log_tail_counts counts;
};

_Static_assert(sizeof(struct log_tail) <= 1024 - 64, "1 KiB at rest");

struct log_reading { /* resources of one read */
  char *buffer;      /* LOG_TAIL_LINE_MAX */
  size_t left;       /* bytes that may still be read */
};

static const struct logfile no_file = {.fd = -1};

struct log_tail *log_tail_create(const char *path) {
  struct log_tail *t = calloc(1, sizeof(*t));
  if (t == NULL)
    return NULL;
  t->current = t->former = no_file;
  t->counts.size = -1;
  t->path = strdup(path);
  if (t->path == NULL) {
    log_tail_destroy(t);
    return NULL;
  }
  return t;
}

void log_tail_destroy(struct log_tail *t) {
  if (t == NULL)
    return;
  if (t->current.fd >= 0)
    close(t->current.fd);
  if (t->former.fd >= 0)
    close(t->former.fd);
  free(t->path);
  free(t);
}

const char *log_tail_path(const struct log_tail *t) { return t->path; }

const struct log_tail_counts *log_tail_counts(const struct log_tail *t) {
  return &t->counts;
}

/* ---- detecting another file ---- */

/* FNV-1a, 64 bits; includes the length, so a shorter file differs. Returns 0 or
 * an errno. */
static int make_mark(struct mark *m, int fd, off_t at, size_t len) {
  unsigned char bytes[MARK_MAX];
  uint64_t hash = 14695981039346656037U;
  ssize_t got = file_read_at(fd, bytes, len, at);
  if (got < 0)
    return errno;
  for (ssize_t i = 0; i < got; i++)
    hash = (hash ^ bytes[i]) * 1099511628211U;
  *m = (struct mark){at, len, hash ^ (uint64_t)got};
  return 0;
}

/* Sets *holds to false if the file changed. Returns 0 or an errno. */
static int check_mark(const struct mark *m, int fd, bool *holds) {
  struct mark now = *m;
  int status = m->len > 0 ? make_mark(&now, fd, m->at, m->len) : 0;
  *holds = *holds && now.hash == m->hash;
  return status;
}

/* On an error the old marks remain valid. */
static void set_marks(struct logfile *f) {
  size_t len = f->offset < MARK_MAX ? (size_t)f->offset : MARK_MAX;
  struct mark head, last;
  if (make_mark(&head, f->fd, 0, len) != 0 ||
      make_mark(&last, f->fd, f->offset - (off_t)len, len) != 0)
    return;
  f->head = head;
  f->last = last;
}

static void start_over(struct logfile *f) {
  f->offset = 0;
  f->mid_line = false;
  f->head = f->last = (struct mark){0};
}

/* ---- lines ---- */

static void count_line(struct log_tail *t, const char *line, size_t len,
                       bool cut) {
  struct log_line what = log_line_classify(line, len, cut);
  if (!what.entry)
    return;
  log_window_add(&t->counts.window, what.level == LOG_LINE_ERROR,
                 what.level != LOG_LINE_OTHER);
  if (!t->counting)
    return;
  t->counts.entries[what.level]++;
  t->counts.events[what.event]++;
}

/* Processes a part of `len` bytes. Returns its length; 0: incomplete line. */
static size_t take_line(struct log_tail *t, struct logfile *f, const char *p,
                        size_t len) {
  const char *end = memchr(p, '\n', len);
  if (f->mid_line) {
    f->mid_line = end == NULL;
    return end != NULL ? (size_t)(end - p) + 1 : len;
  }
  size_t nuls = 0;
  while (nuls < len && p[nuls] == '\0')
    nuls++;
  if (nuls > 0)
    return nuls;
  if (end != NULL) {
    count_line(t, p, (size_t)(end - p), false);
    return (size_t)(end - p) + 1;
  }
  if (len < LOG_TAIL_LINE_MAX)
    return 0;
  count_line(t, p, len, true);
  f->mid_line = true;
  return len;
}

static size_t take_lines(struct log_tail *t, struct logfile *f, const char *p,
                         size_t len) {
  size_t done = 0;
  while (done < len) {
    size_t n = take_line(t, f, p + done, len - done);
    if (n == 0)
      break;
    done += n;
  }
  return done;
}

/* ---- reading ---- */

static void skip_to(struct log_tail *t, struct logfile *f, off_t to) {
  t->counts.skipped += to - f->offset;
  f->offset = to;
  f->mid_line = true;
}

/* Reads up to the last line feed, within the limit. Returns 0 or an errno. */
static int read_lines(struct log_tail *t, struct logfile *f,
                      struct log_reading *r) {
  size_t done = 1;
  while (done > 0) {
    size_t want = r->left < LOG_TAIL_LINE_MAX ? r->left : LOG_TAIL_LINE_MAX;
    ssize_t got = file_read_at(f->fd, r->buffer, want, f->offset);
    if (got < 0)
      return errno;
    done = take_lines(t, f, r->buffer, (size_t)got);
    f->offset += (off_t)done;
    r->left -= done;
  }
  return 0;
}

/* True if nothing is left except an incomplete line. */
static bool at_end(const struct log_reading *r) {
  return r->left >= LOG_TAIL_LINE_MAX;
}

static int read_file(struct log_tail *t, struct logfile *f,
                     struct log_reading *r, struct stat *st) {
  bool same = true;
  if (fstat(f->fd, st) != 0)
    return errno;
  int status = check_mark(&f->head, f->fd, &same);
  if (status == 0)
    status = check_mark(&f->last, f->fd, &same);
  if (status != 0)
    return status;
  if (!same)
    start_over(f);
  if (st->st_size - f->offset > LOG_TAIL_BEHIND_MAX)
    skip_to(t, f, st->st_size - (off_t)LOG_TAIL_READ_MAX);
  off_t before = f->offset;
  status = read_lines(t, f, r);
  if (f->offset != before)
    f->idle = 0;
  else if (status == 0)
    f->idle++;
  set_marks(f);
  if (st->st_size > f->offset)
    t->counts.behind += st->st_size - f->offset;
  return status;
}

/* Closes a file; its incomplete last line counts as a line. */
static void let_go(struct log_tail *t, struct logfile *f,
                   struct log_reading *r) {
  struct stat st = {0};
  ssize_t got = file_read_at(f->fd, r->buffer, LOG_TAIL_LINE_MAX, f->offset);
  size_t len = got > 0 ? (size_t)got : 0;
  size_t done = take_lines(t, f, r->buffer, len);
  if (done < len) {
    count_line(t, r->buffer + done, len - done, false);
    f->mid_line = true;
  }
  f->offset += (off_t)len;
  if (fstat(f->fd, &st) == 0 && st.st_size > f->offset)
    skip_to(t, f, st.st_size);
  set_marks(f);
  f->known = st.st_nlink > 0;
  close(f->fd);
  f->fd = -1;
}

/* Reads a renamed, deleted or unreachable file. After a failed read it tries
 * again until `patience` runs out. */
static void read_away(struct log_tail *t, struct logfile *f,
                      struct log_reading *r, unsigned patience) {
  struct stat st;
  if (f->fd < 0)
    return;
  bool failed = read_file(t, f, r, &st) != 0;
  f->idle += failed;
  bool gone = !failed && st.st_nlink == 0;
  if ((failed || at_end(r)) && (gone || f->idle >= patience))
    let_go(t, f, r);
}

static int read_current(struct log_tail *t, struct log_reading *r) {
  struct stat st;
  int status = read_file(t, &t->current, r, &st);
  if (status == ESTALE) { /* NFS: reopen the file at the next read */
    close(t->current.fd);
    t->current.fd = -1;
  }
  return status;
}

/* ---- file at the path ---- */

static bool is_file(const struct logfile *f, const struct stat *st) {
  return f->known && f->dev == st->st_dev && f->ino == st->st_ino;
}

/* Existing entries fill only the window. Returns 0 or an errno. */
static int first_look(struct log_tail *t, struct logfile *f, off_t size,
                      struct log_reading *r) {
  if (size > LOG_TAIL_FIRST_LOOK) {
    f->offset = size - LOG_TAIL_FIRST_LOOK - 1;
    f->mid_line = true;
  }
  t->counting = false;
  int status = read_lines(t, f, r);
  t->counting = true;
  set_marks(f);
  return status;
}

static int take_new(struct log_tail *t, int fd, const struct stat *st,
                    struct log_reading *r) {
  if (t->former.fd >= 0)
    let_go(t, &t->former, r);
  if (t->current.known)
    t->former = t->current;
  t->former.idle = 0;
  t->current = no_file;
  t->current.fd = fd;
  t->current.known = true;
  t->current.dev = st->st_dev;
  t->current.ino = st->st_ino;
  return t->looked ? 0 : first_look(t, &t->current, st->st_size, r);
}

/* `fd` is open on the file at the path. Returns 0 or an errno. */
static int take(struct log_tail *t, int fd, const struct stat *st,
                struct log_reading *r) {
  if (is_file(&t->former, st)) {
    struct logfile back = t->former;
    t->former = t->current;
    t->former.idle = 0;
    t->current = back;
  } else if (!is_file(&t->current, st)) {
    return take_new(t, fd, st, r);
  }
  if (t->current.fd >= 0)
    close(fd);
  else
    t->current.fd = fd;
  return 0;
}

static int open_path(struct log_tail *t, struct log_reading *r) {
  struct stat st;
  int fd = open(t->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0)
    return errno;
  int status = fstat(fd, &st) != 0 ? errno : 0;
  if (status == 0 && !S_ISREG(st.st_mode))
    status = EINVAL;
  if (status != 0) {
    close(fd);
    return status;
  }
  status = take(t, fd, &st, r);
  t->looked = status == 0;
  if (status != 0) { /* start again at the next read */
    close(t->current.fd);
    t->current = no_file;
    t->counts.window = (struct log_window){0};
  }
  return status;
}

/* Makes the file at the path the current one. Calls stat() before open(),
 * because opening a fifo or a device may have side effects. Returns 0 or an
 * errno. */
static int look(struct log_tail *t, struct log_reading *r) {
  struct stat st;
  t->counts.size = -1;
  if (stat(t->path, &st) != 0) {
    int status = errno;
    t->looked = t->looked || status == ENOENT || status == ENOTDIR;
    return status;
  }
  if (!S_ISREG(st.st_mode))
    return EINVAL;
  t->counts.size = st.st_size;
  if (t->current.fd >= 0 && is_file(&t->current, &st))
    return 0;
  return open_path(t, r);
}

/* ---- public functions ---- */

int log_tail_read(struct log_tail *t, char *err, size_t err_size) {
  struct log_reading r = {malloc(LOG_TAIL_LINE_MAX), LOG_TAIL_READ_MAX};
  int status = r.buffer != NULL ? 0 : ENOMEM;
  if (status == 0) {
    t->counting = true;
    t->counts.behind = 0;
    status = look(t, &r);
    read_away(t, &t->former, &r, LOG_TAIL_IDLE_READS);
    if (status != 0)
      read_away(t, &t->current, &r, UINT_MAX);
    else
      status = read_current(t, &r);
  }
  free(r.buffer);
  if (status != 0)
    snprintf(err, err_size, "%s: %s", t->path,
             status == EINVAL ? "not a regular file" : strerror(status));
  return status;
}
