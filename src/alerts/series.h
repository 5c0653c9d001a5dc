/* SPDX-License-Identifier: MIT */
/* series.h - a table of identities: found by one hash, without allocation.
 *
 * The table does not own its entries; whoever does embeds them. Not
 * thread-safe. */
#ifndef ALERTS_SERIES_H
#define ALERTS_SERIES_H

#include "rules/pattern.h"
#include "util/serialize.h"

#include <stdint.h>

struct series { /* strings are borrowed for the call; none is NULL */
  const char *host;
  const char *plugin;
  const char *plugin_instance; /* "" without */
  const char *type;
  const char *type_instance; /* "" without */
  const char *ds;            /* name of the data source */
};

#define SERIES_PARTS 6

#define HUB_PLUGIN "mcp_hub" /* the plugin of what is told of hubs */

bool series_is_hub(const struct series *s);

struct series_key { /* what a search needs to know of a series */
  uint64_t hash;
  size_t len[SERIES_PARTS];
  size_t size; /* bytes of all strings */
};

struct series_entry {
  struct series series; /* one string behind the other */
  size_t size;
  uint64_t hash;
};

struct series_table;

struct series_table *series_table_create(void);
void series_table_destroy(struct series_table *t); /* leaves the entries */

struct series_key series_key(const struct series_table *t,
                             const struct series *s);

/* Copies the series into the entry, its strings into `text`, `key->size` bytes.
 */
void series_entry_init(struct series_entry *entry, const struct series *s,
                       const struct series_key *key, char *text);

struct series_entry *series_table_find(const struct series_table *t,
                                       const struct series *s,
                                       const struct series_key *key);

/* 0, or -1 without memory. It must not be there already. */
int series_table_insert(struct series_table *t, struct series_entry *entry);

/* It must be there. */
void series_table_remove(struct series_table *t,
                         const struct series_entry *entry);

size_t series_table_count(const struct series_table *t);

/* The form that patterns see; -1 without memory. `id->text` is in `buf` if that
 * is large enough, else allocated: series_identity_clear() knows. */
int series_identity(const struct series *s, char *buf, size_t size,
                    struct identity *id);
/* The reverse, of "host/plugin-instance/type-instance": cuts `text` into its
 * parts. -1: it does not have three. */
int series_parse(char *text, const char *ds, struct series *s);

void series_identity_clear(struct identity *id, const char *buf);

/* For people: host/plugin-instance/type-instance; cut where it is too long. */
#define SERIES_TEXT_MAX 640
void series_text(const struct series *s, char buf[SERIES_TEXT_MAX]);

/* What is loaded is borrowed from `in`, which fails as serialize.h says. */
void series_save(const struct series *s, struct serializer *out);
struct series series_load(struct deserializer *in);

#endif
