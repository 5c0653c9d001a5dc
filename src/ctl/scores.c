/* SPDX-License-Identifier: MIT */
#include "ctl/scores.h"

#include "alerts/anomaly.h"
#include "ctl/csv.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static struct json_object *score_json(double epoch, double score) {
  struct json_object *o = ctl_json_object();
  ctl_json_add(o, "time", ctl_json_number(epoch));
  ctl_json_add(o, "score", ctl_json_number(score));
  return o;
}

static void print_score(double epoch, double score) {
  time_t seconds = (time_t)epoch;
  struct tm tm;
  char date[32];
  gmtime_r(&seconds, &tm);
  strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S", &tm);
  if (isnan(score))
    printf("%s,nan\n", date);
  else
    printf("%s,%.17g\n", date, score);
}

static int score_rows(FILE *file, bool json, struct json_object *list,
                      char *err, size_t err_size) {
  struct csv csv = {.file = file};
  struct csv_row row;
  struct anomaly a;
  bool begun = false;
  double score = NAN;
  int status = 0;
  while ((status = csv_next(&csv, &row, err, err_size)) > 0) {
    if (!begun)
      anomaly_init(&a, row.time);
    begun = true;
    score = anomaly_add(&a, row.value, row.time, score >= ANOMALY_ALARM);
    if (json)
      ctl_json_append(list, score_json(row.time, score));
    else
      print_score(row.time, score);
  }
  return status;
}

int scores_print(const struct ctl *c) {
  char err[CTL_ERROR_MAX];
  FILE *file = fopen(c->csv, "re");
  if (file == NULL)
    return ctl_fail(c, "%s: %s", c->csv, strerror(errno));
  struct json_object *list = c->json ? ctl_json_list() : NULL;
  if (!c->json)
    puts("timestamp,score");
  int status = score_rows(file, c->json, list, err, sizeof(err));
  fclose(file);
  fflush(stdout);
  if (status != 0) {
    json_object_put(list);
    return ctl_fail(c, "%s: %s", c->csv, err);
  }
  return !c->json || ctl_print_json(list) == 0 ? CTL_CLEAR
                                               : ctl_fail(c, "out of memory");
}
