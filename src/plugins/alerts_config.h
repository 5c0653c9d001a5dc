/* SPDX-License-Identifier: MIT */
/* alerts_config.h - the options of mcp_hub_alerts. */
#ifndef PLUGINS_ALERTS_CONFIG_H
#define PLUGINS_ALERTS_CONFIG_H

#include "plugins/options.h"
#include "plugins/webhook_sender.h"

struct alerts_config {
  char *rules;         /* path */
  char *state_file;    /* path or "none"; NULL: in collectd's BaseDir */
  char *daily_summary; /* "hh:mm"; NULL: none */
  char *report_dir;    /* path; NULL: no reports */
  struct webhook_config *webhooks;
  size_t webhooks_num;
};

/* Option tables: binding, checks, defaults and the manual page use them. */
extern const struct option alerts_options[];
extern const struct option webhook_options[]; /* of a <Webhook> block */

/* Calls options_free() and frees the blocks. */
void alerts_config_free(struct alerts_config *config);

#endif
