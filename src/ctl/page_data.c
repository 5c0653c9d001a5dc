/* SPDX-License-Identifier: MIT */
#include "ctl/page_data.h"

#include "report/thresholds.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct page_server *room_for_servers(struct collectd_client *v) {
  size_t hubs_num = 0, most = 0;
  const struct hub_name *hubs = collectd_client_hubs(v, &hubs_num);
  for (size_t i = 0; i < hubs_num; i++) {
    size_t num = 0;
    collectd_client_range(v, &hubs[i], COLLECTD_CLIENT_HUB, &num);
    most = num > most ? num : most;
  }
  return calloc(most, sizeof(struct page_server));
}

int page_data_take(struct page_data *d, const struct ctl *c, char *err,
                   size_t err_size) {
  *d = (struct page_data){.time = (double)time(NULL)};
  struct ctl any = *c; /* a hub without rules yet has a page, too */
  any.host = NULL;
  any.hub = NULL;
  d->values = collectd_client_open(c, err, err_size);
  if (d->values == NULL)
    return -1;
  d->status = status_file_read(&any, d->time, d->missing, sizeof(d->missing));
  d->servers = room_for_servers(d->values);
  d->rules = status_json_rules(d->status);
  if (d->servers != NULL && d->rules != NULL)
    return 0;
  page_data_free(d);
  snprintf(err, err_size, "out of memory");
  return -1;
}

void page_data_free(struct page_data *d) {
  free(d->servers);
  ruleset_destroy(d->rules);
  collectd_client_close(d->values);
  status_json_free(d->status);
}

/* ---- values ---- */

double page_data_server_value(const struct page_data *d,
                              const struct hub_name *hub, enum metric metric,
                              const char *server) {
  return collectd_client_get(d->values, hub, COLLECTD_CLIENT_HUB,
                             metric_table[metric].type, server);
}

double page_data_value(const struct page_data *d, const struct hub_name *hub,
                       enum metric metric) {
  return page_data_server_value(d, hub, metric, metric_table[metric].instance);
}

enum page_style page_data_style(const struct page_data *d,
                                const struct hub_name *hub, enum metric metric,
                                double value) {
  const struct series series = thresholds_series(hub->host, hub->name, metric);
  enum alert_level level = thresholds_judge(d->rules, &series, value);
  return level == ALERT_OK ? PAGE_PLAIN : page_level_style(level);
}

/* ---- alerts, score, state ---- */

bool page_data_is_of_hub(const struct alert *a, const struct hub_name *hub) {
  return strcmp(a->series.host, hub->host) == 0 &&
         strcmp(a->series.plugin_instance, hub->name) == 0;
}

double page_data_alerts(const struct page_data *d, const struct hub_name *hub,
                        enum metric metric) {
  const char *what = metric_table[metric].instance;
  double num = 0;
  if (d->status == NULL)
    return collectd_client_get(d->values, hub, COLLECTD_CLIENT_ALERTS,
                               metric_table[metric].type, what);
  for (size_t i = 0; i < d->status->alerts_num; i++) {
    const struct alert *a = &d->status->alerts[i];
    const char *is = alert_is_active(a) ? alert_level_name(a->level)
                                        : alert_status_word(a->status);
    num += page_data_is_of_hub(a, hub) && strcmp(is, what) == 0;
  }
  return num;
}

double page_data_score(const struct page_data *d, const struct hub_name *hub) {
  const struct hub_report *known =
      status_json_find_hub(d->status, hub->host, hub->name);
  const struct metric_row *row = &metric_table[METRIC_SCORE];
  return known != NULL
             ? known->health.score
             : collectd_client_get(d->values, hub, COLLECTD_CLIENT_ALERTS,
                                   row->type, row->instance);
}

enum page_style page_data_score_style(double score) {
  return score >= 75 ? PAGE_GOOD : score >= 50 ? PAGE_WARN : PAGE_BAD;
}

enum alert_level page_data_state_level(double state) {
  if (isnan(state) || state == 7)
    return ALERT_INFO;
  return state < 2 ? ALERT_OK : state < 4 ? ALERT_WARNING : ALERT_CRITICAL;
}

/* Servers with problems first, by state number, then by name. */
static int compare_servers(const void *a, const void *b) {
  const struct page_server *x = a;
  const struct page_server *y = b;
  return x->state != y->state ? y->state - x->state : strcmp(x->name, y->name);
}

const struct page_server *page_data_servers(const struct page_data *d,
                                            const struct hub_name *hub,
                                            size_t *num) {
  const char *type = metric_table[METRIC_SERVER_STATE].type;
  size_t values_num = 0;
  struct value *all =
      collectd_client_range(d->values, hub, COLLECTD_CLIENT_HUB, &values_num);
  struct page_server *list = d->servers;
  *num = 0;
  for (size_t i = 0; i < values_num; i++) {
    if (strcmp(all[i].id.type, type) != 0)
      continue;
    double state = collectd_client_number(d->values, &all[i]);
    bool known = state >= 0 && state < PAGE_SERVER_UNKNOWN;
    list[(*num)++] = (struct page_server){
        all[i].id.type_instance, known ? (int)state : PAGE_SERVER_UNKNOWN};
  }
  qsort(list, *num, sizeof(*list), compare_servers);
  return list;
}

const char *page_data_server_word(int state) {
  const char *word =
      metric_state_word(metric_table[METRIC_SERVER_STATE].type, state);
  return word != NULL ? word : "unknown";
}
