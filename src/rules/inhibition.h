/* SPDX-License-Identifier: MIT */
/* inhibition.h - checks "inhibited_by": names must exist, cycles are errors. */
#ifndef RULES_INHIBITION_H
#define RULES_INHIBITION_H

#include "rules/rule_parser.h"

/* Sets `inhibits` of the rules. 0, or -1 with an error as in json_reader.h. */
int inhibition_check(struct json_reader *in, struct rule_parser *rules,
                     size_t num);

#endif
