/* SPDX-License-Identifier: MIT */
/* log_tail.h - a growing, rotating, truncated log file -> counts.
 *
 * The counters start with 0 at the first look: what the file holds by then only
 * fills the window of the last 1000 entries (from its last LOG_TAIL_FIRST_LOOK
 * bytes). A file that is not there at the first look is new when it comes, and
 * all of it counts.
 *
 * What happens to the file between two reads:
 *   renamed        it is read on beside its successor until it has not grown in
 *                  LOG_TAIL_IDLE_READS reads; without a successor, for ever
 *   deleted        it is read to its end and let go
 *   truncated,     another file, or one that is shorter than what was read of
 *   replaced       it, or whose first or last read 256 bytes are others: read
 *                  from its beginning. What a copytruncate cuts off before it
 *                  was read is lost; and one that grows the same bytes again up
 *                  to where it was, and more, within one interval, is taken for
 *                  one that grew.
 *
 * A read takes at most LOG_TAIL_READ_MAX bytes, the rest the next time; more
 * than LOG_TAIL_BEHIND_MAX bytes behind, all but the last LOG_TAIL_READ_MAX are
 * skipped and counted as such. A line without an end waits for it. A longer
 * line than LOG_TAIL_LINE_MAX is classified by that much and counts at once.
 * NULs at the beginning of a line are passed over (a writer that does not
 * append leaves a hole behind when its file is truncated).
 *
 * Takes LOG_TAIL_LINE_MAX bytes while reading and less than 1 KiB between
 * reads, with one or two files open. Only regular files are opened, through
 * symbolic links too. One thread at a time. */
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
  int64_t size; /* bytes; -1: unknown, there is no such file */
  int64_t entries[LOG_LINE_LEVELS];
  int64_t events[LOG_LINE_EVENTS];
  int64_t skipped; /* bytes never looked at */
  int64_t behind;  /* bytes left for the next read, or without a line's end */
  struct log_window window;
};

struct log_tail;

/* `path` is copied. Touches no file. NULL without memory. */
struct log_tail *log_tail_create(const char *path);
void log_tail_destroy(struct log_tail *t);
const char *log_tail_path(const struct log_tail *t);

/* 0, or what keeps the file from being read as an errno (ENOENT, EACCES, …;
 * EINVAL for what is not a regular file) with a text in `err` that holds the
 * path and nothing of the log. The counters stay as they were. It does not
 * block but for a file system that does. */
int log_tail_read(struct log_tail *t, char *err, size_t err_size);

/* As of the last read; valid until the tail is destroyed. */
const struct log_tail_counts *log_tail_counts(const struct log_tail *t);

#endif
