/* SPDX-License-Identifier: MIT */
#include "util/utf8.h"

#include <stdbool.h>
#include <string.h>

size_t utf8_length(const char *s, size_t len) {
  const unsigned char *u = (const unsigned char *)s;
  size_t need = len == 0      ? 0
                : u[0] < 0x80 ? 1
                : u[0] < 0xC2 ? 0
                : u[0] < 0xE0 ? 2
                : u[0] < 0xF0 ? 3
                : u[0] < 0xF5 ? 4
                              : 0;

  if (need == 0 || need > len)
    return 0;
  for (size_t i = 1; i < need; i++)
    if ((u[i] & 0xC0U) != 0x80)
      return 0;
  if ((u[0] == 0xE0 && u[1] < 0xA0) ||  /* overlong */
      (u[0] == 0xED && u[1] >= 0xA0) || /* surrogates */
      (u[0] == 0xF0 && u[1] < 0x90) || (u[0] == 0xF4 && u[1] >= 0x90))
    return 0;
  return need;
}

/* Well-formed, but not to be shown. */
static bool forbidden(const unsigned char *u) {
  return u[0] < ' ' || u[0] == 0x7F ||
         (u[0] == 0xC2 && u[1] < 0xA0) ||  /* control characters */
         (u[0] == 0xD8 && u[1] == 0x9C) || /* marks of direction */
         (u[0] == 0xE2 && u[1] == 0x80 && (u[2] == 0x8E || u[2] == 0x8F)) ||
         (u[0] == 0xE2 && u[1] == 0x80 && u[2] >= 0xA8 && u[2] <= 0xAE) ||
         (u[0] == 0xE2 && u[1] == 0x81 && u[2] >= 0xA6 && u[2] <= 0xA9);
}

size_t utf8_printable(const char *s, size_t len) {
  size_t bytes = utf8_length(s, len);

  return bytes > 0 && !forbidden((const unsigned char *)s) ? bytes : 0;
}

size_t utf8_put(char *to, size_t room, const char *text, size_t len) {
  size_t used = 0;
  size_t i = 0;

  while (i < len) {
    size_t n = utf8_printable(text + i, len - i);
    size_t step = n > 0 ? n : 1;
    if (used + step > room)
      break;
    if (n > 0)
      memcpy(to + used, text + i, n);
    else
      to[used] = (unsigned char)text[i] < 0x80 ? ' ' : '?';
    used += step;
    i += step;
  }
  return used;
}
