/* SPDX-License-Identifier: MIT */
/* glob.h - matches one part of an identity with wildcards.
 *
 * "*" any text, "?" one character, "[a-z]" one of these characters, "[!a-z]"
 * one other character, "{a,b}" either text; braces may be nested. A backslash
 * before one of * ? [ ] { } , \ makes it an ordinary character; any other
 * backslash is one itself. Characters are UTF-8; an invalid byte is one
 * character.
 *
 * Braces are expanded into at most GLOB_ALTERNATIVES texts. A match takes at
 * most alternatives * length of one * text length steps. Constant after
 * glob_create(). */
#ifndef RULES_GLOB_H
#define RULES_GLOB_H

#include <stdbool.h>
#include <stddef.h>

#define GLOB_ALTERNATIVES 64U
#define GLOB_SPECIAL "*?[{\\" /* a text without these matches itself only */

struct glob;

/* NULL with an error in `err`: "expected …" or "out of memory". */
struct glob *glob_create(const char *text, size_t len, char *err,
                         size_t err_size);
void glob_destroy(struct glob *g);

bool glob_match(const struct glob *g, const char *s, size_t len);

/* True: every text that matches begins like that. `prefix` has no special
 * characters. */
bool glob_begins(const struct glob *g, const char *prefix);

/* Length of the ordinary or special element at the start of `text`, which has
 * `len` bytes: an escape, a class or a character. 0: a class without its end. */
size_t glob_element(const char *text, size_t len);

/* True: the text has no character of GLOB_SPECIAL. */
bool glob_is_plain(const char *text);

#endif
