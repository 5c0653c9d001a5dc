/* SPDX-License-Identifier: MIT */
/* rules_input.h - reads an alerts.json for a command. */
#ifndef CTL_RULES_INPUT_H
#define CTL_RULES_INPUT_H

#include "ctl/ctl.h"
#include "rules/ruleset.h"

/* NULL: the error was printed, "FILE:12: rules[3].for: …", *status is the exit
 * status. */
struct ruleset *rules_input_read(const struct ctl *c, const char *path,
                                 int *status);

#endif
