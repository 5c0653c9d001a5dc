/* SPDX-License-Identifier: MIT */
#include "plugins/adapter.h"

#include "metrics/metric.h"
#include "util/utf8.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void adapter_register_types(void) {
  for (int i = 0; i < METRICS; i++) {
    const struct metric_row *row = &metric_table[i];
    if (strncmp(row->type, "mcp_", 4) != 0 || plugin_get_ds(row->type) != NULL)
      continue;
    data_source_t source = {
        .name = "value",
        .type = row->kind == METRIC_KIND_GAUGE ? DS_TYPE_GAUGE : DS_TYPE_DERIVE,
        .min = 0,
        .max = metric_most((enum metric)i),
    };
    data_set_t set = {.ds_num = 1, .ds = &source};
    sstrncpy(set.type, row->type, sizeof(set.type));
    plugin_register_data_set(&set);
  }
}

double adapter_now(void) {
  struct timespec ts = {0};
  clock_gettime(CLOCK_BOOTTIME, &ts);
  return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

void adapter_condition(pthread_cond_t *condition) {
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(condition, &attributes);
  pthread_condattr_destroy(&attributes);
}

struct timespec adapter_in(double seconds) {
  struct timespec ts = {0};
  clock_gettime(CLOCK_MONOTONIC, &ts);
  double then = (double)ts.tv_sec + (double)ts.tv_nsec / 1e9 + seconds;
  ts.tv_sec = (time_t)then;
  ts.tv_nsec = (long)((then - (double)ts.tv_sec) * 1e9);
  return ts;
}

bool adapter_debugs(void) {
  return COLLECT_DEBUG || getenv("MCP_HUB_DEBUG") != NULL;
}

static void log_clean(int severity, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));
static void log_clean(int severity, const char *format, va_list args) {
  char text[1024]; /* what plugin_log() can carry */
  vsnprintf(text, sizeof(text), format, args);
  char clean[sizeof(text)];
  utf8_print(clean, sizeof(clean), text);
  plugin_log(severity, "%s", clean);
}

void adapter_log(int severity, const char *format, ...) {
  va_list args;
  va_start(args, format);
  log_clean(severity, format, args);
  va_end(args);
}

void adapter_debug(const char *format, ...) {
  va_list args;
  va_start(args, format);
  log_clean(getenv("MCP_HUB_DEBUG") != NULL ? LOG_INFO : LOG_DEBUG, format,
            args);
  va_end(args);
}

static char **kept_errors;
static size_t kept_errors_num;

static void keep_error(void *arg, const char *message) {
  (void)arg;
  size_t size = (kept_errors_num + 1) * sizeof(*kept_errors);
  char **kept = realloc(kept_errors, size);
  if (kept == NULL)
    return; /* still counted */
  kept_errors = kept;
  kept_errors[kept_errors_num] = strdup(message);
  if (kept_errors[kept_errors_num] != NULL)
    kept_errors_num++;
}

struct option_errors adapter_errors = {.report = keep_error};

size_t adapter_log_errors(const char *plugin) {
  for (size_t i = 0; i < kept_errors_num; i++) {
    adapter_log(LOG_ERR, "%s: %s", plugin, kept_errors[i]);
    free(kept_errors[i]);
  }
  size_t count = adapter_errors.count;
  if (count > kept_errors_num)
    adapter_log(LOG_ERR,
                "%s: %zu errors in its options found no memory to be kept in",
                plugin, count - kept_errors_num);
  free(kept_errors);
  kept_errors = NULL;
  kept_errors_num = 0;
  adapter_errors.count = 0;
  return count;
}
