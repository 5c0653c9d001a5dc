/* SPDX-License-Identifier: MIT */
/* format.h - numbers and times as people read them.
 *
 * Each function but format_number_pair() returns its buffer, which holds
 * "unknown" for NaN. Times are local. */
#ifndef UTIL_FORMAT_H
#define UTIL_FORMAT_H

#define FORMAT_MAX 32 /* bytes */

/* Six digits, no exponent below 1e15. */
const char *format_number(double value, char buf[FORMAT_MAX]);

/* The same for two numbers, with as many digits as it takes to tell them
 * apart. */
void format_number_pair(double a, double b, char buf_a[FORMAT_MAX],
                        char buf_b[FORMAT_MAX]);

/* "1,234,567". */
const char *format_count(double value, char buf[FORMAT_MAX]);

/* "97.8 %"; "100 %" only if nothing is missing. */
const char *format_percent(double value, char buf[FORMAT_MAX]);

/* "120 MiB". */
const char *format_bytes(double value, char buf[FORMAT_MAX]);

/* The time that a request takes: "2.40 s", "12 ms". */
const char *format_seconds(double value, char buf[FORMAT_MAX]);

/* An age: "2 min 5 s", the two largest units. */
const char *format_duration(double seconds, char buf[FORMAT_MAX]);

/* "2026-11-21 02:33:23", the same without seconds, the time of day. Epoch
 * seconds from 0 on, before the year 10000; anything else is unknown. */
const char *format_moment(double epoch, char buf[FORMAT_MAX]);
const char *format_minute(double epoch, char buf[FORMAT_MAX]);
const char *format_clock(double epoch, char buf[FORMAT_MAX]);

#endif
