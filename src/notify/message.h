/* SPDX-License-Identifier: MIT */
/* message.h - an alert event -> the sentence that a person reads.
 *
 * At most MESSAGE_MAX - 1 bytes of valid UTF-8 without control characters:
 * what, where, the value against the threshold, since when. Long identifiers
 * are shortened, figures never.
 *
 * The text comes from the rule's template (template.h), or the general one.
 * Numbers have six digits, more where value and threshold would look the same.
 * Percent types carry "%", times "s" and so on only where the template says it;
 * the states of mcp_server_state, mcp_breaker_state, mcp_hub_state and bool are
 * words: "open (2)". Resolved notices begin with "Resolved: ", repeated ones
 * with "Still: ". One notice for many alerts tells the first and names some of
 * the others: "… (and 7 more: a, b, c, …)". */
#ifndef NOTIFY_MESSAGE_H
#define NOTIFY_MESSAGE_H

#include "alerts/alert.h"

#include <time.h>

#define MESSAGE_MAX 256

/* `since` is the wall-clock time that stands for alerts->since. Local time. */
void message_format(const struct alert *alerts, size_t num, time_t since,
                    char buf[MESSAGE_MAX]);

#endif
