/* SPDX-License-Identifier: MIT */
#include "alerts/origins.h"

#include <stdlib.h>
#include <string.h>

struct own_source {
  struct series_entry entry;
  struct own_source *next;
  char text[];
};

struct origins {
  struct series_table *own;
  struct own_source *all;
  char *host;
  size_t max;
  double begin;
  uint64_t refused;
};

struct origins *origins_create(const char *own_host, size_t max, double now) {
  struct origins *o = calloc(1, sizeof(*o));
  if (o == NULL)
    return NULL;
  o->own = series_table_create();
  o->host = strdup(own_host);
  o->max = max;
  o->begin = now;
  if (o->own != NULL && o->host != NULL)
    return o;
  origins_destroy(o);
  return NULL;
}

void origins_destroy(struct origins *o) {
  if (o == NULL)
    return;
  for (struct own_source *s = o->all, *next = NULL; s != NULL; s = next) {
    next = s->next;
    free(s);
  }
  series_table_destroy(o->own);
  free(o->host);
  free(o);
}

/* Out of memory: the next value tries again. */
static void add(struct origins *o, const struct series *source,
                const struct series_key *key) {
  struct own_source *s = series_table_count(o->own) < o->max
                             ? calloc(1, sizeof(*s) + key->size)
                             : NULL;
  if (s == NULL)
    return;
  series_entry_init(&s->entry, source, key, s->text);
  if (series_table_insert(o->own, &s->entry) != 0) {
    free(s);
    return;
  }
  s->next = o->all;
  o->all = s;
}

bool origins_accept(struct origins *o, const struct series *s,
                    bool from_network, double now) {
  const struct series source = {s->host, s->plugin, s->plugin_instance,
                                "",      "",        ""};
  struct series_key key = series_key(o->own, &source);
  bool own = series_table_find(o->own, &source, &key) != NULL;
  if (!from_network) {
    if (!own)
      add(o, &source, &key);
    return true;
  }
  bool starts = now - o->begin < ORIGINS_START && strcmp(s->host, o->host) == 0;
  o->refused += own || starts;
  return !own && !starts;
}

uint64_t origins_refused(const struct origins *o) { return o->refused; }
