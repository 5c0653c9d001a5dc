/* SPDX-License-Identifier: MIT */
/* server_selection.h - selects the servers that are reported individually.
 *
 * A pattern is a name, or a regular expression between slashes (util/regex.h)
 * that is searched in the name. No pattern selects all servers. Not
 * thread-safe. */
#ifndef HUB_SERVER_SELECTION_H
#define HUB_SERVER_SELECTION_H

#include <stdbool.h>
#include <stddef.h>

struct server_selection;

/* `patterns` is NULL-terminated or NULL; `invert` selects servers that do not
 * match. Returns NULL if out of memory or if a pattern is invalid. */
struct server_selection *server_selection_create(const char *const *patterns,
                                                 bool invert);
void server_selection_destroy(struct server_selection *s);

bool server_selection_has(struct server_selection *s, const char *name,
                          size_t len);

/* Renews the budget of steps that all matches of a read share. */
void server_selection_begin_read(struct server_selection *s);

/* Writes one line for a regular expression that was aborted on a name. Returns
 * false if no line is left. */
bool server_selection_take_slow(struct server_selection *s, char *line,
                                size_t size);

/* Returns 0, or -1 with a message in `err`. */
int server_selection_check(const char *pattern, char *err, size_t err_size);

#endif
