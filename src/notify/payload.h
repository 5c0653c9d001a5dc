/* SPDX-License-Identifier: MIT */
/* payload.h - builds the body of a webhook request in one of three formats.
 *
 * Names and messages come from hubs and are not trusted: every string becomes
 * valid UTF-8 without control characters (json.h). The caller frees the body;
 * NULL: out of memory. Times of alerts are epoch seconds.
 *
 * slack: "text", and an attachment with colour, rule, runbook link, message,
 * identity and time. Nothing is markup: formatting is off, &, < and > are
 * escaped, backticks become apostrophes, and a zero-width space after each @
 * prevents mentions (Mattermost and others resolve the plain name).
 *
 * json: one object, "version": 1 and the JSON of an alert (alert.h) with times
 * in RFC 3339.
 *
 * alertmanager: the list for POST /api/v2/alerts. Labels: alertname (rule),
 * severity (level), host, plugin, hub (plugin instance of mcp_hub) or instance
 * (of others), type, type_instance, ds (unless "value"); empty ones are left
 * out. Annotations: summary, runbook, value, threshold. */
#ifndef NOTIFY_PAYLOAD_H
#define NOTIFY_PAYLOAD_H

#include "alerts/alert.h"

#include <stddef.h>
#include <stdint.h>

char *payload_slack(const struct alert *alert);

char *payload_json(const struct alert *alert);

struct payload_alert {
  const struct alert *alert; /* its level becomes the severity */
  int64_t ends; /* epoch seconds: resolved then unless posted again */
};

char *payload_alertmanager(const struct payload_alert *alerts, size_t count);

#endif
