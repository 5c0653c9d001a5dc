/* SPDX-License-Identifier: MIT */
/* closest_match.h - "did you mean": the name that a misspelt word is closest
 * to, and the list of all names for a message. */
#ifndef UTIL_CLOSEST_MATCH_H
#define UTIL_CLOSEST_MATCH_H

#include <stddef.h>

struct closest_match { /* begin with {.wanted = "what was given"} */
  const char *wanted;
  const char *closest; /* at most a third + 1 of its letters differ; or NULL */
  size_t distance;     /* of `closest` */
  char list[768];      /* "a, b, c" */
  size_t len;
};

void closest_match_add(struct closest_match *s, const char *name);

#endif
