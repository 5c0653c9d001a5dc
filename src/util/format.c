/* SPDX-License-Identifier: MIT */
#include "util/format.h"

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define DIGITS 6
#define DIGITS_ALL 17
#define YEAR_10000 253402300800.0

/* Writes "unknown" if `value` is NaN. */
static const char *__attribute__((format(printf, 3, 4)))
put(char buf[FORMAT_MAX], double value, const char *format, ...) {
  va_list args;

  va_start(args, format);
  vsnprintf(buf, FORMAT_MAX, isnan(value) ? "unknown" : format, args);
  va_end(args);
  return buf;
}

static const char *put_number(double value, int digits, char buf[FORMAT_MAX]) {
  if (fabs(value) >= 999999.5 && fabs(value) < 1e15)
    return put(buf, value, "%.*f", digits > DIGITS ? 2 : 0, value);
  return put(buf, value, "%.*g", digits, value + 0.0); /* avoids "-0" */
}

const char *format_number(double value, char buf[FORMAT_MAX]) {
  return put_number(value, DIGITS, buf);
}

void format_number_pair(double a, double b, char buf_a[FORMAT_MAX],
                        char buf_b[FORMAT_MAX]) {
  for (int digits = DIGITS; digits <= DIGITS_ALL; digits++) {
    put_number(a, digits, buf_a);
    put_number(b, digits, buf_b);
    if (!(a < b || a > b) || strcmp(buf_a, buf_b) != 0)
      return;
  }
}

const char *format_count(double value, char buf[FORMAT_MAX]) {
  char digits[FORMAT_MAX];
  size_t used = 0;
  int len = 0;

  if (!(fabs(value) < 1e15) || value < floor(value) || value > floor(value))
    return format_number(value, buf);
  len = snprintf(digits, sizeof(digits), "%.0f", value);
  for (int i = 0; i < len; i++) {
    if (i > 0 && (len - i) % 3 == 0 && digits[i - 1] != '-')
      buf[used++] = ',';
    buf[used++] = digits[i];
  }
  buf[used] = '\0';
  return buf;
}

const char *format_percent(double value, char buf[FORMAT_MAX]) {
  int digits = value >= 99.995 || fabs(value) <= 0 ? 0 : value > 99 ? 2 : 1;

  return put(buf, value, "%.*f %%", digits, value);
}

const char *format_bytes(double value, char buf[FORMAT_MAX]) {
  static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  size_t unit = 0;

  for (; value >= 1024 && unit < 4; unit++)
    value /= 1024;
  return put(buf, value, "%.*f %s", unit == 0 || value >= 99.95 ? 0 : 1, value,
             units[unit]);
}

const char *format_seconds(double value, char buf[FORMAT_MAX]) {
  if (value < 0.9995)
    return put(buf, value, "%.*f ms", value < 0.00995 ? 1 : 0, value * 1000);
  return put(buf, value, "%.*f s", value < 9.995 ? 2 : 0, value);
}

const char *format_duration(double seconds, char buf[FORMAT_MAX]) {
  unsigned long s =
      seconds > 0 && seconds < 1e9 ? (unsigned long)(seconds + 0.5) : 0;

  if (s < 60)
    return put(buf, seconds, "%lu s", s);
  if (s < 3600)
    return put(buf, seconds, "%lu min %lu s", s / 60, s % 60);
  if (s < 86400)
    return put(buf, seconds, "%lu h %lu min", s / 3600, s / 60 % 60);
  return put(buf, seconds, "%lu d %lu h", s / 86400, s / 3600 % 24);
}

static const char *put_time(double epoch, const char *format,
                            char buf[FORMAT_MAX]) {
  bool known = epoch >= 0 && epoch < YEAR_10000;
  time_t when = known ? (time_t)epoch : 0;
  struct tm tm;

  if (!known || localtime_r(&when, &tm) == NULL ||
      strftime(buf, FORMAT_MAX, format, &tm) == 0)
    snprintf(buf, FORMAT_MAX, "unknown");
  return buf;
}

const char *format_moment(double epoch, char buf[FORMAT_MAX]) {
  return put_time(epoch, "%Y-%m-%d %H:%M:%S", buf);
}

const char *format_minute(double epoch, char buf[FORMAT_MAX]) {
  return put_time(epoch, "%Y-%m-%d %H:%M", buf);
}

const char *format_clock(double epoch, char buf[FORMAT_MAX]) {
  return put_time(epoch, "%H:%M:%S", buf);
}
