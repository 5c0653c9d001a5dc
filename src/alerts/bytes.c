#include "alerts/bytes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TIME_MAX 1e12 /* seconds: 30,000 years */

void bytes_put(struct bytes *b, const void *data, size_t len) {
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

void bytes_put_u64(struct bytes *b, uint64_t number) {
  bytes_put(b, &number, sizeof(number));
}

void bytes_put_double(struct bytes *b, double number) {
  bytes_put(b, &number, sizeof(number));
}

void bytes_put_text(struct bytes *b, const char *text) {
  size_t size = strlen(text) + 1;

  bytes_put_u64(b, size);
  bytes_put(b, text, size);
}

const void *bytes_get(struct bytes_reader *r, size_t len) {
  const void *data = r->at;

  if (r->failed || len > r->left) {
    r->failed = true;
    return NULL;
  }
  r->at += len;
  r->left -= len;
  return data;
}

uint64_t bytes_get_u64(struct bytes_reader *r) {
  const void *data = bytes_get(r, sizeof(uint64_t));
  uint64_t number = 0;

  if (data != NULL)
    memcpy(&number, data, sizeof(number));
  return number;
}

double bytes_get_double(struct bytes_reader *r) {
  const void *data = bytes_get(r, sizeof(double));
  double number = NAN;

  if (data != NULL)
    memcpy(&number, data, sizeof(number));
  return number;
}

bool bytes_is_time(double seconds) { return fabs(seconds) <= TIME_MAX; }

double bytes_get_time(struct bytes_reader *r) {
  double seconds = bytes_get_double(r);

  if (bytes_is_time(seconds))
    return seconds;
  r->failed = true;
  return 0;
}

const char *bytes_get_text(struct bytes_reader *r) {
  size_t size = (size_t)bytes_get_u64(r);
  const char *text = bytes_get(r, size);

  if (text != NULL && size > 0 && memchr(text, '\0', size) == text + size - 1)
    return text;
  r->failed = true;
  return "";
}
