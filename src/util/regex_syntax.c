/* SPDX-License-Identifier: MIT */
#include "util/regex_syntax.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum before { NOTHING, ATOM, REPETITION }; /* kind of the last item */

struct translation {
  const char *begin, *at, *end; /* the user's expression */
  struct regex_syntax *out;
  enum before before;
  size_t atom;                   /* offset of the last atom in `out` */
  uint16_t open[REGEX_TEXT_MAX]; /* offsets of the open groups in `out` */
  size_t depth;
  const char *problem; /* NULL: no error */
};

/* ---------------------------------------------------------------- copying */

static void put(struct translation *t, char c) {
  t->out->from[t->out->len] = (uint16_t)(t->at - t->begin);
  t->out->text[t->out->len++] = c;
}

static void copy(struct translation *t, size_t num) {
  for (; num > 0 && t->at < t->end; num--) {
    put(t, *t->at);
    t->at++;
  }
}

static bool is_one_of(char c, const char *set) {
  return c != '\0' && strchr(set, c) != NULL;
}

static char peek(const struct translation *t, size_t offset) {
  return (size_t)(t->end - t->at) > offset ? t->at[offset] : '\0';
}

/* Copies at most `num` bytes while they are in `set`. */
static void copy_set(struct translation *t, const char *set, size_t num) {
  for (; num > 0 && is_one_of(peek(t, 0), set); num--)
    copy(t, 1);
}

/* Length up to and including `end`; 0 if `end` is missing. */
static size_t length_until(const struct translation *t, const char *end) {
  const char *found = memmem(t->at, (size_t)(t->end - t->at), end, strlen(end));

  return found != NULL ? (size_t)(found - t->at) + strlen(end) : 0;
}

/* Copies up to and including `end`, or the rest if `end` is missing. */
static void copy_until(struct translation *t, const char *end) {
  size_t len = length_until(t, end);
  copy(t, len > 0 ? len : SIZE_MAX);
}

static void begin_atom(struct translation *t) {
  t->atom = t->out->len;
  t->before = ATOM;
}

/* ---------------------------------------------------------------- escapes */

static void copy_number(struct translation *t, char kind) {
  static const char digits[] = "0123456789";

  if (kind == 'x')
    copy_set(t, "0123456789abcdefABCDEF", 2);
  else if (kind == 'g') {
    copy_set(t, "+-", 1);
    copy_set(t, digits, 3);
  } else if (isdigit((unsigned char)kind))
    copy_set(t, digits, 2);
  else if (kind == 'p' || kind == 'P' || kind == 'c')
    copy(t, 1);
}

static void translate_escape(struct translation *t) {
  char kind = peek(t, 1);

  if (is_one_of(kind, "<>`'")) {
    t->problem =
        "a \"\\\" before <, >, ` or ' is not supported; \\b is the end "
        "of a word";
    return;
  }
  begin_atom(t);
  if (kind == 'Q') {
    copy_until(t, "\\E");
    t->before = NOTHING; /* a repetition applies to the last letter */
    return;
  }
  copy(t, 2);
  if (is_one_of(kind, "xopPgkN") && peek(t, 0) == '{')
    copy_until(t, "}");
  else
    copy_number(t, kind);
}

/* --------------------------------------------------------------- brackets */

static void put_byte(struct translation *t, char c) {
  static const char hex[] = "0123456789abcdef";
  const char code[] = {'\\', 'x', hex[(unsigned char)c >> 4U],
                       hex[(unsigned char)c & 0xFU]};

  for (size_t i = 0; i < sizeof(code); i++)
    put(t, code[i]);
}

/* Translates "[:alpha:]", "[.x.]" or "[=x=]" in brackets; false if there is
 * none. */
static bool translate_class(struct translation *t) {
  char kind = peek(t, 1);
  const char close[] = {kind, ']', '\0'};
  size_t len = 0;

  if (!is_one_of(kind, ":.="))
    return false;
  t->at += 2;
  len = length_until(t, close);
  t->at -= 2;
  if (len == 0)
    return false;
  if (kind == ':') {
    copy(t, len + 2);
  } else if (len == 3) {
    put_byte(t, t->at[2]);
    t->at += len + 2;
  } else {
    t->problem = "[. .] and [= =] take one character";
  }
  return true;
}

static void translate_element(struct translation *t) {
  char next = peek(t, 1);

  if (*t->at == '[' && translate_class(t))
    return;
  if (*t->at == '\\' && is_one_of(next, "dDwWsS")) {
    copy(t, 2);
    return;
  }
  if (is_one_of(*t->at, "[]\\:.="))
    put(t, '\\');
  copy(t, 1);
}

static void translate_bracket(struct translation *t) {
  begin_atom(t);
  copy(t, 1);
  copy_set(t, "^", 1);
  do
    if (t->at < t->end)
      translate_element(t);
  while (t->at < t->end && *t->at != ']' && t->problem == NULL);
  if (t->problem == NULL)
    copy(t, 1);
}

/* ------------------------------------------------------------ repetitions */

/* Length of "{2}", "{2,}", "{,3}", "{,}" or "{2,3}"; 0 if there is none. */
static size_t bounds_length(const struct translation *t) {
  size_t len = 1;
  size_t digits = 0;

  for (; isdigit((unsigned char)peek(t, len)); len++)
    digits++;
  if (peek(t, len) == ',')
    for (len++, digits++; isdigit((unsigned char)peek(t, len));)
      len++;
  return digits > 0 && peek(t, len) == '}' ? len + 1 : 0;
}

/* Groups an atom that already has a repetition: "a+" -> "(?:a+)". */
static void wrap_atom(struct translation *t) {
  static const char open[] = {'(', '?', ':'};
  struct regex_syntax *out = t->out;
  size_t len = out->len - t->atom;

  memmove(out->text + t->atom + sizeof(open), out->text + t->atom, len);
  memmove(out->from + t->atom + sizeof(open), out->from + t->atom,
          len * sizeof(out->from[0]));
  memcpy(out->text + t->atom, open, sizeof(open));
  for (size_t i = 0; i < sizeof(open); i++)
    out->from[t->atom + i] = out->from[t->atom + sizeof(open)];
  out->len += sizeof(open);
  put(t, ')');
}

static void translate_repetition(struct translation *t) {
  size_t len = *t->at == '{' ? bounds_length(t) : 1;

  if (len == 0) {
    t->problem = "a \"{\" begins a repetition such as {2,3}; itself is \\{";
    return;
  }
  if (t->before == REPETITION)
    wrap_atom(t);
  if (*t->at == '{' && t->at[1] == ',') {
    put(t, '{');
    t->at++;
    put(t, '0');
    len--;
  }
  copy(t, len);
  if (t->before == NOTHING) /* "(?", or an error that PCRE2 reports */
    return;
  copy_set(t, "?+", 1);
  t->before = REPETITION;
}

/* ----------------------------------------------------------------- groups */

/* Rejects verbs: "(*LIMIT_MATCH=" at the end makes PCRE2 10.42 allocate a
 * negative size. */
static void open_group(struct translation *t) {
  if (peek(t, 1) == '*') {
    t->problem = "\"(*\" is not supported";
    return;
  }
  if (peek(t, 1) == '?' && peek(t, 2) == '#') {
    copy_until(t, ")");
    return;
  }
  t->open[t->depth++] = (uint16_t)t->out->len;
  copy(t, 1);
  t->before = NOTHING;
}

static void close_group(struct translation *t) {
  if (t->depth == 0) {
    begin_atom(t);
    put(t, '\\');
  } else {
    t->atom = t->open[--t->depth];
    t->before = ATOM;
  }
  copy(t, 1);
}

static void translate_item(struct translation *t) {
  switch (*t->at) {
  case '\\':
    translate_escape(t);
    break;
  case '[':
    translate_bracket(t);
    break;
  case '(':
    open_group(t);
    break;
  case ')':
    close_group(t);
    break;
  case '*':
  case '+':
  case '?':
  case '{':
    translate_repetition(t);
    break;
  case '|':
  case '^':
  case '$':
    copy(t, 1);
    t->before = NOTHING;
    break;
  default:
    begin_atom(t);
    copy(t, 1);
  }
}

int regex_syntax_translate(struct regex_syntax *out, const char *text,
                           size_t len, char *err, size_t err_size) {
  struct translation t = {
      .begin = text, .at = text, .end = text + len, .out = out};

  out->len = 0;
  if (len == 0) {
    snprintf(err, err_size, "it is empty");
    return -1;
  }
  if (len > REGEX_TEXT_MAX) {
    snprintf(err, err_size, "expected at most %u bytes", REGEX_TEXT_MAX);
    return -1;
  }
  while (t.at < t.end && t.problem == NULL)
    translate_item(&t);
  out->from[out->len] = (uint16_t)len;
  if (t.problem == NULL)
    return 0;
  snprintf(err, err_size, "%s, at offset %zu", t.problem,
           (size_t)(t.at - t.begin));
  return -1;
}
