/* suggest.h - "did you mean": collects the names that would have been right. */
#ifndef ALERTS_SUGGEST_H
#define ALERTS_SUGGEST_H

#include <stddef.h>

struct suggest { /* begin with {.wanted = "what was given"} */
  const char *wanted;
  const char *closest; /* NULL: nothing is close */
  size_t distance;     /* of the closest */
  char list[512];      /* "a, b, c" */
  size_t len;
};

void suggest_add(struct suggest *s, const char *name);

#endif
