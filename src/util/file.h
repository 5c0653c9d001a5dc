/* SPDX-License-Identifier: MIT */
/* file.h - reads and writes whole files. Callers own the returned memory. */
#ifndef UTIL_FILE_H
#define UTIL_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

/* Reads up to `len` bytes from offset `at`; retries after signals and short
 * reads. Returns fewer bytes at the end of the file, -1 with errno on error.
 * Works for seekable files and /proc. */
ssize_t file_read_at(int fd, void *to, size_t len, off_t at);

/* Opens a regular file for reading without blocking. Returns a descriptor, or
 * -1 with errno; EINVAL: not a regular file. *st is zero if stat failed. */
int file_open(const char *path, struct stat *st);

/* Reads a regular file of at most `max` bytes. Returns its contents with a NUL,
 * to be freed by the caller; or NULL with errno (EINVAL: not a regular file,
 * EFBIG: larger than `max`) and a message in `err`. Sets *st as file_open(). */
char *file_read(const char *path, size_t max, struct stat *st, size_t *len,
                char *err, size_t err_size);

/* Like file_read(), for any readable file, pipes included. May block. */
char *file_read_stream(const char *path, size_t max, size_t *len, char *err,
                       size_t err_size);

/* Replaces the file atomically by a rename. With `sync` the new contents also
 * survive a crash of the machine. Replaces a symbolic link itself; refuses all
 * other files that are not regular. Returns 0, or -1 with a message in `err`:
 * then the old file is unchanged. */
int file_write(const char *path, const void *data, size_t len, mode_t mode,
               bool sync, char *err, size_t err_size);

#endif
