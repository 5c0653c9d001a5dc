/* SPDX-License-Identifier: MIT */
/* status_json.h - the text of status.json: what mcphubctl cannot ask elsewhere.
 *
 * {"version":1,"time":epoch,"rules_current":bool,
 *  "alerts":[{"rule","level","status","host","plugin","plugin_instance","type",
 *    "type_instance","ds","value","threshold","since","message","runbook"}],
 *  "hubs":[{"host","hub","score","grade","reasons":[{"points","why"}],
 *    "availability_1h","availability_24h","error_budget","figures":{},
 *    "day_begin","day":{}}],
 *  "incidents":[{"rule","level","host","plugin","plugin_instance","identity",
 *    "message","begin","end"}],
 *  "thresholds":[{"rule","metric","op","info","warning","critical"}]}
 *
 * Unknown numbers are null, times epoch seconds, availabilities and budget
 * percent (of AVAILABILITY_OBJECTIVE). `figures` has a member for each
 * figure of hub_stats_figures.def, by its name ("percent-cpu"), in the series'
 * unit. `day` has
 * {"average","worst","worst_at","before"} since `day_begin` of those that were
 * heard in the day (`before`: average of the day before). `runbook` is left out
 * where there is none. `thresholds` are the rules that thresholds.h looks at
 * and that can be of hubs, in the order of the ruleset, at most
 * STATUS_JSON_THRESHOLDS. All text is valid UTF-8 without control characters:
 * what is not becomes
 * "?" or a blank. */
#ifndef REPORT_STATUS_JSON_H
#define REPORT_STATUS_JSON_H

#include "report/hub_report.h"
#include "report/incidents.h"
#include "rules/ruleset.h"

#define STATUS_JSON_THRESHOLDS 1000

struct status_json_alert { /* borrowed for the call */
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

struct status_json;

struct status_json *status_json_create(double wall, bool rules_current);
void status_json_destroy(struct status_json *s);

/* First all alerts, then all hubs, the incidents, the thresholds. A failure is
 * told by status_json_text(). */
void status_json_add_alert(struct status_json *s,
                           const struct status_json_alert *alert);
void status_json_add_hub(struct status_json *s, const struct hub_stats *hub,
                         double now);
void status_json_add_incident(struct status_json *s,
                              const struct incident *incident);

void status_json_add_thresholds(struct status_json *s,
                                const struct ruleset *rules);

/* The end of it: the whole text, which stays the status's own, and its length;
 * NULL: no memory, or not added in order. */
const char *status_json_text(struct status_json *s, size_t *len);

#endif
