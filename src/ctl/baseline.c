/* SPDX-License-Identifier: MIT */
/* mcphubctl baseline: measures for a while and compares with the thresholds. */
#include "ctl/collectd_client.h"
#include "ctl/page.h"
#include "ctl/status_file.h"
#include "metrics/metric.h"
#include "report/thresholds.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define STEP 1.0 /* least seconds between two reads */

static const struct target {
  const char *key; /* JSON member */
  enum metric metric;
  bool by_worst; /* judged by the worst value, not by the mean */
  /* Counters judged by their ratio over the period; their values count since
   * the start of the hub. Or none. */
  enum metric good, bad;
} targets[] = {
    {.key = "up", METRIC_UP, .by_worst = true},
    {.key = "response_time", METRIC_RESPONSE_TIME},
    {.key = "servers_down", METRIC_SERVERS_DOWN_SHARE, .by_worst = true},
    {.key = "llm_success_rate",
     METRIC_LLM_SUCCESS,
     .good = METRIC_LLM_SUCCESSES,
     .bad = METRIC_LLM_FAILURES},
    {.key = "p95_latency", METRIC_LATENCY_P95},
    {.key = "p99_latency", METRIC_LATENCY_P99},
    {.key = "cache_hit_rate",
     METRIC_LLM_CACHE,
     .good = METRIC_LLM_CACHE_HITS,
     .bad = METRIC_LLM_CACHE_MISSES},
    {.key = "queue_depth", METRIC_QUEUE},
    {.key = "circuit_breaker_state", METRIC_BREAKER_STATE, .by_worst = true},
    {.key = "circuit_breaker_failures", METRIC_BREAKER_FAILURES},
    {.key = "cpu_percent", METRIC_CPU},
    {.key = "memory_percent", METRIC_MEMORY},
    {.key = "memory", METRIC_RSS},
    {.key = "active_clients", METRIC_CLIENTS},
    {.key = "log_errors", METRIC_LOG_ERRORS_100},
    {.key = "log_size", METRIC_LOG_SIZE},
};
#define TARGETS (sizeof(targets) / sizeof(targets[0]))

struct figure { /* of one target */
  double sum;
  double worst;
  double good; /* sums of the rates */
  double bad;
  size_t num;
};

struct baseline_subject { /* a hub */
  char host[COLLECTD_CLIENT_NAME];
  char name[COLLECTD_CLIENT_NAME];
  struct figure figures[TARGETS];
  enum alert_level servers; /* worst level of a server state */
};

struct baseline {
  struct ruleset *rules;       /* see status_json_rules() */
  char missing[CTL_ERROR_MAX]; /* why the rules are not those in force, or "" */
  struct baseline_subject *subjects;
  size_t num;
  size_t looks;
  double begin, end;
};

/* ---- read ---- */

static double worse(enum metric metric, double a, double b) {
  bool below = metric_table[metric].worst == METRIC_WORST_LOW;
  return isnan(a) || (below ? b < a : b > a) ? b : a;
}

static double get(struct collectd_client *v, const struct hub_name *hub,
                  enum metric metric) {
  return collectd_client_get(v, hub, COLLECTD_CLIENT_HUB,
                             metric_table[metric].type,
                             metric_table[metric].instance);
}

/* A server that is down alerts by its state, even for a short time. */
static void judge_servers(const struct baseline *b, struct baseline_subject *s,
                          struct collectd_client *v,
                          const struct hub_name *hub) {
  size_t num = 0;
  struct series series =
      thresholds_series(hub->host, hub->name, METRIC_SERVER_STATE);
  struct value *all = collectd_client_range(v, hub, COLLECTD_CLIENT_HUB, &num);
  for (size_t i = 0; i < num; i++) {
    if (strcmp(all[i].id.type, series.type) != 0)
      continue;
    series.type_instance = all[i].id.type_instance;
    double state = collectd_client_number(v, &all[i]);
    enum alert_level level = thresholds_judge(b->rules, &series, state);
    s->servers = level > s->servers ? level : s->servers;
  }
}

static void add_look(struct figure *f, const struct target *t,
                     struct collectd_client *v, const struct hub_name *hub) {
  double value = get(v, hub, t->metric);
  if (t->good != t->bad) {
    double good = get(v, hub, t->good);
    double bad = get(v, hub, t->bad);
    if (good + bad > 0) {
      f->good += good;
      f->bad += bad;
      value = good / (good + bad) * 100;
    }
  }
  if (isnan(value))
    return;
  f->worst = f->num == 0 ? value : worse(t->metric, f->worst, value);
  f->sum += value;
  f->num++;
}

static struct baseline_subject *find_subject(struct baseline *b,
                                             const struct hub_name *hub) {
  for (size_t i = 0; i < b->num; i++)
    if (strcmp(b->subjects[i].host, hub->host) == 0 &&
        strcmp(b->subjects[i].name, hub->name) == 0)
      return &b->subjects[i];
  struct baseline_subject *more =
      realloc(b->subjects, (b->num + 1) * sizeof(*b->subjects));
  if (more == NULL)
    return NULL;
  b->subjects = more;
  struct baseline_subject *made = &more[b->num++];
  *made = (struct baseline_subject){.host = ""};
  snprintf(made->host, sizeof(made->host), "%s", hub->host);
  snprintf(made->name, sizeof(made->name), "%s", hub->name);
  return made;
}

static int look(struct baseline *b, const struct ctl *c, char *err,
                size_t size) {
  size_t num = 0;
  struct collectd_client *v = collectd_client_open(c, err, size);
  if (v == NULL)
    return -1;
  const struct hub_name *hubs = collectd_client_hubs(v, &num);
  bool failed = false;
  for (size_t i = 0; i < num && !failed; i++) {
    struct baseline_subject *s = find_subject(b, &hubs[i]);
    failed = s == NULL;
    for (size_t k = 0; !failed && k < TARGETS; k++)
      add_look(&s->figures[k], &targets[k], v, &hubs[i]);
    if (!failed)
      judge_servers(b, s, v, &hubs[i]);
  }
  if (failed)
    snprintf(err, size, "out of memory");
  else
    failed = collectd_client_failed(v, c, err, size);
  collectd_client_close(v);
  b->looks++;
  return failed ? -1 : 0;
}

static double monotonic(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void pause_for(double seconds) {
  time_t whole = (time_t)seconds;
  struct timespec left = {.tv_sec = whole,
                          .tv_nsec = (long)((seconds - (double)whole) * 1e9)};
  while (nanosleep(&left, &left) != 0 && errno == EINTR)
    ;
}

static void show_progress(double done, double period) {
  if (!isatty(STDERR_FILENO))
    return;
  struct page *p = page_create(PAGE_WIDTH - 1, page_wants_colour(stderr));
  if (p == NULL)
    return;
  page_put(p, PAGE_PLAIN, "measuring ");
  page_bar(p, PAGE_INFO, done / period, 40);
  page_put(p, PAGE_PLAIN, " %.0f of %.0f s", done, period);
  const char *text = page_text(p);
  fprintf(stderr, "\r%s\033[K", text != NULL ? text : "");
  if (done >= period)
    fprintf(stderr, "\r\033[K");
  fflush(stderr);
  page_destroy(p);
}

static int measure(struct baseline *b, const struct ctl *c, char *err,
                   size_t size) {
  double start = monotonic();
  double step = c->period / 60 > STEP ? c->period / 60 : STEP;
  b->begin = (double)time(NULL);
  for (double done = 0;; done = monotonic() - start) {
    show_progress(done < c->period ? done : c->period, c->period);
    if (look(b, c, err, size) != 0) {
      show_progress(c->period, c->period);
      return -1;
    }
    double left = c->period - (monotonic() - start);
    if (left <= 0)
      break;
    pause_for(left < step ? left : step);
  }
  show_progress(c->period, c->period);
  b->end = (double)time(NULL);
  return 0;
}

/* ---- print ---- */

static double mean_of(const struct figure *f) {
  if (f->good + f->bad > 0)
    return f->good / (f->good + f->bad) * 100;
  return f->num > 0 ? f->sum / (double)f->num : NAN;
}

static double worst_of(const struct figure *f) {
  return f->num > 0 ? f->worst : NAN;
}

static double judged_value(const struct baseline_subject *s, size_t k) {
  const struct figure *f = &s->figures[k];
  return targets[k].by_worst ? worst_of(f) : mean_of(f);
}

static enum alert_level verdict(const struct baseline *b,
                                const struct baseline_subject *s, size_t k) {
  enum metric metric = targets[k].metric;
  const struct series series = thresholds_series(s->host, s->name, metric);
  enum alert_level level =
      thresholds_judge(b->rules, &series, judged_value(s, k));
  bool counts = metric == METRIC_SERVERS_DOWN_SHARE && s->figures[k].num > 0;
  return counts && s->servers > level ? s->servers : level;
}

static enum alert_level worst_verdict(const struct baseline *b) {
  enum alert_level worst = ALERT_OK;
  for (size_t i = 0; i < b->num; i++)
    for (size_t k = 0; k < TARGETS; k++)
      if (verdict(b, &b->subjects[i], k) > worst)
        worst = verdict(b, &b->subjects[i], k);
  return worst;
}

static struct thresholds thresholds_of_target(const struct baseline *b,
                                              const struct baseline_subject *s,
                                              size_t k) {
  const struct series series =
      thresholds_series(s->host, s->name, targets[k].metric);
  return thresholds_of(b->rules, &series);
}

/* True: a rule judges the state of single servers. */
static bool has_server_rules(const struct baseline *b,
                             const struct baseline_subject *s) {
  const struct series series =
      thresholds_series(s->host, s->name, METRIC_SERVER_STATE);
  const struct thresholds t = thresholds_of(b->rules, &series);
  return !isnan(thresholds_target(&t));
}

/* The opposite of the alert condition: "at most 2.00 s"; no threshold: "". */
static void describe_target(const struct baseline *b,
                            const struct baseline_subject *s, size_t k,
                            char *buf, size_t size) {
  static const char *const words[] = {
      [RULE_GT] = "at most ", [RULE_GE] = "below ", [RULE_LT] = "at least ",
      [RULE_LE] = "above ",   [RULE_EQ] = "not ",   [RULE_NE] = ""};
  const struct thresholds t = thresholds_of_target(b, s, k);
  enum metric metric = targets[k].metric;
  double bound = thresholds_target(&t);
  char amount[FORMAT_MAX];
  *buf = '\0';
  if (isnan(bound))
    return;
  bool least = t.op == RULE_GE && bound == 1; /* whole numbers */
  bool flag = t.op == RULE_EQ && metric_most(metric) == 1;
  if (metric == METRIC_SERVERS_DOWN_SHARE && has_server_rules(b, s))
    snprintf(buf, size, "%s", metric_format(metric, 0, amount));
  else if (least || flag)
    snprintf(buf, size, "%s", metric_format(metric, 1 - bound, amount));
  else
    snprintf(buf, size, "%s%s", words[t.op],
             metric_format(metric, bound, amount));
}

/* Starts a line with the label from the table of values. */
static void put_label(struct page *p, enum page_style style, enum metric m) {
  char text[64];
  snprintf(text, sizeof(text), "%s", metric_table[m].label);
  *text = (char)toupper((unsigned char)*text);
  page_cell(p, style, -35, text);
}

static void put_row(struct page *p, const struct baseline *b,
                    const struct baseline_subject *s, size_t k) {
  char amount[FORMAT_MAX];
  char target[2 * FORMAT_MAX];
  const struct figure *f = &s->figures[k];
  enum metric metric = targets[k].metric;
  enum alert_level level = verdict(b, s, k);
  enum page_style style =
      level == ALERT_OK ? PAGE_PLAIN : page_level_style(level);
  describe_target(b, s, k, target, sizeof(target));
  page_put(p, PAGE_PLAIN, "  ");
  if (f->num == 0)
    page_symbol(p, PAGE_FAINT, PAGE_DASH);
  else
    page_symbol(p, page_level_style(level), page_level_symbol(level));
  page_put(p, PAGE_PLAIN, " ");
  put_label(p, f->num == 0 ? PAGE_FAINT : PAGE_PLAIN, metric);
  page_cell(p, f->num == 0 ? PAGE_FAINT : style, 9,
            metric_format(metric, judged_value(s, k), amount));
  page_cell(p, PAGE_FAINT, 10,
            f->num == 0 ? "" : metric_format(metric, worst_of(f), amount));
  page_put(p, PAGE_PLAIN, "   ");
  page_cell(p, PAGE_FAINT, -19, target);
  page_end_line(p);
}

static void put_missing(struct page *p, const struct baseline *b) {
  char first[256];
  if (*b->missing == '\0')
    return;
  snprintf(first, sizeof(first), "%.*s", (int)strcspn(b->missing, "\n"),
           b->missing);
  page_end_line(p);
  page_put(p, PAGE_FAINT, "Targets are only those of the built-in rules:");
  page_end_line(p);
  page_wrap(p, PAGE_FAINT, 0, first);
  page_end_line(p);
}

static int print_text(const struct baseline *b) {
  char begin[FORMAT_MAX];
  char end[FORMAT_MAX];
  struct page *p = page_for_stdout();
  if (p == NULL)
    return -1;
  for (size_t i = 0; i < b->num; i++) {
    const struct baseline_subject *s = &b->subjects[i];
    if (i > 0)
      page_end_line(p);
    page_put(p, PAGE_BOLD, "%s", s->name);
    page_put(p, PAGE_FAINT, " on %s, %s to %s, %zu looks", s->host,
             format_moment(b->begin, begin), format_clock(b->end, end),
             b->looks);
    page_end_line(p);
    page_rule(p);
    page_move(p, 39);
    page_cell(p, PAGE_FAINT, 9, "measured");
    page_cell(p, PAGE_FAINT, 10, "worst");
    page_put(p, PAGE_FAINT, "   target");
    page_end_line(p);
    for (size_t k = 0; k < TARGETS; k++)
      put_row(p, b, s, k);
  }
  put_missing(p, b);
  return page_print(p);
}

static void put_figure(struct json_writer *w, const struct baseline *b,
                       const struct baseline_subject *s, size_t k) {
  const struct figure *f = &s->figures[k];
  const struct thresholds t = thresholds_of_target(b, s, k);
  json_begin_object(w, targets[k].key);
  json_put_number(w, "mean", mean_of(f));
  json_put_number(w, "worst", worst_of(f));
  json_put_number(w, "warning", t.level[ALERT_WARNING]);
  json_put_number(w, "critical", t.level[ALERT_CRITICAL]);
  json_put_text(w, "verdict",
                f->num == 0 ? "unknown" : alert_level_name(verdict(b, s, k)));
  json_end_object(w);
}

static int print_json(const struct baseline *b) {
  struct json_writer w = CTL_JSON;
  json_begin_object(&w, NULL);
  json_put_number(&w, "begin", b->begin);
  json_put_number(&w, "end", b->end);
  json_put_number(&w, "looks", (double)b->looks);
  if (*b->missing != '\0')
    json_put_text(&w, "missing", b->missing);
  json_begin_list(&w, "hubs");
  for (size_t i = 0; i < b->num; i++) {
    const struct baseline_subject *s = &b->subjects[i];
    json_begin_object(&w, NULL);
    json_put_text(&w, "host", s->host);
    json_put_text(&w, "hub", s->name);
    json_begin_object(&w, "figures");
    for (size_t k = 0; k < TARGETS; k++)
      put_figure(&w, b, s, k);
    json_end_object(&w);
    json_end_object(&w);
  }
  json_end_list(&w);
  json_end_object(&w);
  return ctl_print_json(&w);
}

static int take_rules(struct baseline *b, const struct ctl *c) {
  struct ctl any = *c; /* also a hub without rules yet */
  any.host = NULL;
  any.hub = NULL;
  struct status_json *status = status_file_read(&any, (double)time(NULL),
                                                b->missing, sizeof(b->missing));
  if (status != NULL)
    snprintf(b->missing, sizeof(b->missing), "%s",
             status->rules != NULL ? ""
                                   : "status.json does not have thresholds");
  b->rules = status_json_rules(status);
  status_json_free(status);
  return b->rules != NULL ? 0 : -1;
}

int command_baseline(const struct ctl *c) {
  char err[CTL_ERROR_MAX] = "out of memory";
  struct baseline b = {.num = 0};
  bool failed = take_rules(&b, c) != 0 || measure(&b, c, err, sizeof(err)) != 0;
  int status = failed ? -1 : c->json ? print_json(&b) : print_text(&b);
  enum alert_level worst = failed ? ALERT_OK : worst_verdict(&b);
  free(b.subjects);
  ruleset_destroy(b.rules);
  return status == 0 ? ctl_exit_status(worst)
                     : ctl_fail(c, "%s", failed ? err : "out of memory");
}
