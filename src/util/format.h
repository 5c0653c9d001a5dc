/* SPDX-License-Identifier: MIT */
/* format.h - numbers as a person reads them. */
#ifndef UTIL_FORMAT_H
#define UTIL_FORMAT_H

#include <stddef.h>

#define FORMAT_MAX 32

/* Six digits, no exponent below 1e15; "unknown" for NaN. */
void format_number(double value, char buf[FORMAT_MAX]);

/* The same for two, with as many digits as it takes to tell them apart. */
void format_number_pair(double a, double b, char buf_a[FORMAT_MAX],
                        char buf_b[FORMAT_MAX]);

/* "2 min 5 s": the two largest units. */
void format_duration(double seconds, char buf[FORMAT_MAX]);

#endif
