/* SPDX-License-Identifier: MIT */
/* hub_stats.h - what is remembered of each hub from the values that pass by.
 *
 * A hub is a host and a plugin instance of plugin "mcp_hub". Of each figure in
 * hub_stats_figures.def it keeps the latest value and, per day, the average of
 * the samples, the worst one with its time, and the average of the day before.
 * A day ends when the owner says so (hub_stats_table_end_day).
 *
 * A figure is unknown (NaN) once HUB_STATS_PATIENCE of its sender's intervals
 * went by without it, and at once when the hub does not answer, unless it comes
 * all the same (metric_comes_while_down()).
 *
 * Not thread-safe. `now` is logical time in seconds, `wall` epoch seconds;
 * values are in the series' unit. At most `max` hubs, 5 KiB each: those beyond
 * are refused and counted; one that was silent for a day is forgotten. */
#ifndef REPORT_HUB_STATS_H
#define REPORT_HUB_STATS_H

#include "alerts/series.h"
#include "metrics/metric.h"
#include "report/availability.h"
#include "report/health.h"
#include "report/incidents.h"

#define HUB_STATS_TABLE_MAX 4096
#define HUB_STATS_NAME_MAX 128 /* bytes with the end, as collectd has it */
#define HUB_STATS_PATIENCE 2.5 /* intervals */

/* The order is that of the state file. */
enum hub_stats_figure {
#define FIGURE(id, in_summary) HUB_STATS_##id,
#include "report/hub_stats_figures.def"
#undef FIGURE
  HUB_STATS_FIGURES
};

/* The row of a figure in the table of values, and its place there. */
enum metric hub_stats_id(enum hub_stats_figure figure);
const struct metric_row *hub_stats_metric(enum hub_stats_figure figure);

/* Whether the daily report has it. */
bool hub_stats_in_summary(enum hub_stats_figure figure);

struct hub_stats { /* plain data without pointers: kept in a file as it is */
  char host[HUB_STATS_NAME_MAX];
  char instance[HUB_STATS_NAME_MAX];
  double received;  /* `now` of the last value */
  double day_begin; /* wall; of the aggregates */
  double alerts;    /* in 24 h, see hub_stats_table_count_alerts() */
  struct availability availability;
  struct hub_stats_memory {
    double value;    /* NaN: unknown */
    double due;      /* `now` from which it is unknown */
    double sum;      /* of the day's samples */
    double samples;  /* number of them */
    double worst;    /* NaN: none yet */
    double worst_at; /* wall */
    double before;   /* average of the day before; NaN: unknown */
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

/* Takes in what is a figure of a hub and ignores everything else, fast. 0, or
 * -1 where a hub was refused: too many, too long a name, no memory. */
int hub_stats_table_sample(struct hub_stats_table *v, const struct series *s,
                           const struct hub_stats_sample *x);

/* Forgets hubs that have been silent for a day. */
void hub_stats_table_tick(struct hub_stats_table *v, double now);

/* Nobody listened in the `seconds` before `now`: they are no hub's silence. */
void hub_stats_table_skip_gap(struct hub_stats_table *v, double seconds,
                              double now);

/* The day's averages become those of the day before, and a new day begins. */
void hub_stats_table_end_day(struct hub_stats_table *v, double wall);

/* Sets `alerts` of all hubs: incidents of level warning or worse. */
void hub_stats_table_count_alerts(struct hub_stats_table *v,
                                  const struct incidents *list);

/* From a file, `away` seconds after it was written: day and availability go on,
 * and so does a silence, but for the time away; the latest values are unknown.
 * 0; -1: it is none, is there already, or is refused. */
int hub_stats_table_restore(struct hub_stats_table *v,
                            const struct hub_stats *view, double away,
                            double now);

/* NULL: not known. */
const struct hub_stats *hub_stats_table_find(const struct hub_stats_table *v,
                                             const char *host,
                                             const char *instance);

/* All hubs of a host (NULL: of all), ordered by host and instance, as an array
 * to be freed; valid until the next change. NULL without memory. */
const struct hub_stats **hub_stats_table_list(const struct hub_stats_table *v,
                                              const char *host, size_t *num);

/* A copy of the same, to be freed. */
struct hub_stats *hub_stats_table_copy(const struct hub_stats_table *v,
                                       const char *host, size_t *num);

size_t hub_stats_table_count(const struct hub_stats_table *v);
uint64_t
hub_stats_table_refused(const struct hub_stats_table *v); /* samples of them */

/* NaN: unknown. */
double hub_stats_value(const struct hub_stats *h, enum hub_stats_figure f,
                       double now);
double hub_stats_average(const struct hub_stats *h, enum hub_stats_figure f);

struct health_inputs hub_stats_health_inputs(const struct hub_stats *h,
                                             double now);
struct health hub_stats_health(const struct hub_stats *h, double now);

#endif
