/* SPDX-License-Identifier: MIT */
/* received.h - what a poller under test emits and remarks, as text. */
#ifndef TESTS_RECEIVED_H
#define TESTS_RECEIVED_H

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

static inline void received_append(char *text, size_t size, const char *line) {
  size_t len = strlen(text);
  assert_true(snprintf(text + len, size - len, "%s\n", line) <
              (int)(size - len));
}

static inline void received_remark(void *arg, enum remark_level level,
                                   const char *text) {
  struct received *r = arg;
  if (level == REMARK_DEBUG)
    received_append(r->debug, sizeof(r->debug), text);
  else
    received_append(r->remarks, sizeof(r->remarks), text);
}

static inline void received_value(void *arg, const struct hub_value *m) {
  struct received *r = arg;
  char value[64], line[512];
  if (m->kind == METRIC_KIND_DERIVE_PAIR)
    snprintf(value, sizeof(value), "%" PRId64 ":%" PRId64, m->derive[0],
             m->derive[1]);
  else
    snprintf(value, sizeof(value), "%.10g",
             m->kind == METRIC_KIND_GAUGE ? m->gauge : (double)m->derive[0]);
  snprintf(line, sizeof(line), "%s%s%s %s", m->type,
           *m->instance != '\0' ? "-" : "", m->instance, value);
  received_append(r->values, sizeof(r->values), line);
}

static inline void received_clear(struct received *r) {
  r->values[0] = r->remarks[0] = r->debug[0] = '\0';
}

#endif
