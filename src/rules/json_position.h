/* SPDX-License-Identifier: MIT */
/* json_position.h - line numbers of values in a JSON text; json-c has none.
 *
 * The text must be valid JSON. With other text the line may be wrong, but no
 * access is out of bounds. Lines count from 1. */
#ifndef RULES_JSON_POSITION_H
#define RULES_JSON_POSITION_H

#include <stddef.h>

struct json_path { /* list on the stack, value to root (NULL) */
  const struct json_path *up;
  const char *key; /* NULL: array element */
  size_t index;
};

#define JSON_PATH_MAX 160

/* "rules[3].for". Cuts long keys, replaces control characters. */
void json_path_format(const struct json_path *path, char buf[JSON_PATH_MAX]);

/* Line of the value's key (array: of the value). If missing: of the nearest
 * parent that exists. */
unsigned json_position_line(const char *text, size_t len,
                            const struct json_path *path);

/* Line of the byte at `offset`. */
unsigned json_position_line_at(const char *text, size_t len, size_t offset);

/* Rejects duplicate keys and keys that are not in double quotes. 0, or -1
 * with the first error: `line 4: warning.p95_latency: given twice, first in
 * line 2`. */
int json_position_check_keys(const char *text, size_t len, char *err,
                             size_t err_size);

#endif
