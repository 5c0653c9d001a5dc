/* SPDX-License-Identifier: MIT */
/* collectd_client.h - the values of mcp_hub and mcp_hub_alerts in a running
 * collectd.
 *
 * Listed once over the unixsock plugin's socket; each is asked for when it is
 * wanted first, and kept. DERIVEs are rates per second. A collectd that does
 * not answer within COLLECTD_CLIENT_DEADLINE is an error, never a hang.
 *
 * libcollectdclient would cut the parts of an identity at 63 bytes, and what is
 * not ASCII at its end, and knows no deadline. */
#ifndef CTL_COLLECTD_CLIENT_H
#define CTL_COLLECTD_CLIENT_H

#include "ctl/ctl.h"

#define COLLECTD_CLIENT_DEADLINE 5 /* seconds, of each answer */

#define COLLECTD_CLIENT_HUB "mcp_hub"
#define COLLECTD_CLIENT_ALERTS "mcp_hub_alerts"

#define COLLECTD_CLIENT_NAME                                                   \
  128 /* bytes of a name, collectd's DATA_MAX_NAME_LEN */

struct value_id { /* without an instance: "" */
  char host[COLLECTD_CLIENT_NAME];
  char plugin[COLLECTD_CLIENT_NAME];
  char plugin_instance[COLLECTD_CLIENT_NAME];
  char type[COLLECTD_CLIENT_NAME];
  char type_instance[COLLECTD_CLIENT_NAME];
};

struct value {
  struct value_id id;
  double number; /* sum of its data sources; NaN: unknown */
  bool asked;
};

struct hub_name { /* borrowed from the values */
  const char *host;
  const char *name;
};

struct collectd_client;

/* Those of the host and hub that `c` names, or of all. NULL: `err` says why and
 * what to do. */
struct collectd_client *collectd_client_open(const struct ctl *c, char *err,
                                             size_t err_size);
void collectd_client_close(struct collectd_client *v);

/* The hubs that mcp_hub reports, in order of host and name. */
const struct hub_name *collectd_client_hubs(const struct collectd_client *v,
                                            size_t *num);

/* All of one plugin and hub, in order of type and type instance. */
struct value *collectd_client_range(struct collectd_client *v,
                                    const struct hub_name *hub,
                                    const char *plugin, size_t *num);
double collectd_client_number(struct collectd_client *v, struct value *value);

/* Whether collectd has stopped answering: values asked for since are unknown,
 * and `err` says why. */
bool collectd_client_failed(const struct collectd_client *v,
                            const struct ctl *c, char *err, size_t err_size);

/* NaN: there is none. */
double collectd_client_get(struct collectd_client *v,
                           const struct hub_name *hub, const char *plugin,
                           const char *type, const char *instance);

/* The name of the host on which mcp_hub_alerts runs; NULL: unknown. */
const char *collectd_client_own_host(const struct collectd_client *v);

/* Sends one command; the first line of its answer. 0, or -1: `err` says why. */
int collectd_client_command(const struct ctl *c, const char *command,
                            char *answer, size_t size, char *err,
                            size_t err_size);

/* Connects to the socket: a descriptor, or -1 with `err` and `errno`. Reads of
 * it have the deadline, too. */
int collectd_client_connect(const char *path, char *err, size_t err_size);

#endif
