/* SPDX-License-Identifier: MIT */
/* serialize.h - writes and reads binary records in the machine's byte order and
 * sizes.
 *
 * An error (out of memory, input too short) sets `failed` for good: check it
 * once, at the end. */
#ifndef UTIL_SERIALIZE_H
#define UTIL_SERIALIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct serializer { /* initialise with {0}; free() data */
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

/* Returns a pointer into the input, or NULL on failure. */
const void *deserialize(struct deserializer *r, size_t len);
uint64_t deserialize_u64(struct deserializer *r);     /* 0 on failure */
double deserialize_double(struct deserializer *r);    /* NaN on failure */
const char *deserialize_text(struct deserializer *r); /* "" on failure */

/* True for a finite time within +-30,000 years, in seconds. */
bool serialize_is_time(double seconds);
/* fails unless serialize_is_time() */
double deserialize_time(struct deserializer *r);

#endif
