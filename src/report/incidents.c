/* SPDX-License-Identifier: MIT */
#include "report/incidents.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define KEPT_AFTER_END 86400.0 /* seconds */

struct node {
  struct incident incident; /* first: a pointer to it is one to the node */
  TAILQ_ENTRY(node) all;
};

struct incidents {
  TAILQ_HEAD(nodes, node) all; /* in the order of their beginning */
  size_t count;
  size_t max;
  uint64_t dropped;
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
  while (!TAILQ_EMPTY(&list->all))
    forget(list, TAILQ_FIRST(&list->all));
  free(list);
}

/* ------------------------------------------------------------------- keys */

#define PARTS 7

static void list_parts(const struct incident *i, const char *parts[PARTS]) {
  parts[0] = i->rule;
  parts[1] = i->host;
  parts[2] = i->plugin;
  parts[3] = i->plugin_instance;
  parts[4] = i->type;
  parts[5] = i->type_instance;
  parts[6] = i->ds;
}

static uint32_t key_of(const struct incident *i) {
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

static bool same(const struct incident *a, const struct incident *b) {
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

static struct incident *find_open(const struct incidents *list,
                                  const struct incident *like) {
  struct node *n = NULL;

  TAILQ_FOREACH(n, &list->all, all) {
    if (incident_is_open(&n->incident) && same(&n->incident, like))
      return &n->incident;
  }
  return NULL;
}

/* ------------------------------------------------------------------ events */

static void copy_name(char to[INCIDENT_NAME_MAX], const char *from) {
  snprintf(to, INCIDENT_NAME_MAX, "%s", from);
}

static struct incident incident_of(const struct alert_event *event) {
  const struct series *s = event->series;
  struct incident i = {.level = event->level, .end = NAN};

  copy_name(i.rule, event->rule->name);
  copy_name(i.host, s->host);
  copy_name(i.plugin, s->plugin);
  copy_name(i.plugin_instance, s->plugin_instance);
  copy_name(i.type, s->type);
  copy_name(i.type_instance, s->type_instance);
  copy_name(i.ds, s->ds);
  i.key = key_of(&i);
  return i;
}

static int append(struct incidents *list, const struct incident *incident) {
  struct node *n = malloc(sizeof(*n));

  if (n == NULL)
    return -1;
  n->incident = *incident;
  TAILQ_INSERT_TAIL(&list->all, n, all);
  list->count++;
  return 0;
}

/* Room for one more, if a closed one can go. */
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

static void begin(struct incidents *list, const struct incident *incident) {
  make_room(list);
  if (list->count >= list->max || append(list, incident) != 0)
    list->dropped++;
}

void incidents_event(struct incidents *list, const struct alert_event *event,
                     const char *message, double begin_wall, double wall) {
  struct incident now = incident_of(event);
  struct incident *open = find_open(list, &now);

  now.begin = begin_wall;
  snprintf(now.message, sizeof(now.message), "%s", message);
  if (event->level == ALERT_OK) {
    if (open != NULL)
      open->end = fmax(wall, open->begin);
  } else if (open == NULL) {
    begin(list, &now);
  } else if (now.level > open->level) {
    open->level = now.level;
    memcpy(open->message, now.message, sizeof(open->message));
  }
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

/* ----------------------------------------------------------------- a file */

static bool ends(const char *text, size_t size) {
  return memchr(text, '\0', size) != NULL;
}

static bool is_valid(const struct incident *i) {
  const char *parts[PARTS];

  list_parts(i, parts);
  for (size_t k = 0; k < PARTS; k++)
    if (!ends(parts[k], INCIDENT_NAME_MAX))
      return false;
  return ends(i->message, sizeof(i->message)) && serialize_is_time(i->begin) &&
         (isnan(i->end) || (serialize_is_time(i->end) && i->end >= i->begin)) &&
         i->level > ALERT_OK && i->level < ALERT_LEVELS;
}

int incidents_restore(struct incidents *list, const struct incident *incident) {
  struct incident copy = *incident;

  if (!is_valid(&copy) || list->count >= list->max)
    return -1;
  copy.key = key_of(&copy);
  return append(list, &copy);
}

/* ----------------------------------------------------------------- asking */

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

void incident_identity(const struct incident *i,
                       char buf[INCIDENT_IDENTITY_MAX]) {
  snprintf(buf, INCIDENT_IDENTITY_MAX, "%s/%s%s%s/%s%s%s", i->host, i->plugin,
           *i->plugin_instance != '\0' ? "-" : "", i->plugin_instance, i->type,
           *i->type_instance != '\0' ? "-" : "", i->type_instance);
}
