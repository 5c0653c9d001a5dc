/* SPDX-License-Identifier: MIT */
#include "plugins/delivery.h"

#include "plugins/decisions.h"

#include "notify/message.h"

#include <math.h>
#include <stdlib.h>

#define MAX_WAITING_ALERTS 200000

static int severity_of(enum alert_level level) {
  switch (level) {
  case ALERT_CRITICAL:
    return NOTIF_FAILURE;
  case ALERT_WARNING:
    return NOTIF_WARNING;
  default:
    return NOTIF_OKAY;
  }
}

static void set_identity(notification_t *n, const struct series *s) {
  sstrncpy(n->host, s->host, sizeof(n->host));
  sstrncpy(n->plugin, s->plugin, sizeof(n->plugin));
  sstrncpy(n->plugin_instance, s->plugin_instance, sizeof(n->plugin_instance));
  sstrncpy(n->type, s->type, sizeof(n->type));
  sstrncpy(n->type_instance, s->type_instance, sizeof(n->type_instance));
}

static void add_meta(notification_t *n, const struct alert *alert, size_t num) {
  if (!isnan(alert->value))
    plugin_notification_meta_add_double(n, "value", alert->value);
  if (!isnan(alert->threshold))
    plugin_notification_meta_add_double(n, "threshold", alert->threshold);
  plugin_notification_meta_add_signed_int(n, "since", (int64_t)alert->since);
  if (num > 1)
    plugin_notification_meta_add_signed_int(n, "alerts", (int64_t)num);
  plugin_notification_meta_add_string(n, "rule", alert->rule_name);
  plugin_notification_meta_add_string(n, "level",
                                      alert_level_name(alert->level));
  plugin_notification_meta_add_string(n, "status",
                                      alert_status_word(alert->status));
  if (alert->runbook != NULL)
    plugin_notification_meta_add_string(n, "runbook", alert->runbook);
}

/* ---- under the lock ---- */

struct delivery_batch {
  STAILQ_ENTRY(delivery_batch) next;
  struct ruleset *rules; /* shared, owns the rules of the alerts */
  cdtime_t time;
  double epoch;     /* epoch seconds of the engine's time 0 */
  bool again;       /* notified before: for webhooks that lack it */
  size_t webhook;   /* or WEBHOOKS_ALL */
  int decision;     /* to be logged; DECISION_NONE: to be sent */
  bool notify_info; /* setting of the rules */
  size_t num;
  struct alert alerts[]; /* in the engine's time; their strings follow */
};

/* `kind`: what is not taken from the plugin's state. */
static int keep(struct alerts_plugin *a, const struct alert *alerts, size_t num,
                const struct delivery_batch *kind) {
  size_t size = sizeof(struct delivery_batch) + num * sizeof(struct alert);
  for (size_t i = 0; i < num; i++)
    size += alert_texts_size(&alerts[i]);
  struct delivery_batch *b =
      a->waiting_num + num <= MAX_WAITING_ALERTS ? malloc(size) : NULL;
  if (b == NULL)
    return -1;
  *b = (struct delivery_batch){
      .rules = ruleset_share(dispatcher_rules(a->memory.notifier)),
      .time = cdtime(),
      .epoch = alerts_wall() - alerts_now(a),
      .again = kind->again,
      .webhook = kind->webhook,
      .decision = kind->decision,
      .notify_info = engine_rules(a->memory.engine)->notify_info,
      .num = num};
  char *texts = (char *)&b->alerts[num];
  for (size_t i = 0; i < num; i++)
    texts = alert_copy(&b->alerts[i], &alerts[i], texts);
  STAILQ_INSERT_TAIL(&a->waiting, b, next);
  a->waiting_num += num;
  return 0;
}

int deliver_alerts(void *arg, const struct alert *alerts, size_t num) {
  const struct delivery_batch kind = {.webhook = WEBHOOKS_ALL,
                                      .decision = DECISION_NONE};
  return keep(arg, alerts, num, &kind);
}

void deliver_again(void *arg, const struct alert *alert) {
  const struct delivery_batch kind = {
      .again = true, .webhook = WEBHOOKS_ALL, .decision = DECISION_NONE};
  keep(arg, alert, 1, &kind);
}

void delivery_remark(struct alerts_plugin *a, const struct alert *alert,
                     int decision) {
  const struct delivery_batch kind = {.decision = decision};
  keep(a, alert, 1, &kind);
}

bool delivery_is_waiting(const struct alerts_plugin *a) {
  return !STAILQ_EMPTY(&a->waiting);
}

bool delivery_is_busy(const struct alerts_plugin *a) {
  return delivery_is_waiting(a) || a->sending ||
         notification_queue_busy(a->notify);
}

static struct delivery_batch *take_first(struct alerts_plugin *a) {
  struct delivery_batch *b = STAILQ_FIRST(&a->waiting);
  if (b == NULL)
    return NULL;
  STAILQ_REMOVE_HEAD(&a->waiting, next);
  a->waiting_num -= b->num;
  return b;
}

static void batch_free(struct delivery_batch *b) {
  ruleset_destroy(b->rules);
  free(b);
}

void delivery_drop(struct alerts_plugin *a) {
  struct delivery_batch *b = NULL;
  while ((b = take_first(a)) != NULL)
    batch_free(b);
}

/* ---- without the lock ---- */

/* The alert with times in epoch seconds and the message. */
static struct alert in_epoch(const struct delivery_batch *b,
                             const struct alert *alert, const char *message) {
  struct alert copy = *alert;
  copy.since = floor(b->epoch + alert->since);
  copy.time = floor(CDTIME_T_TO_DOUBLE(b->time));
  copy.message = message;
  return copy;
}

static void format(const struct delivery_batch *b, const struct alert *alerts,
                   size_t num, char message[MESSAGE_MAX]) {
  message_format(alerts, num, (time_t)floor(b->epoch + alerts->since), message);
}

static void note_incident(struct alerts_plugin *a, const struct alert *alert,
                          double wall) {
  struct alert event = *alert;
  event.time = wall;
  if (event.reason == ALERT_FLAPPING || event.reason == ALERT_REPEATED)
    return;
  pthread_mutex_lock(&a->lock);
  incidents_event(a->memory.incidents, &event);
  pthread_mutex_unlock(&a->lock);
}

/* Posts alerts[first] to alerts[first + num - 1] as one notice. The messages
 * are formatted into `room`, one of MESSAGE_MAX bytes for each alert. */
static void post(struct alerts_plugin *a, const struct delivery_batch *b,
                 size_t first, size_t num, struct alert *sent, char *room) {
  char message[MESSAGE_MAX];
  for (size_t i = 0; i < num; i++, room += MESSAGE_MAX) {
    const struct alert *alert = &b->alerts[first + i];
    format(b, alert, 1, room);
    sent[i] = in_epoch(b, alert, room);
    if (!b->again)
      note_incident(a, &sent[i], floor(b->epoch + alert->time));
  }
  format(b, &b->alerts[first], num, message);
  const struct alert all = in_epoch(b, &b->alerts[first], message);
  const struct webhook_notice notice = {&all, sent, num, b->again};
  webhooks_send(a->webhooks, b->webhook, &notice);
}

/* If memory is short, posts them one by one. */
static void post_batch(struct alerts_plugin *a,
                       const struct delivery_batch *b) {
  struct alert one;
  char message[MESSAGE_MAX];
  struct alert *sent = malloc(b->num * (sizeof(*sent) + MESSAGE_MAX));
  if (sent != NULL)
    post(a, b, 0, b->num, sent, (char *)&sent[b->num]);
  for (size_t i = 0; sent == NULL && i < b->num; i++)
    post(a, b, i, 1, &one, message);
  free(sent);
}

/* Alerts of level info are notifications only with notify_info. */
static bool is_for_people(const struct delivery_batch *b) {
  return b->alerts->level > ALERT_INFO || b->alerts->previous > ALERT_INFO ||
         b->notify_info;
}

static void send_batch(struct alerts_plugin *a,
                       const struct delivery_batch *b) {
  notification_t n = {.severity = severity_of(b->alerts->level),
                      .time = b->time};
  post_batch(a, b);
  if (b->again)
    return;
  format(b, b->alerts, b->num, n.message);
  const struct alert first = in_epoch(b, b->alerts, n.message);
  set_identity(&n, &first.series);
  if (!is_for_people(b)) {
    notification_queue_log(a->notify, &n);
    return;
  }
  add_meta(&n, &first, b->num);
  notification_queue_send(a->notify, &n);
}

void delivery_send(struct alerts_plugin *a) {
  struct delivery_batch *b = NULL;
  a->sending = true;
  while ((b = take_first(a)) != NULL) {
    pthread_mutex_unlock(&a->lock);
    if (b->decision != DECISION_NONE)
      decisions_log(b->alerts, b->decision);
    else
      send_batch(a, b);
    batch_free(b);
    pthread_mutex_lock(&a->lock);
  }
  a->sending = false;
}

/* ---- what webhooks have missed ---- */

struct refill {
  struct alerts_plugin *alerts;
  size_t webhook;
  size_t room;
  size_t num;
  struct alert *missed;
};

/* What has changed, or is held back now, comes from the dispatcher. */
static void collect_missed(void *arg, const struct alert *event) {
  struct refill *r = arg;
  struct alerts_plugin *a = r->alerts;
  if (r->num == r->room || !webhooks_lack(a->webhooks, r->webhook, event))
    return;
  enum alert_status status =
      dispatcher_status(a->memory.notifier, event->rule, &event->series);
  bool changes =
      event->status == STATUS_FIRING && event->previous != event->level;
  if (status == STATUS_SILENCED || status == STATUS_INHIBITED || changes)
    return;
  r->missed[r->num] = *event;
  r->missed[r->num++].previous = ALERT_OK;
}

/* Alerts of one message are adjacent. */
static int compare_missed(const void *x, const void *y) {
  const struct alert *a = x;
  const struct alert *b = y;
  int order = strcmp(a->rule_name, b->rule_name);
  if (order == 0)
    order = series_compare_hubs(&a->series, &b->series);
  if (order == 0)
    order = (int)a->level - (int)b->level;
  return order != 0 ? order : (int)a->status - (int)b->status;
}

static void keep_missed(const struct refill *r) {
  const struct delivery_batch kind = {
      .again = true, .webhook = r->webhook, .decision = DECISION_NONE};
  qsort(r->missed, r->num, sizeof(r->missed[0]), compare_missed);
  for (size_t first = 0, next = 0; first < r->num; first = next) {
    while (next < r->num &&
           compare_missed(&r->missed[first], &r->missed[next]) == 0)
      next++;
    keep(r->alerts, &r->missed[first], next - first, &kind);
  }
}

void delivery_refill(struct alerts_plugin *a) {
  for (size_t i = 0; i < webhooks_num(a->webhooks); i++) {
    struct refill r = {
        .alerts = a, .webhook = i, .room = webhooks_room(a->webhooks, i)};
    if (r.room == 0 || (r.missed = calloc(r.room, sizeof(*r.missed))) == NULL)
      continue;
    dispatcher_each_notified(a->memory.notifier, collect_missed, &r);
    keep_missed(&r);
    free(r.missed);
  }
}

/* ---- other notifications ---- */

static enum alert_level level_of(int severity) {
  switch (severity) {
  case NOTIF_FAILURE:
    return ALERT_CRITICAL;
  case NOTIF_WARNING:
    return ALERT_WARNING;
  default:
    return ALERT_INFO;
  }
}

/* The network plugin marks what it received. */
static bool is_from_network(const notification_t *n) {
  for (const notification_meta_t *m = n->meta; m != NULL; m = m->next)
    if (strcmp(m->name, ADAPTER_RECEIVED) == 0)
      return m->type != NM_TYPE_BOOLEAN || m->nm_value.nm_boolean;
  return false;
}

void deliver_test(struct alerts_plugin *a, const notification_t *n) {
  double time = floor(alerts_wall()); /* the sender's clock may be wrong */

  if (strcmp(n->plugin, ALERTS_PLUGIN) != 0 || strcmp(n->type, "test") != 0)
    return;
  if (is_from_network(n)) {
    pthread_mutex_lock(&a->lock);
    a->network_refused++;
    pthread_mutex_unlock(&a->lock);
    return;
  }
  const struct alert alert = {
      .rule_name = "test",
      .series = {n->host, n->plugin, n->plugin_instance, n->type,
                 n->type_instance, "value"},
      .level = level_of(n->severity),
      .previous = ALERT_LEVEL_UNKNOWN,
      .status = STATUS_TEST,
      .value = NAN,
      .threshold = NAN,
      .since = time,
      .time = time,
      .message = n->message,
  };
  pthread_mutex_lock(&a->lock);
  const struct webhook_notice notice = {.message = &alert};
  if (a->webhooks != NULL)
    webhooks_send(a->webhooks, WEBHOOKS_ALL, &notice);
  pthread_mutex_unlock(&a->lock);
}

void deliver_rules_state(struct alerts_plugin *a, bool good, const char *err) {
  adapter_log(good ? LOG_NOTICE : LOG_WARNING, ALERTS_PLUGIN ": %s: %s%s",
              a->rules.path, good ? "read again" : err,
              good ? "" : "; the rules read before stay in force");
  if (good == a->rules_current)
    return;
  notification_t n = {.severity = good ? NOTIF_OKAY : NOTIF_WARNING,
                      .time = cdtime()};
  const struct series self = {hostname_g, ALERTS_PLUGIN,   "",
                              "bool",     "rules_current", "value"};
  snprintf(n.message, sizeof(n.message), "%.100s: %.150s", a->rules.path,
           good ? "is valid again and in force" : err);
  set_identity(&n, &self);
  notification_queue_send(a->notify, &n);
}
