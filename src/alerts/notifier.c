#include "alerts/notifier.h"

#include "alerts/flap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define DOUBT 10.0    /* seconds in which a new value may come */
#define FLAPPING (-1) /* as what has been told, beside the levels */

struct hub { /* or whatever else has this host, plugin and instance */
  struct series_entry entry;
  size_t alerts;
  struct notifier_counts counts; /* at the last tick */
  LIST_HEAD(, alert) inhibitors; /* that fire, and silence others */
  LIST_ENTRY(hub) all;
  char text[];
};

struct subject { /* a series with alerts */
  struct series_entry entry;
  struct hub *hub;
  LIST_HEAD(, alert) alerts;
  char text[];
};

struct alert {
  const struct rule *rule;
  struct subject *subject;
  enum alert_level level;
  enum alert_reason reason;
  double value;
  double threshold;
  double since;
  double now;     /* of the last event */
  double changed; /* when it last started or ended */
  double told_at;
  double silenced_until; /* wall; NaN: not known yet */
  double due; /* while it waits; INFINITY: until nothing holds it back */
  int told;   /* enum alert_level, or FLAPPING */
  enum alert_level worst; /* since it was last known to be ok */
  bool waits;             /* in the queue */
  bool again;             /* what has been told is to be repeated */
  bool released;          /* nothing holds it back any more */
  bool unsure;            /* told, but not known to be delivered */
  bool doubtful; /* so before the restart: to be told whatever it was */
  bool is_inhibitor;
  struct flap flap;
  TAILQ_ENTRY(alert) all; /* in the order of their beginning */
  TAILQ_ENTRY(alert) queue;
  LIST_ENTRY(alert) of_subject;
  LIST_ENTRY(alert) of_hub;
};

struct notifier {
  notifier_tell_fn tell;
  void *arg;
  struct ruleset *rules; /* shared; NULL: none */
  struct series_table *subjects;
  struct series_table *hubs;
  LIST_HEAD(, hub) all_hubs;
  TAILQ_HEAD(, alert) all;
  TAILQ_HEAD(, alert) queue;
  size_t num;
  size_t max;
  double due;
  double wall; /* at the last tick */
};

/* ------------------------------------------------------- hubs, subjects */

static struct series hub_of(const struct series *s) {
  return (struct series){s->host, s->plugin, s->plugin_instance, "", "", ""};
}

static struct hub *hub_get(struct notifier *n, const struct series *s) {
  const struct series id = hub_of(s);
  struct series_key key = series_key(n->hubs, &id);
  struct hub *hub = (struct hub *)series_table_find(n->hubs, &id, &key);

  if (hub != NULL || (hub = calloc(1, sizeof(*hub) + key.size)) == NULL)
    return hub;
  series_entry_init(&hub->entry, &id, &key, hub->text);
  LIST_INIT(&hub->inhibitors);
  if (series_table_insert(n->hubs, &hub->entry) != 0) {
    free(hub);
    return NULL;
  }
  LIST_INSERT_HEAD(&n->all_hubs, hub, all);
  return hub;
}

static void hub_drop_empty(struct notifier *n, struct hub *hub) {
  if (hub->alerts > 0)
    return;
  series_table_remove(n->hubs, &hub->entry);
  LIST_REMOVE(hub, all);
  free(hub);
}

static struct subject *subject_find(const struct notifier *n,
                                    const struct series *s) {
  struct series_key key = series_key(n->subjects, s);

  return (struct subject *)series_table_find(n->subjects, s, &key);
}

static struct subject *subject_get(struct notifier *n, const struct series *s) {
  struct series_key key = series_key(n->subjects, s);
  struct subject *subject = subject_find(n, s);

  if (subject != NULL ||
      (subject = calloc(1, sizeof(*subject) + key.size)) == NULL)
    return subject;
  series_entry_init(&subject->entry, s, &key, subject->text);
  LIST_INIT(&subject->alerts);
  subject->hub = hub_get(n, s);
  if (subject->hub != NULL &&
      series_table_insert(n->subjects, &subject->entry) == 0)
    return subject;
  if (subject->hub != NULL)
    hub_drop_empty(n, subject->hub);
  free(subject);
  return NULL;
}

static void subject_drop_empty(struct notifier *n, struct subject *subject) {
  if (!LIST_EMPTY(&subject->alerts))
    return;
  series_table_remove(n->subjects, &subject->entry);
  hub_drop_empty(n, subject->hub);
  free(subject);
}

/* --------------------------------------------------------------- alerts */

static struct alert *alert_find(const struct notifier *n, const char *rule,
                                const struct series *s) {
  struct subject *subject = subject_find(n, s);
  struct alert *a = NULL;

  if (subject == NULL)
    return NULL;
  LIST_FOREACH(a, &subject->alerts, of_subject) {
    if (strcmp(a->rule->name, rule) == 0)
      return a;
  }
  return NULL;
}

/* NULL: no room, or no memory. */
static struct alert *alert_add(struct notifier *n, const struct rule *rule,
                               const struct series *s, double now) {
  struct subject *subject = n->num < n->max ? subject_get(n, s) : NULL;
  struct alert *a = subject != NULL ? calloc(1, sizeof(*a)) : NULL;

  if (a == NULL) {
    if (subject != NULL)
      subject_drop_empty(n, subject);
    return NULL;
  }
  a->rule = rule;
  a->subject = subject;
  a->told = ALERT_OK;
  a->changed = now;
  flap_init(&a->flap, now);
  LIST_INSERT_HEAD(&subject->alerts, a, of_subject);
  TAILQ_INSERT_TAIL(&n->all, a, all);
  subject->hub->alerts++;
  n->num++;
  return a;
}

static void set_inhibitor(struct alert *a) {
  bool is = a->rule->inhibits && a->level != ALERT_OK;

  if (is && !a->is_inhibitor)
    LIST_INSERT_HEAD(&a->subject->hub->inhibitors, a, of_hub);
  else if (!is && a->is_inhibitor)
    LIST_REMOVE(a, of_hub);
  a->is_inhibitor = is;
}

static void alert_drop(struct notifier *n, struct alert *a) {
  a->level = ALERT_OK;
  set_inhibitor(a);
  if (a->waits)
    TAILQ_REMOVE(&n->queue, a, queue);
  TAILQ_REMOVE(&n->all, a, all);
  LIST_REMOVE(a, of_subject);
  a->subject->hub->alerts--;
  n->num--;
  subject_drop_empty(n, a->subject);
  free(a);
}

/* What is to be known of it. */
static int wanted(const struct alert *a) {
  return flap_active(&a->flap) ? FLAPPING : (int)a->level;
}

static void enqueue(struct notifier *n, struct alert *a, double due) {
  if (a->waits)
    return;
  a->waits = true;
  a->due = due;
  TAILQ_INSERT_TAIL(&n->queue, a, queue);
  if (due < n->due)
    n->due = due;
}

static void dequeue(struct notifier *n, struct alert *a) {
  if (a->waits)
    TAILQ_REMOVE(&n->queue, a, queue);
  a->waits = a->again = a->released = false;
}

static double group_wait(const struct notifier *n) {
  return n->rules != NULL ? n->rules->group_wait : 0;
}

/* How long it waits at most. What was held back may be about to end, as what
 * held it back did: its clear_for goes by first, and an interval. */
static double patience(const struct notifier *n, const struct alert *a) {
  if (a->doubtful)
    return DOUBT;
  return group_wait(n) + (a->released ? 2 * a->rule->clear_for : 0);
}

/* ------------------------------------------------------ what holds it back */

static bool is_inhibited(const struct alert *a) {
  const struct rule *rule = a->rule;
  const struct alert *by = NULL;

  if (rule->inhibited_by_num == 0)
    return false;
  LIST_FOREACH(by, &a->subject->hub->inhibitors, of_hub) {
    for (size_t i = 0; i < rule->inhibited_by_num; i++)
      if (strcmp(by->rule->name, rule->inhibited_by[i]) == 0)
        return true;
  }
  return false;
}

/* 1 or 0; -1: without memory. */
static int silence_covers(const struct silence *silence,
                          const struct alert *a) {
  struct identity id;
  char buf[1024];
  int covers = 0;

  if (silence->rule != NULL && strcmp(silence->rule, a->rule->name) != 0)
    return 0;
  if (silence->metric == NULL)
    return 1;
  if (series_identity(&a->subject->entry.series, buf, sizeof(buf), &id) != 0)
    return -1;
  covers = pattern_match(silence->metric, &id);
  series_identity_clear(&id, buf);
  return covers;
}

/* Once for an alert and a set of rules: there may be many of both. NaN: tried
 * again at the next tick. */
static void find_silence(const struct notifier *n, struct alert *a) {
  a->silenced_until = -INFINITY;
  for (size_t i = 0; n->rules != NULL && i < n->rules->silences_num; i++) {
    const struct silence *silence = &n->rules->silences[i];
    int covers =
        silence->until > a->silenced_until ? silence_covers(silence, a) : 0;
    if (covers != 0)
      a->silenced_until = covers > 0 ? silence->until : NAN;
    if (covers < 0)
      return;
  }
}

static enum alert_status status_of(const struct notifier *n,
                                   const struct alert *a) {
  if (n->wall < a->silenced_until)
    return STATUS_SILENCED;
  if (is_inhibited(a))
    return STATUS_INHIBITED;
  return flap_active(&a->flap) ? STATUS_FLAPPING : STATUS_FIRING;
}

/* Recoveries are told whatever happens. */
static bool is_held(const struct notifier *n, const struct alert *a) {
  enum alert_status status = status_of(n, a);

  return wanted(a) != ALERT_OK &&
         (status == STATUS_SILENCED || status == STATUS_INHIBITED);
}

/* ---------------------------------------------------------------- telling */

static enum alert_reason reason_of(const struct alert *a) {
  if (wanted(a) == FLAPPING)
    return ALERT_FLAPPING;
  return a->again && wanted(a) == a->told ? ALERT_REPEATED : a->reason;
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
    order = wanted(x) - wanted(y);
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
  dequeue(n, a);
  a->told = wanted(a);
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
  if (wanted(a) == a->told && !a->again && !a->doubtful) {
    dequeue(n, a);
    return false;
  }
  if (is_held(n, a)) {
    a->due = INFINITY;
    return false;
  }
  if (isinf(a->due)) {
    a->released = true;
    a->due = now + patience(n, a);
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
  set_inhibitor(a);
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
    find_silence(n, a);
  }
  take_event(a, event);
  if (a->doubtful) /* now it is known what to tell */
    dequeue(n, a);
  if (wanted(a) != a->told || a->doubtful)
    enqueue(n, a, event->now + group_wait(n));
}

static bool is_over(const struct alert *a, double now) {
  return a->level == ALERT_OK && a->told == ALERT_OK && !a->waits &&
         !a->unsure && now - a->changed >= FLAP_WINDOW;
}

static void count_alert(const struct notifier *n, const struct alert *a) {
  struct notifier_counts *counts = &a->subject->hub->counts;
  enum alert_status status = status_of(n, a);

  counts->silenced += a->level != ALERT_OK && status == STATUS_SILENCED;
  counts->inhibited += a->level != ALERT_OK && status == STATUS_INHIBITED;
}

static void check_alert(struct notifier *n, struct alert *a, double now) {
  double repeat = n->rules != NULL ? n->rules->repeat : 0;

  if (isnan(a->silenced_until))
    find_silence(n, a);
  if (a->changed > now) /* time stepped back */
    a->changed = now;
  if (a->told_at > now)
    a->told_at = now;
  if (flap_active(&a->flap))
    flap_update(&a->flap, false, now);
  if (repeat > 0 && a->level != ALERT_OK && a->told == (int)a->level &&
      now - a->told_at >= repeat)
    a->again = true;
  if (wanted(a) != a->told || a->again)
    enqueue(n, a, a->again ? now : now + group_wait(n));
  double most = now + patience(n, a);
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

void notifier_set_rules(struct notifier *n, struct ruleset *set, double now) {
  struct alert *next = NULL;
  struct ruleset *old = n->rules;

  for (struct alert *a = TAILQ_FIRST(&n->all); a != NULL; a = next) {
    next = TAILQ_NEXT(a, all);
    a->due = a->waits ? now : a->due;
  }
  tell_ready(n, now); /* what ended with its rule, while the rule is there */
  n->rules = ruleset_share(set);
  for (struct alert *a = TAILQ_FIRST(&n->all); a != NULL; a = next) {
    const struct rule *rule =
        set != NULL ? ruleset_find(set, a->rule->name) : NULL;
    next = TAILQ_NEXT(a, all);
    if (rule == NULL) {
      alert_drop(n, a);
      continue;
    }
    a->rule = rule;
    set_inhibitor(a);
    find_silence(n, a);
  }
  ruleset_destroy(old);
}

enum alert_status notifier_status(const struct notifier *n,
                                  const struct rule *rule,
                                  const struct series *s) {
  const struct alert *a = alert_find(n, rule->name, s);

  return a != NULL ? status_of(n, a) : STATUS_FIRING;
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

/* --------------------------------------------------------- over a restart */

static void save_alert(const struct alert *a, struct bytes *out) {
  const struct series *s = &a->subject->entry.series;
  const char *const texts[] = {
      a->rule->name, s->host,          s->plugin, s->plugin_instance,
      s->type,       s->type_instance, s->ds};

  for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
    bytes_put_text(out, texts[i]);
  bytes_put_u64(out, a->level);
  bytes_put_u64(out, a->reason);
  bytes_put_u64(out, (uint64_t)(a->told - FLAPPING));
  bytes_put_u64(out, a->worst);
  bytes_put_u64(out, a->waits);
  bytes_put_u64(out, a->again);
  bytes_put_u64(out, a->released);
  bytes_put_u64(out, a->unsure || a->doubtful);
  bytes_put_double(out, a->due);
  bytes_put_double(out, a->value);
  bytes_put_double(out, a->threshold);
  bytes_put_double(out, a->since);
  bytes_put_double(out, a->now);
  bytes_put_double(out, a->changed);
  bytes_put_double(out, a->told_at);
  bytes_put_u64(out, (uint64_t)a->flap.head);
  bytes_put_u64(out, a->flap.newest);
  bytes_put_u64(out, a->flap.active);
  bytes_put(out, a->flap.changes, sizeof(a->flap.changes));
}

void notifier_save(const struct notifier *n, struct bytes *out) {
  const struct alert *a = NULL;

  bytes_put_u64(out, n->num);
  TAILQ_FOREACH(a, &n->all, all) { save_alert(a, out); }
}

static void load_flap(struct flap *flap, struct bytes_reader *in) {
  uint64_t newest = 0;
  const void *changes = NULL;

  flap->head = (int64_t)bytes_get_u64(in);
  newest = bytes_get_u64(in);
  flap->active = bytes_get_u64(in) != 0;
  changes = bytes_get(in, sizeof(flap->changes));
  flap->newest = newest < FLAP_SLOTS ? (uint8_t)newest : FLAP_SLOTS;
  if (changes != NULL)
    memcpy(flap->changes, changes, sizeof(flap->changes));
  if (!flap_fits(flap))
    in->failed = true;
}

/* Fails unless it is a number from 0 to `most`. */
static int load_choice(struct bytes_reader *in, int most) {
  uint64_t number = bytes_get_u64(in);

  if (number <= (uint64_t)most)
    return (int)number;
  in->failed = true;
  return 0;
}

static void load_figures(struct alert *a, struct bytes_reader *in) {
  a->level = (enum alert_level)load_choice(in, ALERT_CRITICAL);
  a->reason = (enum alert_reason)load_choice(in, ALERT_REPEATED);
  a->told = load_choice(in, ALERT_CRITICAL - FLAPPING) + FLAPPING;
  a->worst = (enum alert_level)load_choice(in, ALERT_CRITICAL);
  a->waits = load_choice(in, true);
  a->again = load_choice(in, true);
  a->released = load_choice(in, true);
  a->doubtful = load_choice(in, true);
  a->due = bytes_get_double(in);
  a->value = bytes_get_double(in);
  a->threshold = bytes_get_double(in);
  a->since = bytes_get_time(in);
  a->now = bytes_get_time(in);
  a->changed = bytes_get_time(in);
  a->told_at = bytes_get_time(in);
  load_flap(&a->flap, in);
  if (isnan(a->due))
    in->failed = true;
}

/* Its rule is gone: whoever has heard of it hears of its end. */
static void tell_orphan(const struct notifier *n, const struct alert *a,
                        char *name, const struct series *s, double now) {
  const struct rule rule = {.name = name};
  const struct alert_event event = {
      .rule = &rule,
      .series = s,
      .level = ALERT_OK,
      .previous = a->told <= ALERT_OK ? a->worst : (enum alert_level)a->told,
      .reason = ALERT_RULE_CHANGED,
      .value = a->value,
      .threshold = NAN,
      .since = a->since,
      .now = now};

  if (a->told != ALERT_OK || a->doubtful)
    n->tell(n->arg, &event, 1);
}

/* Its place among those of the rules in force. */
static void take_loaded(struct notifier *n, const struct rule *rule,
                        const struct series *s, const struct alert *loaded,
                        double now) {
  struct alert *a = alert_add(n, rule, s, loaded->changed);

  if (a == NULL)
    return;
  a->level = loaded->level;
  a->reason = loaded->reason;
  a->told = loaded->told;
  a->worst = loaded->worst;
  a->again = loaded->again;
  a->released = loaded->released;
  a->value = loaded->value;
  a->threshold = loaded->threshold;
  a->since = loaded->since;
  a->now = loaded->now;
  a->changed = loaded->changed;
  a->told_at = loaded->told_at;
  a->flap = loaded->flap;
  set_inhibitor(a);
  find_silence(n, a);
  a->doubtful = loaded->doubtful;
  if (loaded->waits && !a->doubtful)
    enqueue(n, a, loaded->due);
  else if (a->doubtful)
    enqueue(n, a, now + DOUBT);
}

static void load_alert(struct notifier *n, struct bytes_reader *in,
                       double now) {
  const char *name = bytes_get_text(in);
  struct series s = {.host = bytes_get_text(in)};
  struct alert loaded = {0};
  const struct rule *rule = NULL;

  s.plugin = bytes_get_text(in);
  s.plugin_instance = bytes_get_text(in);
  s.type = bytes_get_text(in);
  s.type_instance = bytes_get_text(in);
  s.ds = bytes_get_text(in);
  load_figures(&loaded, in);
  if (in->failed)
    return;
  rule = n->rules != NULL ? ruleset_find(n->rules, name) : NULL;
  if (rule == NULL)
    tell_orphan(n, &loaded, (char *)(uintptr_t)name, &s, now);
  else if (alert_find(n, name, &s) == NULL)
    take_loaded(n, rule, &s, &loaded, now);
}

int notifier_load(struct notifier *n, struct bytes_reader *in, double now) {
  uint64_t num = bytes_get_u64(in);

  for (uint64_t i = 0; i < num && !in->failed; i++)
    load_alert(n, in, now);
  if (!in->failed)
    return 0;
  while (!TAILQ_EMPTY(&n->all))
    alert_drop(n, TAILQ_FIRST(&n->all));
  return -1;
}
