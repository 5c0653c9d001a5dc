/* SPDX-License-Identifier: MIT */
/* identifier.h - a foreign name -> a part of a value's identity.
 *
 * Characters that collectd, its writers or a terminal cannot carry ('/', ';',
 * control characters of ASCII and Unicode, invalid UTF-8) become '_'. A name
 * that had to be changed or cut, that is a word of ours ("hub"), or that looks
 * as if it had been changed gets '~' and eight hex digits of a hash of the
 * original, so that different names stay apart and the same name always gives
 * the same identity. */
#ifndef METRICS_IDENTIFIER_H
#define METRICS_IDENTIFIER_H

#include <stdbool.h>
#include <stddef.h>

#define IDENTIFIER_MAX 128 /* collectd's DATA_MAX_NAME_LEN, with the NUL */

void identifier_from_name(const char *name, size_t len,
                          char out[IDENTIFIER_MAX]);

/* As above for text shown to people: no hash, cut to `size`. */
void identifier_printable(const char *text, size_t len, char *out, size_t size);

#endif
