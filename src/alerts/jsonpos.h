/* jsonpos.h - where in a JSON text a value stands; json-c does not tell.
 *
 * The text must be valid JSON, anything else gives some answer, but a safe one.
 * Lines count from 1. */
#ifndef ALERTS_JSONPOS_H
#define ALERTS_JSONPOS_H

#include <stddef.h>

struct jsonpath { /* a chain on the stack, from the value to the root (NULL) */
  const struct jsonpath *up;
  const char *key; /* NULL: an element of an array */
  size_t index;
};

#define JSONPATH_MAX 160

/* "rules[3].for"; long keys are cut, control characters replaced. */
void jsonpath_format(const struct jsonpath *path, char buf[JSONPATH_MAX]);

/* Of the value's key (in an array: of the value), or of the nearest enclosing
 * value that is there. */
unsigned jsonpos_line(const char *text, size_t len,
                      const struct jsonpath *path);

/* Of the byte at `offset`. */
unsigned jsonpos_line_at(const char *text, size_t len, size_t offset);

/* 0, or -1 with the first key that is twice in one object in `err`:
 * `line 4: warning.p95_latency: given twice, first in line 2`; or one that is
 * not in double quotes. */
int jsonpos_check_keys(const char *text, size_t len, char *err,
                       size_t err_size);

#endif
