/* SPDX-License-Identifier: MIT */
/* hub_report.h - current values and daily statistics of a hub.
 *
 * Built from hub_stats.h or read from status.json. Values are in the unit of
 * the series, availability and budget (of AVAILABILITY_OBJECTIVE) in percent,
 * times epoch seconds; NaN: unknown. */
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
  double begin; /* start of the day */
  struct hub_report_figure {
    double value;   /* latest */
    double average; /* of the day; NaN: no data */
    double worst;
    double worst_at;
    double before; /* average of the previous day */
  } figures[HUB_STATS_FIGURES];
};

struct hub_report hub_report_of(const struct hub_stats *h, double now);

/* Array for free(); NULL: out of memory. */
struct hub_report *hub_reports_of(const struct hub_stats *hubs, size_t num,
                                  double now);

#endif
