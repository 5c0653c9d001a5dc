/* figure.h - numbers as a person reads them. */
#ifndef ALERTS_FIGURE_H
#define ALERTS_FIGURE_H

#include <stddef.h>

#define FIGURE_MAX 32

/* Six digits, no exponent below 1e15; "unknown" for NaN. */
void figure_number(double value, char buf[FIGURE_MAX]);

/* The same for two, with as many digits as it takes to tell them apart. */
void figure_pair(double a, double b, char buf_a[FIGURE_MAX],
                 char buf_b[FIGURE_MAX]);

/* The word for a state of that type, "open (2)"; -1: it has none. */
int figure_state(const char *type, double value, char buf[FIGURE_MAX]);

/* "2 min 5 s": the two largest units. */
void figure_duration(double seconds, char buf[FIGURE_MAX]);

#endif
