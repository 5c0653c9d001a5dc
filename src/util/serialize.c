/* SPDX-License-Identifier: MIT */
#include "util/serialize.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TIME_MAX 1e12 /* seconds, about 30,000 years */

void serialize(struct serializer *b, const void *data, size_t len) {
  if (b->failed)
    return;
  if (len > b->room - b->len) {
    size_t room = (b->len + len) * 2;
    unsigned char *grown = realloc(b->data, room);
    if (grown == NULL) {
      b->failed = true;
      return;
    }
    b->data = grown;
    b->room = room;
  }
  if (len > 0)
    memcpy(b->data + b->len, data, len);
  b->len += len;
}

void serialize_u64(struct serializer *b, uint64_t number) {
  serialize(b, &number, sizeof(number));
}

void serialize_double(struct serializer *b, double number) {
  serialize(b, &number, sizeof(number));
}

void serialize_text(struct serializer *b, const char *text) {
  size_t size = strlen(text) + 1;

  serialize_u64(b, size);
  serialize(b, text, size);
}

const void *deserialize(struct deserializer *r, size_t len) {
  const void *data = r->at;

  if (r->failed || len > r->left) {
    r->failed = true;
    return NULL;
  }
  r->at += len;
  r->left -= len;
  return data;
}

uint64_t deserialize_u64(struct deserializer *r) {
  const void *data = deserialize(r, sizeof(uint64_t));
  uint64_t number = 0;

  if (data != NULL)
    memcpy(&number, data, sizeof(number));
  return number;
}

double deserialize_double(struct deserializer *r) {
  const void *data = deserialize(r, sizeof(double));
  double number = NAN;

  if (data != NULL)
    memcpy(&number, data, sizeof(number));
  return number;
}

bool serialize_is_time(double seconds) { return fabs(seconds) <= TIME_MAX; }

double deserialize_time(struct deserializer *r) {
  double seconds = deserialize_double(r);

  if (serialize_is_time(seconds))
    return seconds;
  r->failed = true;
  return 0;
}

const char *deserialize_text(struct deserializer *r) {
  size_t size = (size_t)deserialize_u64(r);
  const char *text = deserialize(r, size);

  if (text != NULL && size > 0 && memchr(text, '\0', size) == text + size - 1)
    return text;
  r->failed = true;
  return "";
}
