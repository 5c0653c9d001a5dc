/* SPDX-License-Identifier: MIT */
/* server_selection.h - which servers are reported one by one.
 *
 * A pattern is a name, or between slashes a regular expression (util/regex.h)
 * that is searched for in the name. No pattern selects everything. For one
 * thread at a time. */
#ifndef HUB_SERVER_SELECTION_H
#define HUB_SERVER_SELECTION_H

#include <stdbool.h>
#include <stddef.h>

struct server_selection;

/* `patterns` is NULL-terminated or NULL; `invert`: what matches is left out.
 * NULL without memory or with a pattern that server_selection_check() refuses.
 */
struct server_selection *server_selection_create(const char *const *patterns,
                                                 bool invert);
void server_selection_destroy(struct server_selection *s);

bool server_selection_has(struct server_selection *s, const char *name,
                          size_t len);

/* The matches until the next call share a budget of steps. */
void server_selection_begin_read(struct server_selection *s);

/* Writes one line for a regular expression that took too long on a name. False:
 * every one has had its line. */
bool server_selection_take_slow(struct server_selection *s, char *line,
                                size_t size);

/* 0, or -1 with what was expected in `err`. */
int server_selection_check(const char *pattern, char *err, size_t err_size);

#endif
