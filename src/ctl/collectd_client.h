/* SPDX-License-Identifier: MIT */
/* collectd_client.h - reads values of mcp_hub and mcp_hub_alerts from collectd.
 *
 * Uses the socket of the unixsock plugin. The list is read once, a value when
 * it is first used, then cached. DERIVE values are rates per second. No answer
 * within COLLECTD_CLIENT_DEADLINE is an error.
 *
 * libcollectdclient is not used: it cuts the parts of an identity at 63 bytes
 * and trailing non-ASCII bytes, and has no timeout. */
#ifndef CTL_COLLECTD_CLIENT_H
#define CTL_COLLECTD_CLIENT_H

#include "ctl/ctl.h"

#define COLLECTD_CLIENT_DEADLINE 5 /* seconds without a byte */
#define COLLECTD_CLIENT_TOTAL 60   /* seconds from open to the last answer */

#define COLLECTD_CLIENT_HUB "mcp_hub"
#define COLLECTD_CLIENT_ALERTS "mcp_hub_alerts"

#define COLLECTD_CLIENT_NAME 128 /* bytes; collectd's DATA_MAX_NAME_LEN */

struct value_id { /* no instance: "" */
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

/* Lists the host and hub in `c`, or all. NULL: `err` has reason and remedy. */
struct collectd_client *collectd_client_open(const struct ctl *c, char *err,
                                             size_t err_size);
void collectd_client_close(struct collectd_client *v);

/* The hubs of mcp_hub, ordered by host and name. */
const struct hub_name *collectd_client_hubs(const struct collectd_client *v,
                                            size_t *num);

/* All values of a plugin and hub, ordered by type and type instance. */
struct value *collectd_client_range(struct collectd_client *v,
                                    const struct hub_name *hub,
                                    const char *plugin, size_t *num);
double collectd_client_number(struct collectd_client *v, struct value *value);

/* True: collectd has stopped answering; later values are unknown, `err` has the
 * reason. */
bool collectd_client_failed(const struct collectd_client *v,
                            const struct ctl *c, char *err, size_t err_size);

/* NaN: no such value. */
double collectd_client_get(struct collectd_client *v,
                           const struct hub_name *hub, const char *plugin,
                           const char *type, const char *instance);

/* The host on which mcp_hub_alerts runs; NULL: unknown. */
const char *collectd_client_own_host(const struct collectd_client *v);

/* Sends a command and reads the first line of the answer. 0, or -1 with
 * `err`. */
int collectd_client_command(const struct ctl *c, const char *command,
                            char *answer, size_t size, char *err,
                            size_t err_size);

/* Connects to the socket. Returns a descriptor whose reads have the deadline,
 * or -1 with `err` and `errno`. */
int collectd_client_connect(const char *path, char *err, size_t err_size);

#endif
