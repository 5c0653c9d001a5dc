/* SPDX-License-Identifier: MIT */
/* health.h - health score of a hub, 0 to 100.
 *
 * Starts at 100. Subtracts 2 points per 10 errors in the last 1000 log entries
 * (at most 20), 15 for CPU above 5 %, 15 for memory above 5 %, 30 per
 * disconnected or dead server (at most 30), 10 per 5 alerts in 24 h (at most
 * 20), 50 if the hub is down. An unknown input subtracts nothing and is listed
 * as a reason. The score is NaN if at most the number of alerts is known. */
#ifndef REPORT_HEALTH_H
#define REPORT_HEALTH_H

#include <stddef.h>

struct health_inputs {   /* NaN: unknown */
  double up;             /* 1 or 0 */
  double servers_down;   /* number disconnected or dead */
  double log_errors;     /* in the last 1000 log entries */
  double cpu_percent;    /* of the hub's process */
  double memory_percent; /* of the machine */
  double alerts;         /* in the last 24 h */
};

enum health_grade {
  HEALTH_UNKNOWN,
  HEALTH_POOR,
  HEALTH_FAIR,     /* >= 50 */
  HEALTH_GOOD,     /* >= 75 */
  HEALTH_EXCELLENT /* >= 90 */
};

#define HEALTH_REASONS 6
#define HEALTH_WHY_MAX 72

struct health {
  double score; /* 0 to 100; NaN: unknown */
  enum health_grade grade;
  struct health_reason {
    double points; /* subtracted; 0: the input is unknown */
    char why[HEALTH_WHY_MAX];
  } reasons[HEALTH_REASONS];
  size_t reasons_num;
};

struct health health_judge(const struct health_inputs *in);

const char *health_grade_name(enum health_grade grade); /* "good" */

#endif
