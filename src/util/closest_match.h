/* SPDX-License-Identifier: MIT */
/* closest_match.h - "did you mean": collects the names that would have been
 * right. */
#ifndef UTIL_CLOSEST_MATCH_H
#define UTIL_CLOSEST_MATCH_H

#include <stddef.h>

struct closest_match { /* begin with {.wanted = "what was given"} */
  const char *wanted;
  const char *closest; /* NULL: nothing is close */
  size_t distance;     /* of the closest */
  char list[512];      /* "a, b, c" */
  size_t len;
};

void closest_match_add(struct closest_match *s, const char *name);

#endif
