/* SPDX-License-Identifier: MIT */
#include "rules/expression.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define NEST_MAX 32
#define COPIES_MAX 500UL

struct atom {
  unsigned long cost; /* pieces that regcomp() makes of it */
  bool may_be_empty;
};

struct group {
  unsigned long cost;
  bool is_empty;     /* the branch so far may match nothing */
  bool may_be_empty; /* a branch before it */
};

struct scan {
  const char *at;
  unsigned long most; /* pieces, all in all */
};

struct repetition {
  unsigned long copies; /* that regcomp() makes; 0: there is no repetition */
  bool least_is_none;   /* as with "*" */
};

/* A bound, capped. */
static unsigned long read_bound(struct scan *s) {
  unsigned long n = 0;
  for (; *s->at >= '0' && *s->at <= '9'; s->at++)
    if (n <= COPIES_MAX)
      n = n * 10 + (unsigned long)(*s->at - '0');
  return n;
}

/* "{2}", "{2,}", "{,3}", "{2,3}" */
static struct repetition read_bounds(struct scan *s) {
  s->at++;
  unsigned long least = read_bound(s);
  unsigned long most = 0;
  if (*s->at == ',') {
    s->at++;
    most = read_bound(s);
  }
  if (*s->at == '}')
    s->at++;
  return (struct repetition){(least > most ? least : most) + 1, least == 0};
}

static struct repetition read_repetition(struct scan *s) {
  switch (*s->at) {
  case '*':
  case '?':
    s->at++;
    return (struct repetition){1, true};
  case '+':
    s->at++;
    return (struct repetition){2, false};
  case '{':
    return read_bounds(s);
  default:
    return (struct repetition){0};
  }
}

/* Skips the repetitions behind an atom. NULL, or why not. */
static const char *repeat(struct scan *s, struct atom *atom) {
  for (struct repetition r = read_repetition(s); r.copies > 0;
       r = read_repetition(s)) {
    if (atom->may_be_empty)
      return "a repetition of what may be empty";
    atom->cost *= r.copies;
    if (atom->cost > s->most)
      return "repetitions too large";
    atom->may_be_empty = r.least_is_none;
  }
  return NULL;
}

static const char *skip_bracket(const char *p) {
  p++;
  if (*p == '^')
    p++;
  if (*p == ']')
    p++;
  while (*p != ']' && *p != '\0') {
    if (p[0] == '[' && p[1] != '\0' && strchr(".:=", p[1]) != NULL) {
      const char close[] = {p[1], ']', '\0'};
      const char *end = strstr(p + 2, close);
      p = end != NULL ? end + 1 : p + 1;
    }
    p++;
  }
  return *p == ']' ? p + 1 : p;
}

/* A character, set or place, which is skipped. */
static struct atom read_atom(struct scan *s) {
  bool is_place = *s->at == '^' || *s->at == '$';
  bool is_escape = s->at[0] == '\\' && s->at[1] != '\0';
  s->at = *s->at == '[' ? skip_bracket(s->at) : s->at + (is_escape ? 2 : 1);
  return (struct atom){.cost = 1, .may_be_empty = is_place};
}

static struct atom atom_of(const struct group *group) {
  return (struct atom){1 + group->cost, group->may_be_empty || group->is_empty};
}

static void end_branch(struct group *group) {
  group->may_be_empty = group->may_be_empty || group->is_empty;
  group->is_empty = true;
  group->cost++;
}

static const char *add(struct scan *s, struct group *group, struct atom atom) {
  const char *problem = repeat(s, &atom);
  group->cost += atom.cost;
  group->is_empty = group->is_empty && atom.may_be_empty;
  return problem == NULL && group->cost > s->most ? "repetitions too large"
                                                  : problem;
}

/* NULL, or why not. Those of places in words combine without bounds; any other
 * letter would be itself, which nobody means by "\d". */
static const char *escape_problem(const char *at) {
  if (*at != '\\' || at[1] == '\0')
    return NULL;
  if (at[1] >= '1' && at[1] <= '9')
    return "back-references are not supported";
  bool is_special =
      isalnum((unsigned char)at[1]) || strchr("<>`'", at[1]) != NULL;
  return is_special && strchr("wWsS", at[1]) == NULL
             ? "of the escapes of letters only \\w, \\W, \\s and \\S are "
               "supported"
             : NULL;
}

/* NULL, or why regcomp() must not see this. Mistakes in the syntax are left to
 * it. */
static const char *problem_of(const char *text) {
  struct scan s = {text, strlen(text) + COPIES_MAX};
  struct group groups[NEST_MAX + 1] = {{.is_empty = true}};
  struct group *group = groups;
  const char *problem = NULL;
  while (*s.at != '\0' && problem == NULL) {
    if (*s.at == '(') {
      if (group++ == groups + NEST_MAX)
        return "groups nested too deeply";
      *group = (struct group){.is_empty = true};
      s.at++;
    } else if (*s.at == '|') {
      end_branch(group);
      s.at++;
    } else if (*s.at == ')' && group > groups) {
      s.at++;
      group--;
      problem = add(&s, group, atom_of(group + 1));
    } else {
      problem = escape_problem(s.at);
      if (problem == NULL)
        problem = add(&s, group, read_atom(&s));
    }
  }
  return problem;
}

int expression_compile(regex_t *regex, const char *text, char *err,
                       size_t err_size) {
  const char *problem = *text == '\0' ? "it is empty" : problem_of(text);
  char words[128];
  if (problem == NULL) {
    int code = regcomp(regex, text, REG_EXTENDED | REG_NOSUB);
    if (code == 0)
      return 0;
    regerror(code, regex, words, sizeof(words));
    problem = words;
  }
  snprintf(err, err_size, "expected a regular expression: %s", problem);
  return -1;
}
