/* SPDX-License-Identifier: MIT */
#include "hub/hub_values.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct sink {
  hub_value_fn emit;
  void *arg;
};

static void gauge(const struct sink *out, const char *type,
                  const char *instance, double value) {
  if (isnan(value))
    return;
  const struct hub_value m = {.type = type,
                              .instance = instance,
                              .kind = HUB_VALUE_GAUGE,
                              .gauge = value};
  out->emit(out->arg, &m);
}

static void derive(const struct sink *out, const char *type,
                   const char *instance, int64_t value) {
  const struct hub_value m = {.type = type,
                              .instance = instance,
                              .kind = HUB_VALUE_DERIVE,
                              .derive = {value}};
  out->emit(out->arg, &m);
}

/* User and system time of processes, in us. */
static void cpu_time(const struct sink *out, const char *instance,
                     const int64_t cpu[2]) {
  if (cpu[0] < 0 || cpu[1] < 0)
    return;
  const struct hub_value m = {.type = "ps_cputime",
                              .instance = instance,
                              .kind = HUB_VALUE_DERIVE_PAIR,
                              .derive = {cpu[0], cpu[1]}};
  out->emit(out->arg, &m);
}

/* ---- numbers of the snapshot that are dispatched as they are ---- */

static const struct {
  enum hub_number id;
  enum hub_value_kind kind;
  const char *type;
  const char *instance;
} plain[] = {
    {HUB_UPTIME, HUB_VALUE_GAUGE, "uptime", "hub"},
    {HUB_CLIENTS_MCP, HUB_VALUE_GAUGE, "current_connections", "mcp"},
    {HUB_CLIENTS_EVENTS, HUB_VALUE_GAUGE, "current_connections", "events"},
    {HUB_CAPABILITY_TOOLS, HUB_VALUE_GAUGE, "mcp_capabilities", "tools"},
    {HUB_CAPABILITY_RESOURCES, HUB_VALUE_GAUGE, "mcp_capabilities",
     "resources"},
    {HUB_CAPABILITY_RESOURCE_TEMPLATES, HUB_VALUE_GAUGE, "mcp_capabilities",
     "resource_templates"},
    {HUB_CAPABILITY_PROMPTS, HUB_VALUE_GAUGE, "mcp_capabilities", "prompts"},
    {HUB_WORKSPACES_ACTIVE, HUB_VALUE_GAUGE, "mcp_workspaces", "active"},
    {HUB_WORKSPACES_SHUTTING_DOWN, HUB_VALUE_GAUGE, "mcp_workspaces",
     "shutting_down"},
    {HUB_FILTERING, HUB_VALUE_GAUGE, "bool", "filtering"},
    {HUB_TOOLS_TOTAL, HUB_VALUE_GAUGE, "mcp_tools", "total"},
    {HUB_TOOLS_EXPOSED, HUB_VALUE_GAUGE, "mcp_tools", "exposed"},
    {HUB_TOOLS_FILTERED, HUB_VALUE_GAUGE, "mcp_tools", "filtered"},
    {HUB_CATEGORY_CACHE_SIZE, HUB_VALUE_GAUGE, "objects", "category_cache"},
    {HUB_LLM_CACHE_SIZE, HUB_VALUE_GAUGE, "objects", "llm_cache"},
    {HUB_LLM_CACHE_HITS, HUB_VALUE_DERIVE, "cache_result", "llm_hit"},
    {HUB_LLM_CACHE_MISSES, HUB_VALUE_DERIVE, "cache_result", "llm_miss"},
    {HUB_LLM_CACHE_BYTES, HUB_VALUE_GAUGE, "bytes", "llm_cache"},
    {HUB_LLM_LATENCY_AVERAGE, HUB_VALUE_GAUGE, "latency", "llm_average"},
    {HUB_LLM_LATENCY_P50, HUB_VALUE_GAUGE, "latency", "llm_p50"},
    {HUB_LLM_LATENCY_P95, HUB_VALUE_GAUGE, "latency", "llm_p95"},
    {HUB_LLM_LATENCY_P99, HUB_VALUE_GAUGE, "latency", "llm_p99"},
    {HUB_LLM_CALLS, HUB_VALUE_DERIVE, "total_requests", "llm"},
    {HUB_LLM_SUCCESSES, HUB_VALUE_DERIVE, "total_operations", "llm_success"},
    {HUB_LLM_FAILURES, HUB_VALUE_DERIVE, "total_operations", "llm_failed"},
    {HUB_LLM_TIMEOUTS, HUB_VALUE_DERIVE, "total_operations", "llm_timeout"},
    {HUB_LLM_RETRIES, HUB_VALUE_DERIVE, "total_operations", "llm_retry"},
    {HUB_LLM_FALLBACKS, HUB_VALUE_DERIVE, "total_operations", "llm_fallback"},
    {HUB_QUEUE_LENGTH, HUB_VALUE_GAUGE, "queue_length", "llm"},
    {HUB_QUEUE_PROCESSED, HUB_VALUE_DERIVE, "total_operations",
     "queue_processed"},
    {HUB_BREAKER_STATE, HUB_VALUE_GAUGE, "mcp_breaker_state", ""},
    {HUB_BREAKER_FAILURES, HUB_VALUE_GAUGE, "count", "breaker_failures"},
    {HUB_BREAKER_TRIPS, HUB_VALUE_DERIVE, "total_events", "breaker_trips"},
};

static void emit_plain(const struct sink *out, const double *number) {
  for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
    double x = number[plain[i].id];
    if (plain[i].kind == HUB_VALUE_GAUGE)
      gauge(out, plain[i].type, plain[i].instance, x);
    else if (x < 9e18) /* false for NaN */
      derive(out, plain[i].type, plain[i].instance, (int64_t)x);
  }
}

/* ---- rates: unknown while too little stands behind them ---- */

/* The sum of what is known; NaN when nothing is. */
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

/* A hub that was asked nothing yet says 0: with a count of requests, the rate
 * is unknown below `least` of them; without one, while it is 0. */
static double backed(double rate, double count, double least) {
  if (isnan(count))
    return rate > 0 ? rate : NAN;
  return count >= (least > 1 ? least : 1) ? rate : NAN;
}

/* The hub's own figure, else what its counters say, in percent. */
static double rate_or_share(double rate, double part, double whole) {
  return isnan(rate) && whole > 0 && part <= whole ? part / whole * 100 : rate;
}

static void emit_rates(const struct sink *out, const struct hub_reading *r) {
  const double *n = server_history_snapshot(r->track)->number;
  double min_calls = r->min_calls;
  double calls = hub_llm_calls(n);
  double success =
      rate_or_share(n[HUB_LLM_SUCCESS_RATE], n[HUB_LLM_SUCCESSES], calls);
  gauge(out, "percent", "llm_success", backed(success, calls, min_calls));

  double lookups = n[HUB_LLM_CACHE_HITS] + n[HUB_LLM_CACHE_MISSES];
  double hits =
      rate_or_share(n[HUB_LLM_CACHE_RATE], n[HUB_LLM_CACHE_HITS], lookups);
  gauge(out, "cache_ratio", "llm", backed(hits, lookups, min_calls));
  gauge(out, "cache_ratio", "category",
        backed(n[HUB_CATEGORY_CACHE_RATE], NAN, 1));
  gauge(out, "percent", "filtered",
        backed(n[HUB_FILTER_RATE], n[HUB_TOOLS_TOTAL], 1));
  gauge(out, "percent", "llm_success_recent", r->llm_success_recent);
  gauge(out, "cache_ratio", "llm_recent", r->llm_cache_recent);
}

/* ---- servers ---- */

static void emit_server_sums(const struct sink *out,
                             const struct hub_reading *r) {
  static const char *const instances[SERVER_STATUSES] = {
      [SERVER_CONNECTED] = "connected",
      [SERVER_DISABLED] = "disabled",
      [SERVER_CONNECTING] = "connecting",
      [SERVER_UNAUTHORIZED] = "unauthorized",
      [SERVER_DISCONNECTED] = "disconnected",
      [SERVER_DEAD] = "dead",
      [SERVER_UNKNOWN] = "unknown"};
  const struct server_history_entry *servers = server_history_servers(r->track);
  size_t total = server_history_snapshot(r->track)->servers_num;
  double count[SERVER_STATUSES] = {0};
  for (size_t i = 0; i < total; i++)
    count[servers[i].status]++;
  for (size_t i = 0; i < SERVER_STATUSES; i++)
    gauge(out, "mcp_servers", instances[i], count[i]);
  gauge(out, "mcp_servers", "total", (double)total);

  double wanted = (double)total - count[SERVER_DISABLED];
  double down = count[SERVER_DISCONNECTED] + count[SERVER_DEAD];
  if (wanted > 0)
    gauge(out, "percent", "servers_connected",
          count[SERVER_CONNECTED] / wanted * 100);
  if (r->settled) /* none wanted, none down: an alert must be able to end */
    gauge(out, "percent", "servers_down", wanted > 0 ? down / wanted * 100 : 0);
}

/* The lists of a server that is not connected are empty whatever it has. */
static bool offers_known(const struct server_history_entry *track) {
  return track->status == SERVER_CONNECTED || track->status == SERVER_DEAD ||
         track->status == SERVER_UNKNOWN;
}

static void emit_server(const struct sink *out,
                        const struct server_snapshot *server,
                        const struct server_history_entry *track,
                        const struct server_process *process) {
  static const char *const types[SERVER_CAPABILITIES] = {
      [SERVER_TOOLS] = "mcp_server_tools",
      [SERVER_RESOURCES] = "mcp_server_resources",
      [SERVER_RESOURCE_TEMPLATES] = "mcp_server_resource_templates",
      [SERVER_PROMPTS] = "mcp_server_prompts"};
  char instance[IDENTIFIER_MAX];
  identifier_from_name(server->name, server->name_len, instance);
  if (track->status != SERVER_UNKNOWN)
    gauge(out, "mcp_server_state", instance, (double)track->status);
  gauge(out, "uptime", instance, server->uptime);
  for (size_t i = 0; offers_known(track) && i < SERVER_CAPABILITIES; i++)
    gauge(out, types[i], instance, server->capability[i]);
  derive(out, "mcp_server_restarts", instance, track->restarts);
  derive(out, "transitions", instance, track->transitions);
  if (process != NULL) {
    gauge(out, "ps_rss", instance, process->rss);
    cpu_time(out, instance, process->cpu);
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
  gauge(out, "ps_rss", "hub", p->rss);
  cpu_time(out, "hub", p->cpu);
  gauge(out, "percent", "cpu", p->cpu_percent);
  gauge(out, "percent", "memory", p->memory_percent);
  gauge(out, "threads", "hub", p->threads);
  gauge(out, "file_handles", "hub", p->file_handles);
}

/* ---- log ---- */

/* Without a single entry that tells its level, errors are unknown. */
static double log_errors(const struct log_window_tally *tally) {
  return tally->levelled > 0 ? (double)tally->errors : NAN;
}

static void emit_log(const struct sink *out,
                     const struct log_tail_counts *log) {
  gauge(out, "file_size", "log", log->size >= 0 ? (double)log->size : NAN);
  for (int i = 0; i < LOG_LINE_LEVELS; i++)
    derive(out, "mcp_log_entries", log_line_level_name((enum log_line_level)i),
           log->entries[i]);
  for (int i = LOG_LINE_NO_EVENT + 1; i < LOG_LINE_EVENTS; i++)
    derive(out, "total_events", log_line_event_name((enum log_line_event)i),
           log->events[i]);
  gauge(out, "count", "log_errors_100", log_errors(&log->window.last_100));
  gauge(out, "count", "log_errors_1000", log_errors(&log->window.last_1000));
}

/* ---- all ---- */

void hub_values_emit(const struct hub_reading *r, hub_value_fn emit,
                     void *arg) {
  const struct sink out = {.emit = emit, .arg = arg};
  gauge(&out, "bool", "up", r->up ? 1 : 0);
  gauge(&out, "mcp_hub_state", "", (double)r->state);
  for (int i = HTTP_OK + 1; i < HTTP_ERRORS; i++)
    derive(&out, "errors", http_error_name((enum http_error)i), r->errors[i]);
  gauge(&out, "response_time", "health", r->health_duration);
  gauge(&out, "response_time", "filtering", r->filtering_duration);
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
