/* SPDX-License-Identifier: MIT */
/* text_store.h - stores many byte strings in few blocks of memory.
 *
 * One text is open at a time: add bytes, then keep or drop it. Kept texts end
 * with a NUL and do not move until text_blocks_free(). Initialise with {.max =
 * ...}. Not thread-safe. */
#ifndef HUB_TEXT_STORE_H
#define HUB_TEXT_STORE_H

#include <stddef.h>

struct text_block;

struct text_store {
  struct text_block *block; /* the newest */
  char *open;               /* NULL before the first byte */
  size_t open_len;
  size_t room; /* for the open text with its NUL */
  size_t kept; /* bytes of all kept texts with NULs */
  size_t max;  /* limit of `kept` plus the open text */
};

enum text_error { TEXT_OK, TEXT_TOO_MUCH, TEXT_NO_MEMORY };

enum text_error text_add(struct text_store *t, const char *bytes, size_t len);

/* Returns the open text, NUL-terminated; it stays open. */
const char *text_open(struct text_store *t);

/* Keep or drop the open text and open an empty one. */
const char *text_keep(struct text_store *t);
void text_drop(struct text_store *t);

void text_blocks_free(struct text_block *b);

#endif
