/* SPDX-License-Identifier: MIT */
/* alerts_plugin.h - what the parts of mcp_hub_alerts share. */
#ifndef PLUGINS_ALERTS_PLUGIN_H
#define PLUGINS_ALERTS_PLUGIN_H

#include "plugins/adapter.h"
#include "plugins/alerts_config.h"
#include "plugins/notification_queue.h"
#include "plugins/rules_file.h"
#include "plugins/webhook_sender.h"

#include "report/state_file.h"

#include <pthread.h>
#include <sys/queue.h>

#define ALERTS_PLUGIN "mcp_hub_alerts"

struct alerts_plugin {
  struct alerts_config config;
  pthread_mutex_t lock;       /* of memory, and of what it calls back */
  struct alert_memory memory; /* NULLs: not running */
  /* Under the lock: what was delivered and is yet to be sent (delivery.h). */
  STAILQ_HEAD(, delivery_batch) waiting;
  size_t waiting_num; /* alerts */
  bool sending;       /* one that is not among them any more */
  struct notification_queue *notify;
  struct webhooks *webhooks;
  struct rules_file rules; /* the read callback's */
  bool rules_current;      /* the file as it is now is in force */
  double offset;           /* of the engine's time against adapter_now() */
  struct {                 /* under the lock: what is in the state file */
    uint64_t changes;      /* of the engine until then */
    double due; /* adapter_now() from which it may be written again */
  } stored;
  bool unread; /* the state file of the start: kept before it is replaced; of
                  who loads, then of who saves */
};

/* The engine's time: goes on over a restart. */
static inline double alerts_now(const struct alerts_plugin *a) {
  return adapter_now() + a->offset;
}

static inline double alerts_wall(void) { return CDTIME_T_TO_DOUBLE(cdtime()); }

#endif
