/* SPDX-License-Identifier: MIT */
#include "notify/webhook_queue.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

struct webhook_item {
  TAILQ_ENTRY(webhook_item) link;
  struct alert alert;
  double since;   /* `now` of arrival */
  int64_t ends;   /* alertmanager: end; 0: firing */
  bool waiting;   /* not posted yet */
  bool under_way; /* in the current body */
  char texts[];
};

TAILQ_HEAD(items, webhook_item);

struct webhook_queue {
  struct webhook_queue_settings settings;
  struct items items;
  size_t count;
  bool busy;         /* a body is in progress */
  unsigned failures; /* consecutive */
  double next_try;
  bool all;           /* alertmanager: the current body has all alerts */
  double next_resend; /* alertmanager */
  struct webhook_queue_counts counts;
};

/* ---- items ---- */

static struct webhook_item *item_create(const struct alert *from, double now) {
  struct webhook_item *item = calloc(1, sizeof(*item) + alert_texts_size(from));
  if (item == NULL)
    return NULL;
  alert_copy(&item->alert, from, item->texts);
  item->alert.rule = NULL; /* the rule may be freed before the item */
  item->since = now;
  item->waiting = true;
  return item;
}

static void item_remove(struct webhook_queue *o, struct webhook_item *item) {
  TAILQ_REMOVE(&o->items, item, link);
  o->count--;
  free(item);
}

static void item_drop(struct webhook_queue *o, struct webhook_item *item) {
  item_remove(o, item);
  o->counts.dropped++;
}

/* Appends the item or replaces `old`. 0, or -1: dropped. */
static int item_put(struct webhook_queue *o, struct webhook_item *item,
                    struct webhook_item *old) {
  if (item == NULL) {
    o->counts.dropped++;
    return -1;
  }
  if (old != NULL) {
    TAILQ_INSERT_BEFORE(old, item, link);
    item_remove(o, old);
  } else {
    TAILQ_INSERT_TAIL(&o->items, item, link);
  }
  o->count++;
  return 0;
}

/* ---- filter by level ---- */

static bool was_wanted(const struct webhook_queue *o, const struct alert *n) {
  return n->previous >= o->settings.least; /* or unknown */
}

/* False: not wanted. An alert that falls below the minimum level is
 * resolved. */
static bool filter_level(const struct webhook_queue *o, struct alert *n) {
  if (n->status == STATUS_TEST)
    return true;
  if (n->status != STATUS_RESOLVED && n->level >= o->settings.least)
    return true;
  n->status = STATUS_RESOLVED;
  return was_wanted(o, n);
}

/* ---- slack, json: queue ---- */

static struct webhook_item *last_of_alert(struct webhook_queue *o,
                                          const struct alert *n) {
  struct webhook_item *item = NULL;
  TAILQ_FOREACH_REVERSE(item, &o->items, items, link)
  if (alert_is_same(&item->alert, n))
    return item;
  return NULL;
}

static struct webhook_item *oldest(const struct webhook_queue *o) {
  struct webhook_item *first = TAILQ_FIRST(&o->items);
  return first != NULL && first->under_way ? TAILQ_NEXT(first, link) : first;
}

static int queue_put(struct webhook_queue *o, struct alert n, double now) {
  struct webhook_item *last = last_of_alert(o, &n);
  bool replaces =
      last != NULL && !last->under_way && n.status == last->alert.status;
  bool full = !replaces && o->count >= o->settings.max;
  if (replaces)
    n.previous = last->alert.previous;
  if (full)
    item_drop(o, oldest(o));
  int status = item_put(o, item_create(&n, now), replaces ? last : NULL);
  return full ? -1 : status;
}

static char *queue_body(struct webhook_queue *o) {
  struct webhook_item *first = TAILQ_FIRST(&o->items);
  char *body = o->settings.format == WEBHOOK_QUEUE_SLACK
                   ? payload_slack(&first->alert)
                   : payload_json(&first->alert);
  first->under_way = body != NULL;
  return body;
}

/* ---- alertmanager: set of alerts ---- */

static void end_alert(struct webhook_item *item, int64_t time) {
  item->ends = time > 0 ? time : 1;
  item->waiting = true;
  item->under_way = false;
}

/* Ends the items of the alert that fire at another level than `keep`
 * (ALERT_LEVEL_UNKNOWN: all). Returns the item of that level, firing or ended,
 * or NULL. */
static struct webhook_item *end_others(struct webhook_queue *o,
                                       const struct alert *n,
                                       enum alert_level keep, bool *ended) {
  struct webhook_item *same = NULL;
  struct webhook_item *item = NULL;
  TAILQ_FOREACH(item, &o->items, link) {
    if (!alert_is_same(&item->alert, n))
      continue;
    if (item->alert.level == keep) {
      same = item;
    } else if (item->ends == 0) {
      end_alert(item, (int64_t)n->time);
      *ended = true;
    }
  }
  return same;
}

static int set_append(struct webhook_queue *o, const struct alert *n,
                      int64_t ends, struct webhook_item *old, double now) {
  bool fits = old != NULL || o->count < o->settings.max;
  struct webhook_item *item = fits ? item_create(n, now) : NULL;
  if (item != NULL)
    item->ends = ends;
  return item_put(o, item, old);
}

static int set_put(struct webhook_queue *o, struct alert n, double now) {
  bool ended = false;
  if (n.status == STATUS_TEST)
    return set_append(o, &n, (int64_t)(n.time + 3 * o->settings.resend), NULL,
                      now);
  if (n.status != STATUS_RESOLVED)
    return set_append(o, &n, 0, end_others(o, &n, n.level, &ended), now);
  end_others(o, &n, ALERT_LEVEL_UNKNOWN, &ended);
  if (ended || n.previous == ALERT_LEVEL_UNKNOWN)
    return 0;
  n.level = n.previous; /* firing since before the start */
  return set_append(o, &n, (int64_t)n.time, NULL, now);
}

static char *set_body(struct webhook_queue *o, double now, int64_t wall) {
  struct payload_alert *alerts = calloc(o->count, sizeof(*alerts));
  o->all = now >= o->next_resend;
  int64_t ends = wall + (int64_t)ceil(3 * o->settings.resend);
  size_t count = 0;
  struct webhook_item *item = NULL;
  if (alerts == NULL)
    return NULL;
  TAILQ_FOREACH(item, &o->items, link) {
    item->under_way = o->all || item->waiting;
    if (item->under_way)
      alerts[count++] = (struct payload_alert){
          &item->alert, item->ends != 0 ? item->ends : ends};
  }
  char *body = payload_alertmanager(alerts, count);
  free(alerts);
  return body;
}

/* ---- webhook queue ---- */

static bool is_set(const struct webhook_queue *o) {
  return o->settings.format == WEBHOOK_QUEUE_ALERTMANAGER;
}

struct webhook_queue *
webhook_queue_create(const struct webhook_queue_settings *settings) {
  struct webhook_queue *o = calloc(1, sizeof(*o));
  if (o == NULL)
    return NULL;
  o->settings = *settings;
  TAILQ_INIT(&o->items);
  return o;
}

void webhook_queue_destroy(struct webhook_queue *o) {
  if (o == NULL)
    return;
  while (!TAILQ_EMPTY(&o->items))
    item_remove(o, TAILQ_FIRST(&o->items));
  free(o);
}

int webhook_queue_put(struct webhook_queue *o, const struct alert *alert,
                      enum webhook_part part, double now) {
  if (part == (is_set(o) ? WEBHOOK_GROUP : WEBHOOK_MEMBER))
    return 0;
  struct alert n = *alert;
  if (!filter_level(o, &n))
    return 0;
  return is_set(o) ? set_put(o, n, now) : queue_put(o, n, now);
}

double webhook_queue_due(const struct webhook_queue *o) {
  if (o->busy || o->count == 0)
    return INFINITY;
  if (!is_set(o) || webhook_queue_waiting(o) > 0)
    return o->next_try;
  return fmax(o->next_try, o->next_resend);
}

/* Firing alerts never expire. */
static void drop_expired(struct webhook_queue *o, double now) {
  struct webhook_item *item = TAILQ_FIRST(&o->items);
  while (item != NULL) {
    struct webhook_item *next = TAILQ_NEXT(item, link);
    bool fires = is_set(o) && item->ends == 0;
    if (!fires && now - item->since >= WEBHOOK_QUEUE_EXPIRY)
      item_drop(o, item);
    item = next;
  }
}

char *webhook_queue_begin(struct webhook_queue *o, double now, int64_t wall) {
  if (!o->busy)
    drop_expired(o, now);
  if (now < webhook_queue_due(o))
    return NULL;
  char *body = is_set(o) ? set_body(o, now, wall) : queue_body(o);
  if (body == NULL) /* out of memory */
    o->next_try = now + 1;
  o->busy = body != NULL;
  return body;
}

/* Delivered or given up. */
static void settle(struct webhook_queue *o, uint64_t *count) {
  struct webhook_item *item = TAILQ_FIRST(&o->items);
  while (item != NULL) {
    struct webhook_item *next = TAILQ_NEXT(item, link);
    if (item->under_way) {
      *count += item->waiting;
      item->waiting = false;
      item->under_way = false;
      if (!is_set(o) || item->ends != 0)
        item_remove(o, item);
    }
    item = next;
  }
}

static void postpone(struct webhook_queue *o, double retry_after, double chance,
                     double now) {
  double most = is_set(o) ? fmin(o->settings.resend, WEBHOOK_QUEUE_MAX_DELAY)
                          : WEBHOOK_QUEUE_MAX_DELAY;
  double delay = fmin(ldexp(1, (int)o->failures), WEBHOOK_QUEUE_MAX_DELAY);
  delay = fmin(fmax(delay * (0.75 + chance / 2), 1), most);
  o->next_try =
      now + fmax(delay, fmin(retry_after, WEBHOOK_QUEUE_MAX_PATIENCE));
  o->failures += o->failures < 16;
  o->counts.retried++;
}

void webhook_queue_end(struct webhook_queue *o,
                       enum webhook_queue_outcome outcome, double retry_after,
                       double chance, double now) {
  struct webhook_item *item = NULL;
  o->busy = false;
  if (outcome == WEBHOOK_QUEUE_FAILED) {
    TAILQ_FOREACH(item, &o->items, link) item->under_way = false;
    postpone(o, retry_after, chance, now);
    return;
  }
  settle(o, outcome == WEBHOOK_QUEUE_DELIVERED ? &o->counts.sent
                                               : &o->counts.dropped);
  if (o->all)
    o->next_resend = now + o->settings.resend;
  o->failures = 0;
}

size_t webhook_queue_waiting(const struct webhook_queue *o) {
  size_t count = 0;
  const struct webhook_item *item = NULL;
  TAILQ_FOREACH(item, &o->items, link) count += item->waiting;
  return count;
}

struct webhook_queue_counts
webhook_queue_counts(const struct webhook_queue *o) {
  return o->counts;
}
