/* SPDX-License-Identifier: MIT */
/* mcp_hub.c - collectd plugin that reads MCP hubs.
 *
 * The read callback of a hub only marks it as due. One thread does the HTTP of
 * all hubs and dispatches the values when a read is complete: a hub that hangs
 * delays neither other hubs nor collectd. */
#include "plugins/adapter.h"
#include "plugins/hub_config.h"
#include "plugins/hub_log.h"

#include "http/client.h"
#include "hub/poller.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#define PLUGIN "mcp_hub"
#define BLOCK "<Plugin " PLUGIN ">"
#define APART 0.05      /* seconds between two batches of reads */
#define BATCH 16        /* hubs; more if MAX_BATCHES requires it */
#define MAX_BATCHES 10U /* all start within half a second */

struct monitored_hub {
  char *name;
  struct hub_log *log;
  struct hub_config config;
  double phase; /* seconds from due to start, at most half the interval */
  atomic_bool due;
  double begins; /* next read; INFINITY: not due; HTTP thread only */
  bool reading;  /* HTTP thread only */
  struct http_client *client;
  struct poller *reader;
  struct monitored_hub *next;
};

static struct monitored_hub *hubs;
static struct http_engine *http;
static pthread_t http_thread;
static bool http_thread_runs;
static atomic_bool some_due; /* a read callback has marked a hub */
static atomic_bool stopping;

/* ---- values and messages for collectd ---- */

struct dispatch {
  value_list_t vl;
  value_t value[2];
};

static void dispatch_metric(void *arg, const struct hub_value *m) {
  struct dispatch *d = arg;
  d->vl.values_len = m->kind == METRIC_KIND_DERIVE_PAIR ? 2 : 1;
  for (size_t i = 0; i < d->vl.values_len; i++)
    d->value[i].derive = m->derive[i];
  if (m->kind == METRIC_KIND_GAUGE)
    d->value[0].gauge = m->gauge;
  sstrncpy(d->vl.type, m->type, sizeof(d->vl.type));
  sstrncpy(d->vl.type_instance, m->instance, sizeof(d->vl.type_instance));
  plugin_dispatch_values(&d->vl);
}

static void dispatch_hub(struct monitored_hub *hub) {
  struct log_tail_counts log;
  struct dispatch d = {
      .vl = {.time = cdtime(),
             .interval = DOUBLE_TO_CDTIME_T(hub->config.interval)}};
  d.vl.values = d.value;
  if (hub->config.host != NULL)
    sstrncpy(d.vl.host, hub->config.host, sizeof(d.vl.host));
  sstrncpy(d.vl.plugin, PLUGIN, sizeof(d.vl.plugin));
  sstrncpy(d.vl.plugin_instance, hub->name, sizeof(d.vl.plugin_instance));
  poller_set_log(hub->reader, hub_log_copy(hub->log, &log) ? &log : NULL);
  poller_emit(hub->reader, dispatch_metric, &d);
  poller_set_log(hub->reader, NULL);
}

static void log_remark(void *arg, enum remark_level level, const char *text) {
  (void)arg;
  static const int severity[] = {[REMARK_INFO] = LOG_NOTICE,
                                 [REMARK_WARNING] = LOG_WARNING,
                                 [REMARK_ERROR] = LOG_ERR};
  if (level == REMARK_DEBUG)
    adapter_debug(PLUGIN ": %s", text);
  else
    adapter_log(severity[level], PLUGIN ": %s", text);
}

/* ---- HTTP: one thread for all hubs ---- */

static int on_data(void *arg, const char *bytes, size_t len) {
  const struct monitored_hub *hub = arg;
  return poller_data(hub->reader, bytes, len);
}

static void on_done(void *arg, const struct http_result *result);

static void ask(struct monitored_hub *hub, const char *path) {
  http_get(hub->client, path, poller_time_left(hub->reader, adapter_now()),
           on_data, on_done, hub);
}

static void on_done(void *arg, const struct http_result *result) {
  struct monitored_hub *hub = arg;
  if (atomic_load(&stopping))
    return;
  const char *next = poller_done(hub->reader, result, adapter_now());
  if (next != NULL) {
    ask(hub, next);
    return;
  }
  hub->reading = false;
  if (isfinite(hub->begins)) /* due again during the read */
    atomic_store(&some_due, true);
  if (strcmp(hub->config.log_file, "auto") == 0)
    (void)hub_log_want(hub->log, poller_log_path(hub->reader)); /* or later */
  dispatch_hub(hub);
}

/* Starts due reads. Returns the time of the next start; INFINITY: none. */
static double begin_due_reads(double now) {
  double next = INFINITY;
  for (struct monitored_hub *hub = hubs; hub != NULL; hub = hub->next) {
    if (atomic_load(&hub->due)) {
      atomic_store(&hub->due, false);
      hub->begins = now + hub->phase;
    }
    if (hub->reading)
      continue;
    if (now >= hub->begins) {
      hub->begins = INFINITY;
      hub->reading = true;
      ask(hub, poller_begin(hub->reader, now, CDTIME_T_TO_DOUBLE(cdtime())));
    } else if (hub->begins < next) {
      next = hub->begins;
    }
  }
  return next;
}

static void *run_http_thread(void *arg) {
  (void)arg;
  bool notified = false;
  double next = INFINITY;
  while (!atomic_load(&stopping)) {
    double now = adapter_now();
    if (atomic_exchange(&some_due, false) || now >= next)
      next = begin_due_reads(now);
    if (http_engine_run(http, next - now) >= 0)
      continue;
    if (!notified)
      adapter_log(LOG_ERR,
                  PLUGIN
                  ": the HTTP engine reports an error (%s); reading goes on",
                  STRERRNO);
    notified = true;
    nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
  }
  return NULL;
}

/* Read callback. Never fails: collectd would lower its rate. */
static int hub_is_due(user_data_t *data) {
  struct monitored_hub *hub = data->data;
  atomic_store(&hub->due, true);
  if (!atomic_exchange(&some_due, true))
    http_engine_wake(http);
  hub_log_read(hub->log);
  return 0;
}

/* ---- start and stop ---- */

static void hub_destroy(struct monitored_hub *hub) {
  if (hub == NULL)
    return;
  http_client_destroy(hub->client);
  poller_destroy(hub->reader);
  options_free(hub_options, &hub->config);
  hub_log_destroy(hub->log);
  free(hub->name);
  free(hub);
}

/* "/proc" for a hub on this machine, else NULL. */
static const char *proc_of(const struct hub_config *config) {
  bool local =
      config->unix_socket != NULL || hub_process_url_is_local(config->url);
  return local && config->process == PROCESS_AUTO ? "/proc" : NULL;
}

static int hub_open(struct monitored_hub *hub) {
  const struct http_options options = {
      .url = hub->config.url,
      .unix_socket = hub->config.unix_socket,
      .user = hub->config.user,
      .password = hub->config.password,
      .bearer_file = hub->config.bearer_file,
      .headers = (const char *const *)hub->config.headers,
      .verify_peer = hub->config.verify_peer,
      .verify_host = hub->config.verify_host,
      .ca_cert = hub->config.ca_cert,
      .client_cert = hub->config.client_cert,
      .client_key = hub->config.client_key,
      .max_body = hub->config.max_body,
  };
  const struct poller_settings settings = {
      .name = hub->name,
      .url = hub->config.url,
      .timeout = hub->config.timeout,
      .min_calls = hub->config.min_calls,
      .servers = (const char *const *)hub->config.servers,
      .ignore_selected = hub->config.ignore_selected,
      .max_servers = hub->config.max_servers,
      .proc = proc_of(&hub->config),
      .remark = log_remark,
  };
  char err[512] = "out of memory";
  bool ready = hub->config.log_file[0] != '/' ||
               hub_log_want(hub->log, hub->config.log_file) == 0;
  hub->client = http_client_create(http, &options, err, sizeof(err));
  hub->reader = poller_create(&settings);
  if (!ready || hub->client == NULL || hub->reader == NULL) {
    adapter_log(LOG_ERR, PLUGIN ": " BLOCK "/<Hub \"%s\">: %s", hub->name, err);
    return -1;
  }
  return 0;
}

/* Interval and Timeout depend on collectd's interval, which is known only
 * now. */
static int hub_schedule(struct monitored_hub *hub) {
  if (hub->config.interval == 0)
    hub->config.interval = CDTIME_T_TO_DOUBLE(plugin_get_interval());
  if (hub->config.timeout == 0)
    hub->config.timeout =
        hub->config.interval < 10 ? hub->config.interval / 2 : 5;
  if (hub->config.timeout <= hub->config.interval + 0.001) /* rounding */
    return 0;
  adapter_log(LOG_ERR,
              PLUGIN ": " BLOCK
                     "/<Hub \"%s\">/Timeout: \"%g\": expected at most "
                     "the hub's Interval, %g seconds",
              hub->name, hub->config.timeout, hub->config.interval);
  return -1;
}

static bool hub_is_named(const char *name) {
  for (const struct monitored_hub *hub = hubs; hub != NULL; hub = hub->next)
    if (strcmp(hub->name, name) == 0)
      return true;
  return false;
}

/* Appends: hubs are read in the order of the configuration. */
static struct monitored_hub *hub_add(const char *name) {
  struct monitored_hub *hub = calloc(1, sizeof(*hub));
  if (hub != NULL)
    hub->begins = INFINITY;
  if (hub == NULL || (hub->name = strdup(name)) == NULL ||
      (hub->log = hub_log_create(name)) == NULL ||
      options_defaults(hub_options, &hub->config) != 0) {
    hub_destroy(hub);
    return NULL;
  }
  struct monitored_hub **end = &hubs;
  while (*end != NULL)
    end = &(*end)->next;
  return *end = hub;
}

static void configure_hub(void *target, const oconfig_item_t *block,
                          const char *outer, struct option_errors *errors) {
  (void)target;
  const char *name = options_block_name(block, outer, errors);
  if (name == NULL)
    return;
  char place[OPTIONS_MAX_PLACE];
  options_place(block, outer, place, sizeof(place));
  if (hub_is_named(name)) {
    options_complain(errors, place, NULL,
                     "this name is taken: expected another for each hub");
    return;
  }
  struct monitored_hub *hub = hub_add(name);
  if (hub == NULL)
    options_complain(errors, place, NULL, "out of memory");
  else
    options_bind(hub_options, &hub->config, block, outer, errors);
}

static const struct option plugin_options[] = {{.key = "Hub",
                                                .type = OPTION_BLOCK,
                                                .block = configure_hub,
                                                .help = "A hub to read."},
                                               {0}};

static int configure(oconfig_item_t *block) {
  options_bind(plugin_options, NULL, block, "", &adapter_errors);
  return 0; /* an error would stop collectd: init() reports it */
}

/* collectd calls the read callbacks of all hubs at once. Reads start in
 * batches: all at once would need much memory, one by one a thousand
 * wake-ups. */
static void set_phases(void) {
  size_t place = 0, num = 0;
  for (const struct monitored_hub *hub = hubs; hub != NULL; hub = hub->next)
    num++;
  size_t batches = (num + BATCH - 1) / BATCH;
  if (batches > MAX_BATCHES)
    batches = MAX_BATCHES;
  for (struct monitored_hub *hub = hubs; hub != NULL;
       hub = hub->next, place++) {
    size_t batch = place * batches / num;
    double share = hub->config.interval / 2 / (double)batches;
    hub->phase = (double)batch * (share < APART ? share : APART);
  }
}

static int open_hubs(void) {
  if (hubs == NULL && hub_add("local") == NULL) {
    adapter_log(LOG_ERR, PLUGIN ": out of memory");
    return -1;
  }
  int status = 0;
  for (struct monitored_hub *hub = hubs; hub != NULL; hub = hub->next)
    status |= hub_schedule(hub);
  set_phases();
  for (struct monitored_hub *hub = hubs; hub != NULL && status == 0;
       hub = hub->next)
    status |= hub_open(hub);
  return status;
}

struct read_name {
  char text[DATA_MAX_NAME_LEN + sizeof(PLUGIN) + 1];
};

static struct read_name read_name(const struct monitored_hub *hub) {
  struct read_name name;
  snprintf(name.text, sizeof(name.text), PLUGIN "-%s", hub->name);
  return name;
}

/* Registers all read callbacks or none. */
static int register_reads(void) {
  const struct monitored_hub *failed = hubs;
  for (struct monitored_hub *hub = hubs; hub != NULL && failed == hub;
       hub = hub->next)
    if (plugin_register_complex_read(PLUGIN, read_name(hub).text, hub_is_due,
                                     DOUBLE_TO_CDTIME_T(hub->config.interval),
                                     &(user_data_t){.data = hub}) == 0)
      failed = hub->next;
  if (failed == NULL)
    return 0;
  adapter_log(LOG_ERR, PLUGIN ": hub \"%s\": its read cannot be registered",
              failed->name);
  for (const struct monitored_hub *hub = hubs; hub != failed; hub = hub->next)
    plugin_unregister_read(read_name(hub).text);
  return -1;
}

static int shut_down(void) {
  atomic_store(&stopping, true);
  if (http_thread_runs) {
    http_engine_wake(http);
    pthread_join(http_thread, NULL);
    http_thread_runs = false;
  }
  while (hubs != NULL) {
    struct monitored_hub *hub = hubs;
    hubs = hub->next;
    hub_destroy(hub);
  }
  http_engine_destroy(http);
  http = NULL;
  return 0;
}

static int init(void) {
  if (http_thread_runs)
    return 0;
  if (adapter_log_errors(PLUGIN) > 0) {
    shut_down();
    return -1;
  }
  adapter_register_types();
  if (http_init() != 0) {
    adapter_log(LOG_ERR, PLUGIN ": libcurl cannot be initialised");
    shut_down();
    return -1;
  }
  errno = 0;
  if ((http = http_engine_create()) == NULL) {
    adapter_log(LOG_ERR, PLUGIN ": cannot prepare requests: %s", STRERRNO);
    shut_down();
    return -1;
  }
  if (open_hubs() != 0) {
    shut_down();
    return -1;
  }
  atomic_store(&stopping, false);
  if (plugin_thread_create(&http_thread, run_http_thread, NULL, PLUGIN) != 0) {
    adapter_log(LOG_ERR, PLUGIN ": cannot start a thread");
    shut_down();
    return -1;
  }
  http_thread_runs = true;
  if (register_reads() == 0)
    return 0;
  shut_down();
  return -1;
}

void module_register(void) {
  plugin_register_complex_config(PLUGIN, configure);
  plugin_register_init(PLUGIN, init);
  plugin_register_shutdown(PLUGIN, shut_down);
}
