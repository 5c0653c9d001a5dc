/* piece.h - a piece of a file, whatever reads and signals come in between.
 *
 * As much as there is of `len` bytes from `at` on: fewer where the file ends.
 * -1 with errno. For what has places to read at, as files of /proc have, too,
 * and pipes have not. */
#ifndef HUB_PIECE_H
#define HUB_PIECE_H

#include <sys/types.h>

ssize_t piece_read(int fd, void *to, size_t len, off_t at);

#endif
