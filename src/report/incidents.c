/* SPDX-License-Identifier: MIT */
#include "report/incidents.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define KEPT_AFTER_END 86400.0 /* seconds */

struct saved_incident { /* plain data without pointers, format of the file */
  double begin;
  double end;
  int32_t level;
  uint32_t key; /* hash of rule and series */
  char rule[INCIDENT_NAME_MAX];
  char host[INCIDENT_NAME_MAX];
  char plugin[INCIDENT_NAME_MAX];
  char plugin_instance[INCIDENT_NAME_MAX];
  char type[INCIDENT_NAME_MAX];
  char type_instance[INCIDENT_NAME_MAX];
  char ds[INCIDENT_NAME_MAX];
  char message[MESSAGE_MAX];
};

struct node {
  struct incident incident; /* first member: a pointer to it is one to the node.
                               Its strings are in `saved` */
  struct saved_incident saved;
  TAILQ_ENTRY(node) all;
};

struct incidents {
  TAILQ_HEAD(nodes, node) all; /* in the order of their start */
  size_t count;
  size_t max;
  uint64_t dropped;
  struct node *block; /* all nodes of a copy */
};

struct incidents *incidents_create(size_t max) {
  struct incidents *list = calloc(1, sizeof(*list));

  if (list == NULL)
    return NULL;
  TAILQ_INIT(&list->all);
  list->max = max;
  return list;
}

static void forget(struct incidents *list, struct node *n) {
  TAILQ_REMOVE(&list->all, n, all);
  list->count--;
  free(n);
}

void incidents_destroy(struct incidents *list) {
  if (list == NULL)
    return;
  while (list->block == NULL && !TAILQ_EMPTY(&list->all))
    forget(list, TAILQ_FIRST(&list->all));
  free(list->block);
  free(list);
}

/* ---- nodes ---- */

#define PARTS 7

static void list_parts(const struct saved_incident *i,
                       const char *parts[PARTS]) {
  const char *const all[PARTS] = {
      i->rule, i->host,          i->plugin, i->plugin_instance,
      i->type, i->type_instance, i->ds};

  memcpy(parts, all, sizeof(all));
}

static uint32_t key_of(const struct saved_incident *i) {
  const char *parts[PARTS];
  uint32_t key = 2166136261U;

  list_parts(i, parts);
  for (size_t k = 0; k < PARTS; k++)
    for (const char *s = parts[k];; s++) {
      key = (key ^ (unsigned char)*s) * 16777619U;
      if (*s == '\0')
        break;
    }
  return key;
}

static bool is_same(const struct saved_incident *a,
                    const struct saved_incident *b) {
  const char *of_a[PARTS];
  const char *of_b[PARTS];

  if (a->key != b->key)
    return false;
  list_parts(a, of_a);
  list_parts(b, of_b);
  for (size_t k = 0; k < PARTS; k++)
    if (strcmp(of_a[k], of_b[k]) != 0)
      return false;
  return true;
}

static void copy_name(char to[INCIDENT_NAME_MAX], const char *from) {
  snprintf(to, INCIDENT_NAME_MAX, "%s", from);
}

static struct saved_incident saved_of(const struct alert *a, double end) {
  struct saved_incident i = {
      .begin = a->since, .end = end, .level = (int32_t)a->level};

  copy_name(i.rule, a->rule_name);
  copy_name(i.host, a->series.host);
  copy_name(i.plugin, a->series.plugin);
  copy_name(i.plugin_instance, a->series.plugin_instance);
  copy_name(i.type, a->series.type);
  copy_name(i.type_instance, a->series.type_instance);
  copy_name(i.ds, a->series.ds);
  snprintf(i.message, sizeof(i.message), "%s", a->message);
  i.key = key_of(&i);
  return i;
}

/* Call it after each change of `saved`. */
static void refresh(struct node *n) {
  const struct saved_incident *i = &n->saved;

  n->incident = (struct incident){
      .alert = {.rule_name = i->rule,
                .series = {i->host, i->plugin, i->plugin_instance, i->type,
                           i->type_instance, i->ds},
                .level = (enum alert_level)i->level,
                .previous = ALERT_LEVEL_UNKNOWN,
                .status = isnan(i->end) ? STATUS_FIRING : STATUS_RESOLVED,
                .value = NAN,
                .threshold = NAN,
                .since = i->begin,
                .time = isnan(i->end) ? i->begin : i->end,
                .message = i->message},
      .end = i->end};
}

static struct node *append(struct incidents *list,
                           const struct saved_incident *saved) {
  struct node *n = malloc(sizeof(*n));

  if (n == NULL)
    return NULL;
  n->saved = *saved;
  refresh(n);
  TAILQ_INSERT_TAIL(&list->all, n, all);
  list->count++;
  return n;
}

/* ---- events ---- */

static struct node *find_open(const struct incidents *list,
                              const struct saved_incident *like) {
  struct node *n = NULL;

  TAILQ_FOREACH(n, &list->all, all) {
    if (incident_is_open(&n->incident) && is_same(&n->saved, like))
      return n;
  }
  return NULL;
}

/* Drops a closed incident if the list is full. */
static void make_room(struct incidents *list) {
  struct node *n = NULL;

  if (list->count < list->max)
    return;
  TAILQ_FOREACH(n, &list->all, all) {
    if (incident_is_open(&n->incident))
      continue;
    forget(list, n);
    list->dropped++;
    return;
  }
}

static void begin(struct incidents *list, const struct saved_incident *saved) {
  make_room(list);
  if (list->count >= list->max || append(list, saved) == NULL)
    list->dropped++;
}

void incidents_event(struct incidents *list, const struct alert *event) {
  const struct saved_incident now = saved_of(event, NAN);
  struct node *open = find_open(list, &now);

  if (event->level == ALERT_OK) {
    if (open != NULL)
      open->saved.end = fmax(event->time, open->saved.begin);
  } else if (open == NULL) {
    begin(list, &now);
  } else if (now.level > open->saved.level) {
    open->saved.level = now.level;
    memcpy(open->saved.message, now.message, sizeof(now.message));
  }
  if (open != NULL)
    refresh(open);
}

void incidents_expire(struct incidents *list, double wall) {
  struct node *n = TAILQ_FIRST(&list->all);

  while (n != NULL) {
    struct node *next = TAILQ_NEXT(n, all);
    if (n->incident.end < wall - KEPT_AFTER_END)
      forget(list, n);
    n = next;
  }
}

/* ---- copies and state file ---- */

static bool is_valid(const struct saved_incident *i) {
  const char *parts[PARTS];

  list_parts(i, parts);
  for (size_t k = 0; k < PARTS; k++)
    if (memchr(parts[k], '\0', INCIDENT_NAME_MAX) == NULL)
      return false;
  return memchr(i->message, '\0', sizeof(i->message)) != NULL &&
         serialize_is_time(i->begin) &&
         (isnan(i->end) || (serialize_is_time(i->end) && i->end >= i->begin)) &&
         i->level > ALERT_OK && i->level < ALERT_LEVELS;
}

static int restore(struct incidents *list, const struct saved_incident *saved) {
  struct saved_incident copy = *saved;

  if (!is_valid(&copy) || list->count >= list->max)
    return -1;
  copy.key = key_of(&copy);
  return append(list, &copy) != NULL ? 0 : -1;
}

int incidents_restore(struct incidents *list, const struct incident *incident) {
  const struct saved_incident saved = saved_of(&incident->alert, incident->end);

  return restore(list, &saved);
}

struct incidents *incidents_copy(const struct incidents *list) {
  struct incidents *copy = incidents_create(0);
  const struct node *n = NULL;

  if (copy == NULL)
    return NULL;
  copy->block = calloc(list->count + 1, sizeof(*copy->block));
  if (copy->block == NULL) {
    incidents_destroy(copy);
    return NULL;
  }
  TAILQ_FOREACH(n, &list->all, all) {
    struct node *to = &copy->block[copy->count++];
    to->saved = n->saved;
    refresh(to);
    TAILQ_INSERT_TAIL(&copy->all, to, all);
  }
  return copy;
}

void incidents_save(const struct incidents *list, struct serializer *out) {
  const struct node *n = NULL;

  serialize_u64(out, list->count);
  TAILQ_FOREACH(n, &list->all, all) {
    serialize(out, &n->saved, sizeof(n->saved));
  }
}

void incidents_load(struct incidents *list, struct deserializer *in) {
  uint64_t num = deserialize_u64(in);

  for (uint64_t i = 0; i < num && !in->failed; i++) {
    struct saved_incident saved;
    const void *data = deserialize(in, sizeof(saved));
    if (data == NULL)
      return;
    memcpy(&saved, data, sizeof(saved));
    restore(list, &saved);
  }
}

size_t incidents_saved_size(void) { return sizeof(struct saved_incident); }

/* ---- queries ---- */

const struct incident *incidents_next(const struct incidents *list,
                                      const struct incident *incident) {
  const struct node *n = incident == NULL
                             ? TAILQ_FIRST(&list->all)
                             : TAILQ_NEXT((const struct node *)incident, all);

  return n != NULL ? &n->incident : NULL;
}

size_t incidents_count(const struct incidents *list) { return list->count; }

uint64_t incidents_dropped(const struct incidents *list) {
  return list->dropped;
}

bool incident_is_open(const struct incident *incident) {
  return isnan(incident->end);
}
