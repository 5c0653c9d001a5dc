/* SPDX-License-Identifier: MIT */
/* metric.h - the table of all values that the plugins dispatch.
 *
 * metric_table.def is the master copy: identities, kinds, units, labels and
 * texts of the documents. The manual is made of it (print_values); README,
 * types/mcp_hub.db, dashboards and rules are checked against it by tests. To
 * add a value: one row there, and the line that fills it (hub/hub_values.c or
 * plugins/gauges.c). */
#ifndef METRICS_METRIC_H
#define METRICS_METRIC_H

#include "util/format.h"

#include <stdbool.h>

#define METRIC_ANY_SERVER                                                      \
  "<server>" /* an instance: the name of an MCP server */

enum metric_kind {
  METRIC_KIND_GAUGE,
  METRIC_KIND_DERIVE,
  METRIC_KIND_DERIVE_PAIR /* two data sources, as ps_cputime has */
};

enum metric_unit {
  METRIC_UNIT_COUNT,
  METRIC_UNIT_PERCENT, /* 0 to 100 */
  METRIC_UNIT_SECONDS,
  METRIC_UNIT_DURATION, /* seconds, of an age */
  METRIC_UNIT_BYTES,
  METRIC_UNIT_MICROSECONDS,
  METRIC_UNIT_STATE /* a number with a word, see metric_state_word() */
};

/* Where a value is bad. */
enum metric_side { METRIC_WORST_LOW, METRIC_WORST_HIGH };

enum metric_source {
  METRIC_FROM_READ, /* mcp_hub: the read itself; also while the hub is down */
  METRIC_FROM_API,  /* mcp_hub: what the hub answers */
  METRIC_FROM_PROCESS, /* mcp_hub: /proc */
  METRIC_FROM_LOG,     /* mcp_hub: the hub's log; also while the hub is down */
  METRIC_FROM_ALERTS,  /* mcp_hub_alerts, of each hub */
  METRIC_FROM_ALERTS_OWN /* mcp_hub_alerts, of itself: no plugin instance */
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
  const char *instance; /* "" without, or METRIC_ANY_SERVER */
  enum metric_kind kind;
  enum metric_unit unit;
  enum metric_side worst;
  enum metric_source source;
  const char *label; /* for people */
  const char *help;  /* "": see the row above */
};

extern const struct metric_row metric_table[METRICS];

/* Whether the value is dispatched while the hub does not answer. */
bool metric_comes_while_down(enum metric metric);

/* The largest value that its type allows, the least being 0; NaN: no bound. */
double metric_most(enum metric metric);

/* The word of a state: "open" for 2 of "mcp_breaker_state". NULL: the type has
 * no words, or none for that number. */
const char *metric_state_word(const char *type, double value);

/* The word with its number, "open (2)"; -1: there is none. */
int metric_format_state(const char *type, double value, char buf[FORMAT_MAX]);

/* The value in its unit: "97.8 %", "120 MiB", "3 d 4 h", "open". Returns buf. */
const char *metric_format(enum metric metric, double value,
                          char buf[FORMAT_MAX]);

#endif
