/* SPDX-License-Identifier: MIT */
#include "report/hub_stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define SILENCE_MAX 86400.0  /* seconds until a hub is dropped */
#define INTERVAL_MAX 86400.0 /* seconds */
#define INTERVAL_USUAL 10.0

/* ---- figures ---- */

static const struct {
  enum metric metric;
  bool in_summary;
} figures[HUB_STATS_FIGURES] = {
#define FIGURE(id, in_summary) {METRIC_##id, in_summary},
#include "report/hub_stats_figures.def"
#undef FIGURE
};

enum metric hub_stats_id(enum hub_stats_figure figure) {
  return figures[figure].metric;
}

const struct metric_row *hub_stats_metric(enum hub_stats_figure figure) {
  return &metric_table[figures[figure].metric];
}

bool hub_stats_in_summary(enum hub_stats_figure figure) {
  return figures[figure].in_summary;
}

static int find_row(const struct series *s, enum hub_stats_figure *figure) {
  for (int i = 0; i < HUB_STATS_FIGURES; i++) {
    const struct metric_row *row = &metric_table[figures[i].metric];
    if (strcmp(row->type, s->type) == 0 &&
        strcmp(row->instance, s->type_instance) == 0) {
      *figure = (enum hub_stats_figure)i;
      return 0;
    }
  }
  return -1;
}

/* ---- hubs ---- */

struct hub_stats_entry {
  struct series_entry entry;
  struct hub_stats view;
  LIST_ENTRY(hub_stats_entry) all;
  char text[];
};

struct hub_stats_table {
  struct series_table *table;
  LIST_HEAD(, hub_stats_entry) all;
  size_t max;
  uint64_t refused;
};

struct hub_stats_table *hub_stats_table_create(size_t max) {
  struct hub_stats_table *v = calloc(1, sizeof(*v));

  if (v == NULL)
    return NULL;
  v->max = max;
  v->table = series_table_create();
  if (v->table == NULL) {
    free(v);
    return NULL;
  }
  return v;
}

static void forget(struct hub_stats_table *v, struct hub_stats_entry *h) {
  series_table_remove(v->table, &h->entry);
  LIST_REMOVE(h, all);
  free(h);
}

void hub_stats_table_destroy(struct hub_stats_table *v) {
  if (v == NULL)
    return;
  while (!LIST_EMPTY(&v->all))
    forget(v, LIST_FIRST(&v->all));
  series_table_destroy(v->table);
  free(v);
}

static struct hub_stats_entry *find(const struct hub_stats_table *v,
                                    const char *host, const char *instance) {
  const struct series id = {host, HUB_PLUGIN, instance, "", "", ""};
  struct series_key key = series_key(v->table, &id);

  return (struct hub_stats_entry *)series_table_find(v->table, &id, &key);
}

static struct hub_stats_entry *add(struct hub_stats_table *v,
                                   const struct hub_stats *view) {
  const struct series id = {view->host, HUB_PLUGIN, view->instance, "", "", ""};
  struct series_key key = series_key(v->table, &id);
  struct hub_stats_entry *h = NULL;

  if (series_table_count(v->table) >= v->max ||
      (h = calloc(1, sizeof(*h) + key.size)) == NULL)
    return NULL;
  h->view = *view;
  series_entry_init(&h->entry, &id, &key, h->text);
  if (series_table_insert(v->table, &h->entry) != 0) {
    free(h);
    return NULL;
  }
  LIST_INSERT_HEAD(&v->all, h, all);
  return h;
}

static void begin_day(struct hub_stats *view, double wall) {
  view->day_begin = wall;
  for (int i = 0; i < HUB_STATS_FIGURES; i++) {
    struct hub_stats_memory *m = &view->figures[i];
    m->before = hub_stats_average(view, (enum hub_stats_figure)i);
    m->sum = m->samples = 0;
    m->worst = m->worst_at = NAN;
  }
}

static struct hub_stats_entry *
find_or_add(struct hub_stats_table *v, const struct series *s, double wall) {
  struct hub_stats view = {.alerts = NAN};
  size_t host_len = strlen(s->host);
  size_t instance_len = strlen(s->plugin_instance);

  if (host_len >= sizeof(view.host) || instance_len >= sizeof(view.instance))
    return NULL;
  memcpy(view.host, s->host, host_len);
  memcpy(view.instance, s->plugin_instance, instance_len);
  for (int i = 0; i < HUB_STATS_FIGURES; i++)
    view.figures[i].value = NAN;
  begin_day(&view, wall);
  return add(v, &view);
}

/* ---- samples ---- */

static void store_value(struct hub_stats *view, enum hub_stats_figure f,
                        const struct hub_stats_sample *x, double interval) {
  struct hub_stats_memory *m = &view->figures[f];
  bool low_is_bad = hub_stats_metric(f)->worst == METRIC_WORST_LOW;

  m->value = isfinite(x->value) ? x->value : NAN;
  m->due = x->now + HUB_STATS_PATIENCE * interval;
  if (isnan(m->value))
    return;
  m->sum += m->value;
  m->samples++;
  if (isnan(m->worst) ||
      (low_is_bad ? m->value < m->worst : m->value > m->worst)) {
    m->worst = m->value;
    m->worst_at = x->wall;
  }
}

/* A read covers the time since the previous read; after a gap only its
 * interval. */
static void add_read(struct hub_stats *view, const struct hub_stats_sample *x,
                     double interval) {
  struct availability *a = &view->availability;
  double gap = x->now - a->at;

  if (!isfinite(x->value))
    return;
  availability_add(a, x->value > 0,
                   a->begun && gap <= HUB_STATS_PATIENCE * interval ? gap
                                                                    : interval,
                   x->now);
  for (int i = 0; x->value <= 0 && i < HUB_STATS_FIGURES; i++)
    if (!metric_comes_while_down(figures[i].metric))
      view->figures[i].value = NAN;
}

int hub_stats_table_sample(struct hub_stats_table *v, const struct series *s,
                           const struct hub_stats_sample *x) {
  enum hub_stats_figure figure = HUB_STATS_UP;
  double interval = x->interval > 0 ? x->interval : INTERVAL_USUAL;
  struct hub_stats_entry *h = NULL;

  if (!series_is_hub(s) || find_row(s, &figure) != 0)
    return 0;
  h = find(v, s->host, s->plugin_instance);
  if (h == NULL && (h = find_or_add(v, s, x->wall)) == NULL) {
    v->refused++;
    return -1;
  }
  interval = fmin(interval, INTERVAL_MAX);
  h->view.received = x->now;
  if (figure == HUB_STATS_UP)
    add_read(&h->view, x, interval);
  store_value(&h->view, figure, x, interval);
  return 0;
}

void hub_stats_table_tick(struct hub_stats_table *v, double now) {
  struct hub_stats_entry *h = LIST_FIRST(&v->all);

  while (h != NULL) {
    struct hub_stats_entry *next = LIST_NEXT(h, all);
    if (now - h->view.received > SILENCE_MAX)
      forget(v, h);
    h = next;
  }
}

void hub_stats_table_skip_gap(struct hub_stats_table *v, double seconds,
                              double now) {
  struct hub_stats_entry *h = NULL;

  LIST_FOREACH(h, &v->all, all) {
    h->view.received = fmin(h->view.received + seconds, now);
  }
}

void hub_stats_table_end_day(struct hub_stats_table *v, double wall) {
  struct hub_stats_entry *h = NULL;

  LIST_FOREACH(h, &v->all, all) { begin_day(&h->view, wall); }
}

void hub_stats_table_count_alerts(struct hub_stats_table *v,
                                  const struct incidents *list) {
  const struct incident *i = NULL;
  struct hub_stats_entry *h = NULL;

  LIST_FOREACH(h, &v->all, all) { h->view.alerts = 0; }
  while ((i = incidents_next(list, i)) != NULL)
    if (i->alert.level >= ALERT_WARNING && series_is_hub(&i->alert.series) &&
        (h = find(v, i->alert.series.host, i->alert.series.plugin_instance)) !=
            NULL)
      h->view.alerts++;
}

/* ---- state file ---- */

static bool is_valid(const struct hub_stats *view) {
  bool valid = memchr(view->host, '\0', sizeof(view->host)) != NULL &&
               memchr(view->instance, '\0', sizeof(view->instance)) != NULL &&
               serialize_is_time(view->day_begin) &&
               availability_valid(&view->availability);

  for (int i = 0; valid && i < HUB_STATS_FIGURES; i++) {
    const struct hub_stats_memory *m = &view->figures[i];
    valid =
        isfinite(m->sum) && isfinite(m->samples) && m->samples >= 0 &&
        !isinf(m->worst) && !isinf(m->before) &&
        (isnan(m->worst) ? isnan(m->worst_at) : serialize_is_time(m->worst_at));
  }
  return valid;
}

int hub_stats_table_restore(struct hub_stats_table *v,
                            const struct hub_stats *view, double away,
                            double now) {
  struct hub_stats copy = *view;

  if (!is_valid(&copy) || find(v, copy.host, copy.instance) != NULL)
    return -1;
  for (int i = 0; i < HUB_STATS_FIGURES; i++)
    copy.figures[i].value = NAN;
  copy.alerts = NAN;
  copy.received = fmin(copy.received + away, now);
  availability_resume(&copy.availability, away, now);
  return add(v, &copy) != NULL ? 0 : -1;
}

/* ---- queries ---- */

const struct hub_stats *hub_stats_table_find(const struct hub_stats_table *v,
                                             const char *host,
                                             const char *instance) {
  const struct hub_stats_entry *h = find(v, host, instance);

  return h != NULL ? &h->view : NULL;
}

static int compare(const void *a, const void *b) {
  const struct hub_stats *x = *(const struct hub_stats *const *)a;
  const struct hub_stats *y = *(const struct hub_stats *const *)b;
  int order = strcmp(x->host, y->host);

  return order != 0 ? order : strcmp(x->instance, y->instance);
}

const struct hub_stats **hub_stats_table_list(const struct hub_stats_table *v,
                                              const char *host, size_t *num) {
  const struct hub_stats **list = calloc(
      hub_stats_table_count(v) + 1, sizeof(*list)); /* the count may be 0 */
  const struct hub_stats_entry *h = NULL;

  if (list == NULL)
    return NULL;
  *num = 0;
  LIST_FOREACH(h, &v->all, all) {
    if (host == NULL || strcmp(h->view.host, host) == 0)
      list[(*num)++] = &h->view;
  }
  qsort(list, *num, sizeof(*list), compare);
  return list;
}

struct hub_stats *hub_stats_table_copy(const struct hub_stats_table *v,
                                       const char *host, size_t *num) {
  const struct hub_stats **list = hub_stats_table_list(v, host, num);
  struct hub_stats *copy =
      list != NULL ? calloc(*num + 1, sizeof(*copy)) : NULL;

  for (size_t i = 0; copy != NULL && i < *num; i++)
    copy[i] = *list[i];
  free(list);
  return copy;
}

size_t hub_stats_table_count(const struct hub_stats_table *v) {
  return series_table_count(v->table);
}

uint64_t hub_stats_table_refused(const struct hub_stats_table *v) {
  return v->refused;
}

double hub_stats_value(const struct hub_stats *h, enum hub_stats_figure f,
                       double now) {
  return now < h->figures[f].due ? h->figures[f].value : NAN;
}

double hub_stats_average(const struct hub_stats *h, enum hub_stats_figure f) {
  const struct hub_stats_memory *m = &h->figures[f];

  return m->samples > 0 ? m->sum / m->samples : NAN;
}

struct health_inputs hub_stats_health_inputs(const struct hub_stats *h,
                                             double now) {
  return (struct health_inputs){
      .up = hub_stats_value(h, HUB_STATS_UP, now),
      .servers_down = hub_stats_value(h, HUB_STATS_SERVERS_DISCONNECTED, now) +
                      hub_stats_value(h, HUB_STATS_SERVERS_DEAD, now),
      .log_errors = hub_stats_value(h, HUB_STATS_LOG_ERRORS_1000, now),
      .cpu_percent = hub_stats_value(h, HUB_STATS_CPU, now),
      .memory_percent = hub_stats_value(h, HUB_STATS_MEMORY, now),
      .alerts = h->alerts,
  };
}

struct health hub_stats_health(const struct hub_stats *h, double now) {
  const struct health_inputs in = hub_stats_health_inputs(h, now);

  return health_judge(&in);
}
