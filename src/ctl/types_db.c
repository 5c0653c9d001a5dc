/* SPDX-License-Identifier: MIT */
#include "ctl/types_db.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct types_db {
  struct source {
    char *key; /* "type/ds" */
    enum sample_kind kind;
  } * sources;
  size_t num;
};

struct types_db *types_db_create(void) {
  return calloc(1, sizeof(struct types_db));
}

void types_db_destroy(struct types_db *t) {
  if (t == NULL)
    return;
  for (size_t i = 0; i < t->num; i++)
    free(t->sources[i].key);
  free(t->sources);
  free(t);
}

static enum sample_kind kind_named(const char *name) {
  if (strcmp(name, "DERIVE") == 0)
    return SAMPLE_DERIVE;
  if (strcmp(name, "COUNTER") == 0)
    return SAMPLE_COUNTER;
  if (strcmp(name, "ABSOLUTE") == 0)
    return SAMPLE_ABSOLUTE;
  return SAMPLE_GAUGE;
}

/* NULL: unknown. The last definition wins. */
static struct source *find(const struct types_db *t, const char *key) {
  for (size_t i = t->num; i > 0; i--)
    if (strcmp(t->sources[i - 1].key, key) == 0)
      return &t->sources[i - 1];
  return NULL;
}

/* "value:GAUGE:0:U". Out of memory: sets errno to ENOMEM. */
static void take_source(struct types_db *t, const char *type, char *source) {
  char key[256];
  char *rest = NULL;
  const char *name = strtok_r(source, ":", &rest);
  const char *kind = strtok_r(NULL, ":", &rest);
  if (name == NULL || kind == NULL)
    return;
  snprintf(key, sizeof(key), "%s/%s", type, name);
  struct source *sources = realloc(t->sources, (t->num + 1) * sizeof(*sources));
  if (sources == NULL)
    return;
  t->sources = sources;
  sources[t->num] = (struct source){strdup(key), kind_named(kind)};
  t->num += sources[t->num].key != NULL;
}

int types_db_read(struct types_db *t, const char *path, char *err,
                  size_t err_size) {
  FILE *file = fopen(path, "re");
  char *line = NULL;
  size_t size = 0;
  if (file == NULL) {
    snprintf(err, err_size,
             "%s: %s\n"
             "  It says which values are counters. Is it somewhere else? "
             "mcphubctl -T FILE",
             path, strerror(errno));
    return -1;
  }
  errno = 0;
  while (getline(&line, &size, file) > 0) {
    char *rest = NULL;
    const char *type = strtok_r(line, " \t\r\n,", &rest);
    if (type == NULL || *type == '#')
      continue;
    for (char *source; (source = strtok_r(NULL, " \t\r\n,", &rest)) != NULL;)
      take_source(t, type, source);
  }
  int error = errno;
  bool failed = ferror(file) || error == ENOMEM;
  free(line);
  fclose(file);
  if (!failed)
    return 0;
  snprintf(err, err_size, "%s: %s", path, strerror(error));
  return -1;
}

enum sample_kind types_db_kind(const struct types_db *t, const char *type,
                               const char *ds) {
  char key[256];
  snprintf(key, sizeof(key), "%s/%s", type, ds);
  const struct source *source = find(t, key);
  return source != NULL ? source->kind : SAMPLE_GAUGE;
}
