/* SPDX-License-Identifier: MIT */
/* json_position.h - where in a JSON text a value stands; json-c does not tell.
 *
 * The text must be valid JSON, anything else gives some answer, but a safe one.
 * Lines count from 1. */
#ifndef RULES_JSON_POSITION_H
#define RULES_JSON_POSITION_H

#include <stddef.h>

struct json_path { /* a chain on the stack, from the value to the root (NULL) */
  const struct json_path *up;
  const char *key; /* NULL: an element of an array */
  size_t index;
};

#define JSON_PATH_MAX 160

/* "rules[3].for"; long keys are cut, control characters replaced. */
void json_path_format(const struct json_path *path, char buf[JSON_PATH_MAX]);

/* Of the value's key (in an array: of the value), or of the nearest enclosing
 * value that is there. */
unsigned json_position_line(const char *text, size_t len,
                            const struct json_path *path);

/* Of the byte at `offset`. */
unsigned json_position_line_at(const char *text, size_t len, size_t offset);

/* 0, or -1 with the first key that is twice in one object in `err`:
 * `line 4: warning.p95_latency: given twice, first in line 2`; or one that is
 * not in double quotes. */
int json_position_check_keys(const char *text, size_t len, char *err,
                             size_t err_size);

#endif
