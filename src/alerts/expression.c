#include "alerts/expression.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define NEST_MAX 32
#define COST_MAX 1000UL

static const char too_large[] = "repetitions too large";

struct atom {
  unsigned long cost; /* pieces that regcomp() makes of it */
  bool may_be_empty;
};

struct group {
  unsigned long cost;
  bool is_empty;     /* the branch so far may match nothing */
  bool may_be_empty; /* a branch before it */
};

struct repetition {
  char sign;            /* "*", "?", "+", "{"; 0: there is none */
  bool least_is_none;   /* as with "*" */
  unsigned long copies; /* that regcomp() makes */
};

/* A bound at *p, capped. */
static unsigned long read_bound(const char **p) {
  unsigned long n = 0;
  for (; **p >= '0' && **p <= '9'; (*p)++)
    if (n <= COST_MAX)
      n = n * 10 + (unsigned long)(**p - '0');
  return n;
}

/* "{2}", "{2,}", "{,3}", "{2,3}" */
static struct repetition read_bounds(const char **p) {
  (*p)++;
  unsigned long least = read_bound(p);
  unsigned long most = 0;
  if (**p == ',') {
    (*p)++;
    most = read_bound(p);
  }
  if (**p == '}')
    (*p)++;
  return (struct repetition){'{', least == 0,
                             (least > most ? least : most) + 1};
}

/* The one at *p, which is skipped. */
static struct repetition read_repetition(const char **p) {
  char sign = **p;
  switch (sign) {
  case '*':
  case '?':
    (*p)++;
    return (struct repetition){sign, true, 1};
  case '+':
    (*p)++;
    return (struct repetition){sign, false, 2};
  case '{':
    return read_bounds(p);
  default:
    return (struct repetition){0};
  }
}

/* The repetitions at *p, which are skipped. NULL, or why not. One of what may
 * be empty doubles the time of regcomp(). */
static const char *repeat(struct atom *atom, const char **p) {
  for (struct repetition r = read_repetition(p); r.sign != 0;
       r = read_repetition(p)) {
    if (r.sign == '{' && atom->may_be_empty)
      return "a bound behind what may be empty";
    atom->cost *= atom->may_be_empty ? 2 * r.copies : r.copies;
    if (atom->cost > COST_MAX)
      return too_large;
    atom->may_be_empty = atom->may_be_empty || r.least_is_none;
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

/* The character, place or set at *p, which is skipped. */
static struct atom read_atom(const char **p) {
  bool escaped = **p == '\\' && (*p)[1] != '\0';
  bool is_place = strchr(escaped ? "bB<>`'" : "^$", (*p)[escaped]) != NULL;
  *p = **p == '[' ? skip_bracket(*p) : *p + (escaped ? 2 : 1);
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

static const char *add(struct group *group, struct atom atom, const char **p) {
  const char *problem = repeat(&atom, p);
  group->cost += atom.cost;
  group->is_empty = group->is_empty && atom.may_be_empty;
  return problem == NULL && group->cost > COST_MAX ? too_large : problem;
}

/* NULL, or why regcomp() must not see this. Mistakes in the syntax are left to
 * it. */
static const char *problem_of(const char *p) {
  struct group groups[NEST_MAX] = {{.is_empty = true}};
  struct group *group = groups;
  const char *problem = NULL;
  while (*p != '\0' && problem == NULL) {
    if (*p == '\\' && p[1] >= '1' && p[1] <= '9')
      return "back-references are not supported";
    if (*p == '(') {
      if (++group == groups + NEST_MAX)
        return "groups nested too deeply";
      *group = (struct group){.is_empty = true};
      p++;
    } else if (*p == '|') {
      end_branch(group);
      p++;
    } else if (*p == ')' && group > groups) {
      p++;
      group--;
      problem = add(group, atom_of(group + 1), &p);
    } else {
      problem = add(group, read_atom(&p), &p);
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
