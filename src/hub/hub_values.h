/* SPDX-License-Identifier: MIT */
/* hub_values.h - emits the values of a hub (metrics/metric_table.def). Unknown
 * values are not emitted. */
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
  const char *instance; /* "" if none; valid during the call */
  enum metric_kind kind;
  double gauge;
  int64_t derive[2]; /* [1]: second data source, as in ps_cputime */
};

typedef void (*hub_value_fn)(void *arg, const struct hub_value *m);

struct hub_reading { /* result of one read */
  bool up;
  enum hub_state state; /* while down: unreachable or unknown */
  /* false: starting, restarting or stopping, for less than POLLER_SETTLE */
  bool settled;
  /* of the last successful read; used while up */
  const struct server_history *track;
  double health_duration;      /* seconds; NaN: unknown */
  double filtering_duration;   /* seconds; NaN: unknown */
  int64_t errors[HTTP_ERRORS]; /* failed requests by cause since the start */
  double llm_success_recent;   /* percent; NaN: unknown */
  double llm_cache_recent;     /* percent; NaN: unknown */
  const struct hub_processes *local;  /* NULL: not a local hub */
  const struct log_tail_counts *log;  /* NULL: no log, or unreadable */
  struct server_selection *selection; /* servers reported individually */
  size_t max_servers;                 /* of these, in order of name */
  double min_calls; /* fewer calls: success and hit rates are unknown */
};

/* Returns the number of LLM calls from the counters that the hub has; NaN:
 * unknown. */
double hub_llm_calls(const double number[HUB_NUMBERS]);

/* Returns the number of selected servers, without the limit max_servers. */
size_t hub_values_servers_selected(const struct hub_reading *r);

void hub_values_emit(const struct hub_reading *r, hub_value_fn emit, void *arg);

#endif
