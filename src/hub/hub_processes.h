/* SPDX-License-Identifier: MIT */
/* hub_processes.h - what this machine knows of a hub that runs on it: the
 * figures of its process (hub_process.h) and of its servers' processes
 * (server_process.h), by the places that the servers have in a snapshot. */
#ifndef HUB_HUB_PROCESSES_H
#define HUB_HUB_PROCESSES_H

#include "hub/server_history.h"
#include "process/hub_process.h"
#include "process/server_process.h"

struct hub_processes;

/* `root` is copied, "/proc" as a rule. NULL without memory. */
struct hub_processes *hub_processes_create(const char *root);
void hub_processes_destroy(struct hub_processes *l);

/* After each good read of the hub; `now` of a clock that does not step. */
enum hub_process_state hub_processes_read(struct hub_processes *l,
                                          const struct server_history *track,
                                          double now);

/* Nothing is known any more, until the next read: the hub did not answer. */
void hub_processes_forget(struct hub_processes *l);

/* NULL unless the hub's process is verified. */
const struct hub_process_figures *
hub_processes_hub(const struct hub_processes *l);

/* Of the server at that place in the snapshot; NULL: nothing is known. */
const struct server_process *hub_processes_server(const struct hub_processes *l,
                                                  size_t place);

/* How many running servers have no figures, and the first of them. */
size_t hub_processes_unfound(const struct hub_processes *l, size_t *first);

#endif
