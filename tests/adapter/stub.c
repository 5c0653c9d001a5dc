/* SPDX-License-Identifier: MIT */
#include "stub.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct stub stub;
void (*stub_sink)(const notification_t *n);
void (*stub_log)(const char *text);
double stub_ahead;
_Atomic double stub_stands;
const char *stub_daily;
char *hostname_g = (char[]){"h"};

void module_register(void);
int __real_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);

/* ---- what plugins register ---- */

int plugin_register_complex_config(const char *type,
                                   int (*callback)(oconfig_item_t *)) {
  (void)type;
  stub.configure = callback;
  return 0;
}

int plugin_register_init(const char *name, plugin_init_cb callback) {
  (void)name;
  stub.init = callback;
  return 0;
}

int plugin_register_shutdown(const char *name, plugin_shutdown_cb callback) {
  (void)name;
  stub.shut_down = callback;
  return 0;
}

int plugin_register_read(const char *name, int (*callback)(void)) {
  (void)name;
  stub.read = callback;
  return 0;
}

int plugin_register_complex_read(const char *group, const char *name,
                                 int (*callback)(user_data_t *),
                                 cdtime_t interval, user_data_t const *data) {
  struct stub_hub *hub = &stub.hubs[stub.hubs_num];
  (void)group;
  (void)interval;
  if (stub.hubs_num == STUB_HUBS || (hub->read = strdup(name)) == NULL)
    return -1; /* collectd needs memory, too */
  stub.read_hub = callback;
  hub->data = *data;
  stub.hubs_num++;
  return 0;
}

int plugin_unregister_read(const char *name) {
  for (size_t i = 0; i < stub.hubs_num; i++)
    if (strcmp(stub.hubs[i].read, name) == 0) {
      free(stub.hubs[i].read);
      stub.hubs[i] = stub.hubs[--stub.hubs_num];
      return 0;
    }
  return -1;
}

/* With the plugin, as collectd does at its end. */
static void forget_hubs(void) {
  while (stub.hubs_num > 0)
    free(stub.hubs[--stub.hubs_num].read);
}

cdtime_t plugin_get_interval(void) { return DOUBLE_TO_CDTIME_T(10); }

int plugin_register_write(const char *name, plugin_write_cb callback,
                          user_data_t const *data) {
  (void)name;
  (void)data;
  stub.write = callback;
  return 0;
}

int plugin_register_notification(const char *name,
                                 plugin_notification_cb callback,
                                 user_data_t const *data) {
  (void)name;
  (void)data;
  return callback == NULL; /* the stub notifies nobody but itself */
}

int plugin_register_data_set(const data_set_t *set) { return set == NULL; }

const data_set_t *plugin_get_ds(const char *name) {
  (void)name;
  return NULL;
}

int plugin_thread_create(pthread_t *thread, void *(*run)(void *), void *arg,
                         char const *name) {
  (void)name;
  return pthread_create(thread, NULL, run, arg);
}

/* ---- what plugins dispatch ---- */

int plugin_dispatch_values(value_list_t const *list) { return list == NULL; }

int plugin_dispatch_notification(const notification_t *n) {
  if (stub_sink != NULL)
    stub_sink(n);
  return 0;
}

void plugin_log(int level, const char *format, ...) {
  char text[1024];
  va_list args;
  if (level > LOG_WARNING)
    return;
  va_start(args, format);
  vsnprintf(text, sizeof(text), format, args);
  va_end(args);
  if (stub_log != NULL)
    stub_log(text);
  else
    fprintf(stderr, "%s\n", text);
}

static int add_meta(notification_t *n, const char *name) {
  notification_meta_t *meta = calloc(1, sizeof(*meta));
  if (meta == NULL)
    return -1;
  sstrncpy(meta->name, name, sizeof(meta->name));
  meta->next = n->meta;
  n->meta = meta;
  return 0;
}

int meta_data_get_boolean(meta_data_t *meta, const char *key, bool *value) {
  return meta == NULL || key == NULL || value == NULL ? 0 : -1;
}

int plugin_notification_meta_add_string(notification_t *n, const char *name,
                                        const char *value) {
  return value != NULL ? add_meta(n, name) : -1;
}

int plugin_notification_meta_add_signed_int(notification_t *n, const char *name,
                                            int64_t value) {
  (void)value;
  return add_meta(n, name);
}

int plugin_notification_meta_add_double(notification_t *n, const char *name,
                                        double value) {
  (void)value;
  return add_meta(n, name);
}

int plugin_notification_meta_free(notification_meta_t *meta) {
  while (meta != NULL) {
    notification_meta_t *next = meta->next;
    free(meta);
    meta = next;
  }
  return 0;
}

/* ---- what else they call ---- */

char *sstrncpy(char *to, const char *from, size_t size) {
  snprintf(to, size, "%s", from);
  return to;
}

char *sstrerror(int number, char *buf, size_t size) {
  snprintf(buf, size, "%s", strerrordesc_np(number));
  return buf;
}

const char *global_option_get(const char *option) {
  (void)option;
  return NULL;
}

cdtime_t cdtime(void) {
  struct timespec now;
  __real_clock_gettime(CLOCK_REALTIME, &now);
  double seconds = (double)now.tv_sec + (double)now.tv_nsec / 1e9;
  return DOUBLE_TO_CDTIME_T(stub_stands > 0 ? stub_stands
                                            : seconds + stub_ahead);
}

/* Linked in the place of clock_gettime(). */
int __wrap_clock_gettime(clockid_t clock, struct timespec *now) {
  int status = __real_clock_gettime(clock, now);
  bool is_ours = clock == CLOCK_BOOTTIME || clock == CLOCK_REALTIME;
  if (is_ours && stub_stands > 0)
    *now = CDTIME_T_TO_TIMESPEC(cdtime());
  else if (is_ours)
    now->tv_sec += (time_t)stub_ahead;
  return status;
}

/* ---- what tests call ---- */

int stub_start_with(oconfig_item_t *options, int num) {
  oconfig_item_t block = {
      .key = (char[]){"Plugin"}, .children = options, .children_num = num};
  forget_hubs();
  module_register();
  stub.configure(&block);
  return stub.init();
}

oconfig_item_t stub_option(const char *key, const char *text,
                           oconfig_value_t *value) {
  *value = (oconfig_value_t){.value = {.string = (char *)(uintptr_t)text},
                             .type = OCONFIG_TYPE_STRING};
  return (oconfig_item_t){
      .key = (char *)(uintptr_t)key, .values = value, .values_num = 1};
}

int stub_start(const char *folder) {
  char rules[PATH_MAX];
  char state[PATH_MAX];
  oconfig_value_t values[4];
  snprintf(rules, sizeof(rules), "%s/alerts.json", folder);
  snprintf(state, sizeof(state), "%s/mcp_hub_alerts.state", folder);
  oconfig_item_t options[] = {
      stub_option("Rules", rules, &values[0]),
      stub_option("StateFile", state, &values[1]),
      stub_option("ReportDir", folder, &values[2]),
      stub_option("DailySummary", stub_daily, &values[3])};
  return stub_start_with(options, stub_daily != NULL ? 4 : 3);
}

int stub_start_hubs(const char *url, const char *log, size_t num) {
  static char names[STUB_HUBS][32];
  static oconfig_value_t name_values[STUB_HUBS];
  oconfig_item_t hubs[STUB_HUBS];
  oconfig_value_t values[3];
  oconfig_item_t options[] = {stub_option("URL", url, &values[0]),
                              stub_option("LogFile", log, &values[1]),
                              stub_option("Header", "X-Key: v", &values[2])};
  for (size_t i = 0; i < num; i++) {
    snprintf(names[i], sizeof(names[i]), "prod%zu", i);
    hubs[i] = stub_option("Hub", names[i], &name_values[i]);
    hubs[i].children = options;
    hubs[i].children_num = 3;
  }
  return stub_start_with(hubs, (int)num);
}

int stub_start_hub(const char *url, const char *log) {
  return stub_start_hubs(url, log, 1);
}

void stub_write(const char *hub, double value) {
  data_source_t source = {.name = "value", .type = DS_TYPE_GAUGE};
  data_set_t set = {.type = "gauge", .ds_num = 1, .ds = &source};
  value_t gauge = {.gauge = value};
  value_list_t list = {.values = &gauge,
                       .values_len = 1,
                       .time = cdtime(),
                       .interval = DOUBLE_TO_CDTIME_T(10),
                       .host = "h",
                       .plugin = "mcp_hub",
                       .type = "gauge"};
  sstrncpy(list.plugin_instance, hub, sizeof(list.plugin_instance));
  stub.write(&set, &list, NULL);
}
