/* SPDX-License-Identifier: MIT */
/* state_file.h - the state that survives a restart, as one block with checksum.
 *
 * A text line with format, version and machine, a CRC of all that follows, the
 * time, then the sections in fixed order: hubs, incidents, dispatcher, engine.
 * The first line has sizes and byte order: the file is not portable. No I/O
 * here. */
#ifndef REPORT_STATE_FILE_H
#define REPORT_STATE_FILE_H

#include "alerts/engine.h"
#include "notify/dispatcher.h"
#include "report/hub_stats.h"
#include "report/incidents.h"

struct alert_memory { /* borrowed; the whole state of the plugin */
  struct engine *engine;
  struct dispatcher *notifier;
  struct hub_stats_table *hubs;
  struct incidents *incidents;
};

/* Writes all but the checksum, which is slower: call state_file_seal(). -1: out
 * of memory. */
int state_file_write(const struct alert_memory *m, double now, double wall,
                     struct serializer *out);
void state_file_seal(struct serializer *out);

/* Reads the times of writing: engine's time and epoch seconds. -1 with an error
 * in `err`: wrong format, other version, or damaged. */
int state_file_check(const void *data, size_t len, double *now, double *wall,
                     char *err, size_t err_size);

/* Loads into empty objects with rules. `now` is the engine's time, `away` the
 * seconds since writing. Alerts whose rule was removed are resolved. 0; 1:
 * loaded in part, out of memory; -1: nothing loaded, errno is ENOMEM if out of
 * memory. */
int state_file_read(const struct alert_memory *m, const void *data, size_t len,
                    double away, double now);

#endif
