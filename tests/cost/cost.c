/* SPDX-License-Identifier: MIT */
/* Counts steps in the place of the C library's functions, which it calls. */
#include "cost/cost.h"

#include "bench/heap.h"

#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static uint64_t steps;
static size_t held;
static uint64_t allocations;

/* ---- counting ---- */

void __wrap___sanitizer_cov_trace_pc(void);
void __wrap___sanitizer_cov_trace_pc(void) { steps++; }

static void look_at(size_t bytes) { steps += 1 + bytes / COST_STRIDE; }

/* Defines __wrap_NAME, which counts `bytes` of the result `r`. */
#define WRAP(type, name, parameters, arguments, bytes)                         \
  type __real_##name parameters;                                               \
  type __wrap_##name parameters;                                               \
  type __wrap_##name parameters {                                              \
    type r = __real_##name arguments;                                          \
    look_at(bytes);                                                            \
    return r;                                                                  \
  }

#define FOUND(from, otherwise)                                                 \
  (r != NULL ? (size_t)((const char *)r - (const char *)(from)) : (otherwise))

static size_t least(const char *a, const char *b) {
  size_t i = 0;
  while (a[i] != '\0' && a[i] == b[i])
    i++;
  return i;
}

WRAP(void *, memchr, (const void *s, int c, size_t n), (s, c, n), FOUND(s, n))
WRAP(void *, memrchr, (const void *s, int c, size_t n), (s, c, n), n)
WRAP(int, memcmp, (const void *a, const void *b, size_t n), (a, b, n), n)
WRAP(void *, memcpy, (void *a, const void *b, size_t n), (a, b, n), n)
WRAP(void *, memmove, (void *a, const void *b, size_t n), (a, b, n), n)
WRAP(void *, memset, (void *a, int c, size_t n), (a, c, n), n)
WRAP(void *, memmem, (const void *a, size_t n, const void *b, size_t m),
     (a, n, b, m), FOUND(a, n))
WRAP(size_t, strlen, (const char *s), (s), r)
WRAP(char *, strdup, (const char *s), (s), strlen(s))
WRAP(char *, strchr, (const char *s, int c), (s, c), FOUND(s, strlen(s)))
WRAP(char *, strrchr, (const char *s, int c), (s, c), strlen(s))
WRAP(char *, strpbrk, (const char *s, const char *a), (s, a),
     FOUND(s, strlen(s)))
WRAP(size_t, strspn, (const char *s, const char *a), (s, a), r)
WRAP(size_t, strcspn, (const char *s, const char *a), (s, a), r)
WRAP(int, strcmp, (const char *a, const char *b), (a, b), least(a, b))
WRAP(int, strncmp, (const char *a, const char *b, size_t n), (a, b, n), n)
WRAP(double, strtod_l, (const char *s, char **end, locale_t l), (s, end, l),
     COST_STRIDE *strspn(s, "-+.0123456789eE"))
WRAP(int, vsnprintf, (char *s, size_t n, const char *format, va_list args),
     (s, n, format, args), r > 0 ? (size_t)r : 0)

int __wrap_snprintf(char *s, size_t n, const char *format, ...);
int __wrap_snprintf(char *s, size_t n, const char *format, ...) {
  va_list args;
  va_start(args, format);
  int r = __wrap_vsnprintf(s, n, format, args);
  va_end(args);
  return r;
}

void cost_begin(void) {
  heap_peak();
  held = heap_now();
  allocations = heap_calls();
  steps = 0;
}

struct cost cost_end(void) {
  uint64_t done = steps + COST_ALLOCATION * (heap_calls() - allocations);
  return (struct cost){done, heap_peak() - held};
}

/* ---- bounds ---- */

#define KIB ((size_t)1 << 10)
#define MIB ((size_t)1 << 20)

const struct cost_bound cost_of_read = {"a hub's read", 200000, 300,
                                        128 * KIB,      1024,   16 * MIB};
const struct cost_bound cost_of_log = {"a log",  20000, 60,
                                       72 * KIB, 1,     72 * KIB};
const struct cost_bound cost_of_config = {
    "a configuration of servers", 20000, 100, 32 * KIB, 1024, 32 * MIB};
const struct cost_bound cost_of_scan = {
    "a scan of processes", 450000000, 0, 48 * MIB, 0, 48 * MIB};
const struct cost_bound cost_of_command_line = {
    "a command line", 2000, 300, 16 * KIB, 0, 16 * KIB};

const char *cost_excess(const struct cost_bound *b, struct cost c,
                        size_t input) {
  static char text[160];
  uint64_t most_steps = b->fixed_steps + b->steps_per_byte * input;
  size_t most_bytes = b->fixed_bytes + b->bytes_per_byte * input;
  if (most_bytes > b->most_bytes)
    most_bytes = b->most_bytes;
  if (c.steps <= most_steps && c.bytes <= most_bytes)
    return NULL;
  snprintf(text, sizeof(text),
           "%s of %zu bytes: %llu steps (at most %llu), %zu bytes (at most "
           "%zu)",
           b->what, input, (unsigned long long)c.steps,
           (unsigned long long)most_steps, c.bytes, most_bytes);
  return text;
}
