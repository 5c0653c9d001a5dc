/* buffer.h - a text that grows. Begin with {0}; the text is the buffer's own,
 * NULL while nothing was added. Without memory it stays as it was and `failed`
 * tells. */
#ifndef ALERTS_BUFFER_H
#define ALERTS_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

struct buffer {
  char *text; /* ends with a byte of zero */
  size_t len;
  size_t room;
  bool failed;
};

void buffer_add(struct buffer *b, const char *text, size_t len);
void buffer_string(struct buffer *b, const char *text);
void buffer_format(struct buffer *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void buffer_clear(struct buffer *b);

#endif
