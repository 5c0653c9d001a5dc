/* SPDX-License-Identifier: MIT */
/* reduce.h - the bytes of a JSON document as they arrive -> the few that
 * matter.
 *
 * About 98 % of a hub's health body is tool schemas. The reducer reads the body
 * in whatever pieces the network delivers, in constant memory, and writes a
 * small JSON document that holds only what a table of rules names: members that
 * no rule names vanish, arrays that are only counted become their length.
 *
 * The whole input is checked as strict JSON (RFC 8259), dropped parts included:
 * a body that is cut short or broken anywhere is an error, never a wrong count.
 * Duplicate keys are passed on as they come, so the last one wins as in json-c.
 * Escaped keys match like plain ones. Nesting deeper than REDUCE_MAX_DEPTH is
 * an error.
 *
 * The caller owns the reducer; one thread at a time. The rules are borrowed and
 * must outlive it (static tables). */
#ifndef HUB_REDUCE_H
#define HUB_REDUCE_H

#include <stddef.h>

#define REDUCE_MAX_DEPTH 512
#define REDUCE_MAX_KEY 64 /* a longer key matches no named rule */

enum reduce_action {
  REDUCE_KEEP,   /* the whole value, without insignificant white space */
  REDUCE_ENTER,  /* an object: its members by `children`; an array: each of its
                    elements that is an object, by `children`; a scalar: kept */
  REDUCE_SCALAR, /* a scalar as it is; an array becomes [], an object {} */
  REDUCE_COUNT,  /* an array: its number of elements; else: as REDUCE_KEEP, but
                    an object becomes {} */
};

struct reduce_rule {
  const char *key; /* NULL ends a table; "*" matches every key */
  enum reduce_action action;
  const struct reduce_rule *children; /* of REDUCE_ENTER */
};

struct reducer;

/* `max_out` bounds the result in bytes. NULL without memory. */
struct reducer *reducer_create(const struct reduce_rule *rules, size_t max_out);
void reducer_destroy(struct reducer *r);

/* 0, or -1 once the input is wrong or the result too large: then
 * reducer_error() says what and at which byte, and further input is refused. */
int reducer_feed(struct reducer *r, const char *bytes, size_t len);

/* After the last byte: the reduced document, NUL-terminated, owned by the
 * reducer. 0 or -1 (cut short, empty, or already wrong).
 */
int reducer_finish(struct reducer *r, const char **json, size_t *len);

/* "byte 17: expected ':' after a key"; "" while nothing is wrong. Never holds
 * text of the document. */
const char *reducer_error(const struct reducer *r);

/* True when the error is that the result would pass max_out. */
int reducer_overflowed(const struct reducer *r);

#endif
