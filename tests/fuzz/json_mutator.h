/* SPDX-License-Identifier: MIT */
/* json_mutator.h - for LLVMFuzzerCustomMutator: changes JSON as JSON.
 *
 * After `head` bytes the input is one JSON text, or two with a NUL between
 * them. One that json-c can read is changed as a tree: a node is deleted,
 * replaced, repeated, put deeper, renamed, given another type or an extreme
 * value, as text that need not be JSON any more. Others, and some of these, are
 * changed as bytes. Returns the new size. */
#ifndef FUZZ_JSON_MUTATOR_H
#define FUZZ_JSON_MUTATOR_H

#include <stddef.h>
#include <stdint.h>

size_t json_mutate(uint8_t *data, size_t size, size_t max, unsigned seed,
                   size_t head);

#endif
