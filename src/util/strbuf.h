/* SPDX-License-Identifier: MIT */
/* strbuf.h - a text that grows. Begin with {0}; the text is the buffer's own,
 * NULL while nothing was added. Without memory it stays as it was and `failed`
 * tells. */
#ifndef UTIL_STRBUF_H
#define UTIL_STRBUF_H

#include <stdbool.h>
#include <stddef.h>

struct strbuf {
  char *text; /* ends with a byte of zero */
  size_t len;
  size_t room;
  bool failed;
};

void strbuf_add(struct strbuf *b, const char *text, size_t len);
void strbuf_string(struct strbuf *b, const char *text);
void strbuf_format(struct strbuf *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void strbuf_clear(struct strbuf *b);

#endif
