/* SPDX-License-Identifier: MIT */
#include "rules/rule_parser.h"

#include "rules/pattern.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void rule_names_free(char **names, size_t num) {
  for (size_t i = 0; i < num; i++)
    free(names[i]);
  free(names);
}

int rule_parser_init(struct rule_parser *p, const char *name) {
  *p = (struct rule_parser){.index = RULE_PARSER_NOT_IN_RULES, .enabled = true};
  p->rule.clear = p->rule.rank = p->rule.limit = p->rule.objective = NAN;
  for (int k = 0; k < ALERT_LEVELS; k++)
    p->rule.threshold[k] = NAN;
  p->rule.name = strdup(name);
  return p->rule.name != NULL ? 0 : -1;
}

static int copy_inhibitors(struct rule *r, const struct builtin_rule *builtin) {
  r->inhibited_by = calloc(BUILTIN_INHIBITORS, sizeof(*r->inhibited_by));
  for (size_t i = 0; r->inhibited_by != NULL && i < BUILTIN_INHIBITORS &&
                     builtin->inhibited_by[i] != NULL;
       i++) {
    r->inhibited_by[i] = strdup(builtin->inhibited_by[i]);
    if (r->inhibited_by[i] == NULL)
      return -1;
    r->inhibited_by_num++;
  }
  return r->inhibited_by != NULL ? 0 : -1;
}

int rule_parser_init_builtin(struct rule_parser *p,
                             const struct builtin_rule *builtin) {
  struct rule *r = &p->rule;
  char err[64];

  if (rule_parser_init(p, builtin->name) != 0)
    return -1;
  p->builtin = builtin;
  r->metric = pattern_create(builtin->metric, err, sizeof(err));
  r->message = strdup(builtin->message);
  r->resolved = strdup(builtin->resolved);
  if (r->metric == NULL || r->message == NULL || r->resolved == NULL ||
      copy_inhibitors(r, builtin) != 0)
    return -1;
  r->op = builtin->op;
  r->function = builtin->function;
  r->window = builtin->window;
  r->hold_for = builtin->hold_for;
  if (builtin->level != ALERT_OK)
    r->threshold[builtin->level] = builtin->threshold;
  return 0;
}

void rule_clear(struct rule *r) {
  free(r->name);
  pattern_destroy(r->metric);
  free(r->ds);
  free(r->message);
  free(r->resolved);
  free(r->runbook);
  rule_names_free(r->inhibited_by, r->inhibited_by_num);
}

void rule_parser_clear(struct rule_parser *p) { rule_clear(&p->rule); }

int rule_parser_read_threshold(struct json_reader *in,
                               const struct json_path *path, json_object *value,
                               enum alert_level level, struct rule_parser *p) {
  const struct builtin_rule *builtin = p->builtin;
  double *threshold = &p->rule.threshold[level];
  int status = -1;

  if (builtin->unit == BUILTIN_BREAKER)
    status =
        json_object_is_type(value, json_type_string)
            ? builtin_rule_breaker(json_object_get_string(value), threshold)
            : -1;
  else if (json_object_is_type(value, json_type_int) ||
           json_object_is_type(value, json_type_double))
    status = builtin_rule_scale(builtin->unit, json_object_get_double(value),
                                threshold);
  if (status != 0)
    return json_reader_expected(in, path, value,
                                builtin_rule_expected(builtin->unit));
  p->origin[level] = BY_SECTION;
  p->given[level] = value;
  return 0;
}

bool rule_parser_is_rule(const struct rule_parser *p) {
  return p->enabled && rule_mildest(&p->rule) != ALERT_OK;
}

void rule_parser_take(struct rule_parser *p, struct rule *rule) {
  struct rule *r = &p->rule;
  bool means_other =
      p->gives_metric || p->gives_op || p->gives_function || p->gives_window;

  if (p->builtin != NULL && means_other) { /* its templates no longer fit */
    free(r->resolved);
    r->resolved = NULL;
    if (!p->gives_message) {
      free(r->message);
      r->message = NULL;
    }
  }
  r->listed = pattern_type_begins(r->metric, "mcp_server_state");
  *rule = *r;
  *r = (struct rule){0};
}
