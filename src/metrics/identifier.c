/* SPDX-License-Identifier: MIT */
#include "metrics/identifier.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define HASH_LEN 9U /* "~01234567" */

/* Length of the UTF-8 character at `s`, its code point in *code; 0: invalid. */
static size_t decode(const unsigned char *s, size_t len, uint32_t *code) {
  static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  size_t need = s[0] < 0x80   ? 1
                : s[0] < 0xc0 ? 0
                : s[0] < 0xe0 ? 2
                : s[0] < 0xf0 ? 3
                : s[0] < 0xf8 ? 4
                              : 0;
  if (need == 0 || need > len)
    return 0;
  uint32_t c = need == 1 ? s[0] : s[0] & (0x7fU >> need);
  for (size_t i = 1; i < need; i++) {
    if ((s[i] & 0xc0) != 0x80)
      return 0;
    c = c << 6 | (s[i] & 0x3fU);
  }
  if (c < least[need] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
    return 0;
  *code = c;
  return need;
}

/* What moves, hides or turns text instead of showing as a character. */
static bool is_control(uint32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x61c ||
         (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
         (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
         (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe007f);
}

/* Copies what can be carried; true when anything was replaced or cut. */
static bool clean(const char *text, size_t len, char *out, size_t size,
                  bool in_identity) {
  const unsigned char *s = (const unsigned char *)text;
  size_t used = 0;
  bool changed = false;
  for (size_t i = 0; i < len;) {
    uint32_t code = 0;
    size_t n = decode(s + i, len - i, &code);
    bool bad = n == 0 || is_control(code) ||
               (in_identity && (code == '/' || code == ';'));
    size_t room = bad ? 1 : n;
    if (used + room >= size) {
      changed = true;
      break;
    }
    memcpy(out + used, bad ? "_" : text + i, room);
    used += room;
    changed = changed || bad;
    i += n > 0 ? n : 1;
  }
  out[used] = '\0';
  return changed;
}

static bool ends_like_a_hash(const char *text) {
  size_t len = strlen(text);
  return len >= HASH_LEN && text[len - HASH_LEN] == '~' &&
         strspn(text + len - HASH_LEN + 1, "0123456789abcdef") == HASH_LEN - 1;
}

/* FNV-1a, 32 bits */
static uint32_t hash(const char *text, size_t len) {
  uint32_t h = 2166136261U;
  for (size_t i = 0; i < len; i++)
    h = (h ^ (unsigned char)text[i]) * 16777619U;
  return h;
}

void identifier_from_name(const char *name, size_t len,
                          char out[IDENTIFIER_MAX]) {
  bool changed = clean(name, len, out, IDENTIFIER_MAX, true);
  if (!changed && len > 0 && strcmp(out, "hub") != 0 && !ends_like_a_hash(out))
    return;
  clean(name, len, out, IDENTIFIER_MAX - HASH_LEN, true);
  size_t used = strlen(out);
  snprintf(out + used, IDENTIFIER_MAX - used, "~%08x",
           (unsigned)hash(name, len));
}

void identifier_printable(const char *text, size_t len, char *out,
                          size_t size) {
  clean(text, len, out, size, false);
}
