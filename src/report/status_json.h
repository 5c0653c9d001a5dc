/* SPDX-License-Identifier: MIT */
/* status_json.h - status.json, written and read: what mcphubctl cannot ask of
 * collectd.
 *
 * {"version":1,"time":epoch,"rules_current":bool,
 *  "alerts":[the JSON of alert.h, times in epoch seconds],
 *  "hubs":[{"host","hub","score","grade","reasons":[{"points","why"}],
 *    "availability_1h","availability_24h","error_budget","figures":{},
 *    "day_begin","day":{}}],
 *  "incidents":[{"rule","level","host","plugin","plugin_instance","type",
 *    "type_instance","ds","identity","message","begin","end"}],
 *  "thresholds":[{"rule","metric","op","info","warning","critical"}]}
 *
 * Unknown numbers are null, times epoch seconds, availabilities and budget
 * percent (of AVAILABILITY_OBJECTIVE). `figures` has a member for each figure of
 * hub_stats_figures.def, by its name ("percent-cpu"), in the series' unit. `day`
 * has {"average","worst","worst_at","before"} since `day_begin` of those that
 * had a value that day (`before`: average of the day before). `thresholds` are
 * the rules that thresholds.h looks at and that can be of hubs, in the order of
 * the ruleset, at most STATUS_JSON_THRESHOLDS; levels without one are left out.
 */
#ifndef REPORT_STATUS_JSON_H
#define REPORT_STATUS_JSON_H

#include "report/hub_report.h"
#include "report/incidents.h"
#include "rules/ruleset.h"

#define STATUS_JSON_THRESHOLDS 1000

struct status_json {
  double time; /* epoch seconds */
  bool rules_current;
  struct alert *alerts; /* times in epoch seconds */
  size_t alerts_num;
  struct hub_report *hubs; /* by host and name */
  size_t hubs_num;
  struct incidents *incidents;
  struct ruleset
      *rules; /* in force; read: only what thresholds.h looks at, NULL
                            where the text has none */
  struct json_object *tree; /* read: has all texts, and all that was left out */
};

/* The text, to be freed; NULL without memory. Alerts without a message get that
 * of their rule. */
char *status_json_write(const struct status_json *s, size_t *len);

/* Alerts, hubs and incidents of that host and hub (NULL: of all). NULL: not the
 * text of a status.json, or out of memory. */
struct status_json *status_json_read(const char *text, size_t len,
                                     const char *host, const char *hub,
                                     bool *out_of_memory);
/* Of what status_json_read() gave; NULL is fine. */
void status_json_free(struct status_json *s);

/* NULL: it says nothing of that hub. */
const struct hub_report *status_json_find_hub(const struct status_json *s,
                                              const char *host,
                                              const char *name);

/* What values are to be judged by: the thresholds that were read, without them
 * (NULL: without a status) the built-in rules. To be destroyed; NULL without
 * memory. */
struct ruleset *status_json_rules(const struct status_json *s);

/* Its parts, as lists and values of other JSON. */
void status_json_put_alerts(struct json_writer *w, const struct status_json *s);
void status_json_put_hub(struct json_writer *w, const char *key,
                         const struct hub_report *hub);
void status_json_put_hubs(struct json_writer *w, const struct status_json *s);
void status_json_put_incidents(struct json_writer *w,
                               const struct status_json *s);

#endif
