/* SPDX-License-Identifier: MIT */
/* rule_parser.h - one rule while it is put together: from the built-in rules,
 * a named threshold, the keys of an object of "rules".
 *
 * rule_parser.c: begin and end. rule_keys.c: the keys. rule_check.c: what must
 * fit together. A parser owns its rule until rule_parser_take(). Functions that
 * return an int give 0, or -1 with an error as in json_reader.h. */
#ifndef RULES_RULE_PARSER_H
#define RULES_RULE_PARSER_H

#include "rules/builtin_rules.h"
#include "rules/json_keys.h"
#include "rules/rule.h"

#define RULE_PARSER_NOT_IN_RULES SIZE_MAX

enum rule_parser_origin { BY_DEFAULT, BY_SECTION, BY_RULE };

struct rule_parser {
  struct rule rule;
  const struct builtin_rule *builtin; /* NULL: not known by name */
  size_t index; /* in "rules"; or RULE_PARSER_NOT_IN_RULES */
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

/* A named threshold of the section `level`. */
int rule_parser_read_threshold(struct json_reader *in,
                               const struct json_path *path, json_object *value,
                               enum alert_level level, struct rule_parser *p);

/* The keys of an object of "rules"; the target is a struct rule_parser. */
extern const struct json_key rule_keys[];

/* Whether its parts fit together. */
int rule_parser_check(struct json_reader *in, struct rule_parser *p);

/* Whether it makes a rule: enabled, with a threshold. */
bool rule_parser_is_rule(const struct rule_parser *p);

/* Moves the rule to *rule. */
void rule_parser_take(struct rule_parser *p, struct rule *rule);

/* Frees what a rule owns. */
void rule_clear(struct rule *rule);
void rule_names_free(char **names, size_t num);

#endif
