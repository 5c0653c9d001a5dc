/* SPDX-License-Identifier: MIT */
/* payload.h - what is posted to a webhook: a notification as JSON, in one of
 * three shapes.
 *
 * Names and messages come from hubs and are not trusted: every text becomes
 * valid UTF-8 without control characters (json.h). The bodies belong to the
 * caller, who frees them; NULL without memory. Times of alerts are epoch
 * seconds.
 *
 * slack: "text", and an attachment with colour, rule, link to the runbook,
 * message, identity and time. Nothing in it is markup: formatting is switched
 * off, &, < and > are escaped, backticks become apostrophes, and a zero-width
 * space behind each @ keeps it from calling anybody (Mattermost and others that
 * take this format go by the bare name).
 *
 * json: one object, "version": 1 and the JSON of an alert (alert.h) with times
 * in RFC 3339.
 *
 * alertmanager: the list that POST /api/v2/alerts takes. Labels: alertname
 * (rule), severity (level), host, plugin, hub (plugin instance of mcp_hub) or
 * instance (of others), type, type_instance, ds (unless "value"); empty ones
 * are left out. Annotations: summary, runbook, value, threshold. */
#ifndef NOTIFY_PAYLOAD_H
#define NOTIFY_PAYLOAD_H

#include "alerts/alert.h"

#include <stddef.h>
#include <stdint.h>

char *payload_slack(const struct alert *alert);

char *payload_json(const struct alert *alert);

struct payload_alert {
  const struct alert *alert; /* its level is the severity */
  int64_t ends; /* epoch seconds; when it is over unless posted again */
};

char *payload_alertmanager(const struct payload_alert *alerts, size_t count);

#endif
