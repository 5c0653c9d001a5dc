/* SPDX-License-Identifier: MIT */
/* payload.h - what a webhook is told: a notice as JSON, in one of three shapes.
 *
 * Names and messages come from hubs and are not trusted: every text becomes
 * valid UTF-8 without control characters (one U+FFFD for each bad byte, a blank
 * for a control character) of at most PAYLOAD_MAX_TEXT bytes. The bodies belong
 * to the caller, who frees them; NULL without memory.
 *
 * slack: "text", and an attachment with colour, rule, link to the runbook,
 * message, identity and time. Nothing in it is markup: formatting is switched
 * off, &, < and > are escaped, backticks become apostrophes, and a zero-width
 * space behind each @ keeps it from calling anybody (Mattermost and others that
 * take this format go by the bare name).
 *
 * json: one object with the fields of struct notification, always all of
 * them, null where there is nothing (unknown value or threshold, no runbook),
 * and "version": 1. Times are RFC 3339 in UTC.
 *
 * alertmanager: the list that POST /api/v2/alerts takes. Labels: alertname
 * (rule), severity (level), host, plugin, hub (plugin instance of mcp_hub) or
 * instance (of others), type, type_instance, ds (unless "value"); empty ones
 * are left out. Annotations: summary, runbook, value, threshold. */
#ifndef NOTIFY_PAYLOAD_H
#define NOTIFY_PAYLOAD_H

#include "alerts/engine.h"

#include <stddef.h>
#include <stdint.h>

#define PAYLOAD_MAX_TEXT 4096

enum payload_kind { /* alerts that start together are one notice */
                    PAYLOAD_SINGLE, /* a notice of one alert */
                    PAYLOAD_GROUP,  /* of several: named after the first */
                    PAYLOAD_PART    /* one of these; no notice of its own */
};

struct notification {
  enum payload_kind kind;
  const char *status; /* firing | resolved | flapping | test */
  const char *rule;
  const char *level;    /* ok (resolved) | info | warning | critical */
  const char *previous; /* level before this notice; NULL: unknown */
  const char *host;
  const char *plugin;
  const char *plugin_instance;
  const char *type;
  const char *type_instance;
  const char *ds;
  const char *message;
  const char *runbook;     /* or NULL */
  double value, threshold; /* in the series' unit; NaN: unknown */
  int64_t since, time;     /* epoch seconds */
};

/* Of an alert's event: borrows from both. `since` is the epoch second that
 * stands for event->since, `time` is now. */
struct notification payload_of_event(const struct alert_event *event,
                                     enum payload_kind kind,
                                     const char *message, int64_t since,
                                     int64_t time);

char *payload_slack(const struct notification *notification);

char *payload_json(const struct notification *notification);

struct payload_alert {
  const struct notification
      *notification; /* its level is the alert's severity */
  int64_t ends; /* epoch seconds; when the alert is over unless told again */
};

char *payload_alertmanager(const struct payload_alert *alerts, size_t count);

#endif
