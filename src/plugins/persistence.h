/* SPDX-License-Identifier: MIT */
/* persistence.h - what mcp_hub_alerts keeps in files: its memory, and
 * status.json.
 *
 * The memory is written before notices are delivered and after that, so that
 * after a crash a notice may come twice but none is missing; about a second
 * after an alert has changed; and once a minute. A failure is logged once, and
 * once when it works again. */
#ifndef PLUGINS_PERSISTENCE_H
#define PLUGINS_PERSISTENCE_H

#include "plugins/alerts_plugin.h"

/* Takes up what was stored, and the time with it; with the lock held. A file
 * whose bytes are no good is set aside as FILE.corrupt with a warning. One that
 * cannot be read, or is taken up in part only as memory is short, stays where
 * it is, with a warning, and is kept as FILE.unread when it is replaced. */
void persistence_load(struct alerts_plugin *a);

/* Notices that wait or are being delivered are stored as in doubt. */
void persistence_save(struct alerts_plugin *a);

/* Something has changed that no notice tells of, as a pending alert, and the
 * last writing is long enough ago. With the lock held. */
bool persistence_is_due(const struct alerts_plugin *a);

void persistence_status(struct alerts_plugin *a);

/* Another file, as file_write() does it. 0, or -1: what changes is
 * logged, that it fails and that it works again. */
int persistence_write(const char *path, const void *data, size_t len,
                      mode_t mode, bool sync, bool *failing);

#endif
