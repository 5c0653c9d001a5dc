/* SPDX-License-Identifier: MIT */
/* cost.h - what foreign text costs: steps and bytes, the same on each machine.
 *
 * The code under test is compiled with -fsanitize-coverage=trace-pc: each basic
 * block is a step. A call of the C library is one step and one more for each
 * COST_STRIDE bytes that it looks at, an allocation is COST_ALLOCATION steps.
 * tests/cost/wrapped is the list of these functions for the linker. Steps in
 * other libraries are not counted, their allocations are.
 *
 * The bounds here are those of SECURITY.md. The unit tests of tests/cost and
 * the fuzzers hold them. */
#ifndef TESTS_COST_H
#define TESTS_COST_H

#include <stddef.h>
#include <stdint.h>

#define COST_STRIDE 16U
#define COST_ALLOCATION 16U

struct cost {
  uint64_t steps;
  size_t bytes; /* most that were allocated at one time */
};

/* Of an input of n bytes: fixed + n * per_byte, and never more than `most`
 * bytes. */
struct cost_bound {
  const char *what;
  uint64_t fixed_steps;
  uint64_t steps_per_byte;
  size_t fixed_bytes;
  size_t bytes_per_byte;
  size_t most_bytes;
};

extern const struct cost_bound cost_of_read;         /* of a hub: all bodies */
extern const struct cost_bound cost_of_log;          /* lines of a log */
extern const struct cost_bound cost_of_config;       /* of a hub's servers */
extern const struct cost_bound cost_of_scan;         /* of a hub's processes */
extern const struct cost_bound cost_of_command_line; /* of one process */

void cost_begin(void);
struct cost cost_end(void);

/* Returns what is exceeded, as a text for people, or NULL. */
const char *cost_excess(const struct cost_bound *bound, struct cost cost,
                        size_t input);

#endif
