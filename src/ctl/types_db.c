/* SPDX-License-Identifier: MIT */
#include "ctl/types_db.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "type/ds" -> kind; gauges are not remembered. */
struct types_db {
  struct json_object *kinds;
};

struct types_db *types_db_create(void) {
  struct types_db *t = calloc(1, sizeof(*t));
  if (t != NULL && (t->kinds = json_object_new_object()) != NULL)
    return t;
  free(t);
  return NULL;
}

void types_db_destroy(struct types_db *t) {
  if (t == NULL)
    return;
  json_object_put(t->kinds);
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

/* "value:GAUGE:0:U" */
static void take_source(struct types_db *t, const char *type, char *source) {
  char key[256];
  char *rest = NULL;
  const char *name = strtok_r(source, ":", &rest);
  const char *kind = strtok_r(NULL, ":", &rest);
  if (name == NULL || kind == NULL)
    return;
  snprintf(key, sizeof(key), "%s/%s", type, name);
  json_object_object_add(t->kinds, key,
                         json_object_new_int((int)kind_named(kind)));
}

int types_db_read(struct types_db *t, const char *path, char *err,
                  size_t err_size) {
  FILE *file = fopen(path, "re");
  char *line = NULL;
  size_t size = 0;
  if (file == NULL) {
    snprintf(err, err_size, "%s: %s", path, strerror(errno));
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
  int error = errno; /* json-c leaves out what it has no room for */
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
  struct json_object *kind = NULL;
  snprintf(key, sizeof(key), "%s/%s", type, ds);
  return json_object_object_get_ex(t->kinds, key, &kind)
             ? (enum sample_kind)json_object_get_int(kind)
             : SAMPLE_GAUGE;
}
