/* SPDX-License-Identifier: MIT */
#include "report/health.h"

#include "util/format.h"

#include <math.h>
#include <stdio.h>

static void take(struct health *h, double points, double figure,
                 const char *before, const char *after) {
  struct health_reason *r = &h->reasons[h->reasons_num++];
  char number[FORMAT_MAX];

  format_number(figure, number);
  r->points = points;
  snprintf(r->why, sizeof(r->why), "%s%s%s", before, number, after);
}

static void take_unknown(struct health *h, const char *what) {
  struct health_reason *r = &h->reasons[h->reasons_num++];

  r->points = 0;
  snprintf(r->why, sizeof(r->why), "%s unknown", what);
}

static void judge_up(struct health *h, double up) {
  if (isnan(up))
    take_unknown(h, "whether the hub is up is");
  else if (up < 1) {
    struct health_reason *r = &h->reasons[h->reasons_num++];
    r->points = 50;
    snprintf(r->why, sizeof(r->why), "the hub is down");
  }
}

static void judge_servers(struct health *h, double down) {
  if (isnan(down))
    take_unknown(h, "the state of the servers is");
  else if (down >= 1)
    take(h, 30, down, "",
         down >= 2 ? " servers disconnected or dead"
                   : " server disconnected or dead");
}

/* Takes `points` for each full step. */
static void judge_steps(struct health *h, double n, double step, double points,
                        const char *what, const char *unknown) {
  if (isnan(n))
    take_unknown(h, unknown);
  else if (n >= step)
    take(h, fmin(floor(n / step) * points, 20), n, "", what);
}

static void judge_percent(struct health *h, double percent, const char *what,
                          const char *unknown) {
  if (isnan(percent))
    take_unknown(h, unknown);
  else if (percent > 5)
    take(h, 15, percent, what, " % is above 5 %");
}

static enum health_grade grade_of(double score) {
  if (isnan(score))
    return HEALTH_UNKNOWN;
  return score >= 90   ? HEALTH_EXCELLENT
         : score >= 75 ? HEALTH_GOOD
         : score >= 50 ? HEALTH_FAIR
                       : HEALTH_POOR;
}

struct health health_judge(const struct health_inputs *in) {
  struct health h = {.score = 100};

  judge_up(&h, in->up);
  judge_servers(&h, in->servers_down);
  judge_steps(&h, in->log_errors, 10, 2, " errors in the last 1000 log entries",
              "the number of errors in the log is");
  judge_percent(&h, in->cpu_percent, "CPU ", "CPU is");
  judge_percent(&h, in->memory_percent, "memory ", "memory is");
  judge_steps(&h, in->alerts, 5, 10, " alerts in 24 h",
              "the number of alerts is");
  for (size_t i = 0; i < h.reasons_num; i++)
    h.score -= h.reasons[i].points;
  h.score = fmax(h.score, 0);
  if (isnan(in->up) && isnan(in->servers_down) && isnan(in->log_errors) &&
      isnan(in->cpu_percent) && isnan(in->memory_percent))
    h.score = NAN;
  h.grade = grade_of(h.score);
  return h;
}

const char *health_grade_name(enum health_grade grade) {
  static const char *const names[] = {"unknown", "poor", "fair", "good",
                                      "excellent"};

  return names[grade];
}
