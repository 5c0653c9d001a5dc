/* SPDX-License-Identifier: MIT */
/* page_data.h - what pages show: the values of a running collectd, status.json
 * and the thresholds in force, all of one moment. */
#ifndef CTL_PAGE_DATA_H
#define CTL_PAGE_DATA_H

#include "ctl/collectd_client.h"
#include "ctl/page.h"
#include "ctl/status_file.h"
#include "metrics/metric.h"

#define PAGE_SERVER_UNKNOWN 6 /* state of a server that is not known */
#define PAGE_SERVER_STATES 7

struct page_server {
  const char *name;
  int state; /* of mcp_server_state, or PAGE_SERVER_UNKNOWN */
};

struct page_data {
  struct collectd_client *values;
  struct status_json *status; /* NULL: `missing` says why */
  struct ruleset *rules;      /* see status_json_rules() */
  char missing[CTL_ERROR_MAX];
  double time;                 /* epoch seconds */
  struct page_server *servers; /* room for those of any hub */
};

/* -1 with `err`: collectd does not answer, or no memory. */
int page_data_take(struct page_data *d, const struct ctl *c, char *err,
                   size_t err_size);
void page_data_free(struct page_data *d);

/* NaN: unknown. */
double page_data_value(const struct page_data *d, const struct hub_name *hub,
                       enum metric metric);
double page_data_server_value(const struct page_data *d,
                              const struct hub_name *hub, enum metric metric,
                              const char *server);

/* How a value looks by the thresholds in force. */
enum page_style page_data_style(const struct page_data *d,
                                const struct hub_name *hub, enum metric metric,
                                double value);

/* Of METRIC_ALERTS_CRITICAL to METRIC_ALERTS_INHIBITED: with status.json those
 * of a level that are active. collectd's own value of a level counts those that
 * are silenced or inhibited, too. */
double page_data_alerts(const struct page_data *d, const struct hub_name *hub,
                        enum metric metric);

double page_data_score(const struct page_data *d, const struct hub_name *hub);
enum page_style page_data_score_style(double score);

/* How bad a value of METRIC_STATE is. */
enum alert_level page_data_state_level(double state);

bool page_data_is_of_hub(const struct alert *a, const struct hub_name *hub);

/* Those in trouble first, then by name; until the next call. */
const struct page_server *page_data_servers(const struct page_data *d,
                                            const struct hub_name *hub,
                                            size_t *num);
/* The word of a server's state. */
const char *page_data_server_word(int state);

#endif
