/* SPDX-License-Identifier: MIT */
/* message.h - formats the message of an alert event.
 *
 * At most MESSAGE_MAX - 1 bytes of valid UTF-8 without control characters:
 * what, where, value against threshold, since when. Long identifiers are
 * shortened, numbers are not.
 *
 * The text comes from the rule's template (template.h) or a default. Numbers
 * have six digits, more if value and threshold would look the same. Units ("%",
 * "s") are part of the template. The states of mcp_server_state,
 * mcp_breaker_state, mcp_hub_state and bool are words: "open (2)". Prefix:
 * "Resolved: " for resolved alerts, "Still: " for repeated ones. A message for
 * several alerts describes the first and names some of the others: "… (and 7
 * more: a, b, c, …)". */
#ifndef NOTIFY_MESSAGE_H
#define NOTIFY_MESSAGE_H

#include "alerts/alert.h"

#include <time.h>

#define MESSAGE_MAX 256

/* `since` is alerts->since in epoch seconds; shown in local time. */
void message_format(const struct alert *alerts, size_t num, time_t since,
                    char buf[MESSAGE_MAX]);

#endif
