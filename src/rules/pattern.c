/* SPDX-License-Identifier: MIT */
#include "rules/pattern.h"

#include "rules/glob.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pattern {
  char *text;
  struct regex *regex;               /* NULL: glob */
  struct glob *part[IDENTITY_PARTS]; /* of a glob */
};

static int compile_regex(struct pattern *p, char *err, size_t err_size) {
  char reason[192] = "";

  p->regex =
      regex_create(p->text + 1, strlen(p->text) - 2, reason, sizeof(reason));
  if (p->regex != NULL)
    return 0;
  snprintf(err, err_size, "expected a regular expression: %s", reason);
  return -1;
}

static int compile_glob(struct pattern *p, char *err, size_t err_size) {
  const char *at = p->text;

  for (int i = 0; i < IDENTITY_PARTS; i++) {
    size_t len = strcspn(at, "/");
    if (len == 0 || (at[len] == '/') != (i < IDENTITY_TYPE)) {
      snprintf(err, err_size,
               "expected host/plugin-instance/type-instance or "
               "/regular expression/");
      return -1;
    }
    p->part[i] = glob_create(at, len, err, err_size);
    if (p->part[i] == NULL)
      return -1;
    at += len + 1;
  }
  return 0;
}

struct pattern *pattern_create(const char *text, char *err, size_t err_size) {
  size_t len = strlen(text);
  struct pattern *p = NULL;
  int status = 0;

  if (len > PATTERN_MAX) {
    snprintf(err, err_size, "expected at most %u bytes", PATTERN_MAX);
    return NULL;
  }
  p = calloc(1, sizeof(*p));
  if (p == NULL || (p->text = strdup(text)) == NULL) {
    snprintf(err, err_size, "out of memory");
    free(p);
    return NULL;
  }
  if (len >= 2 && text[0] == '/' && text[len - 1] == '/')
    status = compile_regex(p, err, err_size);
  else
    status = compile_glob(p, err, err_size);
  if (status != 0) {
    pattern_destroy(p);
    return NULL;
  }
  return p;
}

void pattern_destroy(struct pattern *p) {
  if (p == NULL)
    return;
  regex_destroy(p->regex);
  for (int i = 0; i < IDENTITY_PARTS; i++)
    glob_destroy(p->part[i]);
  free(p->text);
  free(p);
}

int pattern_match(struct pattern *p, const struct identity *id,
                  struct regex_budget *budget) {
  if (p->regex != NULL)
    return regex_match(p->regex, id->text, strlen(id->text), budget);
  /* most patterns differ in the type: compare it first */
  for (int i = IDENTITY_TYPE; i >= 0; i--)
    if (!glob_match(p->part[i], id->part[i], id->len[i]))
      return 0;
  return 1;
}

const char *pattern_take_slow(struct pattern *p) {
  return p->regex != NULL ? regex_take_slow(p->regex) : NULL;
}

bool pattern_is_exact(const struct pattern *p) {
  return p->regex == NULL && glob_is_plain(p->text);
}

const char *pattern_text(const struct pattern *p) { return p->text; }

bool pattern_type_begins(const struct pattern *p, const char *prefix) {
  return p->regex == NULL && glob_begins(p->part[IDENTITY_TYPE], prefix);
}
