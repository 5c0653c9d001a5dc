/* SPDX-License-Identifier: MIT */
#include "hub/hub_values.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Checks that rows of the metric table have the order of another enum. */
#define SAME_ORDER(first, last, from, to)                                      \
  _Static_assert((int)(last) - (int)(first) == (int)(to) - (int)(from), "")
SAME_ORDER(METRIC_ERRORS_CONNECT, METRIC_ERRORS_OVERSIZE, HTTP_CONNECT,
           HTTP_OVERSIZE);
SAME_ORDER(METRIC_SERVERS_CONNECTED, METRIC_SERVERS_UNKNOWN, SERVER_CONNECTED,
           SERVER_UNKNOWN);
SAME_ORDER(METRIC_SERVER_TOOLS, METRIC_SERVER_PROMPTS, SERVER_TOOLS,
           SERVER_PROMPTS);
SAME_ORDER(METRIC_LOG_ENTRIES_ERROR, METRIC_LOG_ENTRIES_OTHER, LOG_LINE_ERROR,
           LOG_LINE_OTHER);
SAME_ORDER(METRIC_EVENTS_CONNECT, METRIC_EVENTS_LLM_ERROR, LOG_LINE_CONNECT,
           LOG_LINE_LLM_ERROR);

struct sink {
  hub_value_fn emit;
  void *arg;
};

/* `server`: type instance of a value per server; else NULL. */
static struct hub_value value_of(enum metric metric, const char *server) {
  const struct metric_row *row = &metric_table[metric];
  return (struct hub_value){.type = row->type,
                            .instance = server != NULL ? server : row->instance,
                            .kind = row->kind};
}

static void server_gauge(const struct sink *out, enum metric metric,
                         const char *server, double value) {
  if (isnan(value))
    return;
  struct hub_value m = value_of(metric, server);
  m.gauge = value;
  out->emit(out->arg, &m);
}

static void server_derive(const struct sink *out, enum metric metric,
                          const char *server, int64_t value) {
  struct hub_value m = value_of(metric, server);
  m.derive[0] = value;
  out->emit(out->arg, &m);
}

/* User and system time in us. */
static void cpu_time(const struct sink *out, enum metric metric,
                     const char *server, const int64_t cpu[2]) {
  if (cpu[0] < 0 || cpu[1] < 0)
    return;
  struct hub_value m = value_of(metric, server);
  m.derive[0] = cpu[0];
  m.derive[1] = cpu[1];
  out->emit(out->arg, &m);
}

static void gauge(const struct sink *out, enum metric metric, double value) {
  server_gauge(out, metric, NULL, value);
}

static void derive(const struct sink *out, enum metric metric, int64_t value) {
  server_derive(out, metric, NULL, value);
}

/* ---- numbers dispatched unchanged ---- */

static const struct {
  enum hub_number number;
  enum metric metric;
} plain[] = {
    {HUB_UPTIME, METRIC_UPTIME},
    {HUB_CLIENTS_MCP, METRIC_CLIENTS},
    {HUB_CLIENTS_EVENTS, METRIC_EVENT_CLIENTS},
    {HUB_CAPABILITY_TOOLS, METRIC_TOOLS_REGISTERED},
    {HUB_CAPABILITY_RESOURCES, METRIC_RESOURCES_REGISTERED},
    {HUB_CAPABILITY_RESOURCE_TEMPLATES, METRIC_RESOURCE_TEMPLATES_REGISTERED},
    {HUB_CAPABILITY_PROMPTS, METRIC_PROMPTS_REGISTERED},
    {HUB_WORKSPACES_ACTIVE, METRIC_WORKSPACES_ACTIVE},
    {HUB_WORKSPACES_SHUTTING_DOWN, METRIC_WORKSPACES_SHUTTING_DOWN},
    {HUB_FILTERING, METRIC_FILTERING},
    {HUB_TOOLS_TOTAL, METRIC_TOOLS_TOTAL},
    {HUB_TOOLS_EXPOSED, METRIC_TOOLS_EXPOSED},
    {HUB_TOOLS_FILTERED, METRIC_TOOLS_FILTERED},
    {HUB_CATEGORY_CACHE_SIZE, METRIC_CATEGORY_CACHE_ENTRIES},
    {HUB_LLM_CACHE_SIZE, METRIC_LLM_CACHE_ENTRIES},
    {HUB_LLM_CACHE_HITS, METRIC_LLM_CACHE_HITS},
    {HUB_LLM_CACHE_MISSES, METRIC_LLM_CACHE_MISSES},
    {HUB_LLM_CACHE_BYTES, METRIC_LLM_CACHE_BYTES},
    {HUB_LLM_LATENCY_AVERAGE, METRIC_LATENCY_AVERAGE},
    {HUB_LLM_LATENCY_P50, METRIC_LATENCY_P50},
    {HUB_LLM_LATENCY_P95, METRIC_LATENCY_P95},
    {HUB_LLM_LATENCY_P99, METRIC_LATENCY_P99},
    {HUB_LLM_CALLS, METRIC_LLM_CALLS},
    {HUB_LLM_SUCCESSES, METRIC_LLM_SUCCESSES},
    {HUB_LLM_FAILURES, METRIC_LLM_FAILURES},
    {HUB_LLM_TIMEOUTS, METRIC_LLM_TIMEOUTS},
    {HUB_LLM_RETRIES, METRIC_LLM_RETRIES},
    {HUB_LLM_FALLBACKS, METRIC_LLM_FALLBACKS},
    {HUB_QUEUE_LENGTH, METRIC_QUEUE},
    {HUB_QUEUE_PROCESSED, METRIC_QUEUE_PROCESSED},
    {HUB_BREAKER_STATE, METRIC_BREAKER_STATE},
    {HUB_BREAKER_FAILURES, METRIC_BREAKER_FAILURES},
    {HUB_BREAKER_TRIPS, METRIC_BREAKER_TRIPS},
};

static void emit_plain(const struct sink *out, const double *number) {
  for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
    double x = number[plain[i].number];
    if (metric_table[plain[i].metric].kind == METRIC_KIND_GAUGE)
      gauge(out, plain[i].metric, x);
    else if (x < 9e18) /* false for NaN */
      derive(out, plain[i].metric, (int64_t)x);
  }
}

/* ---- rates, unknown with too few samples ---- */

/* Sum of the known numbers; NaN if both are unknown. */
static double known_sum(double a, double b) {
  if (isnan(a) || isnan(b))
    return isnan(a) ? b : a;
  return a + b;
}

double hub_llm_calls(const double n[HUB_NUMBERS]) {
  return isnan(n[HUB_LLM_CALLS])
             ? known_sum(n[HUB_LLM_SUCCESSES], n[HUB_LLM_FAILURES])
             : n[HUB_LLM_CALLS];
}

/* A hub reports rate 0 before its first request. With a `count` the rate is
 * unknown below `least` requests; without one it is unknown at 0. */
static double known_rate(double rate, double count, double least) {
  if (isnan(count))
    return rate > 0 ? rate : NAN;
  return count >= (least > 1 ? least : 1) ? rate : NAN;
}

/* The hub's rate, else the ratio of its counters, in percent. */
static double rate_or_share(double rate, double part, double whole) {
  return isnan(rate) && whole > 0 && part <= whole ? part / whole * 100 : rate;
}

static void emit_rates(const struct sink *out, const struct hub_reading *r) {
  const double *n = server_history_snapshot(r->track)->number;
  double min_calls = r->min_calls;
  double calls = hub_llm_calls(n);
  double success =
      rate_or_share(n[HUB_LLM_SUCCESS_RATE], n[HUB_LLM_SUCCESSES], calls);
  gauge(out, METRIC_LLM_SUCCESS, known_rate(success, calls, min_calls));

  double lookups = n[HUB_LLM_CACHE_HITS] + n[HUB_LLM_CACHE_MISSES];
  double hits =
      rate_or_share(n[HUB_LLM_CACHE_RATE], n[HUB_LLM_CACHE_HITS], lookups);
  gauge(out, METRIC_LLM_CACHE, known_rate(hits, lookups, min_calls));
  gauge(out, METRIC_CATEGORY_CACHE,
        known_rate(n[HUB_CATEGORY_CACHE_RATE], NAN, 1));
  gauge(out, METRIC_TOOLS_FILTERED_SHARE,
        known_rate(n[HUB_FILTER_RATE], n[HUB_TOOLS_TOTAL], 1));
  gauge(out, METRIC_LLM_SUCCESS_RECENT, r->llm_success_recent);
  gauge(out, METRIC_LLM_CACHE_RECENT, r->llm_cache_recent);
}

/* ---- servers ---- */

static void emit_server_sums(const struct sink *out,
                             const struct hub_reading *r) {
  const struct server_history_entry *servers = server_history_servers(r->track);
  size_t total = server_history_snapshot(r->track)->servers_num;
  double count[SERVER_STATUSES] = {0};
  for (size_t i = 0; i < total; i++)
    count[servers[i].status]++;
  for (size_t i = 0; i < SERVER_STATUSES; i++)
    gauge(out, METRIC_SERVERS_CONNECTED + i, count[i]);
  gauge(out, METRIC_SERVERS_TOTAL, (double)total);

  double wanted = (double)total - count[SERVER_DISABLED];
  double down = count[SERVER_DISCONNECTED] + count[SERVER_DEAD];
  if (wanted > 0)
    gauge(out, METRIC_SERVERS_CONNECTED_SHARE,
          count[SERVER_CONNECTED] / wanted * 100);
  if (r->settled) /* with no enabled server 0, so that an alert can resolve */
    gauge(out, METRIC_SERVERS_DOWN_SHARE, wanted > 0 ? down / wanted * 100 : 0);
}

/* A server that is not connected reports empty lists. */
static bool offers_known(const struct server_history_entry *entry) {
  return entry->status == SERVER_CONNECTED || entry->status == SERVER_DEAD ||
         entry->status == SERVER_UNKNOWN;
}

static void emit_server(const struct sink *out,
                        const struct server_snapshot *server,
                        const struct server_history_entry *entry,
                        const struct server_process *process) {
  char instance[IDENTIFIER_MAX];
  identifier_from_name(server->name, server->name_len, instance);
  if (entry->status != SERVER_UNKNOWN)
    server_gauge(out, METRIC_SERVER_STATE, instance, (double)entry->status);
  server_gauge(out, METRIC_SERVER_UPTIME, instance, server->uptime);
  for (size_t i = 0; offers_known(entry) && i < SERVER_CAPABILITIES; i++)
    server_gauge(out, METRIC_SERVER_TOOLS + i, instance, server->capability[i]);
  server_derive(out, METRIC_SERVER_RESTARTS, instance, entry->restarts);
  server_derive(out, METRIC_SERVER_TRANSITIONS, instance, entry->transitions);
  if (process != NULL) {
    server_gauge(out, METRIC_SERVER_RSS, instance, process->rss);
    cpu_time(out, METRIC_SERVER_CPU_TIME, instance, process->cpu);
  }
}

static bool is_selected(const struct hub_reading *r, size_t i) {
  const struct server_snapshot *server =
      &server_history_snapshot(r->track)->servers[i];
  return server->name != NULL &&
         !server_history_servers(r->track)[i].duplicate &&
         server_selection_has(r->selection, server->name, server->name_len);
}

size_t hub_values_servers_selected(const struct hub_reading *r) {
  size_t num = 0;
  for (size_t i = 0; i < server_history_snapshot(r->track)->servers_num; i++)
    num += is_selected(r, i);
  return num;
}

static void emit_servers(const struct sink *out, const struct hub_reading *r) {
  const struct hub_snapshot *s = server_history_snapshot(r->track);
  if (!s->servers_known)
    return;
  emit_server_sums(out, r);
  size_t left = r->max_servers;
  for (size_t i = 0; i < s->servers_num && left > 0; i++) {
    if (!is_selected(r, i))
      continue;
    emit_server(out, &s->servers[i], &server_history_servers(r->track)[i],
                r->local != NULL ? hub_processes_server(r->local, i) : NULL);
    left--;
  }
}

/* ---- process ---- */

static void emit_process(const struct sink *out,
                         const struct hub_process_figures *p) {
  gauge(out, METRIC_RSS, p->rss);
  cpu_time(out, METRIC_CPU_TIME, NULL, p->cpu);
  gauge(out, METRIC_CPU, p->cpu_percent);
  gauge(out, METRIC_MEMORY, p->memory_percent);
  gauge(out, METRIC_THREADS, p->threads);
  gauge(out, METRIC_FILE_HANDLES, p->file_handles);
}

/* ---- log ---- */

/* The number of errors is unknown if no entry has a level. */
static double log_errors(const struct log_window_tally *tally) {
  return tally->levelled > 0 ? (double)tally->errors : NAN;
}

static void emit_log(const struct sink *out,
                     const struct log_tail_counts *log) {
  gauge(out, METRIC_LOG_SIZE, log->size >= 0 ? (double)log->size : NAN);
  for (int i = 0; i < LOG_LINE_LEVELS; i++)
    derive(out, METRIC_LOG_ENTRIES_ERROR + i, log->entries[i]);
  for (int i = LOG_LINE_NO_EVENT + 1; i < LOG_LINE_EVENTS; i++)
    derive(out, METRIC_EVENTS_CONNECT + i - LOG_LINE_CONNECT, log->events[i]);
  gauge(out, METRIC_LOG_ERRORS_100, log_errors(&log->window.last_100));
  gauge(out, METRIC_LOG_ERRORS_1000, log_errors(&log->window.last_1000));
}

/* ---- all values ---- */

void hub_values_emit(const struct hub_reading *r, hub_value_fn emit,
                     void *arg) {
  const struct sink out = {.emit = emit, .arg = arg};
  gauge(&out, METRIC_UP, r->up ? 1 : 0);
  gauge(&out, METRIC_STATE, (double)r->state);
  for (int i = HTTP_OK + 1; i < HTTP_ERRORS; i++)
    derive(&out, METRIC_ERRORS_CONNECT + i - HTTP_CONNECT, r->errors[i]);
  gauge(&out, METRIC_RESPONSE_TIME, r->health_duration);
  gauge(&out, METRIC_FILTERING_TIME, r->filtering_duration);
  if (r->log != NULL)
    emit_log(&out, r->log);
  if (!r->up)
    return;
  emit_plain(&out, server_history_snapshot(r->track)->number);
  emit_rates(&out, r);
  emit_servers(&out, r);
  if (r->local != NULL && hub_processes_hub(r->local) != NULL)
    emit_process(&out, hub_processes_hub(r->local));
}
