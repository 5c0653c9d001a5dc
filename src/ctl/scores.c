/* SPDX-License-Identifier: MIT */
#include "ctl/scores.h"

#include "alerts/anomaly.h"
#include "ctl/csv.h"
#include "ctl/output.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static void put_score(struct json_writer *w, double epoch, double score) {
  json_begin_object(w, NULL);
  json_put_number(w, "time", epoch);
  json_put_number(w, "score", score);
  json_end_object(w);
}

static void print_score(double epoch, double score) {
  time_t seconds = (time_t)epoch;
  struct tm tm;
  char date[32];
  gmtime_r(&seconds, &tm);
  strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S", &tm);
  if (isnan(score))
    output_format("%s,nan\n", date);
  else
    output_format("%s,%.17g\n", date, score);
}

static int score_rows(FILE *file, struct json_writer *json, char *err,
                      size_t err_size) {
  struct csv csv = {.file = file};
  struct csv_row row;
  struct anomaly a;
  bool begun = false;
  double score = NAN;
  int status = 0;
  while (!output_failed() &&
         (status = csv_next(&csv, &row, err, err_size)) > 0) {
    if (!begun)
      anomaly_init(&a, row.time);
    begun = true;
    score = anomaly_add(&a, row.value, row.time, score >= ANOMALY_ALARM);
    if (json != NULL)
      put_score(json, row.time, score);
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
  struct json_writer w = CTL_JSON;
  if (c->json)
    json_begin_list(&w, NULL);
  else
    output_text("timestamp,score\n");
  int status = score_rows(file, c->json ? &w : NULL, err, sizeof(err));
  fclose(file);
  output_flush();
  if (status != 0) {
    json_writer_clear(&w);
    return ctl_fail(c, "%s: %s", c->csv, err);
  }
  if (!c->json)
    return CTL_CLEAR;
  json_end_list(&w);
  return ctl_print_json(&w) == 0 ? CTL_CLEAR : ctl_fail(c, "out of memory");
}
