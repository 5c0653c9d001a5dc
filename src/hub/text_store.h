/* SPDX-License-Identifier: MIT */
/* text_store.h - texts of any bytes, end to end in few blocks of memory.
 *
 * One text at a time is open: bytes are added to it, then it is kept or
 * dropped. Kept texts end with a NUL and stay where they are until their
 * blocks are freed. Begin with {.max = ...}. */
#ifndef HUB_TEXT_STORE_H
#define HUB_TEXT_STORE_H

#include <stddef.h>

struct text_block;

struct text_store {
  struct text_block *block; /* the newest */
  char *open;               /* NULL before the first byte */
  size_t open_len;
  size_t room; /* for the open text and its NUL */
  size_t kept; /* bytes of all kept texts with their NULs */
  size_t max;  /* of `kept`, the open text included */
};

enum text_error { TEXT_OK, TEXT_TOO_MUCH, TEXT_NO_MEMORY };

enum text_error text_add(struct text_store *t, const char *bytes, size_t len);

/* The open text, with its NUL; still open. */
const char *text_open(struct text_store *t);

/* These open the next, empty one. */
const char *text_keep(struct text_store *t);
void text_drop(struct text_store *t);

void text_blocks_free(struct text_block *b);

#endif
