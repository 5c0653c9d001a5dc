/* SPDX-License-Identifier: MIT */
/* json_keys.h - objects of alerts.json, read by a table with one row a key.
 *
 * The table says of each key what it takes and where it goes. Reading, error
 * messages and the manual come from it. Tables are static and never change. */
#ifndef RULES_JSON_KEYS_H
#define RULES_JSON_KEYS_H

#include "rules/json_reader.h"

#include <stdio.h>

enum json_key_kind {                    /* C type of the field; min and max */
                     JSON_KEY_TEXT,     /* char *, owned; max: bytes */
                     JSON_KEY_NUMBER,   /* double; both inclusive */
                     JSON_KEY_DURATION, /* double, seconds; min */
                     JSON_KEY_BOOLEAN,  /* bool */
                     JSON_KEY_CHOICE,   /* unsigned: an index */
                     JSON_KEY_PATTERN,  /* struct pattern *, owned */
                     JSON_KEY_LIST,     /* the rest have a `read` only */
                     JSON_KEY_TIME,
                     JSON_KEY_OBJECT
};

#define JSON_KEY_REQUIRED 1u  /* for the manual: who reads the object checks */
#define JSON_KEY_BELOW_MAX 2u /* max is excluded */

struct json_key {
  const char *name; /* NULL ends the table */
  enum json_key_kind kind;
  unsigned flags;
  size_t offset;   /* of the field in the target */
  size_t given;    /* of a bool that tells; 0: none does */
  double min, max; /* none unless min < max */
  const char *(*choice)(unsigned index);        /* NULL behind the last one */
  void (*choose)(void *target, unsigned index); /* NULL: into the field */
  /* Instead of what the kind does; NULL: that. */
  int (*read)(struct json_reader *in, const struct json_path *path,
              json_object *value, const struct json_key *key, void *target);
  const char *fallback; /* the default in the manual; NULL: none */
  const char *help;     /* in the manual: sentences */
};

/* Functions that return an int give 0, or -1 with an error as in json_reader.h;
 * fields stay untouched then. */

/* Every member of the object, by the table. */
int json_keys_read(struct json_reader *in, const struct json_path *path,
                   json_object *object, const struct json_key *keys,
                   void *target);

/* One value, by its row; without its `read`. */
int json_key_read(struct json_reader *in, const struct json_path *path,
                  json_object *value, const struct json_key *key, void *target);

/* NULL: there is none of that name; `path` ends in the name. */
const struct json_key *json_keys_find(struct json_reader *in,
                                      const struct json_path *path,
                                      const struct json_key *keys);

/* One line a key: name, kind, range, default, help, separated by tabs. */
void json_keys_print(const struct json_key *keys, FILE *out);

#endif
