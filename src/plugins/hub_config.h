/* SPDX-License-Identifier: MIT */
/* hub_config.h - options of a <Hub> block. */
#ifndef PLUGINS_HUB_CONFIG_H
#define PLUGINS_HUB_CONFIG_H

#include "plugins/options.h"

struct hub_config { /* units and defaults: see hub_options */
  char *url;
  char *host;
  double interval; /* 0: collectd's interval */
  double timeout;  /* 0: the smaller of 5 and interval / 2 */
  double min_calls;
  char *unix_socket;
  char *user;
  char *password;
  char *bearer_file;
  char **headers;
  bool verify_peer;
  bool verify_host;
  char *ca_cert;
  char *client_cert;
  char *client_key;
  uint64_t max_body;
  char **servers;
  bool ignore_selected;
  uint64_t max_servers;
  int process;    /* index into process_choices */
  char *log_file; /* "auto", "none" or a path */
};

enum process_choice { PROCESS_AUTO, PROCESS_NONE };

/* Option table: binding, checks, defaults and the manual page use it. */
extern const struct option hub_options[];

#endif
