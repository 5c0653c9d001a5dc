/* daily.h - "08:00", once a day, local time. */
#ifndef ALERTS_DAILY_H
#define ALERTS_DAILY_H

/* 0, or -1: not hours and minutes. */
int daily_parse(const char *text, int *hour, int *minute);

/* Epoch seconds of the first such moment after `wall`. Where the clock is put
 * forward over it, the moment that takes its place. */
double daily_next(int hour, int minute, double wall);

#endif
