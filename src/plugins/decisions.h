/* SPDX-License-Identifier: MIT */
/* decisions.h - debug lines: what mcp_hub_alerts decided, and why.
 *
 * Nothing is kept or logged unless adapter_debugs(). */
#ifndef PLUGINS_DECISIONS_H
#define PLUGINS_DECISIONS_H

#include "plugins/alerts_plugin.h"

/* Callbacks of engine and dispatcher from now on. With the lock held. */
void decisions_watch(struct alerts_plugin *a);

/* An event of the engine. With the lock held. */
void decisions_event(struct alerts_plugin *a, const struct alert *event);

/* Once an interval: how many series each rule looks at, one interval and six
 * after new rules. Takes the lock. */
void decisions_tick(struct alerts_plugin *a, bool new_rules);

/* About an alert. */
enum decision {
  DECISION_NONE,
  DECISION_PENDING,
  DECISION_CHANGE, /* of its level */
  DECISION_HOLD    /* plus an enum dispatcher_hold */
};

/* Logs it. Without the lock. */
void decisions_log(const struct alert *alert, int decision);

#endif
