/* status.h - the text of status.json: what mcphubctl cannot ask elsewhere.
 *
 * {"version":1,"time":epoch,"rules_current":bool,
 *  "alerts":[{"rule","level","status","host","plugin","plugin_instance","type",
 *    "type_instance","ds","value","threshold","since","message","runbook"}],
 *  "hubs":[{"host","hub","score","grade","reasons":[{"points","why"}],
 *    "availability_1h","availability_24h","error_budget","figures":{},
 *    "day_begin","day":{}}],
 *  "incidents":[{"rule","level","host","plugin","plugin_instance","identity",
 *    "message","begin","end"}]}
 *
 * Unknown numbers are null, times epoch seconds, availabilities and budget
 * percent (of AVAILABILITY_OBJECTIVE). `figures` has a member for each row of
 * hubview_table, by its name ("percent-cpu"), in the series' unit. `day` has
 * {"average","worst","worst_at","before"} since `day_begin` of those that were
 * heard in the day (`before`: average of the day before). `runbook` is left out
 * where there is none. All text is valid UTF-8 without control characters: what
 * is not becomes
 * "?" or a blank. */
#ifndef ALERTS_STATUS_H
#define ALERTS_STATUS_H

#include "alerts/hubday.h"
#include "alerts/incident.h"

struct status_alert { /* borrowed for the call */
  const struct series *series;
  const char *rule;
  enum alert_level level;
  const char *status; /* pending, firing, clearing, flapping, silenced,
                         inhibited */
  double value;       /* NaN: unknown */
  double threshold;   /* NaN: unknown */
  double since;       /* epoch */
  const char *message;
  const char *runbook; /* NULL: none */
};

struct status;

struct status *status_create(double wall, bool rules_current);
void status_destroy(struct status *s);

/* First all alerts, then all hubs, then the incidents. A failure is told by
 * status_text(). */
void status_add_alert(struct status *s, const struct status_alert *alert);
void status_add_hub(struct status *s, const struct hubview *hub, double now);
void status_add_incident(struct status *s, const struct incident *incident);

/* The end of it: the whole text, which stays the status's own, and its length;
 * NULL: no memory, or not added in order. */
const char *status_text(struct status *s, size_t *len);

#endif
