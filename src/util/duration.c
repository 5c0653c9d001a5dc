/* SPDX-License-Identifier: MIT */
#include "util/duration.h"

#include <string.h>

int duration_parse(const char *text, double *seconds) {
  static const char units[] = "dhms";
  static const double lengths[] = {86400, 3600, 60, 1};
  const char *unit = units; /* the largest unit that may follow */
  double sum = 0;

  if (strcmp(text, "0") == 0) {
    *seconds = 0;
    return 0;
  }
  if (*text == '\0')
    return -1;
  while (*text != '\0') {
    const char *digits = text;
    double n = 0;
    for (; *text >= '0' && *text <= '9'; text++)
      n = n * 10 + (*text - '0');
    if (text == digits || *text == '\0')
      return -1;
    unit = strchr(unit, *text++);
    if (unit == NULL)
      return -1;
    sum += n * lengths[unit++ - units];
  }
  if (!(sum <= DURATION_MAX))
    return -1;
  *seconds = sum;
  return 0;
}
