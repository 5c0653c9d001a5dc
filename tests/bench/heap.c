/* SPDX-License-Identifier: MIT */
#include "heap.h"

#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdlib.h>

#ifndef __SANITIZE_ADDRESS__ /* which brings an allocator of its own */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t num, size_t size);
void *__libc_realloc(void *p, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *p);

static atomic_size_t now, peak;

static void *count(void *p) {
  size_t sum = atomic_fetch_add(&now, malloc_usable_size(p));
  sum += malloc_usable_size(p);
  size_t most = atomic_load(&peak);
  while (sum > most && !atomic_compare_exchange_weak(&peak, &most, sum))
    ;
  return p;
}

static void discount(void *p) { atomic_fetch_sub(&now, malloc_usable_size(p)); }

void *malloc(size_t size) { return count(__libc_malloc(size)); }

void *calloc(size_t num, size_t size) {
  return count(__libc_calloc(num, size));
}

/* While a block moves, both are there. */
void *realloc(void *p, size_t size) {
  size_t before = malloc_usable_size(p);
  void *grown = __libc_realloc(p, size);
  if (grown == NULL && size > 0)
    return NULL;
  if (grown != p)
    count(grown);
  atomic_fetch_sub(&now, before);
  if (grown == p)
    count(grown);
  return grown;
}

void *memalign(size_t alignment, size_t size) {
  return count(__libc_memalign(alignment, size));
}

void *aligned_alloc(size_t alignment, size_t size) {
  return memalign(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size) {
  void *p = memalign(alignment, size);
  if (p == NULL)
    return ENOMEM;
  *out = p;
  return 0;
}

void free(void *p) {
  discount(p);
  __libc_free(p);
}

size_t heap_now(void) { return atomic_load(&now); }

size_t heap_peak(void) { return atomic_exchange(&peak, heap_now()); }
#endif
