/* SPDX-License-Identifier: MIT */
/* json_reader.h - values of a JSON text, checked; every error names line and
 * path.
 *
 * All functions that return an int give 0, or -1 with "line 12: rules[3].for:
 * …" in `err`; targets stay untouched then. */
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

/* The whole text: one object. NULL with an error; else for json_free(). */
json_object *json_reader_parse(struct json_reader *in);

/* -1, always. */
__attribute__((format(printf, 3, 4))) int
json_reader_fail(struct json_reader *in, const struct json_path *path,
                 const char *format, ...);
int json_reader_expected(struct json_reader *in, const struct json_path *path,
                         json_object *value, const char *what);
int json_reader_out_of_memory(struct json_reader *in);
int json_reader_unknown_key(struct json_reader *in,
                            const struct json_path *path,
                            const struct closest_match *known);

/* The value as it stands, short enough for a message; in `buf` or constant. */
#define JSON_READER_SHOWN 64
const char *json_reader_show(json_object *value, char buf[JSON_READER_SHOWN]);

int json_reader_number(struct json_reader *in, const struct json_path *path,
                       json_object *value, double *number);
int json_reader_bool(struct json_reader *in, const struct json_path *path,
                     json_object *value, bool *flag);
int json_reader_duration(struct json_reader *in, const struct json_path *path,
                         json_object *value, double *seconds);
/* 1 to `max` bytes of printable characters; NULL with an error, else
 * borrowed from the value. */
const char *json_reader_text(struct json_reader *in,
                             const struct json_path *path, json_object *value,
                             size_t max);
/* Replaces *target by a copy. */
int json_reader_copy(struct json_reader *in, const struct json_path *path,
                     json_object *value, size_t max, char **target);

#endif
