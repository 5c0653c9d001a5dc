#include "alerts/notifier_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------- telling */

static enum alert_reason reason_of(const struct alert *a) {
  if (alert_wanted(a) == FLAPPING)
    return ALERT_FLAPPING;
  return a->again && alert_wanted(a) == a->told ? ALERT_REPEATED : a->reason;
}

static struct alert_event event_of(const struct alert *a) {
  enum alert_level previous =
      a->told == FLAPPING ? ALERT_OK : (enum alert_level)a->told;

  if (a->level == ALERT_OK && (a->told <= ALERT_OK || a->doubtful))
    previous = a->worst; /* the end of an alert, whatever was told of it */

  return (struct alert_event){
      .rule = a->rule,
      .series = &a->subject->entry.series,
      .level = a->level,
      .previous = previous,
      .reason = reason_of(a),
      .value = a->value,
      .threshold = a->threshold,
      .since = a->since,
      .now = a->now,
  };
}

static int compare_hubs(const struct alert *x, const struct alert *y) {
  const struct series *a = &x->subject->hub->entry.series;
  const struct series *b = &y->subject->hub->entry.series;
  int order = x->subject->hub == y->subject->hub ? 0 : strcmp(a->host, b->host);

  if (order == 0)
    order = strcmp(a->plugin, b->plugin);
  return order != 0 ? order : strcmp(a->plugin_instance, b->plugin_instance);
}

/* Those that make one notice stand side by side, in the order of their start.
 */
static int compare_kinds(const void *a, const void *b) {
  const struct alert *x = *(const struct alert *const *)a;
  const struct alert *y = *(const struct alert *const *)b;
  int order = (x->rule > y->rule) - (x->rule < y->rule); /* of one array */

  if (order == 0)
    order = compare_hubs(x, y);
  if (order == 0)
    order = alert_wanted(x) - alert_wanted(y);
  if (order == 0)
    order = (int)reason_of(x) - (int)reason_of(y);
  return order;
}

static int compare_for_notice(const void *a, const void *b) {
  const struct alert *x = *(const struct alert *const *)a;
  const struct alert *y = *(const struct alert *const *)b;
  int order = compare_kinds(a, b);

  if (order == 0)
    order = (x->since > y->since) - (x->since < y->since);
  return order != 0 ? order
                    : strcmp(x->subject->entry.series.type_instance,
                             y->subject->entry.series.type_instance);
}

static void mark_told(struct notifier *n, struct alert *a, double now) {
  alert_dequeue(n, a);
  a->told = alert_wanted(a);
  a->told_at = now;
  a->unsure = true;
  a->doubtful = false;
}

static void tell_batch(struct notifier *n, struct alert *const *batch,
                       size_t num, double now) {
  struct alert_event *events = calloc(num, sizeof(*events));

  for (size_t i = 0; events != NULL && i < num; i++)
    events[i] = event_of(batch[i]);
  if (events != NULL)
    n->tell(n->arg, events, num);
  for (size_t i = 0; i < num; i++) {
    struct alert_event event = event_of(batch[i]);
    if (events == NULL)
      n->tell(n->arg, &event, 1);
    mark_told(n, batch[i], now);
  }
  free(events);
}

/* Whether it waits for its time, and no longer for something else. */
static bool is_waiting(struct notifier *n, struct alert *a, double now) {
  if (alert_wanted(a) == a->told && !a->again && !a->doubtful) {
    alert_dequeue(n, a);
    return false;
  }
  if (alert_is_held(n, a)) {
    a->due = INFINITY;
    return false;
  }
  if (isinf(a->due)) {
    a->released = true;
    a->due = now + alert_patience(n, a);
  }
  return true;
}

static double first_due(struct alert *const *batch, size_t num) {
  double due = INFINITY;

  for (size_t i = 0; i < num; i++)
    due = fmin(due, batch[i]->due);
  return due;
}

/* What waits with one that is due has started within group_wait of it, and goes
 * along. */
static void tell_due(struct notifier *n, struct alert **waiting, size_t num,
                     double now) {
  qsort(waiting, num, sizeof(struct alert *), compare_for_notice);
  for (size_t first = 0, next = 0; first < num; first = next) {
    double due = INFINITY;
    while (next < num && compare_kinds(&waiting[first], &waiting[next]) == 0)
      next++;
    due = first_due(&waiting[first], next - first);
    if (due <= now)
      tell_batch(n, &waiting[first], next - first, now);
    else
      n->due = fmin(n->due, due);
  }
}

static void tell_ready(struct notifier *n, double now) {
  struct alert **waiting = calloc(n->num + 1, sizeof(struct alert *));
  struct alert *a = TAILQ_FIRST(&n->queue);
  struct alert *next = NULL;
  size_t num = 0;

  n->due = INFINITY;
  for (; a != NULL; a = next) {
    next = TAILQ_NEXT(a, queue);
    if (!is_waiting(n, a, now))
      continue;
    if (waiting != NULL)
      waiting[num++] = a;
    else
      tell_due(n, &a, 1, now);
  }
  if (num > 0)
    tell_due(n, waiting, num, now);
  free(waiting);
}

/* ---------------------------------------------------------------- surface */

struct notifier *notifier_create(size_t max_alerts, notifier_tell_fn tell,
                                 void *arg) {
  struct notifier *n = calloc(1, sizeof(*n));

  if (n == NULL)
    return NULL;
  n->tell = tell;
  n->arg = arg;
  n->max = max_alerts;
  n->due = INFINITY;
  LIST_INIT(&n->all_hubs);
  TAILQ_INIT(&n->all);
  TAILQ_INIT(&n->queue);
  n->subjects = series_table_create();
  n->hubs = series_table_create();
  if (n->subjects != NULL && n->hubs != NULL)
    return n;
  notifier_destroy(n);
  return NULL;
}

void notifier_destroy(struct notifier *n) {
  if (n == NULL)
    return;
  while (!TAILQ_EMPTY(&n->all))
    alert_drop(n, TAILQ_FIRST(&n->all));
  series_table_destroy(n->subjects);
  series_table_destroy(n->hubs);
  ruleset_destroy(n->rules);
  free(n);
}

static void take_event(struct alert *a, const struct alert_event *event) {
  bool turned = (event->previous == ALERT_OK) != (event->level == ALERT_OK);

  a->level = event->level;
  if (a->level > a->worst)
    a->worst = a->level;
  a->reason = event->reason;
  a->value = event->value;
  a->threshold = event->threshold;
  a->since = event->since;
  a->now = event->now;
  if (turned)
    a->changed = event->now;
  alert_set_inhibitor(a);
  flap_update(&a->flap, turned, event->now);
}

void notifier_event(struct notifier *n, const struct alert_event *event) {
  struct alert *a = alert_find(n, event->rule->name, event->series);

  if (a == NULL) {
    a = alert_add(n, event->rule, event->series, event->now);
    if (a == NULL) {
      n->tell(n->arg, event, 1);
      return;
    }
    a->told = (int)event->previous;
    alert_find_silence(n, a);
  }
  take_event(a, event);
  if (a->doubtful) /* now it is known what to tell */
    alert_dequeue(n, a);
  if (alert_wanted(a) != a->told || a->doubtful)
    alert_enqueue(n, a, event->now + notifier_group_wait(n));
}

static bool is_over(const struct alert *a, double now) {
  return a->level == ALERT_OK && a->told == ALERT_OK && !a->waits &&
         !a->unsure && now - a->changed >= FLAP_WINDOW;
}

static void count_alert(const struct notifier *n, const struct alert *a) {
  struct notifier_counts *counts = &a->subject->hub->counts;
  enum alert_status status = alert_status_of(n, a);

  counts->silenced += a->level != ALERT_OK && status == STATUS_SILENCED;
  counts->inhibited += a->level != ALERT_OK && status == STATUS_INHIBITED;
}

static void check_alert(struct notifier *n, struct alert *a, double now) {
  double repeat = n->rules != NULL ? n->rules->repeat : 0;

  if (a->changed > now) /* time stepped back */
    a->changed = now;
  if (a->told_at > now)
    a->told_at = now;
  if (flap_active(&a->flap))
    flap_update(&a->flap, false, now);
  if (repeat > 0 && a->level != ALERT_OK && a->told == (int)a->level &&
      now - a->told_at >= repeat)
    a->again = true;
  if (alert_wanted(a) != a->told || a->again)
    alert_enqueue(n, a, a->again ? now : now + notifier_group_wait(n));
  double most = now + alert_patience(n, a);
  if (a->waits && a->due > most && isfinite(a->due))
    a->due = most;
}

void notifier_tick(struct notifier *n, double now, double wall) {
  struct alert *next = NULL;
  struct hub *hub = NULL;

  n->wall = wall;
  LIST_FOREACH(hub, &n->all_hubs, all) {
    hub->counts = (struct notifier_counts){0, 0};
  }
  for (struct alert *a = TAILQ_FIRST(&n->all); a != NULL; a = next) {
    next = TAILQ_NEXT(a, all);
    check_alert(n, a, now);
  }
  tell_ready(n, now);
  for (struct alert *a = TAILQ_FIRST(&n->all); a != NULL; a = next) {
    next = TAILQ_NEXT(a, all);
    if (is_over(a, now))
      alert_drop(n, a);
    else
      count_alert(n, a);
  }
}

double notifier_due(const struct notifier *n) { return n->due; }

void notifier_delivered(struct notifier *n) {
  struct alert *a = NULL;

  TAILQ_FOREACH(a, &n->all, all) {
    a->unsure = false;
    if (a->told == ALERT_OK && a->level == ALERT_OK && !a->doubtful)
      a->worst = ALERT_OK;
  }
}

/* The rule of that name; NULL: there is none. */
static const struct rule *successor(const struct ruleset *set,
                                    const struct rule *rule) {
  return set != NULL ? ruleset_find(set, rule->name) : NULL;
}

void notifier_set_rules(struct notifier *n, struct ruleset *set, double now) {
  struct alert *next = NULL;
  struct ruleset *old = n->rules;

  for (struct alert *a = TAILQ_FIRST(&n->all); a != NULL; a = next) {
    next = TAILQ_NEXT(a, all);
    if (flap_active(&a->flap) && successor(set, a->rule) == NULL) {
      flap_init(&a->flap, now); /* it will not settle any more */
      alert_enqueue(n, a, now);
    }
    a->due = a->waits ? now : a->due;
  }
  tell_ready(n, now); /* what ended with its rule, while the rule is there */
  n->rules = ruleset_share(set);
  for (struct alert *a = TAILQ_FIRST(&n->all); a != NULL; a = next) {
    const struct rule *rule = successor(set, a->rule);
    next = TAILQ_NEXT(a, all);
    if (rule == NULL) {
      alert_drop(n, a);
      continue;
    }
    a->rule = rule;
    alert_set_inhibitor(a);
    alert_find_silence(n, a);
  }
  ruleset_destroy(old);
}

enum alert_status notifier_status(const struct notifier *n,
                                  const struct rule *rule,
                                  const struct series *s) {
  const struct alert *a = alert_find(n, rule->name, s);

  return a != NULL ? alert_status_of(n, a) : STATUS_FIRING;
}

void notifier_each_count(const struct notifier *n,
                         void (*each)(void *arg, const struct series *hub,
                                      const struct notifier_counts *counts),
                         void *arg) {
  const struct hub *hub = NULL;

  LIST_FOREACH(hub, &n->all_hubs, all) {
    if (hub->counts.silenced + hub->counts.inhibited > 0)
      each(arg, &hub->entry.series, &hub->counts);
  }
}

void notifier_each_told(const struct notifier *n,
                        void (*each)(void *arg,
                                     const struct alert_event *event),
                        void *arg) {
  const struct alert *a = NULL;

  TAILQ_FOREACH(a, &n->all, all) {
    const struct alert_event event = event_of(a);
    if (a->told > ALERT_OK && a->level != ALERT_OK)
      each(arg, &event);
  }
}
