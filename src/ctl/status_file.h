/* SPDX-License-Identifier: MIT */
/* status_file.h - status.json, which the alert plugin writes: alerts, scores of
 * hubs, incidents of the last day.
 *
 * Read whole, at most STATUS_FILE_MAX bytes. Strings are the file's own and
 * untrusted; they live as long as the status. Numbers that are not there are
 * NaN. Entries of other hosts and hubs than wanted are left out. */
#ifndef CTL_STATUS_FILE_H
#define CTL_STATUS_FILE_H

#include "ctl/ctl.h"
#include "report/hub_report.h"
#include "rules/ruleset.h"

#define STATUS_FILE_MAX (64U << 20)

struct status_file_alert {
  const char *rule;
  enum alert_level level;
  const char *status; /* pending, firing, clearing, flapping, silenced,
                         inhibited */
  const char *host;
  const char *hub; /* plugin instance */
  const char *plugin;
  const char *type;
  const char *type_instance;
  const char *message;
  const char *runbook; /* "" without */
  double value;
  double threshold;
  double since; /* epoch seconds */
  struct json_object *json;
};

struct status_file {
  double time; /* epoch seconds */
  bool rules_current;
  struct status_file_alert *alerts; /* active, worst, oldest first */
  size_t alerts_num;
  struct hub_report *hubs;       /* as in the file: by host and name */
  struct json_object *hubs_json; /* those, as they are written: an array */
  size_t hubs_num;
  struct incidents *incidents;
  struct json_object *incidents_json;
  struct ruleset *rules; /* only what thresholds.h looks at; NULL: none in it */
  struct json_object *root;
};

/* NULL: `err` says why and what to do: not there, not permitted, no
 * status.json, older than c->max_age, without the hub that `c` names. */
struct status_file *status_file_read(const struct ctl *c, double now, char *err,
                                     size_t err_size);
void status_file_free(struct status_file *s);

/* What values are to be judged by: the thresholds that the file has, without
 * them (NULL: without the file) the built-in rules. To be destroyed; NULL
 * without memory. */
struct ruleset *status_file_rules(const struct status_file *s);

/* NULL: the file says nothing of it. */
const struct hub_report *status_file_find_hub(const struct status_file *s,
                                              const char *host,
                                              const char *name);

/* Whether its message says since when. */
bool status_file_says_since(const struct status_file_alert *a);

/* Whether somebody should know: firing, clearing or flapping. */
bool status_file_is_active(const struct status_file_alert *a);

#endif
