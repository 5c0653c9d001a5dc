/* SPDX-License-Identifier: MIT */
#include "alerts/series.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FACTOR 0x9E3779B97F4A7C15U
#define ROOM_FIRST 64U

/* Open addressing, linear probing, at most half full. A removal moves the
 * following entries up. */
struct series_slot {
  uint64_t hash;
  struct series_entry *entry; /* NULL: unused */
};

struct series_table {
  struct series_slot *slots;
  size_t room; /* size, a power of two */
  size_t count;
  uint64_t seed; /* random per run: identities come from the network */
};

struct series_table *series_table_create(void) {
  struct series_table *t = calloc(1, sizeof(*t));

  if (t == NULL)
    return NULL;
  t->room = ROOM_FIRST;
  t->slots = calloc(t->room, sizeof(*t->slots));
  if (t->slots == NULL) {
    free(t);
    return NULL;
  }
  t->seed = ((uint64_t)(uintptr_t)t ^ (uint64_t)(uintptr_t)&t << 20) * FACTOR;
  return t;
}

void series_table_destroy(struct series_table *t) {
  if (t == NULL)
    return;
  free(t->slots);
  free(t);
}

static uint64_t mix(uint64_t h, uint64_t word) {
  h = (h ^ word) * FACTOR;
  return h ^ h >> 32;
}

static uint64_t load(const char *s, size_t len) {
  uint64_t word = 0;

  memcpy(&word, s, len);
  return word;
}

/* The last word overlaps the previous word: no loop over single bytes. */
static uint64_t mix_text(uint64_t h, const char *s, size_t len) {
  size_t i = 0;

  h = mix(h, len);
  if (len < 4) {
    if (len == 0)
      return h;
    return mix(h, (uint64_t)(unsigned char)s[0] << 16 |
                      (uint64_t)(unsigned char)s[len / 2] << 8 |
                      (uint64_t)(unsigned char)s[len - 1]);
  }
  if (len < 8)
    return mix(h, load(s, 4) << 32 | load(s + len - 4, 4));
  for (; i + 8 < len; i += 8)
    h = mix(h, load(s + i, 8));
  return mix(h, load(s + len - 8, 8));
}

/* The strings in the order of the entry's text. */
static void list_parts(const struct series *s,
                       const char *parts[SERIES_PARTS]) {
  parts[0] = s->host;
  parts[1] = s->plugin;
  parts[2] = s->plugin_instance;
  parts[3] = s->type;
  parts[4] = s->type_instance;
  parts[5] = s->ds;
}

struct series_key series_key(const struct series_table *t,
                             const struct series *s) {
  struct series_key key = {.hash = t->seed, .size = SERIES_PARTS};
  const char *parts[SERIES_PARTS];

  list_parts(s, parts);
  for (int i = 0; i < SERIES_PARTS; i++) {
    key.len[i] = strlen(parts[i]);
    key.hash = mix_text(key.hash, parts[i], key.len[i]);
    key.size += key.len[i];
  }
  return key;
}

void series_entry_init(struct series_entry *entry, const struct series *s,
                       const struct series_key *key, char *text) {
  const char *parts[SERIES_PARTS];
  const char **const copies[SERIES_PARTS] = {&entry->series.host,
                                             &entry->series.plugin,
                                             &entry->series.plugin_instance,
                                             &entry->series.type,
                                             &entry->series.type_instance,
                                             &entry->series.ds};

  entry->size = key->size;
  entry->hash = key->hash;
  list_parts(s, parts);
  for (int i = 0; i < SERIES_PARTS; i++) {
    memcpy(text, parts[i], key->len[i] + 1);
    *copies[i] = text;
    text += key->len[i] + 1;
  }
}

static bool same(const struct series_entry *entry, const struct series *s,
                 const struct series_key *key) {
  const char *text = entry->series.host; /* first of the strings */
  const char *parts[SERIES_PARTS];

  if (entry->size != key->size)
    return false;
  list_parts(s, parts);
  for (int i = 0; i < SERIES_PARTS; i++) {
    if (memcmp(text, parts[i], key->len[i] + 1) != 0)
      return false;
    text += key->len[i] + 1;
  }
  return true;
}

struct series_entry *series_table_find(const struct series_table *t,
                                       const struct series *s,
                                       const struct series_key *key) {
  size_t mask = t->room - 1;

  for (size_t i = key->hash & mask; t->slots[i].entry != NULL;
       i = (i + 1) & mask)
    if (t->slots[i].hash == key->hash && same(t->slots[i].entry, s, key))
      return t->slots[i].entry;
  return NULL;
}

static void put(struct series_slot *slots, size_t room,
                struct series_slot slot) {
  size_t i = slot.hash & (room - 1);

  while (slots[i].entry != NULL)
    i = (i + 1) & (room - 1);
  slots[i] = slot;
}

static int grow(struct series_table *t) {
  size_t room = t->room * 2;
  struct series_slot *slots = calloc(room, sizeof(*slots));

  if (slots == NULL)
    return -1;
  for (size_t i = 0; i < t->room; i++)
    if (t->slots[i].entry != NULL)
      put(slots, room, t->slots[i]);
  free(t->slots);
  t->slots = slots;
  t->room = room;
  return 0;
}

int series_table_insert(struct series_table *t, struct series_entry *entry) {
  if ((t->count + 1) * 2 > t->room && grow(t) != 0)
    return -1;
  put(t->slots, t->room, (struct series_slot){entry->hash, entry});
  t->count++;
  return 0;
}

void series_table_remove(struct series_table *t,
                         const struct series_entry *entry) {
  size_t mask = t->room - 1;
  size_t hole = entry->hash & mask;

  while (t->slots[hole].entry != entry)
    hole = (hole + 1) & mask;
  for (size_t i = (hole + 1) & mask; t->slots[i].entry != NULL;
       i = (i + 1) & mask) {
    size_t home = t->slots[i].hash & mask;
    if (((i - home) & mask) < ((i - hole) & mask))
      continue; /* would move before its hash position */
    t->slots[hole] = t->slots[i];
    hole = i;
  }
  t->slots[hole] = (struct series_slot){0};
  t->count--;
}

size_t series_table_count(const struct series_table *t) { return t->count; }

static size_t put_part(char **at, const char *name, const char *instance) {
  size_t name_len = strlen(name);
  size_t len = strlen(instance);

  memcpy(*at, name, name_len);
  *at += name_len;
  if (len == 0)
    return name_len;
  *(*at)++ = '-';
  memcpy(*at, instance, len);
  *at += len;
  return name_len + 1 + len;
}

int series_identity(const struct series *s, char *buf, size_t size,
                    struct identity *id) {
  size_t need = strlen(s->host) + strlen(s->plugin) +
                strlen(s->plugin_instance) + strlen(s->type) +
                strlen(s->type_instance) + sizeof("/-/-");
  char *text = need <= size ? buf : malloc(need);
  char *at = text;

  if (text == NULL)
    return -1;
  id->text = text;
  id->part[IDENTITY_HOST] = at;
  id->len[IDENTITY_HOST] = put_part(&at, s->host, "");
  *at++ = '/';
  id->part[IDENTITY_PLUGIN] = at;
  id->len[IDENTITY_PLUGIN] = put_part(&at, s->plugin, s->plugin_instance);
  *at++ = '/';
  id->part[IDENTITY_TYPE] = at;
  id->len[IDENTITY_TYPE] = put_part(&at, s->type, s->type_instance);
  *at = '\0';
  return 0;
}

/* Cuts the part before `separator`. Returns the rest; "": no separator. */
static char *cut(char *text, char separator) {
  char *at = strchr(text, separator);

  if (at == NULL)
    return text + strlen(text);
  *at = '\0';
  return at + 1;
}

int series_parse(char *text, const char *ds, struct series *s) {
  char *plugin = cut(text, '/');
  char *type = cut(plugin, '/');

  if (*text == '\0' || *plugin == '\0' || *type == '\0')
    return -1;
  s->host = text;
  s->plugin = plugin;
  s->plugin_instance = cut(plugin, '-');
  s->type = type;
  s->type_instance = cut(type, '-');
  s->ds = ds;
  return 0;
}

void series_identity_clear(struct identity *id, const char *buf) {
  if (id->text != buf)
    free((char *)(uintptr_t)id->text);
  id->text = NULL;
}

void series_text(const struct series *s, char buf[SERIES_TEXT_MAX]) {
  snprintf(buf, SERIES_TEXT_MAX, "%s/%s%s%s/%s%s%s", s->host, s->plugin,
           *s->plugin_instance != '\0' ? "-" : "", s->plugin_instance, s->type,
           *s->type_instance != '\0' ? "-" : "", s->type_instance);
}

bool series_is_hub(const struct series *s) {
  return strcmp(s->plugin, HUB_PLUGIN) == 0;
}

int series_compare_hubs(const struct series *a, const struct series *b) {
  int order = strcmp(a->host, b->host);

  if (order == 0)
    order = strcmp(a->plugin, b->plugin);
  return order != 0 ? order : strcmp(a->plugin_instance, b->plugin_instance);
}

void series_save(const struct series *s, struct serializer *out) {
  serialize_text(out, s->host);
  serialize_text(out, s->plugin);
  serialize_text(out, s->plugin_instance);
  serialize_text(out, s->type);
  serialize_text(out, s->type_instance);
  serialize_text(out, s->ds);
}

struct series series_load(struct deserializer *in) {
  struct series s = {.host = deserialize_text(in)};

  s.plugin = deserialize_text(in);
  s.plugin_instance = deserialize_text(in);
  s.type = deserialize_text(in);
  s.type_instance = deserialize_text(in);
  s.ds = deserialize_text(in);
  return s;
}
