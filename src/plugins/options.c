/* SPDX-License-Identifier: MIT */
#include "plugins/options.h"

#include "util/closest_match.h"
#include "util/utf8.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAX_IDENTIFIER 127 /* bytes; collectd cuts longer names */
#define MAX_SHOWN 64       /* bytes of a wrong value in a message */
#define MAX_WHOLE 0x1p53   /* greatest range of exact integers */
#define EXPECTED_SIZE 384
#define MESSAGE_SIZE 1536

/* ---- fields ---- */

static void *field(const struct option *o, void *target) {
  return (char *)target + o->offset;
}

static bool is_text(const struct option *o) {
  return o->type == OPTION_STRING || o->type == OPTION_IDENTIFIER ||
         o->type == OPTION_PATH || o->type == OPTION_URL;
}

static bool is_numeric(const struct option *o) {
  return o->type == OPTION_NUMBER || o->type == OPTION_SECONDS ||
         o->type == OPTION_COUNT || o->type == OPTION_BYTES;
}

static bool is_whole(const struct option *o) {
  return o->type == OPTION_COUNT || o->type == OPTION_BYTES;
}

static bool is_bounded(const struct option *o) { return o->min < o->max; }

static void free_text(const struct option *o, char *text) {
  if (text != NULL && (o->flags & OPTION_SECRET))
    explicit_bzero(text, strlen(text));
  free(text);
}

static void free_list(const struct option *o, char **list) {
  for (size_t i = 0; list != NULL && list[i] != NULL; i++)
    free_text(o, list[i]);
  free(list);
}

static size_t field_size(const struct option *o) {
  switch (o->type) {
  case OPTION_CHOICE:
    return sizeof(int);
  case OPTION_NUMBER:
  case OPTION_SECONDS:
    return sizeof(double);
  case OPTION_COUNT:
  case OPTION_BYTES:
    return sizeof(uint64_t);
  case OPTION_BOOLEAN:
    return sizeof(bool);
  case OPTION_BLOCK:
    return 0;
  default:
    return sizeof(char *);
  }
}

static void zero_fields(const struct option *table, void *target) {
  for (const struct option *o = table; o->key != NULL; o++)
    memset(field(o, target), 0, field_size(o));
}

void options_free(const struct option *table, void *target) {
  for (const struct option *o = table; o->key != NULL; o++) {
    if (is_text(o))
      free_text(o, *(char **)field(o, target));
    else if (o->type == OPTION_LIST)
      free_list(o, *(char ***)field(o, target));
  }
  zero_fields(table, target);
}

static int set_text(const struct option *o, void *target, const char *text) {
  char *copy = strdup(text);
  if (copy == NULL)
    return -1;
  char **place = field(o, target);
  free_text(o, *place);
  *place = copy;
  return 0;
}

static int append_text(const struct option *o, void *target, const char *text) {
  char ***place = field(o, target);
  size_t count = 0;
  while (*place != NULL && (*place)[count] != NULL)
    count++;
  char *copy = strdup(text);
  char **list = realloc(*place, (count + 2) * sizeof(*list));
  if (list != NULL) {
    list[count] = copy;
    list[count + 1] = NULL;
    *place = list;
  }
  if (copy != NULL && list != NULL)
    return 0;
  if (list == NULL)
    free(copy);
  return -1;
}

/* ---- expected values ---- */

static const char *kind(const struct option *o) {
  switch (o->type) {
  case OPTION_IDENTIFIER:
    return "a name of 1 to 127 bytes without '/' and control characters";
  case OPTION_PATH:
    return "an absolute path";
  case OPTION_URL:
    return "a URL";
  case OPTION_NUMBER:
    return "a number";
  case OPTION_SECONDS:
    return "a number of seconds";
  case OPTION_COUNT:
    return "a whole number";
  case OPTION_BYTES:
    return "a whole number of bytes";
  case OPTION_BOOLEAN:
    return "true or false";
  default:
    return "a text without control characters";
  }
}

static void append(char *buf, size_t size, const char *text) {
  size_t len = strlen(buf);
  snprintf(buf + len, size - len, "%s", text);
}

static void append_choices(const struct option *o, char *buf, size_t size) {
  for (size_t i = 0; o->choices[i] != NULL; i++) {
    if (i > 0)
      append(buf, size, o->choices[i + 1] == NULL ? " or " : ", ");
    append(buf, size, "\"");
    append(buf, size, o->choices[i]);
    append(buf, size, "\"");
  }
}

/* "expected a number of seconds between 0.1 and 3600" */
static void expect(const struct option *o, char *buf, size_t size) {
  if (o->type == OPTION_CHOICE) {
    snprintf(buf, size, "expected ");
    append_choices(o, buf, size);
  } else if (is_numeric(o) && is_bounded(o)) {
    snprintf(buf, size, "expected %s between %.15g and %.15g", kind(o), o->min,
             o->max);
  } else if (is_whole(o)) {
    snprintf(buf, size, "expected %s, 0 or more", kind(o));
  } else if (is_bounded(o)) {
    snprintf(buf, size, "expected %s, of %.15g to %.15g bytes", kind(o), o->min,
             o->max);
  } else {
    snprintf(buf, size, "expected %s", kind(o));
  }
}

/* ---- parse ---- */

/* Decimal, independent of the locale. False: NaN or overflow. */
static bool parse_number(const char *text, double *number) {
  static const char characters[] = "0123456789+-.eE";
  if (*text == '\0' || text[strspn(text, characters)] != '\0')
    return false;
  locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  if (c == (locale_t)0)
    return false;
  locale_t before = uselocale(c);
  char *end = NULL;
  *number = strtod(text, &end);
  uselocale(before);
  freelocale(c);
  return *end == '\0';
}

static bool parse_boolean(const char *text, bool *boolean) {
  static const char *const words[] = {"false", "true", "no", "yes",
                                      "off",   "on",   NULL};
  for (size_t i = 0; words[i] != NULL; i++)
    if (strcasecmp(text, words[i]) == 0) {
      *boolean = i % 2 == 1;
      return true;
    }
  return false;
}

static bool is_printable(const char *text) {
  for (; *text != '\0'; text++)
    if ((unsigned char)*text < ' ' || *text == 0x7f)
      return false;
  return true;
}

static bool is_identifier(const char *text) {
  return *text != '\0' && strlen(text) <= MAX_IDENTIFIER &&
         strchr(text, '/') == NULL && is_printable(text);
}

static bool is_in_bounds(const struct option *o, double number) {
  if (is_bounded(o) && !(number >= o->min && number <= o->max))
    return false;
  if (is_whole(o))
    return number >= 0 && number <= MAX_WHOLE &&
           number == (double)(uint64_t)number;
  return isfinite(number);
}

/* ---- store; false: `why` has the expected value ---- */

static bool take_number(const struct option *o, void *target,
                        const oconfig_value_t *v) {
  double number = 0;
  if (v->type == OCONFIG_TYPE_NUMBER)
    number = v->value.number;
  else if (v->type != OCONFIG_TYPE_STRING ||
           !parse_number(v->value.string, &number))
    return false;
  if (!is_in_bounds(o, number))
    return false;
  if (is_whole(o))
    *(uint64_t *)field(o, target) = (uint64_t)number;
  else
    *(double *)field(o, target) = number;
  return true;
}

static bool take_boolean(const struct option *o, void *target,
                         const oconfig_value_t *v) {
  bool *place = field(o, target);
  if (v->type == OCONFIG_TYPE_STRING)
    return parse_boolean(v->value.string, place);
  if (v->type != OCONFIG_TYPE_BOOLEAN)
    return false;
  *place = v->value.boolean != 0;
  return true;
}

static bool take_choice(const struct option *o, void *target,
                        const char *text) {
  for (int i = 0; o->choices[i] != NULL; i++)
    if (strcasecmp(o->choices[i], text) == 0) {
      *(int *)field(o, target) = i;
      return true;
    }
  return false;
}

static bool is_right_text(const struct option *o, const char *text) {
  double len = (double)strlen(text);
  if (!is_printable(text) || (is_bounded(o) && (len < o->min || len > o->max)))
    return false;
  if (o->type == OPTION_IDENTIFIER)
    return is_identifier(text);
  return o->type != OPTION_PATH || *text == '/';
}

static bool take_text(const struct option *o, void *target, const char *text,
                      char *why, size_t size) {
  if (!is_right_text(o, text))
    return false;
  if (o->check != NULL && o->check(text, why, size) != 0)
    return false;
  int status = o->type == OPTION_LIST ? append_text(o, target, text)
                                      : set_text(o, target, text);
  if (status != 0)
    snprintf(why, size, "out of memory");
  return status == 0;
}

static bool take(const struct option *o, void *target, const oconfig_value_t *v,
                 char *why, size_t size) {
  expect(o, why, size);
  if (is_numeric(o))
    return take_number(o, target, v);
  if (o->type == OPTION_BOOLEAN)
    return take_boolean(o, target, v);
  if (v->type != OCONFIG_TYPE_STRING)
    return false;
  if (o->type == OPTION_CHOICE)
    return take_choice(o, target, v->value.string);
  return take_text(o, target, v->value.string, why, size);
}

int options_defaults(const struct option *table, void *target) {
  zero_fields(table, target);
  for (const struct option *o = table; o->key != NULL; o++) {
    char why[EXPECTED_SIZE];
    char *text = o->fallback != NULL ? strdup(o->fallback) : NULL;
    oconfig_value_t v = {.value.string = text, .type = OCONFIG_TYPE_STRING};
    bool good =
        o->fallback == NULL ||
        (text != NULL && o->type != OPTION_BLOCK && o->type != OPTION_LIST &&
         take(o, target, &v, why, sizeof(why)));
    free(text);
    if (!good) {
      options_free(table, target);
      return -1;
    }
  }
  return 0;
}

/* ---- given values in messages ---- */

/* Hides the path of a URL in any option: it may be a secret. */
static size_t shown_of_url(const char *text) {
  const char *rest = strstr(text, "://");
  return rest != NULL ? (size_t)(rest - text) + 3 : SIZE_MAX;
}

/* In quotes, unprintable bytes escaped, cut after `most` or MAX_SHOWN bytes. */
static void append_quoted(char *buf, size_t size, const char *text,
                          size_t most) {
  size_t len = strlen(text);
  size_t i = 0;
  append(buf, size, "\"");
  while (i < len && i < most && i < MAX_SHOWN) {
    size_t n = utf8_printable(text + i, len - i);
    char shown[8] = "";
    if (n == 0)
      snprintf(shown, sizeof(shown), "\\x%02x", (unsigned char)text[i]);
    else
      snprintf(shown, sizeof(shown), "%s%.*s",
               text[i] == '"' || text[i] == '\\' ? "\\" : "", (int)n, text + i);
    append(buf, size, shown);
    i += n > 0 ? n : 1;
  }
  append(buf, size, i < len ? "...\"" : "\"");
}

static void append_value(char *buf, size_t size, const oconfig_value_t *v,
                         bool is_url) {
  char number[32];
  if (v->type == OCONFIG_TYPE_STRING) {
    append_quoted(buf, size, v->value.string,
                  is_url ? SIZE_MAX : shown_of_url(v->value.string));
  } else if (v->type == OCONFIG_TYPE_NUMBER) {
    snprintf(number, sizeof(number), "%.15g", v->value.number);
    append(buf, size, number);
  } else {
    append(buf, size, v->value.boolean ? "true" : "false");
  }
}

static bool may_be_shown(const struct option *o, const oconfig_value_t *v) {
  if (o->flags & OPTION_SECRET)
    return false;
  return o->type != OPTION_URL || v->type != OCONFIG_TYPE_STRING ||
         strpbrk(v->value.string, "@?#") == NULL;
}

void options_place(const oconfig_item_t *block, const char *outer, char *place,
                   size_t place_size) {
  bool top = *outer == '\0';
  snprintf(place, place_size, "%s%s<%s", outer, top ? "" : "/", block->key);
  for (int i = 0; i < block->values_num; i++) {
    const oconfig_value_t *v = &block->values[i];
    append(place, place_size, " ");
    if (top && v->type == OCONFIG_TYPE_STRING && is_identifier(v->value.string))
      append(place, place_size, v->value.string);
    else
      append_value(place, place_size, v, false);
  }
  append(place, place_size, ">");
}

void options_complain(struct option_errors *errors, const char *place,
                      const char *key, const char *what) {
  char message[MESSAGE_SIZE];
  errors->count++;
  if (errors->report == NULL)
    return;
  snprintf(message, sizeof(message), "%s%s%s: %s", place,
           key != NULL ? "/" : "", key != NULL ? key : "", what);
  errors->report(errors->arg, message);
}

/* "place/key: given: why" */
static void complain(struct option_errors *errors, const char *place,
                     const struct option *o, const oconfig_value_t *v,
                     const char *why) {
  char what[MAX_SHOWN * 4 + EXPECTED_SIZE + 32] = "";
  if (may_be_shown(o, v)) {
    append_value(what, sizeof(what), v, o->type == OPTION_URL);
    append(what, sizeof(what), ": ");
  }
  append(what, sizeof(what), why);
  options_complain(errors, place, o->key, what);
}

/* ---- unknown keys ---- */

static void complain_unknown(struct option_errors *errors, const char *place,
                             const struct option *table, const char *key) {
  struct closest_match names = {.wanted = key};
  char what[sizeof(names.list) + 64];
  for (const struct option *o = table; o->key != NULL; o++)
    closest_match_add(&names, o->key);
  if (names.closest != NULL)
    snprintf(what, sizeof(what), "unknown option; did you mean \"%s\"?",
             names.closest);
  else
    snprintf(what, sizeof(what), "unknown option; expected one of %s",
             names.list);
  options_complain(errors, place, key, what);
}

/* ---- bind ---- */

static const struct option *find(const struct option *table, const char *key) {
  for (const struct option *o = table; o->key != NULL; o++)
    if (strcasecmp(o->key, key) == 0)
      return o;
  return NULL;
}

static bool stands_before(const oconfig_item_t *block, int end,
                          const char *key) {
  for (int i = 0; i < end; i++)
    if (strcasecmp(block->children[i].key, key) == 0)
      return true;
  return false;
}

/* NULL: the number of values and children is right. */
static const char *wrong_shape(const struct option *o,
                               const oconfig_item_t *item, char *buf,
                               size_t size) {
  char why[EXPECTED_SIZE];
  expect(o, why, sizeof(why));
  if (item->children_num > 0)
    snprintf(buf, size, "a block: %s", why);
  else if (item->values_num < 1)
    snprintf(buf, size, "no value: %s", why);
  else if (item->values_num > 1 && o->type != OPTION_LIST)
    snprintf(buf, size, "%d values: expected one", item->values_num);
  else
    return NULL;
  return buf;
}

static void bind_values(const struct option *o, void *target,
                        const oconfig_item_t *item, const char *place,
                        struct option_errors *errors) {
  char why[EXPECTED_SIZE];
  char shape[EXPECTED_SIZE + 32];
  if (wrong_shape(o, item, shape, sizeof(shape)) != NULL) {
    options_complain(errors, place, o->key, shape);
    return;
  }
  for (int i = 0; i < item->values_num; i++)
    if (!take(o, target, &item->values[i], why, sizeof(why)))
      complain(errors, place, o, &item->values[i], why);
}

static void bind_child(const struct option *table, void *target,
                       const oconfig_item_t *block, int index,
                       const char *place, struct option_errors *errors) {
  const oconfig_item_t *item = &block->children[index];
  const struct option *o = find(table, item->key);
  if (o == NULL)
    complain_unknown(errors, place, table, item->key);
  else if (o->type == OPTION_BLOCK)
    o->block(target, item, place, errors);
  else if (o->type != OPTION_LIST && stands_before(block, index, o->key))
    options_complain(errors, place, o->key, "given again, expected once");
  else
    bind_values(o, target, item, place, errors);
}

static void require(const struct option *table, const oconfig_item_t *block,
                    const char *place, struct option_errors *errors) {
  for (const struct option *o = table; o->key != NULL; o++) {
    char what[EXPECTED_SIZE + 32] = "missing: ";
    if (!(o->flags & OPTION_REQUIRED) ||
        stands_before(block, block->children_num, o->key))
      continue;
    expect(o, what + strlen(what), sizeof(what) - strlen(what));
    options_complain(errors, place, o->key, what);
  }
}

int options_bind(const struct option *table, void *target,
                 const oconfig_item_t *block, const char *outer,
                 struct option_errors *errors) {
  char place[OPTIONS_MAX_PLACE];
  size_t before = errors->count;
  options_place(block, outer, place, sizeof(place));
  for (int i = 0; i < block->children_num; i++)
    bind_child(table, target, block, i, place, errors);
  require(table, block, place, errors);
  return errors->count == before ? 0 : -1;
}

const char *options_block_name(const oconfig_item_t *block, const char *outer,
                               struct option_errors *errors) {
  static const struct option name = {.type = OPTION_IDENTIFIER};
  char place[OPTIONS_MAX_PLACE];
  char what[EXPECTED_SIZE] = "";
  if (block->values_num == 1 && block->values[0].type == OCONFIG_TYPE_STRING &&
      is_identifier(block->values[0].value.string))
    return block->values[0].value.string;
  options_place(block, outer, place, sizeof(place));
  expect(&name, what, sizeof(what));
  options_complain(errors, place, NULL, what);
  return NULL;
}

/* ---- manual page ---- */

static void print_range(const struct option *o, FILE *out) {
  if (o->type == OPTION_CHOICE)
    for (size_t i = 0; o->choices[i] != NULL; i++)
      fprintf(out, "%s%s", i > 0 ? "|" : "", o->choices[i]);
  else if (is_bounded(o))
    fprintf(out, "%.15g to %.15g", o->min, o->max);
  else
    fputs("-", out);
}

static const char *default_of(const struct option *o) {
  if (o->flags & OPTION_REQUIRED)
    return "required";
  if (o->fallback_help != NULL)
    return o->fallback_help;
  return o->fallback != NULL ? o->fallback : "-";
}

void options_print(const struct option *table, FILE *out) {
  static const char *const types[] = {
      [OPTION_STRING] = "string",   [OPTION_IDENTIFIER] = "name",
      [OPTION_PATH] = "path",       [OPTION_URL] = "url",
      [OPTION_CHOICE] = "choice",   [OPTION_NUMBER] = "number",
      [OPTION_SECONDS] = "seconds", [OPTION_COUNT] = "count",
      [OPTION_BYTES] = "bytes",     [OPTION_BOOLEAN] = "boolean",
      [OPTION_LIST] = "list",       [OPTION_BLOCK] = "block"};
  for (const struct option *o = table; o->key != NULL; o++) {
    fprintf(out, "%s\t%s\t", o->key, types[o->type]);
    print_range(o, out);
    fprintf(out, "\t%s\t%s\n", default_of(o), o->help != NULL ? o->help : "");
  }
}
