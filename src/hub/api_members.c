/* SPDX-License-Identifier: MIT */
#include "hub/api_members.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- scalars to numbers; NaN: unknown ---- */

/* Parses a decimal number independently of the locale. */
static double decimal(const char *text, char **rest) {
  locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  double x = c != (locale_t)0 ? strtod_l(text, rest, c) : NAN;
  if (c != (locale_t)0)
    freelocale(c);
  else
    *rest = (char *)text;
  return x;
}

double api_number(const char *text) {
  char *rest = NULL;
  uint64_t whole = 0;
  if (strpbrk(text, ".eE") != NULL)
    return decimal(text, &rest);
  if (*text == '-')
    return text[1] == '0' ? 0 : -1; /* negative numbers are unknown */
  for (; *text != '\0'; text++) {
    unsigned digit = (unsigned)(*text - '0');
    if (whole > (UINT64_MAX - digit) / 10)
      return (double)UINT64_MAX;
    whole = 10 * whole + digit;
  }
  return (double)whole;
}

static double known(double x) { return isfinite(x) && x >= 0 ? x : NAN; }

static double number(const struct api_value *v) {
  return v->type == VALUE_NUMBER ? known(v->number) : NAN;
}

/* Accepts a number or a string that begins with one, "12.5"; `rest` is the text
 * after it. */
static double number_or_text(const struct api_value *v, const char **rest) {
  const char *text = v->text;
  *rest = "";
  if (text == NULL)
    return number(v);
  bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
  if (strspn(text, "0123456789.") == 0 || hex)
    return NAN; /* forms that only strtod() accepts */
  char *end = NULL;
  double x = decimal(text, &end);
  *rest = end;
  return end != text ? known(x) : NAN;
}

static double amount(const struct api_value *v) {
  const char *rest = NULL;
  double x = number_or_text(v, &rest);
  return *rest == '\0' ? x : NAN;
}

/* Converts a fraction 0-1, or a string "12 %", to percent. */
static double rate(const struct api_value *v) {
  const char *rest = NULL;
  double x = number_or_text(v, &rest);
  if (*rest == '\0' && x <= 1)
    return x * 100;
  return strcmp(rest, "%") == 0 && x <= 100 ? x : NAN;
}

/* 0 means not measured. */
static double milliseconds(const struct api_value *v) {
  double x = amount(v);
  return x > 0 ? x / 1000 : NAN;
}

static double mebibytes(const struct api_value *v) {
  return known(amount(v) * 1048576);
}

static double truth(const struct api_value *v) {
  return v->type == VALUE_BOOL ? v->truth : NAN;
}

/* Returns the index of the string in `names`, or `num`. */
static size_t name_index(const struct api_value *v, const char *const *names,
                         size_t num) {
  size_t i = 0;
  while (i < num && (v->text == NULL || strcmp(v->text, names[i]) != 0))
    i++;
  return i;
}

static double breaker_state(const struct api_value *v) {
  static const char *const names[] = {"closed", "half-open", "open"};
  size_t i = name_index(v, names, 3);
  return i < 3 ? (double)i : NAN;
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

/* Parses "2026-11-20T23:41:49.799Z"; second 60 is a leap second. */
static double iso_time(const struct api_value *v) {
  const char *p = v->text;
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

/* ---- scalars to other fields ---- */

static const char *keep(const struct api_value *v) {
  return text_keep(v->texts);
}

static void take_text(void *field, const struct api_value *v) {
  *(const char **)field = v->text != NULL ? keep(v) : NULL;
}

/* A name may contain NUL bytes. */
static void take_name(void *field, const struct api_value *v) {
  struct server_snapshot *server = field;
  server->name_len = v->type == VALUE_TEXT ? v->len : 0;
  server->name = v->type == VALUE_TEXT ? keep(v) : NULL;
}

static void take_status(void *field, const struct api_value *v) {
  struct server_snapshot *server = field;
  size_t i = name_index(v, server_status_names, SERVER_DEAD);
  bool is_known = i < SERVER_DEAD;
  const char *unknown = v->text != NULL && !is_known ? keep(v) : "";
  server->status = is_known ? (enum server_status)i : SERVER_UNKNOWN;
  server->status_text = is_known ? NULL : unknown;
}

static void take_transport(void *field, const struct api_value *v) {
  *(bool *)field = v->text != NULL && strcmp(v->text, "stdio") == 0;
}

static void take_workspace_state(void *field, const struct api_value *v) {
  static const char *const names[] = {"active", "shutting_down"};
  *(enum api_workspace_state *)field =
      (enum api_workspace_state)name_index(v, names, WORKSPACE_OTHER);
}

static void take_hub_state(void *field, const struct api_value *v) {
  struct api_document *d = field;
  d->has_state = v->text != NULL;
  d->state = (enum hub_state)name_index(v, hub_state_names, HUB_UNKNOWN);
}

/* ---- tables ---- */

#define MEMBER(name, ...)                                                      \
  { .key = (name), .key_len = sizeof(name) - 1, __VA_ARGS__ }
#define END                                                                    \
  { .key = NULL }
#define READ(name, shape_, record, field, how)                                 \
  MEMBER(name, .shape = (shape_), .offset = offsetof(record, field),           \
         .read = (how))
#define TAKE(name, record, field, how)                                         \
  MEMBER(name, .offset = offsetof(record, field), .take = (how))
#define BELOW(name, shape_, table)                                             \
  MEMBER(name, .shape = (shape_), .members = (table))
/* A number of the hub; the alternative with the lowest known `rank` counts. */
#define NUMBER(name, id, rank, how)                                            \
  READ(name, API_SCALAR, struct api_document, number[rank][id], how)

#define COUNT(name, id)                                                        \
  READ(name, API_COUNTED, struct server_snapshot, capability[id], number)

static const struct api_member capabilities[] = {
    COUNT("tools", SERVER_TOOLS), COUNT("resources", SERVER_RESOURCES),
    COUNT("resourceTemplates", SERVER_RESOURCE_TEMPLATES),
    COUNT("prompts", SERVER_PROMPTS), END};

static const struct api_member server[] = {
    MEMBER("name", .take = take_name),
    MEMBER("status", .take = take_status),
    TAKE("transportType", struct server_snapshot, is_stdio, take_transport),
    TAKE("config_source", struct server_snapshot, config_source, take_text),
    READ("uptime", API_SCALAR, struct server_snapshot, uptime, number),
    READ("lastStarted", API_SCALAR, struct server_snapshot, last_started,
         iso_time),
    BELOW("capabilities", API_OBJECT, capabilities),
    END};

static const struct api_member each_server = {.shape = API_OBJECT,
                                              .members = server};
static const struct api_member each_text = {.shape = API_SCALAR};

static const struct api_member workspace[] = {
    TAKE("state", struct api_workspace, state, take_workspace_state),
    TAKE("cwd", struct api_workspace, cwd, take_text),
    READ("pid", API_SCALAR, struct api_workspace, pid, number),
    READ("port", API_SCALAR, struct api_workspace, port, number),
    READ("startTime", API_SCALAR, struct api_workspace, start, iso_time),
    BELOW("config_files", API_TEXTS, &each_text),
    END};

static const struct api_member each_workspace = {.shape = API_OBJECT,
                                                 .members = workspace};

static const struct api_member workspaces[] = {
    TAKE("current", struct api_document, current, take_text),
    BELOW("allActive", API_WORKSPACES, &each_workspace), END};

static const struct api_member registered[] = {
    NUMBER("tools", HUB_CAPABILITY_TOOLS, 0, number),
    NUMBER("resources", HUB_CAPABILITY_RESOURCES, 0, number),
    NUMBER("resourceTemplates", HUB_CAPABILITY_RESOURCE_TEMPLATES, 0, number),
    NUMBER("prompts", HUB_CAPABILITY_PROMPTS, 0, number), END};

static const struct api_member endpoint[] = {
    NUMBER("activeClients", HUB_CLIENTS_MCP, 0, number),
    BELOW("registeredCapabilities", API_OBJECT, registered), END};

const struct api_member api_health[] = {
    MEMBER("state", .take = take_hub_state),
    READ("timestamp", API_SCALAR, struct api_document, timestamp, iso_time),
    NUMBER("activeClients", HUB_CLIENTS_EVENTS, 0, number),
    BELOW("servers", API_SERVERS, &each_server),
    BELOW("mcpEndpoint", API_OBJECT, endpoint),
    BELOW("workspaces", API_OBJECT, workspaces),
    END};

/* The three formats of the statistics: flat, documented, the hub's scripts. */
static const struct api_member llm[] = {
    NUMBER("successRate", HUB_LLM_SUCCESS_RATE, 0, rate),
    NUMBER("averageLatency", HUB_LLM_LATENCY_AVERAGE, 0, milliseconds),
    NUMBER("p50Latency", HUB_LLM_LATENCY_P50, 0, milliseconds),
    NUMBER("p95Latency", HUB_LLM_LATENCY_P95, 0, milliseconds),
    NUMBER("p99Latency", HUB_LLM_LATENCY_P99, 0, milliseconds),
    NUMBER("totalCalls", HUB_LLM_CALLS, 0, amount),
    NUMBER("totalRequests", HUB_LLM_CALLS, 1, amount),
    NUMBER("successfulCalls", HUB_LLM_SUCCESSES, 0, amount),
    NUMBER("failedCalls", HUB_LLM_FAILURES, 0, amount),
    NUMBER("timeouts", HUB_LLM_TIMEOUTS, 0, amount),
    NUMBER("totalRetries", HUB_LLM_RETRIES, 0, amount),
    NUMBER("fallbacksUsed", HUB_LLM_FALLBACKS, 0, amount),
    NUMBER("cacheHits", HUB_LLM_CACHE_HITS, 1, amount),
    NUMBER("cacheMisses", HUB_LLM_CACHE_MISSES, 1, amount),
    NUMBER("queueDepth", HUB_QUEUE_LENGTH, 1, amount),
    NUMBER("circuitBreakerState", HUB_BREAKER_STATE, 1, breaker_state),
    NUMBER("circuitBreakerFailures", HUB_BREAKER_FAILURES, 1, amount),
    NUMBER("circuitBreakerTrips", HUB_BREAKER_TRIPS, 0, amount),
    END};

static const struct api_member llm_cache[] = {
    NUMBER("hitRate", HUB_LLM_CACHE_RATE, 0, rate),
    NUMBER("size", HUB_LLM_CACHE_SIZE, 0, amount),
    NUMBER("entryCount", HUB_LLM_CACHE_SIZE, 1, amount),
    NUMBER("hits", HUB_LLM_CACHE_HITS, 0, amount),
    NUMBER("misses", HUB_LLM_CACHE_MISSES, 0, amount),
    NUMBER("memoryUsageBytes", HUB_LLM_CACHE_BYTES, 0, amount),
    NUMBER("memoryUsageMB", HUB_LLM_CACHE_BYTES, 1, mebibytes),
    END};

static const struct api_member queue[] = {
    NUMBER("depth", HUB_QUEUE_LENGTH, 0, amount),
    NUMBER("processed", HUB_QUEUE_PROCESSED, 0, amount), END};

static const struct api_member breaker[] = {
    NUMBER("state", HUB_BREAKER_STATE, 0, breaker_state),
    NUMBER("consecutiveFailures", HUB_BREAKER_FAILURES, 0, amount), END};

const struct api_member api_filtering[] = {
    NUMBER("enabled", HUB_FILTERING, 0, truth),
    NUMBER("totalTools", HUB_TOOLS_TOTAL, 0, amount),
    NUMBER("exposedTools", HUB_TOOLS_EXPOSED, 0, amount),
    NUMBER("filteredTools", HUB_TOOLS_FILTERED, 0, amount),
    NUMBER("filterRate", HUB_FILTER_RATE, 0, rate),
    NUMBER("cacheHitRate", HUB_CATEGORY_CACHE_RATE, 0, rate),
    NUMBER("categoryCacheSize", HUB_CATEGORY_CACHE_SIZE, 0, amount),
    NUMBER("llmCacheHitRate", HUB_LLM_CACHE_RATE, 1, rate),
    NUMBER("llmCacheSize", HUB_LLM_CACHE_SIZE, 2, amount),
    BELOW("llm", API_OBJECT, llm),
    BELOW("llmCache", API_OBJECT, llm_cache),
    BELOW("queue", API_OBJECT, queue),
    BELOW("circuitBreaker", API_OBJECT, breaker),
    END};

const struct api_member *api_member_find(const struct api_member *members,
                                         const char *key, size_t len) {
  for (; members->key != NULL; members++)
    if (members->key_len == len && memcmp(members->key, key, len) == 0)
      return members;
  return NULL;
}
