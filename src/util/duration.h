/* SPDX-License-Identifier: MIT */
/* duration.h - parses a duration, "1h30m", into seconds. */
#ifndef UTIL_DURATION_H
#define UTIL_DURATION_H

#define DURATION_MAX (366.0 * 86400)
#define DURATION_EXPECTED                                                      \
  "a duration such as \"90s\", \"2m\", \"1h30m\" or \"1d\""

/* Accepts "0", or whole numbers with the units d, h, m, s in this order, each
 * at most once. Returns -1 on a syntax error or above DURATION_MAX. */
int duration_parse(const char *text, double *seconds);

#endif
