/* SPDX-License-Identifier: MIT */
/* csv.h - reads rows of "timestamp,value" with or without a header.
 *
 * A timestamp is epoch seconds, as in files of collectd's csv plugin, or
 * "YYYY-MM-DD HH:MM:SS" in UTC. A value is a number or "nan". Empty lines are
 * skipped. The caller owns the file. */
#ifndef CTL_CSV_H
#define CTL_CSV_H

#include <stddef.h>
#include <stdio.h>

#define CSV_TIME_END 1e11 /* epoch seconds (year 5138): upper limit */

struct csv {
  FILE *file;
  unsigned line; /* the last line read; initialise with 0 */
};

struct csv_row {
  double time;
  double value;
};

/* 1: a row, 0: end of file, -1: error with line and expected value; the next
 * call continues with the next row. */
int csv_next(struct csv *c, struct csv_row *row, char *error,
             size_t error_size);

#endif
