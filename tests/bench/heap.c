/* SPDX-License-Identifier: MIT */
#include "heap.h"

#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdlib.h>

#if defined __SANITIZE_ADDRESS__ /* gcc */
#define HAS_ASAN 1
#elif defined __has_feature /* clang */
#if __has_feature(address_sanitizer)
#define HAS_ASAN 1
#endif
#endif

static atomic_size_t now, peak, calls;

static void add(size_t bytes) {
  size_t sum = atomic_fetch_add(&now, bytes) + bytes;
  size_t most = atomic_load(&peak);
  atomic_fetch_add(&calls, 1);
  while (sum > most && !atomic_compare_exchange_weak(&peak, &most, sum))
    ;
}

size_t heap_now(void) { return atomic_load(&now); }

size_t heap_peak(void) { return atomic_exchange(&peak, heap_now()); }

size_t heap_calls(void) { return atomic_load(&calls); }

#ifdef HAS_ASAN /* it brings an allocator of its own, which reports each call */
/* Of sanitizer/allocator_interface.h, which gcc does not bring. */
size_t __sanitizer_get_allocated_size(const volatile void *p);
int __sanitizer_install_malloc_and_free_hooks(
    void (*on_malloc)(const volatile void *, size_t),
    void (*on_free)(const volatile void *));

static void on_malloc(const volatile void *p, size_t size) {
  if (p != NULL)
    add(size);
}

/* A block from before the hooks does not count. */
static void on_free(const volatile void *p) {
  size_t size = p != NULL ? __sanitizer_get_allocated_size(p) : 0;
  size_t held = heap_now();
  atomic_fetch_sub(&now, size < held ? size : held);
}

__attribute__((constructor)) static void install(void) {
  __sanitizer_install_malloc_and_free_hooks(on_malloc, on_free);
}
#else
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t num, size_t size);
void *__libc_realloc(void *p, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *p);

static void *count(void *p) {
  add(malloc_usable_size(p));
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
#endif
