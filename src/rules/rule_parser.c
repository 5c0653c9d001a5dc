/* SPDX-License-Identifier: MIT */
#include "rules/rule_parser.h"

#include "rules/pattern.h"
#include "rules/template.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WINDOW_LEAST 1.0
#define TEXT_MAX 1024U
#define INHIBITED_BY_MAX 16U
#define ANOMALY_THRESHOLD 0.5

/* What a function takes beside thresholds. */
struct needs {
  double window;  /* without one given; 0: it must be given */
  bool no_window; /* takes none */
  bool implicit;  /* has thresholds of its own: "severity" says the level */
  bool has_op;    /* `op` unless given */
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

/* ------------------------------------------------------ keys of one rule */

static enum alert_level level_of_key(const char *key) {
  for (int k = ALERT_INFO; k < ALERT_LEVELS; k++)
    if (strcmp(alert_level_name((enum alert_level)k), key) == 0)
      return (enum alert_level)k;
  return ALERT_OK;
}

static int read_name(struct json_reader *in, const struct json_path *path,
                     json_object *value, void *into) {
  (void)in, (void)path, (void)value, (void)into;
  return 0; /* who made the draft has read it */
}

static int read_metric(struct json_reader *in, const struct json_path *path,
                       json_object *value, void *into) {
  struct rule_parser *draft = into;
  const char *text = json_reader_text(in, path, value, PATTERN_MAX);
  struct pattern *metric = NULL;
  char err[256];

  if (text == NULL)
    return -1;
  metric = pattern_create(text, err, sizeof(err));
  if (metric == NULL) {
    char shown[JSON_READER_SHOWN];
    return json_reader_fail(in, path, "%s: %s", json_reader_show(value, shown),
                            err);
  }
  pattern_destroy(draft->rule.metric);
  draft->rule.metric = metric;
  draft->other_meaning = true;
  return 0;
}

static int read_ds(struct json_reader *in, const struct json_path *path,
                   json_object *value, void *into) {
  struct rule_parser *draft = into;
  return json_reader_copy(in, path, value, RULE_NAME_MAX, &draft->rule.ds);
}

static int read_op(struct json_reader *in, const struct json_path *path,
                   json_object *value, void *into) {
  struct rule_parser *draft = into;
  for (int op = RULE_GT; op <= RULE_NE; op++)
    if (json_object_is_type(value, json_type_string) &&
        strcmp(json_object_get_string(value),
               rule_op_symbol((enum rule_op)op)) == 0) {
      draft->rule.op = (enum rule_op)op;
      draft->has_op = true;
      draft->other_meaning = true;
      return 0;
    }
  return json_reader_expected(in, path, value,
                              "\">\", \">=\", \"<\", \"<=\", \"==\" or \"!=\"");
}

static int read_level(struct json_reader *in, const struct json_path *path,
                      json_object *value, void *into) {
  struct rule_parser *draft = into;
  enum alert_level level = level_of_key(path->key);

  draft->origin[level] = BY_RULE;
  draft->given[level] = value;
  draft->rule.threshold[level] = NAN;
  if (value == NULL)
    return 0;
  return json_reader_number(in, path, value, &draft->rule.threshold[level]);
}

static int read_clear(struct json_reader *in, const struct json_path *path,
                      json_object *value, void *into) {
  struct rule_parser *draft = into;
  return json_reader_number(in, path, value, &draft->rule.clear);
}

static int read_for(struct json_reader *in, const struct json_path *path,
                    json_object *value, void *into) {
  struct rule_parser *draft = into;
  return json_reader_duration(in, path, value, &draft->rule.hold_for);
}

static int read_clear_for(struct json_reader *in, const struct json_path *path,
                          json_object *value, void *into) {
  struct rule_parser *draft = into;
  return json_reader_duration(in, path, value, &draft->rule.clear_for);
}

static int read_function(struct json_reader *in, const struct json_path *path,
                         json_object *value, void *into) {
  struct rule_parser *draft = into;
  char list[160] = "one of";
  size_t len = strlen(list);

  for (int f = RULE_VALUE; f < RULE_FUNCTIONS; f++) {
    const char *name = rule_function_name((enum rule_function)f);
    len += (size_t)snprintf(list + len, sizeof(list) - len, "%s %s",
                            f > 0 ? "," : "", name);
    if (!json_object_is_type(value, json_type_string) ||
        strcmp(json_object_get_string(value), name) != 0)
      continue;
    draft->rule.function = (enum rule_function)f;
    draft->other_meaning = true;
    return 0;
  }
  return json_reader_expected(in, path, value, list);
}

static int read_window(struct json_reader *in, const struct json_path *path,
                       json_object *value, void *into) {
  struct rule_parser *draft = into;

  if (json_reader_duration(in, path, value, &draft->rule.window) != 0)
    return -1;
  if (draft->rule.window < WINDOW_LEAST)
    return json_reader_expected(in, path, value, "at least \"1s\"");
  draft->other_meaning = true;
  return 0;
}

/* A number between bounds, `most` not included where it is `open`. */
static int read_between(struct json_reader *in, const struct json_path *path,
                        json_object *value, double most, bool open,
                        double *number) {
  char what[64];
  double d = 0;

  if (json_reader_number(in, path, value, &d) != 0)
    return -1;
  snprintf(what, sizeof(what), "a number from 0 to %s%g", open ? "below " : "",
           most);
  if (!(d >= 0 && (open ? d < most : d <= most)))
    return json_reader_expected(in, path, value, what);
  *number = d;
  return 0;
}

static int read_rank(struct json_reader *in, const struct json_path *path,
                     json_object *value, void *into) {
  struct rule_parser *draft = into;

  return read_between(in, path, value, 100, false, &draft->rule.rank);
}

static int read_limit(struct json_reader *in, const struct json_path *path,
                      json_object *value, void *into) {
  struct rule_parser *draft = into;

  return json_reader_number(in, path, value, &draft->rule.limit);
}

static int read_objective(struct json_reader *in, const struct json_path *path,
                          json_object *value, void *into) {
  struct rule_parser *draft = into;

  if (json_object_is_type(value, json_type_int) &&
      json_object_get_int(value) == 1)
    return json_reader_expected(in, path, value,
                                "a fraction below 1 or a percentage below 100");
  return read_between(in, path, value, 100, true, &draft->rule.objective);
}

static int read_severity(struct json_reader *in, const struct json_path *path,
                         json_object *value, void *into) {
  struct rule_parser *draft = into;

  draft->severity = json_object_is_type(value, json_type_string)
                        ? level_of_key(json_object_get_string(value))
                        : ALERT_OK;
  if (draft->severity == ALERT_OK)
    return json_reader_expected(in, path, value,
                                "\"critical\", \"warning\" or \"info\"");
  return 0;
}

static int read_no_data(struct json_reader *in, const struct json_path *path,
                        json_object *value, void *into) {
  struct rule *r = &((struct rule_parser *)into)->rule;
  const char *text = json_object_is_type(value, json_type_string)
                         ? json_object_get_string(value)
                         : "";

  r->no_data_level = level_of_key(text);
  r->no_data = strcmp(text, "hold") == 0 ? NO_DATA_HOLD
               : strcmp(text, "ok") == 0 ? NO_DATA_OK
                                         : NO_DATA_LEVEL;
  if (r->no_data == NO_DATA_LEVEL && r->no_data_level == ALERT_OK)
    return json_reader_expected(
        in, path, value,
        "\"hold\", \"ok\", \"critical\", \"warning\" or \"info\"");
  return 0;
}

static int read_no_data_for(struct json_reader *in,
                            const struct json_path *path, json_object *value,
                            void *into) {
  struct rule_parser *draft = into;

  return json_reader_duration(in, path, value, &draft->rule.no_data_for);
}

static void names_free(char **names, size_t num) {
  for (size_t i = 0; i < num; i++)
    free(names[i]);
  free(names);
}

static int read_inhibited_by(struct json_reader *in,
                             const struct json_path *path, json_object *value,
                             void *into) {
  struct rule *r = &((struct rule_parser *)into)->rule;
  size_t num = json_object_is_type(value, json_type_array)
                   ? json_object_array_length(value)
                   : SIZE_MAX;
  char **names = NULL;

  if (num > INHIBITED_BY_MAX)
    return json_reader_expected(in, path, value,
                                "a list [...] of at most 16 names of rules");
  names = calloc(num + 1, sizeof(*names));
  if (names == NULL)
    return json_reader_out_of_memory(in);
  for (size_t i = 0; i < num; i++) {
    const struct json_path element = {path, NULL, i};
    if (json_reader_copy(in, &element, json_object_array_get_idx(value, i),
                         RULE_NAME_MAX, &names[i]) != 0) {
      names_free(names, i);
      return -1;
    }
  }
  names_free(r->inhibited_by, r->inhibited_by_num);
  r->inhibited_by = names;
  r->inhibited_by_num = num;
  return 0;
}

static int read_message(struct json_reader *in, const struct json_path *path,
                        json_object *value, void *into) {
  struct rule_parser *draft = into;
  const char *text = json_reader_text(in, path, value, TEXT_MAX);
  char err[384];

  if (text == NULL)
    return -1;
  if (template_check(text, err, sizeof(err)) != 0)
    return json_reader_fail(in, path, "%s", err);
  draft->has_message = true;
  return json_reader_copy(in, path, value, TEXT_MAX, &draft->rule.message);
}

static int read_runbook(struct json_reader *in, const struct json_path *path,
                        json_object *value, void *into) {
  struct rule_parser *draft = into;
  return json_reader_copy(in, path, value, RULE_RUNBOOK_MAX,
                          &draft->rule.runbook);
}

static int read_enabled(struct json_reader *in, const struct json_path *path,
                        json_object *value, void *into) {
  struct rule_parser *draft = into;
  return json_reader_bool(in, path, value, &draft->enabled);
}

const struct json_reader_key rule_parser_keys[] = {
    {"name", read_name},
    {"metric", read_metric},
    {"ds", read_ds},
    {"op", read_op},
    {"warning", read_level},
    {"critical", read_level},
    {"info", read_level},
    {"severity", read_severity},
    {"clear", read_clear},
    {"for", read_for},
    {"clear_for", read_clear_for},
    {"function", read_function},
    {"window", read_window},
    {"rank", read_rank},
    {"limit", read_limit},
    {"objective", read_objective},
    {"no_data", read_no_data},
    {"no_data_for", read_no_data_for},
    {"inhibited_by", read_inhibited_by},
    {"message", read_message},
    {"runbook", read_runbook},
    {"enabled", read_enabled},
    {NULL, NULL},
};

int rule_parser_read_threshold(struct json_reader *in,
                               const struct json_path *path, json_object *value,
                               enum alert_level level,
                               struct rule_parser *draft) {
  const struct builtin_rule *stock = draft->stock;
  double *threshold = &draft->rule.threshold[level];
  int status = -1;

  if (stock->unit == BUILTIN_BREAKER)
    status =
        json_object_is_type(value, json_type_string)
            ? builtin_rule_breaker(json_object_get_string(value), threshold)
            : -1;
  else if (json_object_is_type(value, json_type_int) ||
           json_object_is_type(value, json_type_double))
    status = builtin_rule_scale(stock->unit, json_object_get_double(value),
                                threshold);
  if (status != 0)
    return json_reader_expected(in, path, value,
                                builtin_rule_expected(stock->unit));
  draft->origin[level] = BY_SECTION;
  draft->given[level] = value;
  return 0;
}

/* ------------------------------------------------------- coming and going */

int rule_parser_init(struct rule_parser *draft, const char *name) {
  *draft =
      (struct rule_parser){.index = RULE_PARSER_NOT_IN_RULES, .enabled = true};
  draft->rule.clear = draft->rule.rank = draft->rule.limit =
      draft->rule.objective = NAN;
  for (int k = 0; k < ALERT_LEVELS; k++)
    draft->rule.threshold[k] = NAN;
  draft->rule.name = strdup(name);
  return draft->rule.name != NULL ? 0 : -1;
}

static int copy_inhibitors(struct rule *r, const struct builtin_rule *stock) {
  r->inhibited_by = calloc(BUILTIN_INHIBITORS, sizeof(*r->inhibited_by));
  for (size_t i = 0; r->inhibited_by != NULL && i < BUILTIN_INHIBITORS &&
                     stock->inhibited_by[i] != NULL;
       i++) {
    r->inhibited_by[i] = strdup(stock->inhibited_by[i]);
    if (r->inhibited_by[i] == NULL)
      return -1;
    r->inhibited_by_num++;
  }
  return r->inhibited_by != NULL ? 0 : -1;
}

int rule_parser_init_stock(struct rule_parser *draft,
                           const struct builtin_rule *stock) {
  struct rule *r = &draft->rule;
  char err[64];

  if (rule_parser_init(draft, stock->name) != 0)
    return -1;
  draft->stock = stock;
  draft->has_op = true;
  r->metric = pattern_create(stock->metric, err, sizeof(err));
  r->message = strdup(stock->message);
  r->resolved = strdup(stock->resolved);
  if (r->metric == NULL || r->message == NULL || r->resolved == NULL ||
      copy_inhibitors(r, stock) != 0)
    return -1;
  r->op = stock->op;
  r->function = stock->function;
  r->window = stock->window;
  r->hold_for = stock->hold_for;
  if (stock->level != ALERT_OK)
    r->threshold[stock->level] = stock->threshold;
  return 0;
}

void rule_parser_rule_clear(struct rule *r) {
  free(r->name);
  pattern_destroy(r->metric);
  free(r->ds);
  free(r->message);
  free(r->resolved);
  free(r->runbook);
  names_free(r->inhibited_by, r->inhibited_by_num);
}

void rule_parser_clear(struct rule_parser *draft) {
  rule_parser_rule_clear(&draft->rule);
}

/* ------------------------------------------------- what must fit together */

/* Path of a level's threshold; `up` is room for its parents. */
static struct json_path level_path(const struct rule_parser *draft, int level,
                                   struct json_path up[2]) {
  const char *name = alert_level_name((enum alert_level)level);

  up[0] = (struct json_path){NULL, "rules", 0};
  up[1] = (struct json_path){&up[0], NULL, draft->index};
  if (draft->origin[level] == BY_RULE)
    return (struct json_path){&up[1], name, 0};
  up[0].key = name;
  return (struct json_path){&up[0], draft->rule.name, 0};
}

/* As given where both are, for they have the same unit then. */
static const char *show_threshold(const struct rule_parser *draft, int level,
                                  bool as_given, char buf[JSON_READER_SHOWN]) {
  if (as_given)
    return json_reader_show(draft->given[level], buf);
  snprintf(buf, JSON_READER_SHOWN, "%.10g", draft->rule.threshold[level]);
  return buf;
}

static int check_order(struct json_reader *in, const struct rule_parser *draft,
                       int mild, int worse) {
  double gap = draft->rule.threshold[worse] - draft->rule.threshold[mild];
  int side = rule_op_side(draft->rule.op);
  bool as_given =
      draft->origin[mild] == BY_SECTION && draft->origin[worse] == BY_SECTION;
  bool blame_mild = draft->origin[worse] == BY_DEFAULT;
  int blamed = blame_mild ? mild : worse;
  int other = blame_mild ? worse : mild;
  struct json_path up[2];
  struct json_path path = level_path(draft, blamed, up);
  char shown[2][JSON_READER_SHOWN];

  if (isnan(gap) || gap * side >= 0)
    return 0;
  return json_reader_fail(in, &path,
                          "%s: expected at %s %s, the threshold of %s",
                          show_threshold(draft, blamed, as_given, shown[0]),
                          (side > 0) == blame_mild ? "most" : "least",
                          show_threshold(draft, other, as_given, shown[1]),
                          alert_level_name((enum alert_level)other));
}

static int check_clear(struct json_reader *in, const struct rule_parser *draft,
                       const struct json_path *rule_path) {
  const struct json_path path = {rule_path, "clear", 0};
  const struct rule *r = &draft->rule;
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

/* A key of a function that has another one now, or of the stock rule. */
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

static int check_function(struct json_reader *in, struct rule_parser *draft,
                          const struct json_path *path) {
  struct rule *r = &draft->rule;
  const struct needs *needs = &needs_of[r->function];
  const struct json_path no_data = {path, "no_data", 0};
  const struct json_path metric = {path, "metric", 0};

  if (draft->stock != NULL && draft->stock->function != r->function &&
      r->window <= draft->stock->window && r->window >= draft->stock->window)
    r->window = 0; /* what is left of the stock rule's */
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

/* "severity" stands for the threshold of a function that has its own. */
static int check_severity(struct json_reader *in, struct rule_parser *draft,
                          const struct json_path *rule_path) {
  const struct json_path path = {rule_path, "severity", 0};
  struct rule *r = &draft->rule;
  bool implicit = needs_of[r->function].implicit;

  if (draft->severity == ALERT_OK)
    return 0;
  if (!implicit || rule_mildest(r) != ALERT_OK)
    return json_reader_fail(
        in, &path,
        implicit ? "expected none beside thresholds"
                 : "expected thresholds instead: only \"absent\" "
                   "and \"anomaly\" have their own");
  r->threshold[draft->severity] =
      r->function == RULE_ABSENT ? r->window : ANOMALY_THRESHOLD;
  return 0;
}

static int check_op(struct json_reader *in, struct rule_parser *draft,
                    const struct json_path *path) {
  const struct needs *needs = &needs_of[draft->rule.function];

  if (!draft->has_op && !needs->has_op)
    return json_reader_fail(in, path, "expected an \"op\"");
  if (!draft->has_op)
    draft->rule.op = needs->op;
  return 0;
}

static int check_metric(struct json_reader *in, const struct rule_parser *draft,
                        const struct json_path *path) {
  struct closest_match names = {.wanted = draft->rule.name};

  if (draft->rule.metric != NULL)
    return 0;
  for (size_t i = 0; i < stock_rules_num; i++)
    closest_match_add(&names, stock_rules[i].name);
  if (names.closest == NULL)
    return json_reader_fail(in, path, "expected a \"metric\"");
  return json_reader_fail(
      in, path, "expected a \"metric\", or the name \"%s\"?", names.closest);
}

/* A rule of one's own, or one of the stock that is on, says when to alarm. */
static int check_levels(struct json_reader *in, const struct rule_parser *draft,
                        const struct json_path *path) {
  if (rule_mildest(&draft->rule) != ALERT_OK ||
      (draft->stock != NULL && !draft->enabled))
    return 0;
  return json_reader_fail(
      in, path,
      needs_of[draft->rule.function].implicit
          ? "expected a \"severity\""
          : "expected \"critical\", \"warning\" or \"info\"");
}

int rule_parser_check(struct json_reader *in, struct rule_parser *draft) {
  const struct json_path rules = {NULL, "rules", 0};
  const struct json_path path = {&rules, NULL, draft->index};

  if (draft->index != RULE_PARSER_NOT_IN_RULES &&
      (check_metric(in, draft, &path) != 0 || check_op(in, draft, &path) != 0 ||
       check_function(in, draft, &path) != 0 ||
       check_severity(in, draft, &path) != 0 ||
       check_levels(in, draft, &path) != 0 ||
       check_clear(in, draft, &path) != 0))
    return -1;
  for (int worse = ALERT_WARNING; worse < ALERT_LEVELS; worse++)
    for (int mild = worse - 1; mild > ALERT_OK; mild--)
      if (check_order(in, draft, mild, worse) != 0)
        return -1;
  return 0;
}

bool rule_parser_is_rule(const struct rule_parser *draft) {
  return draft->enabled && rule_mildest(&draft->rule) != ALERT_OK;
}

void rule_parser_take(struct rule_parser *draft, struct rule *rule) {
  struct rule *r = &draft->rule;

  if (draft->stock != NULL && draft->other_meaning) {
    free(r->resolved);
    r->resolved = NULL;
    if (!draft->has_message) {
      free(r->message);
      r->message = NULL;
    }
  }
  r->listed = pattern_type_begins(r->metric, "mcp_server_state");
  *rule = *r;
  *r = (struct rule){0};
}
