/* SPDX-License-Identifier: MIT */
/* adapter.h - what both plugins need of collectd. */
#ifndef PLUGINS_ADAPTER_H
#define PLUGINS_ADAPTER_H

#include "collectd/core/daemon/collectd.h"

#include "collectd/core/daemon/plugin.h"
#include "collectd/core/utils/common/common.h"

#include "plugins/options.h"

/* Registers the types of the table of values that collectd does not know from a
 * TypesDB line. Call it from an init callback. */
void adapter_register_types(void);

/* Seconds of a clock that never steps and goes on while the machine sleeps. */
double adapter_now(void);

/* A condition that is waited for by a clock that nobody sets, and the time on
 * it so many seconds from now. */
void adapter_condition(pthread_cond_t *condition);
struct timespec adapter_in(double seconds);

/* Wrong options are logged by init() and not as they are found: the plugin that
 * logs may be configured after ours. */
extern struct option_errors adapter_errors;
/* Logs and forgets them; the number that there were. */
size_t adapter_log_errors(const char *plugin);

/* Lines that say what a plugin decided and why, each once a change. Level
 * debug, which collectd drops unless it was built with --enable-debug (Debian's
 * is not); level info where MCP_HUB_DEBUG is in collectd's environment.
 * adapter_debugs(): whether one of both is so. */
bool adapter_debugs(void);
void adapter_debug(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

#endif
