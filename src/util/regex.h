/* SPDX-License-Identifier: MIT */
/* regex.h - regular expressions of users, compiled and matched within limits.
 *
 * The syntax is Perl's as PCRE2 has it. POSIX extended expressions keep their
 * meaning: in brackets a backslash is itself (but \d, \w, \s and their
 * opposites are classes), "]" may stand first, [.x.] and [=x=] are x; "{,3}" is
 * "{0,3}", "a+*" is "(a+)*", a ")" without "(" is itself. Verbs, "(*", are
 * refused. Two things differ from POSIX: a "?" behind a repetition makes it
 * lazy, a "+" possessive.
 *
 * Bytes, not characters: case counts, "." is any byte, newline included, "^"
 * and "$" are the ends of the text, \w and the classes know ASCII only.
 *
 * A match takes a bounded number of steps (some 20 ns each). One that needs
 * more is no match; an expression that did so REGEX_SLOW_MAX times never
 * matches again. A regex is for one thread at a time. */
#ifndef UTIL_REGEX_H
#define UTIL_REGEX_H

#include <stddef.h>

#define REGEX_TEXT_MAX 1024U        /* bytes of an expression */
#define REGEX_COMPILED_MAX 65536U   /* bytes */
#define REGEX_SUBJECT_MAX 4096U     /* bytes; a longer text is no match */
#define REGEX_STEPS_MAX 100000L     /* of one match */
#define REGEX_STEPS_OVERDRAWN 1000L /* the same when the budget is spent */
#define REGEX_BUDGET_STEPS 2000000L /* of many matches */
#define REGEX_SLOW_MAX 8U           /* matches that took too many steps */
#define REGEX_SLOW_TEXT_MAX 128U    /* bytes of a text that are remembered */

struct regex;

/* Steps that several matches share. */
struct regex_budget {
  long steps;
};

/* NULL with the reason in `err`: "missing closing parenthesis, at offset 2". */
struct regex *regex_create(const char *text, size_t len, char *err,
                           size_t err_size);
void regex_destroy(struct regex *re);

/* Whether the expression matches anywhere: 1 or 0; -1: out of memory. */
int regex_match(struct regex *re, const char *text, size_t len,
                struct regex_budget *budget);

/* The first text whose match was given up, cut; NULL: there is none, or it has
 * been returned before. */
const char *regex_take_slow(struct regex *re);

#endif
