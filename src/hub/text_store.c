/* SPDX-License-Identifier: MIT */
#include "hub/text_store.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK 1024U /* bytes; doubled for longer texts */

struct text_block {
  struct text_block *older;
  char bytes[];
};

/* Moves the open text to a new block with room for `len` bytes. */
static enum text_error new_block(struct text_store *t, size_t len) {
  size_t size = BLOCK;
  while (size <= len)
    size *= 2;
  struct text_block *b = malloc(sizeof(*b) + size);
  if (b == NULL)
    return TEXT_NO_MEMORY;
  if (t->open_len > 0)
    memcpy(b->bytes, t->open, t->open_len);
  b->older = t->block;
  t->block = b;
  t->open = b->bytes;
  t->room = size;
  return TEXT_OK;
}

enum text_error text_add(struct text_store *t, const char *bytes, size_t len) {
  if (len >= t->max - t->kept - t->open_len)
    return TEXT_TOO_MUCH;
  if (t->open_len + len >= t->room &&
      new_block(t, t->open_len + len) != TEXT_OK)
    return TEXT_NO_MEMORY;
  memcpy(t->open + t->open_len, bytes, len);
  t->open_len += len;
  return TEXT_OK;
}

const char *text_open(struct text_store *t) {
  if (t->room == 0)
    return "";
  t->open[t->open_len] = '\0';
  return t->open;
}

const char *text_keep(struct text_store *t) {
  const char *text = text_open(t);
  if (t->room == 0) /* no block yet: the text is empty */
    return text;
  size_t used = t->open_len + 1;
  t->kept += used;
  t->open += used;
  t->room -= used;
  t->open_len = 0;
  return text;
}

void text_drop(struct text_store *t) { t->open_len = 0; }

void text_blocks_free(struct text_block *b) {
  while (b != NULL) {
    struct text_block *older = b->older;
    free(b);
    b = older;
  }
}
