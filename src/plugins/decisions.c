/* SPDX-License-Identifier: MIT */
#include "plugins/decisions.h"

#include "plugins/delivery.h"

#include "util/format.h"

#include <stdlib.h>

static bool watching; /* set before other threads start */

static void on_pending(void *arg, const struct alert *alert) {
  delivery_remark(arg, alert, DECISION_PENDING);
}

static void on_hold(void *arg, const struct alert *alert,
                    enum dispatcher_hold hold) {
  delivery_remark(arg, alert, DECISION_HOLD + (int)hold);
}

void decisions_watch(struct alerts_plugin *a) {
  watching = adapter_debugs();
  if (!watching)
    return;
  engine_set_pending(a->memory.engine, on_pending);
  dispatcher_set_hold(a->memory.notifier, on_hold);
}

void decisions_event(struct alerts_plugin *a, const struct alert *event) {
  if (watching)
    delivery_remark(a, event, DECISION_CHANGE);
}

/* ---- alerts ---- */

static void log_hold(const struct alert *alert, const char *subject,
                     enum dispatcher_hold hold) {
  static const char *const words[] = {[HOLD_GROUP_WAIT] =
                                          "it waits for others of its group",
                                      [HOLD_SILENCE] = "silenced: ",
                                      [HOLD_INHIBITED] = "inhibited by rule ",
                                      [HOLD_FLAPPING] = "it flaps"};
  adapter_debug(ALERTS_PLUGIN ": %s: no notification: %s%s", subject,
                words[hold], alert->message != NULL ? alert->message : "");
}

void decisions_log(const struct alert *alert, int decision) {
  char subject[1024];
  char identity[SERIES_TEXT_MAX];
  char value[FORMAT_MAX];
  char threshold[FORMAT_MAX];
  char wait[FORMAT_MAX];
  double hold_for = alert->rule != NULL ? alert->rule->hold_for : 0;
  series_text(&alert->series, identity);
  snprintf(subject, sizeof(subject), "alert %s on %s", alert->rule_name,
           identity);
  format_number_pair(alert->value, alert->threshold, value, threshold);
  format_duration(hold_for, wait);
  if (decision >= DECISION_HOLD)
    log_hold(alert, subject, (enum dispatcher_hold)(decision - DECISION_HOLD));
  else if (decision == DECISION_CHANGE)
    adapter_debug(ALERTS_PLUGIN ": %s: %s, before %s; value %s, threshold %s",
                  subject, alert_level_name(alert->level),
                  alert_level_name(alert->previous), value, threshold);
  else if (alert->status == STATUS_PENDING)
    adapter_debug(ALERTS_PLUGIN ": %s: pending, value %s; fires after %s",
                  subject, value, wait);
  else
    adapter_debug(ALERTS_PLUGIN ": %s: no longer pending, value %s", subject,
                  value);
}

/* ---- rules ---- */

static void log_rules(struct alerts_plugin *a) {
  pthread_mutex_lock(&a->lock);
  struct ruleset *set = ruleset_share(dispatcher_rules(a->memory.notifier));
  size_t *num = calloc(set->rules_num + 1, sizeof(*num));
  if (num != NULL)
    engine_count_series(a->memory.engine, num);
  pthread_mutex_unlock(&a->lock);
  for (size_t i = 0; num != NULL && i < set->rules_num; i++)
    adapter_debug(ALERTS_PLUGIN ": rule %s looks at %zu series",
                  set->rules[i].name, num[i]);
  free(num);
  ruleset_destroy(set);
}

void decisions_tick(struct alerts_plugin *a, bool new_rules) {
  static unsigned ticks;
  ticks = new_rules ? 0 : ticks + 1;
  if (watching && (ticks == 1 || ticks == 6))
    log_rules(a);
}
