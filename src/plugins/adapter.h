/* SPDX-License-Identifier: MIT */
/* adapter.h - the parts of collectd's API that both plugins use. */
#ifndef PLUGINS_ADAPTER_H
#define PLUGINS_ADAPTER_H

#include "collectd/core/daemon/collectd.h"

#include "collectd/core/daemon/plugin.h"
#include "collectd/core/utils/common/common.h"

#include "plugins/options.h"

/* Registers the types of the table of values that no TypesDB line defines. Call
 * it from an init callback. */
void adapter_register_types(void);

/* Meta data by which collectd's network plugin marks the values and
 * notifications that it received. */
#define ADAPTER_RECEIVED "network:received"

/* Seconds on CLOCK_BOOTTIME: no steps, runs while the machine sleeps. */
double adapter_now(void);

/* Condition variable on CLOCK_MONOTONIC, and the time on that clock `seconds`
 * from now. */
void adapter_condition(pthread_cond_t *condition);
struct timespec adapter_in(double seconds);

/* Option errors are logged by init(), not by the config callback: the log
 * plugin may be configured after this one. */
extern struct option_errors adapter_errors;
/* Logs and clears them. Returns their number. */
size_t adapter_log_errors(const char *plugin);

/* Writes a line to collectd's log; severity is LOG_ERR to LOG_INFO. All messages
 * go through it. It replaces line breaks and control codes, because names,
 * paths and errors in a message come from others. At most 1,023 bytes. */
void adapter_log(int severity, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Debug messages about decisions, one per change. Level debug, which collectd
 * drops unless built with --enable-debug (Debian's is not); level info if
 * MCP_HUB_DEBUG is set in collectd's environment. adapter_debugs(): true if one
 * of the two is the case. */
bool adapter_debugs(void);
void adapter_debug(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

#endif
