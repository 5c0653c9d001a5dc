#include "alerts/hubview.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define SILENCE_MAX 86400.0  /* seconds until a hub is forgotten */
#define INTERVAL_MAX 86400.0 /* seconds */
#define INTERVAL_USUAL 10.0

/* ------------------------------------------------------------------ table */

enum { NONE = 0, LOW_IS_BAD = 1, WHILE_DOWN = 2, IN_SUMMARY = 4 };

#define ROW(type_, instance_, label_, unit_, flags)                            \
  {                                                                            \
    .name = type_ "-" instance_, .type = type_, .instance = instance_,         \
    .label = label_, .unit = unit_, .low_is_bad = ((flags)&LOW_IS_BAD) != 0,   \
    .while_down = ((flags)&WHILE_DOWN) != 0,                                   \
    .in_summary = ((flags)&IN_SUMMARY) != 0                                    \
  }
/* A type that stands alone. */
#define ROW_PLAIN(type_, label_, unit_, flags)                                 \
  {                                                                            \
    .name = type_, .type = type_, .instance = "", .label = label_,             \
    .unit = unit_, .low_is_bad = ((flags)&LOW_IS_BAD) != 0,                    \
    .while_down = ((flags)&WHILE_DOWN) != 0,                                   \
    .in_summary = ((flags)&IN_SUMMARY) != 0                                    \
  }

const struct hubview_row hubview_table[HUBVIEW_FIGURES] = {
    [HUBVIEW_UP] =
        ROW("bool", "up", "up", HUBVIEW_WORD, LOW_IS_BAD | WHILE_DOWN),
    [HUBVIEW_STATE] =
        ROW_PLAIN("mcp_hub_state", "state", HUBVIEW_WORD, WHILE_DOWN),
    [HUBVIEW_UPTIME] =
        ROW("uptime", "hub", "uptime", HUBVIEW_SECONDS, LOW_IS_BAD),
    [HUBVIEW_RESPONSE_TIME] = ROW("response_time", "health", "response time",
                                  HUBVIEW_SECONDS, WHILE_DOWN | IN_SUMMARY),
    [HUBVIEW_SERVERS_CONNECTED] =
        ROW("mcp_servers", "connected", "servers connected", HUBVIEW_COUNT,
            LOW_IS_BAD | IN_SUMMARY),
    [HUBVIEW_SERVERS_CONNECTING] = ROW(
        "mcp_servers", "connecting", "servers connecting", HUBVIEW_COUNT, NONE),
    [HUBVIEW_SERVERS_DISCONNECTED] =
        ROW("mcp_servers", "disconnected", "servers disconnected",
            HUBVIEW_COUNT, IN_SUMMARY),
    [HUBVIEW_SERVERS_UNAUTHORIZED] =
        ROW("mcp_servers", "unauthorized", "servers unauthorized",
            HUBVIEW_COUNT, IN_SUMMARY),
    [HUBVIEW_SERVERS_DISABLED] =
        ROW("mcp_servers", "disabled", "servers disabled", HUBVIEW_COUNT, NONE),
    [HUBVIEW_SERVERS_DEAD] =
        ROW("mcp_servers", "dead", "servers dead", HUBVIEW_COUNT, IN_SUMMARY),
    [HUBVIEW_SERVERS_UNKNOWN] =
        ROW("mcp_servers", "unknown", "servers in an unknown state",
            HUBVIEW_COUNT, NONE),
    [HUBVIEW_SERVERS_TOTAL] =
        ROW("mcp_servers", "total", "servers", HUBVIEW_COUNT, LOW_IS_BAD),
    [HUBVIEW_TOOLS_REGISTERED] =
        ROW("mcp_capabilities", "tools", "tools registered", HUBVIEW_COUNT,
            LOW_IS_BAD | IN_SUMMARY),
    [HUBVIEW_TOOLS_TOTAL] = ROW("mcp_tools", "total", "tools before filtering",
                                HUBVIEW_COUNT, LOW_IS_BAD),
    [HUBVIEW_TOOLS_EXPOSED] =
        ROW("mcp_tools", "exposed", "tools exposed", HUBVIEW_COUNT, LOW_IS_BAD),
    [HUBVIEW_TOOLS_FILTERED] =
        ROW("mcp_tools", "filtered", "tools filtered", HUBVIEW_COUNT, NONE),
    [HUBVIEW_CLIENTS] = ROW("current_connections", "mcp", "MCP clients",
                            HUBVIEW_COUNT, IN_SUMMARY),
    [HUBVIEW_EVENT_CLIENTS] = ROW("current_connections", "events",
                                  "event clients", HUBVIEW_COUNT, NONE),
    [HUBVIEW_LLM_SUCCESS] = ROW("percent", "llm_success", "LLM success",
                                HUBVIEW_PERCENT, LOW_IS_BAD | IN_SUMMARY),
    [HUBVIEW_LLM_SUCCESS_RECENT] =
        ROW("percent", "llm_success_recent", "LLM success, last 5 min",
            HUBVIEW_PERCENT, LOW_IS_BAD | IN_SUMMARY),
    [HUBVIEW_LATENCY_AVERAGE] =
        ROW("latency", "llm_average", "LLM latency, average", HUBVIEW_SECONDS,
            IN_SUMMARY),
    [HUBVIEW_LATENCY_P95] = ROW("latency", "llm_p95", "LLM latency, p95",
                                HUBVIEW_SECONDS, IN_SUMMARY),
    [HUBVIEW_LATENCY_P99] = ROW("latency", "llm_p99", "LLM latency, p99",
                                HUBVIEW_SECONDS, IN_SUMMARY),
    [HUBVIEW_LLM_CACHE] = ROW("cache_ratio", "llm", "LLM cache hits",
                              HUBVIEW_PERCENT, LOW_IS_BAD | IN_SUMMARY),
    [HUBVIEW_LLM_CACHE_RECENT] =
        ROW("cache_ratio", "llm_recent", "LLM cache hits, last 5 min",
            HUBVIEW_PERCENT, LOW_IS_BAD | IN_SUMMARY),
    [HUBVIEW_CATEGORY_CACHE] =
        ROW("cache_ratio", "category", "category cache hits", HUBVIEW_PERCENT,
            LOW_IS_BAD | IN_SUMMARY),
    [HUBVIEW_QUEUE] =
        ROW("queue_length", "llm", "LLM queue", HUBVIEW_COUNT, IN_SUMMARY),
    [HUBVIEW_BREAKER_STATE] = ROW_PLAIN("mcp_breaker_state", "circuit breaker",
                                        HUBVIEW_WORD, IN_SUMMARY),
    [HUBVIEW_BREAKER_FAILURES] =
        ROW("count", "breaker_failures", "circuit breaker's failures",
            HUBVIEW_COUNT, NONE),
    [HUBVIEW_RSS] = ROW("ps_rss", "hub", "memory", HUBVIEW_BYTES, IN_SUMMARY),
    [HUBVIEW_CPU] = ROW("percent", "cpu", "CPU", HUBVIEW_PERCENT, IN_SUMMARY),
    [HUBVIEW_MEMORY] = ROW("percent", "memory", "memory of the machine",
                           HUBVIEW_PERCENT, IN_SUMMARY),
    [HUBVIEW_LOG_ERRORS_100] =
        ROW("count", "log_errors_100", "errors in the last 100 log entries",
            HUBVIEW_COUNT, WHILE_DOWN),
    [HUBVIEW_LOG_ERRORS_1000] =
        ROW("count", "log_errors_1000", "errors in the last 1000 log entries",
            HUBVIEW_COUNT, WHILE_DOWN | IN_SUMMARY),
    [HUBVIEW_LOG_SIZE] = ROW("file_size", "log", "log file", HUBVIEW_BYTES,
                             WHILE_DOWN | IN_SUMMARY),
};

static int find_row(const struct series *s, enum hubview_figure *figure) {
  for (int i = 0; i < HUBVIEW_FIGURES; i++)
    if (strcmp(hubview_table[i].type, s->type) == 0 &&
        strcmp(hubview_table[i].instance, s->type_instance) == 0) {
      *figure = (enum hubview_figure)i;
      return 0;
    }
  return -1;
}

/* ------------------------------------------------------------------- hubs */

struct hub {
  struct series_entry entry;
  struct hubview view;
  LIST_ENTRY(hub) all;
  char text[];
};

struct hubviews {
  struct series_table *table;
  LIST_HEAD(, hub) all;
  size_t max;
  uint64_t refused;
};

struct hubviews *hubviews_create(size_t max) {
  struct hubviews *v = calloc(1, sizeof(*v));

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

static void forget(struct hubviews *v, struct hub *h) {
  series_table_remove(v->table, &h->entry);
  LIST_REMOVE(h, all);
  free(h);
}

void hubviews_destroy(struct hubviews *v) {
  if (v == NULL)
    return;
  while (!LIST_EMPTY(&v->all))
    forget(v, LIST_FIRST(&v->all));
  series_table_destroy(v->table);
  free(v);
}

static struct hub *find(const struct hubviews *v, const char *host,
                        const char *instance) {
  const struct series id = {host, HUB_PLUGIN, instance, "", "", ""};
  struct series_key key = series_key(v->table, &id);

  return (struct hub *)series_table_find(v->table, &id, &key);
}

static struct hub *add(struct hubviews *v, const struct hubview *view) {
  const struct series id = {view->host, HUB_PLUGIN, view->instance, "", "", ""};
  struct series_key key = series_key(v->table, &id);
  struct hub *h = NULL;

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

static void begin_day(struct hubview *view, double wall) {
  view->day_begin = wall;
  for (int i = 0; i < HUBVIEW_FIGURES; i++) {
    struct hubview_memory *m = &view->figures[i];
    m->before = hubview_average(view, (enum hubview_figure)i);
    m->sum = m->samples = 0;
    m->worst = m->worst_at = NAN;
  }
}

static struct hub *meet(struct hubviews *v, const struct series *s,
                        double wall) {
  struct hubview view = {.alerts = NAN};
  size_t host_len = strlen(s->host);
  size_t instance_len = strlen(s->plugin_instance);

  if (host_len >= sizeof(view.host) || instance_len >= sizeof(view.instance))
    return NULL;
  memcpy(view.host, s->host, host_len);
  memcpy(view.instance, s->plugin_instance, instance_len);
  for (int i = 0; i < HUBVIEW_FIGURES; i++)
    view.figures[i].value = NAN;
  begin_day(&view, wall);
  return add(v, &view);
}

/* ---------------------------------------------------------------- samples */

static void remember(struct hubview *view, enum hubview_figure f,
                     const struct hubview_sample *x, double interval) {
  struct hubview_memory *m = &view->figures[f];
  bool low_is_bad = hubview_table[f].low_is_bad;

  m->value = isfinite(x->value) ? x->value : NAN;
  m->due = x->now + HUBVIEW_PATIENCE * interval;
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

/* A read tells of the time since the read before, or of its own interval where
 * that is too long ago. */
static void take_up(struct hubview *view, const struct hubview_sample *x,
                    double interval) {
  struct availability *a = &view->availability;
  double gap = x->now - a->at;

  if (!isfinite(x->value))
    return;
  availability_add(
      a, x->value > 0,
      a->begun && gap <= HUBVIEW_PATIENCE * interval ? gap : interval, x->now);
  for (int i = 0; x->value <= 0 && i < HUBVIEW_FIGURES; i++)
    if (!hubview_table[i].while_down)
      view->figures[i].value = NAN;
}

int hubviews_sample(struct hubviews *v, const struct series *s,
                    const struct hubview_sample *x) {
  enum hubview_figure figure = HUBVIEW_UP;
  double interval = x->interval > 0 ? x->interval : INTERVAL_USUAL;
  struct hub *h = NULL;

  if (!series_is_hub(s) || find_row(s, &figure) != 0)
    return 0;
  h = find(v, s->host, s->plugin_instance);
  if (h == NULL && (h = meet(v, s, x->wall)) == NULL) {
    v->refused++;
    return -1;
  }
  interval = fmin(interval, INTERVAL_MAX);
  h->view.heard = x->now;
  if (figure == HUBVIEW_UP)
    take_up(&h->view, x, interval);
  remember(&h->view, figure, x, interval);
  return 0;
}

void hubviews_tick(struct hubviews *v, double now) {
  struct hub *h = LIST_FIRST(&v->all);

  while (h != NULL) {
    struct hub *next = LIST_NEXT(h, all);
    if (now - h->view.heard > SILENCE_MAX)
      forget(v, h);
    h = next;
  }
}

void hubviews_stood_still(struct hubviews *v, double seconds, double now) {
  struct hub *h = NULL;

  LIST_FOREACH(h, &v->all, all) {
    h->view.heard = fmin(h->view.heard + seconds, now);
  }
}

void hubviews_end_day(struct hubviews *v, double wall) {
  struct hub *h = NULL;

  LIST_FOREACH(h, &v->all, all) { begin_day(&h->view, wall); }
}

void hubviews_count_alerts(struct hubviews *v, const struct incidents *list) {
  const struct incident *i = NULL;
  struct hub *h = NULL;

  LIST_FOREACH(h, &v->all, all) { h->view.alerts = 0; }
  while ((i = incidents_next(list, i)) != NULL)
    if (i->level >= ALERT_WARNING && strcmp(i->plugin, HUB_PLUGIN) == 0 &&
        (h = find(v, i->host, i->plugin_instance)) != NULL)
      h->view.alerts++;
}

/* ----------------------------------------------------------------- a file */

static bool is_valid(const struct hubview *view) {
  bool valid = memchr(view->host, '\0', sizeof(view->host)) != NULL &&
               memchr(view->instance, '\0', sizeof(view->instance)) != NULL &&
               bytes_is_time(view->day_begin) &&
               availability_valid(&view->availability);

  for (int i = 0; valid && i < HUBVIEW_FIGURES; i++) {
    const struct hubview_memory *m = &view->figures[i];
    valid = isfinite(m->sum) && isfinite(m->samples) && m->samples >= 0 &&
            !isinf(m->worst) && !isinf(m->before) &&
            (isnan(m->worst) ? isnan(m->worst_at) : bytes_is_time(m->worst_at));
  }
  return valid;
}

int hubviews_restore(struct hubviews *v, const struct hubview *view,
                     double away, double now) {
  struct hubview copy = *view;

  if (!is_valid(&copy) || find(v, copy.host, copy.instance) != NULL)
    return -1;
  for (int i = 0; i < HUBVIEW_FIGURES; i++)
    copy.figures[i].value = NAN;
  copy.alerts = NAN;
  copy.heard = fmin(copy.heard + away, now);
  availability_resume(&copy.availability, away, now);
  return add(v, &copy) != NULL ? 0 : -1;
}

/* ----------------------------------------------------------------- asking */

const struct hubview *hubviews_find(const struct hubviews *v, const char *host,
                                    const char *instance) {
  const struct hub *h = find(v, host, instance);

  return h != NULL ? &h->view : NULL;
}

static int compare(const void *a, const void *b) {
  const struct hubview *x = *(const struct hubview *const *)a;
  const struct hubview *y = *(const struct hubview *const *)b;
  int order = strcmp(x->host, y->host);

  return order != 0 ? order : strcmp(x->instance, y->instance);
}

const struct hubview **hubviews_list(const struct hubviews *v, const char *host,
                                     size_t *num) {
  const struct hubview **list =
      calloc(hubviews_count(v) + 1, sizeof(*list)); /* none is no failure */
  const struct hub *h = NULL;

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

size_t hubviews_count(const struct hubviews *v) {
  return series_table_count(v->table);
}

uint64_t hubviews_refused(const struct hubviews *v) { return v->refused; }

double hubview_value(const struct hubview *h, enum hubview_figure f,
                     double now) {
  return now < h->figures[f].due ? h->figures[f].value : NAN;
}

double hubview_average(const struct hubview *h, enum hubview_figure f) {
  const struct hubview_memory *m = &h->figures[f];

  return m->samples > 0 ? m->sum / m->samples : NAN;
}

struct health hubview_health(const struct hubview *h, double now) {
  const struct health_inputs in = {
      .up = hubview_value(h, HUBVIEW_UP, now),
      .servers_down = hubview_value(h, HUBVIEW_SERVERS_DISCONNECTED, now) +
                      hubview_value(h, HUBVIEW_SERVERS_DEAD, now),
      .log_errors = hubview_value(h, HUBVIEW_LOG_ERRORS_1000, now),
      .cpu_percent = hubview_value(h, HUBVIEW_CPU, now),
      .memory_percent = hubview_value(h, HUBVIEW_MEMORY, now),
      .alerts = h->alerts,
  };

  return health_judge(&in);
}
