/* expression.h - POSIX extended regular expressions, in bounded time.
 *
 * regcomp() copies what is repeated: nested repetitions multiply, and its time
 * grows with the cube of what comes out; it is exponential in the depth of
 * repetitions of what may be empty. Refused, hence: more than 1,000 pieces,
 * with each such repetition doubling what it repeats; a bound behind what may
 * be empty ("(a*){2}"), 32 groups within each other and back-references. Of
 * 400,000 random expressions that are left none took more than a tenth of a
 * second. */
#ifndef ALERTS_EXPRESSION_H
#define ALERTS_EXPRESSION_H

#include <regex.h>
#include <stddef.h>

/* To be freed with regfree(). -1: with what was expected in `err`. */
int expression_compile(regex_t *regex, const char *text, char *err,
                       size_t err_size);

#endif
