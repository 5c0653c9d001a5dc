/* SPDX-License-Identifier: MIT */
/* format.h - formats numbers and times for people.
 *
 * Each function except format_number_pair() returns `buf`, which holds
 * "unknown" for NaN. Times are in the local time zone. */
#ifndef UTIL_FORMAT_H
#define UTIL_FORMAT_H

#define FORMAT_MAX 32 /* bytes */

/* Six significant digits, no exponent below 1e15. */
const char *format_number(double value, char buf[FORMAT_MAX]);

/* Formats two numbers with enough digits to show that they differ. */
void format_number_pair(double a, double b, char buf_a[FORMAT_MAX],
                        char buf_b[FORMAT_MAX]);

/* "1,234,567". */
const char *format_count(double value, char buf[FORMAT_MAX]);

/* "97.8 %". Only values from 99.995 give "100 %". */
const char *format_percent(double value, char buf[FORMAT_MAX]);

/* "120 MiB". */
const char *format_bytes(double value, char buf[FORMAT_MAX]);

/* A response time: "2.40 s", "12 ms". */
const char *format_seconds(double value, char buf[FORMAT_MAX]);

/* An age in its two largest units: "2 min 5 s". */
const char *format_duration(double seconds, char buf[FORMAT_MAX]);

/* Epoch seconds as "2026-11-21 02:33:23", "2026-11-21 02:33", "02:33:23". Times
 * before 0 or after the year 9999 give "unknown". */
const char *format_moment(double epoch, char buf[FORMAT_MAX]);
const char *format_minute(double epoch, char buf[FORMAT_MAX]);
const char *format_clock(double epoch, char buf[FORMAT_MAX]);

#endif
