/* SPDX-License-Identifier: MIT */
#include "metrics/identifier.h"

#include "util/utf8.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define HASH_LEN 9U  /* "~01234567" */
#define REFUSED "/;" /* separators of collectd and its writers */

static bool ends_like_a_hash(const char *text) {
  size_t len = strlen(text);
  return len >= HASH_LEN && text[len - HASH_LEN] == '~' &&
         strspn(text + len - HASH_LEN + 1, "0123456789abcdef") == HASH_LEN - 1;
}

/* FNV-1a, 32 bits. */
static uint32_t hash(const char *text, size_t len) {
  uint32_t h = 2166136261U;
  for (size_t i = 0; i < len; i++)
    h = (h ^ (unsigned char)text[i]) * 16777619U;
  return h;
}

void identifier_from_name(const char *name, size_t len,
                          char out[IDENTIFIER_MAX]) {
  bool changed = utf8_copy(out, IDENTIFIER_MAX, name, len, REFUSED);
  if (!changed && len > 0 && strcmp(out, "hub") != 0 && !ends_like_a_hash(out))
    return;
  utf8_copy(out, IDENTIFIER_MAX - HASH_LEN, name, len, REFUSED);
  size_t used = strlen(out);
  snprintf(out + used, IDENTIFIER_MAX - used, "~%08x",
           (unsigned)hash(name, len));
}
