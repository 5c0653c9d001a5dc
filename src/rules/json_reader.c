/* SPDX-License-Identifier: MIT */
#include "rules/json_reader.h"

#include "util/duration.h"
#include "util/json.h"
#include "util/utf8.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- errors ---- */

int json_reader_fail(struct json_reader *in, const struct json_path *path,
                     const char *format, ...) {
  char where[JSON_PATH_MAX];
  char what[640];
  char whole[JSON_PATH_MAX + sizeof(what) + 24];
  va_list args;

  va_start(args, format);
  vsnprintf(what, sizeof(what), format, args);
  va_end(args);
  json_path_format(path, where);
  snprintf(whole, sizeof(whole), "line %u: %s%s%s",
           json_position_line(in->text, in->len, path), where,
           *where ? ": " : "", what);
  utf8_print(in->err, in->err_size, whole);
  return -1;
}

int json_reader_out_of_memory(struct json_reader *in) {
  snprintf(in->err, in->err_size, "out of memory");
  return -1;
}

const char *json_reader_show(json_object *value, char buf[JSON_READER_SHOWN]) {
  size_t len = 0;
  size_t shown = JSON_READER_SHOWN - 8;
  const char *text = NULL;

  if (json_object_is_type(value, json_type_object))
    return "{...}";
  if (json_object_is_type(value, json_type_array))
    return "[...]";
  text = json_object_to_json_string_ext(
      value, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
  if (text == NULL) /* out of memory */
    return "";
  len = strlen(text);
  if (len <= shown)
    shown = len;
  while (shown < len && ((unsigned char)text[shown] & 0xC0U) == 0x80U)
    shown--;
  snprintf(buf, JSON_READER_SHOWN, "%.*s%s", (int)shown, text,
           shown < len ? "..." : "");
  return buf;
}

int json_reader_expected(struct json_reader *in, const struct json_path *path,
                         json_object *value, const char *what) {
  char shown[JSON_READER_SHOWN];

  return json_reader_fail(in, path, "%s: expected %s",
                          json_reader_show(value, shown), what);
}

int json_reader_unknown_key(struct json_reader *in,
                            const struct json_path *path,
                            const struct closest_match *known) {
  if (known->closest != NULL)
    return json_reader_fail(in, path,
                            "unknown key, did you mean \"%s\"? Known are %s",
                            known->closest, known->list);
  return json_reader_fail(in, path, "unknown key; known are %s", known->list);
}

/* ---- values ---- */

int json_reader_number(struct json_reader *in, const struct json_path *path,
                       json_object *value, double *number) {
  bool is_int = json_object_is_type(value, json_type_int);
  double d = json_object_get_double(value);

  /* json-c clips integers that do not fit */
  if (!(is_int || json_object_is_type(value, json_type_double)) ||
      !isfinite(d) || (is_int && fabs(d) >= 9e18))
    return json_reader_expected(in, path, value, "a number");
  *number = d;
  return 0;
}

int json_reader_bool(struct json_reader *in, const struct json_path *path,
                     json_object *value, bool *flag) {
  if (!json_object_is_type(value, json_type_boolean))
    return json_reader_expected(in, path, value, "true or false");
  *flag = json_object_get_boolean(value);
  return 0;
}

const char *json_reader_text(struct json_reader *in,
                             const struct json_path *path, json_object *value,
                             size_t max) {
  const char *text = json_object_get_string(value);
  size_t all = 0;
  size_t len = 0;
  size_t step = 1;

  if (!json_object_is_type(value, json_type_string)) {
    json_reader_expected(in, path, value, "a text in quotes");
    return NULL;
  }
  all = (size_t)json_object_get_string_len(value);
  for (; len < all && step > 0; len += step)
    step = utf8_printable(text + len, all - len);
  if (len == 0 || len > max || len != all) {
    char what[80];
    snprintf(what, sizeof(what),
             "a text of 1 to %zu bytes without unprintable characters", max);
    json_reader_expected(in, path, value, what);
    return NULL;
  }
  return text;
}

int json_reader_copy(struct json_reader *in, const struct json_path *path,
                     json_object *value, size_t max, char **target) {
  const char *text = json_reader_text(in, path, value, max);
  char *copy = NULL;

  if (text == NULL)
    return -1;
  copy = strdup(text);
  if (copy == NULL)
    return json_reader_out_of_memory(in);
  free(*target);
  *target = copy;
  return 0;
}

int json_reader_duration(struct json_reader *in, const struct json_path *path,
                         json_object *value, double *seconds) {
  if (!json_object_is_type(value, json_type_string) ||
      duration_parse(json_object_get_string(value), seconds) != 0)
    return json_reader_expected(in, path, value, DURATION_EXPECTED);
  return 0;
}

/* ---- text ---- */

static int not_json(struct json_reader *in, size_t offset, const char *what) {
  char found[16] = "";

  if (offset < in->len && in->text[offset] > ' ' && in->text[offset] < 0x7F)
    snprintf(found, sizeof(found), ", found %c", in->text[offset]);
  snprintf(in->err, in->err_size, "line %u: not JSON: %s%s",
           json_position_line_at(in->text, in->len, offset), what, found);
  return -1;
}

json_object *json_reader_parse(struct json_reader *in) {
  struct json_error error;
  json_object *root = json_parse(in->text, in->len, JSON_STRICT, &error);

  if (root == NULL && error.memory)
    json_reader_out_of_memory(in);
  else if (root == NULL)
    not_json(in, error.offset, error.what);
  if (root == NULL ||
      json_position_check_keys(in->text, in->len, in->err, in->err_size) == 0)
    return root;
  json_free(root);
  return NULL;
}
