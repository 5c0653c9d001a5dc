/* SPDX-License-Identifier: MIT */
/* hubread.h - a hub read as the plugin reads it: poller.h over client.h, the
 * values of a read put into a list.
 *
 * The fetcher is borrowed. The list does not lie on the heap: the plugin has
 * none. One thread. */
#ifndef BENCH_HUBREAD_H
#define BENCH_HUBREAD_H

#include "http/client.h"
#include "hub/poller.h"

/* `proc` as in poller_settings. NULL with a message on stderr. */
struct poller *hubread_reader(const char *url, const char *proc);

/* What the last read said -> the list; its length. */
size_t hubread_values(const struct poller *r);

struct hubread;

struct hubread *hubread_create(struct http_engine *f, const char *url,
                               const char *proc);
void hubread_destroy(struct hubread *h);

/* A whole read, from the request to the list; the number of values, or -1 with
 * a message on stderr when the hub did not answer well. */
int hubread_once(struct hubread *h);

/* Seconds of a clock that does not step. */
double hubread_now(void);

#endif
