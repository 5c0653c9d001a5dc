/* SPDX-License-Identifier: MIT */
/* decisions.h - debug messages about the decisions of mcp_hub_alerts.
 *
 * Does nothing unless adapter_debugs(). */
#ifndef PLUGINS_DECISIONS_H
#define PLUGINS_DECISIONS_H

#include "plugins/alerts_plugin.h"

/* Installs the callbacks of engine and dispatcher. Call it with the lock
 * held. */
void decisions_watch(struct alerts_plugin *a);

/* Takes an event of the engine. Call it with the lock held. */
void decisions_event(struct alerts_plugin *a, const struct alert *event);

/* Logs the number of series per rule one interval and six intervals after new
 * rules. Call it once per interval; takes the lock. */
void decisions_tick(struct alerts_plugin *a, bool new_rules);

/* Decision about an alert. */
enum decision {
  DECISION_NONE,
  DECISION_PENDING,
  DECISION_CHANGE, /* change of level */
  DECISION_HOLD    /* plus enum dispatcher_hold */
};

/* Logs the decision. Call it without the lock. */
void decisions_log(const struct alert *alert, int decision);

#endif
