/* SPDX-License-Identifier: MIT */
#include "rules/builtin_rules.h"

#include <math.h>
#include <string.h>

#define HUB "*/mcp_hub-*/"
#define OF_HUB " of hub {plugin_instance} on {host} "
#define NOW "is {value}"
#define SINCE ", since {since}"
#define AFTER ", after {duration}"
#define MIN 60.0
#define HOUR 3600.0

/* Message templates of a threshold. `what` names {value}. */
#define BELOW(what, unit)                                                      \
  .message = what OF_HUB NOW unit ", below {threshold}" unit SINCE,            \
  .resolved = what OF_HUB NOW unit " again" AFTER
#define ABOVE(what, unit)                                                      \
  .message = what OF_HUB NOW unit ", above {threshold}" unit SINCE,            \
  .resolved = what OF_HUB NOW unit " again" AFTER
#define ABOVE_MIB(what)                                                        \
  .message =                                                                   \
      what OF_HUB "is {value_mib} MiB, above {threshold_mib} MiB" SINCE,       \
  .resolved = what OF_HUB "is {value_mib} MiB again" AFTER
#define LATENCY(which)                                                         \
  .unit = BUILTIN_MILLISECONDS, .op = RULE_GT,                                 \
  ABOVE("LLM latency (" which ")", " s")

const struct builtin_rule builtin_rules[] = {
    {.name = "hub_down",
     .metric = HUB "bool-up",
     .op = RULE_EQ,
     .level = ALERT_CRITICAL,
     .threshold = 0,
     .message = "MCP hub {plugin_instance} on {host} does not answer" SINCE,
     .resolved = "MCP hub {plugin_instance} on {host} answers again" AFTER},
    {.name = "all_servers_down",
     .metric = HUB "percent-servers_down",
     .op = RULE_GE,
     .level = ALERT_CRITICAL,
     .threshold = 100,
     .inhibited_by = {"hub_down"},
     .message = "All MCP servers" OF_HUB "are down ({value} %)" SINCE,
     .resolved = "{value} % of the MCP servers" OF_HUB "are down, "
                 "no longer all" AFTER},
    {.name = "server_dead",
     .metric = HUB "mcp_server_state-*",
     .op = RULE_EQ,
     .level = ALERT_WARNING,
     .threshold = 5,
     .inhibited_by = {"hub_down", "all_servers_down"},
     .message = "MCP server {type_instance}" OF_HUB "is dead: its process is "
                "gone though the hub says connected" SINCE,
     .resolved = "MCP server {type_instance}" OF_HUB NOW AFTER},
    {.name = "server_down",
     .metric = HUB "mcp_server_state-*",
     .op = RULE_EQ,
     .level = ALERT_WARNING,
     .threshold = 4,
     .hold_for = 2 * MIN,
     .inhibited_by = {"hub_down", "all_servers_down"},
     .message = "MCP server {type_instance}" OF_HUB NOW SINCE,
     .resolved = "MCP server {type_instance}" OF_HUB NOW AFTER},

    {.name = "llm_success_rate",
     .metric = HUB "percent-llm_success",
     .unit = BUILTIN_FRACTION,
     .op = RULE_LT,
     BELOW("LLM success rate", " %")},
    {.name = "cache_hit_rate",
     .metric = HUB "cache_ratio-llm",
     .unit = BUILTIN_FRACTION,
     .op = RULE_LT,
     BELOW("LLM cache hit rate", " %")},
    {.name = "p50_latency", .metric = HUB "latency-llm_p50", LATENCY("p50")},
    {.name = "p95_latency", .metric = HUB "latency-llm_p95", LATENCY("p95")},
    {.name = "p99_latency", .metric = HUB "latency-llm_p99", LATENCY("p99")},
    {.name = "avg_latency",
     .metric = HUB "latency-llm_average",
     LATENCY("average")},
    {.name = "queue_depth",
     .metric = HUB "queue_length-llm",
     .unit = BUILTIN_COUNT,
     .op = RULE_GT,
     ABOVE("LLM queue", " deep")},
    {.name = "circuit_breaker_failures",
     .metric = HUB "count-breaker_failures",
     .unit = BUILTIN_COUNT,
     .op = RULE_GE,
     .message = "Circuit breaker" OF_HUB "counts {value} failures in a row "
                "(limit {threshold})" SINCE,
     .resolved = "Circuit breaker" OF_HUB "counts {value} failures" AFTER},
    {.name = "circuit_breaker_state",
     .metric = HUB "mcp_breaker_state",
     .unit = BUILTIN_BREAKER,
     .op = RULE_GE,
     .message =
         "Circuit breaker" OF_HUB "is {value}: LLM calls are held back" SINCE,
     .resolved = "Circuit breaker" OF_HUB NOW AFTER},
    {.name = "cpu_percent",
     .metric = HUB "percent-cpu",
     .unit = BUILTIN_PERCENT,
     .op = RULE_GT,
     ABOVE("CPU use", " %")},
    {.name = "memory_percent",
     .metric = HUB "percent-memory",
     .unit = BUILTIN_PERCENT,
     .op = RULE_GT,
     ABOVE("Memory", " % of the machine's")},
    {.name = "memory_mb",
     .metric = HUB "ps_rss-hub",
     .unit = BUILTIN_MEBIBYTES,
     .op = RULE_GT,
     ABOVE_MIB("Memory")},
    {.name = "active_clients",
     .metric = HUB "current_connections-mcp",
     .unit = BUILTIN_COUNT,
     .op = RULE_GT,
     ABOVE("Number of MCP clients", "")},
    {.name = "error_count",
     .metric = HUB "count-log_errors_100",
     .unit = BUILTIN_COUNT,
     .op = RULE_GT,
     ABOVE("Number of errors in the last 100 log entries", "")},
    {.name = "connection_flaps",
     .metric = HUB "total_events-disconnect",
     .unit = BUILTIN_COUNT,
     .op = RULE_GT,
     .function = RULE_DELTA,
     .window = 10 * MIN,
     ABOVE("Number of disconnects in 10 min", "")},
    {.name = "log_size_mb",
     .metric = HUB "file_size-log",
     .unit = BUILTIN_MEBIBYTES,
     .op = RULE_GT,
     ABOVE_MIB("Log file")},
    {.name = "log_growth_mb_per_hour",
     .metric = HUB "file_size-log",
     .unit = BUILTIN_MEBIBYTES,
     .op = RULE_GT,
     .function = RULE_DELTA,
     .window = HOUR,
     ABOVE_MIB("Growth of the log within an hour")},
    {.name = "api_response_time",
     .metric = HUB "response_time-health",
     .unit = BUILTIN_SECONDS,
     .op = RULE_GT,
     ABOVE("Response time", " s")},
    {.name = "servers_disconnected",
     .metric = HUB "mcp_servers-disconnected",
     .unit = BUILTIN_COUNT,
     .op = RULE_GT,
     ABOVE("Number of disconnected MCP servers", "")},
};
const size_t builtin_rules_num = sizeof(builtin_rules) / sizeof(*builtin_rules);

const struct builtin_rule *builtin_rule_find(const char *name) {
  for (size_t i = 0; i < builtin_rules_num; i++)
    if (strcmp(builtin_rules[i].name, name) == 0)
      return &builtin_rules[i];
  return NULL;
}

const char *builtin_rule_expected(enum builtin_unit unit) {
  switch (unit) {
  case BUILTIN_FRACTION:
    return "a fraction between 0 and 1";
  case BUILTIN_PERCENT:
    return "a percentage between 0 and 100";
  case BUILTIN_COUNT:
    return "a number not below 0";
  case BUILTIN_SECONDS:
    return "seconds, a number not below 0";
  case BUILTIN_MILLISECONDS:
    return "milliseconds, a number not below 0";
  case BUILTIN_MEBIBYTES:
    return "MiB, a number not below 0";
  case BUILTIN_BREAKER:
    return "\"half-open\" or \"open\"";
  case BUILTIN_SERIES:
    break;
  }
  return "a number";
}

int builtin_rule_scale(enum builtin_unit unit, double given,
                       double *threshold) {
  double most = unit == BUILTIN_FRACTION  ? 1
                : unit == BUILTIN_PERCENT ? 100
                                          : 1e15;

  if (!(given >= 0 && given <= most))
    return -1;
  if (unit == BUILTIN_FRACTION) /* 0.07 * 100 is 7.000000000000001 */
    *threshold = round(given * 1e12) / 1e10;
  else if (unit == BUILTIN_MILLISECONDS)
    *threshold = given / 1000;
  else if (unit == BUILTIN_MEBIBYTES)
    *threshold = given * 1048576;
  else
    *threshold = given;
  return 0;
}

int builtin_rule_breaker(const char *state, double *threshold) {
  if (strcmp(state, "half-open") != 0 && strcmp(state, "open") != 0)
    return -1;
  *threshold = *state == 'o' ? 2 : 1;
  return 0;
}
