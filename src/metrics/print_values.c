/* SPDX-License-Identifier: MIT */
/* Prints the table of values for the manual pages, the tests of documents and
 * the generators of graphs: a line each, tabs between plugin, type, instance,
 * kind, unit, worst side, source, label, help and the words of a state ("0
 * ready, 1 restarted"). With arguments only values of these sources. */
#include "metrics/metric.h"

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

static bool is_wanted(const char *source, int argc, char **argv) {
  for (int i = 1; i < argc; i++)
    if (strcmp(argv[i], source) == 0)
      return true;
  return argc < 2;
}

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

int main(int argc, char **argv) {
  for (int i = 0; i < METRICS; i++)
    if (is_wanted(sources[metric_table[i].source], argc, argv))
      print_row(&metric_table[i]);
  return 0;
}
