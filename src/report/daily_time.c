/* SPDX-License-Identifier: MIT */
#include "report/daily_time.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

int daily_time_parse(const char *text, int *hour, int *minute) {
  int h = 0;
  int m = 0;
  int used = 0;

  if (strlen(text) != strlen("08:00") || strspn(text, "0123456789:") != 5 ||
      sscanf(text, "%2d:%2d%n", &h, &m, &used) != 2 || used != 5 || h > 23 ||
      m > 59)
    return -1;
  *hour = h;
  *minute = m;
  return 0;
}

double daily_time_next(int hour, int minute, double wall) {
  time_t now = (time_t)wall;
  struct tm today = {0};

  localtime_r(&now, &today);
  for (int days = 0;; days++) {
    struct tm tm = today;
    tm.tm_mday += days;
    tm.tm_hour = hour;
    tm.tm_min = minute;
    tm.tm_sec = 0;
    tm.tm_isdst = -1;
    time_t at = mktime(&tm);
    if ((double)at > wall || days > 2)
      return (double)at;
  }
}
