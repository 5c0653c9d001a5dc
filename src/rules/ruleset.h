/* SPDX-License-Identifier: MIT */
/* ruleset.h - the text of an alerts.json -> rules.
 *
 * Accepts the deployed form (named thresholds under "critical", "warning" and
 * "info") and a list of "rules"; adds the built-in rules (builtin_rules.h)
 * unless a rule of the same name overrides or disables them. A rule of a known
 * name changes the keys that it gives and leaves the others; null takes a level
 * away. Thresholds of "rules" are in the series' unit.
 *
 * Every error names line, path and what was expected. The rules do not
 * change once parsed, and own all of their strings; only their patterns count
 * slow matches, so a set is for one thread at a time. */
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
  _Atomic unsigned shared; /* by how many beside the first owner */
  struct rule *rules; /* built-in ones, named ones, then those of "rules" */
  size_t rules_num;
  struct silence *silences;
  size_t silences_num;
  bool notify_info;  /* "notify_info": true, also under "settings" */
  double repeat;     /* settings.repeat, seconds; 0: never */
  double group_wait; /* settings.group_wait, seconds */
};

#define RULESET_MAX_BYTES (4U << 20) /* of text */
#define RULESET_MAX_RULES 10000U     /* in "rules" */
#define RULESET_MAX_SILENCES 1000U

/* What the objects take: the file, one of "silences", "settings". Those of a
 * rule are in rule_parser.h. */
extern const struct json_key ruleset_keys[];
extern const struct json_key silence_keys[];
extern const struct json_key setting_keys[];

/* NULL with "line 12: rules[3].for: …" in `err`. */
struct ruleset *ruleset_parse(const char *text, size_t len, char *err,
                              size_t err_size);
/* One more owner, on any thread; each calls ruleset_destroy(). */
struct ruleset *ruleset_share(struct ruleset *set);
void ruleset_destroy(struct ruleset *set);

/* NULL: there is none of that name. */
const struct rule *ruleset_find(const struct ruleset *set, const char *name);

/* Writes one line for a regular expression that took too long: "rule "x": its
 * regular expression takes too long on h/p/t; treated as no match". False:
 * every one has had its line. */
bool ruleset_take_slow(const struct ruleset *set, char *line, size_t size);

#endif
