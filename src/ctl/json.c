/* SPDX-License-Identifier: MIT */
#include "ctl/ctl.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

static bool cut; /* something was lost, short of memory */

static struct json_object *made(struct json_object *object) {
  cut = cut || object == NULL;
  return object;
}

struct json_object *ctl_json_object(void) {
  return made(json_object_new_object());
}

struct json_object *ctl_json_list(void) {
  return made(json_object_new_array());
}

struct json_object *ctl_json_text(const char *text) {
  return made(json_object_new_string(text));
}

struct json_object *ctl_json_flag(bool value) {
  return made(json_object_new_boolean(value));
}

struct json_object *ctl_json_number(double value) {
  if (!isfinite(value))
    return NULL;
  if (value == floor(value) && fabs(value) < 9e15)
    return made(json_object_new_int64((int64_t)value));
  return made(json_object_new_double(value));
}

void ctl_json_add(struct json_object *to, const char *key,
                  struct json_object *value) {
  if (to != NULL && json_object_object_add(to, key, value) == 0)
    return;
  cut = true;
  json_object_put(value);
}

void ctl_json_append(struct json_object *list, struct json_object *value) {
  if (list != NULL && json_object_array_add(list, value) == 0)
    return;
  cut = true;
  json_object_put(value);
}

/* Only ASCII leaves: what could move a terminal's cursor is escaped. */
static void print_escaped(const char *text) {
  wchar_t wide = 0;
  mbstate_t state = {0};
  for (size_t rest = strlen(text); rest > 0;) {
    size_t len = mbrtowc(&wide, text, rest, &state);
    bool bad = len == 0 || len > rest;
    unsigned long code = bad ? 0xfffd : (unsigned long)wide;
    len = bad ? 1 : len;
    if (bad)
      state = (mbstate_t){0};
    if ((code >= 0x20 && code < 0x7f) || code == '\n')
      putchar((int)code);
    else if (code < 0x10000)
      printf("\\u%04lx", code);
    else
      printf("\\u%04lx\\u%04lx", 0xd7c0 + (code >> 10),
             0xdc00 + (code & 0x3ff));
    text += len;
    rest -= len;
  }
  putchar('\n');
}

/* json-c leaves out what it has no room for: only errno tells. */
int ctl_print_json(struct json_object *object) {
  errno = 0;
  const char *text = json_object_to_json_string_ext(
      object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
  bool whole = text != NULL && errno != ENOMEM && !cut;
  if (whole)
    print_escaped(text);
  cut = false;
  json_object_put(object);
  fflush(stdout);
  return whole ? 0 : -1;
}
