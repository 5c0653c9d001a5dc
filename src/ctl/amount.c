/* SPDX-License-Identifier: MIT */
#include "ctl/amount.h"

#include "util/format.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const char *const breaker_words[] = {"closed", "half-open", "open"};
static const char *const hub_words[] = {
    "ready",   "restarted", "starting", "restarting", "stopping",
    "stopped", "error",     "unknown",  "unreachable"};
static const char *const server_words[] = {"connected",    "disabled",
                                           "connecting",   "unauthorized",
                                           "disconnected", "dead"};
static const char *const yes_words[] = {"no", "yes"};

#define WORDS(list) list, sizeof(list) / sizeof((list)[0])

static void put_word(const char *const *words, size_t num, double value,
                     char buf[AMOUNT_MAX]) {
  if (value >= 0 && value < (double)num)
    snprintf(buf, AMOUNT_MAX, "%s", words[(size_t)value]);
  else
    snprintf(buf, AMOUNT_MAX, "state %g", value);
}

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
  case AMOUNT_BREAKER:
    put_word(WORDS(breaker_words), value, buf);
    break;
  case AMOUNT_HUB_STATE:
    put_word(WORDS(hub_words), value, buf);
    break;
  case AMOUNT_SERVER_STATE:
    put_word(WORDS(server_words), value, buf);
    break;
  case AMOUNT_YES:
    put_word(WORDS(yes_words), value, buf);
    break;
  }
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
