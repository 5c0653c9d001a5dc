/* SPDX-License-Identifier: MIT */
/* heap.h - what is allocated at this moment, and the most that ever was.
 *
 * Takes the place of malloc() and its like for the program that links it and
 * for all of its libraries; glibc's own do the work. Bytes are what glibc gives
 * for a request, without its header; with AddressSanitizer, the bytes that were
 * requested. Of all threads. */
#ifndef BENCH_HEAP_H
#define BENCH_HEAP_H

#include <stddef.h>

size_t heap_now(void);

/* Since the last call, or the start. */
size_t heap_peak(void);

/* Allocations since the start. */
size_t heap_calls(void);

#endif
