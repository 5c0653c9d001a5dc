/* SPDX-License-Identifier: MIT */
/* rules_input.h - an alerts.json on disk -> a ruleset. */
#ifndef CTL_RULES_INPUT_H
#define CTL_RULES_INPUT_H

#include "ctl/ctl.h"
#include "rules/ruleset.h"

/* NULL: it said why, "FILE:12: rules[3].for: …", and *status is the exit
 * status. */
struct ruleset *rules_input_read(const struct ctl *c, const char *path,
                                 int *status);

#endif
