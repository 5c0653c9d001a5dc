/* SPDX-License-Identifier: MIT */
#include "ctl/hub_page.h"

#include <math.h>
#include <string.h>

#define LABEL 11        /* columns of the label */
#define SERVERS_MOST 14 /* rows */
#define ALERTS_MOST 8

/* ---- helpers ---- */

static void label(struct page *p, const char *text) {
  page_cell(p, PAGE_FAINT, -LABEL, text);
}

/* Before an item of `columns`: a dot, or a new line. */
static void put_separator(struct page *p, int columns) {
  if (page_column(p) <= LABEL)
    return;
  if (columns + 3 > page_left(p)) {
    page_end_line(p);
    page_move(p, LABEL);
    return;
  }
  page_put(p, PAGE_PLAIN, " ");
  page_symbol(p, PAGE_FAINT, PAGE_BETWEEN);
  page_put(p, PAGE_PLAIN, " ");
}

/* An item: "p95 2.40 s", coloured by its threshold. Prints nothing if
 * unknown. */
static bool put_item(struct page *p, const struct page_data *d,
                     const struct hub_name *hub, enum metric metric,
                     const char *before, const char *after) {
  double value = page_data_value(d, hub, metric);
  char amount[FORMAT_MAX];
  char text[FORMAT_MAX + 64];
  if (isnan(value))
    return false;
  snprintf(text, sizeof(text), "%s%s%s", before,
           metric_format(metric, value, amount), after);
  put_separator(p, page_columns(text));
  page_put(p, page_data_style(d, hub, metric, value), "%s", text);
  return true;
}

/* Ends the line, or prints `nothing` if it is empty. */
static void end_items(struct page *p, const char *nothing) {
  if (page_column(p) <= LABEL)
    page_put(p, PAGE_FAINT, "%s", nothing);
  page_end_line(p);
}

/* ---- head ---- */

static void put_head(struct page *p, const struct page_data *d,
                     const struct hub_name *hub) {
  char word[FORMAT_MAX];
  char when[FORMAT_MAX];
  double state = page_data_value(d, hub, METRIC_STATE);
  enum alert_level level = page_data_state_level(state);
  metric_format(METRIC_STATE, state, word);
  format_moment(d->time, when);
  int right = page_left(p) - page_columns(when);
  page_symbol(p, page_level_style(level), page_level_symbol(level));
  page_put(p, PAGE_PLAIN, " ");
  int room =
      right - page_column(p) - page_columns(word) - page_columns(hub->host) - 8;
  page_cell(p, PAGE_BOLD,
            page_columns(hub->name) < room ? -page_columns(hub->name)
            : room > 8                     ? -room
                                           : -8,
            hub->name);
  page_put(p, page_level_style(level), "  %s", word);
  page_put(p, PAGE_FAINT, " on ");
  room = right - page_column(p) - 1;
  page_cell(p, PAGE_FAINT, -(room > 1 ? room : 1), hub->host);
  page_move(p, right);
  page_put(p, PAGE_FAINT, "%s", when);
  page_end_line(p);
  page_rule(p);
}

/* Extracts ", CPU" from "CPU is unknown". */
static void add_unknown(char *list, size_t size, const char *why) {
  static const char end[] = " is unknown";
  size_t len = strlen(why);
  size_t used = strlen(list);
  if (len >= strlen(end) && strcmp(why + len - strlen(end), end) == 0)
    len -= strlen(end);
  snprintf(list + used, size - used, "%s %.*s",
           used > 0 ? "," : "unknown:", (int)len, why);
}

/* The reasons that took points, then one sentence with the unknown inputs. */
static void put_reasons(struct page *p, const struct health *health) {
  char unknown[HEALTH_REASONS * (HEALTH_WHY_MAX + 2) + 16] = "";
  for (size_t i = 0; i < health->reasons_num; i++) {
    const struct health_reason *r = &health->reasons[i];
    if (!(r->points > 0)) {
      add_unknown(unknown, sizeof(unknown), r->why);
      continue;
    }
    page_move(p, LABEL);
    page_put(p, PAGE_FAINT, "-%-3.0f ", r->points);
    page_wrap(p, PAGE_FAINT, page_column(p), r->why);
    page_end_line(p);
  }
  if (*unknown == '\0')
    return;
  page_move(p, LABEL);
  page_wrap(p, PAGE_FAINT, LABEL, unknown);
  page_end_line(p);
}

static void put_score(struct page *p, const struct page_data *d,
                      const struct hub_name *hub) {
  const struct hub_report *known =
      status_json_find_hub(d->status, hub->host, hub->name);
  double score = page_data_score(d, hub);
  char amount[FORMAT_MAX];
  if (isnan(score))
    return;
  label(p, "Score");
  page_bar(p, page_data_score_style(score), score / 100, 20);
  page_put(p, page_data_score_style(score), " %.0f", score);
  if (known != NULL)
    page_put(p, page_data_score_style(score), " %s",
             health_grade_name(known->health.grade));
  if (known != NULL && !isnan(known->availability_24h)) {
    put_separator(p, 0);
    page_put(p, PAGE_PLAIN, "available %s of 24 h",
             metric_format(METRIC_AVAILABILITY_24H, known->availability_24h,
                           amount));
  }
  page_end_line(p);
  if (known != NULL)
    put_reasons(p, &known->health);
}

static void put_hub(struct page *p, const struct page_data *d,
                    const struct hub_name *hub) {
  label(p, "Hub");
  if (!(page_data_value(d, hub, METRIC_UP) > 0))
    page_put(p, PAGE_BAD, "does not answer");
  put_item(p, d, hub, METRIC_UPTIME, "up ", "");
  put_item(p, d, hub, METRIC_RESPONSE_TIME, "answers in ", "");
  put_item(p, d, hub, METRIC_CLIENTS, "MCP clients ", "");
  end_items(p, "nothing is known");
}

/* ---- servers ---- */

static enum page_style server_style(int state) {
  static const enum page_style styles[PAGE_SERVER_STATES] = {
      PAGE_GOOD, PAGE_FAINT, PAGE_INFO, PAGE_WARN,
      PAGE_WARN, PAGE_BAD,   PAGE_FAINT};
  return styles[state];
}

static enum page_symbol server_symbol(int state) {
  static const enum page_symbol marks[PAGE_SERVER_STATES] = {
      PAGE_DOT,     PAGE_CIRCLE, PAGE_CIRCLE, PAGE_EXCLAIM,
      PAGE_EXCLAIM, PAGE_CROSS,  PAGE_CIRCLE};
  return marks[state];
}

static void server_cell(struct page *p, const struct page_data *d,
                        const struct hub_name *hub, enum metric metric,
                        const char *server, int width) {
  char amount[FORMAT_MAX];
  double value = page_data_server_value(d, hub, metric, server);
  page_cell(p, PAGE_FAINT, width,
            isnan(value) ? "" : metric_format(metric, value, amount));
}

static void put_server(struct page *p, const struct page_data *d,
                       const struct hub_name *hub,
                       const struct page_server *server, int name_width) {
  const char *word = page_data_server_word(server->state);
  page_move(p, LABEL);
  page_symbol(p, server_style(server->state), server_symbol(server->state));
  page_put(p, PAGE_PLAIN, " ");
  page_cell(p, PAGE_PLAIN, -name_width, server->name);
  page_put(p, PAGE_PLAIN, "  ");
  page_cell(p, server->state == 0 ? PAGE_FAINT : server_style(server->state),
            -12, word);
  if (server->state == 0) {
    server_cell(p, d, hub, METRIC_SERVER_UPTIME, server->name, 13);
    server_cell(p, d, hub, METRIC_SERVER_TOOLS, server->name, 7);
    server_cell(p, d, hub, METRIC_SERVER_RSS, server->name, 11);
  }
  page_end_line(p);
}

static void put_server_sums(struct page *p, const struct page_server *list,
                            size_t num) {
  int count[PAGE_SERVER_STATES] = {0};
  for (size_t i = 0; i < num; i++)
    count[list[i].state]++;
  page_put(p, PAGE_PLAIN, "%d of %zu connected", count[0], num);
  for (int state = PAGE_SERVER_UNKNOWN; state > 0; state--) {
    const char *word = page_data_server_word(state);
    if (count[state] == 0)
      continue;
    put_separator(p, page_columns(word) + 6);
    page_put(p, server_style(state), "%d %s", count[state], word);
  }
}

static void put_servers(struct page *p, const struct page_data *d,
                        const struct hub_name *hub) {
  size_t num = 0;
  const struct page_server *list = page_data_servers(d, hub, &num);
  int name_width = 8;
  if (num == 0)
    return;
  page_end_line(p);
  label(p, "Servers");
  put_server_sums(p, list, num);
  page_end_line(p);
  size_t shown = num > SERVERS_MOST ? SERVERS_MOST : num;
  for (size_t i = 0; i < shown; i++)
    if (page_columns(list[i].name) > name_width)
      name_width = page_columns(list[i].name);
  name_width = name_width > 22 ? 22 : name_width;
  page_move(p, LABEL + 2 + name_width + 2 + 12);
  page_cell(p, PAGE_FAINT, 13, "uptime");
  page_cell(p, PAGE_FAINT, 7, "tools");
  if (!isnan(page_data_server_value(d, hub, METRIC_SERVER_RSS,
                                    list[num - 1].name)))
    page_cell(p, PAGE_FAINT, 11, "memory");
  page_end_line(p);
  for (size_t i = 0; i < shown; i++)
    put_server(p, d, hub, &list[i], name_width);
  if (shown < num) {
    page_move(p, LABEL + 2);
    page_put(p, PAGE_FAINT, "and %zu more%s", num - shown,
             list[shown].state == 0 ? ", all connected" : "");
    page_end_line(p);
  }
}

/* ---- LLM, cache, queue, breaker, filtering, process, log ---- */

static void put_llm(struct page *p, const struct page_data *d,
                    const struct hub_name *hub) {
  label(p, "LLM");
  put_item(p, d, hub, METRIC_LLM_SUCCESS, "", " succeed");
  put_item(p, d, hub, METRIC_LLM_SUCCESS_RECENT, "", " of the last 5 min");
  put_item(p, d, hub, METRIC_LATENCY_P50, "p50 ", "");
  put_item(p, d, hub, METRIC_LATENCY_P95, "p95 ", "");
  put_item(p, d, hub, METRIC_LATENCY_P99, "p99 ", "");
  end_items(p, "no calls yet");
}

static void put_cache(struct page *p, const struct page_data *d,
                      const struct hub_name *hub) {
  label(p, "Cache");
  put_item(p, d, hub, METRIC_LLM_CACHE, "", " hits");
  put_item(p, d, hub, METRIC_LLM_CACHE_RECENT, "", " of the last 5 min");
  put_item(p, d, hub, METRIC_LLM_CACHE_ENTRIES, "entries ", "");
  put_item(p, d, hub, METRIC_LLM_CACHE_BYTES, "", "");
  end_items(p, "not used yet");
}

static void put_queue(struct page *p, const struct page_data *d,
                      const struct hub_name *hub) {
  label(p, "Queue");
  put_item(p, d, hub, METRIC_QUEUE, "", " waiting");
  put_item(p, d, hub, METRIC_QUEUE_PROCESSED, "", " done a second");
  end_items(p, "unknown");
  label(p, "Breaker");
  put_item(p, d, hub, METRIC_BREAKER_STATE, "", "");
  put_item(p, d, hub, METRIC_BREAKER_FAILURES, "failures ", "");
  end_items(p, "unknown");
}

/* A hub without tool filtering has no LLM. */
static bool has_filtering(const struct page_data *d,
                          const struct hub_name *hub) {
  return !isnan(page_data_value(d, hub, METRIC_BREAKER_STATE)) ||
         !isnan(page_data_value(d, hub, METRIC_QUEUE)) ||
         !isnan(page_data_value(d, hub, METRIC_LLM_SUCCESS)) ||
         !isnan(page_data_value(d, hub, METRIC_LLM_CACHE_ENTRIES));
}

static void put_process(struct page *p, const struct page_data *d,
                        const struct hub_name *hub) {
  if (!isnan(page_data_value(d, hub, METRIC_RSS))) {
    label(p, "Process");
    put_item(p, d, hub, METRIC_CPU, "CPU ", "");
    put_item(p, d, hub, METRIC_RSS, "memory ", "");
    put_item(p, d, hub, METRIC_MEMORY, "", " of the machine's");
    put_item(p, d, hub, METRIC_THREADS, "threads ", "");
    put_item(p, d, hub, METRIC_FILE_HANDLES, "files ", "");
    end_items(p, "");
  }
  if (!isnan(page_data_value(d, hub, METRIC_LOG_SIZE))) {
    label(p, "Log");
    put_item(p, d, hub, METRIC_LOG_SIZE, "", "");
    put_item(p, d, hub, METRIC_LOG_ERRORS_100, "errors ", " of 100 entries");
    put_item(p, d, hub, METRIC_LOG_ERRORS_1000, "errors ", " of 1000");
    end_items(p, "");
  }
}

/* ---- alerts ---- */

/* Indented below the label. */
static void put_alert(struct page *p, const struct alert *a, double now) {
  char since[FORMAT_MAX];
  bool active = alert_is_active(a);
  enum page_style style = active ? page_level_style(a->level) : PAGE_FAINT;
  page_move(p, LABEL);
  page_symbol(p, style, active ? page_level_symbol(a->level) : PAGE_CIRCLE);
  page_put(p, style, " %s", alert_level_name(a->level));
  page_put(p, PAGE_PLAIN, " %.64s", a->rule_name);
  if (!status_file_says_since(a))
    page_put(p, PAGE_FAINT, " since %s",
             now - a->since < 86400 ? format_clock(a->since, since)
                                    : format_moment(a->since, since));
  if (a->status != STATUS_FIRING)
    page_put(p, PAGE_FAINT, ", %.20s", alert_status_word(a->status));
  page_end_line(p);
  page_move(p, LABEL + 2);
  page_wrap(p, active ? PAGE_PLAIN : PAGE_FAINT, LABEL + 2, a->message);
  page_end_line(p);
  if (a->runbook == NULL || *a->runbook == '\0')
    return;
  page_move(p, LABEL + 2);
  page_wrap(p, PAGE_FAINT, LABEL + 2, a->runbook);
  page_end_line(p);
}

static void put_counts(struct page *p, const struct page_data *d,
                       const struct hub_name *hub) {
  static const enum page_style styles[] = {PAGE_BAD,   PAGE_WARN,  PAGE_INFO,
                                           PAGE_FAINT, PAGE_FAINT, PAGE_FAINT};
  bool known = false;
  for (int i = METRIC_ALERTS_CRITICAL; i <= METRIC_ALERTS_INHIBITED; i++) {
    double count = page_data_alerts(d, hub, (enum metric)i);
    known = known || !isnan(count);
    if (!(count > 0))
      continue;
    put_separator(p, 20);
    page_put(p, styles[i - METRIC_ALERTS_CRITICAL], "%.0f %s", count,
             metric_table[i].instance);
  }
  if (page_column(p) <= LABEL && known) {
    page_symbol(p, PAGE_GOOD, PAGE_DOT);
    page_put(p, PAGE_PLAIN, " none");
  }
  end_items(p, "unknown: mcp_hub_alerts is not loaded or has not seen the hub");
}

static void put_alerts(struct page *p, const struct page_data *d,
                       const struct hub_name *hub) {
  size_t shown = 0;
  size_t more = 0;
  label(p, "Alerts");
  put_counts(p, d, hub);
  for (size_t i = 0; d->status != NULL && i < d->status->alerts_num; i++) {
    if (!page_data_is_of_hub(&d->status->alerts[i], hub))
      continue;
    if (shown++ < ALERTS_MOST)
      put_alert(p, &d->status->alerts[i], d->time);
    else
      more++;
  }
  if (more > 0) {
    page_move(p, LABEL + 2);
    page_put(p, PAGE_FAINT, "and %zu more: mcphubctl check", more);
    page_end_line(p);
  }
}

/* The first line about missing alert data. */
void hub_page_put_missing(struct page *p, const struct page_data *d) {
  if (d->status != NULL && d->status->rules_current)
    return;
  char first[256];
  snprintf(first, sizeof(first), "%.*s", (int)strcspn(d->missing, "\n"),
           d->missing);
  label(p, "");
  page_wrap(p, PAGE_FAINT, LABEL,
            d->status == NULL ? first
                              : "alerts.json was edited and the edit rejected: "
                                "mcphubctl rules check FILE says why");
  page_end_line(p);
}

static void put_page(struct page *p, const struct page_data *d,
                     const struct hub_name *hub) {
  put_head(p, d, hub);
  put_score(p, d, hub);
  put_hub(p, d, hub);
  put_alerts(p, d, hub);
  hub_page_put_missing(p, d);
  bool filtering = has_filtering(d, hub);
  if (filtering || !isnan(page_data_value(d, hub, METRIC_RSS)) ||
      !isnan(page_data_value(d, hub, METRIC_LOG_SIZE)))
    page_end_line(p);
  if (filtering) {
    put_llm(p, d, hub);
    put_cache(p, d, hub);
    put_queue(p, d, hub);
  }
  put_process(p, d, hub);
  put_servers(p, d, hub); /* last: only servers are cut if the page is full */
}

/* ---- all hubs ---- */

static void put_hubs(struct page *p, const struct page_data *d) {
  size_t num = 0;
  const struct hub_name *hubs = collectd_client_hubs(d->values, &num);
  if (num == 1)
    put_page(p, d, hubs);
  else
    hub_table_put(p, d, hubs, num);
}

int hub_page_look(const struct ctl *c, struct page *p, struct json_writer *json,
                  char *err, size_t err_size) {
  struct page_data data;
  if (page_data_take(&data, c, err, err_size) != 0)
    return -1;
  if (p != NULL)
    put_hubs(p, &data);
  else
    hub_json_put(json, &data);
  bool failed = collectd_client_failed(data.values, c, err, err_size);
  page_data_free(&data);
  return failed ? -1 : 0;
}
