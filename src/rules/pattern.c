/* SPDX-License-Identifier: MIT */
#include "rules/pattern.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pattern {
  char *text;
  struct regex *regex;              /* NULL: glob */
  const char *part[IDENTITY_PARTS]; /* of a glob, inside text */
  size_t len[IDENTITY_PARTS];
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
    p->part[i] = at;
    p->len[i] = strcspn(at, "/");
    at += p->len[i];
    if (p->len[i] == 0 || (*at == '/') != (i < IDENTITY_TYPE)) {
      snprintf(err, err_size,
               "expected host/plugin-instance/type-instance or "
               "/regular expression/");
      return -1;
    }
    at++;
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
  free(p->text);
  free(p);
}

/* Index after the UTF-8 character at i; an invalid byte is one character. */
static size_t next_char(const char *s, size_t i, size_t len) {
  for (i++; i < len && ((unsigned char)s[i] & 0xC0U) == 0x80U;)
    i++;
  return i;
}

/* Backtracks to the last "*" only: at most glen * slen steps. */
static bool glob_match(const char *g, size_t glen, const char *s, size_t slen) {
  size_t gi = 0;
  size_t si = 0;
  size_t star = glen; /* glen: no "*" yet */
  size_t retry = 0;

  while (si < slen) {
    if (gi < glen && g[gi] == '*') {
      star = gi++;
      retry = si;
    } else if (gi < glen && g[gi] == '?') {
      gi++;
      si = next_char(s, si, slen);
    } else if (gi < glen && g[gi] == s[si]) {
      gi++;
      si++;
    } else if (star < glen) {
      gi = star + 1;
      si = ++retry;
    } else {
      return false;
    }
  }
  while (gi < glen && g[gi] == '*')
    gi++;
  return gi == glen;
}

int pattern_match(struct pattern *p, const struct identity *id,
                  struct regex_budget *budget) {
  if (p->regex != NULL)
    return regex_match(p->regex, id->text, strlen(id->text), budget);
  /* most patterns differ in the type: compare it first */
  for (int i = IDENTITY_TYPE; i >= 0; i--)
    if (!glob_match(p->part[i], p->len[i], id->part[i], id->len[i]))
      return 0;
  return 1;
}

const char *pattern_take_slow(struct pattern *p) {
  return p->regex != NULL ? regex_take_slow(p->regex) : NULL;
}

bool pattern_is_exact(const struct pattern *p) {
  return p->regex == NULL && strpbrk(p->text, "*?") == NULL;
}

const char *pattern_text(const struct pattern *p) { return p->text; }

bool pattern_type_begins(const struct pattern *p, const char *prefix) {
  return p->regex == NULL &&
         strncmp(p->part[IDENTITY_TYPE], prefix, strlen(prefix)) == 0;
}
