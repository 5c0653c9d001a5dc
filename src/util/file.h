/* SPDX-License-Identifier: MIT */
/* file.h - files that are read and written as a whole. */
#ifndef UTIL_FILE_H
#define UTIL_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

/* Reads up to `len` bytes from offset `at`, across signals and short reads.
 * Returns fewer where the file ends; -1 with errno. For files with offsets,
 * /proc included. */
ssize_t file_read_at(int fd, void *to, size_t len, off_t at);

/* Opens a regular file for reading, never waits: a descriptor, or -1 with
 * errno, EINVAL if it is not a regular file. *st is zero unless the file could
 * be looked at. */
int file_open(const char *path, struct stat *st);

/* Reads a regular file of at most `max` bytes. Returns its contents with a NUL,
 * which the caller frees; or NULL with errno (EINVAL: not a regular file,
 * EFBIG: larger) and the reason in `err`. *st as file_open() sets it. */
char *file_read(const char *path, size_t max, struct stat *st, size_t *len,
                char *err, size_t err_size);

/* The same for anything that can be read, pipes included: it may wait. */
char *file_read_stream(const char *path, size_t max, size_t *len, char *err,
                       size_t err_size);

/* Replaces the file atomically: others see the old contents or the new ones;
 * with `sync` also after a crash of the machine. A symbolic link is replaced as
 * well, anything but a regular file is not. 0, or -1 with what is wrong in
 * `err`; what was there is still there then. */
int file_write(const char *path, const void *data, size_t len, mode_t mode,
               bool sync, char *err, size_t err_size);

#endif
