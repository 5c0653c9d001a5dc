/* hubday.h - all that a report says of a hub and its day, as plain figures.
 *
 * Taken from what is remembered (hubview.h) where that is at hand, or out of a
 * status.json. Values are in the series' unit, availability and budget (of
 * AVAILABILITY_OBJECTIVE) in percent, times epoch seconds; NaN: unknown. */
#ifndef ALERTS_HUBDAY_H
#define ALERTS_HUBDAY_H

#include "alerts/hubview.h"

struct hubday {
  const char *host; /* borrowed */
  const char *instance;
  struct health health;
  double availability_1h;
  double availability_24h;
  double error_budget;
  double begin; /* of the day */
  struct hubday_figure {
    double value;   /* the latest */
    double average; /* of the day; NaN: nothing was heard */
    double worst;
    double worst_at;
    double before; /* average of the day before */
  } figures[HUBVIEW_FIGURES];
};

struct hubday hubday_of(const struct hubview *h, double now);

/* An array to be freed; NULL without memory. */
struct hubday *hubdays_of(const struct hubview *const *hubs, size_t num,
                          double now);

#endif
