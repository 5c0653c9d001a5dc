/* SPDX-License-Identifier: MIT */
/* recording.h - reads recorded values in order of time.
 *
 * Input: a directory of collectd's csv plugin,
 * HOST/PLUGIN[-INSTANCE]/TYPE[-INSTANCE]-YYYY-MM-DD with the header
 * "epoch,DS…", or one file of one series, from that plugin or with rows
 * "timestamp,value" (csv.h). types.db files give the kind of a type (DERIVE,
 * COUNTER, ABSOLUTE); an unknown type is a gauge.
 *
 * Holds one day in memory, at most RECORDING_ROWS values. */
#ifndef CTL_RECORDING_H
#define CTL_RECORDING_H

#include "alerts/sample.h"
#include "alerts/series.h"

#include <stddef.h>

#define RECORDING_ROWS 50000000U
#define RECORDING_INTERVAL 10.0 /* seconds, for the first value of a series */

struct recording_options {
  const char *path;
  const char *series;       /* identity for a single file */
  const char *const *types; /* paths of types.db files */
  size_t types_num;
  bool rates; /* counters are stored as rates */
};

struct recording_counts {
  size_t series;
  size_t values;
  double begin, end; /* epoch seconds; no values: NaN */
};

typedef void (*recording_fn)(void *arg, const struct series *series,
                             const struct sample *sample);

/* Calls `each` for every value in order of time. -1: cannot be read or invalid;
 * `err` has file and line. */
int recording_read(const struct recording_options *o, recording_fn each,
                   void *arg, struct recording_counts *counts, char *err,
                   size_t err_size);

#endif
