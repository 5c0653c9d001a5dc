/* SPDX-License-Identifier: MIT */
/* utf8.h - bytes of unknown origin -> text that is safe to show.
 *
 * A character is printable unless it is (Unicode 15, section 23 and
 * DerivedCoreProperties.txt)
 *  - a control character, Cc: ASCII below U+0020, U+007F to U+009F;
 *  - a line or paragraph separator, Zl and Zp;
 *  - a format character, Cf: directions, joiners, soft hyphen, tags;
 *  - a surrogate, Cs, or a noncharacter;
 *  - Default_Ignorable_Code_Point: it has no shape of its own. Exempt are
 *    U+FE0E and U+FE0F, which choose the look of ordinary emoji.
 * Blanks, private use and unassigned code points are printable. Identities,
 * pages, messages, webhooks, status.json and errors all use this one rule; so
 * does what alerts.json may contain. */
#ifndef UTIL_UTF8_H
#define UTIL_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the well-formed UTF-8 character at `s`, its code point in *code; 0:
 * malformed, or cut off after `len` bytes. */
size_t utf8_decode(const char *s, size_t len, uint32_t *code);

/* The same for a printable character; 0 if it is not printable, too. */
size_t utf8_printable(const char *s, size_t len);

/* Appends what fits into `room` bytes and returns its length; no NUL. ASCII
 * control characters become a blank, all else that is not printable one "?" a
 * byte: the text never gets longer. */
size_t utf8_put(char *to, size_t room, const char *text, size_t len);

/* The same with a NUL, into `size` bytes. */
void utf8_print(char *to, size_t size, const char *text);

/* Copies what fits into `size` bytes, with a NUL. Each character that is not
 * printable or is in `refused` (ASCII), and each byte of malformed text,
 * becomes one '_'. Returns true if anything was replaced or cut. */
bool utf8_copy(char *to, size_t size, const char *text, size_t len,
               const char *refused);

#endif
