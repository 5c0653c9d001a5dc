/* SPDX-License-Identifier: MIT */
/* json.h - parses and writes JSON. Detects json-c's out-of-memory errors.
 *
 * Ownership: json_parse() returns a tree that the caller frees with
 * json_free(). Getters return pointers borrowed from the tree. A writer owns
 * its text until json_writer_clear() or json_take(). */
#ifndef UTIL_JSON_H
#define UTIL_JSON_H

#include "util/strbuf.h"

#include <stdbool.h>
#include <stddef.h>

/* ---- reading ---- */

struct json_object; /* json-c's type; NULL: null or absent */

enum json_dialect {
  JSON_STRICT, /* RFC 8259; an object {...} at the top, no NUL byte */
  JSON_RELAXED /* also comments, trailing commas, '...', a byte order mark */
};

struct json_error { /* independent of the version of json-c */
  const char *what; /* a constant string */
  size_t offset;    /* of the first wrong byte; 0 with JSON_RELAXED */
  bool memory;      /* out of memory; the text may be valid */
};

/* Returns NULL with *error set on a syntax error, nesting deeper than
 * JSON_SYNTAX_DEPTH, more than INT_MAX bytes, or out of memory. */
struct json_object *json_parse(const char *text, size_t len,
                               enum json_dialect dialect,
                               struct json_error *error);
void json_free(struct json_object *tree);

/* Returns NULL if `object` is not an object or has no member `key`. */
struct json_object *json_member(const struct json_object *object,
                                const char *key);
/* Return the member if it has the right type; else `otherwise`, NaN or NULL. */
const char *json_text(const struct json_object *object, const char *key,
                      const char *otherwise);
double json_number(const struct json_object *object, const char *key);
bool json_flag(const struct json_object *object, const char *key,
               bool otherwise);
struct json_object *json_list(const struct json_object *object,
                              const char *key);
struct json_object *json_inner(const struct json_object *object,
                               const char *key); /* an object */

size_t json_length(const struct json_object *list); /* 0: not a list */
struct json_object *json_element(const struct json_object *list, size_t i);

/* ---- writing ---- */

#define JSON_TEXT_MAX 4096 /* bytes of a string; longer ones are cut */

/* Initialise with {0}. `key` is NULL in a list and at the top level.
 * json_written() and json_take() report out of memory. */
struct json_writer {
  struct strbuf out;
  /* true: escape all but printable ASCII; false: replace unprintable ASCII by a
   * space, other unprintable bytes by U+FFFD */
  bool ascii;
};

void json_begin_object(struct json_writer *w, const char *key);
void json_end_object(struct json_writer *w);
void json_begin_list(struct json_writer *w, const char *key);
void json_end_list(struct json_writer *w);
/* NULL writes null. */
void json_put_text(struct json_writer *w, const char *key, const char *text);
/* Writes the shortest form with the same value; null if not finite. */
void json_put_number(struct json_writer *w, const char *key, double number);
void json_put_flag(struct json_writer *w, const char *key, bool flag);
/* Starts a new line before the next value of a list; no effect with `ascii`. */
void json_new_line(struct json_writer *w);
/* Ends the last line of a file. */
void json_end_text(struct json_writer *w);

/* Returns the borrowed text, or NULL if out of memory. */
const char *json_written(const struct json_writer *w, size_t *len);
/* Moves the text to the caller, who frees it; NULL if out of memory. */
char *json_take(struct json_writer *w);
void json_writer_clear(struct json_writer *w);

#endif
