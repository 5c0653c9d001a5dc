/* SPDX-License-Identifier: MIT */
#include "rules/inhibition.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 100U /* of recursion */

struct inhibition_search {
  struct json_reader *in;
  struct rule_parser *rules;
  size_t num;
  struct rule_parser **by_name; /* sorted by name */
  unsigned char *seen;          /* 0: not visited, 1: being visited, 2: done */
};

static int compare(const void *a, const void *b) {
  const struct rule_parser *const *da = a;
  const struct rule_parser *const *db = b;

  return strcmp((*da)->rule.name, (*db)->rule.name);
}

static struct rule_parser *find(const struct inhibition_search *s, char *name) {
  const struct rule_parser key = {.rule = {.name = name}};
  const struct rule_parser *wanted = &key;
  struct rule_parser **found =
      bsearch(&wanted, s->by_name, s->num, sizeof(*s->by_name), compare);

  return found != NULL ? *found : NULL;
}

static int unknown(const struct inhibition_search *s,
                   const struct json_path *path, const char *name) {
  struct closest_match names = {.wanted = name};

  for (size_t i = 0; i < s->num; i++)
    closest_match_add(&names, s->rules[i].rule.name);
  if (names.closest != NULL)
    return json_reader_fail(s->in, path,
                            "\"%s\": expected the name of a rule, did you mean "
                            "\"%s\"?",
                            name, names.closest);
  return json_reader_fail(s->in, path, "\"%s\": expected the name of a rule",
                          name);
}

/* Reports that two rules inhibit each other. At least one is in the file. */
static int report_cycle(const struct inhibition_search *s,
                        const struct rule_parser *p,
                        const struct rule_parser *by) {
  bool blame_by = p->index == RULE_PARSER_NOT_IN_RULES;
  const struct json_path rules = {NULL, "rules", 0};
  const struct json_path rule = {&rules, NULL, blame_by ? by->index : p->index};
  const struct json_path list = {&rule, "inhibited_by", 0};

  return json_reader_fail(s->in, &list,
                          "expected rules that are not themselves inhibited by "
                          "\"%s\"",
                          blame_by ? by->rule.name : p->rule.name);
}

static int visit(struct inhibition_search *s, const struct rule_parser *p,
                 unsigned depth) {
  size_t at = (size_t)(p - s->rules);
  const struct json_path rules = {NULL, "rules", 0};
  const struct json_path rule = {&rules, NULL, p->index};
  const struct json_path list = {&rule, "inhibited_by", 0};

  s->seen[at] = 1;
  for (size_t i = 0; i < p->rule.inhibited_by_num; i++) {
    const struct json_path path = {&list, NULL, i};
    struct rule_parser *by = find(s, p->rule.inhibited_by[i]);
    if (by == NULL)
      return unknown(s, &path, p->rule.inhibited_by[i]);
    by->rule.inhibits = true;
    if (s->seen[by - s->rules] == 1)
      return report_cycle(s, p, by);
    if (s->seen[by - s->rules] != 0)
      continue;
    if (depth == DEPTH_MAX)
      return json_reader_fail(
          s->in, &path, "expected at most %u rules that inhibit one the other",
          DEPTH_MAX);
    if (visit(s, by, depth + 1) != 0)
      return -1;
  }
  s->seen[at] = 2;
  return 0;
}

int inhibition_check(struct json_reader *in, struct rule_parser *rules,
                     size_t num) {
  struct inhibition_search s = {.in = in, .rules = rules, .num = num};
  int status = 0;

  s.by_name = calloc(num, sizeof(*s.by_name));
  s.seen = calloc(num, 1);
  if (s.by_name == NULL || s.seen == NULL) {
    status = json_reader_out_of_memory(in);
  } else {
    for (size_t i = 0; i < num; i++)
      s.by_name[i] = &rules[i];
    qsort(s.by_name, num, sizeof(*s.by_name), compare);
    for (size_t i = 0; status == 0 && i < num; i++)
      if (s.seen[i] == 0)
        status = visit(&s, &rules[i], 1);
  }
  free(s.by_name);
  free(s.seen);
  return status;
}
