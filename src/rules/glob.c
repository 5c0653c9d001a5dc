/* SPDX-License-Identifier: MIT */
#include "rules/glob.h"

#include "util/utf8.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ESCAPABLE GLOB_SPECIAL "]},!-^"
#define NOT_UTF8 0x80000000U /* added to an invalid byte */

struct glob {
  size_t num;
  char *alternative[GLOB_ALTERNATIVES]; /* without braces */
};

struct expansion {
  struct glob *glob;
  char *err;
  size_t err_size;
};

static int fail(const struct expansion *e, const char *what) {
  snprintf(e->err, e->err_size, "%s", what);
  return -1;
}

/* ---- characters and classes ---- */

static size_t character(const char *s, size_t len, uint32_t *code) {
  size_t size = utf8_decode(s, len, code);

  if (size > 0)
    return size;
  *code = NOT_UTF8 + (unsigned char)*s;
  return 1;
}

static bool is_escape(const char *s, size_t len) {
  return len > 1 && s[0] == '\\' && s[1] != '\0' &&
         strchr(ESCAPABLE, s[1]) != NULL;
}

/* A character of a class or of the pattern; a backslash escapes it. */
static size_t escaped_character(const char *s, size_t len, uint32_t *code) {
  size_t skip = is_escape(s, len);

  return skip + character(s + skip, len - skip, code);
}

static bool is_negated(const char *class) {
  return class[1] == '!' || class[1] == '^';
}

/* Length of the class at `s`; 0: it does not end. */
static size_t class_length(const char *s, size_t len) {
  size_t begin = len > 1 && is_negated(s) ? 2 : 1;

  for (size_t i = begin; i < len; i += is_escape(s + i, len - i) ? 2 : 1)
    if (s[i] == ']' && i > begin)
      return i + 1;
  return 0;
}

struct range {
  uint32_t first, last;
};

/* Takes the range or character at `i` of the class. Returns its length. */
static size_t take_range(const char *class, size_t i, size_t end,
                         struct range *r) {
  size_t len = escaped_character(class + i, end - i, &r->first);

  r->last = r->first;
  if (i + len + 1 < end && class[i + len] == '-')
    len +=
        1 + escaped_character(class + i + len + 1, end - i - len - 1, &r->last);
  return len;
}

static int check_class(const struct expansion *e, const char *class,
                       size_t len) {
  struct range r;

  for (size_t i = is_negated(class) ? 2 : 1; i < len - 1;) {
    if (class[i] == '[' && strchr(":.=", class[i + 1]) != NULL &&
        i + 2 < len - 1)
      return fail(e, "expected characters and ranges such as [0-9] in "
                     "brackets, not [:digit:]");
    i += take_range(class, i, len - 1, &r);
    if (r.last < r.first)
      return fail(e, "expected a range that ascends, such as [a-z]");
  }
  return 0;
}

static bool class_has(const char *class, size_t len, uint32_t code) {
  bool negated = is_negated(class);
  struct range r;

  for (size_t i = negated ? 2 : 1; i < len - 1;) {
    i += take_range(class, i, len - 1, &r);
    if (code >= r.first && code <= r.last)
      return !negated;
  }
  return negated;
}

size_t glob_element(const char *text, size_t len) {
  uint32_t code = 0;

  if (*text == '[')
    return class_length(text, len);
  return escaped_character(text, len, &code);
}

/* ---- braces ---- */

/* Index of the first "," or "}" outside of inner braces from `i` on, or of the
 * first "{" if `open`; `len`: none. */
static size_t find_brace(const char *text, size_t len, size_t i, bool open) {
  size_t depth = 0;

  while (i < len) {
    if (open && text[i] == '{')
      return i;
    if (!open && depth == 0 && (text[i] == ',' || text[i] == '}'))
      return i;
    if (!open && text[i] == '{')
      depth++;
    if (!open && text[i] == '}')
      depth--;
    size_t step = glob_element(text + i, len - i);
    i += step > 0 ? step : 1;
  }
  return len;
}

static int check_classes(const struct expansion *e, const char *text) {
  size_t len = strlen(text);

  for (size_t i = 0, step = 0; i < len; i += step) {
    step = glob_element(text + i, len - i);
    if (step == 0)
      return fail(e, "expected a \"]\" after \"[\"; write \\[ for the "
                     "character itself");
    if (text[i] == '[' && check_class(e, text + i, step) != 0)
      return -1;
  }
  return 0;
}

static int add_alternative(struct expansion *e, char *text) {
  if (check_classes(e, text) != 0)
    return -1;
  if (e->glob->num == GLOB_ALTERNATIVES)
    return fail(e, "expected at most 64 alternatives in braces");
  e->glob->alternative[e->glob->num++] = text;
  return 0;
}

/* Text before the brace, one of its alternatives, text behind it. */
static char *join(const char *text, size_t open, size_t from, size_t to,
                  size_t close) {
  size_t behind = strlen(text + close + 1);
  char *joined = malloc(open + (to - from) + behind + 1);

  if (joined == NULL)
    return NULL;
  memcpy(joined, text, open);
  memcpy(joined + open, text + from, to - from);
  memcpy(joined + open + (to - from), text + close + 1, behind + 1);
  return joined;
}

/* Takes ownership of the text. */
static int expand(struct expansion *e, char *text) {
  size_t len = strlen(text);
  size_t open = find_brace(text, len, 0, true);
  size_t close = open + 1;
  int status = 0;

  if (open == len) {
    status = add_alternative(e, text);
    if (status != 0)
      free(text);
    return status;
  }
  while ((close = find_brace(text, len, close, false)) < len &&
         text[close] != '}')
    close++;
  if (close == len)
    status = fail(e, "expected a \"}\" after \"{\" within the part; write \\{ "
                     "for the character itself");
  for (size_t from = open + 1; status == 0 && from <= close;) {
    size_t to = find_brace(text, len, from, false);
    char *one = join(text, open, from, to, close);
    status = one != NULL ? expand(e, one) : fail(e, "out of memory");
    from = to + 1;
  }
  free(text);
  return status;
}

struct glob *glob_create(const char *text, size_t len, char *err,
                         size_t err_size) {
  struct expansion e = {calloc(1, sizeof(*e.glob)), err, err_size};
  char *copy = e.glob != NULL ? strndup(text, len) : NULL;
  int status = copy != NULL ? expand(&e, copy) : fail(&e, "out of memory");

  if (status == 0)
    return e.glob;
  glob_destroy(e.glob);
  return NULL;
}

void glob_destroy(struct glob *g) {
  if (g == NULL)
    return;
  for (size_t i = 0; i < g->num; i++)
    free(g->alternative[i]);
  free(g);
}

/* ---- match ---- */

/* True: the element of the pattern, which is no "*", matches the character. */
static bool element_matches(const char *g, size_t size, uint32_t code) {
  uint32_t own = 0;

  if (*g == '?')
    return true;
  if (*g == '[')
    return class_has(g, size, code);
  escaped_character(g, size, &own);
  return own == code;
}

/* Backtracks to the last "*" only. */
static bool match_one(const char *g, const char *s, size_t slen) {
  size_t glen = strlen(g);
  size_t gi = 0;
  size_t si = 0;
  size_t star = glen; /* glen: no "*" yet */
  size_t retry = 0;

  while (si < slen) {
    uint32_t code = 0;
    size_t size = character(s + si, slen - si, &code);
    size_t step = gi < glen ? glob_element(g + gi, glen - gi) : 0;
    if (step > 0 && g[gi] == '*') {
      star = gi++;
      retry = si;
    } else if (step > 0 && element_matches(g + gi, step, code)) {
      gi += step;
      si += size;
    } else if (star < glen) {
      gi = star + 1;
      retry += character(s + retry, slen - retry, &code);
      si = retry;
    } else {
      return false;
    }
  }
  while (gi < glen && g[gi] == '*')
    gi++;
  return gi == glen;
}

bool glob_match(const struct glob *g, const char *s, size_t len) {
  for (size_t i = 0; i < g->num; i++)
    if (match_one(g->alternative[i], s, len))
      return true;
  return false;
}

bool glob_begins(const struct glob *g, const char *prefix) {
  for (size_t i = 0; i < g->num; i++)
    if (strncmp(g->alternative[i], prefix, strlen(prefix)) != 0)
      return false;
  return g->num > 0;
}

bool glob_is_plain(const char *text) {
  return strpbrk(text, GLOB_SPECIAL) == NULL;
}
