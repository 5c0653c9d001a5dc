/* SPDX-License-Identifier: MIT */
#include "plugins/rules_file.h"

#include "util/file.h"

#include <errno.h>
#include <stdlib.h>

static bool is_temporary(int error) {
  return error == ENOMEM || error == EMFILE || error == ENFILE || error == EIO;
}

struct ruleset *rules_file_load(struct rules_file *f, char *err,
                                size_t err_size) {
  size_t len = 0;
  errno = 0;
  char *text =
      file_read(f->path, RULESET_MAX_BYTES, &f->seen, &len, err, err_size);
  struct ruleset *set =
      text != NULL ? ruleset_parse(text, len, err, err_size) : NULL;

  f->retry = set == NULL && is_temporary(errno);
  if (set == NULL) {
    free(text);
    return NULL;
  }
  free(f->text);
  f->text = text;
  f->len = len;
  return set;
}

struct ruleset *rules_file_again(const struct rules_file *f) {
  char err[256];

  return ruleset_parse(f->text, f->len, err, sizeof(err));
}

void rules_file_clear(struct rules_file *f) {
  free(f->text);
  *f = (struct rules_file){0};
}

static bool same_time(const struct timespec *a, const struct timespec *b) {
  return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

bool rules_file_changed(const struct rules_file *f) {
  struct stat now = {0};

  if (stat(f->path, &now) != 0)
    now = (struct stat){0};
  return f->retry || now.st_dev != f->seen.st_dev ||
         now.st_ino != f->seen.st_ino || now.st_size != f->seen.st_size ||
         !same_time(&now.st_mtim, &f->seen.st_mtim) ||
         !same_time(&now.st_ctim, &f->seen.st_ctim);
}
