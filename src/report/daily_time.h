/* SPDX-License-Identifier: MIT */
/* daily_time.h - a local time of day, "08:00". */
#ifndef REPORT_DAILY_TIME_H
#define REPORT_DAILY_TIME_H

/* 0, or -1: not "hh:mm". */
int daily_time_parse(const char *text, int *hour, int *minute);

/* Epoch seconds of the next hour:minute after `wall`. If daylight saving skips
 * it, the moment after the skip. */
double daily_time_next(int hour, int minute, double wall);

#endif
