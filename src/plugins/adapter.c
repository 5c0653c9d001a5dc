/* SPDX-License-Identifier: MIT */
#include "plugins/adapter.h"

#include "util/utf8.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct {
  const char *name;
  int kind;
  double min;
  double max;
} types[] = {
#define TYPE(name, kind, min, max) {name, DS_TYPE_##kind, min, max},
#include "plugins/types_db.h"
#undef TYPE
};

void adapter_register_types(void) {
  for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
    if (plugin_get_ds(types[i].name) != NULL)
      continue;
    data_source_t source = {
        .name = "value",
        .type = types[i].kind,
        .min = types[i].min,
        .max = types[i].max,
    };
    data_set_t set = {.ds_num = 1, .ds = &source};
    sstrncpy(set.type, types[i].name, sizeof(set.type));
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

void adapter_debug(const char *format, ...) {
  char text[1024];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof(text), format, args);
  va_end(args);
  char clean[sizeof(text)]; /* names are foreign */
  clean[utf8_put(clean, sizeof(clean) - 1, text, strlen(text))] = '\0';
  plugin_log(getenv("MCP_HUB_DEBUG") != NULL ? LOG_INFO : LOG_DEBUG, "%s",
             clean);
}

static char **kept_errors;
static size_t kept_errors_num;

static void keep_error(void *arg, const char *message) {
  (void)arg;
  size_t size = (kept_errors_num + 1) * sizeof(*kept_errors);
  char **kept = realloc(kept_errors, size);
  if (kept == NULL)
    return; /* counted all the same */
  kept_errors = kept;
  kept_errors[kept_errors_num] = strdup(message);
  if (kept_errors[kept_errors_num] != NULL)
    kept_errors_num++;
}

struct option_errors adapter_errors = {.report = keep_error};

size_t adapter_log_errors(const char *plugin) {
  for (size_t i = 0; i < kept_errors_num; i++) {
    ERROR("%s: %s", plugin, kept_errors[i]);
    free(kept_errors[i]);
  }
  size_t count = adapter_errors.count;
  if (count > kept_errors_num)
    ERROR("%s: %zu errors in its options found no memory to be kept in", plugin,
          count - kept_errors_num);
  free(kept_errors);
  kept_errors = NULL;
  kept_errors_num = 0;
  adapter_errors.count = 0;
  return count;
}
