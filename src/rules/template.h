/* SPDX-License-Identifier: MIT */
/* template.h - text with {names}, cut into its pieces.
 *
 * {rule} {level} {host} {plugin} {plugin_instance} {type} {type_instance} {ds}
 *     as they are, shortened where the notice would grow too long
 * {identity}
 *     host/plugin-instance/type-instance
 * {value} {threshold}
 *     in the series' unit, states in words; {value_mib}, {threshold_mib}: /2^20
 * {function}
 *     "avg over 10 min"; "value" where there is none
 * {op}  {since}  {duration}
 *     ">" and so on; local date and time; how long it has lasted
 * "{{" is a brace. */
#ifndef RULES_TEMPLATE_H
#define RULES_TEMPLATE_H

#include <stddef.h>

#define TEMPLATE_ROOM 255U /* bytes of a notice */

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
  TEMPLATE_LITERAL = TEMPLATE_NAMES, /* not a name but text */
  TEMPLATE_UNKNOWN                   /* text that is no known {name} */
};

struct template_piece {
  enum template_name name;
  const char *text; /* as it stands in the template */
  size_t len;
};

/* The next piece, and moves *at behind it; 0 at the end. */
int template_next(const char **at, struct template_piece *piece);

/* 0, or -1 with what was expected in `err`: all names known, and the figures
 * find room however long host and instances are. */
int template_check(const char *text, char *err, size_t err_size);

#endif
