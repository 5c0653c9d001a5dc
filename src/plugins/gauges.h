/* SPDX-License-Identifier: MIT */
/* gauges.h - the values that mcp_hub_alerts makes: of each hub, and of itself.
 */
#ifndef PLUGINS_GAUGES_H
#define PLUGINS_GAUGES_H

#include "plugins/alerts_plugin.h"

/* Collects under the lock and dispatches outside. */
void gauges_dispatch(struct alerts_plugin *a);

#endif
