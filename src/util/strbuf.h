/* SPDX-License-Identifier: MIT */
/* strbuf.h - a text that grows. Begin with {0}, end with strbuf_clear(). The
 * text is NULL until something is added. Without memory nothing is added, and
 * `failed` is set until strbuf_clear(). */
#ifndef UTIL_STRBUF_H
#define UTIL_STRBUF_H

#include <stdbool.h>
#include <stddef.h>

struct strbuf {
  char *text; /* with a NUL */
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
