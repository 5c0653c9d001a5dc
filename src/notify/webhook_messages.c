/* SPDX-License-Identifier: MIT */
/* The queue of a webhook of format slack or json: one message a body, in
 * order. */
#include "notify/webhook_queue_internal.h"

#include <stdlib.h>

static bool is_test(const struct webhook_message *m) { return m->num == 0; }

/* ---- messages ---- */

static struct webhook_message *create(const struct alert *from, size_t num,
                                      double now) {
  size_t alerts = num * sizeof(struct webhook_alert *);
  struct webhook_message *m =
      calloc(1, sizeof(*m) + alerts + alert_texts_size(from));
  if (m == NULL)
    return NULL;
  alert_copy(&m->alert, from, (char *)m + sizeof(*m) + alerts);
  m->alert.rule = NULL; /* the rule may be freed before the message */
  m->since = now;
  m->num = num;
  return m;
}

static void leave_alert(struct webhook_queue *o, struct webhook_alert *a,
                        const struct webhook_message *m) {
  a->waiting--;
  if (a->last == m)
    a->last = NULL;
  webhook_alert_release(o, a);
}

static void destroy(struct webhook_queue *o, struct webhook_message *m) {
  TAILQ_REMOVE(&o->messages, m, link);
  o->count -= !is_test(m);
  for (size_t i = 0; i < m->num; i++)
    leave_alert(o, m->alerts[i], m);
  free(m);
}

void messages_destroy(struct webhook_queue *o) {
  while (!TAILQ_EMPTY(&o->messages))
    destroy(o, TAILQ_FIRST(&o->messages));
}

/* ---- in ---- */

/* A waiting test is replaced: there is never more than one. */
static int put_test(struct webhook_queue *o, const struct alert *n,
                    double now) {
  struct webhook_message *made = create(n, 0, now);
  struct webhook_message *old = NULL;
  if (made == NULL) {
    o->counts.dropped++;
    return -1;
  }
  TAILQ_FOREACH(old, &o->messages, link)
  if (is_test(old) && !old->under_way)
    break;
  if (old == NULL) {
    TAILQ_INSERT_TAIL(&o->messages, made, link);
    return 0;
  }
  TAILQ_INSERT_BEFORE(old, made, link);
  destroy(o, old);
  return 0;
}

/* The receiver has heard, or will hear, that the alert fires. */
static bool hears_of(const struct webhook_queue *o, const struct alert *n) {
  const struct webhook_alert *a = webhook_alert_find(o, n);
  return a == NULL ? n->previous >= o->settings.least
                   : a->last != NULL || a->told != ALERT_OK;
}

/* True: the message of the alerts is to be sent. */
static bool is_wanted(const struct webhook_queue *o,
                      const struct webhook_notice *notice, bool ends) {
  for (size_t i = 0; i < notice->num; i++) {
    if (notice->again ? webhook_queue_lacks(o, &notice->alerts[i])
                      : !ends || hears_of(o, &notice->alerts[i]))
      return true;
  }
  return false;
}

/* Wanted for the sake of one of its alerts, and with the status that the
 * receiver is to see. */
static bool filter_level(const struct webhook_queue *o,
                         const struct webhook_notice *notice, struct alert *n) {
  bool wanted = webhook_filter_level(o, n);
  for (size_t i = 0; i < notice->num && !wanted; i++) {
    struct alert one = notice->alerts[i];
    wanted = webhook_filter_level(o, &one);
  }
  return wanted;
}

/* An alert that ended is no longer missed. */
static void forget_missed(struct webhook_queue *o,
                          const struct webhook_notice *notice) {
  for (size_t i = 0; i < notice->num; i++) {
    struct webhook_alert *a = webhook_alert_find(o, &notice->alerts[i]);
    if (a == NULL)
      continue;
    webhook_alert_set_missed(o, a, false);
    webhook_alert_release(o, a);
  }
}

/* Finds or adds it. It starts with what was told of it before. */
static struct webhook_alert *get_alert(struct webhook_queue *o,
                                       const struct alert *n) {
  struct webhook_alert *a = webhook_alert_find(o, n);
  if (a != NULL)
    return a;
  a = webhook_alert_get(o, n);
  if (a != NULL)
    a->told = n->previous >= o->settings.least ? n->previous : ALERT_OK;
  return a;
}

/* No room, or no memory: what fires is put in again when there is room. */
static int refuse(struct webhook_queue *o, const struct webhook_notice *notice,
                  bool ends) {
  o->counts.dropped += !notice->again;
  for (size_t i = 0; !ends && i < notice->num; i++) {
    struct webhook_alert *a = get_alert(o, &notice->alerts[i]);
    if (a != NULL)
      webhook_alert_set_missed(o, a, true);
  }
  return -1;
}

/* The waiting message that the notice makes obsolete: of the same alerts, or
 * of some of them, with the same status. */
static struct webhook_message *
find_replaced(const struct webhook_queue *o,
              const struct webhook_notice *notice, enum alert_status status) {
  const struct webhook_alert *first = webhook_alert_find(o, &notice->alerts[0]);
  struct webhook_message *old = first != NULL ? first->last : NULL;
  size_t same = 0;
  if (old == NULL || old->under_way || old->alert.status != status ||
      old->num > notice->num)
    return NULL;
  for (size_t i = 0; i < notice->num; i++) {
    const struct webhook_alert *a =
        i > 0 ? webhook_alert_find(o, &notice->alerts[i]) : first;
    same += a != NULL && a->last == old;
  }
  return same == old->num ? old : NULL;
}

/* Appends the message or puts it in the place of `old`. */
static void insert(struct webhook_queue *o, struct webhook_message *m,
                   struct webhook_message *old) {
  o->count++;
  for (size_t i = 0; i < m->num; i++) {
    m->alerts[i]->waiting++;
    m->alerts[i]->last = m;
    webhook_alert_set_missed(o, m->alerts[i], false);
  }
  if (old == NULL) {
    TAILQ_INSERT_TAIL(&o->messages, m, link);
    return;
  }
  TAILQ_INSERT_BEFORE(old, m, link);
  destroy(o, old);
}

/* Fills m->alerts. -1: out of memory, or too many. */
static int list_alerts(struct webhook_queue *o, struct webhook_message *m,
                       const struct webhook_notice *notice) {
  for (size_t i = 0; i < m->num; i++) {
    m->alerts[i] = get_alert(o, &notice->alerts[i]);
    if (m->alerts[i] != NULL)
      continue;
    while (i-- > 0)
      webhook_alert_release(o, m->alerts[i]);
    return -1;
  }
  return 0;
}

static bool has_room(const struct webhook_queue *o, bool ends) {
  size_t more = ends ? o->settings.max_alerts : 0;
  return o->count < o->settings.max + more;
}

int messages_put(struct webhook_queue *o, const struct webhook_notice *notice,
                 double now) {
  struct alert n = *notice->message;
  if (n.status == STATUS_TEST)
    return put_test(o, &n, now);
  if (!filter_level(o, notice, &n))
    return 0;
  bool ends = n.status == STATUS_RESOLVED;
  if (!is_wanted(o, notice, ends)) {
    if (ends)
      forget_missed(o, notice);
    return 0;
  }
  struct webhook_message *old = find_replaced(o, notice, n.status);
  if (old == NULL && !has_room(o, ends))
    return refuse(o, notice, ends);
  struct webhook_message *m = create(&n, notice->num, now);
  if (m == NULL || list_alerts(o, m, notice) != 0) {
    free(m);
    return refuse(o, notice, ends);
  }
  if (old != NULL)
    m->alert.previous = old->alert.previous;
  else if (notice->again)
    m->alert.previous = m->alerts[0]->told;
  insert(o, m, old);
  return 0;
}

/* ---- out ---- */

/* What fires is put in again, if nothing later waits. */
static void drop_old(struct webhook_queue *o, struct webhook_message *m) {
  o->counts.dropped++;
  for (size_t i = 0; i < m->num; i++)
    if (m->alerts[i]->last == m)
      webhook_alert_set_missed(o, m->alerts[i], true);
  destroy(o, m);
}

/* The start was not delivered: the end is not either. */
static bool is_pointless(const struct webhook_message *m) {
  if (is_test(m) || m->alert.status != STATUS_RESOLVED)
    return false;
  for (size_t i = 0; i < m->num; i++)
    if (m->alerts[i]->told != ALERT_OK)
      return false;
  return true;
}

/* The end of an alert whose start was delivered never expires. */
void messages_expire(struct webhook_queue *o, double now) {
  struct webhook_message *m = TAILQ_FIRST(&o->messages);
  while (m != NULL) {
    struct webhook_message *next = TAILQ_NEXT(m, link);
    if (m->alert.status != STATUS_RESOLVED &&
        now - m->since >= WEBHOOK_QUEUE_EXPIRY)
      drop_old(o, m);
    m = next;
  }
}

void messages_skip_pointless(struct webhook_queue *o) {
  struct webhook_message *m = NULL;
  while ((m = TAILQ_FIRST(&o->messages)) != NULL && is_pointless(m))
    destroy(o, m);
}

char *messages_body(struct webhook_queue *o) {
  struct webhook_message *first = TAILQ_FIRST(&o->messages);
  char *body = o->settings.format == WEBHOOK_QUEUE_SLACK
                   ? payload_slack(&first->alert)
                   : payload_json(&first->alert);
  first->under_way = body != NULL;
  return body;
}

void messages_fail(struct webhook_queue *o) {
  TAILQ_FIRST(&o->messages)->under_way = false;
}

void messages_settle(struct webhook_queue *o, uint64_t *count) {
  struct webhook_message *first = TAILQ_FIRST(&o->messages);
  bool ended = first->alert.status == STATUS_RESOLVED;
  for (size_t i = 0; i < first->num; i++)
    first->alerts[i]->told = ended ? ALERT_OK
                             : first->alert.level > ALERT_OK
                                 ? first->alert.level
                                 : ALERT_INFO;
  *count += 1;
  destroy(o, first);
}
