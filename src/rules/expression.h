/* SPDX-License-Identifier: MIT */
/* expression.h - POSIX extended regular expressions that compile soon.
 *
 * regcomp() copies what is repeated, so that nested repetitions multiply; where
 * what may be empty is repeated, or places in words are alternatives, it takes
 * exponential time. Refused, hence: repetitions that make more than 500 pieces
 * (characters, sets, groups) beside those written, a repetition of what may be
 * empty ("(a*)+", ".*?"), 33 groups within each other, back-references, and of
 * the escapes of letters all but \w, \W, \s and \S. */
#ifndef RULES_EXPRESSION_H
#define RULES_EXPRESSION_H

#include <regex.h>
#include <stddef.h>

/* To be freed with regfree(). -1: with what was expected in `err`. */
int expression_compile(regex_t *regex, const char *text, char *err,
                       size_t err_size);

#endif
