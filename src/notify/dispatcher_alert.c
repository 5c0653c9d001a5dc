/* SPDX-License-Identifier: MIT */
/* Alerts of the dispatcher: added, removed, silenced, inhibited. */
#include "notify/dispatcher_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- hubs and series ---- */

static struct series hub_of(const struct series *s) {
  return (struct series){s->host, s->plugin, s->plugin_instance, "", "", ""};
}

static struct dispatched_hub *hub_get(struct dispatcher *n,
                                      const struct series *s) {
  const struct series id = hub_of(s);
  struct series_key key = series_key(n->hubs, &id);
  struct dispatched_hub *hub =
      (struct dispatched_hub *)series_table_find(n->hubs, &id, &key);

  if (hub != NULL || (hub = calloc(1, sizeof(*hub) + key.size)) == NULL)
    return hub;
  series_entry_init(&hub->entry, &id, &key, hub->text);
  LIST_INIT(&hub->inhibitors);
  if (series_table_insert(n->hubs, &hub->entry) != 0) {
    free(hub);
    return NULL;
  }
  LIST_INSERT_HEAD(&n->all_hubs, hub, all);
  return hub;
}

static void hub_drop_empty(struct dispatcher *n, struct dispatched_hub *hub) {
  if (hub->alerts > 0)
    return;
  series_table_remove(n->hubs, &hub->entry);
  LIST_REMOVE(hub, all);
  free(hub);
}

static struct dispatched_series *subject_find(const struct dispatcher *n,
                                              const struct series *s) {
  struct series_key key = series_key(n->subjects, s);

  return (struct dispatched_series *)series_table_find(n->subjects, s, &key);
}

static struct dispatched_series *subject_get(struct dispatcher *n,
                                             const struct series *s) {
  struct series_key key = series_key(n->subjects, s);
  struct dispatched_series *subject = subject_find(n, s);

  if (subject != NULL ||
      (subject = calloc(1, sizeof(*subject) + key.size)) == NULL)
    return subject;
  series_entry_init(&subject->entry, s, &key, subject->text);
  LIST_INIT(&subject->alerts);
  subject->hub = hub_get(n, s);
  if (subject->hub != NULL &&
      series_table_insert(n->subjects, &subject->entry) == 0)
    return subject;
  if (subject->hub != NULL)
    hub_drop_empty(n, subject->hub);
  free(subject);
  return NULL;
}

static void subject_drop_empty(struct dispatcher *n,
                               struct dispatched_series *subject) {
  if (!LIST_EMPTY(&subject->alerts))
    return;
  series_table_remove(n->subjects, &subject->entry);
  hub_drop_empty(n, subject->hub);
  free(subject);
}

/* ---- alerts ---- */

struct dispatched_alert *alert_find(const struct dispatcher *n,
                                    const char *rule, const struct series *s) {
  struct dispatched_series *subject = subject_find(n, s);
  struct dispatched_alert *a = NULL;

  if (subject == NULL)
    return NULL;
  LIST_FOREACH(a, &subject->alerts, of_subject) {
    if (strcmp(a->alert.rule->name, rule) == 0)
      return a;
  }
  return NULL;
}

void alert_use_rule(struct dispatched_alert *a, const struct rule *rule) {
  a->alert.rule = rule;
  a->alert.rule_name = rule->name;
  a->alert.runbook = rule->runbook;
}

void alert_take(struct dispatched_alert *a, const struct alert *from) {
  a->alert.level = from->level;
  a->alert.reason = from->reason;
  a->alert.value = from->value;
  a->alert.threshold = from->threshold;
  a->alert.since = from->since;
  a->alert.time = from->time;
}

struct dispatched_alert *alert_add(struct dispatcher *n,
                                   const struct rule *rule,
                                   const struct series *s, double now) {
  struct dispatched_series *subject =
      n->num < n->max ? subject_get(n, s) : NULL;
  struct dispatched_alert *a = subject != NULL ? calloc(1, sizeof(*a)) : NULL;

  if (a == NULL) {
    if (subject != NULL)
      subject_drop_empty(n, subject);
    return NULL;
  }
  alert_use_rule(a, rule);
  a->alert.series = subject->entry.series;
  a->subject = subject;
  a->notified = ALERT_OK;
  a->changed = now;
  flapping_init(&a->flap, now);
  LIST_INSERT_HEAD(&subject->alerts, a, of_subject);
  TAILQ_INSERT_TAIL(&n->all, a, all);
  subject->hub->alerts++;
  n->num++;
  return a;
}

void alert_set_inhibitor(struct dispatched_alert *a) {
  bool is = a->alert.rule->inhibits && a->alert.level != ALERT_OK;

  if (is && !a->is_inhibitor)
    LIST_INSERT_HEAD(&a->subject->hub->inhibitors, a, of_hub);
  else if (!is && a->is_inhibitor)
    LIST_REMOVE(a, of_hub);
  a->is_inhibitor = is;
}

void alert_drop(struct dispatcher *n, struct dispatched_alert *a) {
  a->alert.level = ALERT_OK;
  alert_set_inhibitor(a);
  if (a->waits)
    TAILQ_REMOVE(&n->queue, a, queue);
  TAILQ_REMOVE(&n->all, a, all);
  LIST_REMOVE(a, of_subject);
  a->subject->hub->alerts--;
  n->num--;
  subject_drop_empty(n, a->subject);
  free(a);
}

int alert_wanted(const struct dispatched_alert *a) {
  return flapping_active(&a->flap) ? FLAPPING : (int)a->alert.level;
}

void alert_enqueue(struct dispatcher *n, struct dispatched_alert *a,
                   double due) {
  if (a->waits)
    return;
  a->waits = true;
  a->due = due;
  TAILQ_INSERT_TAIL(&n->queue, a, queue);
  if (due < n->due)
    n->due = due;
}

void alert_dequeue(struct dispatcher *n, struct dispatched_alert *a) {
  if (a->waits)
    TAILQ_REMOVE(&n->queue, a, queue);
  a->waits = a->again = a->released = false;
}

double dispatcher_group_wait(const struct dispatcher *n) {
  return n->rules != NULL ? n->rules->group_wait : 0;
}

double alert_patience(const struct dispatcher *n,
                      const struct dispatched_alert *a) {
  if (a->unconfirmed_before)
    return UNCONFIRMED_WAIT;
  return dispatcher_group_wait(n) +
         (a->released ? 2 * a->alert.rule->clear_for : 0);
}

/* ---- silences and inhibition ---- */

/* NULL: not inhibited. */
static const struct dispatched_alert *
find_inhibitor(const struct dispatched_alert *a) {
  const struct rule *rule = a->alert.rule;
  const struct dispatched_alert *by = NULL;

  if (rule->inhibited_by_num == 0)
    return NULL;
  LIST_FOREACH(by, &a->subject->hub->inhibitors, of_hub) {
    for (size_t i = 0; i < rule->inhibited_by_num; i++)
      if (strcmp(by->alert.rule->name, rule->inhibited_by[i]) == 0)
        return by;
  }
  return NULL;
}

/* 1: covered, 0: not covered, -1: out of memory. */
static int silence_covers(const struct silence *silence,
                          const struct dispatched_alert *a,
                          struct regex_budget *budget) {
  struct identity id;
  char buf[1024];
  int covers = 0;

  if (silence->rule != NULL && strcmp(silence->rule, a->alert.rule->name) != 0)
    return 0;
  if (silence->metric == NULL)
    return 1;
  if (series_identity(&a->subject->entry.series, buf, sizeof(buf), &id) != 0)
    return -1;
  covers = pattern_match(silence->metric, &id, budget);
  series_identity_clear(&id, buf);
  return covers;
}

void alert_find_silence(const struct dispatcher *n,
                        struct dispatched_alert *a) {
  struct regex_budget budget = {REGEX_BUDGET_STEPS};

  a->silenced_until = -INFINITY;
  for (size_t i = 0; n->rules != NULL && i < n->rules->silences_num; i++) {
    const struct silence *silence = &n->rules->silences[i];
    int covers = silence->until > a->silenced_until
                     ? silence_covers(silence, a, &budget)
                     : 0;
    if (covers != 0)
      a->silenced_until = covers > 0 ? silence->until : NAN;
    if (covers > 0)
      a->silence = silence;
    if (covers < 0)
      return;
  }
}

enum alert_status alert_status_of(const struct dispatcher *n,
                                  const struct dispatched_alert *a) {
  if (n->wall < a->silenced_until)
    return STATUS_SILENCED;
  if (find_inhibitor(a) != NULL)
    return STATUS_INHIBITED;
  return flapping_active(&a->flap) ? STATUS_FLAPPING : STATUS_FIRING;
}

const char *alert_holder(const struct dispatcher *n,
                         const struct dispatched_alert *a) {
  enum alert_status status = alert_status_of(n, a);

  if (status == STATUS_SILENCED)
    return a->silence->reason;
  return status == STATUS_INHIBITED ? find_inhibitor(a)->alert.rule_name : NULL;
}

bool alert_is_held(const struct dispatcher *n,
                   const struct dispatched_alert *a) {
  enum alert_status status = alert_status_of(n, a);

  return alert_wanted(a) != ALERT_OK &&
         (status == STATUS_SILENCED || status == STATUS_INHIBITED);
}
