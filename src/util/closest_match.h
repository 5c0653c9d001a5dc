/* SPDX-License-Identifier: MIT */
/* closest_match.h - "did you mean": finds the name closest to a misspelt word
 * and lists all names for a message. The names are borrowed. */
#ifndef UTIL_CLOSEST_MATCH_H
#define UTIL_CLOSEST_MATCH_H

#include <stddef.h>

struct closest_match { /* initialise with {.wanted = "the misspelt word"} */
  const char *wanted;
  /* NULL if more than wanted_len / 3 + 1 edits are needed */
  const char *closest;
  size_t distance; /* edits from `wanted` to `closest` */
  char list[768];  /* "a, b, c" */
  size_t len;
};

void closest_match_add(struct closest_match *s, const char *name);

#endif
