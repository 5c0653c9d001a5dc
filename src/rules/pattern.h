/* SPDX-License-Identifier: MIT */
/* pattern.h - which series a rule looks at.
 *
 * A glob "host/plugin-instance/type-instance": "*" is any text within its part,
 * "?" one character, everything else itself. Or "/text/": a regular expression
 * (util/regex.h), anchored nowhere, on the whole identity. A plugin or type
 * without instance has no dash.
 *
 * Bounded: a glob costs at most the product of the lengths, a regular
 * expression what the budget allows. A pattern is for one thread at a time. */
#ifndef RULES_PATTERN_H
#define RULES_PATTERN_H

#include "util/regex.h"

#include <stdbool.h>
#include <stddef.h>

#define PATTERN_MAX 1024U /* bytes of a pattern's text */

enum { IDENTITY_HOST, IDENTITY_PLUGIN, IDENTITY_TYPE, IDENTITY_PARTS };

struct identity { /* parts may contain "/" */
  const char *text;
  const char *part[IDENTITY_PARTS]; /* within text */
  size_t len[IDENTITY_PARTS];
};

struct pattern;

/* NULL with what was expected in `err`. */
struct pattern *pattern_create(const char *text, char *err, size_t err_size);
void pattern_destroy(struct pattern *p);

/* 1 or 0; -1: out of memory. */
int pattern_match(struct pattern *p, const struct identity *id,
                  struct regex_budget *budget);

/* The first identity that the regular expression took too long on, cut; NULL:
 * there is none, or it has been returned before. */
const char *pattern_take_slow(struct pattern *p);

/* Whether p is a glob that can only match one identity. */
bool pattern_is_exact(const struct pattern *p);

/* As it was written. */
const char *pattern_text(const struct pattern *p);

/* Whether p is a glob that can only match types that begin with `prefix`. */
bool pattern_type_begins(const struct pattern *p, const char *prefix);

#endif
