/* SPDX-License-Identifier: MIT */
/* reduce_reference.h - what the reducer must do, said a second time and slowly.
 *
 * Two opinions that share no code with src/hub/reduce.c: a recursive RFC 8259
 * checker, and the rules applied to a json-c tree. json-c alone cannot judge
 * what is JSON: even strict, 0.16 takes NaN, Infinity, -01, 1., 'a' as a key
 * and control characters in strings. It also cuts keys at \u0000, so a document
 * with such a key has no reference result. */
#ifndef REDUCE_REFERENCE_H
#define REDUCE_REFERENCE_H

#include "hub/reduce.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <string.h>

/* ---- is it JSON? ---- */

struct reference_text {
  const char *p;
  const char *end;
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
    if (!reference_string(t))
      return false;
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
  struct reference_text t = {text, text + len};
  return reference_value(&t, REDUCE_MAX_DEPTH) && t.p == t.end;
}

/* ---- json-c ---- */

/* False unless json-c takes the whole text, which it does not judge strictly.
 * `text[len]` must be NUL: it ends a number at the top. The tree is the
 * caller's; the document `null` is NULL. */
static inline bool reference_parse(const char *text, size_t len,
                                   struct json_object **tree) {
  struct json_tokener *tokener = json_tokener_new_ex(2 * REDUCE_MAX_DEPTH);
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

static inline const struct reduce_rule *
reference_rule(const struct reduce_rule *rules, const char *key) {
  const struct reduce_rule *any = NULL;
  for (; rules->key != NULL; rules++) {
    if (strlen(key) <= REDUCE_MAX_KEY && strcmp(rules->key, key) == 0)
      return rules;
    if (strcmp(rules->key, "*") == 0)
      any = rules;
  }
  return any;
}

static inline struct json_object *
reference_apply(struct json_object *value, enum reduce_action action,
                const struct reduce_rule *children);

static inline struct json_object *
reference_enter_object(struct json_object *object,
                       const struct reduce_rule *rules) {
  struct json_object *result = json_object_new_object();
  struct json_object_iterator i = json_object_iter_begin(object);
  struct json_object_iterator end = json_object_iter_end(object);
  for (; !json_object_iter_equal(&i, &end); json_object_iter_next(&i)) {
    const char *key = json_object_iter_peek_name(&i);
    struct json_object *value = json_object_iter_peek_value(&i);
    const struct reduce_rule *rule = reference_rule(rules, key);
    if (rule != NULL)
      json_object_object_add(
          result, key, reference_apply(value, rule->action, rule->children));
  }
  return result;
}

static inline struct json_object *
reference_enter_array(struct json_object *array,
                      const struct reduce_rule *rules) {
  struct json_object *result = json_object_new_array();
  for (size_t i = 0; i < json_object_array_length(array); i++) {
    struct json_object *element = json_object_array_get_idx(array, i);
    if (json_object_is_type(element, json_type_object))
      element = reference_enter_object(element, rules);
    else if (json_object_is_type(element, json_type_array))
      element = json_object_new_array();
    else
      element = json_object_get(element);
    json_object_array_add(result, element);
  }
  return result;
}

static inline struct json_object *
reference_apply(struct json_object *value, enum reduce_action action,
                const struct reduce_rule *children) {
  bool object = json_object_is_type(value, json_type_object);
  bool array = json_object_is_type(value, json_type_array);
  if (action == REDUCE_COUNT && array)
    return json_object_new_int64((int64_t)json_object_array_length(value));
  if (action == REDUCE_SCALAR && array)
    return json_object_new_array();
  if ((action == REDUCE_COUNT || action == REDUCE_SCALAR) && object)
    return json_object_new_object();
  if (action == REDUCE_ENTER && object)
    return reference_enter_object(value, children);
  if (action == REDUCE_ENTER && array)
    return reference_enter_array(value, children);
  return json_object_get(value);
}

static inline struct json_object *
reference_reduce(struct json_object *document,
                 const struct reduce_rule *rules) {
  return reference_apply(document, REDUCE_ENTER, rules);
}

#endif
