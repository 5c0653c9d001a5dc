/* SPDX-License-Identifier: MIT */
#include "util/strbuf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 1024U

/* Ensures room for `more` bytes and the NUL. */
static int grow(struct strbuf *b, size_t more) {
  size_t room = b->room > 0 ? b->room : ROOM_FIRST;
  char *text = NULL;

  while (room - b->len <= more)
    room *= 2;
  if (room == b->room)
    return 0;
  text = realloc(b->text, room);
  if (text == NULL) {
    b->failed = true;
    return -1;
  }
  b->text = text;
  b->room = room;
  return 0;
}

void strbuf_add(struct strbuf *b, const char *text, size_t len) {
  if (grow(b, len) != 0)
    return;
  memcpy(b->text + b->len, text, len);
  b->len += len;
  b->text[b->len] = '\0';
}

void strbuf_string(struct strbuf *b, const char *text) {
  strbuf_add(b, text, strlen(text));
}

void strbuf_format(struct strbuf *b, const char *format, ...) {
  va_list args;
  int len = 0;

  va_start(args, format);
  len = vsnprintf(NULL, 0, format, args);
  va_end(args);
  if (len < 0 || grow(b, (size_t)len) != 0) {
    b->failed = true;
    return;
  }
  va_start(args, format);
  vsnprintf(b->text + b->len, (size_t)len + 1, format, args);
  va_end(args);
  b->len += (size_t)len;
}

void strbuf_clear(struct strbuf *b) {
  free(b->text);
  *b = (struct strbuf){0};
}
