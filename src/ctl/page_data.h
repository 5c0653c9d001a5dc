/* SPDX-License-Identifier: MIT */
/* page_data.h - data of a page at one time: values of collectd, status.json and
 * the thresholds in force. */
#ifndef CTL_PAGE_DATA_H
#define CTL_PAGE_DATA_H

#include "ctl/collectd_client.h"
#include "ctl/page.h"
#include "ctl/status_file.h"
#include "metrics/metric.h"

#define PAGE_SERVER_UNKNOWN 6 /* unknown state of a server */
#define PAGE_SERVER_STATES 7

struct page_server {
  const char *name;
  int state; /* of mcp_server_state, or PAGE_SERVER_UNKNOWN */
};

struct page_data {
  struct collectd_client *values;
  struct status_json *status; /* NULL: see `missing` */
  struct ruleset *rules;      /* see status_json_rules() */
  char missing[CTL_ERROR_MAX];
  double time;                 /* epoch seconds */
  struct page_server *servers; /* room for the servers of any hub */
};

/* Reads the data. 0, or -1 with `err`: collectd does not answer, or out of
 * memory. */
int page_data_take(struct page_data *d, const struct ctl *c, char *err,
                   size_t err_size);
void page_data_free(struct page_data *d);

/* NaN: unknown. */
double page_data_value(const struct page_data *d, const struct hub_name *hub,
                       enum metric metric);
double page_data_server_value(const struct page_data *d,
                              const struct hub_name *hub, enum metric metric,
                              const char *server);

/* The style of a value by the thresholds in force. */
enum page_style page_data_style(const struct page_data *d,
                                const struct hub_name *hub, enum metric metric,
                                double value);

/* Number of alerts, METRIC_ALERTS_CRITICAL to METRIC_ALERTS_INHIBITED. With
 * status.json only active alerts count for a level; collectd's value includes
 * silenced and inhibited ones. */
double page_data_alerts(const struct page_data *d, const struct hub_name *hub,
                        enum metric metric);

double page_data_score(const struct page_data *d, const struct hub_name *hub);
enum page_style page_data_score_style(double score);

/* The level of a value of METRIC_STATE. */
enum alert_level page_data_state_level(double state);

bool page_data_is_of_hub(const struct alert *a, const struct hub_name *hub);

/* Servers with problems first, then by name; valid until the next call. */
const struct page_server *page_data_servers(const struct page_data *d,
                                            const struct hub_name *hub,
                                            size_t *num);
/* The name of a server state. */
const char *page_data_server_word(int state);

#endif
