/* SPDX-License-Identifier: MIT */
/* alerts_plugin.h - data that the files of mcp_hub_alerts share. */
#ifndef PLUGINS_ALERTS_PLUGIN_H
#define PLUGINS_ALERTS_PLUGIN_H

#include "plugins/adapter.h"
#include "plugins/alerts_config.h"
#include "plugins/notification_queue.h"
#include "plugins/rules_file.h"
#include "plugins/webhook_sender.h"

#include "alerts/origins.h"
#include "report/state_file.h"

#include <pthread.h>
#include <sys/queue.h>

#define ALERTS_PLUGIN "mcp_hub_alerts"

struct alerts_plugin {
  struct alerts_config config;
  pthread_mutex_t lock;       /* for `memory` and its callbacks */
  struct alert_memory memory; /* all NULL: not running */
  struct origins *origins;    /* under the lock */
  /* Under the lock: delivered by the dispatcher, not sent yet (delivery.h). */
  STAILQ_HEAD(, delivery_batch) waiting;
  size_t waiting_num;     /* alerts */
  bool sending;           /* a batch was taken out of `waiting` */
  uint64_t tests_refused; /* under the lock: came over the network */
  struct notification_queue *notify;
  struct webhooks *webhooks;
  struct rules_file rules; /* read callback only */
  bool rules_current;      /* the current file is in force */
  double offset;           /* engine's time - adapter_now() */
  struct {                 /* under the lock: the last state file */
    uint64_t changes;      /* engine_changes() at that time */
    double due;            /* adapter_now() of the next write */
  } stored;
  bool unread; /* keep the old state file before it is replaced; used by
                  the loading, then by the saving thread */
};

/* The engine's time; it continues over a restart. */
static inline double alerts_now(const struct alerts_plugin *a) {
  return adapter_now() + a->offset;
}

/* Values and tests from the network that were refused. Under the lock. */
static inline uint64_t alerts_refused(const struct alerts_plugin *a) {
  return origins_refused(a->origins) + a->tests_refused;
}

static inline double alerts_wall(void) { return CDTIME_T_TO_DOUBLE(cdtime()); }

#endif
