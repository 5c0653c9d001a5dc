/* SPDX-License-Identifier: MIT */
#include "util/json.h"

#include "util/json_syntax.h"
#include "util/utf8.h"

#include <errno.h>
#include <json-c/json.h>
#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BYTE_ORDER_MARK "\xEF\xBB\xBF"
#define REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */

/* ---- reading ---- */

/* Returns the first error of JSON_STRICT, or NULL. */
static const char *find_error(const char *text, size_t len, size_t *offset) {
  const char *zero = memchr(text, '\0', len);
  size_t i = 0;

  while (i < len && strchr(" \t\r\n", text[i]) != NULL && text[i] != '\0')
    i++;
  *offset = i;
  if (i == len || text[i] != '{')
    return "expected an object {...}";
  if (zero == NULL)
    return json_syntax_error(text, len, offset);
  *offset = (size_t)(zero - text);
  return "a byte of zero";
}

/* Counts the members of all objects; the text must be valid JSON. */
static size_t count_in_text(const char *text, size_t len) {
  bool quoted = false;
  size_t num = 0;

  for (size_t i = 0; i < len; i++) {
    if (quoted && text[i] == '\\')
      i++;
    else if (text[i] == '"')
      quoted = !quoted;
    else
      num += text[i] == ':' && !quoted;
  }
  return num;
}

static size_t count_in_tree(const struct json_object *tree) {
  size_t num = 0;

  if (json_object_is_type(tree, json_type_object)) {
    json_object_object_foreach((struct json_object *)(uintptr_t)tree, key,
                               value) {
      (void)key;
      num += 1 + count_in_tree(value);
    }
  }
  for (size_t i = 0; i < json_length(tree); i++)
    num += count_in_tree(json_element(tree, i));
  return num;
}

static struct json_object *build(const char *text, size_t len,
                                 bool *out_of_memory) {
  struct json_object *tree = NULL;

  errno = 0;
  struct json_tokener *tokener = json_tokener_new_ex(JSON_SYNTAX_DEPTH + 1);
  if (tokener != NULL) {
    tree = json_tokener_parse_ex(tokener, text, (int)len);
    json_tokener_free(tokener);
  }
  *out_of_memory = tokener == NULL || errno == ENOMEM;
  if (!*out_of_memory)
    return tree;
  json_object_put(tree);
  return NULL;
}

/* Detects members that json-c 0.16 drops silently when malloc() fails: it also
 * resets errno at the next number. If the tree has fewer members than the text,
 * the text is parsed again. The same count twice means duplicate keys. */
static struct json_object *build_whole(const char *text, size_t len,
                                       bool *out_of_memory) {
  struct json_object *tree = build(text, len, out_of_memory);
  size_t num = count_in_tree(tree);

  if (tree == NULL || num == count_in_text(text, len))
    return tree;
  struct json_object *again = build(text, len, out_of_memory);
  *out_of_memory = *out_of_memory || count_in_tree(again) != num;
  json_object_put(again);
  if (!*out_of_memory)
    return tree;
  json_object_put(tree);
  return NULL;
}

struct json_object *json_parse(const char *text, size_t len,
                               enum json_dialect dialect,
                               struct json_error *error) {
  bool marked = len >= strlen(BYTE_ORDER_MARK) && dialect == JSON_RELAXED &&
                memcmp(text, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)) == 0;
  size_t skip = marked ? strlen(BYTE_ORDER_MARK) : 0;
  struct json_object *tree = NULL;

  *error = (struct json_error){0};
  if (len > INT_MAX)
    error->what = "the text is too long";
  else if (dialect == JSON_STRICT)
    error->what = find_error(text, len, &error->offset);
  if (error->what == NULL)
    tree = (dialect == JSON_STRICT ? build_whole : build)(
        text + skip, len - skip, &error->memory);
  if (error->memory)
    error->what = "out of memory";
  else if (tree == NULL && error->what == NULL)
    error->what = "not JSON";
  return tree;
}

void json_free(struct json_object *tree) { json_object_put(tree); }

struct json_object *json_member(const struct json_object *object,
                                const char *key) {
  struct json_object *found = NULL;

  if (json_object_is_type(object, json_type_object))
    json_object_object_get_ex(object, key, &found);
  return found;
}

static struct json_object *typed(const struct json_object *object,
                                 const char *key, enum json_type type) {
  struct json_object *found = json_member(object, key);

  return json_object_is_type(found, type) ? found : NULL;
}

const char *json_text(const struct json_object *object, const char *key,
                      const char *otherwise) {
  struct json_object *found = typed(object, key, json_type_string);

  return found != NULL ? json_object_get_string(found) : otherwise;
}

double json_number(const struct json_object *object, const char *key) {
  struct json_object *found = json_member(object, key);

  return json_object_is_type(found, json_type_double) ||
                 json_object_is_type(found, json_type_int)
             ? json_object_get_double(found)
             : NAN;
}

bool json_flag(const struct json_object *object, const char *key,
               bool otherwise) {
  struct json_object *found = typed(object, key, json_type_boolean);

  return found != NULL ? json_object_get_boolean(found) : otherwise;
}

struct json_object *json_list(const struct json_object *object,
                              const char *key) {
  return typed(object, key, json_type_array);
}

struct json_object *json_inner(const struct json_object *object,
                               const char *key) {
  return typed(object, key, json_type_object);
}

size_t json_length(const struct json_object *list) {
  return json_object_is_type(list, json_type_array)
             ? json_object_array_length(list)
             : 0;
}

struct json_object *json_element(const struct json_object *list, size_t i) {
  return json_object_array_get_idx(list, i);
}

/* ---- writing ---- */

static void put(struct json_writer *w, const char *text) {
  strbuf_string(&w->out, text);
}

static void put_escaped(struct json_writer *w, unsigned code) {
  if (code < 0x10000)
    strbuf_format(&w->out, "\\u%04x", code);
  else
    strbuf_format(&w->out, "\\u%04x\\u%04x", 0xD7C0 + (code >> 10),
                  0xDC00 + (code & 0x3FF));
}

static void put_character(struct json_writer *w, const char *s, size_t n) {
  uint32_t code = 0;

  if (*s == '"' || *s == '\\')
    put(w, "\\");
  if (w->ascii && utf8_decode(s, n, &code) > 0 && (code < ' ' || code >= 0x7F))
    put_escaped(w, code);
  else
    strbuf_add(&w->out, s, n);
}

static void put_quoted(struct json_writer *w, const char *text) {
  size_t room = JSON_TEXT_MAX;

  put(w, "\"");
  for (size_t len = strlen(text), taken = 0; len > 0; len -= taken) {
    uint32_t code = 0;
    size_t n =
        w->ascii ? utf8_decode(text, len, &code) : utf8_printable(text, len);
    const char *s = n > 0                                      ? text
                    : !w->ascii && (unsigned char)*text < 0x80 ? " "
                                                               : REPLACEMENT;
    size_t size = n > 0 ? n : strlen(s);
    if (size > room)
      break;
    put_character(w, s, size);
    room -= size;
    taken = n > 0 ? n : 1;
    text += taken;
  }
  put(w, "\"");
}

/* Writes the separator and the key before a value. */
static void begin_value(struct json_writer *w, const char *key) {
  char last = w->out.len > 0 ? w->out.text[w->out.len - 1] : '[';

  if (last != '[' && last != '{' && last != '\n')
    put(w, ",");
  if (key == NULL)
    return;
  put_quoted(w, key);
  put(w, ":");
}

void json_new_line(struct json_writer *w) {
  bool first = w->out.len > 0 && w->out.text[w->out.len - 1] == '[';

  if (!w->ascii)
    put(w, first ? "\n" : ",\n");
}

static void put_value(struct json_writer *w, const char *key,
                      const char *value) {
  begin_value(w, key);
  put(w, value);
}

void json_begin_object(struct json_writer *w, const char *key) {
  put_value(w, key, "{");
}

void json_end_object(struct json_writer *w) { put(w, "}"); }

void json_begin_list(struct json_writer *w, const char *key) {
  put_value(w, key, "[");
}

void json_end_list(struct json_writer *w) { put(w, "]"); }

void json_put_text(struct json_writer *w, const char *key, const char *text) {
  begin_value(w, key);
  if (text != NULL)
    put_quoted(w, text);
  else
    put(w, "null");
}

void json_put_number(struct json_writer *w, const char *key, double number) {
  char text[40] = "null";

  if (fabs(number) < 1e15 && !(floor(number) < number))
    snprintf(text, sizeof(text), "%lld", (long long)number);
  else if (isfinite(number)) {
    snprintf(text, sizeof(text), "%.15g", number);
    double same = strtod(text, NULL);
    if (same < number || same > number)
      snprintf(text, sizeof(text), "%.17g", number);
    char *comma = strchr(text, ','); /* the decimal point of some locales */
    if (comma != NULL)
      *comma = '.';
  }
  put_value(w, key, text);
}

void json_put_flag(struct json_writer *w, const char *key, bool flag) {
  put_value(w, key, flag ? "true" : "false");
}

void json_end_text(struct json_writer *w) { put(w, "\n"); }

const char *json_written(const struct json_writer *w, size_t *len) {
  *len = w->out.len;
  return w->out.failed ? NULL : w->out.text;
}

char *json_take(struct json_writer *w) {
  size_t len = 0;
  bool whole = json_written(w, &len) != NULL;
  char *text = whole ? w->out.text : NULL;

  if (!whole)
    strbuf_clear(&w->out);
  w->out = (struct strbuf){0};
  return text;
}

void json_writer_clear(struct json_writer *w) { strbuf_clear(&w->out); }
