/* SPDX-License-Identifier: MIT */
/* hub_stats.h - latest values and daily statistics of every hub.
 *
 * A hub is a host and a plugin instance of plugin "mcp_hub". For each figure in
 * hub_stats_figures.def: the latest value, the day's average, the worst value
 * with its time, and the average of the previous day. The owner ends a day with
 * hub_stats_table_end_day().
 *
 * A figure becomes unknown (NaN) after HUB_STATS_PATIENCE intervals without a
 * value, or at once if the hub does not answer, except figures that also come
 * while it is down (metric_comes_while_down()).
 *
 * Not thread-safe. `now` is in seconds on a clock without steps, `wall` epoch
 * seconds; values are in the unit of the series. At most `max` hubs, 5 KiB
 * each; more are refused and counted. A hub that was silent for a day is
 * dropped. */
#ifndef REPORT_HUB_STATS_H
#define REPORT_HUB_STATS_H

#include "alerts/series.h"
#include "metrics/metric.h"
#include "report/availability.h"
#include "report/health.h"
#include "report/incidents.h"

#define HUB_STATS_TABLE_MAX 4096
#define HUB_STATS_NAME_MAX 128 /* bytes with terminator, as in collectd */
#define HUB_STATS_PATIENCE 2.5 /* intervals */

/* Order of the state file. */
enum hub_stats_figure {
#define FIGURE(id, in_summary) HUB_STATS_##id,
#include "report/hub_stats_figures.def"
#undef FIGURE
  HUB_STATS_FIGURES
};

/* The metric of a figure (table of values). */
enum metric hub_stats_id(enum hub_stats_figure figure);
const struct metric_row *hub_stats_metric(enum hub_stats_figure figure);

/* True: the daily report shows it. */
bool hub_stats_in_summary(enum hub_stats_figure figure);

struct hub_stats { /* plain data without pointers, saved as it is */
  char host[HUB_STATS_NAME_MAX];
  char instance[HUB_STATS_NAME_MAX];
  double received;  /* `now` of the last value */
  double day_begin; /* wall; start of the day's statistics */
  double alerts;    /* in 24 h, by hub_stats_table_count_alerts() */
  struct availability availability;
  struct hub_stats_memory {
    double value;    /* NaN: unknown */
    double due;      /* `now` at which it becomes unknown */
    double sum;      /* of the day */
    double samples;  /* number of samples of the day */
    double worst;    /* NaN: none yet */
    double worst_at; /* wall */
    double before;   /* average of the previous day; NaN: unknown */
  } figures[HUB_STATS_FIGURES];
};

struct hub_stats_sample {
  double value;    /* NaN: unknown */
  double interval; /* of the sender, seconds */
  double now;
  double wall;
};

struct hub_stats_table;

struct hub_stats_table *hub_stats_table_create(size_t max);
void hub_stats_table_destroy(struct hub_stats_table *v);

/* Stores a figure of a hub; skips other series fast. 0, or -1: the hub was
 * refused (too many, name too long, out of memory). */
int hub_stats_table_sample(struct hub_stats_table *v, const struct series *s,
                           const struct hub_stats_sample *x);

/* Drops hubs that were silent for a day. */
void hub_stats_table_tick(struct hub_stats_table *v, double now);

/* The process was suspended for `seconds`; do not count them as missing
 * data. */
void hub_stats_table_skip_gap(struct hub_stats_table *v, double seconds,
                              double now);

/* Ends the day: its averages become those of the previous day. */
void hub_stats_table_end_day(struct hub_stats_table *v, double wall);

/* Sets `alerts` of all hubs: incidents of level warning or worse. */
void hub_stats_table_count_alerts(struct hub_stats_table *v,
                                  const struct incidents *list);

/* Adds a hub from a file written `away` seconds ago: its day and availability
 * continue, the latest values are unknown. `away` does not count as missing
 * data. 0, or -1: invalid, already present, or refused. */
int hub_stats_table_restore(struct hub_stats_table *v,
                            const struct hub_stats *view, double away,
                            double now);

/* NULL: unknown. */
const struct hub_stats *hub_stats_table_find(const struct hub_stats_table *v,
                                             const char *host,
                                             const char *instance);

/* Array for free() of the hubs of a host (NULL: all), ordered by host and
 * instance; valid until the next change. NULL: out of memory. */
const struct hub_stats **hub_stats_table_list(const struct hub_stats_table *v,
                                              const char *host, size_t *num);

/* The same as copies, for free(). */
struct hub_stats *hub_stats_table_copy(const struct hub_stats_table *v,
                                       const char *host, size_t *num);

size_t hub_stats_table_count(const struct hub_stats_table *v);
uint64_t hub_stats_table_refused(const struct hub_stats_table *v); /* samples */

/* NaN: unknown. */
double hub_stats_value(const struct hub_stats *h, enum hub_stats_figure f,
                       double now);
double hub_stats_average(const struct hub_stats *h, enum hub_stats_figure f);

struct health_inputs hub_stats_health_inputs(const struct hub_stats *h,
                                             double now);
struct health hub_stats_health(const struct hub_stats *h, double now);

#endif
