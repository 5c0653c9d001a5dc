/* ruleset.h - the text of an alerts.json -> rules.
 *
 * Accepts the deployed form (named thresholds under "critical", "warning" and
 * "info") and a list of "rules"; adds the built-in rules (stock.h) unless a
 * rule of the same name overrides or disables them. A rule of a known name
 * changes the keys that it gives and leaves the others; null takes a level
 * away. Thresholds of "rules" are in the series' unit.
 *
 * Every error names line, path and what was expected. A ruleset is immutable
 * once parsed and may be shared between threads; it owns all of its strings. */
#ifndef ALERTS_RULESET_H
#define ALERTS_RULESET_H

#include "alerts/rule.h"

#include <stdbool.h>
#include <stddef.h>

struct ruleset {
  struct rule *rules; /* built-in ones, named ones, then those of "rules" */
  size_t rules_num;
  bool notify_info;  /* "notify_info": true, also under "settings" */
  double repeat;     /* settings.repeat, seconds; 0: never */
  double group_wait; /* settings.group_wait, seconds */
};

#define RULESET_MAX_BYTES (4U << 20) /* of text */
#define RULESET_MAX_RULES 10000U     /* in "rules" */
#define RULESET_MAX_NAME 64U         /* bytes of a rule's name */
#define RULESET_MAX_URL 1024U        /* bytes of a runbook */

/* NULL with "line 12: rules[3].for: …" in `err`. */
struct ruleset *ruleset_parse(const char *text, size_t len, char *err,
                              size_t err_size);
void ruleset_destroy(struct ruleset *set);

#endif
