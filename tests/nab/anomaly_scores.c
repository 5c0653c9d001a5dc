/* Prints the anomaly score of every row "timestamp,value" of a file, or of
 * standard input, as "timestamp,score": what the Numenta Anomaly Benchmark's
 * scorer reads. Where there is no score yet, 0: it knows no unknown. */
#include "alerts/anomaly.h"
#include "ctl/csv.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <time.h>

static void print_score(double epoch, double score) {
  time_t seconds = (time_t)epoch;
  struct tm tm;
  char date[32];

  gmtime_r(&seconds, &tm);
  strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S", &tm);
  printf("%s,%.17g\n", date, isnan(score) ? 0 : score);
}

static int print_scores(FILE *file, const char *name) {
  struct csv c = {.file = file};
  struct csv_row row;
  struct anomaly a;
  char error[128];
  bool begun = false;
  double score = NAN;
  int status;

  puts("timestamp,score");
  while ((status = csv_next(&c, &row, error, sizeof(error))) > 0) {
    if (!begun)
      anomaly_init(&a, row.time);
    begun = true;
    score = anomaly_add(&a, row.value, row.time, score >= ANOMALY_ALARM);
    print_score(row.time, score);
  }
  if (status < 0)
    fprintf(stderr, "%s: %s\n", name, error);
  return status;
}

int main(int argc, char **argv) {
  if (argc < 2)
    return print_scores(stdin, "standard input") < 0;

  FILE *file = fopen(argv[1], "r");
  if (file == NULL) {
    fprintf(stderr, "%s: %s\n", argv[1], strerror(errno));
    return 1;
  }
  int status = print_scores(file, argv[1]);
  fclose(file);
  return status < 0;
}
