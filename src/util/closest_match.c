/* SPDX-License-Identifier: MIT */
#include "util/closest_match.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define WORD_MAX 64

/* Levenshtein's. */
static size_t distance(const char *a, const char *b) {
  size_t row[WORD_MAX];
  size_t len = strlen(b);

  if (len >= WORD_MAX || strlen(a) >= WORD_MAX)
    return SIZE_MAX;
  for (size_t j = 0; j <= len; j++)
    row[j] = j;
  for (size_t i = 0; a[i] != '\0'; i++) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < len; j++) {
      size_t best = diagonal + (a[i] != b[j]);
      diagonal = row[j + 1];
      if (row[j] + 1 < best)
        best = row[j] + 1;
      if (diagonal + 1 < best)
        best = diagonal + 1;
      row[j + 1] = best;
    }
  }
  return row[len];
}

void closest_match_add(struct closest_match *s, const char *name) {
  size_t d = distance(s->wanted, name);

  if (d <= 1 + strlen(name) / 4 && (s->closest == NULL || d < s->distance)) {
    s->closest = name;
    s->distance = d;
  }
  if (s->len < sizeof(s->list))
    s->len += (size_t)snprintf(s->list + s->len, sizeof(s->list) - s->len,
                               "%s%s", s->len > 0 ? ", " : "", name);
}
