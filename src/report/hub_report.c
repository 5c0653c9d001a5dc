/* SPDX-License-Identifier: MIT */
#include "report/hub_report.h"

#include <stdlib.h>

struct hub_report hub_report_of(const struct hub_stats *h, double now) {
  const struct availability *a = &h->availability;
  struct hub_report day = {
      .host = h->host,
      .instance = h->instance,
      .health = hub_stats_health(h, now),
      .availability_1h = availability_percent(a, AVAILABILITY_HOUR, now),
      .availability_24h = availability_percent(a, AVAILABILITY_DAY, now),
      .error_budget = availability_budget(a, AVAILABILITY_OBJECTIVE, now),
      .begin = h->day_begin};

  for (int i = 0; i < HUB_STATS_FIGURES; i++) {
    enum hub_stats_figure f = (enum hub_stats_figure)i;
    const struct hub_stats_memory *m = &h->figures[i];
    day.figures[i] =
        (struct hub_report_figure){.value = hub_stats_value(h, f, now),
                                   .average = hub_stats_average(h, f),
                                   .worst = m->worst,
                                   .worst_at = m->worst_at,
                                   .before = m->before};
  }
  return day;
}

struct hub_report *hub_reports_of(const struct hub_stats *hubs, size_t num,
                                  double now) {
  struct hub_report *days = calloc(num + 1, sizeof(*days)); /* num may be 0 */

  for (size_t i = 0; days != NULL && i < num; i++)
    days[i] = hub_report_of(&hubs[i], now);
  return days;
}
