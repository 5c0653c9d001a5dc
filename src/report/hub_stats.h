/* SPDX-License-Identifier: MIT */
/* hub_stats.h - what is remembered of each hub from the values that pass by.
 *
 * A hub is a host and a plugin instance of plugin "mcp_hub". Of each figure of
 * the table below it keeps the latest value and, per day, the average of the
 * samples, the worst one with its time, and the average of the day before. A
 * day ends when the owner says so (hub_stats_table_end_day).
 *
 * A figure is unknown (NaN) once HUB_STATS_PATIENCE of its sender's intervals
 * went by without it, and at once when the hub does not answer, unless the
 * table says that it comes all the same.
 *
 * Not thread-safe. `now` is logical time in seconds, `wall` epoch seconds;
 * values are in the series' unit. At most `max` hubs, 5 KiB each: those beyond
 * are refused and counted; one that was silent for a day is forgotten. */
#ifndef REPORT_HUB_STATS_H
#define REPORT_HUB_STATS_H

#include "alerts/series.h"
#include "report/availability.h"
#include "report/health.h"
#include "report/incidents.h"

#define HUB_STATS_TABLE_MAX 4096
#define HUB_STATS_NAME_MAX 128 /* bytes with the end, as collectd has it */
#define HUB_STATS_PATIENCE 2.5 /* intervals */

enum hub_stats_figure {
  HUB_STATS_UP,
  HUB_STATS_STATE,
  HUB_STATS_UPTIME,
  HUB_STATS_RESPONSE_TIME,
  HUB_STATS_SERVERS_CONNECTED,
  HUB_STATS_SERVERS_CONNECTING,
  HUB_STATS_SERVERS_DISCONNECTED,
  HUB_STATS_SERVERS_UNAUTHORIZED,
  HUB_STATS_SERVERS_DISABLED,
  HUB_STATS_SERVERS_DEAD,
  HUB_STATS_SERVERS_UNKNOWN,
  HUB_STATS_SERVERS_TOTAL,
  HUB_STATS_TOOLS_REGISTERED,
  HUB_STATS_TOOLS_TOTAL,
  HUB_STATS_TOOLS_EXPOSED,
  HUB_STATS_TOOLS_FILTERED,
  HUB_STATS_CLIENTS,
  HUB_STATS_EVENT_CLIENTS,
  HUB_STATS_LLM_SUCCESS,
  HUB_STATS_LLM_SUCCESS_RECENT,
  HUB_STATS_LATENCY_AVERAGE,
  HUB_STATS_LATENCY_P95,
  HUB_STATS_LATENCY_P99,
  HUB_STATS_LLM_CACHE,
  HUB_STATS_LLM_CACHE_RECENT,
  HUB_STATS_CATEGORY_CACHE,
  HUB_STATS_QUEUE,
  HUB_STATS_BREAKER_STATE,
  HUB_STATS_BREAKER_FAILURES,
  HUB_STATS_RSS,
  HUB_STATS_CPU,
  HUB_STATS_MEMORY,
  HUB_STATS_LOG_ERRORS_100,
  HUB_STATS_LOG_ERRORS_1000,
  HUB_STATS_LOG_SIZE,
  HUB_STATS_FIGURES
};

enum hub_stats_unit {
  HUB_STATS_COUNT,
  HUB_STATS_PERCENT, /* 0 to 100 */
  HUB_STATS_SECONDS,
  HUB_STATS_BYTES,
  HUB_STATS_WORD /* a number that stands for a state, see format.h */
};

struct hub_stats_row { /* of the table */
  const char *name;    /* as users know it: type, or type-instance */
  const char *type;
  const char *instance;
  const char *label;
  enum hub_stats_unit unit;
  bool low_is_bad; /* its worst value is the least */
  bool while_down; /* comes although the hub does not answer */
  bool in_summary;
};
extern const struct hub_stats_row hub_stats_table[HUB_STATS_FIGURES];

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
