/* SPDX-License-Identifier: MIT */
/* hub_processes.h - figures of a local hub's process (hub_process.h) and of its
 * servers' processes (server_process.h), by index in the snapshot. Not
 * thread-safe. */
#ifndef HUB_HUB_PROCESSES_H
#define HUB_HUB_PROCESSES_H

#include "hub/server_history.h"
#include "process/hub_process.h"
#include "process/server_process.h"

struct hub_processes;

/* Copies `root`, usually "/proc". Returns NULL if out of memory. */
struct hub_processes *hub_processes_create(const char *root);
void hub_processes_destroy(struct hub_processes *l);

/* Call after each successful read; `now` in seconds of a monotonic clock. */
enum hub_process_state hub_processes_read(struct hub_processes *l,
                                          const struct server_history *history,
                                          double now);

/* Makes all figures unknown until the next read: the hub did not answer. */
void hub_processes_forget(struct hub_processes *l);

/* Returns NULL unless the hub's process is verified. */
const struct hub_process_figures *
hub_processes_hub(const struct hub_processes *l);

/* Returns the process of the server at index `place` of the snapshot, or NULL
 * if unknown. */
const struct server_process *hub_processes_server(const struct hub_processes *l,
                                                  size_t place);

/* Returns the number of running servers without figures; *first: index of the
 * first. */
size_t hub_processes_unfound(const struct hub_processes *l, size_t *first);

#endif
