/* SPDX-License-Identifier: MIT */
/* duration.h - "1h30m" -> seconds. */
#ifndef UTIL_DURATION_H
#define UTIL_DURATION_H

#define DURATION_MAX (366.0 * 86400)
#define DURATION_EXPECTED                                                      \
  "a duration such as \"90s\", \"2m\", \"1h30m\" or \"1d\""

/* Whole numbers with the units d, h, m, s, each at most once and in this order;
 * or "0". -1 if it is none, or longer than DURATION_MAX. */
int duration_parse(const char *text, double *seconds);

#endif
