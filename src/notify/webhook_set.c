/* SPDX-License-Identifier: MIT */
/* The queue of a webhook of format alertmanager: the set of firing alerts and
 * of ends that were not posted yet. */
#include "notify/webhook_queue_internal.h"

#include <math.h>
#include <stdlib.h>

/* ---- items ---- */

static struct webhook_items *list_of(struct webhook_queue *o,
                                     const struct webhook_item *item) {
  return item->waiting ? &o->changes : &o->posted;
}

static struct webhook_item *item_create(const struct alert *from,
                                        struct webhook_alert *of, int64_t ends,
                                        double now) {
  struct webhook_item *item = calloc(1, sizeof(*item) + alert_texts_size(from));
  if (item == NULL)
    return NULL;
  alert_copy(&item->alert, from, item->texts);
  item->alert.rule = NULL; /* the rule may be freed before the item */
  item->of = of;
  item->since = now;
  item->ends = ends;
  item->waiting = true;
  if (of != NULL)
    LIST_INSERT_HEAD(&of->items, item, of_alert);
  return item;
}

static void item_destroy(struct webhook_queue *o, struct webhook_item *item) {
  struct webhook_alert *of = item->of;
  TAILQ_REMOVE(list_of(o, item), item, link);
  o->posted_num -= !item->waiting;
  o->count -= of != NULL;
  if (of != NULL)
    LIST_REMOVE(item, of_alert);
  free(item);
  webhook_alert_release(o, of);
}

/* Moves it to the end of `changes`, or of `posted`. */
static void item_move(struct webhook_queue *o, struct webhook_item *item,
                      bool waiting) {
  TAILQ_REMOVE(list_of(o, item), item, link);
  o->posted_num += (size_t)item->waiting;
  o->posted_num -= (size_t)waiting;
  item->waiting = waiting;
  TAILQ_INSERT_TAIL(list_of(o, item), item, link);
}

void set_destroy(struct webhook_queue *o) {
  while (!TAILQ_EMPTY(&o->changes))
    item_destroy(o, TAILQ_FIRST(&o->changes));
  while (!TAILQ_EMPTY(&o->posted))
    item_destroy(o, TAILQ_FIRST(&o->posted));
}

/* Appends it to the changes, or replaces `old`. */
static void insert(struct webhook_queue *o, struct webhook_item *item,
                   struct webhook_item *old) {
  o->count += item->of != NULL;
  if (old != NULL && old->waiting)
    TAILQ_INSERT_BEFORE(old, item, link);
  else
    TAILQ_INSERT_TAIL(&o->changes, item, link);
  if (old != NULL)
    item_destroy(o, old);
}

/* ---- in ---- */

static void end_item(struct webhook_queue *o, struct webhook_item *item,
                     int64_t time) {
  item->ends = time > 0 ? time : 1;
  item->under_way = false;
  if (!item->waiting)
    item_move(o, item, true);
}

/* Ends the items of the alert that fire at another level than `keep`
 * (ALERT_LEVEL_UNKNOWN: all). Returns the item of that level, firing or ended,
 * or NULL. */
static struct webhook_item *end_others(struct webhook_queue *o,
                                       const struct webhook_alert *a,
                                       enum alert_level keep, int64_t time,
                                       bool *ended) {
  struct webhook_item *same = NULL;
  struct webhook_item *item = NULL;
  LIST_FOREACH(item, &a->items, of_alert) {
    if (item->alert.level == keep) {
      same = item;
    } else if (item->ends == 0) {
      end_item(o, item, time);
      *ended = true;
    }
  }
  return same;
}

static int put_test(struct webhook_queue *o, const struct alert *n,
                    double now) {
  struct webhook_item *old = NULL;
  struct webhook_item *item =
      item_create(n, NULL, (int64_t)(n->time + 3 * o->settings.resend), now);
  if (item == NULL) {
    o->counts.dropped++;
    return -1;
  }
  TAILQ_FOREACH(old, &o->changes, link)
  if (old->of == NULL && !old->under_way)
    break;
  insert(o, item, old);
  return 0;
}

/* No room, or no memory: what fires is put in again when there is room. */
static int refuse(struct webhook_queue *o, struct webhook_alert *a, bool fires,
                  bool again) {
  o->counts.dropped += !again;
  if (a != NULL && fires)
    webhook_alert_set_missed(o, a, true);
  webhook_alert_release(o, a);
  return -1;
}

static int put_firing(struct webhook_queue *o, const struct alert *n,
                      bool again, double now) {
  bool ended = false;
  struct webhook_alert *a = webhook_alert_get(o, n);
  struct webhook_item *old =
      a != NULL ? end_others(o, a, n->level, (int64_t)n->time, &ended) : NULL;
  if (again && old != NULL && old->ends == 0)
    return 0;
  bool fits = a != NULL && (old != NULL || o->count < o->settings.max_alerts);
  struct webhook_item *item = fits ? item_create(n, a, 0, now) : NULL;
  if (item == NULL)
    return refuse(o, a, true, again);
  webhook_alert_set_missed(o, a, false);
  insert(o, item, old);
  return 0;
}

static int put_end(struct webhook_queue *o, struct alert n, double now) {
  bool ended = false;
  struct webhook_alert *a = webhook_alert_find(o, &n);
  bool missed = a != NULL && a->missed;
  if (a != NULL) {
    end_others(o, a, ALERT_LEVEL_UNKNOWN, (int64_t)n.time, &ended);
    webhook_alert_set_missed(o, a, false);
    webhook_alert_release(o, a);
  }
  if (ended || missed || n.previous == ALERT_LEVEL_UNKNOWN)
    return 0;
  n.level = n.previous; /* firing since before the start */
  a = o->count < o->settings.max_alerts ? webhook_alert_get(o, &n) : NULL;
  struct webhook_item *item =
      a != NULL ? item_create(&n, a, (int64_t)n.time, now) : NULL;
  if (item == NULL)
    return refuse(o, a, false, false);
  insert(o, item, NULL);
  return 0;
}

static int put_one(struct webhook_queue *o, struct alert n, bool again,
                   double now) {
  if (!webhook_filter_level(o, &n) || (again && n.status == STATUS_RESOLVED))
    return 0;
  return n.status == STATUS_RESOLVED ? put_end(o, n, now)
                                     : put_firing(o, &n, again, now);
}

int set_put(struct webhook_queue *o, const struct webhook_notice *notice,
            double now) {
  int status = 0;
  if (notice->message->status == STATUS_TEST)
    return put_test(o, notice->message, now);
  for (size_t i = 0; i < notice->num; i++)
    if (put_one(o, notice->alerts[i], notice->again, now) != 0)
      status = -1;
  return status;
}

/* ---- out ---- */

/* Firing alerts never expire. */
void set_expire(struct webhook_queue *o, double now) {
  struct webhook_item *item = TAILQ_FIRST(&o->changes);
  while (item != NULL) {
    struct webhook_item *next = TAILQ_NEXT(item, link);
    if (item->ends != 0 && now - item->since >= WEBHOOK_QUEUE_EXPIRY) {
      item_destroy(o, item);
      o->counts.dropped++;
    }
    item = next;
  }
}

/* Takes up to `most` items from the head of a list. Returns their number. */
static size_t take(struct webhook_items *list, size_t most, int64_t ends,
                   struct payload_alert *out) {
  struct webhook_item *item = NULL;
  size_t num = 0;
  TAILQ_FOREACH(item, list, link) {
    if (num == most)
      break;
    item->under_way = true;
    out[num++] = (struct payload_alert){&item->alert,
                                        item->ends != 0 ? item->ends : ends};
  }
  return num;
}

static size_t count_changes(const struct webhook_queue *o, size_t most) {
  const struct webhook_item *item = NULL;
  size_t num = 0;
  TAILQ_FOREACH(item, &o->changes, link) {
    if (num == most)
      break;
    num++;
  }
  return num;
}

/* Nothing of the list is under way. */
static void give_back(struct webhook_items *list) {
  struct webhook_item *item = TAILQ_FIRST(list);
  for (size_t i = 0; i < WEBHOOK_QUEUE_BODY_MAX && item != NULL; i++) {
    item->under_way = false;
    item = TAILQ_NEXT(item, link);
  }
}

void set_fail(struct webhook_queue *o) {
  give_back(&o->posted);
  give_back(&o->changes);
}

/* Changes first; the rest of the body is the current round of all that was
 * posted before. */
char *set_body(struct webhook_queue *o, double now, int64_t wall) {
  int64_t ends = wall + (int64_t)ceil(3 * o->settings.resend);
  size_t changed = count_changes(o, WEBHOOK_QUEUE_BODY_MAX);
  if (!o->resends && now >= o->next_resend) {
    o->resends = true;
    o->resend_left = o->posted_num;
  }
  size_t again = WEBHOOK_QUEUE_BODY_MAX - changed;
  if (again > o->resend_left)
    again = o->resend_left;
  struct payload_alert *alerts = calloc(changed + again, sizeof(*alerts));
  if (alerts == NULL)
    return NULL;
  size_t num = take(&o->posted, again, ends, alerts);
  num += take(&o->changes, changed, ends, alerts + num);
  char *body = payload_alertmanager(alerts, num);
  free(alerts);
  if (body == NULL)
    set_fail(o);
  return body;
}

/* An item that has changed meanwhile is no longer under way. */
static void settle_list(struct webhook_queue *o, struct webhook_items *list,
                        uint64_t *count) {
  size_t left = WEBHOOK_QUEUE_BODY_MAX;
  struct webhook_item *item = TAILQ_FIRST(list);
  for (; item != NULL && left > 0; left--) {
    struct webhook_item *next = TAILQ_NEXT(item, link);
    if (item->under_way) {
      *count += item->waiting;
      o->resend_left -= !item->waiting && o->resend_left > 0;
      item->under_way = false;
      if (item->ends != 0)
        item_destroy(o, item);
      else
        item_move(o, item, false);
    }
    item = next;
  }
}

void set_settle(struct webhook_queue *o, uint64_t *count, double now) {
  settle_list(o, &o->posted, count);
  settle_list(o, &o->changes, count);
  if (o->resend_left > o->posted_num)
    o->resend_left = o->posted_num;
  if (!o->resends || o->resend_left > 0)
    return;
  o->resends = false;
  o->next_resend = now + o->settings.resend;
}
