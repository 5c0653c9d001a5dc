/* store.h - what mcp_hub_alerts keeps in files: its memory, and status.json.
 *
 * The memory is written before notices are delivered and after that, so that
 * after a crash a notice may come twice but none is missing; about a second
 * after an alert has changed; and once a minute. A failure is logged once, and
 * once when it works again. */
#ifndef PLUGINS_STORE_H
#define PLUGINS_STORE_H

#include "plugins/alerts.h"

/* Takes up what was stored, and the time with it; with the lock held. A file
 * that is no good is set aside as FILE.corrupt with a warning; where memory is
 * short, what can be taken up is, with a warning. */
void store_load(struct alerts *a);

/* Notices that wait or are being delivered are stored as in doubt. */
void store_save(struct alerts *a);

/* Something has changed that no notice tells of, as a pending alert, and the
 * last writing is long enough ago. With the lock held. */
bool store_is_due(const struct alerts *a);

void store_status(struct alerts *a);

#endif
