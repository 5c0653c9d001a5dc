/* SPDX-License-Identifier: MIT */
#include "util/json_syntax.h"

#include "util/utf8.h"

#include <stdbool.h>
#include <string.h>

struct scan {
  const char *at, *end;
  const char *error; /* NULL: no error */
  unsigned depth;
};

/* Records the error, which ends the scan. Always returns false. */
static bool fail(struct scan *s, const char *what) {
  s->error = s->at == s->end ? "the text ends too early" : what;
  return false;
}

static bool is_next(const struct scan *s, char c) {
  return s->at < s->end && *s->at == c;
}

static bool take(struct scan *s, char c) {
  bool found = is_next(s, c);
  s->at += found;
  return found;
}

static void skip_space(struct scan *s) {
  while (is_next(s, ' ') || is_next(s, '\t') || is_next(s, '\n') ||
         is_next(s, '\r'))
    s->at++;
}

static bool is_digit(const struct scan *s) {
  return s->at < s->end && *s->at >= '0' && *s->at <= '9';
}

static bool take_digits(struct scan *s) {
  if (!is_digit(s))
    return fail(s, "number expected");
  while (is_digit(s))
    s->at++;
  return true;
}

static bool take_word(struct scan *s, const char *word, const char *expected) {
  for (; *word != '\0'; word++)
    if (!take(s, *word))
      return fail(s, expected);
  return true;
}

static bool take_number(struct scan *s) {
  if (take(s, '-') && is_next(s, 'I'))
    return take_word(s, "Infinity", "number expected");
  if (take(s, '0')) {
    if (is_digit(s))
      return fail(s, "number expected");
  } else if (!take_digits(s)) {
    return false;
  }
  if (take(s, '.') && !take_digits(s))
    return false;
  if (!take(s, 'e') && !take(s, 'E'))
    return true;
  if (!take(s, '+'))
    take(s, '-');
  return take_digits(s);
}

static bool take_escape(struct scan *s) {
  static const char what[] = "invalid string sequence";
  if (s->at == s->end || *s->at == '\0' ||
      strchr("\"\\/bfnrtu", *s->at) == NULL)
    return fail(s, what);
  if (*s->at++ != 'u')
    return true;
  for (int i = 0; i < 4; i++, s->at++)
    if (s->at == s->end || *s->at == '\0' ||
        strchr("0123456789abcdefABCDEF", *s->at) == NULL)
      return fail(s, what);
  return true;
}

/* s->at is the opening quote. */
static bool take_string(struct scan *s) {
  for (s->at++; !take(s, '"');) {
    if (take(s, '\\')) {
      if (!take_escape(s))
        return false;
      continue;
    }
    uint32_t code = 0;
    size_t bytes = utf8_decode(s->at, (size_t)(s->end - s->at), &code);
    if (bytes == 0)
      return fail(s, "invalid utf-8 string");
    s->at += bytes;
  }
  return true;
}

static bool take_value(struct scan *s);

/* s->at is after "[". */
static bool take_elements(struct scan *s) {
  skip_space(s);
  if (take(s, ']'))
    return true;
  do {
    if (!take_value(s))
      return false;
  } while (take(s, ','));
  return take(s, ']') || fail(s, "array value separator ',' expected");
}

static bool take_member(struct scan *s, bool first) {
  skip_space(s);
  if (!is_next(s, '"'))
    return fail(s, !first && is_next(s, '}')
                       ? "unexpected character"
                       : "quoted object property name expected");
  if (!take_string(s))
    return false;
  skip_space(s);
  if (!take(s, ':'))
    return fail(s, "object property name separator ':' expected");
  return take_value(s);
}

/* s->at is after "{". */
static bool take_members(struct scan *s) {
  bool first = true;
  skip_space(s);
  if (take(s, '}'))
    return true;
  do {
    if (!take_member(s, first))
      return false;
    first = false;
  } while (take(s, ','));
  return take(s, '}') || fail(s, "object value separator ',' expected");
}

static bool take_inside(struct scan *s, bool take_it(struct scan *s)) {
  if (s->depth == JSON_SYNTAX_DEPTH)
    return fail(s, "nesting too deep");
  s->at++;
  s->depth++;
  bool taken = take_it(s);
  s->depth--;
  return taken;
}

static bool take_thing(struct scan *s) {
  switch (s->at < s->end ? *s->at : '\0') {
  case '{':
    return take_inside(s, take_members);
  case '[':
    return take_inside(s, take_elements);
  case '"':
    return take_string(s);
  case 't':
    return take_word(s, "true", "boolean expected");
  case 'f':
    return take_word(s, "false", "boolean expected");
  case 'n':
    return take_word(s, "null", "null expected");
  case 'N':
    return take_word(s, "NaN", "number expected");
  case 'I':
    return take_word(s, "Infinity", "number expected");
  default:
    return is_next(s, '-') || is_digit(s) ? take_number(s)
                                          : fail(s, "unexpected character");
  }
}

/* Also skips white space before and after the value. */
static bool take_value(struct scan *s) {
  skip_space(s);
  bool taken = take_thing(s);
  if (taken)
    skip_space(s);
  return taken;
}

const char *json_syntax_error(const char *text, size_t len, size_t *offset) {
  struct scan s = {.at = text, .end = text + len};
  if (take_value(&s) && s.at < s.end)
    fail(&s, "unexpected character");
  *offset = (size_t)(s.at - text);
  return s.error;
}
