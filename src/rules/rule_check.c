/* SPDX-License-Identifier: MIT */
/* Checks the combination of keys of a rule. */
#include "rules/rule_parser.h"

#include "rules/pattern.h"

#include <math.h>
#include <string.h>

#define ANOMALY_THRESHOLD 0.5

/* Parameters that a function needs besides thresholds. */
struct needs {
  double window;  /* default; 0: required */
  bool no_window; /* window not allowed */
  bool implicit;  /* built-in threshold; "severity" selects the level */
  bool has_op;    /* `op` is the default */
  enum rule_op op;
  bool rank;
  bool limit;
  bool objective;
};

static const struct needs needs_of[RULE_FUNCTIONS] = {
    [RULE_VALUE] = {.no_window = true},
    [RULE_PERCENTILE] = {.rank = true},
    [RULE_COUNT_OVER] = {.limit = true, .has_op = true, .op = RULE_GT},
    [RULE_FLAPS] = {.has_op = true, .op = RULE_GT},
    [RULE_ABSENT] = {.window = 300,
                     .implicit = true,
                     .has_op = true,
                     .op = RULE_GE},
    [RULE_LEAK] = {.window = 1800, .has_op = true, .op = RULE_GT},
    [RULE_ANOMALY] = {.no_window = true,
                      .implicit = true,
                      .has_op = true,
                      .op = RULE_GE},
    [RULE_BURN_RATE] = {.objective = true, .has_op = true, .op = RULE_GT},
};

/* Path of a level's threshold. `up` stores its parents. */
static struct json_path level_path(const struct rule_parser *p, int level,
                                   struct json_path up[2]) {
  const char *name = alert_level_name((enum alert_level)level);

  up[0] = (struct json_path){NULL, "rules", 0};
  up[1] = (struct json_path){&up[0], NULL, p->index};
  if (p->origin[level] == BY_RULE)
    return (struct json_path){&up[1], name, 0};
  up[0].key = name;
  return (struct json_path){&up[0], p->rule.name, 0};
}

/* Shows the number of the file if both thresholds have one: same unit then. */
static const char *show_threshold(const struct rule_parser *p, int level,
                                  bool as_given, char buf[JSON_READER_SHOWN]) {
  if (as_given)
    return json_reader_show(p->given[level], buf);
  snprintf(buf, JSON_READER_SHOWN, "%.10g", p->rule.threshold[level]);
  return buf;
}

static int check_order(struct json_reader *in, const struct rule_parser *p,
                       int mild, int worse) {
  double gap = p->rule.threshold[worse] - p->rule.threshold[mild];
  int side = rule_op_side(p->rule.op);
  bool as_given =
      p->origin[mild] == BY_SECTION && p->origin[worse] == BY_SECTION;
  bool blame_mild = p->origin[worse] == BY_DEFAULT;
  int blamed = blame_mild ? mild : worse;
  int other = blame_mild ? worse : mild;
  struct json_path up[2];
  struct json_path path = level_path(p, blamed, up);
  char shown[2][JSON_READER_SHOWN];

  if (isnan(gap) || gap * side >= 0)
    return 0;
  return json_reader_fail(in, &path,
                          "%s: expected at %s %s, the threshold of %s",
                          show_threshold(p, blamed, as_given, shown[0]),
                          (side > 0) == blame_mild ? "most" : "least",
                          show_threshold(p, other, as_given, shown[1]),
                          alert_level_name((enum alert_level)other));
}

static int check_clear(struct json_reader *in, const struct rule_parser *p,
                       const struct json_path *rule_path) {
  const struct json_path path = {rule_path, "clear", 0};
  const struct rule *r = &p->rule;
  double threshold = r->threshold[rule_mildest(r)];
  int side = rule_op_side(r->op);

  if (isnan(r->clear))
    return 0;
  if (side == 0)
    return json_reader_fail(in, &path, "expected none with \"%s\"",
                            rule_op_symbol(r->op));
  if ((threshold - r->clear) * side < 0)
    return json_reader_fail(in, &path,
                            "%.10g: expected at %s %.10g, the threshold of %s",
                            r->clear, side > 0 ? "most" : "least", threshold,
                            alert_level_name(rule_mildest(r)));
  return 0;
}

/* A parameter that the function does not use may come from a built-in rule. */
static int check_parameter(struct json_reader *in,
                           const struct json_path *rule_path,
                           const struct rule *r, const char *key, bool needed,
                           double given) {
  const struct json_path path = {rule_path, key, 0};

  if (needed && isnan(given))
    return json_reader_fail(in, rule_path,
                            "expected a \"%s\" for the function \"%s\"", key,
                            rule_function_name(r->function));
  if (!needed && !isnan(given))
    return json_reader_fail(in, &path, "expected none with the function \"%s\"",
                            rule_function_name(r->function));
  return 0;
}

static int check_function(struct json_reader *in, struct rule_parser *p,
                          const struct json_path *path) {
  struct rule *r = &p->rule;
  const struct needs *needs = &needs_of[r->function];
  const struct json_path no_data = {path, "no_data", 0};
  const struct json_path metric = {path, "metric", 0};

  if (p->builtin != NULL && p->builtin->function != r->function &&
      !p->gives_window)
    r->window = 0; /* from the built-in rule */
  if (!(r->window > 0))
    r->window = needs->window;
  if (r->function == RULE_ABSENT && r->no_data != NO_DATA_HOLD)
    return json_reader_fail(in, &no_data,
                            "expected none with the function \"absent\"");
  if (r->function == RULE_ABSENT && !pattern_is_exact(r->metric))
    return json_reader_fail(in, &metric,
                            "\"%s\": expected one identity "
                            "host/plugin-instance/type-instance without "
                            "wildcards, for the function \"absent\"",
                            pattern_text(r->metric));
  if (check_parameter(in, path, r, "window", !needs->no_window,
                      r->window > 0 ? r->window : NAN) != 0 ||
      check_parameter(in, path, r, "rank", needs->rank, r->rank) != 0 ||
      check_parameter(in, path, r, "limit", needs->limit, r->limit) != 0)
    return -1;
  return check_parameter(in, path, r, "objective", needs->objective,
                         r->objective);
}

/* "severity" gives the level of a function with a built-in threshold. */
static int check_severity(struct json_reader *in, struct rule_parser *p,
                          const struct json_path *rule_path) {
  const struct json_path path = {rule_path, "severity", 0};
  struct rule *r = &p->rule;
  bool implicit = needs_of[r->function].implicit;

  if (p->severity == ALERT_OK)
    return 0;
  if (!implicit || rule_mildest(r) != ALERT_OK)
    return json_reader_fail(
        in, &path,
        implicit ? "expected none beside thresholds"
                 : "expected thresholds instead: only \"absent\" "
                   "and \"anomaly\" have their own");
  r->threshold[p->severity] =
      r->function == RULE_ABSENT ? r->window : ANOMALY_THRESHOLD;
  return 0;
}

static int check_op(struct json_reader *in, struct rule_parser *p,
                    const struct json_path *path) {
  const struct needs *needs = &needs_of[p->rule.function];

  if (p->gives_op || p->builtin != NULL)
    return 0;
  if (!needs->has_op)
    return json_reader_fail(in, path, "expected an \"op\"");
  p->rule.op = needs->op;
  return 0;
}

static int check_metric(struct json_reader *in, const struct rule_parser *p,
                        const struct json_path *path) {
  struct closest_match names = {.wanted = p->rule.name};

  if (p->rule.metric != NULL)
    return 0;
  for (size_t i = 0; i < builtin_rules_num; i++)
    closest_match_add(&names, builtin_rules[i].name);
  if (names.closest == NULL)
    return json_reader_fail(in, path, "expected a \"metric\"");
  return json_reader_fail(
      in, path, "expected a \"metric\", or the name \"%s\"?", names.closest);
}

/* A new rule and an enabled built-in rule need a threshold. */
static int check_levels(struct json_reader *in, const struct rule_parser *p,
                        const struct json_path *path) {
  if (rule_mildest(&p->rule) != ALERT_OK || (p->builtin != NULL && !p->enabled))
    return 0;
  return json_reader_fail(
      in, path,
      needs_of[p->rule.function].implicit
          ? "expected a \"severity\""
          : "expected \"critical\", \"warning\" or \"info\"");
}

int rule_parser_check(struct json_reader *in, struct rule_parser *p) {
  const struct json_path rules = {NULL, "rules", 0};
  const struct json_path path = {&rules, NULL, p->index};

  if (p->index != RULE_PARSER_NOT_IN_RULES &&
      (check_metric(in, p, &path) != 0 || check_op(in, p, &path) != 0 ||
       check_function(in, p, &path) != 0 || check_severity(in, p, &path) != 0 ||
       check_levels(in, p, &path) != 0 || check_clear(in, p, &path) != 0))
    return -1;
  for (int worse = ALERT_WARNING; worse < ALERT_LEVELS; worse++)
    for (int mild = worse - 1; mild > ALERT_OK; mild--)
      if (check_order(in, p, mild, worse) != 0)
        return -1;
  return 0;
}
