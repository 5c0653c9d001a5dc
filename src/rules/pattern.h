/* SPDX-License-Identifier: MIT */
/* pattern.h - selects the series of a rule.
 *
 * Glob "host/plugin-instance/type-instance": each part is a glob (glob.h):
 * "*", "?", "[a-z]", "[!a-z]", "{a,b}". "/text/": a regular expression
 * (util/regex.h) that searches the whole identity. A plugin or type without
 * instance has no dash.
 *
 * A regular expression takes at most the steps that its budget allows. Not
 * thread-safe. */
#ifndef RULES_PATTERN_H
#define RULES_PATTERN_H

#include "util/regex.h"

#include <stdbool.h>
#include <stddef.h>

#define PATTERN_MAX 1024U /* bytes of a pattern's text */

enum { IDENTITY_HOST, IDENTITY_PLUGIN, IDENTITY_TYPE, IDENTITY_PARTS };

struct identity { /* a part may contain "/" */
  const char *text;
  const char *part[IDENTITY_PARTS]; /* inside text */
  size_t len[IDENTITY_PARTS];
};

struct pattern;

/* NULL with an error in `err`. */
struct pattern *pattern_create(const char *text, char *err, size_t err_size);
void pattern_destroy(struct pattern *p);

/* 1: match, 0: no match, -1: out of memory. */
int pattern_match(struct pattern *p, const struct identity *id,
                  struct regex_budget *budget);

/* The first identity on which the regular expression exceeded its budget,
 * shortened. Returned once; NULL: none. */
const char *pattern_take_slow(struct pattern *p);

/* True: p is a glob that matches one identity only. */
bool pattern_is_exact(const struct pattern *p);

/* The pattern as configured. */
const char *pattern_text(const struct pattern *p);

/* True: p is a glob that matches only types with this prefix. */
bool pattern_type_begins(const struct pattern *p, const char *prefix);

#endif
