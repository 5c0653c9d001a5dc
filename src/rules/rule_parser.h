/* SPDX-License-Identifier: MIT */
/* rule_parser.h - builds one rule from the built-in rules, a named threshold
 * and an object of "rules".
 *
 * rule_keys.c reads the keys, rule_check.c checks their combination. The parser
 * owns its rule until rule_parser_take(). Functions returning int: 0, or -1
 * with an error as in json_reader.h. */
#ifndef RULES_RULE_PARSER_H
#define RULES_RULE_PARSER_H

#include "rules/builtin_rules.h"
#include "rules/json_keys.h"
#include "rules/rule.h"

#define RULE_PARSER_NOT_IN_RULES SIZE_MAX

enum rule_parser_origin { BY_DEFAULT, BY_SECTION, BY_RULE };

struct rule_parser {
  struct rule rule;
  const struct builtin_rule *builtin; /* NULL: neither built-in nor named */
  size_t index; /* in "rules", or RULE_PARSER_NOT_IN_RULES */
  bool enabled;
  bool gives_metric, gives_op, gives_function, gives_window, gives_message;
  enum alert_level severity;
  enum rule_parser_origin origin[ALERT_LEVELS]; /* of the thresholds */
  json_object *given[ALERT_LEVELS];             /* borrowed */
};

int rule_parser_init(struct rule_parser *p, const char *name);
int rule_parser_init_builtin(struct rule_parser *p,
                             const struct builtin_rule *builtin);
void rule_parser_clear(struct rule_parser *p);

/* Reads a named threshold of the section `level`. */
int rule_parser_read_threshold(struct json_reader *in,
                               const struct json_path *path, json_object *value,
                               enum alert_level level, struct rule_parser *p);

/* Keys of an object of "rules"; the target is a struct rule_parser. */
extern const struct json_key rule_keys[];

/* Checks the combination of keys. */
int rule_parser_check(struct json_reader *in, struct rule_parser *p);

/* True: the rule is enabled and has a threshold. */
bool rule_parser_is_rule(const struct rule_parser *p);

/* Moves the rule to *rule. */
void rule_parser_take(struct rule_parser *p, struct rule *rule);

/* Frees the members of a rule. */
void rule_clear(struct rule *rule);
void rule_names_free(char **names, size_t num);

#endif
