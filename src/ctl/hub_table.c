/* SPDX-License-Identifier: MIT */
/* hub_table.c - one line per hub. */
#include "ctl/hub_page.h"

#include <math.h>
#include <string.h>

static void table_cell(struct page *p, const struct page_data *d,
                       const struct hub_name *hub, enum metric metric,
                       int width) {
  char amount[FORMAT_MAX];
  double value = page_data_value(d, hub, metric);
  if (isnan(value))
    page_cell(p, PAGE_FAINT, width, "");
  else
    page_cell(p, page_data_style(d, hub, metric, value), width,
              metric_format(metric, value, amount));
}

static void table_servers(struct page *p, const struct page_data *d,
                          const struct hub_name *hub) {
  double down = page_data_value(d, hub, METRIC_SERVERS_DISCONNECTED) +
                page_data_value(d, hub, METRIC_SERVERS_DEAD);
  double total = page_data_value(d, hub, METRIC_SERVERS_TOTAL);
  char text[FORMAT_MAX] = "";
  if (!isnan(total))
    snprintf(text, sizeof(text), "%.0f/%.0f",
             page_data_value(d, hub, METRIC_SERVERS_CONNECTED), total);
  page_cell(p, down > 0 ? PAGE_WARN : PAGE_PLAIN, 8, text);
}

static void table_alerts(struct page *p, const struct page_data *d,
                         const struct hub_name *hub) {
  double critical = page_data_alerts(d, hub, METRIC_ALERTS_CRITICAL);
  double warning = page_data_alerts(d, hub, METRIC_ALERTS_WARNING);
  char text[FORMAT_MAX] = "";
  if (critical + warning > 0)
    snprintf(text, sizeof(text), "%.0f", critical + warning);
  page_cell(p, critical > 0 ? PAGE_BAD : PAGE_WARN, 7, text);
}

static void table_row(struct page *p, const struct page_data *d,
                      const struct hub_name *hub, int name, int host) {
  double state = page_data_value(d, hub, METRIC_STATE);
  double score = page_data_score(d, hub);
  enum alert_level level = page_data_state_level(state);
  char text[FORMAT_MAX] = "";
  page_symbol(p, page_level_style(level), page_level_symbol(level));
  page_put(p, PAGE_PLAIN, " ");
  page_cell(p, PAGE_BOLD, -name, hub->name);
  page_put(p, PAGE_PLAIN, "  ");
  page_cell(p, PAGE_FAINT, -host, hub->host);
  page_put(p, PAGE_PLAIN, "  ");
  page_cell(p, level == ALERT_OK ? PAGE_PLAIN : page_level_style(level), -11,
            metric_format(METRIC_STATE, state, text));
  *text = '\0';
  if (!isnan(score))
    snprintf(text, sizeof(text), "%.0f", score);
  page_cell(p, page_data_score_style(score), 5, text);
  table_servers(p, d, hub);
  table_cell(p, d, hub, METRIC_LLM_SUCCESS, 8);
  table_cell(p, d, hub, METRIC_LATENCY_P95, 8);
  table_alerts(p, d, hub);
  page_end_line(p);
}

static bool in_trouble(const struct page_data *d, const struct hub_name *hub) {
  return page_data_state_level(page_data_value(d, hub, METRIC_STATE)) !=
             ALERT_OK ||
         page_data_alerts(d, hub, METRIC_ALERTS_CRITICAL) +
                 page_data_alerts(d, hub, METRIC_ALERTS_WARNING) >
             0;
}

static int widest(int width, const char *text, int most) {
  int columns = page_columns(text);
  columns = columns > most ? most : columns;
  return columns > width ? columns : width;
}

void hub_table_put(struct page *p, const struct page_data *d,
                   const struct hub_name *hubs, size_t num) {
  char when[FORMAT_MAX];
  int name = 3;
  int host = 4;
  for (size_t i = 0; i < num; i++) {
    name = widest(name, hubs[i].name, 15);
    host = widest(host, hubs[i].host, 12);
  }
  format_moment(d->time, when);
  page_put(p, PAGE_BOLD, "%zu hubs ", num);
  page_move(p, page_left(p) + page_column(p) - page_columns(when));
  page_put(p, PAGE_FAINT, "%s", when);
  page_end_line(p);
  page_rule(p);
  page_move(p, 2);
  page_cell(p, PAGE_FAINT, -name - 2, "hub");
  page_cell(p, PAGE_FAINT, -host - 2, "host");
  page_cell(p, PAGE_FAINT, -11, "state");
  page_cell(p, PAGE_FAINT, 5, "score");
  page_cell(p, PAGE_FAINT, 8, "servers");
  page_cell(p, PAGE_FAINT, 8, "LLM");
  page_cell(p, PAGE_FAINT, 8, "p95");
  page_cell(p, PAGE_FAINT, 7, "alerts");
  page_end_line(p);
  for (int trouble = 1; trouble >= 0; trouble--)
    for (size_t i = 0; i < num; i++)
      if (in_trouble(d, &hubs[i]) == (trouble > 0))
        table_row(p, d, &hubs[i], name, host);
  page_end_line(p);
  page_put(p, PAGE_FAINT, "One of them in full: mcphubctl --hub NAME status");
  page_end_line(p);
  hub_page_put_missing(p, d);
}
