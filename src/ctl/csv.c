/* SPDX-License-Identifier: MIT */
#include "ctl/csv.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LINE_MAX_BYTES 256

static bool parse_number(const char *text, double *number) {
  char *end = NULL;

  if (isspace((unsigned char)text[0]))
    return false;
  *number = strtod(text, &end);
  return end != text && *end == '\0';
}

static bool parse_date(const char *text, double *epoch) {
  struct tm tm = {0};
  const char *end = strptime(text, "%Y-%m-%d %H:%M:%S", &tm);

  if (end == NULL || *end != '\0')
    return false;
  *epoch = (double)timegm(&tm);
  return true;
}

static const char *parse_row(char *line, struct csv_row *row) {
  struct csv_row r;
  char *comma = strchr(line, ',');

  if (comma == NULL)
    return "timestamp,value";
  *comma = '\0';
  if (!parse_date(line, &r.time) && !parse_number(line, &r.time))
    r.time = NAN;
  if (!(r.time >= 0 && r.time < CSV_TIME_END))
    return "epoch seconds or YYYY-MM-DD HH:MM:SS before the comma";
  if (!parse_number(comma + 1, &r.value) || isinf(r.value))
    return "one number or nan after the comma";
  *row = r;
  return NULL;
}

static int read_line(FILE *file, char *line) {
  if (fgets(line, LINE_MAX_BYTES, file) == NULL)
    return 0;
  size_t length = strcspn(line, "\r\n");
  bool whole = line[length] != '\0' || feof(file);
  while (!whole) {
    int c = fgetc(file);
    whole = c == '\n' || c == EOF;
    length = LINE_MAX_BYTES;
  }
  if (length == LINE_MAX_BYTES)
    return -1;
  line[length] = '\0';
  return 1;
}

static bool is_header(const struct csv *c, const char *line) {
  return c->line == 1 && isalpha((unsigned char)line[0]);
}

int csv_next(struct csv *c, struct csv_row *row, char *error,
             size_t error_size) {
  char line[LINE_MAX_BYTES];
  int status;

  do {
    status = read_line(c->file, line);
    c->line += status != 0;
  } while (status > 0 && (line[0] == '\0' || is_header(c, line)));
  const char *expected = status < 0   ? "fewer than 256 bytes"
                         : status > 0 ? parse_row(line, row)
                                      : NULL;
  if (expected != NULL) {
    snprintf(error, error_size, "line %u: expected %s", c->line, expected);
    return -1;
  }
  if (status == 0 && ferror(c->file)) {
    snprintf(error, error_size, "line %u: %s", c->line + 1, strerror(errno));
    return -1;
  }
  return status;
}
