/* SPDX-License-Identifier: MIT */
/* status_json.h - writes and reads status.json, the data for mcphubctl that
 * collectd's socket does not offer.
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
 * Unknown numbers are null, times epoch seconds, availability and budget
 * percent (of AVAILABILITY_OBJECTIVE). `figures` has one member per figure of
 * hub_stats_figures.def ("percent-cpu"), in the unit of the series. `day` has
 * {"average","worst","worst_at","before"} since `day_begin` for the figures
 * with a value that day (`before`: average of the previous day). `thresholds`
 * has the rules that thresholds.h uses and that can match hubs, in ruleset
 * order, at most STATUS_JSON_THRESHOLDS; unused levels are left out. */
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
  struct hub_report *hubs; /* ordered by host and name */
  size_t hubs_num;
  struct incidents *incidents;
  struct ruleset *rules;    /* in force. After reading: those of thresholds.h;
                 NULL: not in the text */
  struct json_object *tree; /* after reading: owns all strings */
};

/* The text for free(); NULL: out of memory. Alerts without a message get one
 * from their rule. */
char *status_json_write(const struct status_json *s, size_t *len);

/* Alerts, hubs and incidents of that host and hub (NULL: all). NULL: not a
 * status.json, or out of memory. */
struct status_json *status_json_read(const char *text, size_t len,
                                     const char *host, const char *hub,
                                     bool *out_of_memory);
/* Frees the result of status_json_read(); accepts NULL. */
void status_json_free(struct status_json *s);

/* NULL: unknown hub. */
const struct hub_report *status_json_find_hub(const struct status_json *s,
                                              const char *host,
                                              const char *name);

/* The ruleset for judging values: the thresholds that were read, or the
 * built-in rules if there are none (NULL: no status). Call ruleset_destroy().
 * NULL: out of memory. */
struct ruleset *status_json_rules(const struct status_json *s);

/* Parts of the document, for other JSON output. */
void status_json_put_alerts(struct json_writer *w, const struct status_json *s);
void status_json_put_hub(struct json_writer *w, const char *key,
                         const struct hub_report *hub);
void status_json_put_hubs(struct json_writer *w, const struct status_json *s);
void status_json_put_incidents(struct json_writer *w,
                               const struct status_json *s);

#endif
