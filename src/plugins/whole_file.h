/* whole_file.h - files that are read and written as a whole. */
#ifndef PLUGINS_WHOLE_FILE_H
#define PLUGINS_WHOLE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/* The contents, to be freed, with *st as of the open file; NULL with what is
 * wrong in `err`. *st is zero where the file cannot even be looked at. Anything
 * but a regular file of at most `max` bytes is refused. */
char *whole_file_read(const char *path, size_t max, struct stat *st,
                      size_t *len, char *err, size_t err_size);

/* Replaces the file atomically: others see the old contents or the new ones;
 * with `sync` also after a crash of the machine. A symbolic link is replaced as
 * well, anything but a regular file is not. 0, or -1 with what is wrong in
 * `err`; what was there is still there then. */
int whole_file_write(const char *path, const void *data, size_t len,
                     mode_t mode, bool sync, char *err, size_t err_size);

#endif
