/* SPDX-License-Identifier: MIT */
/* csv.h - recorded values: rows of "timestamp,value", a header first or not.
 *
 * A timestamp is in epoch seconds, as collectd's csv plugin writes them, or
 * "YYYY-MM-DD HH:MM:SS" in UTC; a value is a number or "nan". Empty lines do
 * not count. The file belongs to the caller. */
#ifndef CTL_CSV_H
#define CTL_CSV_H

#include <stddef.h>
#include <stdio.h>

#define CSV_TIME_END 1e11 /* epoch seconds, year 5138: none from here on */

struct csv {
  FILE *file;
  unsigned line; /* the last one read; begin with 0 */
};

struct csv_row {
  double time;
  double value;
};

/* 1 and a row, 0 at the end, or -1 and an error that names the line and what
 * was expected; the rows after it can still be read. */
int csv_next(struct csv *c, struct csv_row *row, char *error,
             size_t error_size);

#endif
