/* SPDX-License-Identifier: MIT */
/* summary.h - the daily summary.
 *
 * A message of one line, and a Markdown report of a host's hubs: score with
 * reasons, availability, incidents with duration, averages, worst values,
 * trends against the previous day, advice. Local time. Names come from hubs and
 * are not trusted: they cannot add markup, HTML or control characters. */
#ifndef REPORT_SUMMARY_H
#define REPORT_SUMMARY_H

#include "report/hub_report.h"
#include "report/incidents.h"
#include "rules/ruleset.h"

/* Bytes of a report; a longer report ends with a note about what was left
 * out. */
#define SUMMARY_REPORT_MAX (512U * 1024U)

struct summary {    /* borrowed for the call */
  const char *host; /* host of the hubs */
  const struct hub_report *hubs;
  size_t hubs_num;
  const struct incidents *incidents; /* others are skipped */
  const struct ruleset *rules;       /* in force, for the advice */
  double wall;
};

void summary_message(const struct summary *s, char buf[MESSAGE_MAX]);

/* The report for free(); NULL: out of memory. */
char *summary_report(const struct summary *s);

#endif
