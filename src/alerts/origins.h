/* SPDX-License-Identifier: MIT */
/* origins.h - which values this collectd reads itself, and refuses from the
 * network.
 *
 * A sender on the network may name any host and plugin. After the first value
 * of a source (host, plugin, plugin instance) that this collectd has read or
 * computed, values of that source from the network are refused: also of series
 * that this collectd has never seen. For ORIGINS_START seconds, in which the
 * sources are not all known, so are all values that name its own host.
 *
 * A value without a mark of the network counts as its own. Memory is bounded:
 * beyond `max` sources the others are not protected. No clock, not
 * thread-safe. */
#ifndef ALERTS_ORIGINS_H
#define ALERTS_ORIGINS_H

#include "alerts/series.h"

#include <stdbool.h>

#define ORIGINS_START 30.0 /* seconds */

struct origins;

/* Copies the name of the own host. NULL: out of memory. */
struct origins *origins_create(const char *own_host, size_t max, double now);
void origins_destroy(struct origins *o);

/* False: the value is to be ignored. */
bool origins_accept(struct origins *o, const struct series *s,
                    bool from_network, double now);

/* Number of refused values. */
uint64_t origins_refused(const struct origins *o);

#endif
