/* SPDX-License-Identifier: MIT */
/* metric.h - the table of all values that the plugins dispatch.
 *
 * metric_table.def is the only definition of identifiers, kinds, units, labels
 * and help texts. The manual is generated from it (print_values); tests check
 * README, types/mcp_hub.db, dashboards and rules against it. To add a value,
 * add a row and fill it in hub/hub_values.c or plugins/gauges.c. */
#ifndef METRICS_METRIC_H
#define METRICS_METRIC_H

#include "util/format.h"

#include <stdbool.h>

#define METRIC_ANY_SERVER                                                      \
  "<server>" /* placeholder for the name of an MCP server */

enum metric_kind {
  METRIC_KIND_GAUGE,
  METRIC_KIND_DERIVE,
  METRIC_KIND_DERIVE_PAIR /* two data sources, like ps_cputime */
};

enum metric_unit {
  METRIC_UNIT_COUNT,
  METRIC_UNIT_PERCENT, /* 0 to 100 */
  METRIC_UNIT_SECONDS,
  METRIC_UNIT_DURATION, /* an age in seconds */
  METRIC_UNIT_BYTES,
  METRIC_UNIT_MICROSECONDS,
  METRIC_UNIT_STATE /* a number with a name, see metric_state_word() */
};

/* The bad direction of a value. */
enum metric_side { METRIC_WORST_LOW, METRIC_WORST_HIGH };

enum metric_source {
  METRIC_FROM_READ, /* mcp_hub: the read itself; also while the hub is down */
  METRIC_FROM_API,  /* mcp_hub: the hub's API */
  METRIC_FROM_PROCESS, /* mcp_hub: /proc */
  METRIC_FROM_LOG,     /* mcp_hub: the hub's log; also while the hub is down */
  METRIC_FROM_ALERTS,  /* mcp_hub_alerts, one value per hub */
  METRIC_FROM_ALERTS_OWN /* the same of itself, no plugin instance */
};

enum metric {
#define METRIC(id, ...) METRIC_##id,
#include "metrics/metric_table.def"
#undef METRIC
  METRICS
};

struct metric_row {
  const char *name; /* "type-instance", or "type" */
  const char *type;
  const char *instance; /* "" if none, or METRIC_ANY_SERVER */
  enum metric_kind kind;
  enum metric_unit unit;
  enum metric_side worst;
  enum metric_source source;
  const char *label; /* for people */
  const char *help;  /* "": documented by the row above */
};

extern const struct metric_row metric_table[METRICS];

/* True if the value is dispatched while the hub does not answer. */
bool metric_comes_while_down(enum metric metric);

/* Returns the maximum of a state (the minimum is 0), NaN for other values. */
double metric_most(enum metric metric);

/* Returns the name of a state, "open" for 2 of "mcp_breaker_state", or NULL. */
const char *metric_state_word(const char *type, double value);

/* Writes name and number, "open (2)". Returns -1 if there is no name. */
int metric_format_state(const char *type, double value, char buf[FORMAT_MAX]);

/* Writes the value with its unit: "97.8 %", "120 MiB", "3 d 4 h", "open".
 * Returns `buf`. */
const char *metric_format(enum metric metric, double value,
                          char buf[FORMAT_MAX]);

#endif
