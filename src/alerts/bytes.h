/* bytes.h - numbers and texts in a growing buffer, and back out of it.
 *
 * As this machine has them in memory: not for other machines. A failure (no
 * memory; not enough bytes) stays until the end and is asked for once. */
#ifndef ALERTS_BYTES_H
#define ALERTS_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes { /* begin with {0}; free() data */
  unsigned char *data;
  size_t len;
  size_t room;
  bool failed;
};

void bytes_put(struct bytes *b, const void *data, size_t len);
void bytes_put_u64(struct bytes *b, uint64_t number);
void bytes_put_double(struct bytes *b, double number);
void bytes_put_text(struct bytes *b, const char *text);

struct bytes_reader {
  const unsigned char *at;
  size_t left;
  bool failed;
};

/* Points into the buffer; NULL: failed. */
const void *bytes_get(struct bytes_reader *r, size_t len);
uint64_t bytes_get_u64(struct bytes_reader *r);     /* 0 when failed */
double bytes_get_double(struct bytes_reader *r);    /* NaN when failed */
const char *bytes_get_text(struct bytes_reader *r); /* "" when failed */

/* Seconds of a clock: a number that can be counted with. */
bool bytes_is_time(double seconds);
double bytes_get_time(struct bytes_reader *r); /* fails unless it is one */

#endif
