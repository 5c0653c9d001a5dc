/* SPDX-License-Identifier: MIT */
#include "plugins/persistence.h"

#include "plugins/delivery.h"

#include "report/status_json.h"
#include "util/file.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define MEMORY_MAX (1UL << 30) /* bytes */
#define MEMORY_MODE 0600
#define STATUS_MODE 0640
#define REST 1.0        /* least seconds between two writes */
#define REST_SHARE 20.0 /* or this many times the duration of the last write */

static bool is_off(const struct alerts_plugin *a) {
  return strcmp(a->config.state_file, "none") == 0;
}

/* Logs changes: a failure, another failure, recovery. */
static void report(const char *path, const char *err, bool *failing) {
  if (err != NULL && !*failing)
    adapter_log(LOG_WARNING, ALERTS_PLUGIN ": %s: %s", path, err);
  else if (err == NULL && *failing)
    adapter_log(LOG_NOTICE, ALERTS_PLUGIN ": %s: is written again", path);
  *failing = err != NULL;
}

int persistence_write(const char *path, const void *data, size_t len,
                      mode_t mode, bool sync, bool *failing) {
  char err[256];
  int status = file_write(path, data, len, mode, sync, err, sizeof(err));
  report(path, status != 0 ? err : NULL, failing);
  return status;
}

/* ---- state file ---- */

static void set_aside(const char *path, const char *err) {
  char aside[PATH_MAX + 10];
  snprintf(aside, sizeof(aside), "%s.corrupt", path);
  if (rename(path, aside) != 0)
    snprintf(aside, sizeof(aside), "its place: %s", STRERRNO);
  adapter_log(LOG_WARNING,
              ALERTS_PLUGIN
              ": %s: %s; it is left in %s, and the alerts begin anew",
              path, err, aside);
}

static void leave_unread(struct alerts_plugin *a, const char *why,
                         const char *which) {
  const char *path = a->config.state_file;
  adapter_log(LOG_WARNING,
              ALERTS_PLUGIN ": %s: %s; the %s begin anew, and what is there is "
                            "kept as %s.unread",
              path, why, which, path);
  a->unread = true;
}

/* Hard link: the old file keeps its name until it is replaced. File systems
 * without links: rename. */
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
    adapter_log(LOG_WARNING, ALERTS_PLUGIN ": %s: %s; the alerts begin anew",
                path, err);
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
  if (!delivery_is_busy(a))
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
  if (status == 0) /* else try again */
    a->stored.changes = changes;
  a->stored.due = end + fmax(REST, REST_SHARE * (end - begin));
  pthread_mutex_unlock(&a->lock);
}

bool persistence_is_due(const struct alerts_plugin *a) {
  return engine_changes(a->memory.engine) != a->stored.changes &&
         adapter_now() >= a->stored.due;
}

/* ---- status.json ---- */

struct status_copy { /* data of status.json, copied under the lock */
  const struct alerts_plugin *alerts;
  struct status_json status; /* its alerts have no message */
  size_t texts_size;         /* of all alerts */
  char *texts;               /* position of the next string */
  struct hub_stats *hubs;
  double now; /* engine's time */
};

static void measure_alert(void *arg, const struct alert *alert) {
  struct status_copy *c = arg;
  c->status.alerts_num++;
  c->texts_size += alert_texts_size(alert);
}

static void copy_alert(void *arg, const struct alert *alert) {
  struct status_copy *c = arg;
  struct alert *to = &c->status.alerts[c->status.alerts_num++];
  c->texts = alert_copy(to, alert, c->texts);
  if (alert->status == STATUS_PENDING) { /* level that it would fire with */
    to->level = rule_mildest(alert->rule);
    to->previous = ALERT_OK;
    return;
  }
  to->previous = ALERT_LEVEL_UNKNOWN;
  enum alert_status status = dispatcher_status(c->alerts->memory.notifier,
                                               alert->rule, &alert->series);
  if (status != STATUS_FIRING)
    to->status = status;
}

/* -1: out of memory. */
static int copy_alerts(struct status_copy *c) {
  const struct engine *engine = c->alerts->memory.engine;
  engine_each_alert(engine, measure_alert, c);
  c->status.alerts =
      malloc(c->status.alerts_num * sizeof(struct alert) + c->texts_size + 1);
  if (c->status.alerts == NULL)
    return -1;
  c->texts = (char *)&c->status.alerts[c->status.alerts_num];
  c->status.alerts_num = 0;
  engine_each_alert(engine, copy_alert, c);
  return 0;
}

/* Call it with the lock held. -1: out of memory. */
static int copy_status(struct status_copy *c, const struct alerts_plugin *a) {
  c->alerts = a;
  c->now = alerts_now(a);
  c->status.time = alerts_wall();
  c->status.rules = ruleset_share(dispatcher_rules(a->memory.notifier));
  c->hubs = hub_stats_table_copy(a->memory.hubs, NULL, &c->status.hubs_num);
  c->status.incidents = incidents_copy(a->memory.incidents);
  return c->hubs != NULL && c->status.incidents != NULL ? copy_alerts(c) : -1;
}

/* NULL: out of memory. */
static char *status_text(struct status_copy *c, size_t *len) {
  double epoch = c->status.time - c->now; /* of the engine's time 0 */
  for (size_t i = 0; i < c->status.alerts_num; i++) {
    c->status.alerts[i].since += epoch;
    c->status.alerts[i].time += epoch;
  }
  c->status.hubs = hub_reports_of(c->hubs, c->status.hubs_num, c->now);
  if (c->status.hubs == NULL)
    return NULL;
  return status_json_write(&c->status, len);
}

static void status_copy_clear(struct status_copy *c) {
  free(c->status.alerts);
  free(c->status.hubs);
  incidents_destroy(c->status.incidents);
  free(c->hubs);
  ruleset_destroy(c->status.rules);
}

/* status.json is in the directory of the state file. */
static int status_path(const struct alerts_plugin *a, char *path, size_t size) {
  const char *slash = strrchr(a->config.state_file, '/');
  int len = snprintf(path, size, "%.*s/status.json",
                     (int)(slash - a->config.state_file), a->config.state_file);
  return len < (int)size ? 0 : -1;
}

void persistence_status(struct alerts_plugin *a) {
  static bool failing;
  struct status_copy copy = {.status.rules_current = a->rules_current};
  char path[PATH_MAX];
  size_t len = 0;
  if (is_off(a) || status_path(a, path, sizeof(path)) != 0)
    return;
  pthread_mutex_lock(&a->lock);
  int copied = copy_status(&copy, a);
  pthread_mutex_unlock(&a->lock);
  char *text = copied == 0 ? status_text(&copy, &len) : NULL;
  if (text != NULL)
    persistence_write(path, text, len, STATUS_MODE, false, &failing);
  else
    report(path, "cannot be written: out of memory", &failing);
  free(text);
  status_copy_clear(&copy);
}
