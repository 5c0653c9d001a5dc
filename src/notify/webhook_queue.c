/* SPDX-License-Identifier: MIT */
#include "notify/webhook_queue_internal.h"

#include <math.h>
#include <stdlib.h>

#define EXPIRY_EVERY 60.0 /* seconds */

static bool is_set(const struct webhook_queue *o) {
  return o->settings.format == WEBHOOK_QUEUE_ALERTMANAGER;
}

struct webhook_queue *
webhook_queue_create(const struct webhook_queue_settings *settings) {
  struct webhook_queue *o = calloc(1, sizeof(*o));
  if (o == NULL)
    return NULL;
  o->settings = *settings;
  o->tests = WEBHOOK_QUEUE_TESTS;
  o->alerts = series_table_create();
  LIST_INIT(&o->all);
  TAILQ_INIT(&o->messages);
  TAILQ_INIT(&o->changes);
  TAILQ_INIT(&o->posted);
  if (o->alerts != NULL)
    return o;
  free(o);
  return NULL;
}

void webhook_queue_destroy(struct webhook_queue *o) {
  if (o == NULL)
    return;
  messages_destroy(o);
  set_destroy(o);
  webhook_alerts_forget(o);
  series_table_destroy(o->alerts);
  free(o);
}

/* ---- in ---- */

/* At most WEBHOOK_QUEUE_TESTS, and then as many a minute. */
static bool take_test(struct webhook_queue *o, double now) {
  double more = (now - o->tests_at) / 60 * WEBHOOK_QUEUE_TESTS;
  o->tests = fmin(o->tests + fmax(more, 0), WEBHOOK_QUEUE_TESTS);
  o->tests_at = now;
  if (o->tests < 1) {
    o->counts.dropped++;
    return false;
  }
  o->tests--;
  return true;
}

int webhook_queue_put(struct webhook_queue *o,
                      const struct webhook_notice *notice, double now) {
  if (notice->message->status == STATUS_TEST && !take_test(o, now))
    return -1;
  return is_set(o) ? set_put(o, notice, now) : messages_put(o, notice, now);
}

size_t webhook_queue_room(const struct webhook_queue *o) {
  size_t max = is_set(o) ? o->settings.max_alerts : o->settings.max;
  size_t least = is_set(o) ? 1 : (max + 1) / 2; /* not one by one */
  size_t room = max > o->count ? max - o->count : 0;
  if (o->missed == 0 || room < least)
    return 0;
  return room < WEBHOOK_QUEUE_REFILL ? room : WEBHOOK_QUEUE_REFILL;
}

bool webhook_queue_lacks(const struct webhook_queue *o,
                         const struct alert *alert) {
  const struct webhook_alert *a = webhook_alert_find(o, alert);
  return a != NULL && a->missed;
}

/* ---- out ---- */

double webhook_queue_due(const struct webhook_queue *o) {
  if (o->busy)
    return INFINITY;
  if (!is_set(o))
    return TAILQ_EMPTY(&o->messages) ? INFINITY : o->next_try;
  if (!TAILQ_EMPTY(&o->changes) || o->resend_left > 0)
    return o->next_try;
  return o->posted_num > 0 ? fmax(o->next_try, o->next_resend) : INFINITY;
}

static void drop_old(struct webhook_queue *o, double now) {
  if (now >= o->next_expiry) {
    o->next_expiry = now + EXPIRY_EVERY;
    if (is_set(o))
      set_expire(o, now);
    else
      messages_expire(o, now);
  }
  messages_skip_pointless(o);
}

char *webhook_queue_begin(struct webhook_queue *o, double now, int64_t wall) {
  if (!o->busy)
    drop_old(o, now);
  if (now < webhook_queue_due(o))
    return NULL;
  char *body = is_set(o) ? set_body(o, now, wall) : messages_body(o);
  if (body == NULL) /* out of memory */
    o->next_try = now + 1;
  o->busy = body != NULL;
  return body;
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
  uint64_t *count =
      outcome == WEBHOOK_QUEUE_DELIVERED ? &o->counts.sent : &o->counts.dropped;
  o->busy = false;
  if (outcome == WEBHOOK_QUEUE_FAILED && is_set(o))
    set_fail(o);
  else if (outcome == WEBHOOK_QUEUE_FAILED)
    messages_fail(o);
  else if (is_set(o))
    set_settle(o, count, now);
  else
    messages_settle(o, count);
  if (outcome == WEBHOOK_QUEUE_FAILED)
    postpone(o, retry_after, chance, now);
  else
    o->failures = 0;
}

size_t webhook_queue_waiting(const struct webhook_queue *o) {
  size_t count = 0;
  const struct webhook_message *m = NULL;
  const struct webhook_item *item = NULL;
  TAILQ_FOREACH(m, &o->messages, link) count++;
  TAILQ_FOREACH(item, &o->changes, link) count++;
  return count;
}

struct webhook_queue_counts
webhook_queue_counts(const struct webhook_queue *o) {
  return o->counts;
}
