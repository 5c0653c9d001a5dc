/* SPDX-License-Identifier: MIT */
/* state_file.h - what survives a restart, as one checked block of bytes.
 *
 * A line of text that names format, version and machine, a CRC of all that
 * follows, the time, then the sections in a fixed order: hubs, incidents, the
 * notifier, the engine. For this machine's kind only (sizes and byte order are
 * part of the first line). No I/O here. */
#ifndef REPORT_STATE_FILE_H
#define REPORT_STATE_FILE_H

#include "alerts/engine.h"
#include "notify/dispatcher.h"
#include "report/hub_stats.h"
#include "report/incidents.h"

struct alert_memory { /* borrowed; everything that the plugin remembers */
  struct engine *engine;
  struct dispatcher *notifier;
  struct hub_stats_table *hubs;
  struct incidents *incidents;
};

/* All but the checksum, which takes longer: state_file_seal() puts it in. -1:
 * no memory. */
int state_file_write(const struct alert_memory *m, double now, double wall,
                     struct serializer *out);
void state_file_seal(struct serializer *out);

/* When it was written: the engine's time and epoch seconds. -1 with what is
 * wrong in `err`: it is none of ours, of another version, or damaged. */
int state_file_check(const void *data, size_t len, double *now, double *wall,
                     char *err, size_t err_size);

/* Into what is empty and has its rules; the engine's time is `now` and `away`
 * seconds have passed. What ended with its rule is told. 0; 1: not all is
 * taken, for want of memory; -1: nothing is, errno is ENOMEM where that is why.
 */
int state_file_read(const struct alert_memory *m, const void *data, size_t len,
                    double away, double now);

#endif
