/* SPDX-License-Identifier: MIT */
/* output.h - writes to stdout and remembers the first error.
 *
 * A result that did not arrive whole is no result: output_end() turns it into
 * CTL_UNKNOWN with the reason on stderr. Used by commands only, on one
 * thread. */
#ifndef CTL_OUTPUT_H
#define CTL_OUTPUT_H

#include <stdbool.h>

/* Call it first. A closed pipe becomes an error instead of a signal, and no
 * file that is opened later takes the place of a closed stdout. */
void output_begin(void);

void output_format(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void output_text(const char *text);
void output_flush(void);

/* True: something could not be written. */
bool output_failed(void);

/* Flushes. Returns `status`, or CTL_UNKNOWN after an error, which is printed. */
int output_end(int status);

#endif
