/* SPDX-License-Identifier: MIT */
#include "hub/server_selection.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_EXPRESSION 1024 /* bytes */

struct server_pattern {
  char *name; /* NULL: an expression */
  regex_t expression;
};

struct server_selection {
  bool invert;
  size_t num;
  struct server_pattern patterns[];
};

/* The length of the expression in "/…/", or 0: a plain name. */
static size_t expression_length(const char *pattern) {
  size_t len = strlen(pattern);
  return len > 2 && pattern[0] == '/' && pattern[len - 1] == '/' ? len - 2 : 0;
}

/* 0 or the error of regcomp(). */
static int compile(regex_t *out, const char *pattern, size_t len) {
  char text[MAX_EXPRESSION + 1];
  if (len > MAX_EXPRESSION)
    return REG_ESPACE;
  memcpy(text, pattern + 1, len);
  text[len] = '\0';
  return regcomp(out, text, REG_EXTENDED | REG_NOSUB);
}

static int pattern_init(struct server_pattern *p, const char *text) {
  size_t len = expression_length(text);
  if (len > 0)
    return compile(&p->expression, text, len);
  p->name = strdup(text);
  return p->name != NULL ? 0 : -1;
}

struct server_selection *server_selection_create(const char *const *patterns,
                                                 bool invert) {
  size_t num = 0;
  while (patterns != NULL && patterns[num] != NULL)
    num++;
  struct server_selection *s =
      calloc(1, sizeof(*s) + num * sizeof(s->patterns[0]));
  if (s == NULL)
    return NULL;
  s->invert = invert;
  for (; s->num < num; s->num++) {
    if (pattern_init(&s->patterns[s->num], patterns[s->num]) != 0) {
      server_selection_destroy(s);
      return NULL;
    }
  }
  return s;
}

void server_selection_destroy(struct server_selection *s) {
  if (s == NULL)
    return;
  for (size_t i = 0; i < s->num; i++) {
    if (s->patterns[i].name == NULL)
      regfree(&s->patterns[i].expression);
    free(s->patterns[i].name);
  }
  free(s);
}

/* 0 or 1; -1: it cannot be told, for want of memory. */
static int match(const struct server_pattern *p, const char *name, size_t len) {
  if (p->name != NULL)
    return strlen(p->name) == len && memcmp(p->name, name, len) == 0;
  int status = regexec(&p->expression, name, 0, NULL, 0);
  return status == REG_ESPACE ? -1 : status == 0;
}

bool server_selection_has(const struct server_selection *s, const char *name,
                          size_t len) {
  if (s == NULL || s->num == 0)
    return true;
  for (size_t i = 0; i < s->num; i++) {
    int is = match(&s->patterns[i], name, len);
    if (is != 0)
      return is > 0 && !s->invert;
  }
  return s->invert;
}

int server_selection_check(const char *pattern, char *err, size_t err_size) {
  size_t len = expression_length(pattern);
  if (len == 0 && pattern[0] != '\0' && strcmp(pattern, "//") != 0)
    return 0;
  regex_t expression;
  int status = len > 0 ? compile(&expression, pattern, len) : REG_BADPAT;
  if (status == 0) {
    regfree(&expression);
    return 0;
  }
  char reason[128] = "it is empty";
  if (len > 0)
    regerror(status, NULL, reason, sizeof(reason));
  snprintf(err, err_size,
           "expected a server's name, or a regular expression between slashes "
           "(%s)",
           reason);
  return -1;
}
