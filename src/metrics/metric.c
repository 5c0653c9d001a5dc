/* SPDX-License-Identifier: MIT */
#include "metrics/metric.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const struct metric_row metric_table[METRICS] = {
#define METRIC(id, type_, instance_, kind_, unit_, worst_, source_, label_,    \
               help_)                                                          \
  [METRIC_##                                                                   \
      id] = {.name = sizeof(instance_) > 1 ? type_ "-" instance_ : type_,      \
             .type = type_,                                                    \
             .instance = instance_,                                            \
             .kind = METRIC_KIND_##kind_,                                      \
             .unit = METRIC_UNIT_##unit_,                                      \
             .worst = METRIC_WORST_##worst_,                                   \
             .source = METRIC_FROM_##source_,                                  \
             .label = label_,                                                  \
             .help = help_},
#include "metrics/metric_table.def"
#undef METRIC
};

bool metric_comes_while_down(enum metric metric) {
  return metric_table[metric].source == METRIC_FROM_READ ||
         metric_table[metric].source == METRIC_FROM_LOG;
}

double metric_most(enum metric metric) {
  const struct metric_row *row = &metric_table[metric];
  int states = 0;

  if (row->unit != METRIC_UNIT_STATE)
    return NAN;
  while (metric_state_word(row->type, states) != NULL)
    states++;
  return states - 1;
}

const char *metric_state_word(const char *type, double value) {
  static const struct {
    const char *type;
    const char *words[9];
  } states[] = {
      {"bool", {"no", "yes"}},
      {"mcp_breaker_state", {"closed", "half-open", "open"}},
      {"mcp_server_state",
       {"connected", "disabled", "connecting", "unauthorized", "disconnected",
        "dead"}},
      {"mcp_hub_state",
       {"ready", "restarted", "starting", "restarting", "stopping", "stopped",
        "error", "unknown", "unreachable"}},
  };

  for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++)
    for (int n = 0; n < 9 && states[i].words[n] != NULL; n++)
      if (value >= n && value <= n && strcmp(states[i].type, type) == 0)
        return states[i].words[n];
  return NULL;
}

int metric_format_state(const char *type, double value, char buf[FORMAT_MAX]) {
  const char *word = metric_state_word(type, value);

  if (word == NULL)
    return -1;
  snprintf(buf, FORMAT_MAX, "%s (%.0f)", word, value);
  return 0;
}

static const char *put_state(const char *type, double value,
                             char buf[FORMAT_MAX]) {
  const char *word = metric_state_word(type, floor(value));

  if (isnan(value))
    return format_number(value, buf);
  if (word != NULL)
    snprintf(buf, FORMAT_MAX, "%s", word);
  else
    snprintf(buf, FORMAT_MAX, "state %g", value);
  return buf;
}

const char *metric_format(enum metric metric, double value,
                          char buf[FORMAT_MAX]) {
  switch (metric_table[metric].unit) {
  case METRIC_UNIT_COUNT:
  case METRIC_UNIT_MICROSECONDS:
    return format_count(value, buf);
  case METRIC_UNIT_PERCENT:
    return format_percent(value, buf);
  case METRIC_UNIT_SECONDS:
    return format_seconds(value, buf);
  case METRIC_UNIT_DURATION:
    return format_duration(value, buf);
  case METRIC_UNIT_BYTES:
    return format_bytes(value, buf);
  case METRIC_UNIT_STATE:
    return put_state(metric_table[metric].type, value, buf);
  }
  return format_number(value, buf);
}
