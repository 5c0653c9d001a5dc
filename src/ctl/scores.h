/* SPDX-License-Identifier: MIT */
/* scores.h - anomaly scores of a recording. */
#ifndef CTL_SCORES_H
#define CTL_SCORES_H

#include "ctl/ctl.h"

/* Prints the score (anomaly.h) of every row "timestamp,value" of c->csv as
 * "timestamp,score" in UTC, unknown: "nan"; with `json` as a list of {"time",
 * "score"}. Returns the exit status. */
int scores_print(const struct ctl *c);

#endif
