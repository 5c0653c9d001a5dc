/* SPDX-License-Identifier: MIT */
/* regex_syntax.h - translates a user's expression (regex.h) to PCRE2 syntax. */
#ifndef UTIL_REGEX_SYNTAX_H
#define UTIL_REGEX_SYNTAX_H

#include "util/regex.h"

#include <stdint.h>

/* A byte becomes at most five: the "*" in "a+*" also adds "(?:" and ")". */
#define REGEX_SYNTAX_MAX (5U * REGEX_TEXT_MAX)

struct regex_syntax {
  char text[REGEX_SYNTAX_MAX];
  uint16_t from[REGEX_SYNTAX_MAX + 1]; /* offset in the user's expression */
  size_t len;
};

/* Returns 0, or -1 with a message in `err`. Leaves the remaining errors to
 * PCRE2. */
int regex_syntax_translate(struct regex_syntax *out, const char *text,
                           size_t len, char *err, size_t err_size);

#endif
