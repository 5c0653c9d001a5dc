/* local.h - what this machine knows of a hub that runs on it: the figures of
 * its process (process.h) and of its servers' processes (serverprocess.h), by
 * the places that the servers have in a snapshot. */
#ifndef HUB_LOCAL_H
#define HUB_LOCAL_H

#include "hub/process.h"
#include "hub/serverprocess.h"
#include "hub/track.h"

struct local;

/* `root` is copied, "/proc" as a rule. NULL without memory. */
struct local *local_create(const char *root);
void local_destroy(struct local *l);

/* After each good read of the hub; `now` of a clock that does not step. */
enum process_state local_read(struct local *l, const struct track *track,
                              double now);

/* Nothing is known any more, until the next read: the hub did not answer. */
void local_forget(struct local *l);

/* NULL unless the hub's process is verified. */
const struct process_figures *local_hub(const struct local *l);

/* Of the server at that place in the snapshot; NULL: nothing is known. */
const struct server_process *local_server(const struct local *l, size_t place);

/* How many running servers have no figures, and the first of them. */
size_t local_unfound(const struct local *l, size_t *first);

#endif
