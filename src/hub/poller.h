/* SPDX-License-Identifier: MIT */
/* poller.h - one hub, read again and again.
 *
 * A read is one GET of /api/health and, unless the hub is known not to have it,
 * one of /api/filtering/stats, within one deadline. The reader decides what to
 * ask next, keeps what has to be remembered between reads and says what to tell
 * people; it knows no threads, sockets or clocks: times are handed in and the
 * caller moves the bytes. After a good read the processes of a local hub are
 * looked at.
 *
 *   path = poller_begin(r, now);
 *   while (path != NULL) {
 *     GET path within poller_time_left(r, now); poller_data(r, …) per piece;
 *     path = poller_done(r, &result, now);
 *   }
 *   poller_emit(r, …);
 */
#ifndef HUB_POLLER_H
#define HUB_POLLER_H

#include "hub/hub_values.h"

enum remark_level { REMARK_DEBUG, REMARK_INFO, REMARK_WARNING, REMARK_ERROR };

struct poller_settings {
  const char *name; /* copied */
  const char *url;  /* copied; for messages only */
  double timeout;   /* seconds, for the whole read */
  double min_calls;
  const char *const *servers; /* see server_selection.h; NULL: all */
  bool ignore_selected;
  size_t max_servers; /* reported one by one */
  const char *proc;   /* "/proc"; NULL: processes are not looked at */
  /* Called once per change of state, never once per read; text is one line. */
  void (*remark)(void *arg, enum remark_level level, const char *text);
  void *remark_arg;
};

/* After a 404 from a ready hub, how long until it is asked again. */
#define POLLER_FILTERING_RETRY 600.0 /* seconds */

/* While a hub starts, restarts or stops its servers have not failed: they were
 * not tried yet. After that long they are down all the same. */
#define POLLER_SETTLE 300.0 /* seconds */

/* A deadline that is noticed so much later was not watched: the process or the
 * machine stood still, and the answer may have come. It is asked for anew. */
#define POLLER_SUSPENDED 0.5 /* seconds */

struct poller;

struct poller *poller_create(const struct poller_settings *settings);
void poller_destroy(struct poller *r);

/* `now`: seconds of a clock that does not step; `wall`: epoch seconds. The path
 * to GET first. */
const char *poller_begin(struct poller *r, double now, double wall);
double poller_time_left(const struct poller *r,
                        double now); /* at least 0.001 */
int poller_data(struct poller *r, const char *bytes, size_t len);
/* The path to GET next, or NULL: the read is complete. */
const char *poller_done(struct poller *r, const struct http_result *result,
                        double now);

/* Where the verified process of the hub keeps its log, as of the last read; ""
 * while that is unknown. */
const char *poller_log_path(const struct poller *r);

/* What to emit of the log; borrowed until the next call; NULL: nothing. */
void poller_set_log(struct poller *r, const struct log_tail_counts *counts);

void poller_emit(const struct poller *r, hub_value_fn emit, void *arg);

#endif
