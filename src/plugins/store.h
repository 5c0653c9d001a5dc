/* store.h - what mcp_hub_alerts keeps in files: its memory, and status.json.
 *
 * The memory is written when all notices have been delivered, so that after a
 * crash a notice may come twice but none is missing. A failure is logged once,
 * and once when it works again. */
#ifndef PLUGINS_STORE_H
#define PLUGINS_STORE_H

#include "plugins/alerts.h"

/* Takes up what was stored, and the time with it. A file that is no good is
 * set aside as FILE.corrupt with a warning. */
void store_load(struct alerts *a);

/* Not while a notice waits or is being delivered. */
void store_save(struct alerts *a);

void store_status(struct alerts *a);

#endif
