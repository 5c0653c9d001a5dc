/* SPDX-License-Identifier: MIT */
/* recording.h - recorded values, read back in order of time.
 *
 * A folder as collectd's csv plugin writes it,
 * HOST/PLUGIN[-INSTANCE]/TYPE[-INSTANCE]-YYYY-MM-DD with a header "epoch,DS…",
 * or one file for one series: of that plugin, or of rows "timestamp,value"
 * (csv.h). What is DERIVE, COUNTER or ABSOLUTE stands in types.db files; a type
 * that they do not know is a gauge.
 *
 * A day is in memory at a time, at most RECORDING_ROWS values. */
#ifndef CTL_RECORDING_H
#define CTL_RECORDING_H

#include "alerts/sample.h"
#include "alerts/series.h"

#include <stddef.h>

#define RECORDING_ROWS 50000000U
#define RECORDING_INTERVAL 10.0 /* seconds; of a series' first value */

struct recording_options {
  const char *path;
  const char *series;       /* identity of a single file */
  const char *const *types; /* paths of types.db files */
  size_t types_num;
  bool rates; /* what the types call counters was stored as rates */
};

struct recording_counts {
  size_t series;
  size_t values;
  double begin, end; /* epoch seconds; NaN without values */
};

typedef void (*recording_fn)(void *arg, const struct series *series,
                             const struct sample *sample);

/* Calls `each` for every value in order of time. -1 with `err`: something
 * cannot be read, or is not what was expected, with file and line. */
int recording_read(const struct recording_options *o, recording_fn each,
                   void *arg, struct recording_counts *counts, char *err,
                   size_t err_size);

#endif
