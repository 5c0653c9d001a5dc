/* draft.h - one rule while it is put together: from the stock, from a named
 * threshold, from the keys of an object of "rules".
 *
 * A draft owns its rule until draft_take(). Functions that return an int give
 * 0, or -1 with an error as in jsonread.h. */
#ifndef ALERTS_DRAFT_H
#define ALERTS_DRAFT_H

#include "alerts/jsonread.h"
#include "alerts/rule.h"
#include "alerts/stock.h"

#define DRAFT_NOT_IN_RULES SIZE_MAX

enum draft_origin { BY_DEFAULT, BY_SECTION, BY_RULE };

struct draft {
  struct rule rule;
  const struct stock *stock; /* NULL: not known by name */
  size_t index;              /* in "rules"; or DRAFT_NOT_IN_RULES */
  bool enabled;
  bool has_op;
  bool has_message;
  bool other_meaning; /* the stock messages no longer fit */
  enum alert_level severity;
  enum draft_origin origin[ALERT_LEVELS];
  json_object *given[ALERT_LEVELS]; /* borrowed */
};

int draft_init(struct draft *draft, const char *name);
int draft_init_stock(struct draft *draft, const struct stock *stock);
void draft_clear(struct draft *draft);

/* A named threshold of the section `level`. */
int draft_read_threshold(struct jsonread *in, const struct jsonpath *path,
                         json_object *value, enum alert_level level,
                         struct draft *draft);

/* The keys of an object of "rules"; `into` is the draft. */
extern const struct jsonread_key draft_keys[];

/* Whether its parts fit together. */
int draft_check(struct jsonread *in, struct draft *draft);

/* Whether it makes a rule: enabled, with a threshold. */
bool draft_is_rule(const struct draft *draft);

/* Moves the rule to *rule. */
void draft_take(struct draft *draft, struct rule *rule);

/* Frees what a rule owns. */
void draft_rule_clear(struct rule *rule);

#endif
