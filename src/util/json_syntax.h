/* SPDX-License-Identifier: MIT */
/* json_syntax.h - checks JSON syntax (RFC 8259).
 *
 * json-c's strict mode differs between versions; 0.18 rejects every non-ASCII
 * byte. Check a text here, then parse it with json-c without flags. */
#ifndef UTIL_JSON_SYNTAX_H
#define UTIL_JSON_SYNTAX_H

#include <stddef.h>

#define JSON_SYNTAX_DEPTH 32 /* levels of nesting */

/* Returns NULL if `text` is one JSON value. Else returns a constant message and
 * the offset of the first wrong byte. Accepts, like json-c, control characters
 * in strings, numbers of any size, NaN, Infinity and -Infinity; callers check
 * these. */
const char *json_syntax_error(const char *text, size_t len, size_t *offset);

#endif
