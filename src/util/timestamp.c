/* SPDX-License-Identifier: MIT */
#include "util/timestamp.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* Parses "Z", "+hh:mm" or "-hh:mm"; -1 on a syntax error. */
static int parse_offset(const char *text, long *seconds) {
  int hours = 0;
  int minutes = 0;
  int used = 0;

  if (strcmp(text, "Z") == 0) {
    *seconds = 0;
    return 0;
  }
  if ((*text != '+' && *text != '-') || strlen(text) != 6 ||
      sscanf(text + 1, "%2d:%2d%n", &hours, &minutes, &used) != 2 ||
      used != 5 || hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
    return -1;
  *seconds = (*text == '-' ? -60L : 60L) * (hours * 60 + minutes);
  return 0;
}

int timestamp_parse(const char *text, double *epoch) {
  struct tm tm = {0};
  const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
  int day = tm.tm_mday;
  long offset = 0;
  time_t time = 0;

  if (rest == NULL || rest != text + strlen("2026-12-01T00:00:00") ||
      parse_offset(rest, &offset) != 0)
    return -1;
  time = timegm(&tm);
  if (tm.tm_mday != day) /* the month has fewer days */
    return -1;
  *epoch = (double)(time - offset);
  return 0;
}
