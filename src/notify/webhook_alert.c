/* SPDX-License-Identifier: MIT */
/* What a webhook's queue knows of each alert, found by rule and series. */
#include "notify/webhook_queue_internal.h"

#include <stdlib.h>
#include <string.h>

struct webhook_alert *webhook_alert_find(const struct webhook_queue *o,
                                         const struct alert *alert) {
  struct series_key key = series_key(o->alerts, &alert->series);
  struct webhook_alert *a = (struct webhook_alert *)series_table_find(
      o->alerts, &alert->series, &key);
  while (a != NULL && strcmp(a->rule, alert->rule_name) != 0)
    a = a->next;
  return a;
}

static struct webhook_alert *create(const struct alert *alert,
                                    const struct series_key *key) {
  size_t rule_size = strlen(alert->rule_name) + 1;
  struct webhook_alert *a = calloc(1, sizeof(*a) + key->size + rule_size);
  if (a == NULL)
    return NULL;
  series_entry_init(&a->entry, &alert->series, key, a->text);
  a->rule = memcpy(a->text + key->size, alert->rule_name, rule_size);
  LIST_INIT(&a->items);
  return a;
}

struct webhook_alert *webhook_alert_get(struct webhook_queue *o,
                                        const struct alert *alert) {
  struct webhook_alert *a = webhook_alert_find(o, alert);
  if (a != NULL || o->alerts_num >= o->settings.max_alerts)
    return a;
  struct series_key key = series_key(o->alerts, &alert->series);
  struct webhook_alert *other = (struct webhook_alert *)series_table_find(
      o->alerts, &alert->series, &key);
  a = create(alert, &key);
  if (a == NULL)
    return NULL;
  if (other != NULL) {
    a->next = other->next;
    other->next = a;
  } else if (series_table_insert(o->alerts, &a->entry) != 0) {
    free(a);
    return NULL;
  }
  LIST_INSERT_HEAD(&o->all, a, all);
  o->alerts_num++;
  return a;
}

static void unlink_alert(struct webhook_queue *o, struct webhook_alert *a) {
  struct series_key key = series_key(o->alerts, &a->entry.series);
  struct webhook_alert *first = (struct webhook_alert *)series_table_find(
      o->alerts, &a->entry.series, &key);
  if (first == a) {
    series_table_remove(o->alerts, &a->entry);
    if (a->next != NULL) /* has room: one was removed */
      series_table_insert(o->alerts, &a->next->entry);
    return;
  }
  while (first->next != a)
    first = first->next;
  first->next = a->next;
}

void webhook_alert_set_missed(struct webhook_queue *o, struct webhook_alert *a,
                              bool missed) {
  o->missed += (size_t)missed;
  o->missed -= (size_t)a->missed;
  a->missed = missed;
}

void webhook_alert_release(struct webhook_queue *o, struct webhook_alert *a) {
  if (a == NULL || a->missed || a->waiting > 0 || !LIST_EMPTY(&a->items))
    return;
  unlink_alert(o, a);
  LIST_REMOVE(a, all);
  o->alerts_num--;
  free(a);
}

void webhook_alerts_forget(struct webhook_queue *o) {
  struct webhook_alert *a = NULL;
  while ((a = LIST_FIRST(&o->all)) != NULL) {
    webhook_alert_set_missed(o, a, false);
    webhook_alert_release(o, a);
  }
}

static bool was_wanted(const struct webhook_queue *o, const struct alert *n) {
  return n->previous >= o->settings.least; /* or unknown */
}

bool webhook_filter_level(const struct webhook_queue *o, struct alert *n) {
  if (n->status == STATUS_TEST)
    return true;
  if (n->status != STATUS_RESOLVED && n->level >= o->settings.least)
    return true;
  n->status = STATUS_RESOLVED;
  return was_wanted(o, n);
}
