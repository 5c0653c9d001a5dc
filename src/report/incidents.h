/* SPDX-License-Identifier: MIT */
/* incidents.h - alerts of the last 24 hours and open alerts.
 *
 * An incident starts with the alert, keeps the worst level with its message,
 * and is closed by the "resolved" event. It is dropped 24 h after its end. If
 * the list is full the oldest closed incident is dropped; if all are open the
 * new one is refused. Both count as dropped.
 *
 * Not thread-safe. Times are epoch seconds. */
#ifndef REPORT_INCIDENTS_H
#define REPORT_INCIDENTS_H

#include "alerts/alert.h"
#include "notify/message.h"
#include "util/serialize.h"

#include <stdbool.h>
#include <stdint.h>

#define INCIDENTS_MAX 1000
#define INCIDENT_NAME_MAX 128 /* bytes with terminator; longer names are cut */

struct incident {
  struct alert alert; /* worst level so far; since: its start */
  double end;         /* NaN: still open */
};

struct incidents;

struct incidents *incidents_create(size_t max);
void incidents_destroy(struct incidents *list);

/* Takes an event of the engine, formatted, with times in epoch seconds. */
void incidents_event(struct incidents *list, const struct alert *event);

/* Drops incidents that ended more than 24 h ago. */
void incidents_expire(struct incidents *list, double wall);

/* Adds incidents in list order. 0, or -1: invalid or no room. */
int incidents_restore(struct incidents *list, const struct incident *incident);

/* A read-only copy in two allocations; NULL: out of memory. */
struct incidents *incidents_copy(const struct incidents *list);

/* For the state file; errors as in serialize.h. */
void incidents_save(const struct incidents *list, struct serializer *out);
void incidents_load(struct incidents *list, struct deserializer *in);
size_t incidents_saved_size(void); /* bytes per incident */

/* Iterates in the order of start; NULL: first, returns NULL after the last.
 * Valid until the next change. */
const struct incident *incidents_next(const struct incidents *list,
                                      const struct incident *incident);

size_t incidents_count(const struct incidents *list);
uint64_t incidents_dropped(const struct incidents *list);

bool incident_is_open(const struct incident *incident);

#endif
