/* SPDX-License-Identifier: MIT */
#include "json_mutator.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH 512
#define TEXT_MAX 256 /* bytes of a string that is mutated as bytes */

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);

struct place { /* of a node: in an object, an array, or at the top */
  struct json_object *parent;
  const char *key;
  size_t index;
  struct json_object *value;
};

static uint64_t seed;

static unsigned chance(unsigned below) {
  seed = seed * 6364136223846793005U + 1442695040888963407U;
  return (unsigned)(seed >> 33) % below;
}

/* ---- nodes ---- */

static void choose(struct place *chosen, unsigned *seen, struct place at) {
  if (chance(++*seen) == 0)
    *chosen = at;
  if (json_object_is_type(at.value, json_type_object)) {
    json_object_object_foreach(at.value, key, value)
        choose(chosen, seen, (struct place){at.value, key, 0, value});
  } else if (json_object_is_type(at.value, json_type_array)) {
    for (size_t i = 0; i < json_object_array_length(at.value); i++)
      choose(chosen, seen,
             (struct place){at.value, NULL, i,
                            json_object_array_get_idx(at.value, i)});
  }
}

/* Each with the same probability. */
static struct place any_place(struct json_object *root) {
  struct place chosen = {.value = root};
  unsigned seen = 0;
  choose(&chosen, &seen, chosen);
  return chosen;
}

static struct json_object *copy_of(struct json_object *value) {
  struct json_object *copy = NULL;
  if (value != NULL)
    json_object_deep_copy(value, &copy, NULL);
  return copy;
}

/* Takes the value over. */
static void put(struct json_object **root, const struct place *at,
                struct json_object *value) {
  if (at->parent == NULL) {
    json_object_put(*root);
    *root = value;
  } else if (at->key != NULL) {
    json_object_object_add(at->parent, at->key, value);
  } else {
    json_object_array_put_idx(at->parent, at->index, value);
  }
}

/* Also under a key that is there. */
static void add(struct json_object *parent, const char *key,
                struct json_object *value) {
  if (json_object_is_type(parent, json_type_object))
    json_object_object_add_ex(parent, key != NULL ? key : "name", value,
                              JSON_C_OBJECT_ADD_KEY_IS_NEW);
  else
    json_object_array_add(parent, value);
}

/* ---- values ---- */

/* Serialised as it stands. */
static struct json_object *raw(const char *text) {
  return json_object_new_double_s(0, text);
}

static struct json_object *extreme(void) {
  static const char *const texts[] = {"0",
                                      "-0",
                                      "1",
                                      "-1",
                                      "1e400",
                                      "-1e400",
                                      "1e-400",
                                      "1e308",
                                      "4e9",
                                      "9007199254740993",
                                      "NaN",
                                      "Infinity",
                                      "0.5",
                                      "01",
                                      "9223372036854775808",
                                      "1.",
                                      "null",
                                      "true",
                                      "false",
                                      "-9223372036854775809",
                                      "{}",
                                      "[]",
                                      "[[[]]]",
                                      "\"\"",
                                      "18446744073709551616",
                                      "\"NaN\"",
                                      "\"96.7%\"",
                                      "\"0.5\"",
                                      "\"-1\"",
                                      "\"\\u0000\"",
                                      "\"\\ud800\"",
                                      "\"a/b\\u0001\\n\"",
                                      "\"\\ud83d\\ude00\"",
                                      "\"\xff\xc3\"",
                                      "\"{x} {value}\"",
                                      "\"1h30m\"",
                                      "\"99999999d\"",
                                      "\"/(a|b/\"",
                                      "\"*/*/*\"",
                                      "{\"a\":1,\"a\":2}",
                                      "\"2026-12-01T00:00:00Z\""};
  return raw(texts[chance(sizeof(texts) / sizeof(*texts))]);
}

static struct json_object *long_text(void) {
  char text[600];
  size_t len = 1 + chance(sizeof(text) - 1);
  memset(text, "ax/\"\\\n{\xc3"[chance(8)], len);
  return json_object_new_string_len(text, (int)len);
}

static struct json_object *deep(void) {
  char text[2 * DEPTH + 40];
  size_t depth = 1 + chance(chance(4) == 0 ? DEPTH + 10 : 20);
  memset(text, '[', depth);
  memset(text + depth, ']', depth);
  text[2 * depth] = '\0';
  return raw(text);
}

/* The text of a string or scalar, changed by the fuzzer's own means. */
static struct json_object *changed(struct json_object *value) {
  uint8_t text[TEXT_MAX + 1];
  bool string = json_object_is_type(value, json_type_string);
  const char *old = json_object_get_string(value);
  size_t len = old != NULL ? strlen(old) : 0;
  len = len < TEXT_MAX ? len : TEXT_MAX;
  if (len > 0)
    memcpy(text, old, len);
  len = LLVMFuzzerMutate(text, len, TEXT_MAX);
  text[len] = '\0';
  return string ? json_object_new_string_len((const char *)text, (int)len)
                : raw((const char *)text);
}

/* "5" for 5, 5 for "5", [5] and {"5":5}. */
static struct json_object *other_type(struct json_object *value) {
  const char *text = json_object_get_string(value);
  struct json_object *outer = NULL;
  switch (chance(4)) {
  case 0:
    outer = json_object_new_array();
    break;
  case 1:
    outer = json_object_new_object();
    break;
  case 2:
    return json_object_new_string(text != NULL ? text : "null");
  default:
    return raw(text != NULL ? text : "null");
  }
  add(outer, text, copy_of(value));
  return outer;
}

static struct json_object *new_value(struct json_object *root,
                                     struct json_object *old) {
  switch (chance(8)) {
  case 0:
    return other_type(old);
  case 1:
    return long_text();
  case 2:
    return deep();
  case 3:
  case 4:
    return copy_of(any_place(root).value);
  case 5:
    return changed(old);
  default:
    return extreme();
  }
}

/* ---- changes ---- */

static void delete (struct json_object **root, const struct place *at) {
  if (at->parent == NULL)
    put(root, at, NULL);
  else if (at->key != NULL)
    json_object_object_del(at->parent, at->key);
  else
    json_object_array_del_idx(at->parent, at->index, 1);
}

static void repeat(struct json_object *root, const struct place *at) {
  unsigned times = chance(8) == 0 ? chance(100) : 1;
  for (unsigned i = 0; at->parent != NULL && i <= times; i++)
    add(at->parent, at->key,
        chance(2) == 0 ? copy_of(at->value) : new_value(root, at->value));
}

static void give_name(struct json_object *root, const struct place *at) {
  struct place other = any_place(root);
  struct json_object *text =
      chance(2) == 0 ? long_text() : json_object_new_string("*");
  const char *name = other.key != NULL && chance(4) > 0
                         ? other.key
                         : json_object_get_string(text);
  if (at->key != NULL)
    add(at->parent, name, copy_of(at->value));
  json_object_put(text);
}

static void swap(struct json_object **root, const struct place *a) {
  struct place b = any_place(*root);
  struct json_object *x = copy_of(a->value), *y = copy_of(b.value);
  if (a->parent == NULL || b.parent == NULL || a->parent != b.parent) {
    put(root, a, y); /* which may end the other place */
    json_object_put(x);
    return;
  }
  put(root, a, y);
  put(root, &b, x);
}

static void change(struct json_object **root) {
  struct place at = any_place(*root);
  switch (chance(8)) {
  case 0:
    delete (root, &at);
    break;
  case 1:
    repeat(*root, &at);
    break;
  case 2:
    give_name(*root, &at);
    break;
  case 3:
    swap(root, &at);
    break;
  default:
    put(root, &at, new_value(*root, at.value));
  }
}

/* ---- texts ---- */

static struct json_object *parse(const uint8_t *text, size_t len) {
  struct json_tokener *tokener = json_tokener_new_ex(DEPTH);
  struct json_object *root =
      json_tokener_parse_ex(tokener, (const char *)text, (int)len);
  bool whole = json_tokener_get_error(tokener) == json_tokener_success;
  json_tokener_free(tokener);
  if (whole)
    return root;
  json_object_put(root);
  return NULL;
}

static const char *serialise(struct json_object *root, size_t *len) {
  /* Not indented: the square of its depth. */
  static const int flags[] = {JSON_C_TO_STRING_PLAIN, JSON_C_TO_STRING_SPACED,
                              JSON_C_TO_STRING_NOSLASHESCAPE};
  const char *text =
      json_object_to_json_string_length(root, flags[chance(3)], len);
  *len = text != NULL ? strlen(text) : 0;
  return text;
}

/* [begin, end) becomes the text; the new size, or 0: no room. */
static size_t splice(uint8_t *data, size_t size, size_t max, size_t begin,
                     size_t end, const char *text, size_t len) {
  if (begin + len + (size - end) > max)
    return 0;
  memmove(data + begin + len, data + end, size - end);
  memcpy(data + begin, text, len);
  return begin + len + (size - end);
}

static size_t mutate_tree(uint8_t *data, size_t size, size_t max, size_t head) {
  uint8_t *nul = memchr(data + head, '\0', size - head);
  size_t begin = head;
  size_t end = nul != NULL ? (size_t)(nul - data) : size;
  if (nul != NULL && chance(2) == 0) {
    begin = end + 1;
    end = size;
  }
  struct json_object *root = parse(data + begin, end - begin);
  size_t result = 0;
  if (root == NULL)
    return 0;
  for (unsigned i = chance(3) + 1; i > 0; i--)
    change(&root);
  size_t len = 0;
  const char *text = serialise(root, &len);
  if (text != NULL)
    result = splice(data, size, max, begin, end, text, len);
  json_object_put(root);
  return result;
}

size_t json_mutate(uint8_t *data, size_t size, size_t max, unsigned from,
                   size_t head) {
  seed = from;
  chance(2);
  size_t result =
      size > head && chance(3) > 0 ? mutate_tree(data, size, max, head) : 0;
  return result > 0 ? result : LLVMFuzzerMutate(data, size, max);
}
