/* SPDX-License-Identifier: MIT */
/* identifier.h - a foreign name -> a part of a value's identity.
 *
 * What is not printable (util/utf8.h) and '/' and ';' become '_'. A name that
 * was changed or cut, that is the word "hub", or that looks like a changed one
 * gets '~' and eight hex digits of a hash of the original: different names stay
 * apart, and the same name always gives the same identity. */
#ifndef METRICS_IDENTIFIER_H
#define METRICS_IDENTIFIER_H

#include <stddef.h>

#define IDENTIFIER_MAX 128 /* collectd's DATA_MAX_NAME_LEN, with the NUL */

void identifier_from_name(const char *name, size_t len,
                          char out[IDENTIFIER_MAX]);

#endif
