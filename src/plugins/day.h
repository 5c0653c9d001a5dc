/* day.h - the daily summary: a notification, and a report of each host. */
#ifndef PLUGINS_DAY_H
#define PLUGINS_DAY_H

#include "plugins/alerts.h"

/* Sums up when the time has come; without DailySummary a day ends at midnight,
 * silently. Without memory it is done the next time; a report that cannot be
 * written is tried each time until the next one. Call it about once an
 * interval. */
void day_tick(struct alerts *a);

#endif
