/* SPDX-License-Identifier: MIT */
#include "util/closest_match.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define WORD_MAX 63 /* bytes; longer words are not compared */

static bool is_same(char a, char b) { return strncasecmp(&a, &b, 1) == 0; }

static unsigned char least(unsigned a, unsigned b) {
  return (unsigned char)(a < b ? a : b);
}

/* Edit distance "optimal string alignment", case ignored. */
static size_t distance(const char *a, size_t m, const char *b, size_t n) {
  unsigned char d[WORD_MAX + 1][WORD_MAX + 1];

  for (size_t i = 0; i <= m; i++)
    for (size_t j = 0; j <= n; j++) {
      if (i == 0 || j == 0) {
        d[i][j] = (unsigned char)(i + j);
        continue;
      }
      d[i][j] = least(d[i - 1][j - 1] + !is_same(a[i - 1], b[j - 1]),
                      least(d[i - 1][j], d[i][j - 1]) + 1U);
      if (i > 1 && j > 1 && is_same(a[i - 1], b[j - 2]) &&
          is_same(a[i - 2], b[j - 1]))
        d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1U);
    }
  return d[m][n];
}

void closest_match_add(struct closest_match *s, const char *name) {
  size_t wanted_len = strlen(s->wanted);
  size_t name_len = strlen(name);

  if (wanted_len <= WORD_MAX && name_len <= WORD_MAX) {
    size_t d = distance(s->wanted, wanted_len, name, name_len);
    if (d < wanted_len && d <= 1 + wanted_len / 3 &&
        (s->closest == NULL || d < s->distance)) {
      s->closest = name;
      s->distance = d;
    }
  }
  if (s->len < sizeof(s->list))
    s->len += (size_t)snprintf(s->list + s->len, sizeof(s->list) - s->len,
                               "%s%s", s->len > 0 ? ", " : "", name);
}
