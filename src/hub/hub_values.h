/* SPDX-License-Identifier: MIT */
/* hub_values.h - a hub's state -> the values that are dispatched, rows of
 * metrics/metric_table.def. A value that is unknown is not emitted. */
#ifndef HUB_HUB_VALUES_H
#define HUB_HUB_VALUES_H

#include "http/client.h"
#include "hub/hub_processes.h"
#include "hub/server_history.h"
#include "hub/server_selection.h"
#include "hublog/log_tail.h"
#include "metrics/identifier.h"
#include "metrics/metric.h"

struct hub_value {
  const char *type;
  const char *instance; /* "" without; valid during the call */
  enum metric_kind kind;
  double gauge;
  int64_t derive[2]; /* the second of a pair, as in ps_cputime */
};

typedef void (*hub_value_fn)(void *arg, const struct hub_value *m);

struct hub_reading { /* the outcome of one read */
  bool up;
  enum hub_state state; /* also while down: unreachable or unknown */
  bool settled; /* the hub does not start, restart or stop, or does too long */
  const struct server_history *track; /* of the last good read; used while up */
  double health_duration;             /* seconds; NaN: unknown */
  double filtering_duration;          /* seconds; NaN: unknown */
  int64_t errors[HTTP_ERRORS];       /* failed reads by cause since the start */
  double llm_success_recent;         /* percent; NaN: unknown */
  double llm_cache_recent;           /* percent; NaN: unknown */
  const struct hub_processes *local; /* NULL: not on this machine */
  const struct log_tail_counts *log; /* NULL: none, or it cannot be read */
  struct server_selection *selection; /* of servers reported one by one */
  size_t max_servers;                 /* of these, the first by name */
  double min_calls; /* success and hit rates are withheld below */
};

/* LLM calls so far, by whichever counters the hub gives; NaN: unknown. */
double hub_llm_calls(const double number[HUB_NUMBERS]);

/* How many servers are to be reported one by one, were there no max_servers. */
size_t hub_values_servers_selected(const struct hub_reading *r);

void hub_values_emit(const struct hub_reading *r, hub_value_fn emit, void *arg);

#endif
