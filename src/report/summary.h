/* SPDX-License-Identifier: MIT */
/* summary.h - what a day was like, for people.
 *
 * A notice of one line, and a report of a host's hubs in Markdown: score with
 * reasons, availability, incidents with their duration, averages and worst
 * values, trends against the day before, and advice. Local time. Names come
 * from hubs and are hostile: nothing in them is markup, HTML or a control
 * character of the report. */
#ifndef REPORT_SUMMARY_H
#define REPORT_SUMMARY_H

#include "report/hub_report.h"
#include "report/incidents.h"
#include "rules/ruleset.h"

/* Bytes of a report; what is left out is said there. */
#define SUMMARY_REPORT_MAX (512U * 1024U)

struct summary {    /* borrowed for the call */
  const char *host; /* of the hubs */
  const struct hub_report *hubs;
  size_t hubs_num;
  const struct incidents *incidents; /* those of the host's hubs are taken */
  const struct ruleset *rules;       /* in force: advice judges by them */
  double wall;
};

void summary_message(const struct summary *s, char buf[MESSAGE_MAX]);

/* The report, to be freed; NULL without memory. */
char *summary_report(const struct summary *s);

#endif
