/* SPDX-License-Identifier: MIT */
/* json_syntax.h - whether a text is JSON (RFC 8259), and if not, where and why.
 *
 * json-c's strict mode differs between versions, and in 0.18 refuses every
 * byte above ASCII. Check a text here, then let json-c parse it without flags.
 */
#ifndef UTIL_JSON_SYNTAX_H
#define UTIL_JSON_SYNTAX_H

#include <stddef.h>

#define JSON_SYNTAX_DEPTH 32 /* levels; json-c's own limit */

/* NULL: `text` is one value. Else what is wrong, a constant, and the offset of
 * the first byte that cannot be. As json-c does, it lets through what the
 * caller can name better: control characters in strings, numbers of any size,
 * NaN, Infinity and -Infinity. */
const char *json_syntax_error(const char *text, size_t len, size_t *offset);

#endif
