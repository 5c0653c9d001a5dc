/* SPDX-License-Identifier: MIT */
/* utf8.h - decodes UTF-8 and makes untrusted text safe to display.
 *
 * A character is printable unless it is (Unicode 15, section 23 and
 * DerivedCoreProperties.txt)
 *  - a control character (Cc): below U+0020, U+007F to U+009F;
 *  - a line or paragraph separator (Zl, Zp);
 *  - a format character (Cf): directions, joiners, soft hyphen, tags;
 *  - a surrogate (Cs) or a noncharacter;
 *  - Default_Ignorable_Code_Point, except U+FE0E and U+FE0F (emoji variants).
 *
 * Spaces, private use and unassigned code points are printable. All output and
 * the check of alerts.json use this rule. */
#ifndef UTIL_UTF8_H
#define UTIL_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Returns the length of the well-formed character at `s` and stores its code
 * point; 0 if it is malformed or longer than `len`. */
size_t utf8_decode(const char *s, size_t len, uint32_t *code);

/* Like utf8_decode(), also 0 if the character is not printable. */
size_t utf8_printable(const char *s, size_t len);

/* Copies as much as fits into `room` bytes without a NUL; returns the length.
 * An ASCII control character becomes a space, any other unprintable byte "?".
 * The result is never longer than `text`. */
size_t utf8_put(char *to, size_t room, const char *text, size_t len);

/* Like utf8_put(), with a NUL, into `size` bytes. */
void utf8_print(char *to, size_t size, const char *text);

/* Copies as much as fits into `size` bytes, with a NUL. Each unprintable
 * character, each byte of malformed text and each character of `refused`
 * (ASCII) becomes '_'. Returns true if a byte was replaced or cut. */
bool utf8_copy(char *to, size_t size, const char *text, size_t len,
               const char *refused);

#endif
