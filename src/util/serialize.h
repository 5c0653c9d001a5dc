/* SPDX-License-Identifier: MIT */
/* serialize.h - numbers and texts to and from bytes, for a file of this machine:
 * byte order and sizes are those of its memory.
 *
 * A failure (no memory; not enough bytes) sets `failed`, which stays: test it
 * once, at the end. */
#ifndef UTIL_SERIALIZE_H
#define UTIL_SERIALIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct serializer { /* begin with {0}; free() data */
  unsigned char *data;
  size_t len;
  size_t room;
  bool failed;
};

void serialize(struct serializer *b, const void *data, size_t len);
void serialize_u64(struct serializer *b, uint64_t number);
void serialize_double(struct serializer *b, double number);
void serialize_text(struct serializer *b, const char *text);

struct deserializer {
  const unsigned char *at;
  size_t left;
  bool failed;
};

/* Points into the buffer; NULL: failed. */
const void *deserialize(struct deserializer *r, size_t len);
uint64_t deserialize_u64(struct deserializer *r);     /* 0 when failed */
double deserialize_double(struct deserializer *r);    /* NaN when failed */
const char *deserialize_text(struct deserializer *r); /* "" when failed */

/* Seconds of a clock: a number that can be counted with. */
bool serialize_is_time(double seconds);
double deserialize_time(struct deserializer *r); /* fails unless it is one */

#endif
