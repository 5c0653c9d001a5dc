/* SPDX-License-Identifier: MIT */
/* ruleset.h - parses alerts.json into rules.
 *
 * Accepts named thresholds under "critical", "warning" and "info", and a list
 * of "rules". Adds the built-in rules (builtin_rules.h). An object of "rules"
 * with a known name changes only the keys that it gives; null removes a level;
 * a built-in rule can be disabled. Thresholds of "rules" are in the unit of the
 * series.
 *
 * Errors have line, path and the expected value. Parsed rules are constant and
 * own their strings. Patterns count slow matches: use a set on one thread at a
 * time. */
#ifndef RULES_RULESET_H
#define RULES_RULESET_H

#include "rules/json_keys.h"
#include "rules/rule.h"

#include <stdbool.h>
#include <stddef.h>

struct silence {
  struct pattern *metric; /* NULL: any */
  char *rule;             /* NULL: any */
  double until;           /* epoch seconds */
  char *reason;
};

struct ruleset {
  _Atomic unsigned shared; /* number of owners minus one */
  struct rule *rules;      /* built-in rules, named thresholds, "rules" */
  size_t rules_num;
  struct silence *silences;
  size_t silences_num;
  bool notify_info;  /* "notify_info", top level or settings */
  double repeat;     /* settings.repeat, seconds; 0: never */
  double group_wait; /* settings.group_wait, seconds */
};

#define RULESET_MAX_BYTES (4U << 20) /* of JSON text */
#define RULESET_MAX_RULES 10000U     /* in "rules" */
#define RULESET_MAX_SILENCES 1000U

/* Keys of the top level, of "silences" and of "settings". For the keys of a
 * rule see rule_parser.h. */
extern const struct json_key ruleset_keys[];
extern const struct json_key silence_keys[];
extern const struct json_key setting_keys[];

/* NULL with "line 12: rules[3].for: …" in `err`. */
struct ruleset *ruleset_parse(const char *text, size_t len, char *err,
                              size_t err_size);
/* Adds an owner; thread-safe. Each owner calls ruleset_destroy(). */
struct ruleset *ruleset_share(struct ruleset *set);
void ruleset_destroy(struct ruleset *set);

/* NULL: unknown name. */
const struct rule *ruleset_find(const struct ruleset *set, const char *name);

/* Writes a message for one regular expression that exceeded its budget; each is
 * reported once. False: none left. */
bool ruleset_take_slow(const struct ruleset *set, char *line, size_t size);

#endif
