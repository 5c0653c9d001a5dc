/* SPDX-License-Identifier: MIT */
/* hub_log.h - a hub's log, followed beside the hub's reads.
 *
 * A log may lie on a disk that hangs: it is read by the read callback, on one
 * of collectd's threads, and never by the engine's, which says what file it is
 * to be and copies the counts. */
#ifndef PLUGINS_HUB_LOG_H
#define PLUGINS_HUB_LOG_H

#include "hublog/log_tail.h"

#include <stdbool.h>

struct hub_log;

/* `hub`: its name, for messages; copied. NULL without memory. */
struct hub_log *hub_log_create(const char *hub);
void hub_log_destroy(struct hub_log *log);

/* Any thread: the path to follow; "": none. -1 without memory: that before. */
int hub_log_want(struct hub_log *log, const char *path);

/* One thread at a time: follows the file, and tells of it once per change. */
void hub_log_read(struct hub_log *log);

/* Any thread: false while the log cannot be read or there is none. */
bool hub_log_copy(struct hub_log *log, struct log_tail_counts *out);

#endif
