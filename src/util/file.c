/* SPDX-License-Identifier: MIT */
#include "util/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

ssize_t file_read_at(int fd, void *to, size_t len, off_t at) {
  size_t have = 0;
  ssize_t got = 1;
  while (have < len && got > 0) {
    got = TEMP_FAILURE_RETRY(
        pread(fd, (char *)to + have, len - have, at + (off_t)have));
    have += got > 0 ? (size_t)got : 0;
  }
  return got >= 0 ? (ssize_t)have : -1;
}

static int grow(char **text, size_t *room, size_t max) {
  size_t more = 2 * *room + 4096 < max ? 2 * *room + 4096 : max + 1;
  char *grown = realloc(*text, more);

  if (grown == NULL)
    return -1;
  *text = grown;
  *room = more;
  return 0;
}

/* Reads up to the end of file and adds a NUL. `size` is the expected length.
 * Returns NULL with errno. */
static char *read_whole(int fd, size_t size, size_t max, size_t *len) {
  /* one byte more to detect the end */
  size_t room = (size < max ? size : max) + 1;
  char *text = malloc(room);
  size_t have = 0;

  while (text != NULL) {
    ssize_t got = TEMP_FAILURE_RETRY(read(fd, text + have, room - have));
    have += got > 0 ? (size_t)got : 0;
    if (got == 0) {
      text[have] = '\0';
      *len = have;
      return text;
    }
    if (have > max)
      errno = EFBIG;
    if (got < 0 || have > max || (have == room && grow(&text, &room, max) != 0))
      break;
  }
  free(text);
  return NULL;
}

/* Writes the message for errno; leaves errno unchanged. */
static void describe(size_t max, char *err, size_t err_size) {
  int error = errno;

  if (error == EINVAL)
    snprintf(err, err_size, "expected a regular file");
  else if (error == EFBIG)
    snprintf(err, err_size, "larger than the allowed %zu MiB", max >> 20);
  else
    snprintf(err, err_size, "cannot be read: %s", strerror(error));
  errno = error;
}

static void close_keeping_errno(int fd) {
  int error = errno;

  close(fd);
  errno = error;
}

int file_open(const char *path, struct stat *st) {
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

  if ((fd >= 0 ? fstat(fd, st) : stat(path, st)) != 0)
    *st = (struct stat){0};
  if (fd < 0 || S_ISREG(st->st_mode))
    return fd;
  if (st->st_mode != 0)
    errno = EINVAL;
  close_keeping_errno(fd);
  return -1;
}

char *file_read(const char *path, size_t max, struct stat *st, size_t *len,
                char *err, size_t err_size) {
  int fd = file_open(path, st);
  char *text = fd >= 0 ? read_whole(fd, (size_t)st->st_size, max, len) : NULL;

  if (text == NULL)
    describe(max, err, err_size);
  if (fd >= 0)
    close_keeping_errno(fd);
  return text;
}

char *file_read_stream(const char *path, size_t max, size_t *len, char *err,
                       size_t err_size) {
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  char *text = fd >= 0 ? read_whole(fd, 0, max, len) : NULL;

  if (text == NULL)
    describe(max, err, err_size);
  if (fd >= 0)
    close_keeping_errno(fd);
  return text;
}

static int write_all(int fd, const char *data, size_t len, bool sync) {
  while (len > 0) {
    ssize_t put = write(fd, data, len);
    if (put < 0 && errno != EINTR)
      return -1;
    data += put > 0 ? put : 0;
    len -= put > 0 ? (size_t)put : 0;
  }
  return sync ? fsync(fd) : 0;
}

/* A pipe or a device must not be replaced by a regular file. */
static bool is_replaceable(const char *path) {
  struct stat st;
  return stat(path, &st) != 0 || S_ISREG(st.st_mode);
}

static int replace(const char *path, const void *data, size_t len, mode_t mode,
                   bool sync) {
  size_t size = strlen(path) + sizeof(".new");
  char *fresh = malloc(size);
  int fd = -1;
  int status = -1;

  if (fresh != NULL) {
    snprintf(fresh, size, "%s.new", path);
    unlink(fresh);
    fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  }
  if (fd >= 0) {
    status = fchmod(fd, mode) != 0 ? -1 : write_all(fd, data, len, sync);
    if (close(fd) != 0 || status != 0 || rename(fresh, path) != 0)
      status = -1;
  }
  if (status != 0 && fd >= 0) {
    int why = errno;
    unlink(fresh);
    errno = why;
  }
  free(fresh);
  return status;
}

int file_write(const char *path, const void *data, size_t len, mode_t mode,
               bool sync, char *err, size_t err_size) {
  if (!is_replaceable(path)) {
    snprintf(err, err_size, "cannot be written: expected a regular file");
    return -1;
  }
  if (replace(path, data, len, mode, sync) == 0)
    return 0;
  snprintf(err, err_size, "cannot be written: %s", strerror(errno));
  return -1;
}
