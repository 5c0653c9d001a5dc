/* SPDX-License-Identifier: MIT */
#include "hub/snapshot.h"

#include "process/server_config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const hub_state_names[HUB_STATES] = {
    [HUB_READY] = "ready",
    [HUB_RESTARTED] = "restarted",
    [HUB_STARTING] = "starting",
    [HUB_RESTARTING] = "restarting",
    [HUB_STOPPING] = "stopping",
    [HUB_STOPPED] = "stopped",
    [HUB_ERROR] = "error",
    [HUB_UNKNOWN] = "unknown",
    [HUB_UNREACHABLE] = "unreachable"};

const char *const server_status_names[SERVER_STATUSES] = {
    [SERVER_CONNECTED] = "connected",
    [SERVER_DISABLED] = "disabled",
    [SERVER_CONNECTING] = "connecting",
    [SERVER_UNAUTHORIZED] = "unauthorized",
    [SERVER_DISCONNECTED] = "disconnected",
    [SERVER_DEAD] = "dead",
    [SERVER_UNKNOWN] = "unknown"};

void hub_snapshot_init(struct hub_snapshot *s) {
  *s = (struct hub_snapshot){
      .state = HUB_UNKNOWN, .self = {.start = NAN}, .timestamp = NAN};
  for (size_t i = 0; i < HUB_NUMBERS; i++)
    s->number[i] = NAN;
}

void hub_snapshot_clear(struct hub_snapshot *s) {
  free(s->servers);
  free(s->self.config_files);
  text_blocks_free(s->texts);
  hub_snapshot_init(s);
}

int server_snapshot_compare(const struct server_snapshot *a,
                            const struct server_snapshot *b) {
  if (a->name == NULL || b->name == NULL)
    return (a->name != NULL) - (b->name != NULL);
  return server_name_compare(a->name, a->name_len, b->name, b->name_len);
}
