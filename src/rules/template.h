/* SPDX-License-Identifier: MIT */
/* template.h - splits a template with {names} into pieces.
 *
 * {rule} {level} {host} {plugin} {plugin_instance} {type} {type_instance} {ds}
 *     plain text; shortened where the message would be too long
 * {identity}
 *     host/plugin-instance/type-instance
 * {value} {threshold}
 *     in the unit of the series, states in words; {value_mib}, {threshold_mib}:
 *     divided by 2^20
 * {function}
 *     "avg over 10 min"; "value" without a window
 * {op}  {since}  {duration}
 *     ">" and so on; local date and time; age of the alert
 * "{{" is a brace. */
#ifndef RULES_TEMPLATE_H
#define RULES_TEMPLATE_H

#include <stddef.h>

#define TEMPLATE_ROOM 255U /* bytes of a message */

enum template_name {
  TEMPLATE_RULE,
  TEMPLATE_LEVEL,
  TEMPLATE_HOST,
  TEMPLATE_PLUGIN,
  TEMPLATE_PLUGIN_INSTANCE,
  TEMPLATE_TYPE,
  TEMPLATE_TYPE_INSTANCE,
  TEMPLATE_DS,
  TEMPLATE_IDENTITY,
  TEMPLATE_VALUE,
  TEMPLATE_VALUE_MIB,
  TEMPLATE_THRESHOLD,
  TEMPLATE_THRESHOLD_MIB,
  TEMPLATE_FUNCTION,
  TEMPLATE_OP,
  TEMPLATE_SINCE,
  TEMPLATE_DURATION,
  TEMPLATE_NAMES,
  TEMPLATE_LITERAL = TEMPLATE_NAMES, /* plain text */
  TEMPLATE_UNKNOWN                   /* unknown {name} */
};

struct template_piece {
  enum template_name name;
  const char *text; /* inside the template */
  size_t len;
};

/* Returns 1 with the next piece and advances *at; 0: end. */
int template_next(const char **at, struct template_piece *piece);

/* Checks that all names are known and that all numbers fit, even with long
 * hosts and instances. 0, or -1 with an error in `err`. */
int template_check(const char *text, char *err, size_t err_size);

#endif
