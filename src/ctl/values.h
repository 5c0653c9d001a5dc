/* values.h - the values of mcp_hub and mcp_hub_alerts in a running collectd.
 *
 * Listed once over the unixsock plugin's socket; each is asked for when it is
 * wanted first, and kept. DERIVEs are rates per second. A collectd that does
 * not answer within VALUES_DEADLINE is an error, never a hang.
 *
 * libcollectdclient would cut the parts of an identity at 63 bytes, and what is
 * not ASCII at its end, and knows no deadline. */
#ifndef CTL_VALUES_H
#define CTL_VALUES_H

#include "ctl/ctl.h"

#define VALUES_DEADLINE 5 /* seconds, of each answer */

#define VALUES_HUB "mcp_hub"
#define VALUES_ALERTS "mcp_hub_alerts"

#define VALUES_NAME 128 /* bytes of a name, collectd's DATA_MAX_NAME_LEN */

struct value_id { /* without an instance: "" */
  char host[VALUES_NAME];
  char plugin[VALUES_NAME];
  char plugin_instance[VALUES_NAME];
  char type[VALUES_NAME];
  char type_instance[VALUES_NAME];
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

struct values;

/* Those of the host and hub that `c` names, or of all. NULL: `err` says why and
 * what to do. */
struct values *values_open(const struct ctl *c, char *err, size_t err_size);
void values_close(struct values *v);

/* The hubs that mcp_hub reports, in order of host and name. */
const struct hub_name *values_hubs(const struct values *v, size_t *num);

/* All of one plugin and hub, in order of type and type instance. */
struct value *values_range(struct values *v, const struct hub_name *hub,
                           const char *plugin, size_t *num);
double values_number(struct values *v, struct value *value);

/* Whether collectd has stopped answering: values asked for since are unknown,
 * and `err` says why. */
bool values_failed(const struct values *v, const struct ctl *c, char *err,
                   size_t err_size);

/* NaN: there is none. */
double values_get(struct values *v, const struct hub_name *hub,
                  const char *plugin, const char *type, const char *instance);

/* The name of the host on which mcp_hub_alerts runs; NULL: unknown. */
const char *values_own_host(const struct values *v);

/* Sends one command; the first line of its answer. 0, or -1: `err` says why. */
int values_tell(const struct ctl *c, const char *command, char *answer,
                size_t size, char *err, size_t err_size);

/* Connects to the socket: a descriptor, or -1 with `err` and `errno`. Reads of
 * it have the deadline, too. */
int values_connect(const char *path, char *err, size_t err_size);

#endif
