/* SPDX-License-Identifier: MIT */
/* strbuf.h - a growing string. Initialise with {0}, release with
 * strbuf_clear(). `text` is NULL until the first addition. On out of memory the
 * text stays unchanged and `failed` stays set until strbuf_clear(). */
#ifndef UTIL_STRBUF_H
#define UTIL_STRBUF_H

#include <stdbool.h>
#include <stddef.h>

struct strbuf {
  char *text; /* NUL-terminated */
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
