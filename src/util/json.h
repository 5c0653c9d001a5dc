/* SPDX-License-Identifier: MIT */
/* json.h - JSON, read and written; the only place that asks whether json-c ran
 * out of memory.
 *
 * Ownership: json_parse() gives a tree to the caller, who calls json_free().
 * All that the getters return is borrowed from the tree, and the text that a
 * writer holds is the writer's own: json_writer_clear(). */
#ifndef UTIL_JSON_H
#define UTIL_JSON_H

#include "util/strbuf.h"

#include <stdbool.h>
#include <stddef.h>

/* ---- reading ---- */

struct json_object; /* json-c's; NULL is null, and what is not there */

enum json_dialect {
  JSON_STRICT, /* RFC 8259, an object {...} at the top, no byte of zero */
  JSON_RELAXED /* also comments, trailing commas, single quotes, a byte order
                  mark */
};

struct json_error { /* the same in all versions of json-c */
  const char *what; /* a constant */
  size_t offset;    /* of the first byte that cannot be; JSON_RELAXED: 0 */
  bool memory;      /* out of memory; the text may be valid */
};

/* NULL with *error: not JSON, nested deeper than JSON_SYNTAX_DEPTH, longer than
 * INT_MAX bytes, or out of memory. */
struct json_object *json_parse(const char *text, size_t len,
                               enum json_dialect dialect,
                               struct json_error *error);
void json_free(struct json_object *tree);

/* NULL: `object` is no object, or has no such member. */
struct json_object *json_member(const struct json_object *object,
                                const char *key);
/* A member of that type, else: `otherwise`, NaN, `otherwise`, NULL, NULL. */
const char *json_text(const struct json_object *object, const char *key,
                      const char *otherwise);
double json_number(const struct json_object *object, const char *key);
bool json_flag(const struct json_object *object, const char *key,
               bool otherwise);
struct json_object *json_list(const struct json_object *object,
                              const char *key);
struct json_object *json_inner(const struct json_object *object,
                               const char *key); /* an object */

size_t json_length(const struct json_object *list); /* 0: it is no list */
struct json_object *json_element(const struct json_object *list, size_t i);

/* ---- writing ---- */

#define JSON_TEXT_MAX 4096 /* bytes of a text; longer ones are cut */

/* Begin with {0}. `key` is NULL in a list and at the top. Want of memory is
 * remembered until json_written(). */
struct json_writer {
  struct strbuf out;
  bool ascii; /* escape all that is not printable ASCII. Otherwise what is not
                 printable is replaced: a control character of ASCII by a
                 blank, another byte by U+FFFD */
};

void json_begin_object(struct json_writer *w, const char *key);
void json_end_object(struct json_writer *w);
void json_begin_list(struct json_writer *w, const char *key);
void json_end_list(struct json_writer *w);
/* NULL is null. */
void json_put_text(struct json_writer *w, const char *key, const char *text);
/* The shortest form that reads as the same number; null: not finite. */
void json_put_number(struct json_writer *w, const char *key, double number);
void json_put_flag(struct json_writer *w, const char *key, bool flag);
/* A line of its own for the next value of a list; not with `ascii`. */
void json_new_line(struct json_writer *w);
/* The end of the last line of a file. */
void json_end_text(struct json_writer *w);

/* The whole text; NULL: out of memory. */
const char *json_written(const struct json_writer *w, size_t *len);
/* The same for the caller to free(); *w is empty then. */
char *json_take(struct json_writer *w);
void json_writer_clear(struct json_writer *w);

#endif
