/* SPDX-License-Identifier: MIT */
/* hub_json.c - hubs, alerts and all values as JSON. */
#include "ctl/hub_page.h"

#include <stdio.h>

static void put_values(struct json_writer *w, const struct page_data *d,
                       const struct hub_name *hub) {
  size_t num = 0;
  struct value *all =
      collectd_client_range(d->values, hub, COLLECTD_CLIENT_HUB, &num);
  json_begin_object(w, "values");
  for (size_t i = 0; i < num; i++) {
    const struct value_id *id = &all[i].id;
    char name[2 * COLLECTD_CLIENT_NAME + 1];
    snprintf(name, sizeof(name), "%s%s%s", id->type,
             *id->type_instance != '\0' ? "-" : "", id->type_instance);
    json_put_number(w, name, collectd_client_number(d->values, &all[i]));
  }
  json_end_object(w);
}

static void put_servers(struct json_writer *w, const struct page_data *d,
                        const struct hub_name *hub) {
  size_t num = 0;
  const struct page_server *list = page_data_servers(d, hub, &num);
  json_begin_object(w, "servers");
  for (size_t i = 0; i < num; i++)
    json_put_text(w, list[i].name, page_data_server_word(list[i].state));
  json_end_object(w);
}

static void put_alerts(struct json_writer *w, const struct page_data *d,
                       const struct hub_name *hub) {
  json_begin_list(w, "alerts");
  for (size_t i = 0; i < d->status->alerts_num; i++) {
    if (!page_data_is_of_hub(&d->status->alerts[i], hub))
      continue;
    json_begin_object(w, NULL);
    alert_put_json(w, &d->status->alerts[i], ALERT_TIMES_EPOCH);
    json_end_object(w);
  }
  json_end_list(w);
}

static void put_counts(struct json_writer *w, const struct page_data *d,
                       const struct hub_name *hub) {
  json_begin_object(w, "alert_counts");
  for (int i = METRIC_ALERTS_CRITICAL; i <= METRIC_ALERTS_INHIBITED; i++)
    json_put_number(w, metric_table[i].instance,
                    page_data_alerts(d, hub, (enum metric)i));
  json_end_object(w);
}

static void put_hub(struct json_writer *w, const struct page_data *d,
                    const struct hub_name *hub) {
  const struct hub_report *known =
      status_json_find_hub(d->status, hub->host, hub->name);
  char word[FORMAT_MAX];
  metric_format(METRIC_STATE, page_data_value(d, hub, METRIC_STATE), word);
  json_begin_object(w, NULL);
  json_put_text(w, "host", hub->host);
  json_put_text(w, "hub", hub->name);
  json_put_flag(w, "up", page_data_value(d, hub, METRIC_UP) > 0);
  json_put_text(w, "state", word);
  json_put_number(w, "score", page_data_score(d, hub));
  put_servers(w, d, hub);
  put_counts(w, d, hub);
  if (d->status != NULL)
    put_alerts(w, d, hub);
  if (known != NULL)
    status_json_put_hub(w, "health", known);
  put_values(w, d, hub);
  json_end_object(w);
}

void hub_json_put(struct json_writer *w, const struct page_data *d) {
  size_t num = 0;
  const struct hub_name *hubs = collectd_client_hubs(d->values, &num);
  json_begin_object(w, NULL);
  json_put_number(w, "time", d->time);
  if (d->status == NULL)
    json_put_text(w, "missing", d->missing);
  json_begin_list(w, "hubs");
  for (size_t i = 0; i < num; i++)
    put_hub(w, d, &hubs[i]);
  json_end_list(w);
  json_end_object(w);
}
