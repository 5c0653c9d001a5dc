/* SPDX-License-Identifier: MIT */
#include "store/faulty_vfs.h"

#include "random.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILES 8
#define NAME 512
#define SECTOR 512

struct undo { /* of a write that is not synced; the newest first */
  struct undo *next;
  int64_t offset;
  int64_t old_size; /* of the file */
  int len;          /* of the write */
  int old_len;      /* bytes that were there */
  unsigned char old[];
};

static struct disk_file { /* outlives its handles */
  char name[NAME];
  struct undo *undo;
} files[FILES];

struct faulty_file {
  sqlite3_file base;
  struct disk_file *disk; /* NULL: not watched */
  sqlite3_file *real;
};

static sqlite3_vfs *real_vfs;
static sqlite3_vfs faulty_vfs;
static int fail_after = -1;
static int fail_code;
static int power_left = -1;
static int off;
static int64_t written;

static struct faulty_file *faulty(sqlite3_file *f) {
  return (struct faulty_file *)f;
}

static sqlite3_file *real(sqlite3_file *f) { return faulty(f)->real; }

/* The fault of this write or sync; SQLITE_OK: none. */
static int fault(void) {
  if (power_left == 0)
    off = 1;
  if (power_left > 0)
    power_left--;
  if (off)
    return SQLITE_IOERR;
  if (fail_after == 0)
    return fail_code;
  if (fail_after > 0)
    fail_after--;
  return SQLITE_OK;
}

static struct disk_file *disk_of(const char *name) {
  for (int i = 0; i < FILES; i++)
    if (files[i].name[0] == '\0' || strcmp(files[i].name, name) == 0) {
      strncpy(files[i].name, name, NAME - 1);
      return &files[i];
    }
  abort();
}

/* Keeps what is there before it is overwritten. */
static void remember(sqlite3_file *f, int len, int64_t offset) {
  struct disk_file *disk = faulty(f)->disk;
  struct undo *u = malloc(sizeof(*u) + (size_t)len);
  if (u == NULL || disk == NULL) {
    free(u);
    return;
  }
  sqlite3_int64 size = 0;
  real(f)->pMethods->xFileSize(real(f), &size);
  int64_t there = size - offset;
  *u = (struct undo){.next = disk->undo,
                     .offset = offset,
                     .old_size = size,
                     .len = len,
                     .old_len = (int)(there < 0     ? 0
                                      : there < len ? there
                                                    : len)};
  if (u->old_len > 0)
    real(f)->pMethods->xRead(real(f), u->old, u->old_len, offset);
  disk->undo = u;
}

static void forget(struct disk_file *disk) {
  while (disk != NULL && disk->undo != NULL) {
    struct undo *u = disk->undo;
    disk->undo = u->next;
    free(u);
  }
}

/* ---- methods ---- */

static int xclose(sqlite3_file *f) {
  int rc = real(f)->pMethods != NULL ? real(f)->pMethods->xClose(real(f))
                                     : SQLITE_OK;
  free(faulty(f)->real);
  return rc;
}

static int xread(sqlite3_file *f, void *to, int len, sqlite3_int64 at) {
  return off ? SQLITE_IOERR_READ
             : real(f)->pMethods->xRead(real(f), to, len, at);
}

static int xwrite(sqlite3_file *f, const void *from, int len,
                  sqlite3_int64 at) {
  int rc = fault();
  if (rc != SQLITE_OK)
    return rc;
  written += len;
  remember(f, len, at);
  return real(f)->pMethods->xWrite(real(f), from, len, at);
}

static int xtruncate(sqlite3_file *f, sqlite3_int64 size) {
  return off ? SQLITE_IOERR_TRUNCATE
             : real(f)->pMethods->xTruncate(real(f), size);
}

static int xsync(sqlite3_file *f, int flags) {
  int rc = fault();
  if (rc != SQLITE_OK)
    return rc == SQLITE_FULL ? SQLITE_OK : rc; /* a full disk still syncs */
  (void)flags;
  forget(faulty(f)->disk); /* the real disk need not do it: faster */
  return SQLITE_OK;
}

static int xsize(sqlite3_file *f, sqlite3_int64 *size) {
  return real(f)->pMethods->xFileSize(real(f), size);
}
static int xlock(sqlite3_file *f, int kind) {
  return real(f)->pMethods->xLock(real(f), kind);
}
static int xunlock(sqlite3_file *f, int kind) {
  return real(f)->pMethods->xUnlock(real(f), kind);
}
static int xcheck(sqlite3_file *f, int *out) {
  return real(f)->pMethods->xCheckReservedLock(real(f), out);
}
static int xcontrol(sqlite3_file *f, int op, void *arg) {
  return real(f)->pMethods->xFileControl(real(f), op, arg);
}
static int xsector(sqlite3_file *f) {
  (void)f;
  return SECTOR;
}
/* Without "powersafe overwrite": a write may harm what is beside it. */
static int xtraits(sqlite3_file *f) {
  (void)f;
  return 0;
}
static int xmap(sqlite3_file *f, int page, int size, int extend,
                void volatile **out) {
  return real(f)->pMethods->xShmMap(real(f), page, size, extend, out);
}
static int xshmlock(sqlite3_file *f, int offset, int n, int flags) {
  return real(f)->pMethods->xShmLock(real(f), offset, n, flags);
}
static void xbarrier(sqlite3_file *f) {
  real(f)->pMethods->xShmBarrier(real(f));
}
static int xunmap(sqlite3_file *f, int delete_it) {
  return real(f)->pMethods->xShmUnmap(real(f), delete_it);
}

static const sqlite3_io_methods methods = {.iVersion = 2,
                                           .xClose = xclose,
                                           .xRead = xread,
                                           .xWrite = xwrite,
                                           .xTruncate = xtruncate,
                                           .xSync = xsync,
                                           .xFileSize = xsize,
                                           .xLock = xlock,
                                           .xUnlock = xunlock,
                                           .xCheckReservedLock = xcheck,
                                           .xFileControl = xcontrol,
                                           .xSectorSize = xsector,
                                           .xDeviceCharacteristics = xtraits,
                                           .xShmMap = xmap,
                                           .xShmLock = xshmlock,
                                           .xShmBarrier = xbarrier,
                                           .xShmUnmap = xunmap};

static int xopen(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags,
                 int *out) {
  struct faulty_file *file = faulty(f);
  (void)vfs;
  *file = (struct faulty_file){.base = {NULL}};
  file->real = calloc(1, (size_t)real_vfs->szOsFile);
  if (file->real == NULL)
    return SQLITE_NOMEM;
  file->disk = name != NULL ? disk_of(name) : NULL;
  int rc = real_vfs->xOpen(real_vfs, name, file->real, flags, out);
  if (rc == SQLITE_OK)
    file->base.pMethods = &methods;
  else
    free(file->real);
  return rc;
}

static int xdelete(sqlite3_vfs *vfs, const char *name, int sync) {
  (void)vfs;
  if (off)
    return SQLITE_IOERR_DELETE;
  forget(disk_of(name));
  return real_vfs->xDelete(real_vfs, name, sync);
}

/* ---- interface ---- */

void faulty_vfs_reset(void) {
  if (real_vfs == NULL) {
    real_vfs = sqlite3_vfs_find(NULL);
    faulty_vfs = *real_vfs;
    faulty_vfs.zName = "faulty";
    faulty_vfs.szOsFile = sizeof(struct faulty_file);
    faulty_vfs.xOpen = xopen;
    faulty_vfs.xDelete = xdelete;
    sqlite3_vfs_register(&faulty_vfs, 0);
  }
  for (int i = 0; i < FILES; i++) {
    forget(&files[i]);
    files[i].name[0] = '\0';
  }
  fail_after = power_left = -1;
  off = 0;
  written = 0;
}

void faulty_vfs_fail(int after, int code) {
  fail_after = after;
  fail_code = code;
}

void faulty_vfs_cut_power(int after) { power_left = after; }

int faulty_vfs_is_off(void) { return off; }

/* A write is lost whole, in some sectors, or not. */
static void take_back(int fd, const struct undo *u) {
  int kind = (int)(chance(3));
  if (kind == 0)
    return;
  for (int at = 0; at < u->old_len; at += SECTOR) {
    size_t len = (size_t)(u->old_len - at < SECTOR ? u->old_len - at : SECTOR);
    if ((kind == 1 || chance(2) == 0) &&
        pwrite(fd, u->old + at, len, u->offset + at) != (ssize_t)len)
      abort();
  }
  if (kind == 1 && u->old_size < u->offset + u->len &&
      ftruncate(fd, u->old_size) != 0)
    abort();
}

void faulty_vfs_lose(unsigned with) {
  seed = with;
  for (int i = 0; i < FILES; i++) {
    int fd = files[i].undo != NULL ? open(files[i].name, O_RDWR) : -1;
    for (const struct undo *u = files[i].undo; fd >= 0 && u != NULL;
         u = u->next)
      take_back(fd, u);
    if (fd >= 0)
      close(fd);
    forget(&files[i]);
  }
  power_left = -1;
  off = 0;
}

int64_t faulty_vfs_written(void) { return written; }
