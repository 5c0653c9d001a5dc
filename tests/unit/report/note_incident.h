/* SPDX-License-Identifier: MIT */
#ifndef UNIT_NOTE_INCIDENT_H
#define UNIT_NOTE_INCIDENT_H

#include "report/incidents.h"

/* An event with its message and its times in epoch seconds. */
static inline void note_incident(struct incidents *list,
                                 const struct alert *event, const char *message,
                                 double begin_wall, double wall) {
  struct alert a = *event;

  a.message = message;
  a.since = begin_wall;
  a.time = wall;
  incidents_event(list, &a);
}

#endif
