/* SPDX-License-Identifier: MIT */
#include "plugins/persistence.h"

#include "util/file.h"

#include "notify/message.h"
#include "report/status_json.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define MEMORY_MAX (1UL << 30) /* bytes */
#define MEMORY_MODE 0600
#define STATUS_MODE 0640
#define REST 1.0        /* seconds between two writings, at least */
#define REST_SHARE 20.0 /* or as many times as long as the last one took */

static bool is_off(const struct alerts_plugin *a) {
  return strcmp(a->config.state_file, "none") == 0;
}

/* Logs what changes: a failure, another one, that it works again. */
static void report(const char *path, const char *err, bool *failing) {
  if (err != NULL && !*failing)
    WARNING(ALERTS_PLUGIN ": %s: %s", path, err);
  else if (err == NULL && *failing)
    NOTICE(ALERTS_PLUGIN ": %s: is written again", path);
  *failing = err != NULL;
}

int persistence_write(const char *path, const void *data, size_t len,
                      mode_t mode, bool sync, bool *failing) {
  char err[256];
  int status = file_write(path, data, len, mode, sync, err, sizeof(err));
  report(path, status != 0 ? err : NULL, failing);
  return status;
}

/* ---- the memory ---- */

static void set_aside(const char *path, const char *err) {
  char aside[PATH_MAX + 10];
  snprintf(aside, sizeof(aside), "%s.corrupt", path);
  if (rename(path, aside) != 0)
    snprintf(aside, sizeof(aside), "its place: %s", STRERRNO);
  WARNING(ALERTS_PLUGIN ": %s: %s; it is left in %s, and the alerts begin anew",
          path, err, aside);
}

static void leave_unread(struct alerts_plugin *a, const char *why,
                         const char *which) {
  const char *path = a->config.state_file;
  WARNING(ALERTS_PLUGIN ": %s: %s; the %s begin anew, and what is there is "
                        "kept as %s.unread",
          path, why, which, path);
  a->unread = true;
}

/* A second name: it stays where it is until another has taken its place, but
 * where a file can have only one. */
static int keep_unread(struct alerts_plugin *a) {
  const char *path = a->config.state_file;
  char aside[PATH_MAX + 10];
  struct stat st;
  if (!a->unread)
    return 0;
  snprintf(aside, sizeof(aside), "%s.unread", path);
  bool is_there = lstat(path, &st) == 0;
  if (!is_there && errno != ENOENT)
    return -1;
  if (is_there && (S_ISREG(st.st_mode) || S_ISLNK(st.st_mode))) {
    unlink(aside);
    if (link(path, aside) != 0 && rename(path, aside) != 0)
      return -1;
  }
  a->unread = false;
  return 0;
}

static void take_up(struct alerts_plugin *a, const char *data, size_t len) {
  char err[256];
  double now = 0;
  double wall = 0;
  if (state_file_check(data, len, &now, &wall, err, sizeof(err)) != 0) {
    set_aside(a->config.state_file, err);
    return;
  }
  double away = fmax(alerts_wall() - wall, 0);
  a->offset = now + away - adapter_now();
  int status = state_file_read(&a->memory, data, len, away, now + away);
  if (status < 0)
    a->offset = 0;
  if (status < 0 && errno != ENOMEM)
    set_aside(a->config.state_file, "damaged: a part cannot be read");
  else if (status < 0)
    leave_unread(a, "out of memory", "alerts");
  else if (status > 0)
    leave_unread(a, "out of memory for a part of it", "other alerts");
}

void persistence_load(struct alerts_plugin *a) {
  char err[256];
  struct stat st;
  size_t len = 0;
  if (is_off(a))
    return;
  a->unread = false;
  const char *path = a->config.state_file;
  char *data = file_read(path, MEMORY_MAX, &st, &len, err, sizeof(err));
  if (data != NULL)
    take_up(a, data, len);
  else if (st.st_mode != 0 && !S_ISREG(st.st_mode))
    WARNING(ALERTS_PLUGIN ": %s: %s; the alerts begin anew", path, err);
  else if (access(path, F_OK) == 0 || errno != ENOENT)
    leave_unread(a, err, "alerts");
  free(data);
}

static int replace(struct alerts_plugin *a, struct serializer *out,
                   bool *failing) {
  const char *path = a->config.state_file;
  char err[256];
  if (keep_unread(a) != 0) {
    snprintf(err, sizeof(err),
             "cannot be written, as what is there cannot be kept: %s",
             STRERRNO);
    report(path, err, failing);
    return -1;
  }
  state_file_seal(out);
  return persistence_write(path, out->data, out->len, MEMORY_MODE, true,
                           failing);
}

void persistence_save(struct alerts_plugin *a) {
  static bool failing;
  struct serializer out = {0};
  double begin = adapter_now();
  if (is_off(a))
    return;
  pthread_mutex_lock(&a->lock);
  if (!notification_queue_busy(a->notify))
    dispatcher_delivered(a->memory.notifier);
  int status = state_file_write(&a->memory, alerts_now(a), alerts_wall(), &out);
  uint64_t changes = engine_changes(a->memory.engine);
  pthread_mutex_unlock(&a->lock);
  if (status != 0)
    report(a->config.state_file, "cannot be written: out of memory", &failing);
  else
    status = replace(a, &out, &failing);
  free(out.data);
  double end = adapter_now();
  pthread_mutex_lock(&a->lock);
  if (status == 0) /* else it stays due */
    a->stored.changes = changes;
  a->stored.due = end + fmax(REST, REST_SHARE * (end - begin));
  pthread_mutex_unlock(&a->lock);
}

bool persistence_is_due(const struct alerts_plugin *a) {
  return engine_changes(a->memory.engine) != a->stored.changes &&
         adapter_now() >= a->stored.due;
}

/* ---- status.json ---- */

struct writing {
  const struct alerts_plugin *alerts;
  struct status_json *status;
  double epoch; /* of the engine's time 0 */
};

static const char *word_of(enum alert_status status) {
  static const char *const words[] = {[STATUS_FIRING] = "firing",
                                      [STATUS_FLAPPING] = "flapping",
                                      [STATUS_SILENCED] = "silenced",
                                      [STATUS_INHIBITED] = "inhibited"};
  return words[status];
}

static void add_alert(void *arg, const struct alert_event *alert,
                      bool clearing) {
  struct writing *w = arg;
  enum alert_status status =
      dispatcher_status(w->alerts->memory.notifier, alert->rule, alert->series);
  struct alert_event notified = *alert;
  double since = w->epoch + alert->since;
  char message[MESSAGE_MAX];
  if (alert->level == ALERT_OK) /* pending: as it would be told */
    notified.level = rule_mildest(alert->rule);
  message_format(&notified, 1, (time_t)since, message);
  const struct status_json_alert entry = {
      .series = alert->series,
      .rule = alert->rule->name,
      .level = notified.level,
      .status = alert->level == ALERT_OK              ? "pending"
                : clearing && status == STATUS_FIRING ? "clearing"
                                                      : word_of(status),
      .value = alert->value,
      .threshold = alert->threshold,
      .since = since,
      .message = message,
      .runbook = alert->rule->runbook};
  status_json_add_alert(w->status, &entry);
}

static int add_hubs(struct writing *w, double now) {
  size_t num = 0;
  const struct hub_stats **list =
      hub_stats_table_list(w->alerts->memory.hubs, NULL, &num);
  for (size_t i = 0; list != NULL && i < num; i++)
    status_json_add_hub(w->status, list[i], now);
  int status = list != NULL ? 0 : -1;
  free(list);
  return status;
}

/* -1: without memory. */
static int fill_status(struct writing *w, double now) {
  const struct incident *incident = NULL;
  engine_each_alert(w->alerts->memory.engine, add_alert, w);
  if (add_hubs(w, now) != 0)
    return -1;
  while ((incident = incidents_next(w->alerts->memory.incidents, incident)) !=
         NULL)
    status_json_add_incident(w->status, incident);
  status_json_add_thresholds(w->status, engine_rules(w->alerts->memory.engine));
  return 0;
}

/* status.json beside the state file. */
static int status_path(const struct alerts_plugin *a, char *path, size_t size) {
  const char *slash = strrchr(a->config.state_file, '/');
  int len = snprintf(path, size, "%.*s/status.json",
                     (int)(slash - a->config.state_file), a->config.state_file);
  return len < (int)size ? 0 : -1;
}

void persistence_status(struct alerts_plugin *a) {
  static bool failing;
  char path[PATH_MAX];
  size_t len = 0;
  if (is_off(a) || status_path(a, path, sizeof(path)) != 0)
    return;
  struct status_json *status =
      status_json_create(alerts_wall(), a->rules_current);
  if (status == NULL) {
    report(path, "cannot be written: out of memory", &failing);
    return;
  }
  pthread_mutex_lock(&a->lock);
  double now = alerts_now(a);
  struct writing w = {a, status, alerts_wall() - now};
  int filled = fill_status(&w, now);
  pthread_mutex_unlock(&a->lock);
  const char *text = filled == 0 ? status_json_text(status, &len) : NULL;
  if (text != NULL)
    persistence_write(path, text, len, STATUS_MODE, false, &failing);
  else
    report(path, "cannot be written: out of memory", &failing);
  status_json_destroy(status);
}
