/* SPDX-License-Identifier: MIT */
/* server_selection.h - which servers are reported one by one.
 *
 * A pattern is a name, or between slashes a POSIX extended regular expression
 * that is searched for in the name. No pattern selects everything. A regular
 * expression sees a name up to its first NUL byte. */
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

bool server_selection_has(const struct server_selection *s, const char *name,
                          size_t len);

/* 0, or -1 with what was expected in `err`. */
int server_selection_check(const char *pattern, char *err, size_t err_size);

#endif
