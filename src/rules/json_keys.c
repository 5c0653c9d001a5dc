/* SPDX-License-Identifier: MIT */
#include "rules/json_keys.h"

#include "rules/pattern.h"
#include "util/duration.h"

#include <string.h>

#define LISTED_MAX 6 /* more choices are listed without quotes */

static void *field(const struct json_key *key, void *target) {
  return (char *)target + key->offset;
}

/* ---- value kinds ---- */

static bool is_in_bounds(const struct json_key *key, double number) {
  bool is_open = (key->flags & JSON_KEY_BELOW_MAX) != 0;

  return !(key->min < key->max) ||
         (number >= key->min &&
          (is_open ? number < key->max : number <= key->max));
}

static int read_number(struct json_reader *in, const struct json_path *path,
                       json_object *value, const struct json_key *key,
                       double *number) {
  char what[64];
  double d = 0;

  if (json_reader_number(in, path, value, &d) != 0)
    return -1;
  if (is_in_bounds(key, d)) {
    *number = d;
    return 0;
  }
  snprintf(what, sizeof(what), "a number from %g to %s%g", key->min,
           (key->flags & JSON_KEY_BELOW_MAX) != 0 ? "below " : "", key->max);
  return json_reader_expected(in, path, value, what);
}

static int read_duration(struct json_reader *in, const struct json_path *path,
                         json_object *value, const struct json_key *key,
                         double *seconds) {
  char what[64];
  double d = 0;

  if (json_reader_duration(in, path, value, &d) != 0)
    return -1;
  if (is_in_bounds(key, d)) {
    *seconds = d;
    return 0;
  }
  snprintf(what, sizeof(what), "at least \"%gs\"", key->min);
  return json_reader_expected(in, path, value, what);
}

/* "a", "b" or "c". A long list: one of a, b, c */
static void list_choices(const struct json_key *key, char *buf, size_t size) {
  unsigned num = 0;
  size_t len = 0;

  while (key->choice(num) != NULL)
    num++;
  bool quote = num <= LISTED_MAX;
  buf[0] = '\0';
  for (unsigned i = 0; i < num && len < size; i++) {
    const char *before = i == 0                  ? (quote ? "" : "one of ")
                         : quote && i + 1 == num ? " or "
                                                 : ", ";
    len +=
        (size_t)snprintf(buf + len, size - len, "%s%s%s%s", before,
                         quote ? "\"" : "", key->choice(i), quote ? "\"" : "");
  }
}

static int read_choice(struct json_reader *in, const struct json_path *path,
                       json_object *value, const struct json_key *key,
                       void *target) {
  char what[256];

  if (json_object_is_type(value, json_type_string))
    for (unsigned i = 0; key->choice(i) != NULL; i++) {
      if (strcmp(json_object_get_string(value), key->choice(i)) != 0)
        continue;
      if (key->choose != NULL)
        key->choose(target, i);
      else
        *(unsigned *)field(key, target) = i;
      return 0;
    }
  list_choices(key, what, sizeof(what));
  return json_reader_expected(in, path, value, what);
}

static int read_pattern(struct json_reader *in, const struct json_path *path,
                        json_object *value, struct pattern **pattern) {
  const char *text = json_reader_text(in, path, value, PATTERN_MAX);
  struct pattern *made = NULL;
  char shown[JSON_READER_SHOWN];
  char err[256];

  if (text == NULL)
    return -1;
  made = pattern_create(text, err, sizeof(err));
  if (made == NULL)
    return json_reader_fail(in, path, "%s: %s", json_reader_show(value, shown),
                            err);
  pattern_destroy(*pattern);
  *pattern = made;
  return 0;
}

int json_key_read(struct json_reader *in, const struct json_path *path,
                  json_object *value, const struct json_key *key,
                  void *target) {
  switch (key->kind) {
  case JSON_KEY_TEXT:
    return json_reader_copy(in, path, value, (size_t)key->max,
                            field(key, target));
  case JSON_KEY_NUMBER:
    return read_number(in, path, value, key, field(key, target));
  case JSON_KEY_DURATION:
    return read_duration(in, path, value, key, field(key, target));
  case JSON_KEY_BOOLEAN:
    return json_reader_bool(in, path, value, field(key, target));
  case JSON_KEY_CHOICE:
    return read_choice(in, path, value, key, target);
  case JSON_KEY_PATTERN:
    return read_pattern(in, path, value, field(key, target));
  default:
    return 0;
  }
}

/* ---- objects ---- */

const struct json_key *json_keys_find(struct json_reader *in,
                                      const struct json_path *path,
                                      const struct json_key *keys) {
  struct closest_match known = {.wanted = path->key};

  for (; keys->name != NULL; keys++) {
    if (strcmp(keys->name, path->key) == 0)
      return keys;
    closest_match_add(&known, keys->name);
  }
  json_reader_unknown_key(in, path, &known);
  return NULL;
}

static int read_member(struct json_reader *in, const struct json_path *path,
                       json_object *value, const struct json_key *keys,
                       void *target) {
  const struct json_key *key = json_keys_find(in, path, keys);
  int status = -1;

  if (key != NULL)
    status = key->read != NULL ? key->read(in, path, value, key, target)
                               : json_key_read(in, path, value, key, target);
  if (status == 0 && key->given > 0)
    *(bool *)((char *)target + key->given) = true;
  return status;
}

int json_keys_read(struct json_reader *in, const struct json_path *path,
                   json_object *object, const struct json_key *keys,
                   void *target) {
  json_object_iter it;

  if (!json_object_is_type(object, json_type_object))
    return json_reader_expected(in, path, object, "an object {...}");
  json_object_object_foreachC(object, it) {
    const struct json_path member = {path, it.key, 0};
    if (read_member(in, &member, it.val, keys, target) != 0)
      return -1;
  }
  return 0;
}

/* ---- manual page ---- */

static void print_range(const struct json_key *key, FILE *out) {
  if (key->kind == JSON_KEY_CHOICE)
    for (unsigned i = 0; key->choice(i) != NULL; i++)
      fprintf(out, "%s%s", i > 0 ? "|" : "", key->choice(i));
  else if (!(key->min < key->max))
    fputs("-", out);
  else if (key->kind == JSON_KEY_TEXT)
    fprintf(out, "1 to %g bytes", key->max);
  else if (key->kind == JSON_KEY_DURATION)
    fprintf(out, "%gs to %gd", key->min, key->max / 86400);
  else
    fprintf(out, "%g to %s%g", key->min,
            (key->flags & JSON_KEY_BELOW_MAX) != 0 ? "below " : "", key->max);
}

void json_keys_print(const struct json_key *keys, FILE *out) {
  static const char *const kinds[] = {
      [JSON_KEY_TEXT] = "text",         [JSON_KEY_NUMBER] = "number",
      [JSON_KEY_DURATION] = "duration", [JSON_KEY_BOOLEAN] = "boolean",
      [JSON_KEY_CHOICE] = "choice",     [JSON_KEY_PATTERN] = "pattern",
      [JSON_KEY_LIST] = "list",         [JSON_KEY_TIME] = "time",
      [JSON_KEY_OBJECT] = "object"};

  for (; keys->name != NULL; keys++) {
    const char *fallback = keys->fallback != NULL ? keys->fallback : "-";
    fprintf(out, "%s\t%s\t", keys->name, kinds[keys->kind]);
    print_range(keys, out);
    fprintf(out, "\t%s\t%s\n",
            (keys->flags & JSON_KEY_REQUIRED) != 0 ? "required" : fallback,
            keys->help);
  }
}
