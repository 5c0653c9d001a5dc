/* SPDX-License-Identifier: MIT */
/* json_stream.h - checks a JSON document (RFC 8259), part by part, in constant
 * memory. Internal to the API parser.
 *
 * A document consists of structural bytes (brackets, commas, colons, white
 * space) and tokens (strings, numbers, literals). The caller walks structural
 * bytes with json_next[], tokens with json_read_token(), and skips values with
 * json_skip(). Both functions stop at the end of a part and continue in the
 * next one.
 *
 * While `keeping` is set, a token's text is added to the open text of `texts`:
 * a string as UTF-8 without escapes, half a surrogate pair as U+FFFD; a number
 * unchanged; a literal as nothing. */
#ifndef HUB_JSON_STREAM_H
#define HUB_JSON_STREAM_H

#include "hub/text_store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_STREAM_MAX_DEPTH 512 /* levels of nesting */

/* Class of a structural byte. */
enum json_class {
  OTHER,
  SPACE,
  QUOTE,
  OPEN_OBJECT,
  CLOSE_OBJECT,
  OPEN_ARRAY,
  CLOSE_ARRAY,
  COLON,
  COMMA,
  NUMBER,
  LITERAL,
  JSON_CLASSES
};

/* What may follow in the document. */
enum json_state {
  WRONG,
  DOCUMENT,
  FIRST_KEY,
  KEY,
  AFTER_KEY,
  MEMBER_VALUE,
  AFTER_MEMBER,
  FIRST_ELEMENT,
  ELEMENT,
  AFTER_ELEMENT,
  DONE,
  JSON_STATES
};

/* State within a string, number or literal. */
enum json_token {
  NO_TOKEN,
  IN_STRING,
  IN_ESCAPE, /* after the backslash */
  IN_HEX_4,  /* 4 hex digits follow */
  IN_HEX_3,
  IN_HEX_2,
  IN_HEX_1,
  IN_LITERAL,
  NUMBER_START,
  NUMBER_MINUS,
  NUMBER_ZERO,
  NUMBER_INTEGER,
  NUMBER_POINT,
  NUMBER_FRACTION,
  NUMBER_E,
  NUMBER_E_SIGN,
  NUMBER_EXPONENT,
};

struct json_stream {
  const char *piece; /* the current part of the document */
  uint64_t offset;   /* offset of `piece` in the document */

  enum json_state state;
  enum json_token token;
  const char *literal; /* the rest of the literal */
  unsigned depth;
  uint8_t after[JSON_STREAM_MAX_DEPTH + 1]; /* state after a value, by depth */

  struct text_store texts;
  bool keeping; /* false at a token's end: not kept, or longer than keep_max */
  size_t keep_max; /* bytes of a token */
  bool has_nul;    /* kept text has a NUL; the caller resets it */
  unsigned code;   /* value of the current \u escape */
  unsigned high;   /* first half of a surrogate pair; 0: none */

  bool failed;
  bool oversize; /* the error is too much text or too many items */
  char error[96];
};

/* Next state by state and class. After a closing bracket the state comes from
 * `after`; DONE only means that the bracket is allowed. */
extern const uint8_t json_next[JSON_STATES][JSON_CLASSES];
extern const uint8_t json_class[256];

void json_stream_init(struct json_stream *s, size_t max_text);
void json_stream_clear(struct json_stream *s);

/* Call after the last part. Returns -1 if the input is incomplete or wrong. */
int json_stream_end(struct json_stream *s);

/* Store the first error as "byte 17: what". `at` is in the current part. */
void json_fail(struct json_stream *s, const char *at, const char *what);
void json_fail_oversize(struct json_stream *s, const char *at,
                        const char *what);

/* Reports a byte that is not allowed in this state. */
void json_fail_unexpected(struct json_stream *s, const char *at);

/* Return where they stopped. */
const char *json_skip_space(const char *p, const char *end);
const char *json_read_token(struct json_stream *s, const char *p,
                            const char *end);
/* Skips from an opening bracket, or from within a value, until the depth is
 * `base` or a token reaches the end of the part: then continue with
 * json_read_token(). */
const char *json_skip(struct json_stream *s, unsigned base, const char *p,
                      const char *end);

/* Returns the first quote, backslash or control character, or `end`. */
const char *json_plain_text_end(const char *p, const char *end);

/* Starts a token that begins with `first`; consumes only a quote. */
void json_open_token(struct json_stream *s, char first);

/* Enters a level; false: nested too deeply. */
bool json_push(struct json_stream *s, const char *at, enum json_class open);

#endif
