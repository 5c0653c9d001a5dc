/* SPDX-License-Identifier: MIT */
/* json_stream.h - the bytes of a JSON document as they arrive, checked as
 * strict JSON (RFC 8259) in constant memory. A part of the API parser.
 *
 * A document is a sequence of bytes between tokens (brackets, commas, colons,
 * white space) and of tokens (strings, numbers, literals). The caller walks
 * through the bytes it wants to see by json_next[]; it hands over tokens to
 * json_read_token() and whole values that it does not want to json_skip(). Both
 * stop at the end of the piece and go on with the next one.
 *
 * While `keeping` is set, a token's text goes to the open text of `texts`: a
 * string with its escapes resolved as UTF-8, half a surrogate pair as U+FFFD; a
 * number as it is; of a literal nothing. */
#ifndef HUB_JSON_STREAM_H
#define HUB_JSON_STREAM_H

#include "hub/text_store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_STREAM_MAX_DEPTH 512 /* of nesting; deeper is an error */

/* Of a byte between tokens. */
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

/* What the document may go on with. */
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

/* How far a string, number or literal has been read. */
enum json_token {
  NO_TOKEN,
  IN_STRING,
  IN_ESCAPE, /* after the backslash */
  IN_HEX_4,  /* 4 hex digits to come */
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
  const char *piece; /* what is being read */
  uint64_t offset;   /* of the piece in the document */

  enum json_state state;
  enum json_token token;
  const char *literal; /* what IN_LITERAL still expects */
  unsigned depth;
  uint8_t after[JSON_STREAM_MAX_DEPTH + 1]; /* state after a value, by depth */

  struct text_store texts;
  bool keeping;    /* false at a token's end: not kept, or over keep_max */
  size_t keep_max; /* bytes of a token */
  bool has_nul;    /* in the kept text; the caller sets it to false */
  unsigned code;   /* of the \u that is being read */
  unsigned high;   /* first half of a surrogate pair; 0: none */

  bool failed;
  bool oversize; /* the error is that there is too much to keep */
  char error[96];
};

/* By state and class; after a closing bracket the state is that in `after` of
 * the level below, and DONE only says that the bracket may stand there. */
extern const uint8_t json_next[JSON_STATES][JSON_CLASSES];
extern const uint8_t json_class[256];

void json_stream_init(struct json_stream *s, size_t max_text);
void json_stream_clear(struct json_stream *s);

/* After the last byte. -1: cut short, empty, or already wrong. */
int json_stream_end(struct json_stream *s);

/* "byte 17: what"; the first error stays. `at` is in the piece. */
void json_fail(struct json_stream *s, const char *at, const char *what);
void json_fail_oversize(struct json_stream *s, const char *at,
                        const char *what);

/* The byte cannot follow in this state. */
void json_fail_unexpected(struct json_stream *s, const char *at);

/* These return where they stopped. */
const char *json_skip_space(const char *p, const char *end);
const char *json_read_token(struct json_stream *s, const char *p,
                            const char *end);
/* From the opening bracket, or from within, until the depth is `base` again or
 * a token spans two pieces (then json_read_token() goes on). */
const char *json_skip(struct json_stream *s, unsigned base, const char *p,
                      const char *end);

/* The first quote, backslash or control character, or `end`. */
const char *json_plain_text_end(const char *p, const char *end);

/* `first` decides what the token is; only a string's quote is used up. */
void json_open_token(struct json_stream *s, char first);

/* One level deeper; false: too deep. */
bool json_push(struct json_stream *s, const char *at, enum json_class open);

#endif
