/* SPDX-License-Identifier: MIT */
/* daily_report.h - the daily summary: a notification and a report per host. */
#ifndef PLUGINS_DAILY_REPORT_H
#define PLUGINS_DAILY_REPORT_H

#include "plugins/alerts_plugin.h"

/* Sends the summary when it is due. Without DailySummary the day ends at
 * midnight without a summary. Out of memory: tried again by the next call; a
 * report that cannot be written is tried again until the next day. Call it once
 * per interval. */
void daily_report_tick(struct alerts_plugin *a);

#endif
