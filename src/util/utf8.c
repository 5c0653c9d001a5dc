/* SPDX-License-Identifier: MIT */
#include "util/utf8.h"

#include <string.h>

/* Unprintable ranges beyond ASCII, sorted; see utf8.h. The last two code points
 * of each plane are checked in is_printable(). */
static const struct {
  uint32_t first;
  uint32_t last;
} hidden[] = {
    {0x80, 0x9F},       {0xAD, 0xAD},       {0x34F, 0x34F},
    {0x600, 0x605},     {0x61C, 0x61C},     {0x6DD, 0x6DD},
    {0x70F, 0x70F},     {0x890, 0x891},     {0x8E2, 0x8E2},
    {0x115F, 0x1160},   {0x17B4, 0x17B5},   {0x180B, 0x180F},
    {0x200B, 0x200F},   {0x2028, 0x202E},   {0x2060, 0x206F},
    {0x3164, 0x3164},   {0xD800, 0xDFFF},   {0xFDD0, 0xFDEF},
    {0xFE00, 0xFE0D},   {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},
    {0xFFF0, 0xFFFB},   {0x110BD, 0x110BD}, {0x110CD, 0x110CD},
    {0x13430, 0x1343F}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A},
    {0xE0000, 0xE0FFF},
};

static bool is_printable(uint32_t c) {
  size_t i = 0;

  if (c < 0x80)
    return c >= ' ' && c < 0x7F;
  while (i < sizeof(hidden) / sizeof(*hidden) && hidden[i].last < c)
    i++;
  return (c & 0xFFFE) != 0xFFFE &&
         (i == sizeof(hidden) / sizeof(*hidden) || c < hidden[i].first);
}

size_t utf8_decode(const char *s, size_t len, uint32_t *code) {
  static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  const unsigned char *u = (const unsigned char *)s;
  size_t need = len == 0      ? 0
                : u[0] < 0x80 ? 1
                : u[0] < 0xC0 ? 0
                : u[0] < 0xE0 ? 2
                : u[0] < 0xF0 ? 3
                : u[0] < 0xF8 ? 4
                              : 0;
  uint32_t c = 0;

  if (need == 0 || need > len)
    return 0;
  c = need == 1 ? u[0] : u[0] & (0x7FU >> need);
  for (size_t i = 1; i < need; i++) {
    if ((u[i] & 0xC0U) != 0x80)
      return 0;
    c = c << 6 | (u[i] & 0x3FU);
  }
  if (c < least[need] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
    return 0;
  *code = c;
  return need;
}

size_t utf8_printable(const char *s, size_t len) {
  uint32_t code = 0;
  size_t n = utf8_decode(s, len, &code);

  return n > 0 && is_printable(code) ? n : 0;
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

void utf8_print(char *to, size_t size, const char *text) {
  if (size > 0)
    to[utf8_put(to, size - 1, text, strlen(text))] = '\0';
}

bool utf8_copy(char *to, size_t size, const char *text, size_t len,
               const char *refused) {
  size_t used = 0;
  size_t i = 0;
  bool changed = false;

  while (i < len) {
    uint32_t code = 0;
    size_t n = utf8_decode(text + i, len - i, &code);
    bool bad =
        n == 0 || !is_printable(code) || strchr(refused, text[i]) != NULL;
    size_t put = bad ? 1 : n;
    if (used + put >= size)
      break;
    memcpy(to + used, bad ? "_" : text + i, put);
    used += put;
    i += n > 0 ? n : 1;
    changed = changed || bad;
  }
  to[used] = '\0';
  return changed || i < len;
}
