/* SPDX-License-Identifier: MIT */
/* snapshot.h - the state of a hub at one read.
 *
 * Filled by the API parser (api_parser.h). A number is NaN, unknown, if the hub
 * did not report it or reported an invalid one (wrong type, negative, not
 * finite). Units are seconds, bytes and percent. A snapshot owns its memory
 * until hub_snapshot_clear(). */
#ifndef HUB_SNAPSHOT_H
#define HUB_SNAPSHOT_H

#include "hub/text_store.h"

#include <stdbool.h>
#include <stddef.h>

/* Value of mcp_hub_state. */
enum hub_state {
  HUB_READY,
  HUB_RESTARTED,
  HUB_STARTING,
  HUB_RESTARTING,
  HUB_STOPPING,
  HUB_STOPPED,
  HUB_ERROR,
  HUB_UNKNOWN,     /* answered with an unknown state */
  HUB_UNREACHABLE, /* no answer; never in a snapshot */
  HUB_STATES
};

/* Value of mcp_server_state, as reported by the hub. */
enum server_status {
  SERVER_CONNECTED,
  SERVER_DISABLED,
  SERVER_CONNECTING,
  SERVER_UNAUTHORIZED,
  SERVER_DISCONNECTED,
  SERVER_DEAD,    /* set by server_history.h; never in a snapshot */
  SERVER_UNKNOWN, /* a status that the plugin does not know; no value */
  SERVER_STATUSES
};

/* The hub's names, plus "dead", "unknown" and "unreachable". */
extern const char *const hub_state_names[HUB_STATES];
extern const char *const server_status_names[SERVER_STATUSES];

/* Number of entries. */
enum server_capability {
  SERVER_TOOLS,
  SERVER_RESOURCES,
  SERVER_RESOURCE_TEMPLATES,
  SERVER_PROMPTS,
  SERVER_CAPABILITIES
};

struct server_snapshot {
  const char *name; /* any bytes, NUL included, NUL-terminated; or NULL */
  size_t name_len;
  size_t place;            /* index in the hub's list */
  const char *status_text; /* unknown status, else NULL */
  enum server_status status;
  bool is_stdio;             /* a child process of the hub */
  const char *config_source; /* its configuration file, or NULL */
  double uptime;             /* seconds */
  double last_started;       /* epoch seconds */
  double capability[SERVER_CAPABILITIES];
};

enum hub_number {
  /* /api/health */
  HUB_UPTIME, /* seconds */
  HUB_CLIENTS_MCP,
  HUB_CLIENTS_EVENTS,
  HUB_CAPABILITY_TOOLS,
  HUB_CAPABILITY_RESOURCES,
  HUB_CAPABILITY_RESOURCE_TEMPLATES,
  HUB_CAPABILITY_PROMPTS,
  HUB_WORKSPACES_ACTIVE,
  HUB_WORKSPACES_SHUTTING_DOWN,
  /* /api/filtering/stats, to the end */
  HUB_FILTERING, /* 0 or 1 */
  HUB_TOOLS_TOTAL,
  HUB_TOOLS_EXPOSED,
  HUB_TOOLS_FILTERED,
  HUB_FILTER_RATE,         /* percent */
  HUB_CATEGORY_CACHE_RATE, /* percent */
  HUB_CATEGORY_CACHE_SIZE,
  HUB_LLM_CACHE_RATE, /* percent */
  HUB_LLM_CACHE_SIZE,
  HUB_LLM_CACHE_HITS,   /* since the hub's start */
  HUB_LLM_CACHE_MISSES, /* since the hub's start */
  HUB_LLM_CACHE_BYTES,
  HUB_LLM_SUCCESS_RATE,    /* percent, since the hub's start */
  HUB_LLM_LATENCY_AVERAGE, /* seconds */
  HUB_LLM_LATENCY_P50,
  HUB_LLM_LATENCY_P95,
  HUB_LLM_LATENCY_P99,
  HUB_LLM_CALLS, /* from here to HUB_LLM_FALLBACKS: since the hub's start */
  HUB_LLM_SUCCESSES,
  HUB_LLM_FAILURES,
  HUB_LLM_TIMEOUTS,
  HUB_LLM_RETRIES,
  HUB_LLM_FALLBACKS,
  HUB_QUEUE_LENGTH,
  HUB_QUEUE_PROCESSED,
  HUB_BREAKER_STATE, /* 0 closed, 1 half-open, 2 open */
  HUB_BREAKER_FAILURES,
  HUB_BREAKER_TRIPS, /* since the hub's start */
  HUB_NUMBERS
};

struct hub_self {  /* the hub's own process */
  int pid;         /* 0: unknown */
  int port;        /* 0: unknown */
  double start;    /* epoch seconds */
  const char *cwd; /* or NULL */
  const char **config_files;
  size_t config_files_num;
};

struct hub_snapshot {
  enum hub_state state;
  struct hub_self self;
  double timestamp; /* the hub's clock, epoch seconds */
  bool servers_known;
  size_t servers_num;
  struct server_snapshot *servers; /* sorted by name */
  double number[HUB_NUMBERS];
  struct text_block *texts; /* owns all strings above */
};

/* Makes all numbers unknown and the list empty. */
void hub_snapshot_init(struct hub_snapshot *s);
void hub_snapshot_clear(struct hub_snapshot *s);

/* Compares names; a server without a name comes first. */
int server_snapshot_compare(const struct server_snapshot *a,
                            const struct server_snapshot *b);

#endif
