/* SPDX-License-Identifier: MIT */
/* poller.h - reads one hub periodically.
 *
 * A read requests /api/health and, unless the hub lacks it,
 * /api/filtering/stats, within one deadline. The poller chooses the requests,
 * keeps the state between reads and calls `remark` with log lines. It uses no
 * threads, sockets or clocks: the caller passes times and data. After a
 * successful read it reads the processes of a local hub. Not thread-safe.
 *
 *   path = poller_begin(r, now, wall);
 *   while (path != NULL) {
 *     GET path within poller_time_left(r, now); poller_data(r, …) per part;
 *     path = poller_done(r, &result, now);
 *   }
 *   poller_emit(r, …); */
#ifndef HUB_POLLER_H
#define HUB_POLLER_H

#include "hub/hub_values.h"

enum remark_level { REMARK_DEBUG, REMARK_INFO, REMARK_WARNING, REMARK_ERROR };

struct poller_settings {
  const char *name; /* copied */
  const char *url;  /* copied; for messages only */
  double timeout;   /* seconds for the whole read */
  double min_calls;
  const char *const *servers; /* see server_selection.h; NULL: all */
  bool ignore_selected;
  size_t max_servers; /* reported individually */
  const char *proc;   /* "/proc"; NULL: processes are not read */
  /* Called once per change of state, not per read; `text` is one line. */
  void (*remark)(void *arg, enum remark_level level, const char *text);
  void *remark_arg;
};

/* After a 404 from a ready hub, the next request follows after this time. */
#define POLLER_FILTERING_RETRY 600.0 /* seconds */

/* While a hub starts, restarts or stops, its servers do not count as down for
 * at most this time. */
#define POLLER_SETTLE 300.0 /* seconds */

/* A deadline noticed later than this: the process or the machine was suspended,
 * and the read is restarted. */
#define POLLER_SUSPENDED 0.5 /* seconds */

struct poller;

struct poller *poller_create(const struct poller_settings *settings);
void poller_destroy(struct poller *r);

/* Starts a read and returns the first path to request. `now`: seconds of a
 * monotonic clock; `wall`: epoch seconds. */
const char *poller_begin(struct poller *r, double now, double wall);
double poller_time_left(const struct poller *r,
                        double now); /* at least 0.001 */
int poller_data(struct poller *r, const char *bytes, size_t len);
/* Returns the next path to request; NULL: the read is complete. */
const char *poller_done(struct poller *r, const struct http_result *result,
                        double now);

/* Returns the log's path of the verified hub process as of the last read, or
 * "". */
const char *poller_log_path(const struct poller *r);

/* Sets the log counts to emit; borrowed until the next call; NULL: none. */
void poller_set_log(struct poller *r, const struct log_tail_counts *counts);

void poller_emit(const struct poller *r, hub_value_fn emit, void *arg);

#endif
