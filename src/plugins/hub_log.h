/* SPDX-License-Identifier: MIT */
/* hub_log.h - follows the log file of a hub.
 *
 * A disk can hang, so the log is read by the read callback on a thread of
 * collectd, not by the HTTP thread. The HTTP thread sets the path and copies
 * the counts. */
#ifndef PLUGINS_HUB_LOG_H
#define PLUGINS_HUB_LOG_H

#include "hublog/log_tail.h"

#include <stdbool.h>

struct hub_log;

/* Copies `hub`, the name for messages. NULL: out of memory. */
struct hub_log *hub_log_create(const char *hub);
void hub_log_destroy(struct hub_log *log);

/* Sets the path; "": none. Thread-safe. -1: out of memory, the path is
 * unchanged. */
int hub_log_want(struct hub_log *log, const char *path);

/* Reads new lines; logs a change of status once. One thread at a time. */
void hub_log_read(struct hub_log *log);

/* Thread-safe. False: no log, or it cannot be read. */
bool hub_log_copy(struct hub_log *log, struct log_tail_counts *out);

#endif
