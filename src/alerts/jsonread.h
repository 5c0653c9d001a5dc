/* jsonread.h - values of a JSON text, checked; every error names line and path.
 *
 * All functions that return an int give 0, or -1 with "line 12: rules[3].for:
 * …" in `err`; targets stay untouched then. */
#ifndef ALERTS_JSONREAD_H
#define ALERTS_JSONREAD_H

#include "alerts/jsonpos.h"
#include "alerts/suggest.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

struct jsonread {
  const char *text;
  size_t len;
  char *err;
  size_t err_size;
};

/* The whole text: one object. NULL with an error; else for json_object_put().
 */
json_object *jsonread_parse(struct jsonread *in);

/* -1, always. */
__attribute__((format(printf, 3, 4))) int
jsonread_fail(struct jsonread *in, const struct jsonpath *path,
              const char *format, ...);
int jsonread_expected(struct jsonread *in, const struct jsonpath *path,
                      json_object *value, const char *what);
int jsonread_out_of_memory(struct jsonread *in);
int jsonread_unknown_key(struct jsonread *in, const struct jsonpath *path,
                         const struct suggest *known);

/* The value as it stands, short enough for a message; in `buf` or constant. */
#define JSONREAD_SHOWN 64
const char *jsonread_show(json_object *value, char buf[JSONREAD_SHOWN]);

int jsonread_number(struct jsonread *in, const struct jsonpath *path,
                    json_object *value, double *number);
int jsonread_bool(struct jsonread *in, const struct jsonpath *path,
                  json_object *value, bool *flag);
int jsonread_duration(struct jsonread *in, const struct jsonpath *path,
                      json_object *value, double *seconds);
/* 1 to `max` bytes without control characters; NULL with an error, else
 * borrowed from the value. */
const char *jsonread_text(struct jsonread *in, const struct jsonpath *path,
                          json_object *value, size_t max);
/* Replaces *target by a copy. */
int jsonread_copy(struct jsonread *in, const struct jsonpath *path,
                  json_object *value, size_t max, char **target);

/* Reads one value to where `into` says. */
typedef int (*jsonread_fn)(struct jsonread *in, const struct jsonpath *path,
                           json_object *value, void *into);

struct jsonread_key {
  const char *name; /* NULL ends the table */
  jsonread_fn read;
};

/* Every member of the object by the table of keys. */
int jsonread_members(struct jsonread *in, const struct jsonpath *path,
                     json_object *object, const struct jsonread_key *keys,
                     void *into);

#endif
