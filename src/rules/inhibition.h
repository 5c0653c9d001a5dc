/* SPDX-License-Identifier: MIT */
/* inhibition.h - rules that inhibit others: the names must exist and not form a
 * circle. */
#ifndef RULES_INHIBITION_H
#define RULES_INHIBITION_H

#include "rules/rule_parser.h"

/* Marks the rules that inhibit others. 0, or -1 with an error as in
 * json_reader.h. */
int inhibition_check(struct json_reader *in, struct rule_parser *rules,
                     size_t num);

#endif
