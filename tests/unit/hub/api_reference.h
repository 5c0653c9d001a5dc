/* SPDX-License-Identifier: MIT */
/* api_reference.h - what the API parser must give, by json-c's tree of the
 * whole body. The texts of a reference snapshot are the tree's. */
#ifndef API_REFERENCE_H
#define API_REFERENCE_H

#include "hub/api_parser.h"
#include "json_reference.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>

/* ---- the parser's own answer ---- */

/* In pieces of `piece` bytes, each in memory of its own so that a sanitizer
 * sees a byte read too far. True: *s is filled; else `error` says why not. */
static inline bool api_parse(enum api_answer answer, const char *text,
                             size_t len, size_t piece, struct hub_snapshot *s,
                             char error[96], bool *oversize) {
  struct api_parser *p = api_parser_create(answer);
  int status = p != NULL ? 0 : -1;
  for (size_t i = 0; i < len && status == 0; i += piece) {
    size_t n = len - i < piece ? len - i : piece;
    char *copy = malloc(n);
    if (copy == NULL)
      abort();
    memcpy(copy, text + i, n);
    status = api_parser_feed(p, copy, n);
    free(copy);
  }
  if (status == 0)
    status = api_parser_finish(p, s);
  snprintf(error, 96, "%s", api_parser_error(p));
  *oversize = api_parser_is_oversize(p);
  api_parser_destroy(p);
  return status == 0;
}

/* ---- one value each ---- */

typedef double reference_reader(json_object *o);

/* The member at a dotted path, or NULL. */
static inline json_object *reference_member(json_object *o, const char *path) {
  char key[64];
  while (o != NULL && *path != '\0') {
    size_t len = strcspn(path, ".");
    if (!json_object_is_type(o, json_type_object))
      return NULL;
    snprintf(key, sizeof(key), "%.*s", (int)len, path);
    json_object *next = NULL;
    json_object_object_get_ex(o, key, &next);
    o = next;
    path += len + (path[len] == '.');
  }
  return o;
}

/* The text of a string without NUL bytes inside, or NULL. */
static inline const char *reference_text(json_object *o) {
  if (!json_object_is_type(o, json_type_string))
    return NULL;
  const char *text = json_object_get_string(o);
  return strlen(text) == (size_t)json_object_get_string_len(o) ? text : NULL;
}

static inline bool reference_is(json_object *o, const char *text) {
  const char *given = reference_text(o);
  return given != NULL && strcmp(given, text) == 0;
}

static inline double reference_known(double x) {
  return isfinite(x) && x >= 0 ? x : NAN;
}

static inline double reference_plain(json_object *o) {
  bool number = json_object_is_type(o, json_type_int) ||
                json_object_is_type(o, json_type_double);
  return number ? reference_known(json_object_get_double(o)) : NAN;
}

static inline double reference_count(json_object *o) {
  return json_object_is_type(o, json_type_array)
             ? (double)json_object_array_length(o)
             : reference_plain(o);
}

/* A number or the text of one with `unit` behind it. */
static inline double reference_with_unit(json_object *o, const char *unit) {
  const char *text = reference_text(o);
  char *end = NULL;
  if (text == NULL)
    return *unit == '\0' ? reference_plain(o) : NAN;
  if (strspn(text, "0123456789.") == 0 || strncasecmp(text, "0x", 2) == 0)
    return NAN;
  double x = strtod(text, &end);
  return end != text && strcmp(end, unit) == 0 ? reference_known(x) : NAN;
}

static inline double reference_amount(json_object *o) {
  return reference_with_unit(o, "");
}

static inline double reference_rate(json_object *o) {
  double fraction = reference_with_unit(o, "");
  double percent = reference_with_unit(o, "%");
  if (fraction <= 1)
    return fraction * 100;
  return percent <= 100 ? percent : NAN;
}

static inline double reference_latency(json_object *o) {
  double x = reference_amount(o);
  return x > 0 ? x / 1000 : NAN;
}

static inline double reference_mebibytes(json_object *o) {
  return reference_known(reference_amount(o) * 1048576);
}

static inline double reference_truth(json_object *o) {
  if (!json_object_is_type(o, json_type_boolean))
    return NAN;
  return json_object_get_boolean(o) ? 1 : 0;
}

static inline double reference_breaker(json_object *o) {
  return reference_is(o, "closed")      ? 0
         : reference_is(o, "half-open") ? 1
         : reference_is(o, "open")      ? 2
                                        : NAN;
}

/* In the one form that hubs write. */
static inline double reference_time(json_object *o) {
  static const char form[] = "dddd-dd-ddTdd:dd:dd";
  const char *text = reference_text(o);
  size_t len = sizeof(form) - 1;
  if (text == NULL || strlen(text) <= len)
    return NAN;
  for (size_t i = 0; i < len; i++)
    if (form[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
      return NAN;
  struct tm tm = {.tm_year = atoi(text) - 1900,
                  .tm_mon = atoi(text + 5) - 1,
                  .tm_mday = atoi(text + 8),
                  .tm_hour = atoi(text + 11),
                  .tm_min = atoi(text + 14),
                  .tm_sec = atoi(text + 17)};
  if (tm.tm_mon < 0 || tm.tm_mon > 11 || tm.tm_mday < 1 || tm.tm_mday > 31 ||
      tm.tm_hour > 23 || tm.tm_min > 59 || tm.tm_sec > 60)
    return NAN;
  const char *rest = text + len;
  char fraction[512] = "0";
  if (*rest == '.') {
    size_t digits = strspn(rest + 1, "0123456789");
    snprintf(fraction, sizeof(fraction), "0.%.*s0",
             digits < 500 ? (int)digits : 500, rest + 1);
    rest += 1 + digits;
  }
  return strcmp(rest, "Z") == 0 ? (double)timegm(&tm) + atof(fraction) : NAN;
}

/* ---- documents ---- */

static inline void reference_server(struct server_snapshot *server,
                                    json_object *o) {
  static const char *const states[] = {"connected", "disabled", "connecting",
                                       "unauthorized", "disconnected"};
  json_object *name = reference_member(o, "name");
  json_object *status = reference_member(o, "status");
  server->status = SERVER_UNKNOWN;
  for (int i = 0; i < 5; i++)
    if (reference_is(status, states[i]))
      server->status = (enum server_status)i;
  if (server->status == SERVER_UNKNOWN)
    server->status_text =
        reference_text(status) != NULL ? reference_text(status) : "";
  server->is_stdio =
      reference_is(reference_member(o, "transportType"), "stdio");
  server->config_source = reference_text(reference_member(o, "config_source"));
  server->uptime = reference_plain(reference_member(o, "uptime"));
  server->last_started = reference_time(reference_member(o, "lastStarted"));
  server->capability[SERVER_TOOLS] =
      reference_count(reference_member(o, "capabilities.tools"));
  server->capability[SERVER_RESOURCES] =
      reference_count(reference_member(o, "capabilities.resources"));
  server->capability[SERVER_RESOURCE_TEMPLATES] =
      reference_count(reference_member(o, "capabilities.resourceTemplates"));
  server->capability[SERVER_PROMPTS] =
      reference_count(reference_member(o, "capabilities.prompts"));
  if (json_object_is_type(name, json_type_string)) {
    server->name = json_object_get_string(name);
    server->name_len = (size_t)json_object_get_string_len(name);
  }
}

static inline int reference_order(const void *a, const void *b) {
  const struct server_snapshot *x = a, *y = b;
  int order = server_snapshot_compare(x, y);
  return order != 0 ? order : (x->place > y->place) - (x->place < y->place);
}

static inline void reference_servers(struct hub_snapshot *s,
                                     json_object *list) {
  s->servers_known = list != NULL;
  s->servers_num = list != NULL ? json_object_array_length(list) : 0;
  if (s->servers_num == 0)
    return;
  s->servers = calloc(s->servers_num, sizeof(*s->servers));
  for (size_t i = 0; i < s->servers_num; i++) {
    s->servers[i].place = i;
    reference_server(&s->servers[i], json_object_array_get_idx(list, i));
  }
  qsort(s->servers, s->servers_num, sizeof(*s->servers), reference_order);
}

static inline int reference_whole(json_object *o, int most) {
  double x = reference_plain(o);
  return x >= 1 && x <= most && floor(x) == x ? (int)x : 0;
}

static inline void reference_self(struct hub_snapshot *s, json_object *o) {
  json_object *files = reference_member(o, "config_files");
  s->self.pid = reference_whole(reference_member(o, "pid"), INT_MAX);
  s->self.port = reference_whole(reference_member(o, "port"), 65535);
  s->self.start = reference_time(reference_member(o, "startTime"));
  s->self.cwd = reference_text(reference_member(o, "cwd"));
  s->number[HUB_UPTIME] = reference_known(s->timestamp - s->self.start);
  if (!json_object_is_type(files, json_type_array))
    return;
  size_t num = json_object_array_length(files);
  s->self.config_files = calloc(num + 1, sizeof(*s->self.config_files));
  for (size_t i = 0; i < num; i++) {
    const char *text = reference_text(json_object_array_get_idx(files, i));
    if (text != NULL)
      s->self.config_files[s->self.config_files_num++] = text;
  }
}

static inline void reference_workspaces(struct hub_snapshot *s,
                                        json_object *all, json_object *name) {
  const char *current = reference_text(name);
  if (!json_object_is_type(all, json_type_object))
    return;
  s->number[HUB_WORKSPACES_ACTIVE] = s->number[HUB_WORKSPACES_SHUTTING_DOWN] =
      0;
  json_object_object_foreach(all, key, workspace) {
    json_object *state = reference_member(workspace, "state");
    if (strstr(key, REFERENCE_MARK_UTF8) != NULL)
      continue;
    s->number[HUB_WORKSPACES_ACTIVE] += reference_is(state, "active");
    s->number[HUB_WORKSPACES_SHUTTING_DOWN] +=
        reference_is(state, "shutting_down");
    if (current != NULL && strcmp(key, current) == 0)
      reference_self(s, workspace);
  }
}

#define ROW(id, how, ...)                                                      \
  {                                                                            \
    id, reference_##how, { __VA_ARGS__ }                                       \
  }

struct reference_row {
  enum hub_number id;
  reference_reader *read;
  const char *path[3];
};

static inline void reference_numbers(struct hub_snapshot *s, json_object *root,
                                     const struct reference_row *row) {
  for (; row->read != NULL; row++) {
    s->number[row->id] = NAN;
    for (size_t i = 3; i-- > 0;) {
      double x = row->path[i] != NULL
                     ? row->read(reference_member(root, row->path[i]))
                     : NAN;
      if (!isnan(x))
        s->number[row->id] = x;
    }
  }
}

static inline const char *reference_health(struct hub_snapshot *s,
                                           json_object *root) {
  static const struct reference_row rows[] = {
      ROW(HUB_CLIENTS_MCP, plain, "mcpEndpoint.activeClients"),
      ROW(HUB_CLIENTS_EVENTS, plain, "activeClients"),
      ROW(HUB_CAPABILITY_TOOLS, plain,
          "mcpEndpoint.registeredCapabilities.tools"),
      ROW(HUB_CAPABILITY_RESOURCES, plain,
          "mcpEndpoint.registeredCapabilities.resources"),
      ROW(HUB_CAPABILITY_RESOURCE_TEMPLATES, plain,
          "mcpEndpoint.registeredCapabilities.resourceTemplates"),
      ROW(HUB_CAPABILITY_PROMPTS, plain,
          "mcpEndpoint.registeredCapabilities.prompts"),
      {.read = NULL}};
  static const char *const states[] = {"ready",      "restarted", "starting",
                                       "restarting", "stopping",  "stopped",
                                       "error"};
  json_object *state = reference_member(root, "state");
  json_object *servers = reference_member(root, "servers");
  bool is_list = json_object_is_type(servers, json_type_array);
  if (reference_text(state) == NULL && !is_list)
    return "expected a hub's health, with \"state\" or \"servers\"";
  if (servers != NULL && !is_list)
    return "servers: expected an array";
  for (int i = 0; i < 7; i++)
    if (reference_is(state, states[i]))
      s->state = (enum hub_state)i;
  s->timestamp = reference_time(reference_member(root, "timestamp"));
  reference_numbers(s, root, rows);
  reference_servers(s, servers);
  reference_workspaces(s, reference_member(root, "workspaces.allActive"),
                       reference_member(root, "workspaces.current"));
  return NULL;
}

static inline const char *reference_filtering(struct hub_snapshot *s,
                                              json_object *root) {
  static const struct reference_row rows[] = {
      ROW(HUB_FILTERING, truth, "enabled"),
      ROW(HUB_TOOLS_TOTAL, amount, "totalTools"),
      ROW(HUB_TOOLS_EXPOSED, amount, "exposedTools"),
      ROW(HUB_TOOLS_FILTERED, amount, "filteredTools"),
      ROW(HUB_FILTER_RATE, rate, "filterRate"),
      ROW(HUB_CATEGORY_CACHE_RATE, rate, "cacheHitRate"),
      ROW(HUB_CATEGORY_CACHE_SIZE, amount, "categoryCacheSize"),
      ROW(HUB_LLM_CACHE_RATE, rate, "llmCache.hitRate", "llmCacheHitRate"),
      ROW(HUB_LLM_CACHE_SIZE, amount, "llmCache.size", "llmCache.entryCount",
          "llmCacheSize"),
      ROW(HUB_LLM_CACHE_HITS, amount, "llmCache.hits", "llm.cacheHits"),
      ROW(HUB_LLM_CACHE_MISSES, amount, "llmCache.misses", "llm.cacheMisses"),
      ROW(HUB_LLM_CACHE_BYTES, mebibytes, "llmCache.memoryUsageMB"),
      ROW(HUB_LLM_SUCCESS_RATE, rate, "llm.successRate"),
      ROW(HUB_LLM_LATENCY_AVERAGE, latency, "llm.averageLatency"),
      ROW(HUB_LLM_LATENCY_P50, latency, "llm.p50Latency"),
      ROW(HUB_LLM_LATENCY_P95, latency, "llm.p95Latency"),
      ROW(HUB_LLM_LATENCY_P99, latency, "llm.p99Latency"),
      ROW(HUB_LLM_CALLS, amount, "llm.totalCalls", "llm.totalRequests"),
      ROW(HUB_LLM_SUCCESSES, amount, "llm.successfulCalls"),
      ROW(HUB_LLM_FAILURES, amount, "llm.failedCalls"),
      ROW(HUB_LLM_TIMEOUTS, amount, "llm.timeouts"),
      ROW(HUB_LLM_RETRIES, amount, "llm.totalRetries"),
      ROW(HUB_LLM_FALLBACKS, amount, "llm.fallbacksUsed"),
      ROW(HUB_QUEUE_LENGTH, amount, "queue.depth", "llm.queueDepth"),
      ROW(HUB_QUEUE_PROCESSED, amount, "queue.processed"),
      ROW(HUB_BREAKER_STATE, breaker, "circuitBreaker.state",
          "llm.circuitBreakerState"),
      ROW(HUB_BREAKER_FAILURES, amount, "circuitBreaker.consecutiveFailures",
          "llm.circuitBreakerFailures"),
      ROW(HUB_BREAKER_TRIPS, amount, "llm.circuitBreakerTrips"),
      {.read = NULL}};
  reference_numbers(s, root, rows);
  double bytes =
      reference_amount(reference_member(root, "llmCache.memoryUsageBytes"));
  if (!isnan(bytes))
    s->number[HUB_LLM_CACHE_BYTES] = bytes;
  return NULL;
}

/* NULL, or the error. *s lives as long as the tree; see reference_clear(). */
static inline const char *reference_snapshot(enum api_answer answer,
                                             json_object *root,
                                             struct hub_snapshot *s) {
  hub_snapshot_init(s);
  if (!json_object_is_type(root, json_type_object))
    return "expected a JSON object";
  return answer == API_HEALTH ? reference_health(s, root)
                              : reference_filtering(s, root);
}

/* ---- are they equal? ---- */

static inline bool same_number(double a, double b) {
  return isnan(a) ? isnan(b) : a == b;
}

/* Fractions of a second are added up in different ways. */
static inline bool same_moment(double a, double b) {
  return isnan(a) ? isnan(b) : fabs(a - b) <= 1e-6;
}

static inline bool same_text(const char *a, const char *b) {
  return a != NULL && b != NULL ? strcmp(a, b) == 0 : a == b;
}

static inline bool same_server(const struct server_snapshot *a,
                               const struct server_snapshot *b) {
  for (size_t i = 0; i < SERVER_CAPABILITIES; i++)
    if (!same_number(a->capability[i], b->capability[i]))
      return false;
  return server_snapshot_compare(a, b) == 0 && a->place == b->place &&
         a->status == b->status && a->is_stdio == b->is_stdio &&
         same_text(a->status_text, b->status_text) &&
         same_text(a->config_source, b->config_source) &&
         same_number(a->uptime, b->uptime) &&
         same_moment(a->last_started, b->last_started);
}

static inline bool same_self(const struct hub_self *a,
                             const struct hub_self *b) {
  if (a->pid != b->pid || a->port != b->port ||
      !same_moment(a->start, b->start) || !same_text(a->cwd, b->cwd) ||
      a->config_files_num != b->config_files_num)
    return false;
  for (size_t i = 0; i < a->config_files_num; i++)
    if (!same_text(a->config_files[i], b->config_files[i]))
      return false;
  return true;
}

/* NULL, or what differs. */
static inline const char *reference_difference(const struct hub_snapshot *a,
                                               const struct hub_snapshot *b) {
  if (a->state != b->state || !same_moment(a->timestamp, b->timestamp))
    return "state or timestamp";
  for (size_t i = 0; i < HUB_NUMBERS; i++)
    if (i == HUB_UPTIME ? !same_moment(a->number[i], b->number[i])
                        : !same_number(a->number[i], b->number[i]))
      return "a number of the hub";
  if (a->servers_known != b->servers_known || a->servers_num != b->servers_num)
    return "the number of servers";
  for (size_t i = 0; i < a->servers_num; i++)
    if (!same_server(&a->servers[i], &b->servers[i]))
      return "a server";
  return same_self(&a->self, &b->self) ? NULL : "the hub's own process";
}

#endif
