/* SPDX-License-Identifier: MIT */
/* incidents.h - the alerts of the last 24 hours, and those that are still open.
 *
 * An incident begins with the event of an alert that starts, keeps the worst
 * level and its message, and is closed by the event that resolves it. It is
 * forgotten 24 h after its end. Past the bound the oldest closed one goes, and
 * where all are open the new one is refused: both are counted as dropped.
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
#define INCIDENT_NAME_MAX 128 /* bytes with the end; longer ones are cut */

struct incident {
  struct alert alert; /* the worst so far; since: its begin */
  double end;         /* NaN: still open */
};

struct incidents;

struct incidents *incidents_create(size_t max);
void incidents_destroy(struct incidents *list);

/* What the engine emits, with its message; its times are epoch seconds. */
void incidents_event(struct incidents *list, const struct alert *event);

/* Forgets what ended more than 24 h ago. */
void incidents_expire(struct incidents *list, double wall);

/* In the order in which they were listed. 0; -1: no incident, or no room. */
int incidents_restore(struct incidents *list, const struct incident *incident);

/* A copy to read, in two blocks of memory; NULL without memory. */
struct incidents *incidents_copy(const struct incidents *list);

/* Over a restart; fails as serialize.h says. */
void incidents_save(const struct incidents *list, struct serializer *out);
void incidents_load(struct incidents *list, struct deserializer *in);
size_t incidents_saved_size(void); /* of one */

/* In the order of their beginning; NULL: the first, and behind the last. Valid
 * until the next change. */
const struct incident *incidents_next(const struct incidents *list,
                                      const struct incident *incident);

size_t incidents_count(const struct incidents *list);
uint64_t incidents_dropped(const struct incidents *list);

bool incident_is_open(const struct incident *incident);

#endif
