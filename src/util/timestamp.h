/* SPDX-License-Identifier: MIT */
/* timestamp.h - "2026-12-01T00:00:00Z" -> epoch seconds. */
#ifndef UTIL_TIMESTAMP_H
#define UTIL_TIMESTAMP_H

#define TIMESTAMP_EXPECTED                                                     \
  "a time such as \"2026-12-01T08:00:00Z\" or \"2026-12-01T09:00:00+01:00\""

/* RFC 3339 with whole seconds; the offset must be there. -1: it is none. */
int timestamp_parse(const char *text, double *epoch);

#endif
