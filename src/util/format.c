/* SPDX-License-Identifier: MIT */
#include "util/format.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define DIGITS 6
#define DIGITS_ALL 17

static void format(double value, int digits, char buf[FORMAT_MAX]) {
  if (isnan(value))
    snprintf(buf, FORMAT_MAX, "unknown");
  else if (fabs(value) >= 999999.5 && fabs(value) < 1e15)
    snprintf(buf, FORMAT_MAX, "%.*f", digits > DIGITS ? 2 : 0, value);
  else
    snprintf(buf, FORMAT_MAX, "%.*g", digits, value + 0.0); /* no "-0" */
}

void format_number(double value, char buf[FORMAT_MAX]) {
  format(value, DIGITS, buf);
}

void format_number_pair(double a, double b, char buf_a[FORMAT_MAX],
                        char buf_b[FORMAT_MAX]) {
  for (int digits = DIGITS; digits <= DIGITS_ALL; digits++) {
    format(a, digits, buf_a);
    format(b, digits, buf_b);
    if (!(a < b || a > b) || strcmp(buf_a, buf_b) != 0)
      return;
  }
}

void format_duration(double seconds, char buf[FORMAT_MAX]) {
  unsigned long s =
      seconds > 0 && seconds < 1e9 ? (unsigned long)(seconds + 0.5) : 0;

  if (s < 60)
    snprintf(buf, FORMAT_MAX, "%lu s", s);
  else if (s < 3600)
    snprintf(buf, FORMAT_MAX, "%lu min %lu s", s / 60, s % 60);
  else if (s < 86400)
    snprintf(buf, FORMAT_MAX, "%lu h %lu min", s / 3600, s / 60 % 60);
  else
    snprintf(buf, FORMAT_MAX, "%lu d %lu h", s / 86400, s / 3600 % 24);
}
