#include "alerts/hubday.h"

#include <stdlib.h>

struct hubday hubday_of(const struct hubview *h, double now) {
  const struct availability *a = &h->availability;
  struct hubday day = {
      .host = h->host,
      .instance = h->instance,
      .health = hubview_health(h, now),
      .availability_1h = availability_percent(a, AVAILABILITY_HOUR, now),
      .availability_24h = availability_percent(a, AVAILABILITY_DAY, now),
      .error_budget = availability_budget(a, AVAILABILITY_OBJECTIVE, now),
      .begin = h->day_begin};

  for (int i = 0; i < HUBVIEW_FIGURES; i++) {
    enum hubview_figure f = (enum hubview_figure)i;
    const struct hubview_memory *m = &h->figures[i];
    day.figures[i] = (struct hubday_figure){.value = hubview_value(h, f, now),
                                            .average = hubview_average(h, f),
                                            .worst = m->worst,
                                            .worst_at = m->worst_at,
                                            .before = m->before};
  }
  return day;
}

struct hubday *hubdays_of(const struct hubview *const *hubs, size_t num,
                          double now) {
  struct hubday *days = calloc(num + 1, sizeof(*days)); /* none is no failure */

  for (size_t i = 0; days != NULL && i < num; i++)
    days[i] = hubday_of(hubs[i], now);
  return days;
}
