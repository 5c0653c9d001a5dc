/* SPDX-License-Identifier: MIT */
/* series.h - hash table of series by identity; a lookup does not allocate.
 *
 * Entries are embedded in structures of the caller, who owns them. Not
 * thread-safe. */
#ifndef ALERTS_SERIES_H
#define ALERTS_SERIES_H

#include "rules/pattern.h"
#include "util/serialize.h"

#include <stdint.h>

struct series { /* strings are borrowed for the call and not NULL */
  const char *host;
  const char *plugin;
  const char *plugin_instance; /* none: "" */
  const char *type;
  const char *type_instance; /* none: "" */
  const char *ds;            /* name of the data source */
};

#define SERIES_PARTS 6

#define HUB_PLUGIN "mcp_hub" /* plugin name of all hub values */

bool series_is_hub(const struct series *s);

/* Orders by host, plugin and plugin instance, for qsort(). */
int series_compare_hubs(const struct series *a, const struct series *b);

struct series_key { /* precomputed for a lookup */
  uint64_t hash;
  size_t len[SERIES_PARTS];
  size_t size; /* bytes of all strings with terminators */
};

struct series_entry {
  struct series series; /* its strings are adjacent */
  size_t size;
  uint64_t hash;
};

struct series_table;

struct series_table *series_table_create(void);
void series_table_destroy(struct series_table *t); /* not the entries */

struct series_key series_key(const struct series_table *t,
                             const struct series *s);

/* Copies the series into the entry and its strings to `text`, `key->size`
 * bytes. */
void series_entry_init(struct series_entry *entry, const struct series *s,
                       const struct series_key *key, char *text);

struct series_entry *series_table_find(const struct series_table *t,
                                       const struct series *s,
                                       const struct series_key *key);

/* 0, or -1: out of memory. The series must not be in the table. */
int series_table_insert(struct series_table *t, struct series_entry *entry);

/* The entry must be in the table. */
void series_table_remove(struct series_table *t,
                         const struct series_entry *entry);

size_t series_table_count(const struct series_table *t);

/* Formats the identity that patterns match. `id->text` is `buf` if large
 * enough, else allocated: call series_identity_clear(). -1: out of memory. */
int series_identity(const struct series *s, char *buf, size_t size,
                    struct identity *id);
/* Splits "host/plugin-instance/type-instance" in place. -1: not three parts. */
int series_parse(char *text, const char *ds, struct series *s);

void series_identity_clear(struct identity *id, const char *buf);

/* host/plugin-instance/type-instance for messages, cut to fit. */
#define SERIES_TEXT_MAX 640
void series_text(const struct series *s, char buf[SERIES_TEXT_MAX]);

/* Loaded strings are borrowed from `in`; errors as in serialize.h. */
void series_save(const struct series *s, struct serializer *out);
struct series series_load(struct deserializer *in);

#endif
