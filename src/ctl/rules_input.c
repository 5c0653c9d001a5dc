/* SPDX-License-Identifier: MIT */
#include "ctl/rules_input.h"

#include "util/file.h"

#include <errno.h>
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

struct ruleset *rules_input_read(const struct ctl *c, const char *path,
                                 int *status) {
  char err[512];
  size_t len = 0;
  char *text =
      file_read_stream(path, RULESET_MAX_BYTES, &len, err, sizeof(err));
  if (text == NULL && errno != EFBIG) {
    *status = ctl_fail(c, "%s: %s", path, strerror(errno));
    return NULL;
  }
  struct ruleset *set =
      text != NULL ? ruleset_parse(text, len, err, sizeof(err)) : NULL;
  free(text);
  if (set != NULL)
    return set;
  log_invalid(c, path, err);
  *status = CTL_CRITICAL;
  return NULL;
}
