/* metrics.h - a hub's state -> the values that are dispatched.
 *
 * Names and units are those of the table of values in README.md. A value that
 * is unknown is not emitted. */
#ifndef HUB_METRICS_H
#define HUB_METRICS_H

#include "hub/fetch.h"
#include "hub/identifier.h"
#include "hub/local.h"
#include "hub/logtail.h"
#include "hub/selection.h"
#include "hub/track.h"

enum metric_kind { METRIC_GAUGE, METRIC_DERIVE, METRIC_DERIVE_PAIR };

struct metric {
  const char *type;
  const char *instance; /* "" without; valid during the call */
  enum metric_kind kind;
  double gauge;
  int64_t derive[2]; /* the second of a pair, as in ps_cputime */
};

typedef void (*metric_fn)(void *arg, const struct metric *m);

struct hub_reading { /* the outcome of one read */
  bool up;
  enum hub_state state; /* also while down: unreachable or unknown */
  bool settled; /* the hub does not start, restart or stop, or does too long */
  const struct track *track;         /* of the last good read; used while up */
  double health_duration;            /* seconds; NaN: unknown */
  double filtering_duration;         /* seconds; NaN: unknown */
  int64_t errors[FETCH_ERRORS];      /* failed reads by cause since the start */
  double llm_success_recent;         /* percent; NaN: unknown */
  double llm_cache_recent;           /* percent; NaN: unknown */
  const struct local *local;         /* NULL: not on this machine */
  const struct logtail_counts *log;  /* NULL: none, or it cannot be read */
  const struct selection *selection; /* of servers reported one by one */
  size_t max_servers;                /* of these, the first by name */
  double min_calls; /* success and hit rates are withheld below */
};

/* LLM calls so far, by whichever counters the hub gives; NaN: unknown. */
double hub_llm_calls(const double number[HUB_NUMBERS]);

/* How many servers are to be reported one by one, were there no max_servers. */
size_t metrics_servers_selected(const struct hub_reading *r);

void metrics_emit(const struct hub_reading *r, metric_fn emit, void *arg);

#endif
