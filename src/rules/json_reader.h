/* SPDX-License-Identifier: MIT */
/* json_reader.h - checked values of a JSON text; errors have line and path.
 *
 * Functions returning int: 0, or -1 with "line 12: rules[3].for: …" in `err`.
 * On error the target is unchanged. */
#ifndef RULES_JSON_READER_H
#define RULES_JSON_READER_H

#include "rules/json_position.h"
#include "util/closest_match.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

struct json_reader {
  const char *text;
  size_t len;
  char *err;
  size_t err_size;
};

/* Parses the whole text, one object. Free it with json_free(). NULL: error. */
json_object *json_reader_parse(struct json_reader *in);

/* Always returns -1. */
__attribute__((format(printf, 3, 4))) int
json_reader_fail(struct json_reader *in, const struct json_path *path,
                 const char *format, ...);
int json_reader_expected(struct json_reader *in, const struct json_path *path,
                         json_object *value, const char *what);
int json_reader_out_of_memory(struct json_reader *in);
int json_reader_unknown_key(struct json_reader *in,
                            const struct json_path *path,
                            const struct closest_match *known);

/* The value as JSON, cut for a message; in `buf` or constant. */
#define JSON_READER_SHOWN 64
const char *json_reader_show(json_object *value, char buf[JSON_READER_SHOWN]);

int json_reader_number(struct json_reader *in, const struct json_path *path,
                       json_object *value, double *number);
int json_reader_bool(struct json_reader *in, const struct json_path *path,
                     json_object *value, bool *flag);
int json_reader_duration(struct json_reader *in, const struct json_path *path,
                         json_object *value, double *seconds);
/* Requires 1 to `max` bytes of printable characters. Borrowed from the value;
 * NULL: error. */
const char *json_reader_text(struct json_reader *in,
                             const struct json_path *path, json_object *value,
                             size_t max);
/* Replaces *target by a copy. */
int json_reader_copy(struct json_reader *in, const struct json_path *path,
                     json_object *value, size_t max, char **target);

#endif
