#include "alerts/ruleset.h"

#include "alerts/duration.h"
#include "alerts/jsonpos.h"
#include "alerts/pattern.h"
#include "alerts/stock.h"
#include "alerts/suggest.h"
#include "alerts/template.h"

#include <json-c/json.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOT_IN_RULES SIZE_MAX
#define WINDOW_LEAST 1.0
#define TEXT_MAX 1024U
#define SHOWN_MAX 64

enum origin { BY_DEFAULT, BY_SECTION, BY_RULE };

struct draft { /* of a rule */
  struct rule rule;
  const struct stock *stock; /* NULL: not known by name */
  size_t index;              /* in "rules" */
  bool enabled;
  bool has_op;
  bool has_message;
  bool other_meaning; /* the stock messages no longer fit */
  enum origin origin[ALERT_LEVELS];
  json_object *given[ALERT_LEVELS]; /* borrowed */
};

struct parser {
  const char *text;
  size_t len;
  char *err;
  size_t err_size;
  struct ruleset *set;
  bool has_notify_info;
  struct draft *drafts;
  size_t drafts_num;
};

/* Reads one value into the draft, or into the ruleset where there is none. */
typedef int (*read_fn)(struct parser *p, const struct jsonpath *path,
                       json_object *value, struct draft *draft);

struct known_key {
  const char *name;
  read_fn read; /* NULL: documented, but not supported yet */
};

/* --------------------------------------------------------------- errors */

__attribute__((format(printf, 3, 4))) static int
fail(struct parser *p, const struct jsonpath *path, const char *format, ...) {
  char where[JSONPATH_MAX];
  char what[640];
  va_list args;

  va_start(args, format);
  vsnprintf(what, sizeof(what), format, args);
  va_end(args);
  jsonpath_format(path, where);
  snprintf(p->err, p->err_size, "line %u: %s%s%s",
           jsonpos_line(p->text, p->len, path), where, *where ? ": " : "",
           what);
  return -1;
}

static int out_of_memory(struct parser *p) {
  snprintf(p->err, p->err_size, "out of memory");
  return -1;
}

/* The value as it stands, short enough for a message. */
static const char *show(json_object *value, char buf[SHOWN_MAX]) {
  size_t len = 0;
  size_t shown = SHOWN_MAX - 8;
  const char *text = NULL;

  if (json_object_is_type(value, json_type_object))
    return "{...}";
  if (json_object_is_type(value, json_type_array))
    return "[...]";
  text = json_object_to_json_string_ext(
      value, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
  len = strlen(text);
  if (len <= shown)
    shown = len;
  while (shown < len && ((unsigned char)text[shown] & 0xC0U) == 0x80U)
    shown--;
  snprintf(buf, SHOWN_MAX, "%.*s%s", (int)shown, text,
           shown < len ? "..." : "");
  return buf;
}

static int expected(struct parser *p, const struct jsonpath *path,
                    json_object *value, const char *what) {
  char shown[SHOWN_MAX];

  return fail(p, path, "%s: expected %s", show(value, shown), what);
}

static int unknown_key(struct parser *p, const struct jsonpath *path,
                       const struct suggest *s) {
  if (s->closest != NULL)
    return fail(p, path, "unknown key, did you mean \"%s\"? Known are %s",
                s->closest, s->list);
  return fail(p, path, "unknown key; known are %s", s->list);
}

/* --------------------------------------------------------- simple values */

static int read_number(struct parser *p, const struct jsonpath *path,
                       json_object *value, double *number) {
  bool is_int = json_object_is_type(value, json_type_int);
  double d = json_object_get_double(value);

  /* json-c cuts integers that do not fit */
  if (!(is_int || json_object_is_type(value, json_type_double)) ||
      !isfinite(d) || (is_int && fabs(d) >= 9e18))
    return expected(p, path, value, "a number");
  *number = d;
  return 0;
}

static int read_bool(struct parser *p, const struct jsonpath *path,
                     json_object *value, bool *flag) {
  if (!json_object_is_type(value, json_type_boolean))
    return expected(p, path, value, "true or false");
  *flag = json_object_get_boolean(value);
  return 0;
}

/* NULL with an error; borrowed from the value. */
static const char *read_text(struct parser *p, const struct jsonpath *path,
                             json_object *value, size_t max) {
  const char *text = json_object_get_string(value);
  size_t len = 0;

  if (!json_object_is_type(value, json_type_string)) {
    expected(p, path, value, "a text in quotes");
    return NULL;
  }
  while (text[len] != '\0' && (unsigned char)text[len] >= ' ' &&
         text[len] != 0x7F)
    len++;
  if (len == 0 || len > max ||
      len != (size_t)json_object_get_string_len(value)) {
    char what[80];
    snprintf(what, sizeof(what),
             "a text of 1 to %zu bytes without control characters", max);
    expected(p, path, value, what);
    return NULL;
  }
  return text;
}

static int set_text(struct parser *p, const struct jsonpath *path,
                    json_object *value, size_t max, char **target) {
  const char *text = read_text(p, path, value, max);
  char *copy = NULL;

  if (text == NULL)
    return -1;
  copy = strdup(text);
  if (copy == NULL)
    return out_of_memory(p);
  free(*target);
  *target = copy;
  return 0;
}

static int read_duration(struct parser *p, const struct jsonpath *path,
                         json_object *value, double *seconds) {
  if (!json_object_is_type(value, json_type_string) ||
      duration_parse(json_object_get_string(value), seconds) != 0)
    return expected(p, path, value, DURATION_EXPECTED);
  return 0;
}

/* ------------------------------------------------------ keys of one rule */

static enum alert_level level_of_key(const char *key) {
  for (int k = ALERT_INFO; k < ALERT_LEVELS; k++)
    if (strcmp(alert_level_name((enum alert_level)k), key) == 0)
      return (enum alert_level)k;
  return ALERT_OK;
}

static int read_name(struct parser *p, const struct jsonpath *path,
                     json_object *value, struct draft *draft) {
  (void)p, (void)path, (void)value, (void)draft;
  return 0; /* find_draft() did */
}

static int read_metric(struct parser *p, const struct jsonpath *path,
                       json_object *value, struct draft *draft) {
  const char *text = read_text(p, path, value, PATTERN_MAX);
  struct pattern *metric = NULL;
  char err[256];

  if (text == NULL)
    return -1;
  metric = pattern_create(text, err, sizeof(err));
  if (metric == NULL) {
    char shown[SHOWN_MAX];
    return fail(p, path, "%s: %s", show(value, shown), err);
  }
  pattern_destroy(draft->rule.metric);
  draft->rule.metric = metric;
  draft->other_meaning = true;
  return 0;
}

static int read_ds(struct parser *p, const struct jsonpath *path,
                   json_object *value, struct draft *draft) {
  return set_text(p, path, value, RULESET_MAX_NAME, &draft->rule.ds);
}

static int read_op(struct parser *p, const struct jsonpath *path,
                   json_object *value, struct draft *draft) {
  for (int op = RULE_GT; op <= RULE_NE; op++)
    if (json_object_is_type(value, json_type_string) &&
        strcmp(json_object_get_string(value),
               rule_op_symbol((enum rule_op)op)) == 0) {
      draft->rule.op = (enum rule_op)op;
      draft->has_op = true;
      draft->other_meaning = true;
      return 0;
    }
  return expected(p, path, value,
                  "\">\", \">=\", \"<\", \"<=\", \"==\" or \"!=\"");
}

static int read_level(struct parser *p, const struct jsonpath *path,
                      json_object *value, struct draft *draft) {
  enum alert_level level = level_of_key(path->key);

  draft->origin[level] = BY_RULE;
  draft->given[level] = value;
  draft->rule.threshold[level] = NAN;
  if (value == NULL)
    return 0;
  return read_number(p, path, value, &draft->rule.threshold[level]);
}

static int read_clear(struct parser *p, const struct jsonpath *path,
                      json_object *value, struct draft *draft) {
  return read_number(p, path, value, &draft->rule.clear);
}

static int read_for(struct parser *p, const struct jsonpath *path,
                    json_object *value, struct draft *draft) {
  return read_duration(p, path, value, &draft->rule.hold_for);
}

static int read_clear_for(struct parser *p, const struct jsonpath *path,
                          json_object *value, struct draft *draft) {
  return read_duration(p, path, value, &draft->rule.clear_for);
}

static int read_function(struct parser *p, const struct jsonpath *path,
                         json_object *value, struct draft *draft) {
  static const char *const later[] = {
      "avg",   "min",  "max",     "rate",      "percentile", "count_over",
      "flaps", "leak", "anomaly", "burn_rate", "absent"};
  const char *text = json_object_is_type(value, json_type_string)
                         ? json_object_get_string(value)
                         : "";

  for (size_t i = 0; i < sizeof(later) / sizeof(*later); i++)
    if (strcmp(text, later[i]) == 0)
      return fail(p, path,
                  "\"%s\": not supported by this version; supported: value, "
                  "delta",
                  text);
  if (strcmp(text, "value") != 0 && strcmp(text, "delta") != 0)
    return expected(p, path, value, "\"value\" or \"delta\"");
  draft->rule.function = *text == 'd' ? RULE_DELTA : RULE_VALUE;
  draft->other_meaning = true;
  return 0;
}

static int read_window(struct parser *p, const struct jsonpath *path,
                       json_object *value, struct draft *draft) {
  if (read_duration(p, path, value, &draft->rule.window) != 0)
    return -1;
  if (draft->rule.window < WINDOW_LEAST)
    return expected(p, path, value, "at least \"1s\"");
  draft->other_meaning = true;
  return 0;
}

static int read_message(struct parser *p, const struct jsonpath *path,
                        json_object *value, struct draft *draft) {
  const char *text = read_text(p, path, value, TEXT_MAX);
  char err[384];

  if (text == NULL)
    return -1;
  if (template_check(text, err, sizeof(err)) != 0)
    return fail(p, path, "%s", err);
  draft->has_message = true;
  return set_text(p, path, value, TEXT_MAX, &draft->rule.message);
}

static int read_runbook(struct parser *p, const struct jsonpath *path,
                        json_object *value, struct draft *draft) {
  return set_text(p, path, value, RULESET_MAX_URL, &draft->rule.runbook);
}

static int read_enabled(struct parser *p, const struct jsonpath *path,
                        json_object *value, struct draft *draft) {
  return read_bool(p, path, value, &draft->enabled);
}

static int read_no_data(struct parser *p, const struct jsonpath *path,
                        json_object *value, struct draft *draft) {
  const char *text = json_object_get_string(value);

  (void)draft;
  if (json_object_is_type(value, json_type_string) && strcmp(text, "hold") == 0)
    return 0; /* what is done anyway */
  return expected(p, path, value, "\"hold\", all that this version supports");
}

static const struct known_key rule_keys[] = {
    {"name", read_name},
    {"metric", read_metric},
    {"ds", read_ds},
    {"op", read_op},
    {"warning", read_level},
    {"critical", read_level},
    {"info", read_level},
    {"clear", read_clear},
    {"for", read_for},
    {"clear_for", read_clear_for},
    {"function", read_function},
    {"window", read_window},
    {"message", read_message},
    {"runbook", read_runbook},
    {"enabled", read_enabled},
    {"no_data", read_no_data},
    {"no_data_for", NULL},
    {"inhibited_by", NULL},
    {"severity", NULL},
    {"rank", NULL},
    {"limit", NULL},
    {"objective", NULL},
    {NULL, NULL},
};

/* -------------------------------------------------------------- objects */

static int read_member(struct parser *p, const struct jsonpath *path,
                       json_object *value, const struct known_key *keys,
                       struct draft *draft) {
  struct suggest names = {.wanted = path->key};

  for (; keys->name != NULL; keys++) {
    if (strcmp(keys->name, path->key) == 0)
      return keys->read != NULL
                 ? keys->read(p, path, value, draft)
                 : fail(p, path, "not supported by this version");
    if (keys->read != NULL)
      suggest_add(&names, keys->name);
  }
  return unknown_key(p, path, &names);
}

/* Every member of the object by the table of keys. */
static int read_members(struct parser *p, const struct jsonpath *path,
                        json_object *object, const struct known_key *keys,
                        struct draft *draft) {
  json_object_iter it;

  if (!json_object_is_type(object, json_type_object))
    return expected(p, path, object, "an object {...}");
  json_object_object_foreachC(object, it) {
    const struct jsonpath member = {path, it.key, 0};
    if (read_member(p, &member, it.val, keys, draft) != 0)
      return -1;
  }
  return 0;
}

/* ---------------------------------------------------------------- drafts */

static void rule_clear_strings(struct rule *r) {
  free(r->name);
  pattern_destroy(r->metric);
  free(r->ds);
  free(r->message);
  free(r->resolved);
  free(r->runbook);
}

static struct draft *draft_find(struct parser *p, const char *name) {
  for (size_t i = 0; i < p->drafts_num; i++)
    if (strcmp(p->drafts[i].rule.name, name) == 0)
      return &p->drafts[i];
  return NULL;
}

static struct draft *draft_add(struct parser *p, const char *name) {
  struct draft *draft = &p->drafts[p->drafts_num];

  *draft = (struct draft){.index = NOT_IN_RULES, .enabled = true};
  draft->rule.clear = NAN;
  for (int k = 0; k < ALERT_LEVELS; k++)
    draft->rule.threshold[k] = NAN;
  draft->rule.name = strdup(name);
  if (draft->rule.name == NULL)
    return NULL;
  p->drafts_num++;
  return draft;
}

static int draft_add_stock(struct parser *p, const struct stock *stock) {
  struct draft *draft = draft_add(p, stock->name);
  struct rule *r = NULL;
  char err[64];

  if (draft == NULL)
    return out_of_memory(p);
  r = &draft->rule;
  draft->stock = stock;
  draft->has_op = true;
  r->metric = pattern_create(stock->metric, err, sizeof(err));
  r->message = strdup(stock->message);
  r->resolved = strdup(stock->resolved);
  if (r->metric == NULL || r->message == NULL || r->resolved == NULL)
    return out_of_memory(p);
  r->op = stock->op;
  r->function = stock->function;
  r->window = stock->window;
  r->hold_for = stock->hold_for;
  if (stock->level != ALERT_OK)
    r->threshold[stock->level] = stock->threshold;
  return 0;
}

static int drafts_begin(struct parser *p, json_object *rules) {
  size_t own = rules != NULL ? json_object_array_length(rules) : 0;

  p->drafts = calloc(stock_rules_num + own, sizeof(*p->drafts));
  if (p->drafts == NULL)
    return out_of_memory(p);
  for (size_t i = 0; i < stock_rules_num; i++)
    if (draft_add_stock(p, &stock_rules[i]) != 0)
      return -1;
  return 0;
}

static void drafts_destroy(struct parser *p) {
  for (size_t i = 0; i < p->drafts_num; i++)
    rule_clear_strings(&p->drafts[i].rule);
  free(p->drafts);
}

/* -------------------------------------- "critical", "warning" and "info" */

static int unknown_threshold(struct parser *p, const struct jsonpath *path) {
  struct suggest names = {.wanted = path->key};

  for (size_t i = 0; i < stock_rules_num; i++)
    if (stock_rules[i].unit != STOCK_SERIES)
      suggest_add(&names, stock_rules[i].name);
  return unknown_key(p, path, &names);
}

static int read_threshold(struct parser *p, const struct jsonpath *path,
                          json_object *value) {
  const struct stock *stock = stock_find(path->key);
  enum alert_level level = level_of_key(path->up->key);
  struct draft *draft = NULL;
  double *threshold = NULL;
  int status = 0;

  if (stock == NULL || stock->unit == STOCK_SERIES)
    return unknown_threshold(p, path);
  draft = &p->drafts[stock - stock_rules];
  threshold = &draft->rule.threshold[level];
  if (stock->unit == STOCK_BREAKER)
    status = json_object_is_type(value, json_type_string)
                 ? stock_breaker(json_object_get_string(value), threshold)
                 : -1;
  else if (json_object_is_type(value, json_type_int) ||
           json_object_is_type(value, json_type_double))
    status = stock_scale(stock->unit, json_object_get_double(value), threshold);
  else
    status = -1;
  if (status != 0)
    return expected(p, path, value, stock_expected(stock->unit));
  draft->origin[level] = BY_SECTION;
  draft->given[level] = value;
  return 0;
}

static int read_section(struct parser *p, const struct jsonpath *path,
                        json_object *section, struct draft *unused) {
  json_object_iter it;

  (void)unused;
  if (!json_object_is_type(section, json_type_object))
    return expected(p, path, section, "an object {...} of named thresholds");
  json_object_object_foreachC(section, it) {
    const struct jsonpath member = {path, it.key, 0};
    if (read_threshold(p, &member, it.val) != 0)
      return -1;
  }
  return 0;
}

/* --------------------------------------------------------------- "rules" */

/* The draft that the rule is about: a known one, or a new one. */
static struct draft *find_draft(struct parser *p, const struct jsonpath *path,
                                json_object *object, size_t index) {
  const struct jsonpath name_path = {path, "name", 0};
  json_object *name = NULL;
  const char *text = NULL;
  struct draft *draft = NULL;

  if (!json_object_is_type(object, json_type_object)) {
    expected(p, path, object, "an object {...}");
    return NULL;
  }
  if (!json_object_object_get_ex(object, "name", &name)) {
    fail(p, path, "expected a \"name\"");
    return NULL;
  }
  text = read_text(p, &name_path, name, RULESET_MAX_NAME);
  if (text == NULL)
    return NULL;
  draft = draft_find(p, text);
  if (draft != NULL && draft->index != NOT_IN_RULES) {
    fail(p, &name_path, "\"%s\": given twice, first as rules[%zu]", text,
         draft->index);
    return NULL;
  }
  if (draft == NULL)
    draft = draft_add(p, text);
  if (draft == NULL)
    out_of_memory(p);
  else
    draft->index = index;
  return draft;
}

static int read_rules(struct parser *p, const struct jsonpath *path,
                      json_object *rules, struct draft *unused) {
  size_t num = json_object_array_length(rules);

  (void)unused;
  for (size_t i = 0; i < num; i++) {
    const struct jsonpath element = {path, NULL, i};
    json_object *object = json_object_array_get_idx(rules, i);
    struct draft *draft = find_draft(p, &element, object, i);
    if (draft == NULL ||
        read_members(p, &element, object, rule_keys, draft) != 0)
      return -1;
  }
  return 0;
}

static int check_rules(struct parser *p, json_object *rules) {
  const struct jsonpath path = {NULL, "rules", 0};

  if (!json_object_is_type(rules, json_type_array))
    return expected(p, &path, rules, "a list [...] of rules");
  if (json_object_array_length(rules) > RULESET_MAX_RULES)
    return fail(p, &path, "expected at most %u rules", RULESET_MAX_RULES);
  return 0;
}

/* ----------------------------------------------- "settings", "silences" */

static int read_notify_info(struct parser *p, const struct jsonpath *path,
                            json_object *value, struct draft *unused) {
  (void)unused;
  if (p->has_notify_info)
    return fail(p, path, "given twice, at the top and under settings");
  p->has_notify_info = true;
  return read_bool(p, path, value, &p->set->notify_info);
}

static int read_repeat(struct parser *p, const struct jsonpath *path,
                       json_object *value, struct draft *unused) {
  (void)unused;
  return read_duration(p, path, value, &p->set->repeat);
}

static int read_group_wait(struct parser *p, const struct jsonpath *path,
                           json_object *value, struct draft *unused) {
  (void)unused;
  return read_duration(p, path, value, &p->set->group_wait);
}

static int read_settings(struct parser *p, const struct jsonpath *path,
                         json_object *value, struct draft *unused) {
  static const struct known_key keys[] = {{"repeat", read_repeat},
                                          {"group_wait", read_group_wait},
                                          {"notify_info", read_notify_info},
                                          {NULL, NULL}};

  return read_members(p, path, value, keys, unused);
}

static int read_silences(struct parser *p, const struct jsonpath *path,
                         json_object *value, struct draft *unused) {
  (void)unused;
  if (!json_object_is_type(value, json_type_array) ||
      json_object_array_length(value) > 0)
    return expected(p, path, value,
                    "an empty list: silences are not supported by this "
                    "version");
  return 0;
}

/* ------------------------------------------------- what must fit together */

/* Path of a level's threshold; `up` is room for its parents. */
static struct jsonpath level_path(const struct draft *draft, int level,
                                  struct jsonpath up[2]) {
  const char *name = alert_level_name((enum alert_level)level);

  up[0] = (struct jsonpath){NULL, "rules", 0};
  up[1] = (struct jsonpath){&up[0], NULL, draft->index};
  if (draft->origin[level] == BY_RULE)
    return (struct jsonpath){&up[1], name, 0};
  up[0].key = name;
  return (struct jsonpath){&up[0], draft->rule.name, 0};
}

/* As given where both are, for they have the same unit then. */
static const char *show_threshold(const struct draft *draft, int level,
                                  bool as_given, char buf[SHOWN_MAX]) {
  if (as_given)
    return show(draft->given[level], buf);
  snprintf(buf, SHOWN_MAX, "%.10g", draft->rule.threshold[level]);
  return buf;
}

static int check_order(struct parser *p, const struct draft *draft, int mild,
                       int worse) {
  double gap = draft->rule.threshold[worse] - draft->rule.threshold[mild];
  int side = rule_op_side(draft->rule.op);
  bool as_given =
      draft->origin[mild] == BY_SECTION && draft->origin[worse] == BY_SECTION;
  bool blame_mild = draft->origin[worse] == BY_DEFAULT;
  int blamed = blame_mild ? mild : worse;
  int other = blame_mild ? worse : mild;
  struct jsonpath up[2];
  struct jsonpath path = level_path(draft, blamed, up);
  char shown[2][SHOWN_MAX];

  if (isnan(gap) || gap * side >= 0)
    return 0;
  return fail(p, &path, "%s: expected at %s %s, the threshold of %s",
              show_threshold(draft, blamed, as_given, shown[0]),
              (side > 0) == blame_mild ? "most" : "least",
              show_threshold(draft, other, as_given, shown[1]),
              alert_level_name((enum alert_level)other));
}

static int check_clear(struct parser *p, const struct draft *draft,
                       const struct jsonpath *rule_path) {
  const struct jsonpath path = {rule_path, "clear", 0};
  const struct rule *r = &draft->rule;
  double threshold = r->threshold[rule_mildest(r)];
  int side = rule_op_side(r->op);

  if (isnan(r->clear))
    return 0;
  if (side == 0)
    return fail(p, &path, "expected none with \"%s\"", rule_op_symbol(r->op));
  if ((threshold - r->clear) * side < 0)
    return fail(p, &path, "%.10g: expected at %s %.10g, the threshold of %s",
                r->clear, side > 0 ? "most" : "least", threshold,
                alert_level_name(rule_mildest(r)));
  return 0;
}

static int check_window(struct parser *p, struct draft *draft,
                        const struct jsonpath *rule_path) {
  const struct jsonpath path = {rule_path, "window", 0};
  struct rule *r = &draft->rule;

  if (r->function == RULE_VALUE && draft->stock != NULL &&
      draft->stock->function != RULE_VALUE)
    r->window = 0; /* what is left of the stock rule's */
  if (r->function == RULE_VALUE && r->window > 0)
    return fail(p, &path, "expected none with the function \"value\"");
  if (r->function != RULE_VALUE && !(r->window > 0))
    return fail(p, rule_path, "expected a \"window\" for the function");
  return 0;
}

/* What a new rule must have. */
static int check_complete(struct parser *p, const struct draft *draft,
                          const struct jsonpath *path) {
  struct suggest names = {.wanted = draft->rule.name};

  if (draft->rule.metric == NULL) {
    for (size_t i = 0; i < stock_rules_num; i++)
      suggest_add(&names, stock_rules[i].name);
    if (names.closest == NULL)
      return fail(p, path, "expected a \"metric\"");
    return fail(p, path, "expected a \"metric\", or the name \"%s\"?",
                names.closest);
  }
  if (!draft->has_op)
    return fail(p, path, "expected an \"op\"");
  if (rule_mildest(&draft->rule) == ALERT_OK &&
      (draft->enabled || draft->stock == NULL))
    return fail(p, path, "expected \"critical\", \"warning\" or \"info\"");
  return 0;
}

static int draft_check(struct parser *p, struct draft *draft) {
  const struct jsonpath rules = {NULL, "rules", 0};
  const struct jsonpath path = {&rules, NULL, draft->index};

  if (draft->index != NOT_IN_RULES &&
      (check_complete(p, draft, &path) != 0 ||
       check_window(p, draft, &path) != 0 || check_clear(p, draft, &path) != 0))
    return -1;
  for (int worse = ALERT_WARNING; worse < ALERT_LEVELS; worse++)
    for (int mild = worse - 1; mild > ALERT_OK; mild--)
      if (check_order(p, draft, mild, worse) != 0)
        return -1;
  return 0;
}

/* Moves the rule into the set. */
static void draft_finish(struct parser *p, struct draft *draft) {
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
  p->set->rules[p->set->rules_num++] = *r;
  *r = (struct rule){0};
}

static int drafts_finish(struct parser *p) {
  p->set->rules = calloc(p->drafts_num, sizeof(*p->set->rules));
  if (p->set->rules == NULL)
    return out_of_memory(p);
  for (size_t i = 0; i < p->drafts_num; i++)
    if (draft_check(p, &p->drafts[i]) != 0)
      return -1;
  for (size_t i = 0; i < p->drafts_num; i++)
    if (p->drafts[i].enabled && rule_mildest(&p->drafts[i].rule) != ALERT_OK)
      draft_finish(p, &p->drafts[i]);
  return 0;
}

/* ------------------------------------------------------------------ text */

static int not_json(struct parser *p, size_t offset, const char *what) {
  char found[16] = "";

  if (offset < p->len && p->text[offset] > ' ' && p->text[offset] < 0x7F)
    snprintf(found, sizeof(found), ", found %c", p->text[offset]);
  snprintf(p->err, p->err_size, "line %u: not JSON: %s%s",
           jsonpos_line_at(p->text, p->len, offset), what, found);
  return -1;
}

/* What json-c gets wrong: it stops at a byte of zero, and wants more of "12".
 */
static int check_bytes(struct parser *p) {
  const char *zero = memchr(p->text, '\0', p->len);
  size_t i = 0;

  while (i < p->len && (p->text[i] == ' ' || p->text[i] == '\t' ||
                        p->text[i] == '\n' || p->text[i] == '\r'))
    i++;
  if (i == p->len || p->text[i] != '{')
    return not_json(p, i, "expected an object {...}");
  if (zero != NULL)
    return not_json(p, (size_t)(zero - p->text), "a byte of zero");
  return 0;
}

static json_object *parse_json(struct parser *p) {
  json_tokener *tok = json_tokener_new();
  json_object *root = NULL;
  enum json_tokener_error error = json_tokener_success;

  if (tok == NULL) {
    out_of_memory(p);
    return NULL;
  }
  json_tokener_set_flags(tok, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
  root = json_tokener_parse_ex(tok, p->text, (int)p->len);
  error = json_tokener_get_error(tok);
  if (error == json_tokener_continue)
    not_json(p, p->len, "the text ends too early");
  else if (error != json_tokener_success)
    not_json(p, json_tokener_get_parse_end(tok),
             json_tokener_error_desc(error));
  json_tokener_free(tok);
  if (error == json_tokener_success)
    return root;
  json_object_put(root);
  return NULL;
}

static int check_top(struct parser *p, json_object *root,
                     const struct known_key *keys) {
  json_object_iter it;

  json_object_object_foreachC(root, it) {
    const struct jsonpath path = {NULL, it.key, 0};
    struct suggest names = {.wanted = it.key};
    const struct known_key *k = keys;
    for (; k->name != NULL && strcmp(k->name, it.key) != 0; k++)
      suggest_add(&names, k->name);
    if (k->name == NULL)
      return unknown_key(p, &path, &names);
  }
  return 0;
}

/* In the order of the table: what "rules" say comes last. */
static int read_root(struct parser *p, json_object *root) {
  static const struct known_key keys[] = {{"critical", read_section},
                                          {"warning", read_section},
                                          {"info", read_section},
                                          {"settings", read_settings},
                                          {"notify_info", read_notify_info},
                                          {"silences", read_silences},
                                          {"rules", read_rules},
                                          {NULL, NULL}};
  json_object *rules = NULL;
  json_object *value = NULL;

  if (check_top(p, root, keys) != 0)
    return -1;
  if (json_object_object_get_ex(root, "rules", &rules) &&
      check_rules(p, rules) != 0)
    return -1;
  if (drafts_begin(p, rules) != 0)
    return -1;
  for (const struct known_key *k = keys; k->name != NULL; k++) {
    const struct jsonpath path = {NULL, k->name, 0};
    if (json_object_object_get_ex(root, k->name, &value) &&
        k->read(p, &path, value, NULL) != 0)
      return -1;
  }
  return drafts_finish(p);
}

struct ruleset *ruleset_parse(const char *text, size_t len, char *err,
                              size_t err_size) {
  struct parser p = {
      .text = text, .len = len, .err = err, .err_size = err_size};
  json_object *root = NULL;
  int status = -1;

  if (len > RULESET_MAX_BYTES) {
    snprintf(err, err_size, "%zu bytes: expected at most %u", len,
             RULESET_MAX_BYTES);
    return NULL;
  }
  if (check_bytes(&p) != 0 || (root = parse_json(&p)) == NULL)
    return NULL;
  p.set = calloc(1, sizeof(*p.set));
  if (p.set == NULL)
    out_of_memory(&p);
  else if (jsonpos_check_keys(text, len, err, err_size) == 0)
    status = read_root(&p, root);
  drafts_destroy(&p);
  json_object_put(root);
  if (status != 0) {
    ruleset_destroy(p.set);
    return NULL;
  }
  return p.set;
}

void ruleset_destroy(struct ruleset *set) {
  if (set == NULL)
    return;
  for (size_t i = 0; i < set->rules_num; i++)
    rule_clear_strings(&set->rules[i]);
  free(set->rules);
  free(set);
}
