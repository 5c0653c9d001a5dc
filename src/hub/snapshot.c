/* SPDX-License-Identifier: MIT */
#include "hub/snapshot.h"

#include <errno.h>
#include <json-c/json.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- what the reducer keeps: scalars as they are, nothing nested ---- */

static const struct reduce_rule scalars[] = {{"*", REDUCE_SCALAR, NULL},
                                             {NULL, REDUCE_KEEP, NULL}};

static const struct reduce_rule capability_rules[] = {
    {"tools", REDUCE_COUNT, NULL},
    {"resources", REDUCE_COUNT, NULL},
    {"resourceTemplates", REDUCE_COUNT, NULL},
    {"prompts", REDUCE_COUNT, NULL},
    {NULL, REDUCE_KEEP, NULL}};

static const struct reduce_rule server_rules[] = {
    {"name", REDUCE_SCALAR, NULL},
    {"status", REDUCE_SCALAR, NULL},
    {"uptime", REDUCE_SCALAR, NULL},
    {"lastStarted", REDUCE_SCALAR, NULL},
    {"transportType", REDUCE_SCALAR, NULL},
    {"config_source", REDUCE_SCALAR, NULL},
    {"capabilities", REDUCE_ENTER, capability_rules},
    {NULL, REDUCE_KEEP, NULL}};

static const struct reduce_rule workspace_rules[] = {
    {"pid", REDUCE_SCALAR, NULL},       {"port", REDUCE_SCALAR, NULL},
    {"cwd", REDUCE_SCALAR, NULL},       {"config_files", REDUCE_KEEP, NULL},
    {"startTime", REDUCE_SCALAR, NULL}, {"state", REDUCE_SCALAR, NULL},
    {NULL, REDUCE_KEEP, NULL}};

static const struct reduce_rule each_workspace_rules[] = {
    {"*", REDUCE_ENTER, workspace_rules}, {NULL, REDUCE_KEEP, NULL}};

static const struct reduce_rule workspaces_rules[] = {
    {"current", REDUCE_SCALAR, NULL},
    {"allActive", REDUCE_ENTER, each_workspace_rules},
    {NULL, REDUCE_KEEP, NULL}};

static const struct reduce_rule endpoint_rules[] = {
    {"activeClients", REDUCE_SCALAR, NULL},
    {"registeredCapabilities", REDUCE_ENTER, scalars},
    {NULL, REDUCE_KEEP, NULL}};

const struct reduce_rule hub_health_rules[] = {
    {"state", REDUCE_SCALAR, NULL},
    {"timestamp", REDUCE_SCALAR, NULL},
    {"activeClients", REDUCE_SCALAR, NULL},
    {"servers", REDUCE_ENTER, server_rules},
    {"mcpEndpoint", REDUCE_ENTER, endpoint_rules},
    {"workspaces", REDUCE_ENTER, workspaces_rules},
    {NULL, REDUCE_KEEP, NULL}};

const struct reduce_rule hub_filtering_rules[] = {
    {"llm", REDUCE_ENTER, scalars},   {"llmCache", REDUCE_ENTER, scalars},
    {"queue", REDUCE_ENTER, scalars}, {"circuitBreaker", REDUCE_ENTER, scalars},
    {"*", REDUCE_SCALAR, NULL},       {NULL, REDUCE_KEEP, NULL}};

/* ---- one value each ---- */

/* The member at a dotted path, or NULL. */
static json_object *member(json_object *o, const char *path) {
  char key[REDUCE_MAX_KEY];
  while (o != NULL && *path != '\0') {
    size_t len = strcspn(path, ".");
    if (!json_object_is_type(o, json_type_object) || len >= sizeof(key))
      return NULL;
    memcpy(key, path, len);
    key[len] = '\0';
    json_object *next = NULL;
    json_object_object_get_ex(o, key, &next);
    o = next;
    path += len + (path[len] == '.');
  }
  return o;
}

/* The text of a string without NUL bytes inside, or NULL. */
static const char *plain_text(json_object *o) {
  if (!json_object_is_type(o, json_type_string))
    return NULL;
  const char *text = json_object_get_string(o);
  return strlen(text) == (size_t)json_object_get_string_len(o) ? text : NULL;
}

static double number(json_object *o) {
  if (!json_object_is_type(o, json_type_int) &&
      !json_object_is_type(o, json_type_double))
    return NAN;
  double x = json_object_get_double(o);
  return isfinite(x) && x >= 0 ? x : NAN;
}

/* A number or the text of one, as "12.5"; `rest` is what follows it. */
static double number_or_text(json_object *o, const char **rest) {
  *rest = "";
  const char *text = plain_text(o);
  if (text == NULL)
    return number(o);
  bool digits = strspn(text, "0123456789.") > 0;
  bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
  if (!digits || hex)
    return NAN; /* strtod() takes more than that */
  char *end = NULL;
  double x = strtod(text, &end);
  *rest = end;
  return end != text && isfinite(x) && x >= 0 ? x : NAN;
}

static double amount(json_object *o) {
  const char *rest = NULL;
  double x = number_or_text(o, &rest);
  return *rest == '\0' ? x : NAN;
}

/* A fraction 0-1 or its text, or a text that ends in '%' -> percent. */
static double rate(json_object *o) {
  const char *rest = NULL;
  double x = number_or_text(o, &rest);
  if (*rest == '\0' && x <= 1)
    return x * 100;
  return strcmp(rest, "%") == 0 && x <= 100 ? x : NAN;
}

/* Nothing takes no time: a latency of 0 is one that was not measured. */
static double milliseconds(json_object *o) {
  double x = amount(o);
  return x > 0 ? x / 1000 : NAN;
}

static double mebibytes(json_object *o) {
  double bytes = amount(o) * 1048576;
  return isfinite(bytes) ? bytes : NAN;
}

static double truth(json_object *o) {
  if (!json_object_is_type(o, json_type_boolean))
    return NAN;
  return json_object_get_boolean(o) ? 1 : 0;
}

static double breaker_state(json_object *o) {
  static const char *const names[] = {"closed", "half-open", "open"};
  const char *text = plain_text(o);
  for (size_t i = 0; text != NULL && i < sizeof(names) / sizeof(names[0]); i++)
    if (strcmp(text, names[i]) == 0)
      return (double)i;
  return NAN;
}

static bool two_digits(const char **p, char after, int *out) {
  const char *s = *p;
  if (s[0] < '0' || s[0] > '9' || s[1] < '0' || s[1] > '9' ||
      (after != '\0' && s[2] != after))
    return false;
  *out = (s[0] - '0') * 10 + (s[1] - '0');
  *p += 2 + (after != '\0');
  return true;
}

/* "2026-11-20T23:41:49.799Z" -> epoch seconds */
static double iso_time(json_object *o) {
  const char *p = plain_text(o);
  int century = 0, year = 0;
  struct tm tm = {0};
  if (p == NULL || !two_digits(&p, '\0', &century) ||
      !two_digits(&p, '-', &year) || !two_digits(&p, '-', &tm.tm_mon) ||
      !two_digits(&p, 'T', &tm.tm_mday) || !two_digits(&p, ':', &tm.tm_hour) ||
      !two_digits(&p, ':', &tm.tm_min) || !two_digits(&p, '\0', &tm.tm_sec))
    return NAN;
  if (tm.tm_mon < 1 || tm.tm_mon > 12 || tm.tm_mday < 1 || tm.tm_mday > 31 ||
      tm.tm_hour > 23 || tm.tm_min > 59 || tm.tm_sec > 60)
    return NAN;
  double fraction = 0;
  if (*p == '.') {
    double unit = 0.1;
    for (p++; *p >= '0' && *p <= '9'; p++, unit /= 10)
      fraction += unit * (*p - '0');
  }
  if (strcmp(p, "Z") != 0)
    return NAN;
  tm.tm_year = century * 100 + year - 1900;
  tm.tm_mon--;
  return (double)timegm(&tm) + fraction;
}

/* ---- tables of where each number stands ---- */

struct field {
  enum hub_number id;
  double (*read)(json_object *);
  const char *path[3]; /* the first that has a value counts */
};

static void read_fields(double number_out[HUB_NUMBERS], json_object *root,
                        const struct field *fields, size_t fields_num) {
  for (size_t i = 0; i < fields_num; i++) {
    const struct field *f = &fields[i];
    double x = NAN;
    for (size_t p = 0; p < 3 && f->path[p] != NULL && isnan(x); p++)
      x = f->read(member(root, f->path[p]));
    number_out[f->id] = x;
  }
}

#define FIELDS(table) (table), sizeof(table) / sizeof((table)[0])

static const struct field health_fields[] = {
    {HUB_CLIENTS_MCP, number, {"mcpEndpoint.activeClients"}},
    {HUB_CLIENTS_EVENTS, number, {"activeClients"}},
    {HUB_CAPABILITY_TOOLS,
     number,
     {"mcpEndpoint.registeredCapabilities.tools"}},
    {HUB_CAPABILITY_RESOURCES,
     number,
     {"mcpEndpoint.registeredCapabilities.resources"}},
    {HUB_CAPABILITY_RESOURCE_TEMPLATES,
     number,
     {"mcpEndpoint.registeredCapabilities.resourceTemplates"}},
    {HUB_CAPABILITY_PROMPTS,
     number,
     {"mcpEndpoint.registeredCapabilities.prompts"}},
};

/* The three shapes of hub-api side by side: flat, documented, scripts'. */
static const struct field filtering_fields[] = {
    {HUB_FILTERING, truth, {"enabled"}},
    {HUB_TOOLS_TOTAL, amount, {"totalTools"}},
    {HUB_TOOLS_EXPOSED, amount, {"exposedTools"}},
    {HUB_TOOLS_FILTERED, amount, {"filteredTools"}},
    {HUB_FILTER_RATE, rate, {"filterRate"}},
    {HUB_CATEGORY_CACHE_RATE, rate, {"cacheHitRate"}},
    {HUB_CATEGORY_CACHE_SIZE, amount, {"categoryCacheSize"}},
    {HUB_LLM_CACHE_RATE, rate, {"llmCache.hitRate", "llmCacheHitRate"}},
    {HUB_LLM_CACHE_SIZE,
     amount,
     {"llmCache.size", "llmCache.entryCount", "llmCacheSize"}},
    {HUB_LLM_CACHE_HITS, amount, {"llmCache.hits", "llm.cacheHits"}},
    {HUB_LLM_CACHE_MISSES, amount, {"llmCache.misses", "llm.cacheMisses"}},
    {HUB_LLM_CACHE_BYTES, amount, {"llmCache.memoryUsageBytes"}},
    {HUB_LLM_SUCCESS_RATE, rate, {"llm.successRate"}},
    {HUB_LLM_LATENCY_AVERAGE, milliseconds, {"llm.averageLatency"}},
    {HUB_LLM_LATENCY_P50, milliseconds, {"llm.p50Latency"}},
    {HUB_LLM_LATENCY_P95, milliseconds, {"llm.p95Latency"}},
    {HUB_LLM_LATENCY_P99, milliseconds, {"llm.p99Latency"}},
    {HUB_LLM_CALLS, amount, {"llm.totalCalls", "llm.totalRequests"}},
    {HUB_LLM_SUCCESSES, amount, {"llm.successfulCalls"}},
    {HUB_LLM_FAILURES, amount, {"llm.failedCalls"}},
    {HUB_LLM_TIMEOUTS, amount, {"llm.timeouts"}},
    {HUB_LLM_RETRIES, amount, {"llm.totalRetries"}},
    {HUB_LLM_FALLBACKS, amount, {"llm.fallbacksUsed"}},
    {HUB_QUEUE_LENGTH, amount, {"queue.depth", "llm.queueDepth"}},
    {HUB_QUEUE_PROCESSED, amount, {"queue.processed"}},
    {HUB_BREAKER_STATE,
     breaker_state,
     {"circuitBreaker.state", "llm.circuitBreakerState"}},
    {HUB_BREAKER_FAILURES,
     amount,
     {"circuitBreaker.consecutiveFailures", "llm.circuitBreakerFailures"}},
    {HUB_BREAKER_TRIPS, amount, {"llm.circuitBreakerTrips"}},
};

/* ---- documents ---- */

void hub_snapshot_init(struct hub_snapshot *s) {
  *s = (struct hub_snapshot){
      .state = HUB_UNKNOWN, .self = {.start = NAN}, .timestamp = NAN};
  for (size_t i = 0; i < HUB_NUMBERS; i++)
    s->number[i] = NAN;
}

void hub_snapshot_clear(struct hub_snapshot *s) {
  for (size_t i = 0; i < s->servers_num; i++) {
    free(s->servers[i].name);
    free(s->servers[i].status_json_text);
    free(s->servers[i].config_source);
  }
  free(s->servers);
  for (size_t i = 0; i < s->self.config_files_num; i++)
    free(s->self.config_files[i]);
  free(s->self.config_files);
  free(s->self.cwd);
  hub_snapshot_init(s);
}

static json_object *parse(const char *json, size_t len, char *err,
                          size_t err_size) {
  json_object *root = NULL;
  errno = 0;
  struct json_tokener *tok = len <= INT_MAX ? json_tokener_new() : NULL;
  if (tok != NULL) {
    /* The reducer has been strict. */
    root = json_tokener_parse_ex(tok, json, (int)len);
    json_tokener_free(tok);
  }
  /* json-c leaves out what it has no room for, and a number after it sets errno
   * to 0: only a shortage that lasts is sure to be seen. */
  bool memory = errno != ENOMEM;
  if (!memory || !json_object_is_type(root, json_type_object)) {
    snprintf(err, err_size, "%s",
             memory ? "expected a JSON object" : "out of memory");
    json_object_put(root);
    return NULL;
  }
  return root;
}

static enum hub_state hub_state_from(json_object *o) {
  static const char *const names[] = {
      [HUB_READY] = "ready",       [HUB_RESTARTED] = "restarted",
      [HUB_STARTING] = "starting", [HUB_RESTARTING] = "restarting",
      [HUB_STOPPING] = "stopping", [HUB_STOPPED] = "stopped",
      [HUB_ERROR] = "error"};
  const char *text = plain_text(o);
  for (size_t i = 0; text != NULL && i < sizeof(names) / sizeof(names[0]); i++)
    if (strcmp(text, names[i]) == 0)
      return (enum hub_state)i;
  return HUB_UNKNOWN;
}

static enum server_status server_status_from(const char *text) {
  static const char *const names[] = {[SERVER_CONNECTED] = "connected",
                                      [SERVER_DISABLED] = "disabled",
                                      [SERVER_CONNECTING] = "connecting",
                                      [SERVER_UNAUTHORIZED] = "unauthorized",
                                      [SERVER_DISCONNECTED] = "disconnected"};
  for (size_t i = 0; text != NULL && i < sizeof(names) / sizeof(names[0]); i++)
    if (strcmp(text, names[i]) == 0)
      return (enum server_status)i;
  return SERVER_UNKNOWN;
}

/* A copy of a string into *out, NULL for anything else. -1 without memory. */
static int copy_text(char **out, json_object *o) {
  const char *text = plain_text(o);
  *out = text != NULL ? strdup(text) : NULL;
  return text == NULL || *out != NULL ? 0 : -1;
}

/* A server without a usable name keeps name NULL: it counts, no more. */
static int read_server(struct server_snapshot *server, json_object *o) {
  static const char *const keys[] = {
      [SERVER_TOOLS] = "capabilities.tools",
      [SERVER_RESOURCES] = "capabilities.resources",
      [SERVER_RESOURCE_TEMPLATES] = "capabilities.resourceTemplates",
      [SERVER_PROMPTS] = "capabilities.prompts"};
  json_object *name = member(o, "name");
  const char *status = plain_text(member(o, "status"));
  const char *transport = plain_text(member(o, "transportType"));
  server->is_stdio = transport != NULL && strcmp(transport, "stdio") == 0;
  server->status = server_status_from(status);
  server->uptime = number(member(o, "uptime"));
  server->last_started = iso_time(member(o, "lastStarted"));
  for (size_t i = 0; i < SERVER_CAPABILITIES; i++)
    server->capability[i] = number(member(o, keys[i]));
  if (server->status == SERVER_UNKNOWN &&
      (server->status_json_text = strdup(status != NULL ? status : "")) == NULL)
    return -1;
  if (copy_text(&server->config_source, member(o, "config_source")) != 0)
    return -1;
  if (!json_object_is_type(name, json_type_string))
    return 0;
  server->name_len = (size_t)json_object_get_string_len(name);
  server->name = malloc(server->name_len + 1);
  if (server->name == NULL)
    return -1;
  memcpy(server->name, json_object_get_string(name), server->name_len + 1);
  return 0;
}

int server_snapshot_compare(const struct server_snapshot *a,
                            const struct server_snapshot *b) {
  if (a->name == NULL || b->name == NULL)
    return (a->name != NULL) - (b->name != NULL);
  size_t len = a->name_len < b->name_len ? a->name_len : b->name_len;
  int order = memcmp(a->name, b->name, len);
  return order != 0 ? order
                    : (a->name_len > b->name_len) - (a->name_len < b->name_len);
}

/* Of equal names the one that the hub lists first comes first. */
static int by_name(const void *a, const void *b) {
  const struct server_snapshot *x = a, *y = b;
  int order = server_snapshot_compare(x, y);
  return order != 0 ? order : (x->place > y->place) - (x->place < y->place);
}

static int read_servers(struct hub_snapshot *s, json_object *list, char *err,
                        size_t err_size) {
  if (list == NULL)
    return 0;
  if (!json_object_is_type(list, json_type_array)) {
    snprintf(err, err_size, "servers: expected an array");
    return -1;
  }
  size_t num = json_object_array_length(list);
  s->servers = num > 0 ? calloc(num, sizeof(*s->servers)) : NULL;
  if (num > 0 && s->servers == NULL) {
    snprintf(err, err_size, "out of memory");
    return -1;
  }
  for (s->servers_num = 0; s->servers_num < num;) {
    size_t i = s->servers_num++;
    s->servers[i].place = i;
    if (read_server(&s->servers[i], json_object_array_get_idx(list, i)) != 0) {
      snprintf(err, err_size, "out of memory");
      return -1;
    }
  }
  if (num > 1)
    qsort(s->servers, num, sizeof(*s->servers), by_name);
  s->servers_known = true;
  return 0;
}

/* A whole number from 1 to `most`, or 0. */
static int whole(json_object *o, int most) {
  double x = number(o);
  return x >= 1 && x <= most && x == (double)(int)x ? (int)x : 0;
}

static int read_config_files(struct hub_self *self, json_object *list) {
  if (!json_object_is_type(list, json_type_array) ||
      json_object_array_length(list) == 0)
    return 0;
  size_t num = json_object_array_length(list);
  self->config_files = calloc(num, sizeof(*self->config_files));
  if (self->config_files == NULL)
    return -1;
  for (size_t i = 0; i < num; i++) {
    char **out = &self->config_files[self->config_files_num];
    if (copy_text(out, json_object_array_get_idx(list, i)) != 0)
      return -1;
    self->config_files_num += *out != NULL;
  }
  return 0;
}

static int read_self(struct hub_snapshot *s, json_object *workspace) {
  s->self.pid = whole(member(workspace, "pid"), INT_MAX);
  s->self.port = whole(member(workspace, "port"), 65535);
  s->self.start = iso_time(member(workspace, "startTime"));
  double uptime = s->timestamp - s->self.start;
  s->number[HUB_UPTIME] = uptime >= 0 ? uptime : NAN;
  if (copy_text(&s->self.cwd, member(workspace, "cwd")) != 0)
    return -1;
  return read_config_files(&s->self, member(workspace, "config_files"));
}

/* 0, or -1 without memory. */
static int read_workspaces(struct hub_snapshot *s, json_object *root) {
  json_object *all = member(root, "workspaces.allActive");
  if (!json_object_is_type(all, json_type_object))
    return 0;
  double active = 0, shutting_down = 0;
  json_object_object_foreach(all, key, workspace) {
    (void)key;
    const char *state = plain_text(member(workspace, "state"));
    active += state != NULL && strcmp(state, "active") == 0;
    shutting_down += state != NULL && strcmp(state, "shutting_down") == 0;
  }
  s->number[HUB_WORKSPACES_ACTIVE] = active;
  s->number[HUB_WORKSPACES_SHUTTING_DOWN] = shutting_down;

  const char *current = plain_text(member(root, "workspaces.current"));
  json_object *mine = NULL;
  if (current == NULL || !json_object_object_get_ex(all, current, &mine))
    return 0;
  return read_self(s, mine);
}

static int read_health(struct hub_snapshot *s, json_object *root, char *err,
                       size_t err_size) {
  if (read_servers(s, member(root, "servers"), err, err_size) != 0)
    return -1;
  s->state = hub_state_from(member(root, "state"));
  s->timestamp = iso_time(member(root, "timestamp"));
  read_fields(s->number, root, FIELDS(health_fields));
  if (read_workspaces(s, root) == 0)
    return 0;
  snprintf(err, err_size, "out of memory");
  return -1;
}

int hub_snapshot_health(struct hub_snapshot *s, const char *json, size_t len,
                        char *err, size_t err_size) {
  json_object *root = parse(json, len, err, err_size);
  if (root == NULL)
    return -1;
  struct hub_snapshot next;
  hub_snapshot_init(&next);
  int status = -1;
  if (plain_text(member(root, "state")) == NULL &&
      !json_object_is_type(member(root, "servers"), json_type_array)) {
    snprintf(err, err_size,
             "expected a hub's health, with \"state\" or \"servers\"");
  } else if (read_health(&next, root, err, err_size) == 0) {
    hub_snapshot_clear(s);
    *s = next;
    status = 0;
  }
  if (status != 0)
    hub_snapshot_clear(&next);
  json_object_put(root);
  return status;
}

int hub_snapshot_filtering(struct hub_snapshot *s, const char *json, size_t len,
                           char *err, size_t err_size) {
  json_object *root = parse(json, len, err, err_size);
  if (root == NULL)
    return -1;
  read_fields(s->number, root, FIELDS(filtering_fields));
  double mib = mebibytes(member(root, "llmCache.memoryUsageMB"));
  if (isnan(s->number[HUB_LLM_CACHE_BYTES]))
    s->number[HUB_LLM_CACHE_BYTES] = mib;
  json_object_put(root);
  return 0;
}
