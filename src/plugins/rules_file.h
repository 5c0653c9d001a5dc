/* SPDX-License-Identifier: MIT */
/* rules_file.h - reads the rules file again when it changes. */
#ifndef PLUGINS_RULES_FILE_H
#define PLUGINS_RULES_FILE_H

#include "rules/ruleset.h"

#include <sys/stat.h>

struct rules_file {
  const char *path;
  struct stat seen; /* stat of the last read */
  char *text;       /* last valid text; NULL: none */
  size_t len;
  bool retry; /* temporary read error: read again */
};

/* NULL with an error in `err`. A file that cannot be read or is invalid is
 * tried again when it changes. */
struct ruleset *rules_file_load(struct rules_file *f, char *err,
                                size_t err_size);

/* Parses `text` again, for a thread without the lock: a ruleset is for one
 * thread at a time. NULL: out of memory. */
struct ruleset *rules_file_again(const struct rules_file *f);

void rules_file_clear(struct rules_file *f);

bool rules_file_changed(const struct rules_file *f);

#endif
