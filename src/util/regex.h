/* SPDX-License-Identifier: MIT */
/* regex.h - compiles and matches users' regular expressions within limits.
 *
 * Syntax: PCRE2. POSIX extended expressions keep their meaning: in brackets a
 * backslash is literal (except \d, \w, \s, \D, \W, \S), "]" may be first, [.x.]
 * and [=x=] mean x; "{,3}" is "{0,3}", "a+*" is "(a+)*", an unmatched ")" is
 * literal. Verbs, "(*", are rejected. Differences from POSIX: after a
 * repetition "?" means lazy, "+" means possessive.
 *
 * Matching works on bytes and is case-sensitive. "." matches any byte, newline
 * included; "^" and "$" match only at the ends of the text; \w and the classes
 * cover ASCII only.
 *
 * A match is aborted after a bounded number of steps (about 20 ns each) and
 * counts as no match. After REGEX_SLOW_MAX aborted matches an expression never
 * matches again. A regex must not be shared between threads. */
#ifndef UTIL_REGEX_H
#define UTIL_REGEX_H

#include <stddef.h>

#define REGEX_TEXT_MAX 1024U        /* bytes of an expression */
#define REGEX_COMPILED_MAX 65536U   /* bytes */
#define REGEX_SUBJECT_MAX 4096U     /* bytes; a longer text never matches */
#define REGEX_STEPS_MAX 100000L     /* per match */
#define REGEX_STEPS_OVERDRAWN 1000L /* per match, budget spent */
#define REGEX_BUDGET_STEPS 2000000L /* shared by many matches */
#define REGEX_SLOW_MAX 8U           /* aborted matches */
#define REGEX_SLOW_TEXT_MAX 128U    /* bytes stored of a subject */

struct regex;

/* Steps shared by several matches. */
struct regex_budget {
  long steps;
};

/* Returns NULL with a message in `err`. */
struct regex *regex_create(const char *text, size_t len, char *err,
                           size_t err_size);
void regex_destroy(struct regex *re);

/* Searches `text` for a match. Returns 1, 0, or -1 if out of memory. */
int regex_match(struct regex *re, const char *text, size_t len,
                struct regex_budget *budget);

/* Returns the start of the first subject whose match was aborted; NULL if there
 * is none or it was returned before. */
const char *regex_take_slow(struct regex *re);

#endif
