/* SPDX-License-Identifier: MIT */
#include "hub/server_selection.h"

#include "util/regex.h"
#include "util/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct server_pattern {
  char *text;
  struct regex *regex; /* NULL: `text` is a name */
};

struct server_selection {
  bool invert;
  struct regex_budget budget; /* of the current read */
  size_t num;
  struct server_pattern patterns[];
};

static bool is_regex(const char *pattern) {
  size_t len = strlen(pattern);
  return len > 2 && pattern[0] == '/' && pattern[len - 1] == '/';
}

static struct regex *compile(const char *pattern, char *err, size_t err_size) {
  return regex_create(pattern + 1, strlen(pattern) - 2, err, err_size);
}

static int pattern_init(struct server_pattern *p, const char *text) {
  p->text = strdup(text);
  if (is_regex(text))
    p->regex = compile(text, NULL, 0);
  return p->text != NULL && (p->regex != NULL || !is_regex(text)) ? 0 : -1;
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
  s->num = num;
  server_selection_begin_read(s);
  for (size_t i = 0; i < num; i++) {
    if (pattern_init(&s->patterns[i], patterns[i]) != 0) {
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
    regex_destroy(s->patterns[i].regex);
    free(s->patterns[i].text);
  }
  free(s);
}

void server_selection_begin_read(struct server_selection *s) {
  s->budget.steps = REGEX_BUDGET_STEPS;
}

/* Returns 0, 1, or -1 if out of memory. */
static int match(struct server_selection *s, const struct server_pattern *p,
                 const char *name, size_t len) {
  if (p->regex != NULL)
    return regex_match(p->regex, name, len, &s->budget);
  return strlen(p->text) == len && memcmp(p->text, name, len) == 0;
}

bool server_selection_has(struct server_selection *s, const char *name,
                          size_t len) {
  if (s == NULL || s->num == 0)
    return true;
  for (size_t i = 0; i < s->num; i++) {
    int is = match(s, &s->patterns[i], name, len);
    if (is != 0)
      return is > 0 && !s->invert;
  }
  return s->invert;
}

bool server_selection_take_slow(struct server_selection *s, char *line,
                                size_t size) {
  for (size_t i = 0; i < s->num; i++) {
    const struct server_pattern *p = &s->patterns[i];
    const char *name = p->regex != NULL ? regex_take_slow(p->regex) : NULL;
    char text[384];
    if (name == NULL)
      continue;
    snprintf(
        text, sizeof(text),
        "Server \"%.128s\" takes too long on the server \"%s\"; treated as "
        "no match",
        p->text, name);
    utf8_print(line, size, text);
    return true;
  }
  return false;
}

int server_selection_check(const char *pattern, char *err, size_t err_size) {
  char reason[192] = "it is empty";
  if (is_regex(pattern)) {
    struct regex *regex = compile(pattern, reason, sizeof(reason));
    regex_destroy(regex);
    if (regex != NULL)
      return 0;
  } else if (pattern[0] != '\0' && strcmp(pattern, "//") != 0) {
    return 0;
  }
  snprintf(err, err_size,
           "expected a server's name, or a regular expression between slashes "
           "(%s)",
           reason);
  return -1;
}
