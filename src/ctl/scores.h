/* SPDX-License-Identifier: MIT */
/* scores.h - how unusual the rows of a recording are. */
#ifndef CTL_SCORES_H
#define CTL_SCORES_H

#include "ctl/ctl.h"

/* The anomaly score (anomaly.h) of every row "timestamp,value" of c->csv, as
 * rows "timestamp,score", UTC, "nan" where it cannot say; with `json` as a list
 * of {"time", "score"}. Returns the exit status. */
int scores_print(const struct ctl *c);

#endif
