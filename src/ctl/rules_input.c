/* SPDX-License-Identifier: MIT */
#include "ctl/rules_input.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "line 12: what" -> "FILE:12: what" */
static void log_invalid(const struct ctl *c, const char *path,
                        const char *error) {
  char *end = NULL;
  long line = strncmp(error, "line ", 5) == 0 ? strtol(error + 5, &end, 10) : 0;
  if (line > 0 && strncmp(end, ": ", 2) == 0)
    ctl_fail(c, "%s:%ld: %s", path, line, end + 2);
  else
    ctl_fail(c, "%s: %s", path, error);
}

static char *read_text(FILE *file, size_t *len) {
  char *text = malloc(RULESET_MAX_BYTES + 1);
  if (text == NULL)
    return NULL;
  *len = fread(text, 1, RULESET_MAX_BYTES + 1, file);
  if (!ferror(file))
    return text;
  free(text);
  return NULL;
}

struct ruleset *rules_input_read(const struct ctl *c, const char *path,
                                 int *status) {
  char err[512];
  size_t len = 0;
  FILE *file = fopen(path, "re");
  char *text = file != NULL ? read_text(file, &len) : NULL;
  int error = errno;
  if (file != NULL)
    fclose(file);
  if (text == NULL) {
    *status = ctl_fail(c, "%s: %s", path, strerror(error));
    return NULL;
  }
  struct ruleset *set = len <= RULESET_MAX_BYTES
                            ? ruleset_parse(text, len, err, sizeof(err))
                            : NULL;
  free(text);
  if (set != NULL)
    return set;
  log_invalid(c, path,
              len <= RULESET_MAX_BYTES ? err : "larger than the allowed 4 MiB");
  *status = CTL_CRITICAL;
  return NULL;
}
