/* SPDX-License-Identifier: MIT */
/* print_values.c - prints the table of values for the manual pages, tests and
 * graph generators.
 *
 * print_values hub|alerts|alerts_own prints one line per value, tab-separated:
 * plugin, type, instance, kind, unit, worst side, source, label, help, states
 * ("0 ready, 1 restarted"). print_values types prints the types that collectd
 * lacks, as a types.db. */
#include "metrics/metric.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const kinds[] = {
    [METRIC_KIND_GAUGE] = "gauge",
    [METRIC_KIND_DERIVE] = "derive",
    [METRIC_KIND_DERIVE_PAIR] = "derive",
};
static const char *const units[] = {
    [METRIC_UNIT_COUNT] = "number",
    [METRIC_UNIT_PERCENT] = "percent",
    [METRIC_UNIT_SECONDS] = "seconds",
    [METRIC_UNIT_DURATION] = "seconds",
    [METRIC_UNIT_BYTES] = "bytes",
    [METRIC_UNIT_MICROSECONDS] = "microseconds",
    [METRIC_UNIT_STATE] = "state",
};
static const char *const sides[] = {
    [METRIC_WORST_LOW] = "low",
    [METRIC_WORST_HIGH] = "high",
};
static const char *const sources[] = {
    [METRIC_FROM_READ] = "read",       [METRIC_FROM_API] = "api",
    [METRIC_FROM_PROCESS] = "process", [METRIC_FROM_LOG] = "log",
    [METRIC_FROM_ALERTS] = "alerts",   [METRIC_FROM_ALERTS_OWN] = "alerts_own",
};

static void print_row(const struct metric_row *m) {
  const char *word = NULL;
  printf("%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t",
         m->source < METRIC_FROM_ALERTS ? "mcp_hub" : "mcp_hub_alerts", m->type,
         m->instance, kinds[m->kind],
         strcmp(m->type, "bool") == 0 ? "0 or 1" : units[m->unit],
         sides[m->worst], sources[m->source], m->label, m->help);
  for (int state = 0; m->unit == METRIC_UNIT_STATE &&
                      (word = metric_state_word(m->type, state)) != NULL;
       state++)
    printf("%s%d %s", state > 0 ? ", " : "", state, word);
  putchar('\n');
}

static void print_type(enum metric metric) {
  const struct metric_row *row = &metric_table[metric];
  double most = metric_most(metric);
  if (isnan(most))
    printf("%-31s value:%s:0:U\n", row->type,
           row->kind == METRIC_KIND_GAUGE ? "GAUGE" : "DERIVE");
  else
    printf("%-31s value:GAUGE:0:%.0f\n", row->type, most);
}

/* Prints the types that collectd lacks, sorted, each once. */
static void print_types(void) {
  const char *printed = "mcp_";
  for (int next = 0; next < METRICS;) {
    next = METRICS;
    for (int i = 0; i < METRICS; i++)
      if (strncmp(metric_table[i].type, "mcp_", 4) == 0 &&
          strcmp(metric_table[i].type, printed) > 0 &&
          (next == METRICS ||
           strcmp(metric_table[i].type, metric_table[next].type) < 0))
        next = i;
    if (next < METRICS) {
      print_type((enum metric)next);
      printed = metric_table[next].type;
    }
  }
}

int main(int argc, char **argv) {
  const char *table = argc > 1 ? argv[1] : "hub";
  enum metric_source first = METRIC_FROM_READ;
  enum metric_source last = METRIC_FROM_LOG;
  if (strcmp(table, "types") == 0)
    print_types();
  if (strcmp(table, "alerts") == 0)
    first = last = METRIC_FROM_ALERTS;
  if (strcmp(table, "alerts_own") == 0)
    first = last = METRIC_FROM_ALERTS_OWN;
  for (int i = 0; strcmp(table, "types") != 0 && i < METRICS; i++)
    if (metric_table[i].source >= first && metric_table[i].source <= last)
      print_row(&metric_table[i]);
  return 0;
}
