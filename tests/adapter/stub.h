/* SPDX-License-Identifier: MIT */
/* stub.h - as much of collectd as our plugins call, in the same process.
 *
 * The plugin's sources are linked as they are. One plugin a process; the test
 * is collectd: it calls what was registered, as collectd would. */
#ifndef ADAPTER_STUB_H
#define ADAPTER_STUB_H

#include "plugins/adapter.h"

#define STUB_HUBS 200

/* What the plugin registered; module_register() and stub_start() fill it. */
struct stub {
  int (*configure)(oconfig_item_t *block);
  int (*init)(void);
  int (*shut_down)(void);
  int (*read)(void);
  int (*read_hub)(user_data_t *hub);
  struct stub_hub {
    char *read; /* its name */
    user_data_t data;
  } hubs[STUB_HUBS]; /* registered, in their order */
  size_t hubs_num;
  plugin_write_cb write;
};
extern struct stub stub;

/* Every sink, in the thread that dispatches; NULL: none. Set it before
 * stub_start(). */
extern void (*stub_sink)(const notification_t *n);

/* Warnings and errors; NULL: they go to stderr. */
extern void (*stub_log)(const char *text);

/* Seconds that the wall clock and that of the plugin are ahead. */
extern double stub_ahead;

/* Where these clocks stand, in epoch seconds; 0: they run. */
extern _Atomic double stub_stands;

/* DailySummary; NULL: none. */
extern const char *stub_daily;

/* Loads, configures and initialises the plugin with files in `folder`:
 * alerts.json (there), mcp_hub_alerts.state. What init() returns. */
int stub_start(const char *folder);

/* The same of mcp_hub with a hub and its log, or with some, each with a name.
 */
int stub_start_hub(const char *url, const char *log);
int stub_start_hubs(const char *url, const char *log, size_t num);

/* The same with these options; `value` is the memory of an option's text. */
int stub_start_with(oconfig_item_t *options, int num);
oconfig_item_t stub_option(const char *key, const char *text,
                           oconfig_value_t *value);

/* One value h/mcp_hub-HUB/gauge, as collectd hands it to a writer. */
void stub_write(const char *hub, double value);

#endif
