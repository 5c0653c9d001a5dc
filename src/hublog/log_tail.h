/* SPDX-License-Identifier: MIT */
/* log_tail.h - counts the entries of a growing, rotated, truncated log file.
 *
 * Counters start at 0 with the first read. Entries already in the file only
 * fill the window of the last 1000 entries, from the last LOG_TAIL_FIRST_LOOK
 * bytes. A file created after the first read counts from its beginning.
 *
 * Changes of the file between two reads:
 *   renamed     both files are read, the old one until it has not grown for
 *               LOG_TAIL_IDLE_READS reads; without a new file, without limit
 *   deleted     read to its end, then closed
 *   truncated,  another file, a shorter one, or one whose first or last 256
 *   replaced    processed bytes differ: read from the beginning. Data that
 *               copytruncate removes before a read is lost. A file that grows
 *               the same bytes again beyond the old position within one
 *               interval is not detected.
 *
 * A read processes at most LOG_TAIL_READ_MAX bytes. With more than
 * LOG_TAIL_BEHIND_MAX bytes pending, all but the last LOG_TAIL_READ_MAX are
 * skipped and counted as skipped. An incomplete line waits for its end. A line
 * longer than LOG_TAIL_LINE_MAX is classified by its first LOG_TAIL_LINE_MAX
 * bytes. NULs at the start of a line are ignored (holes after a truncation).
 *
 * Memory: LOG_TAIL_LINE_MAX bytes during a read, less than 1 KiB otherwise.
 * Opens one or two regular files; follows symbolic links. Not thread-safe. */
#ifndef HUBLOG_LOG_TAIL_H
#define HUBLOG_LOG_TAIL_H

#include "hublog/log_line.h"
#include "hublog/log_window.h"

#include <stddef.h>
#include <stdint.h>

#define LOG_TAIL_LINE_MAX ((size_t)64 << 10)
#define LOG_TAIL_READ_MAX ((size_t)4 << 20)
#define LOG_TAIL_BEHIND_MAX ((int64_t)64 << 20)
#define LOG_TAIL_FIRST_LOOK ((int64_t)1 << 20)
#define LOG_TAIL_IDLE_READS 6

struct log_tail_counts {
  int64_t size; /* bytes; -1: no file */
  int64_t entries[LOG_LINE_LEVELS];
  int64_t events[LOG_LINE_EVENTS];
  int64_t skipped; /* bytes skipped */
  int64_t behind;  /* bytes left for the next read, incomplete lines included */
  struct log_window window;
};

struct log_tail;

/* Copies `path`; opens no file. Returns NULL if out of memory. */
struct log_tail *log_tail_create(const char *path);
void log_tail_destroy(struct log_tail *t);
const char *log_tail_path(const struct log_tail *t);

/* Returns 0, or an errno (EINVAL: not a regular file) with a message in `err`
 * that contains the path but no text of the log; the counters then keep their
 * values. Does not block, except on a blocking file system. */
int log_tail_read(struct log_tail *t, char *err, size_t err_size);

/* Counts of the last read, valid until log_tail_destroy(). */
const struct log_tail_counts *log_tail_counts(const struct log_tail *t);

#endif
