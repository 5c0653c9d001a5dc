/* SPDX-License-Identifier: MIT */
/* regex_syntax.h - an expression of a user in PCRE2's syntax, see regex.h. */
#ifndef UTIL_REGEX_SYNTAX_H
#define UTIL_REGEX_SYNTAX_H

#include "util/regex.h"

#include <stdint.h>

/* Each byte becomes five at most: a "*" in "a+*" makes "(?:" and ")", too. */
#define REGEX_SYNTAX_MAX (5U * REGEX_TEXT_MAX)

struct regex_syntax {
  char text[REGEX_SYNTAX_MAX];
  uint16_t from[REGEX_SYNTAX_MAX + 1]; /* offset in the user's expression */
  size_t len;
};

/* 0, or -1 with the reason in `err`. What PCRE2 would refuse is left to it. */
int regex_syntax_translate(struct regex_syntax *out, const char *text,
                           size_t len, char *err, size_t err_size);

#endif
