/* SPDX-License-Identifier: MIT */
/* daily_report.h - the daily summary: a notification, and a report of each
 * host. */
#ifndef PLUGINS_DAILY_REPORT_H
#define PLUGINS_DAILY_REPORT_H

#include "plugins/alerts_plugin.h"

/* Sums up when the time has come; without DailySummary a day ends at midnight,
 * silently. Without memory it is done the next time; a report that cannot be
 * written is tried each time until the next one. Call it about once an
 * interval. */
void daily_report_tick(struct alerts_plugin *a);

#endif
