/* SPDX-License-Identifier: MIT */
/* hub_report.h - all that a report says of a hub and its day, as plain figures.
 *
 * Taken from what is remembered (hub_stats.h) where that is at hand, or out of
 * a status.json. Values are in the series' unit, availability and budget (of
 * AVAILABILITY_OBJECTIVE) in percent, times epoch seconds; NaN: unknown. */
#ifndef REPORT_HUB_REPORT_H
#define REPORT_HUB_REPORT_H

#include "report/hub_stats.h"

struct hub_report {
  const char *host; /* borrowed */
  const char *instance;
  struct health health;
  double availability_1h;
  double availability_24h;
  double error_budget;
  double begin; /* of the day */
  struct hub_report_figure {
    double value;   /* the latest */
    double average; /* of the day; NaN: nothing was heard */
    double worst;
    double worst_at;
    double before; /* average of the day before */
  } figures[HUB_STATS_FIGURES];
};

struct hub_report hub_report_of(const struct hub_stats *h, double now);

/* An array to be freed; NULL without memory. */
struct hub_report *hub_reports_of(const struct hub_stats *hubs, size_t num,
                                  double now);

#endif
