/* SPDX-License-Identifier: MIT */
#include "plugins/delivery.h"

#include "notify/message.h"

#include <math.h>

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

static void add_meta(notification_t *n, const struct notification *notification,
                     size_t num) {
  if (!isnan(notification->value))
    plugin_notification_meta_add_double(n, "value", notification->value);
  if (!isnan(notification->threshold))
    plugin_notification_meta_add_double(n, "threshold",
                                        notification->threshold);
  plugin_notification_meta_add_signed_int(n, "since", notification->since);
  if (num > 1)
    plugin_notification_meta_add_signed_int(n, "alerts", (int64_t)num);
  plugin_notification_meta_add_string(n, "rule", notification->rule);
  plugin_notification_meta_add_string(n, "level", notification->level);
  plugin_notification_meta_add_string(n, "status", notification->status);
  if (notification->runbook != NULL)
    plugin_notification_meta_add_string(n, "runbook", notification->runbook);
}

/* Epoch seconds of a moment in the engine's time. */
static double epoch_of(const struct alerts_plugin *a, double now) {
  return floor(alerts_wall() - alerts_now(a) + now);
}

static void note_incident(struct alerts_plugin *a,
                          const struct alert_event *event,
                          const char *message) {
  double since = epoch_of(a, event->since);

  if (event->reason == ALERT_FLAPPING || event->reason == ALERT_REPEATED)
    return;
  incidents_event(a->memory.incidents, event, message, since,
                  epoch_of(a, event->now));
}

static struct notification notification_of(const struct alerts_plugin *a,
                                           const struct alert_event *event,
                                           enum payload_kind kind,
                                           const char *message) {
  return payload_of_event(event, kind, message,
                          (int64_t)epoch_of(a, event->since),
                          (int64_t)alerts_wall());
}

static void post(struct alerts_plugin *a, const struct alert_event *event,
                 enum payload_kind kind, const char *message) {
  const struct notification notification =
      notification_of(a, event, kind, message);
  webhooks_send(a->webhooks, &notification);
}

/* Alerts of level info are for people only where the file says so. */
static bool is_sent(const struct alerts_plugin *a,
                    const struct alert_event *event) {
  return event->level > ALERT_INFO || event->previous > ALERT_INFO ||
         engine_rules(a->memory.engine)->notify_info;
}

/* Each alert by itself. */
static void deliver_one(struct alerts_plugin *a,
                        const struct alert_event *event,
                        enum payload_kind kind) {
  char message[MESSAGE_MAX];

  message_format(event, 1, (time_t)epoch_of(a, event->since), message);
  note_incident(a, event, message);
  post(a, event, kind, message);
}

void deliver_events(void *arg, const struct alert_event *events, size_t num) {
  struct alerts_plugin *a = arg;
  notification_t n = {.severity = severity_of(events->level), .time = cdtime()};

  message_format(events, num, (time_t)epoch_of(a, events->since), n.message);
  const struct notification notification =
      notification_of(a, events, PAYLOAD_GROUP, n.message);
  if (num > 1)
    webhooks_send(a->webhooks, &notification);
  for (size_t i = 0; i < num; i++)
    deliver_one(a, &events[i], num > 1 ? PAYLOAD_PART : PAYLOAD_SINGLE);
  set_identity(&n, events->series);
  if (!is_sent(a, events)) {
    notification_queue_log(a->notify, &n);
    return;
  }
  add_meta(&n, &notification, num);
  notification_queue_send(a->notify, &n);
}

void deliver_again(void *arg, const struct alert_event *event) {
  struct alerts_plugin *a = arg;
  char message[MESSAGE_MAX];

  message_format(event, 1, (time_t)epoch_of(a, event->since), message);
  post(a, event, PAYLOAD_PART, message);
}

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

void deliver_test(struct alerts_plugin *a, const notification_t *n) {
  int64_t time = (int64_t)CDTIME_T_TO_TIME_T(n->time);

  if (strcmp(n->plugin, ALERTS_PLUGIN) != 0 || strcmp(n->type, "test") != 0)
    return;
  const struct notification notification = {
      .kind = PAYLOAD_SINGLE,
      .status = "test",
      .rule = "test",
      .level = alert_level_name(level_of(n->severity)),
      .host = n->host,
      .plugin = n->plugin,
      .plugin_instance = n->plugin_instance,
      .type = n->type,
      .type_instance = n->type_instance,
      .ds = "value",
      .message = n->message,
      .value = NAN,
      .threshold = NAN,
      .since = time,
      .time = time,
  };
  pthread_mutex_lock(&a->lock);
  if (a->webhooks != NULL)
    webhooks_send(a->webhooks, &notification);
  pthread_mutex_unlock(&a->lock);
}

void deliver_rules_state(struct alerts_plugin *a, bool good, const char *err) {
  plugin_log(good ? LOG_NOTICE : LOG_WARNING, ALERTS_PLUGIN ": %s: %s%s",
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
