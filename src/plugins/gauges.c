/* SPDX-License-Identifier: MIT */
#include "plugins/gauges.h"

#include "metrics/metric.h"

#include <math.h>
#include <stdlib.h>

enum { /* order of the table of values */
       CRITICAL,
       WARNING_,
       INFO_,
       PENDING,
       SILENCED,
       INHIBITED,
       COUNTS
};

struct gauge_row { /* of a hub, or of all other plugins of a host */
  char host[DATA_MAX_NAME_LEN];
  char instance[DATA_MAX_NAME_LEN];
  size_t count[COUNTS];
  bool is_hub; /* has the values below */
  struct health_inputs health;
  double availability_1h; /* NaN: unknown, like all below */
  double availability_24h;
  double budget;
};

struct collection {
  struct alerts_plugin *alerts;
  double now;
  struct gauge_row *rows;
  size_t num;
};

static void judge_hub(const struct collection *c, struct gauge_row *row) {
  const struct hub_stats *hub =
      hub_stats_table_find(c->alerts->memory.hubs, row->host, row->instance);

  row->availability_1h = row->availability_24h = row->budget = NAN;
  if (hub == NULL)
    return;
  row->health = hub_stats_health_inputs(hub, c->now);
  row->is_hub = true;
  row->availability_1h =
      availability_percent(&hub->availability, AVAILABILITY_HOUR, c->now);
  row->availability_24h =
      availability_percent(&hub->availability, AVAILABILITY_DAY, c->now);
  row->budget =
      availability_budget(&hub->availability, AVAILABILITY_OBJECTIVE, c->now);
}

static void add_row(void *arg, const struct engine_counts *counts) {
  struct collection *c = arg;
  struct gauge_row *rows = realloc(c->rows, (c->num + 1) * sizeof(*rows));
  if (rows == NULL)
    return;
  c->rows = rows;
  struct gauge_row *row = &rows[c->num++];
  *row =
      (struct gauge_row){.count = {[CRITICAL] = counts->firing[ALERT_CRITICAL],
                                   [WARNING_] = counts->firing[ALERT_WARNING],
                                   [INFO_] = counts->firing[ALERT_INFO],
                                   [PENDING] = counts->pending}};
  sstrncpy(row->host, counts->host, sizeof(row->host));
  sstrncpy(row->instance, counts->instance, sizeof(row->instance));
  judge_hub(c, row);
}

static void add_held(void *arg, const struct series *hub,
                     const struct dispatcher_counts *counts) {
  struct collection *c = arg;
  bool is_hub = series_is_hub(hub);
  for (size_t i = 0; i < c->num; i++) {
    struct gauge_row *row = &c->rows[i];
    if (strcmp(row->host, hub->host) != 0 ||
        strcmp(row->instance, is_hub ? hub->plugin_instance : "") != 0)
      continue;
    row->count[SILENCED] += counts->silenced;
    row->count[INHIBITED] += counts->inhibited;
    return;
  }
}

static void dispatch(const char *host, const char *instance, enum metric metric,
                     value_t value) {
  value_list_t vl = {.values = &value, .values_len = 1};
  sstrncpy(vl.host, host, sizeof(vl.host));
  sstrncpy(vl.plugin, ALERTS_PLUGIN, sizeof(vl.plugin));
  sstrncpy(vl.plugin_instance, instance, sizeof(vl.plugin_instance));
  sstrncpy(vl.type, metric_table[metric].type, sizeof(vl.type));
  sstrncpy(vl.type_instance, metric_table[metric].instance,
           sizeof(vl.type_instance));
  plugin_dispatch_values(&vl);
}

static void dispatch_known(const struct gauge_row *row, enum metric metric,
                           double gauge) {
  if (!isnan(gauge))
    dispatch(row->host, row->instance, metric, (value_t){.gauge = gauge});
}

static void dispatch_row(const struct gauge_row *row) {
  for (size_t k = 0; k < COUNTS; k++)
    dispatch_known(row, METRIC_ALERTS_CRITICAL + k, (double)row->count[k]);
  if (row->is_hub)
    dispatch_known(row, METRIC_SCORE, health_judge(&row->health).score);
  dispatch_known(row, METRIC_AVAILABILITY_1H, row->availability_1h);
  dispatch_known(row, METRIC_AVAILABILITY_24H, row->availability_24h);
  dispatch_known(row, METRIC_ERROR_BUDGET, row->budget);
}

/* Values about the plugin itself, without instance. */
static void dispatch_own(const struct alerts_plugin *a, size_t series,
                         uint64_t refused, uint64_t forged, uint64_t lost) {
  struct notification_queue_counts count = notification_queue_count(a->notify);
  struct webhook_queue_counts posted = webhooks_count(a->webhooks);
  const struct {
    enum metric metric;
    value_t value;
  } own[] = {
      {METRIC_RULES_CURRENT, {.gauge = a->rules_current ? 1 : 0}},
      {METRIC_SERIES, {.gauge = (gauge_t)series}},
      {METRIC_SERIES_REFUSED, {.derive = (derive_t)refused}},
      {METRIC_NETWORK_REFUSED, {.derive = (derive_t)forged}},
      {METRIC_NOTICES_SENT, {.derive = (derive_t)(count.sent + posted.sent)}},
      {METRIC_NOTICES_DROPPED,
       {.derive = (derive_t)(count.dropped + posted.dropped + lost)}},
      {METRIC_NOTICES_RETRIED, {.derive = (derive_t)posted.retried}},
  };
  for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
    dispatch(hostname_g, "", own[i].metric, own[i].value);
}

void gauges_dispatch(struct alerts_plugin *a) {
  struct collection c = {.alerts = a};
  pthread_mutex_lock(&a->lock);
  c.now = alerts_now(a);
  engine_each_count(a->memory.engine, add_row, &c);
  dispatcher_each_count(a->memory.notifier, add_held, &c);
  size_t series = engine_series_count(a->memory.engine);
  uint64_t refused = engine_series_refused(a->memory.engine) +
                     hub_stats_table_refused(a->memory.hubs);
  uint64_t forged = alerts_refused(a);
  uint64_t lost = dispatcher_lost(a->memory.notifier);
  pthread_mutex_unlock(&a->lock);
  for (size_t i = 0; i < c.num; i++)
    dispatch_row(&c.rows[i]);
  dispatch_own(a, series, refused, forged, lost);
  free(c.rows);
}
