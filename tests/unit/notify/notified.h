/* SPDX-License-Identifier: MIT */
/* heard.h - what a reader under test says, as text. */
#ifndef TESTS_HEARD_H
#define TESTS_HEARD_H

#include "hub/poller.h"

#include "unit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct received {
  char values[16384]; /* a line each: "type-instance value", of a pair "1:2" */
  char remarks[4096]; /* a line each, without debug lines */
  char debug[8192];   /* these */
};

static inline void heard_append(char *text, size_t size, const char *line) {
  size_t len = strlen(text);
  assert_true(snprintf(text + len, size - len, "%s\n", line) <
              (int)(size - len));
}

static inline void heard_remark(void *arg, enum remark_level level,
                                const char *text) {
  struct received *h = arg;
  if (level == REMARK_DEBUG)
    heard_append(h->debug, sizeof(h->debug), text);
  else
    heard_append(h->remarks, sizeof(h->remarks), text);
}

static inline void heard_metric(void *arg, const struct hub_value *m) {
  struct received *h = arg;
  char value[64], line[512];
  if (m->kind == METRIC_KIND_DERIVE_PAIR)
    snprintf(value, sizeof(value), "%" PRId64 ":%" PRId64, m->derive[0],
             m->derive[1]);
  else
    snprintf(value, sizeof(value), "%.10g",
             m->kind == METRIC_KIND_GAUGE ? m->gauge : (double)m->derive[0]);
  snprintf(line, sizeof(line), "%s%s%s %s", m->type,
           *m->instance != '\0' ? "-" : "", m->instance, value);
  heard_append(h->values, sizeof(h->values), line);
}

static inline void heard_forget(struct received *h) {
  h->values[0] = h->remarks[0] = h->debug[0] = '\0';
}

#endif
