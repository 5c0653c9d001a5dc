/* SPDX-License-Identifier: MIT */
/* rule_parser.h - one rule while it is put together: from the stock, from a
 * named threshold, from the keys of an object of "rules".
 *
 * A draft owns its rule until rule_parser_take(). Functions that return an int
 * give 0, or -1 with an error as in json_reader.h. */
#ifndef RULES_RULE_PARSER_H
#define RULES_RULE_PARSER_H

#include "rules/builtin_rules.h"
#include "rules/json_reader.h"
#include "rules/rule.h"

#define RULE_PARSER_NOT_IN_RULES SIZE_MAX

enum rule_parser_origin { BY_DEFAULT, BY_SECTION, BY_RULE };

struct rule_parser {
  struct rule rule;
  const struct builtin_rule *stock; /* NULL: not known by name */
  size_t index; /* in "rules"; or RULE_PARSER_NOT_IN_RULES */
  bool enabled;
  bool has_op;
  bool has_message;
  bool other_meaning; /* the stock messages no longer fit */
  enum alert_level severity;
  enum rule_parser_origin origin[ALERT_LEVELS];
  json_object *given[ALERT_LEVELS]; /* borrowed */
};

int rule_parser_init(struct rule_parser *draft, const char *name);
int rule_parser_init_stock(struct rule_parser *draft,
                           const struct builtin_rule *stock);
void rule_parser_clear(struct rule_parser *draft);

/* A named threshold of the section `level`. */
int rule_parser_read_threshold(struct json_reader *in,
                               const struct json_path *path, json_object *value,
                               enum alert_level level,
                               struct rule_parser *draft);

/* The keys of an object of "rules"; `into` is the draft. */
extern const struct json_reader_key rule_parser_keys[];

/* Whether its parts fit together. */
int rule_parser_check(struct json_reader *in, struct rule_parser *draft);

/* Whether it makes a rule: enabled, with a threshold. */
bool rule_parser_is_rule(const struct rule_parser *draft);

/* Moves the rule to *rule. */
void rule_parser_take(struct rule_parser *draft, struct rule *rule);

/* Frees what a rule owns. */
void rule_parser_rule_clear(struct rule *rule);

#endif
