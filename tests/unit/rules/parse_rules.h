/* SPDX-License-Identifier: MIT */
/* parse_rules.h - the rules of a test: JSON with ' for ". */
#ifndef TESTS_PARSE_RULES_H
#define TESTS_PARSE_RULES_H

#include "rules/ruleset.h"

#include "unit.h"

#include <stdlib.h>
#include <string.h>

/* To be freed, and without a byte behind it: `len` bytes. */
static inline char *json_of(const char *text, size_t *len) {
  *len = strlen(text);
  char *json = malloc(*len > 0 ? *len : 1);
  assert_non_null(json);
  for (size_t i = 0; i < *len; i++)
    json[i] = text[i] == '\'' ? '"' : text[i];
  return json;
}

/* NULL with an error, or rules with "" in `err`. */
static inline struct ruleset *try_rules(const char *text, char *err,
                                        size_t err_size) {
  size_t len = 0;
  char *json = json_of(text, &len);
  *err = '\0';
  struct ruleset *set = ruleset_parse(json, len, err, err_size);
  free(json);
  return set;
}

static inline struct ruleset *parse_rules(const char *text) {
  char err[700];
  struct ruleset *set = try_rules(text, err, sizeof(err));
  assert_string_equal(err, "");
  assert_non_null(set);
  return set;
}

/* Checks the error, too. */
static inline void refuse_rules(const char *text, const char *expected) {
  char err[700];
  assert_null(try_rules(text, err, sizeof(err)));
  assert_string_equal(err, expected);
}

#endif
