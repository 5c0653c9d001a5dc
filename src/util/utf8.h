/* SPDX-License-Identifier: MIT */
/* utf8.h - bytes of unknown origin -> text that cannot harm who shows it. */
#ifndef UTIL_UTF8_H
#define UTIL_UTF8_H

#include <stddef.h>

/* Bytes of the well-formed UTF-8 character at s; 0: it is none. */
size_t utf8_length(const char *s, size_t len);

/* The same; 0 also for one that controls: a control character, a line
 * separator, a change of direction. */
size_t utf8_printable(const char *s, size_t len);

/* Appends what fits into `room` bytes and returns its length. What is not
 * printable becomes one "?" a byte, control characters of ASCII a blank; never
 * longer than it was. */
size_t utf8_put(char *to, size_t room, const char *text, size_t len);

#endif
