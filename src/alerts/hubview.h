/* hubview.h - what is remembered of each hub from the values that pass by.
 *
 * A hub is a host and a plugin instance of plugin "mcp_hub". Of each figure of
 * the table below it keeps the latest value and, per day, the average of the
 * samples, the worst one with its time, and the average of the day before. A
 * day ends when the owner says so (hubviews_end_day).
 *
 * A figure is unknown (NaN) once HUBVIEW_PATIENCE of its sender's intervals
 * went by without it, and at once when the hub does not answer, unless the
 * table says that it comes all the same.
 *
 * Not thread-safe. `now` is logical time in seconds, `wall` epoch seconds;
 * values are in the series' unit. At most `max` hubs, 5 KiB each: those beyond
 * are refused and counted; one that was silent for a day is forgotten. */
#ifndef ALERTS_HUBVIEW_H
#define ALERTS_HUBVIEW_H

#include "alerts/availability.h"
#include "alerts/health.h"
#include "alerts/incident.h"
#include "alerts/series.h"

#define HUBVIEWS_MAX 4096
#define HUBVIEW_NAME_MAX 128 /* bytes with the end, as collectd has it */
#define HUBVIEW_PATIENCE 2.5 /* intervals */

enum hubview_figure {
  HUBVIEW_UP,
  HUBVIEW_STATE,
  HUBVIEW_UPTIME,
  HUBVIEW_RESPONSE_TIME,
  HUBVIEW_SERVERS_CONNECTED,
  HUBVIEW_SERVERS_CONNECTING,
  HUBVIEW_SERVERS_DISCONNECTED,
  HUBVIEW_SERVERS_UNAUTHORIZED,
  HUBVIEW_SERVERS_DISABLED,
  HUBVIEW_SERVERS_DEAD,
  HUBVIEW_SERVERS_UNKNOWN,
  HUBVIEW_SERVERS_TOTAL,
  HUBVIEW_TOOLS_REGISTERED,
  HUBVIEW_TOOLS_TOTAL,
  HUBVIEW_TOOLS_EXPOSED,
  HUBVIEW_TOOLS_FILTERED,
  HUBVIEW_CLIENTS,
  HUBVIEW_EVENT_CLIENTS,
  HUBVIEW_LLM_SUCCESS,
  HUBVIEW_LLM_SUCCESS_RECENT,
  HUBVIEW_LATENCY_AVERAGE,
  HUBVIEW_LATENCY_P95,
  HUBVIEW_LATENCY_P99,
  HUBVIEW_LLM_CACHE,
  HUBVIEW_LLM_CACHE_RECENT,
  HUBVIEW_CATEGORY_CACHE,
  HUBVIEW_QUEUE,
  HUBVIEW_BREAKER_STATE,
  HUBVIEW_BREAKER_FAILURES,
  HUBVIEW_RSS,
  HUBVIEW_CPU,
  HUBVIEW_MEMORY,
  HUBVIEW_LOG_ERRORS_100,
  HUBVIEW_LOG_ERRORS_1000,
  HUBVIEW_LOG_SIZE,
  HUBVIEW_FIGURES
};

enum hubview_unit {
  HUBVIEW_COUNT,
  HUBVIEW_PERCENT, /* 0 to 100 */
  HUBVIEW_SECONDS,
  HUBVIEW_BYTES,
  HUBVIEW_WORD /* a number that stands for a state, see figure.h */
};

struct hubview_row { /* of the table */
  const char *name;  /* as users know it: type, or type-instance */
  const char *type;
  const char *instance;
  const char *label;
  enum hubview_unit unit;
  bool low_is_bad; /* its worst value is the least */
  bool while_down; /* comes although the hub does not answer */
  bool in_summary;
};
extern const struct hubview_row hubview_table[HUBVIEW_FIGURES];

struct hubview { /* plain data without pointers: kept in a file as it is */
  char host[HUBVIEW_NAME_MAX];
  char instance[HUBVIEW_NAME_MAX];
  double heard;     /* `now` of the last value */
  double day_begin; /* wall; of the aggregates */
  double alerts;    /* in 24 h, see hubviews_count_alerts() */
  struct availability availability;
  struct hubview_memory {
    double value;    /* NaN: unknown */
    double due;      /* `now` from which it is unknown */
    double sum;      /* of the day's samples */
    double samples;  /* number of them */
    double worst;    /* NaN: none yet */
    double worst_at; /* wall */
    double before;   /* average of the day before; NaN: unknown */
  } figures[HUBVIEW_FIGURES];
};

struct hubview_sample {
  double value;    /* NaN: unknown */
  double interval; /* of the sender, seconds */
  double now;
  double wall;
};

struct hubviews;

struct hubviews *hubviews_create(size_t max);
void hubviews_destroy(struct hubviews *v);

/* Takes in what is a figure of a hub and ignores everything else, fast. 0, or
 * -1 where a hub was refused: too many, too long a name, no memory. */
int hubviews_sample(struct hubviews *v, const struct series *s,
                    const struct hubview_sample *x);

/* Forgets hubs that have been silent for a day. */
void hubviews_tick(struct hubviews *v, double now);

/* Nobody listened in the `seconds` before `now`: they are no hub's silence. */
void hubviews_stood_still(struct hubviews *v, double seconds, double now);

/* The day's averages become those of the day before, and a new day begins. */
void hubviews_end_day(struct hubviews *v, double wall);

/* Sets `alerts` of all hubs: incidents of level warning or worse. */
void hubviews_count_alerts(struct hubviews *v, const struct incidents *list);

/* From a file, `away` seconds after it was written: day and availability go on,
 * and so does a silence, but for the time away; the latest values are unknown.
 * 0; -1: it is none, is there already, or is refused. */
int hubviews_restore(struct hubviews *v, const struct hubview *view,
                     double away, double now);

/* NULL: not known. */
const struct hubview *hubviews_find(const struct hubviews *v, const char *host,
                                    const char *instance);

/* All hubs of a host (NULL: of all), ordered by host and instance, as an array
 * to be freed; valid until the next change. NULL without memory. */
const struct hubview **hubviews_list(const struct hubviews *v, const char *host,
                                     size_t *num);

size_t hubviews_count(const struct hubviews *v);
uint64_t hubviews_refused(const struct hubviews *v); /* samples of them */

/* NaN: unknown. */
double hubview_value(const struct hubview *h, enum hubview_figure f,
                     double now);
double hubview_average(const struct hubview *h, enum hubview_figure f);

struct health hubview_health(const struct hubview *h, double now);

#endif
