/* SPDX-License-Identifier: MIT */
#include "ctl/amount.h"

#include "util/format.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Never 100 % where something is missing. */
static void put_percent(double value, char buf[AMOUNT_MAX]) {
  int digits = value == 0 || value >= 99.995 ? 0 : value > 99 ? 2 : 1;
  snprintf(buf, AMOUNT_MAX, "%.*f %%", digits, value);
}

static void put_seconds(double value, char buf[AMOUNT_MAX]) {
  if (value < 0.9995)
    snprintf(buf, AMOUNT_MAX, value < 0.00995 ? "%.1f ms" : "%.0f ms",
             value * 1000);
  else
    snprintf(buf, AMOUNT_MAX, value < 9.995 ? "%.2f s" : "%.0f s", value);
}

static void put_bytes(double value, char buf[AMOUNT_MAX]) {
  static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  size_t unit = 0;
  for (; value >= 1024 && unit < 4; unit++)
    value /= 1024;
  snprintf(buf, AMOUNT_MAX, unit == 0 || value >= 99.95 ? "%.0f %s" : "%.1f %s",
           value, units[unit]);
}

static void put_count(double value, char buf[AMOUNT_MAX]) {
  char digits[AMOUNT_MAX];
  char figure[FORMAT_MAX];
  if (value != floor(value) || fabs(value) >= 1e15) {
    format_number(value, figure);
    snprintf(buf, AMOUNT_MAX, "%s", figure);
    return;
  }
  int len = snprintf(digits, sizeof(digits), "%.0f", value);
  size_t used = 0;
  for (int i = 0; i < len; i++) {
    if (i > 0 && (len - i) % 3 == 0 && digits[i - 1] != '-')
      buf[used++] = ',';
    buf[used++] = digits[i];
  }
  buf[used] = '\0';
}

const char *amount_text(enum amount_unit unit, double value,
                        char buf[AMOUNT_MAX]) {
  char figure[FORMAT_MAX];
  snprintf(buf, AMOUNT_MAX, "unknown");
  if (isnan(value))
    return buf;
  switch (unit) {
  case AMOUNT_COUNT:
    put_count(value, buf);
    break;
  case AMOUNT_PERCENT:
    put_percent(value, buf);
    break;
  case AMOUNT_SECONDS:
    put_seconds(value, buf);
    break;
  case AMOUNT_UPTIME:
    format_duration(value, figure);
    snprintf(buf, AMOUNT_MAX, "%s", figure);
    break;
  case AMOUNT_BYTES:
    put_bytes(value, buf);
    break;
  }
  return buf;
}

const char *amount_of(enum metric metric, double value, char buf[AMOUNT_MAX]) {
  static const enum amount_unit units[] = {
      [METRIC_UNIT_COUNT] = AMOUNT_COUNT,
      [METRIC_UNIT_PERCENT] = AMOUNT_PERCENT,
      [METRIC_UNIT_SECONDS] = AMOUNT_SECONDS,
      [METRIC_UNIT_DURATION] = AMOUNT_UPTIME,
      [METRIC_UNIT_BYTES] = AMOUNT_BYTES,
      [METRIC_UNIT_MICROSECONDS] = AMOUNT_COUNT,
  };
  const struct metric_row *row = &metric_table[metric];
  const char *word = metric_state_word(row->type, floor(value));
  if (row->unit != METRIC_UNIT_STATE || isnan(value))
    return amount_text(units[row->unit], value, buf);
  if (word != NULL)
    snprintf(buf, AMOUNT_MAX, "%s", word);
  else
    snprintf(buf, AMOUNT_MAX, "state %g", value);
  return buf;
}

static const char *put_time(double epoch, const char *format,
                            char buf[AMOUNT_MAX]) {
  time_t when = isnan(epoch) || fabs(epoch) > 1e12 ? 0 : (time_t)epoch;
  struct tm tm;
  if (when == 0 || localtime_r(&when, &tm) == NULL ||
      strftime(buf, AMOUNT_MAX, format, &tm) == 0)
    snprintf(buf, AMOUNT_MAX, "unknown");
  return buf;
}

const char *amount_moment(double epoch, char buf[AMOUNT_MAX]) {
  return put_time(epoch, "%Y-%m-%d %H:%M:%S", buf);
}

const char *amount_clock(double epoch, char buf[AMOUNT_MAX]) {
  return put_time(epoch, "%H:%M:%S", buf);
}
