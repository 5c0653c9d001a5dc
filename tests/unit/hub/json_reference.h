/* SPDX-License-Identifier: MIT */
/* json_reference.h - what JSON is, said a second time and slowly: a recursive
 * RFC 8259 checker, and json-c. Neither shares code with the API parser.
 *
 * json-c alone cannot judge what is JSON: 0.16 takes NaN, Infinity, -01, 1.,
 * 'a' as a key and control characters in strings. It also cuts keys at \u0000,
 * where the API parser drops them: the checker spells such a key with a mark
 * instead. */
#ifndef JSON_REFERENCE_H
#define JSON_REFERENCE_H

#include <json-c/json.h>
#include <stdbool.h>
#include <string.h>

#define REFERENCE_DEPTH 512
#define REFERENCE_MARK "fdd0" /* U+FDD0, which is no character */
#define REFERENCE_MARK_UTF8 "\xef\xb7\x90"

/* ---- is it JSON? ---- */

struct reference_text {
  char *p;
  char *end;
  bool mark;
  bool in_key;
};

static inline int reference_peek(const struct reference_text *t) {
  return t->p < t->end ? (unsigned char)*t->p : -1;
}

static inline bool reference_take(struct reference_text *t, int byte) {
  if (reference_peek(t) != byte)
    return false;
  t->p++;
  return true;
}

static inline bool reference_is_one_of(int byte, const char *set) {
  return byte > 0 && strchr(set, byte) != NULL;
}

static inline void reference_space(struct reference_text *t) {
  while (reference_is_one_of(reference_peek(t), " \t\n\r"))
    t->p++;
}

static inline bool reference_digits(struct reference_text *t) {
  const char *start = t->p;
  while (reference_is_one_of(reference_peek(t), "0123456789"))
    t->p++;
  return t->p > start;
}

static inline bool reference_number(struct reference_text *t) {
  reference_take(t, '-');
  if (!reference_take(t, '0') && !reference_digits(t))
    return false;
  if (reference_take(t, '.') && !reference_digits(t))
    return false;
  if (!reference_take(t, 'e') && !reference_take(t, 'E'))
    return true;
  if (!reference_take(t, '+'))
    reference_take(t, '-');
  return reference_digits(t);
}

static inline bool reference_escape(struct reference_text *t) {
  if (!reference_take(t, 'u')) {
    bool known = reference_is_one_of(reference_peek(t), "\"\\/bfnrt");
    t->p += known;
    return known;
  }
  for (int i = 0; i < 4; i++, t->p++)
    if (!reference_is_one_of(reference_peek(t), "0123456789abcdefABCDEF"))
      return false;
  if (t->mark && t->in_key && memcmp(t->p - 4, "0000", 4) == 0)
    memcpy(t->p - 4, REFERENCE_MARK, 4);
  return true;
}

static inline bool reference_string(struct reference_text *t) {
  if (!reference_take(t, '"'))
    return false;
  while (!reference_take(t, '"')) {
    if (reference_take(t, '\\')) {
      if (!reference_escape(t))
        return false;
    } else if (reference_peek(t) < 0x20) {
      return false;
    } else {
      t->p++;
    }
  }
  return true;
}

static inline bool reference_word(struct reference_text *t, const char *word) {
  size_t len = strlen(word);
  if ((size_t)(t->end - t->p) < len || memcmp(t->p, word, len) != 0)
    return false;
  t->p += len;
  return true;
}

static inline bool reference_value(struct reference_text *t, int depth);

static inline bool reference_members(struct reference_text *t, int depth) {
  reference_space(t);
  if (reference_take(t, '}'))
    return true;
  do {
    reference_space(t);
    t->in_key = true;
    if (!reference_string(t))
      return false;
    t->in_key = false;
    reference_space(t);
    if (!reference_take(t, ':') || !reference_value(t, depth))
      return false;
  } while (reference_take(t, ','));
  return reference_take(t, '}');
}

static inline bool reference_elements(struct reference_text *t, int depth) {
  reference_space(t);
  if (reference_take(t, ']'))
    return true;
  do {
    if (!reference_value(t, depth))
      return false;
  } while (reference_take(t, ','));
  return reference_take(t, ']');
}

/* With the white space around it. */
static inline bool reference_value(struct reference_text *t, int depth) {
  bool right;
  reference_space(t);
  if (reference_take(t, '{'))
    right = depth > 0 && reference_members(t, depth - 1);
  else if (reference_take(t, '['))
    right = depth > 0 && reference_elements(t, depth - 1);
  else if (reference_peek(t) == '"')
    right = reference_string(t);
  else
    right = reference_word(t, "true") || reference_word(t, "false") ||
            reference_word(t, "null") || reference_number(t);
  reference_space(t);
  return right;
}

static inline bool reference_is_json(const char *text, size_t len) {
  struct reference_text t = {.p = (char *)text, .end = (char *)text + len};
  return reference_value(&t, REFERENCE_DEPTH) && t.p == t.end;
}

/* And puts the mark for \u0000 into keys. */
static inline bool reference_mark_json(char *text, size_t len) {
  struct reference_text t = {.p = text, .end = text + len, .mark = true};
  return reference_value(&t, REFERENCE_DEPTH) && t.p == t.end;
}

/* ---- json-c ---- */

/* Of a text that is JSON; false unless json-c takes it whole. `text[len]` must
 * be NUL: it ends a number at the top. The tree is the caller's; the document
 * `null` is NULL. (Not strict: json-c 0.18 refuses large numbers then.) */
static inline bool reference_parse(const char *text, size_t len,
                                   struct json_object **tree) {
  struct json_tokener *tokener = json_tokener_new_ex(2 * REFERENCE_DEPTH);
  *tree = json_tokener_parse_ex(tokener, text, (int)len + 1);
  bool whole = json_tokener_get_error(tokener) == json_tokener_success &&
               json_tokener_get_parse_end(tokener) >= len;
  json_tokener_free(tokener);
  if (!whole) {
    json_object_put(*tree);
    *tree = NULL;
  }
  return whole;
}

#endif
