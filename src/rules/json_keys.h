/* SPDX-License-Identifier: MIT */
/* json_keys.h - reads objects of alerts.json by a table with one row per key.
 *
 * A row gives the type, the range and the target field of a key. Parsing, error
 * messages and the manual page use the same table. Tables are constant. */
#ifndef RULES_JSON_KEYS_H
#define RULES_JSON_KEYS_H

#include "rules/json_reader.h"

#include <stdio.h>

enum json_key_kind { /* type of the field; meaning of min and max */
                     JSON_KEY_TEXT,     /* char *, owned; max in bytes */
                     JSON_KEY_NUMBER,   /* double; min and max inclusive */
                     JSON_KEY_DURATION, /* double, seconds; min */
                     JSON_KEY_BOOLEAN,  /* bool */
                     JSON_KEY_CHOICE,   /* unsigned, an index */
                     JSON_KEY_PATTERN,  /* struct pattern *, owned */
                     JSON_KEY_LIST,     /* the kinds below need `read` */
                     JSON_KEY_TIME,
                     JSON_KEY_OBJECT
};

#define JSON_KEY_REQUIRED 1u  /* manual page only: the caller checks */
#define JSON_KEY_BELOW_MAX 2u /* max is exclusive */

struct json_key {
  const char *name; /* NULL ends the table */
  enum json_key_kind kind;
  unsigned flags;
  size_t offset;   /* of the field in the target */
  size_t given;    /* offset of a bool "is set"; 0: none */
  double min, max; /* no range unless min < max */
  const char *(*choice)(unsigned index);        /* NULL after the last one */
  void (*choose)(void *target, unsigned index); /* NULL: store in the field */
  /* Replaces the reader of the kind unless NULL. */
  int (*read)(struct json_reader *in, const struct json_path *path,
              json_object *value, const struct json_key *key, void *target);
  const char *fallback; /* default in the manual page; NULL: none */
  const char *help;     /* text for the manual page */
};

/* Functions returning int: 0, or -1 with an error as in json_reader.h. On error
 * the target field is unchanged. */

/* Reads every member of the object. */
int json_keys_read(struct json_reader *in, const struct json_path *path,
                   json_object *object, const struct json_key *keys,
                   void *target);

/* Reads one value by its row; ignores the row's `read`. */
int json_key_read(struct json_reader *in, const struct json_path *path,
                  json_object *value, const struct json_key *key, void *target);

/* NULL with an error: unknown key. `path` ends in the key. */
const struct json_key *json_keys_find(struct json_reader *in,
                                      const struct json_path *path,
                                      const struct json_key *keys);

/* One line per key: name, kind, range, default, help, separated by tabs. */
void json_keys_print(const struct json_key *keys, FILE *out);

#endif
