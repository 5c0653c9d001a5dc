/* mcp_hub_alerts - applies alerts.json to every value that collectd writes and
 * sends notifications.
 *
 * The write callback feeds the engine under one lock; the engine's events go to
 * queues and leave on threads of their own (notify.h, webhook.h). A read
 * callback is the clock: it re-reads the rules when the file changes and
 * dispatches the counts.
 */
#include "plugins/adapter.h"
#include "plugins/alerts_config.h"
#include "plugins/notify.h"
#include "plugins/webhook.h"

#include "alerts/engine.h"
#include "alerts/notice.h"
#include "alerts/ruleset.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define PLUGIN "mcp_hub_alerts"

#define MAX_SERIES 200000
#define MAX_WAITING 1000   /* notices in the queue */
#define SHUTDOWN_GRACE 0.5 /* seconds */

static struct alerts_config config;
static bool configured;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of the engine */
static struct engine *engine;
static struct notify *notify;
static struct webhooks *webhooks;

static struct stat rules_seen; /* of the file as it was last read */
static bool rules_current;

/* ---- events -> notifications ---- */

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

static const char *status_of(const struct alert_event *event) {
  return event->level == ALERT_OK ? "resolved" : "firing";
}

static void add_meta(notification_t *n, const struct alert_event *event,
                     time_t since) {
  if (!isnan(event->value))
    plugin_notification_meta_add_double(n, "value", event->value);
  if (!isnan(event->threshold))
    plugin_notification_meta_add_double(n, "threshold", event->threshold);
  plugin_notification_meta_add_signed_int(n, "since", since);
  plugin_notification_meta_add_string(n, "rule", event->rule->name);
  plugin_notification_meta_add_string(n, "level",
                                      alert_level_name(event->level));
  plugin_notification_meta_add_string(n, "status", status_of(event));
  if (event->rule->runbook != NULL)
    plugin_notification_meta_add_string(n, "runbook", event->rule->runbook);
}

static void post(const struct alert_event *event, time_t since,
                 const char *message) {
  const struct series *s = event->series;
  const struct payload_notice notice = {
      .status = status_of(event),
      .rule = event->rule->name,
      .level = alert_level_name(event->level),
      .previous = alert_level_name(event->previous),
      .host = s->host,
      .plugin = s->plugin,
      .plugin_instance = s->plugin_instance,
      .type = s->type,
      .type_instance = s->type_instance,
      .ds = s->ds,
      .message = message,
      .runbook = event->rule->runbook,
      .value = event->value,
      .threshold = event->threshold,
      .since = since,
      .time = time(NULL),
  };
  webhooks_send(webhooks, &notice);
}

static bool is_sent(const struct alert_event *event) {
  return event->level > ALERT_INFO || event->previous > ALERT_INFO ||
         engine_rules(engine)->notify_info;
}

/* Called by the engine, under the lock. */
static void on_event(void *arg, const struct alert_event *event) {
  (void)arg;
  time_t since =
      (time_t)floor(CDTIME_T_TO_DOUBLE(cdtime()) - event->now + event->since);
  const struct series *s = event->series;
  notification_t n = {.severity = severity_of(event->level), .time = cdtime()};
  notice_format(event, since, n.message);
  post(event, since, n.message);
  if (!is_sent(event)) {
    INFO(PLUGIN ": %s", n.message);
    return;
  }
  sstrncpy(n.host, s->host, sizeof(n.host));
  sstrncpy(n.plugin, s->plugin, sizeof(n.plugin));
  sstrncpy(n.plugin_instance, s->plugin_instance, sizeof(n.plugin_instance));
  sstrncpy(n.type, s->type, sizeof(n.type));
  sstrncpy(n.type_instance, s->type_instance, sizeof(n.type_instance));
  add_meta(&n, event, since);
  notify_send(notify, &n);
}

/* ---- the file of rules ---- */

/* The whole file, or NULL with the reason. */
static char *read_file(int fd, size_t *len, char *err, size_t err_size) {
  char *text = malloc(RULESET_MAX_BYTES + 1);
  ssize_t got = text != NULL ? 1 : -1;
  for (*len = 0; got > 0 && *len <= RULESET_MAX_BYTES;) {
    got = read(fd, text + *len, RULESET_MAX_BYTES + 1 - *len);
    *len += got > 0 ? (size_t)got : 0;
  }
  if (got == 0)
    return text;
  snprintf(err, err_size, "%s",
           got < 0 ? STRERRNO : "larger than the allowed 4 MiB");
  free(text);
  return NULL;
}

/* Remembers in rules_seen which state of the file this is. */
static struct ruleset *load_rules(char *err, size_t err_size) {
  struct ruleset *set = NULL;
  size_t len = 0;
  rules_seen = (struct stat){0};
  int fd = open(config.rules, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) { /* what cannot be opened now is tried again when it changes */
    snprintf(err, err_size, "cannot be read: %s", STRERRNO);
    if (stat(config.rules, &rules_seen) != 0)
      rules_seen = (struct stat){0};
    return NULL;
  }
  if (fstat(fd, &rules_seen) != 0) {
    snprintf(err, err_size, "cannot be read: %s", STRERRNO);
  } else if (!S_ISREG(rules_seen.st_mode)) {
    snprintf(err, err_size, "expected a regular file");
  } else {
    char *text = read_file(fd, &len, err, err_size);
    set = text != NULL ? ruleset_parse(text, len, err, err_size) : NULL;
    free(text);
  }
  close(fd);
  if (set != NULL && set->repeat > 0)
    WARNING(PLUGIN ": %s: settings.repeat: has no effect in this version",
            config.rules);
  return set;
}

static bool rules_changed(void) {
  struct stat now = {0};
  if (stat(config.rules, &now) != 0)
    now = (struct stat){0};
  return now.st_dev != rules_seen.st_dev || now.st_ino != rules_seen.st_ino ||
         now.st_size != rules_seen.st_size ||
         now.st_mtim.tv_sec != rules_seen.st_mtim.tv_sec ||
         now.st_mtim.tv_nsec != rules_seen.st_mtim.tv_nsec ||
         now.st_ctim.tv_sec != rules_seen.st_ctim.tv_sec ||
         now.st_ctim.tv_nsec != rules_seen.st_ctim.tv_nsec;
}

/* One notice when an edit is rejected, one when the file is good again. */
static void tell_about_rules(bool good, const char *err) {
  plugin_log(good ? LOG_NOTICE : LOG_WARNING, PLUGIN ": %s: %s%s", config.rules,
             good ? "read again" : err,
             good ? "" : "; the rules read before stay in force");
  if (good == rules_current)
    return;
  notification_t n = {.severity = good ? NOTIF_OKAY : NOTIF_WARNING,
                      .time = cdtime()};
  snprintf(n.message, sizeof(n.message), "%.100s: %.150s", config.rules,
           good ? "is valid again and in force" : err);
  sstrncpy(n.host, hostname_g, sizeof(n.host));
  sstrncpy(n.plugin, PLUGIN, sizeof(n.plugin));
  sstrncpy(n.type, "bool", sizeof(n.type));
  sstrncpy(n.type_instance, "rules_current", sizeof(n.type_instance));
  notify_send(notify, &n);
}

static void reload_rules(void) {
  char err[512] = "";
  struct ruleset *set = load_rules(err, sizeof(err));
  tell_about_rules(set != NULL, err);
  rules_current = set != NULL;
  if (set == NULL)
    return;
  pthread_mutex_lock(&lock);
  engine_set_rules(engine, set, adapter_now());
  pthread_mutex_unlock(&lock);
}

/* ---- values in ---- */

static struct sample sample_of(const data_source_t *source, value_t value,
                               const value_list_t *vl) {
  struct sample s = {.time = CDTIME_T_TO_DOUBLE(vl->time),
                     .interval = CDTIME_T_TO_DOUBLE(vl->interval)};
  switch (source->type) {
  case DS_TYPE_GAUGE:
    s.kind = SAMPLE_GAUGE;
    s.value.gauge = value.gauge;
    break;
  case DS_TYPE_DERIVE:
    s.kind = SAMPLE_DERIVE;
    s.value.derive = value.derive;
    break;
  case DS_TYPE_COUNTER:
    s.kind = SAMPLE_COUNTER;
    s.value.counter = value.counter;
    break;
  default:
    s.kind = SAMPLE_ABSOLUTE;
    s.value.counter = value.absolute;
  }
  return s;
}

static int write_values(const data_set_t *ds, const value_list_t *vl,
                        user_data_t *data) {
  (void)data;
  struct series series = {.host = vl->host,
                          .plugin = vl->plugin,
                          .plugin_instance = vl->plugin_instance,
                          .type = vl->type,
                          .type_instance = vl->type_instance};
  pthread_mutex_lock(&lock);
  double now = adapter_now();
  for (size_t i = 0; i < ds->ds_num && i < vl->values_len; i++) {
    struct sample sample = sample_of(&ds->ds[i], vl->values[i], vl);
    series.ds = ds->ds[i].name;
    engine_sample(engine, &series, &sample, now);
  }
  pthread_mutex_unlock(&lock);
  return 0;
}

/* ---- counts out ---- */

struct gauge_list { /* copied under the lock, dispatched outside */
  struct gauge_row {
    char host[DATA_MAX_NAME_LEN];
    char instance[DATA_MAX_NAME_LEN];
    size_t count[6];
  } * rows;
  size_t num;
};

static const char *const count_names[6] = {"critical", "warning",  "info",
                                           "pending",  "silenced", "inhibited"};

static void collect_counts(void *arg, const struct engine_counts *c) {
  struct gauge_list *list = arg;
  struct gauge_row *rows =
      realloc(list->rows, (list->num + 1) * sizeof(*list->rows));
  if (rows == NULL)
    return;
  list->rows = rows;
  struct gauge_row *row = &rows[list->num++];
  *row = (struct gauge_row){.count = {c->firing[ALERT_CRITICAL],
                                      c->firing[ALERT_WARNING],
                                      c->firing[ALERT_INFO], c->pending}};
  sstrncpy(row->host, c->host, sizeof(row->host));
  sstrncpy(row->instance, c->instance, sizeof(row->instance));
}

static void dispatch(const char *host, const char *instance, const char *type,
                     const char *type_instance, value_t value) {
  value_list_t vl = {.values = &value, .values_len = 1};
  sstrncpy(vl.host, host, sizeof(vl.host));
  sstrncpy(vl.plugin, PLUGIN, sizeof(vl.plugin));
  sstrncpy(vl.plugin_instance, instance, sizeof(vl.plugin_instance));
  sstrncpy(vl.type, type, sizeof(vl.type));
  sstrncpy(vl.type_instance, type_instance, sizeof(vl.type_instance));
  plugin_dispatch_values(&vl);
}

static void dispatch_counts(const struct gauge_list *list) {
  for (size_t i = 0; i < list->num; i++) {
    const struct gauge_row *row = &list->rows[i];
    for (size_t k = 0; k < 6; k++)
      dispatch(row->host, row->instance, "mcp_alerts", count_names[k],
               (value_t){.gauge = (gauge_t)row->count[k]});
  }
}

/* What the plugin tells of itself, without instance. */
static void dispatch_own(size_t series, uint64_t refused) {
  struct notify_counts count = notify_count(notify);
  struct outbox_counts posted = webhooks_count(webhooks);
  const struct {
    const char *type;
    const char *instance;
    value_t value;
  } own[] = {
      {"bool", "rules_current", {.gauge = rules_current ? 1 : 0}},
      {"gauge", "series", {.gauge = (gauge_t)series}},
      {"total_events", "series_refused", {.derive = (derive_t)refused}},
      {"total_events",
       "notices_sent",
       {.derive = (derive_t)(count.sent + posted.sent)}},
      {"total_events",
       "notices_dropped",
       {.derive = (derive_t)(count.dropped + posted.dropped)}},
      {"total_events", "notices_retried", {.derive = (derive_t)posted.retried}},
  };
  for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
    dispatch(hostname_g, "", own[i].type, own[i].instance, own[i].value);
}

static int tick(void) {
  struct gauge_list list = {0};
  if (rules_changed())
    reload_rules();
  pthread_mutex_lock(&lock);
  engine_tick(engine, adapter_now());
  engine_each_count(engine, collect_counts, &list);
  size_t series = engine_series_count(engine);
  uint64_t refused = engine_series_refused(engine);
  pthread_mutex_unlock(&lock);
  dispatch_counts(&list);
  dispatch_own(series, refused);
  free(list.rows);
  return 0;
}

/* ---- life ---- */

/* Before the first option is bound, and without any. */
static int ensure_defaults(void) {
  if (!configured && options_defaults(alerts_options, &config) != 0)
    return -1;
  configured = true;
  return 0;
}

static int configure(oconfig_item_t *block) {
  if (ensure_defaults() == 0)
    options_bind(alerts_options, &config, block, "", &adapter_errors);
  return 0; /* an error here would end collectd: init() fails instead */
}

static void log_webhooks(int priority, const char *message) {
  plugin_log(priority, PLUGIN ": %s", message);
}

static int shut_down(void) {
  webhooks_finish(webhooks, SHUTDOWN_GRACE); /* while notify does */
  notify_destroy(notify, SHUTDOWN_GRACE);
  notify = NULL;
  webhooks_destroy(webhooks);
  webhooks = NULL;
  engine_destroy(engine);
  engine = NULL;
  alerts_config_free(&config);
  configured = false;
  return 0;
}

static int init(void) {
  if (engine != NULL)
    return 0;
  char err[512] = "";
  if (adapter_log_errors(PLUGIN) > 0 || ensure_defaults() != 0)
    return -1;
  adapter_register_types();
  struct ruleset *set = load_rules(err, sizeof(err));
  if (set == NULL) {
    ERROR(PLUGIN ": %s: %s", config.rules, err);
    return -1;
  }
  webhooks = webhooks_create(config.webhooks, config.webhooks_num, log_webhooks,
                             err, sizeof(err));
  if (webhooks == NULL) {
    ERROR(PLUGIN ": <Plugin " PLUGIN ">/%s", err);
    ruleset_destroy(set);
    shut_down();
    return -1;
  }
  engine = engine_create(MAX_SERIES, on_event, NULL);
  notify = notify_create(MAX_WAITING);
  if (engine == NULL || notify == NULL) {
    ERROR(PLUGIN ": out of memory or threads");
    ruleset_destroy(set);
    shut_down();
    return -1;
  }
  rules_current = true;
  engine_set_rules(engine, set, adapter_now());
  plugin_register_write(PLUGIN, write_values, NULL);
  plugin_register_read(PLUGIN, tick);
  return 0;
}

void module_register(void) {
  plugin_register_complex_config(PLUGIN, configure);
  plugin_register_init(PLUGIN, init);
  plugin_register_shutdown(PLUGIN, shut_down);
}
