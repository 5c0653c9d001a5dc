/* SPDX-License-Identifier: MIT */
/* rules_file.h - the file of rules, read again when it has changed. */
#ifndef PLUGINS_RULES_FILE_H
#define PLUGINS_RULES_FILE_H

#include "rules/ruleset.h"

#include <sys/stat.h>

struct rules_file {
  const char *path;
  struct stat seen; /* as it was last read */
  char *text;       /* that was valid when it was last read; NULL: none was */
  size_t len;
  bool retry; /* what kept it from being read may pass: it counts as changed */
};

/* NULL with the reason; a file that cannot be read or is wrong is tried again
 * when it has changed. */
struct ruleset *rules_file_load(struct rules_file *f, char *err,
                                size_t err_size);

/* The rules of `text` once more, for a thread that does not hold the lock: a
 * regular expression is for one thread at a time. NULL without memory. */
struct ruleset *rules_file_again(const struct rules_file *f);

void rules_file_clear(struct rules_file *f);

bool rules_file_changed(const struct rules_file *f);

#endif
