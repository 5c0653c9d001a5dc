/* SPDX-License-Identifier: MIT */
/* daily_time.h - "08:00", once a day, local time. */
#ifndef REPORT_DAILY_TIME_H
#define REPORT_DAILY_TIME_H

/* 0, or -1: not hours and minutes. */
int daily_time_parse(const char *text, int *hour, int *minute);

/* Epoch seconds of the first such moment after `wall`. Where the clock is put
 * forward over it, the moment that takes its place. */
double daily_time_next(int hour, int minute, double wall);

#endif
