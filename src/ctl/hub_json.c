/* SPDX-License-Identifier: MIT */
/* Everything that pages show, and all values, as JSON. */
#include "ctl/hub_page.h"

#include <stdio.h>

static struct json_object *json_values(const struct page_data *d,
                                       const struct hub_name *hub) {
  struct json_object *o = ctl_json_object();
  size_t num = 0;
  struct value *all =
      collectd_client_range(d->values, hub, COLLECTD_CLIENT_HUB, &num);
  for (size_t i = 0; i < num; i++) {
    const struct value_id *id = &all[i].id;
    char name[2 * COLLECTD_CLIENT_NAME + 1];
    snprintf(name, sizeof(name), "%s%s%s", id->type,
             *id->type_instance != '\0' ? "-" : "", id->type_instance);
    ctl_json_add(o, name,
                 ctl_json_number(collectd_client_number(d->values, &all[i])));
  }
  return o;
}

static struct json_object *json_servers(const struct page_data *d,
                                        const struct hub_name *hub) {
  struct json_object *o = ctl_json_object();
  size_t num = 0;
  const struct page_server *list = page_data_servers(d, hub, &num);
  for (size_t i = 0; i < num; i++) {
    const char *word = page_data_server_word(list[i].state);
    ctl_json_add(o, list[i].name, ctl_json_text(word));
  }
  return o;
}

static struct json_object *json_alerts(const struct page_data *d,
                                       const struct hub_name *hub) {
  struct json_object *list = ctl_json_list();
  for (size_t i = 0; d->status != NULL && i < d->status->alerts_num; i++)
    if (page_data_is_of_hub(&d->status->alerts[i], hub))
      ctl_json_append(list, json_object_get(d->status->alerts[i].json));
  return list;
}

static struct json_object *json_counts(const struct page_data *d,
                                       const struct hub_name *hub) {
  struct json_object *o = ctl_json_object();
  for (int i = METRIC_ALERTS_CRITICAL; i <= METRIC_ALERTS_INHIBITED; i++)
    ctl_json_add(o, metric_table[i].instance,
                 ctl_json_number(page_data_alerts(d, hub, (enum metric)i)));
  return o;
}

static struct json_object *json_hub(const struct page_data *d,
                                    const struct hub_name *hub) {
  struct json_object *o = ctl_json_object();
  const struct hub_report *known =
      status_file_find_hub(d->status, hub->host, hub->name);
  char word[AMOUNT_MAX];
  amount_of(METRIC_STATE, page_data_value(d, hub, METRIC_STATE), word);
  ctl_json_add(o, "host", ctl_json_text(hub->host));
  ctl_json_add(o, "hub", ctl_json_text(hub->name));
  ctl_json_add(o, "up", ctl_json_flag(page_data_value(d, hub, METRIC_UP) > 0));
  ctl_json_add(o, "state", ctl_json_text(word));
  ctl_json_add(o, "score", ctl_json_number(page_data_score(d, hub)));
  ctl_json_add(o, "servers", json_servers(d, hub));
  ctl_json_add(o, "alert_counts", json_counts(d, hub));
  if (d->status != NULL)
    ctl_json_add(o, "alerts", json_alerts(d, hub));
  if (d->status != NULL && known != NULL)
    ctl_json_add(o, "health",
                 json_object_get(json_object_array_get_idx(
                     d->status->hubs_json, (size_t)(known - d->status->hubs))));
  ctl_json_add(o, "values", json_values(d, hub));
  return o;
}

struct json_object *hub_json(const struct page_data *d) {
  struct json_object *o = ctl_json_object();
  struct json_object *list = ctl_json_list();
  size_t num = 0;
  const struct hub_name *hubs = collectd_client_hubs(d->values, &num);
  for (size_t i = 0; i < num; i++)
    ctl_json_append(list, json_hub(d, &hubs[i]));
  ctl_json_add(o, "time", ctl_json_number(d->time));
  if (d->status == NULL)
    ctl_json_add(o, "missing", ctl_json_text(d->missing));
  ctl_json_add(o, "hubs", list);
  return o;
}
