/* alerts_config.h - the options of mcp_hub_alerts. */
#ifndef PLUGINS_ALERTS_CONFIG_H
#define PLUGINS_ALERTS_CONFIG_H

#include "plugins/options.h"

struct alerts_config {
  char *rules; /* path */
};

/* The one table: binding, checks, defaults and the manual come from it. */
extern const struct option alerts_options[];

#endif
