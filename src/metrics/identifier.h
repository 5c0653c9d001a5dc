/* SPDX-License-Identifier: MIT */
/* identifier.h - makes a part of a collectd identifier from an untrusted name.
 *
 * Unprintable characters (util/utf8.h), '/' and ';' become '_'. A name gets a
 * suffix, '~' and eight hex digits of a hash of the original, if it was changed
 * or cut, is empty, is "hub", or ends like a suffix. So different names
 * get different identifiers, and the same name always gets the same one. */
#ifndef METRICS_IDENTIFIER_H
#define METRICS_IDENTIFIER_H

#include <stddef.h>

#define IDENTIFIER_MAX 128 /* DATA_MAX_NAME_LEN of collectd, with the NUL */

void identifier_from_name(const char *name, size_t len,
                          char out[IDENTIFIER_MAX]);

#endif
