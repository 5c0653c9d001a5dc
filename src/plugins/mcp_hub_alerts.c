/* SPDX-License-Identifier: MIT */
/* mcp_hub_alerts.c - collectd plugin that applies alerts.json to every value
 * and sends notifications.
 *
 * The write callback passes values to the engine under one lock; the engine's
 * events go to the dispatcher. The clock thread runs when something is due and
 * sends what the dispatcher delivers (delivery.h) to webhooks and to the
 * notification queue (notification_queue.h), whose thread also saves the state
 * (persistence.h). A read callback reloads changed rules and dispatches values.
 * Nothing is formatted or written under the lock. */
#include "plugins/alerts_plugin.h"
#include "plugins/daily_report.h"
#include "plugins/decisions.h"
#include "plugins/delivery.h"
#include "plugins/gauges.h"
#include "plugins/persistence.h"

#include "collectd/core/daemon/configfile.h"

#include <math.h>
#include <stdlib.h>

#define MAX_SERIES 200000
#define MAX_ALERTS 100000
#define MAX_OWN_SOURCES 65536 /* hosts, plugins and instances read here */
#define MAX_WAITING 1000      /* notifications in the queue */
#define SHUTDOWN_GRACE 0.5    /* seconds */
#define TICK 1.0              /* longest sleep, seconds */
#define SLOW_RULES_LOGGED 10  /* per interval */
#define SAVE_EVERY 60.0       /* seconds, if no notification causes a save */

static struct alerts_plugin alerts = {
    .lock = PTHREAD_MUTEX_INITIALIZER,
    .waiting = STAILQ_HEAD_INITIALIZER(alerts.waiting)};
static bool configured;

/* ---- the clock ---- */

static struct {
  pthread_t thread;
  pthread_cond_t changed; /* with alerts.lock */
  bool runs;
  bool stopping;
  double due; /* next wake-up */
} the_clock;

static void wait_until_due(double now) {
  struct timespec until = adapter_in(fmax(the_clock.due - now, 0));
  pthread_cond_timedwait(&the_clock.changed, &alerts.lock, &until);
}

/* The clock thread is late: the process or the machine was suspended. Call it
 * with the lock held, first thing after a wake-up or a value. */
static void skip_suspension(double now) {
  double late = now - the_clock.due;
  if (late <= TICK)
    return;
  engine_skip_gap(alerts.memory.engine, late, now);
  hub_stats_table_skip_gap(alerts.memory.hubs, late, now);
  the_clock.due = now + TICK;
}

static void *run_clock(void *unused) {
  pthread_mutex_lock(&alerts.lock);
  while (!the_clock.stopping) {
    double now = alerts_now(&alerts);
    skip_suspension(now);
    engine_tick(alerts.memory.engine, now);
    dispatcher_tick(alerts.memory.notifier, now, alerts_wall());
    the_clock.due = now + TICK;
    delivery_send(&alerts);
    delivery_refill(&alerts);
    delivery_send(&alerts);
    if (persistence_is_due(&alerts))
      notification_queue_wake(alerts.notify);
    the_clock.due = fmin(now + TICK, dispatcher_due(alerts.memory.notifier));
    if (!the_clock.stopping)
      wait_until_due(now);
  }
  pthread_mutex_unlock(&alerts.lock);
  return unused;
}

static int start_clock(void) {
  adapter_condition(&the_clock.changed);
  the_clock.stopping = false;
  the_clock.due = alerts_now(&alerts);
  the_clock.runs = plugin_thread_create(&the_clock.thread, run_clock, NULL,
                                        "mcp_hub clock") == 0;
  return the_clock.runs ? 0 : -1;
}

static void stop_clock(void) {
  if (!the_clock.runs)
    return;
  pthread_mutex_lock(&alerts.lock);
  the_clock.stopping = true;
  pthread_cond_signal(&the_clock.changed);
  pthread_mutex_unlock(&alerts.lock);
  pthread_join(the_clock.thread, NULL);
  pthread_cond_destroy(&the_clock.changed);
  the_clock.runs = false;
}

/* Wakes the clock thread if something is due earlier or waits. Call it with the
 * lock held. */
static void wake_clock(void) {
  if (!the_clock.stopping &&
      (dispatcher_due(alerts.memory.notifier) < the_clock.due ||
       delivery_is_waiting(&alerts)))
    pthread_cond_signal(&the_clock.changed);
}

/* ---- write callback ---- */

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

static void take_value(struct series *series, const data_source_t *source,
                       value_t value, const value_list_t *vl, bool received,
                       double now) {
  struct sample sample = sample_of(source, value, vl);
  series->ds = source->name;
  if (received && engine_is_late(alerts.memory.engine, series, &sample, now)) {
    alerts.network_refused++;
    return;
  }
  engine_sample(alerts.memory.engine, series, &sample, now);
  if (sample.kind != SAMPLE_GAUGE)
    return;
  const struct hub_stats_sample seen = {.value = value.gauge,
                                        .interval = sample.interval,
                                        .now = now,
                                        .wall = sample.time};
  hub_stats_table_sample(alerts.memory.hubs, series, &seen);
}

/* The network plugin marks what it received. */
static bool is_from_network(const value_list_t *vl) {
  bool received = false;
  return vl->meta != NULL &&
         meta_data_get_boolean(vl->meta, ADAPTER_RECEIVED, &received) == 0 &&
         received;
}

static int write_values(const data_set_t *ds, const value_list_t *vl,
                        user_data_t *data) {
  (void)data;
  struct series series = {.host = vl->host,
                          .plugin = vl->plugin,
                          .plugin_instance = vl->plugin_instance,
                          .type = vl->type,
                          .type_instance = vl->type_instance};
  bool received = is_from_network(vl);
  pthread_mutex_lock(&alerts.lock);
  double now = alerts_now(&alerts);
  bool running =
      alerts.memory.engine != NULL && /* threads may outlive us */
      origins_accept(alerts.origins, &series, received, now - alerts.offset);
  for (size_t i = 0; running && i < ds->ds_num && i < vl->values_len; i++)
    take_value(&series, &ds->ds[i], vl->values[i], vl, received, now);
  if (running)
    wake_clock();
  pthread_mutex_unlock(&alerts.lock);
  return 0;
}

/* ---- events of the engine ---- */

static void on_event(void *unused, const struct alert *event) {
  (void)unused;
  decisions_event(&alerts, event);
  dispatcher_event(alerts.memory.notifier, event);
}

static void use_rules(struct ruleset *set) {
  double now = alerts_now(&alerts);
  engine_set_rules(alerts.memory.engine, set, now);
  dispatcher_set_rules(alerts.memory.notifier, set, now);
}

static int on_notification(const notification_t *n, user_data_t *unused) {
  (void)unused;
  deliver_test(&alerts, n);
  return 0;
}

/* Called by the notification queue's thread. */
static void save(void) { persistence_save(&alerts); }

/* ---- read callback ---- */

static void reload_rules(void) {
  char err[512] = "";
  bool again = alerts.rules.retry;
  struct ruleset *set = rules_file_load(&alerts.rules, err, sizeof(err));
  if (!again || !alerts.rules.retry) /* log an error once */
    deliver_rules_state(&alerts, set != NULL, err);
  alerts.rules_current = set != NULL;
  if (set == NULL)
    return;
  pthread_mutex_lock(&alerts.lock);
  use_rules(set);
  wake_clock();
  pthread_mutex_unlock(&alerts.lock);
}

/* A few per interval: there may be one per rule. */
static void warn_of_slow_rules(void) {
  char line[512];
  for (int i = 0; i < SLOW_RULES_LOGGED; i++) {
    pthread_mutex_lock(&alerts.lock);
    bool slow = ruleset_take_slow(engine_rules(alerts.memory.engine), line,
                                  sizeof(line));
    pthread_mutex_unlock(&alerts.lock);
    if (!slow)
      return;
    adapter_log(LOG_WARNING, ALERTS_PLUGIN ": %s: %s", alerts.config.rules,
                line);
  }
}

static void warn_of_network(void) {
  static bool warned;
  pthread_mutex_lock(&alerts.lock);
  uint64_t refused = alerts_refused(&alerts);
  pthread_mutex_unlock(&alerts.lock);
  if (refused > 0 && !warned)
    adapter_log(
        LOG_WARNING, ALERTS_PLUGIN
        ": values or test notices that came over the network are refused: "
        "they name what this collectd reads itself, are not later than the "
        "value before, or are tests; network_refused counts them");
  warned = refused > 0;
}

static void save_periodically(void) {
  static double saved;
  double now = adapter_now();
  if (now - saved < SAVE_EVERY)
    return;
  saved = now;
  notification_queue_wake(alerts.notify);
}

static int tick(void) {
  bool new_rules = rules_file_changed(&alerts.rules);
  if (new_rules)
    reload_rules();
  warn_of_slow_rules();
  warn_of_network();
  pthread_mutex_lock(&alerts.lock);
  double now = alerts_now(&alerts);
  skip_suspension(now);
  incidents_expire(alerts.memory.incidents, alerts_wall());
  hub_stats_table_count_alerts(alerts.memory.hubs, alerts.memory.incidents);
  hub_stats_table_tick(alerts.memory.hubs, now);
  pthread_mutex_unlock(&alerts.lock);
  decisions_tick(&alerts, new_rules);
  daily_report_tick(&alerts);
  gauges_dispatch(&alerts);
  persistence_status(&alerts);
  save_periodically();
  return 0;
}

/* ---- start and stop ---- */

/* Sets the defaults before the first option, or if there are none. */
static int ensure_defaults(void) {
  if (!configured && options_defaults(alerts_options, &alerts.config) != 0)
    return -1;
  configured = true;
  return 0;
}

static int configure(oconfig_item_t *block) {
  if (ensure_defaults() == 0)
    options_bind(alerts_options, &alerts.config, block, "", &adapter_errors);
  else
    options_complain(&adapter_errors, "<Plugin " ALERTS_PLUGIN ">", NULL,
                     "out of memory");
  return 0; /* an error would stop collectd: init() reports it */
}

static int choose_state_file(void) {
  const char *base = global_option_get("BaseDir");
  if (alerts.config.state_file != NULL)
    return 0;
  if (base == NULL) {
    alerts.config.state_file = strdup("none");
  } else {
    size_t size = strlen(base) + sizeof("/" ALERTS_PLUGIN ".state");
    alerts.config.state_file = malloc(size);
    if (alerts.config.state_file != NULL)
      snprintf(alerts.config.state_file, size, "%s/%s", base,
               ALERTS_PLUGIN ".state");
  }
  return alerts.config.state_file != NULL ? 0 : -1;
}

static void destroy_memory(void) {
  struct alert_memory *m = &alerts.memory;
  pthread_mutex_lock(&alerts.lock);
  delivery_drop(&alerts);
  engine_destroy(m->engine);
  dispatcher_destroy(m->notifier);
  hub_stats_table_destroy(m->hubs);
  incidents_destroy(m->incidents);
  origins_destroy(alerts.origins);
  *m = (struct alert_memory){NULL};
  alerts.origins = NULL;
  pthread_mutex_unlock(&alerts.lock);
}

static int create_memory(void) {
  struct alert_memory *m = &alerts.memory;
  m->engine = engine_create(MAX_SERIES, on_event, &alerts);
  m->notifier = dispatcher_create(MAX_ALERTS, deliver_alerts, &alerts);
  m->hubs = hub_stats_table_create(HUB_STATS_TABLE_MAX);
  m->incidents = incidents_create(INCIDENTS_MAX);
  alerts.origins = origins_create(hostname_g, MAX_OWN_SOURCES, adapter_now());
  alerts.network_refused = 0;
  return m->engine != NULL && m->notifier != NULL && m->hubs != NULL &&
                 m->incidents != NULL && alerts.origins != NULL
             ? 0
             : -1;
}

static void log_webhooks(int priority, const char *message) {
  adapter_log(priority, ALERTS_PLUGIN ": %s", message);
}

static int start_webhooks(void) {
  char err[512] = "";
  alerts.webhooks =
      webhooks_create(alerts.config.webhooks, alerts.config.webhooks_num,
                      log_webhooks, err, sizeof(err));
  if (alerts.webhooks == NULL)
    adapter_log(LOG_ERR, ALERTS_PLUGIN ": <Plugin " ALERTS_PLUGIN ">/%s", err);
  return alerts.webhooks != NULL ? 0 : -1;
}

/* Under the lock: a test notification may arrive at any time. */
static void destroy_webhooks(void) {
  pthread_mutex_lock(&alerts.lock);
  struct webhooks *webhooks = alerts.webhooks;
  alerts.webhooks = NULL;
  pthread_mutex_unlock(&alerts.lock);
  webhooks_destroy(webhooks);
}

/* Sends what write callbacks caused after the clock thread ended. */
static void send_last(void) {
  pthread_mutex_lock(&alerts.lock);
  delivery_send(&alerts);
  pthread_mutex_unlock(&alerts.lock);
}

static int shut_down(void) {
  bool running = the_clock.runs;
  stop_clock();
  if (running)
    send_last();
  webhooks_finish(alerts.webhooks, SHUTDOWN_GRACE); /* in parallel */
  if (notification_queue_destroy(alerts.notify, SHUTDOWN_GRACE) == 0 &&
      running) {
    alerts.notify = NULL;
    persistence_save(&alerts);
  }
  alerts.notify = NULL;
  destroy_webhooks();
  destroy_memory();
  rules_file_clear(&alerts.rules);
  alerts_config_free(&alerts.config);
  configured = false;
  return 0;
}

/* Creates everything but the rules and the callbacks. */
static int start(struct ruleset *set) {
  bool ready =
      create_memory() == 0 && choose_state_file() == 0 &&
      (alerts.notify = notification_queue_create(MAX_WAITING, save)) != NULL;
  if (!ready) {
    adapter_log(LOG_ERR, ALERTS_PLUGIN ": out of memory or threads");
    ruleset_destroy(set);
    return -1;
  }
  if (start_webhooks() != 0) {
    ruleset_destroy(set);
    return -1;
  }
  pthread_mutex_lock(&alerts.lock);
  decisions_watch(&alerts);
  use_rules(set);
  persistence_load(&alerts);
  dispatcher_each_notified(alerts.memory.notifier, deliver_again, &alerts);
  delivery_send(&alerts);
  pthread_mutex_unlock(&alerts.lock);
  if (start_clock() == 0)
    return 0;
  adapter_log(LOG_ERR, ALERTS_PLUGIN ": cannot start a thread");
  return -1;
}

static int init(void) {
  if (alerts.memory.engine != NULL)
    return 0;
  char err[512] = "";
  if (adapter_log_errors(ALERTS_PLUGIN) > 0)
    return -1;
  if (ensure_defaults() != 0) {
    adapter_log(LOG_ERR, ALERTS_PLUGIN ": out of memory");
    return -1;
  }
  adapter_register_types();
  alerts.rules.path = alerts.config.rules;
  struct ruleset *set = rules_file_load(&alerts.rules, err, sizeof(err));
  if (set == NULL) {
    adapter_log(LOG_ERR, ALERTS_PLUGIN ": %s: %s", alerts.config.rules, err);
    return -1;
  }
  if (start(set) != 0) {
    shut_down();
    return -1;
  }
  alerts.rules_current = true;
  plugin_register_write(ALERTS_PLUGIN, write_values, NULL);
  plugin_register_read(ALERTS_PLUGIN, tick);
  plugin_register_notification(ALERTS_PLUGIN, on_notification, NULL);
  return 0;
}

void module_register(void) {
  plugin_register_complex_config(ALERTS_PLUGIN, configure);
  plugin_register_init(ALERTS_PLUGIN, init);
  plugin_register_shutdown(ALERTS_PLUGIN, shut_down);
}
