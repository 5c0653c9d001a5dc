/* SPDX-License-Identifier: MIT */
/* timestamp.h - parses "2026-12-01T00:00:00Z" into epoch seconds. */
#ifndef UTIL_TIMESTAMP_H
#define UTIL_TIMESTAMP_H

#define TIMESTAMP_EXPECTED                                                     \
  "a time such as \"2026-12-01T08:00:00Z\" or \"2026-12-01T09:00:00+01:00\""

/* Accepts RFC 3339 with whole seconds and an offset. Returns -1 on an error. */
int timestamp_parse(const char *text, double *epoch);

#endif
