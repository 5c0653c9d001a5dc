/* SPDX-License-Identifier: MIT */
/* gauges.h - values of mcp_hub_alerts about each hub and about itself. */
#ifndef PLUGINS_GAUGES_H
#define PLUGINS_GAUGES_H

#include "plugins/alerts_plugin.h"

/* Collects under the lock, dispatches without it. */
void gauges_dispatch(struct alerts_plugin *a);

#endif
