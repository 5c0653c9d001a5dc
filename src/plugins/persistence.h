/* SPDX-License-Identifier: MIT */
/* persistence.h - the files of mcp_hub_alerts: state file and status.json.
 *
 * The state is saved before notifications are delivered and after that: after a
 * crash a notification may come twice, but none is lost. It is also saved about
 * a second after an alert changed, and once a minute. A failure is logged once,
 * and recovery once. */
#ifndef PLUGINS_PERSISTENCE_H
#define PLUGINS_PERSISTENCE_H

#include "plugins/alerts_plugin.h"

/* Loads the state and the engine's time; call it with the lock held. An invalid
 * file is renamed to FILE.corrupt with a warning. A file that cannot be read,
 * or only in part because memory is short, stays with a warning and is kept as
 * FILE.unread when it is replaced. */
void persistence_load(struct alerts_plugin *a);

/* Saves waiting and current notifications as unconfirmed. */
void persistence_save(struct alerts_plugin *a);

/* True: a change without notification (a pending alert) is not saved, and the
 * last write is long enough ago. Call it with the lock held. */
bool persistence_is_due(const struct alerts_plugin *a);

void persistence_status(struct alerts_plugin *a);

/* Writes another file with file_write(). 0, or -1. Logs a failure once and
 * recovery once. */
int persistence_write(const char *path, const void *data, size_t len,
                      mode_t mode, bool sync, bool *failing);

#endif
