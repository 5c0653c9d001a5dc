/* SPDX-License-Identifier: MIT */
#include "ctl/hub_page.h"

#include "ctl/collectd_client.h"
#include "ctl/status_file.h"
#include "ctl/thresholds.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LABEL 11        /* columns of the left edge */
#define SERVERS_MOST 14 /* rows */
#define ALERTS_MOST 8
#define STATES 6 /* of a server */
#define UNKNOWN_STATE 6

/* ---- what is seen ---- */

struct sight { /* everything of one moment */
  struct collectd_client *values;
  struct status_json *status; /* NULL: `missing` says why */
  char missing[CTL_ERROR_MAX];
  double time;            /* epoch seconds */
  struct server *servers; /* room for those of any hub */
};

struct server {
  const char *name;
  int state; /* UNKNOWN_STATE: not known */
};

static struct server *room_for_servers(struct collectd_client *v) {
  size_t hubs_num = 0, most = 0;
  const struct hub_name *hubs = collectd_client_hubs(v, &hubs_num);
  for (size_t i = 0; i < hubs_num; i++) {
    size_t num = 0;
    collectd_client_range(v, &hubs[i], COLLECTD_CLIENT_HUB, &num);
    most = num > most ? num : most;
  }
  return calloc(most, sizeof(struct server));
}

static int sight_take(struct sight *s, const struct ctl *c, char *err,
                      size_t err_size) {
  *s = (struct sight){.time = (double)time(NULL)};
  struct ctl any = *c; /* a hub that no rule has seen yet has a page, too */
  any.host = NULL;
  any.hub = NULL;
  s->values = collectd_client_open(c, err, err_size);
  if (s->values == NULL)
    return -1;
  s->servers = room_for_servers(s->values);
  if (s->servers == NULL) {
    collectd_client_close(s->values);
    snprintf(err, err_size, "out of memory");
    return -1;
  }
  s->status = status_file_read(&any, s->time, s->missing, sizeof(s->missing));
  return 0;
}

static void sight_free(struct sight *s) {
  free(s->servers);
  collectd_client_close(s->values);
  status_json_free(s->status);
}

static double hub_value(const struct sight *s, const struct hub_name *hub,
                        const char *type, const char *instance) {
  return collectd_client_get(s->values, hub, COLLECTD_CLIENT_HUB, type,
                             instance);
}

static bool is_of_hub(const struct alert *a, const struct hub_name *hub) {
  return strcmp(a->series.host, hub->host) == 0 &&
         strcmp(a->series.plugin_instance, hub->name) == 0;
}

/* Those of a level that count, or those that are "pending", "silenced",
 * "inhibited". collectd's own figures of a level count these, too. */
static double hub_alerts(const struct sight *s, const struct hub_name *hub,
                         const char *what) {
  double num = 0;
  if (s->status == NULL)
    return collectd_client_get(s->values, hub, COLLECTD_CLIENT_ALERTS,
                               "mcp_alerts", what);
  for (size_t i = 0; i < s->status->alerts_num; i++) {
    const struct alert *a = &s->status->alerts[i];
    const char *is = alert_is_active(a) ? alert_level_name(a->level)
                                        : alert_status_word(a->status);
    num += is_of_hub(a, hub) && strcmp(is, what) == 0;
  }
  return num;
}

static double hub_score(const struct sight *s, const struct hub_name *hub) {
  const struct hub_report *known =
      status_json_find_hub(s->status, hub->host, hub->name);
  return known != NULL
             ? known->health.score
             : collectd_client_get(s->values, hub, COLLECTD_CLIENT_ALERTS,
                                   "health", "score");
}

static bool is_up(const struct sight *s, const struct hub_name *hub) {
  return hub_value(s, hub, "bool", "up") > 0;
}

/* ---- small things ---- */

static enum page_style judged(const char *type, const char *instance,
                              double value) {
  const struct figure_threshold *t = figure_threshold_find(type, instance);
  enum alert_level level =
      t != NULL ? figure_threshold_judge(t, value) : ALERT_OK;
  return level == ALERT_OK ? PAGE_PLAIN : page_level_style(level);
}

static void label(struct page *p, const char *text) {
  page_cell(p, PAGE_FAINT, -LABEL, text);
}

/* Before a fact of that many columns: a dot, or a new line. */
static void between(struct page *p, int columns) {
  if (page_column(p) <= LABEL)
    return;
  if (columns + 3 > page_left(p)) {
    page_end_line(p);
    page_move(p, LABEL);
    return;
  }
  page_put(p, PAGE_PLAIN, " ");
  page_symbol(p, PAGE_FAINT, PAGE_BETWEEN);
  page_put(p, PAGE_PLAIN, " ");
}

/* A fact: "p95 2.40 s", coloured by its target; nothing where it is unknown. */
static bool fact(struct page *p, const struct sight *s,
                 const struct hub_name *hub, const char *type,
                 const char *instance, enum amount_unit unit,
                 const char *before, const char *after) {
  double value = hub_value(s, hub, type, instance);
  char amount[AMOUNT_MAX];
  char text[AMOUNT_MAX + 64];
  if (isnan(value))
    return false;
  snprintf(text, sizeof(text), "%s%s%s", before,
           amount_text(unit, value, amount), after);
  between(p, page_columns(text));
  page_put(p, judged(type, instance, value), "%s", text);
  return true;
}

/* Ends the line, or says that there was nothing. */
static void end_facts(struct page *p, const char *nothing) {
  if (page_column(p) <= LABEL)
    page_put(p, PAGE_FAINT, "%s", nothing);
  page_end_line(p);
}

/* ---- head ---- */

static enum alert_level state_level(double state) {
  if (isnan(state) || state == 7)
    return ALERT_INFO;
  return state < 2 ? ALERT_OK : state < 4 ? ALERT_WARNING : ALERT_CRITICAL;
}

static void put_head(struct page *p, const struct sight *s,
                     const struct hub_name *hub) {
  char word[AMOUNT_MAX];
  char when[AMOUNT_MAX];
  double state = hub_value(s, hub, "mcp_hub_state", "");
  enum alert_level level = state_level(state);
  amount_text(AMOUNT_HUB_STATE, state, word);
  amount_moment(s->time, when);
  int right = page_left(p) - page_columns(when);
  page_symbol(p, page_level_style(level), page_level_symbol(level));
  page_put(p, PAGE_PLAIN, " ");
  int room =
      right - page_column(p) - page_columns(word) - page_columns(hub->host) - 8;
  page_cell(p, PAGE_BOLD,
            page_columns(hub->name) < room ? -page_columns(hub->name)
            : room > 8                     ? -room
                                           : -8,
            hub->name);
  page_put(p, page_level_style(level), "  %s", word);
  page_put(p, PAGE_FAINT, " on ");
  room = right - page_column(p) - 1;
  page_cell(p, PAGE_FAINT, -(room > 1 ? room : 1), hub->host);
  page_move(p, right);
  page_put(p, PAGE_FAINT, "%s", when);
  page_end_line(p);
  page_rule(p);
}

static enum page_style score_style(double score) {
  return score >= 75 ? PAGE_GOOD : score >= 50 ? PAGE_WARN : PAGE_BAD;
}

/* ", CPU" of "CPU is unknown". */
static void add_unknown(char *list, size_t size, const char *why) {
  static const char end[] = " is unknown";
  size_t len = strlen(why);
  size_t used = strlen(list);
  if (len >= strlen(end) && strcmp(why + len - strlen(end), end) == 0)
    len -= strlen(end);
  snprintf(list + used, size - used, "%s %.*s",
           used > 0 ? "," : "unknown:", (int)len, why);
}

/* What took points, and in one sentence what could not be judged. */
static void put_reasons(struct page *p, const struct health *health) {
  char unknown[HEALTH_REASONS * (HEALTH_WHY_MAX + 2) + 16] = "";
  for (size_t i = 0; i < health->reasons_num; i++) {
    const struct health_reason *r = &health->reasons[i];
    if (!(r->points > 0)) {
      add_unknown(unknown, sizeof(unknown), r->why);
      continue;
    }
    page_move(p, LABEL);
    page_put(p, PAGE_FAINT, "-%-3.0f ", r->points);
    page_wrap(p, PAGE_FAINT, page_column(p), r->why);
    page_end_line(p);
  }
  if (*unknown == '\0')
    return;
  page_move(p, LABEL);
  page_wrap(p, PAGE_FAINT, LABEL, unknown);
  page_end_line(p);
}

static void put_score(struct page *p, const struct sight *s,
                      const struct hub_name *hub) {
  const struct hub_report *known =
      status_json_find_hub(s->status, hub->host, hub->name);
  double score = hub_score(s, hub);
  char amount[AMOUNT_MAX];
  if (isnan(score))
    return;
  label(p, "Score");
  page_bar(p, score_style(score), score / 100, 20);
  page_put(p, score_style(score), " %.0f", score);
  if (known != NULL)
    page_put(p, score_style(score), " %s",
             health_grade_name(known->health.grade));
  if (known != NULL && !isnan(known->availability_24h)) {
    between(p, 0);
    page_put(p, PAGE_PLAIN, "available %s of 24 h",
             amount_text(AMOUNT_PERCENT, known->availability_24h, amount));
  }
  page_end_line(p);
  if (known != NULL)
    put_reasons(p, &known->health);
}

static void put_hub(struct page *p, const struct sight *s,
                    const struct hub_name *hub) {
  label(p, "Hub");
  if (!is_up(s, hub))
    page_put(p, PAGE_BAD, "does not answer");
  fact(p, s, hub, "uptime", "hub", AMOUNT_UPTIME, "up ", "");
  fact(p, s, hub, "response_time", "health", AMOUNT_SECONDS, "answers in ", "");
  fact(p, s, hub, "current_connections", "mcp", AMOUNT_COUNT, "MCP clients ",
       "");
  end_facts(p, "nothing is known");
}

/* ---- servers ---- */

/* Those in trouble first: by the state's number, then by name. */
static int compare_servers(const void *a, const void *b) {
  const struct server *x = a;
  const struct server *y = b;
  return x->state != y->state ? y->state - x->state : strcmp(x->name, y->name);
}

/* Until the next call. */
static const struct server *
list_servers(const struct sight *s, const struct hub_name *hub, size_t *num) {
  size_t values_num = 0;
  struct value *all =
      collectd_client_range(s->values, hub, COLLECTD_CLIENT_HUB, &values_num);
  struct server *list = s->servers;
  *num = 0;
  for (size_t i = 0; i < values_num; i++) {
    if (strcmp(all[i].id.type, "mcp_server_state") != 0)
      continue;
    double state = collectd_client_number(s->values, &all[i]);
    bool known = state >= 0 && state < STATES;
    list[(*num)++] = (struct server){all[i].id.type_instance,
                                     known ? (int)state : UNKNOWN_STATE};
  }
  qsort(list, *num, sizeof(*list), compare_servers);
  return list;
}

static enum page_style server_style(int state) {
  static const enum page_style styles[STATES + 1] = {
      PAGE_GOOD, PAGE_FAINT, PAGE_INFO, PAGE_WARN,
      PAGE_WARN, PAGE_BAD,   PAGE_FAINT};
  return styles[state];
}

static enum page_symbol server_symbol(int state) {
  static const enum page_symbol marks[STATES + 1] = {
      PAGE_DOT,     PAGE_CIRCLE, PAGE_CIRCLE, PAGE_EXCLAIM,
      PAGE_EXCLAIM, PAGE_CROSS,  PAGE_CIRCLE};
  return marks[state];
}

static void server_cell(struct page *p, const struct sight *s,
                        const struct hub_name *hub, const char *type,
                        const char *server, enum amount_unit unit, int width) {
  char amount[AMOUNT_MAX];
  double value = hub_value(s, hub, type, server);
  page_cell(p, PAGE_FAINT, width,
            isnan(value) ? "" : amount_text(unit, value, amount));
}

static void put_server(struct page *p, const struct sight *s,
                       const struct hub_name *hub, const struct server *server,
                       int name_width) {
  char word[AMOUNT_MAX] = "unknown";
  if (server->state != UNKNOWN_STATE)
    amount_text(AMOUNT_SERVER_STATE, server->state, word);
  page_move(p, LABEL);
  page_symbol(p, server_style(server->state), server_symbol(server->state));
  page_put(p, PAGE_PLAIN, " ");
  page_cell(p, PAGE_PLAIN, -name_width, server->name);
  page_put(p, PAGE_PLAIN, "  ");
  page_cell(p, server->state == 0 ? PAGE_FAINT : server_style(server->state),
            -12, word);
  if (server->state == 0) {
    server_cell(p, s, hub, "uptime", server->name, AMOUNT_UPTIME, 13);
    server_cell(p, s, hub, "mcp_server_tools", server->name, AMOUNT_COUNT, 7);
    server_cell(p, s, hub, "ps_rss", server->name, AMOUNT_BYTES, 11);
  }
  page_end_line(p);
}

static void put_server_sums(struct page *p, const struct server *list,
                            size_t num) {
  int count[STATES + 1] = {0};
  for (size_t i = 0; i < num; i++)
    count[list[i].state]++;
  page_put(p, PAGE_PLAIN, "%d of %zu connected", count[0], num);
  for (int state = STATES; state > 0; state--) {
    char word[AMOUNT_MAX] = "unknown";
    if (count[state] == 0)
      continue;
    if (state != UNKNOWN_STATE)
      amount_text(AMOUNT_SERVER_STATE, state, word);
    between(p, page_columns(word) + 6);
    page_put(p, server_style(state), "%d %s", count[state], word);
  }
}

static void put_servers(struct page *p, const struct sight *s,
                        const struct hub_name *hub) {
  size_t num = 0;
  const struct server *list = list_servers(s, hub, &num);
  int name_width = 8;
  if (num == 0)
    return;
  page_end_line(p);
  label(p, "Servers");
  put_server_sums(p, list, num);
  page_end_line(p);
  size_t shown = num > SERVERS_MOST ? SERVERS_MOST : num;
  for (size_t i = 0; i < shown; i++)
    if (page_columns(list[i].name) > name_width)
      name_width = page_columns(list[i].name);
  name_width = name_width > 22 ? 22 : name_width;
  page_move(p, LABEL + 2 + name_width + 2 + 12);
  page_cell(p, PAGE_FAINT, 13, "uptime");
  page_cell(p, PAGE_FAINT, 7, "tools");
  if (!isnan(hub_value(s, hub, "ps_rss", list[num - 1].name)))
    page_cell(p, PAGE_FAINT, 11, "memory");
  page_end_line(p);
  for (size_t i = 0; i < shown; i++)
    put_server(p, s, hub, &list[i], name_width);
  if (shown < num) {
    page_move(p, LABEL + 2);
    page_put(p, PAGE_FAINT, "and %zu more%s", num - shown,
             list[shown].state == 0 ? ", all connected" : "");
    page_end_line(p);
  }
}

/* ---- LLM, cache, queue, breaker, filtering, process, log ---- */

static void put_llm(struct page *p, const struct sight *s,
                    const struct hub_name *hub) {
  label(p, "LLM");
  fact(p, s, hub, "percent", "llm_success", AMOUNT_PERCENT, "", " succeed");
  fact(p, s, hub, "percent", "llm_success_recent", AMOUNT_PERCENT, "",
       " of the last 5 min");
  fact(p, s, hub, "latency", "llm_p50", AMOUNT_SECONDS, "p50 ", "");
  fact(p, s, hub, "latency", "llm_p95", AMOUNT_SECONDS, "p95 ", "");
  fact(p, s, hub, "latency", "llm_p99", AMOUNT_SECONDS, "p99 ", "");
  end_facts(p, "no calls yet");
}

static void put_cache(struct page *p, const struct sight *s,
                      const struct hub_name *hub) {
  label(p, "Cache");
  fact(p, s, hub, "cache_ratio", "llm", AMOUNT_PERCENT, "", " hits");
  fact(p, s, hub, "cache_ratio", "llm_recent", AMOUNT_PERCENT, "",
       " of the last 5 min");
  fact(p, s, hub, "objects", "llm_cache", AMOUNT_COUNT, "entries ", "");
  fact(p, s, hub, "bytes", "llm_cache", AMOUNT_BYTES, "", "");
  end_facts(p, "not used yet");
}

static void put_queue(struct page *p, const struct sight *s,
                      const struct hub_name *hub) {
  label(p, "Queue");
  fact(p, s, hub, "queue_length", "llm", AMOUNT_COUNT, "", " waiting");
  fact(p, s, hub, "total_operations", "queue_processed", AMOUNT_COUNT, "",
       " done a second");
  end_facts(p, "unknown");
  label(p, "Breaker");
  fact(p, s, hub, "mcp_breaker_state", "", AMOUNT_BREAKER, "", "");
  fact(p, s, hub, "count", "breaker_failures", AMOUNT_COUNT, "failures ", "");
  end_facts(p, "unknown");
}

/* A hub without tool filtering has no LLM to ask. */
static bool has_filtering(const struct sight *s, const struct hub_name *hub) {
  return !isnan(hub_value(s, hub, "mcp_breaker_state", "")) ||
         !isnan(hub_value(s, hub, "queue_length", "llm")) ||
         !isnan(hub_value(s, hub, "percent", "llm_success")) ||
         !isnan(hub_value(s, hub, "objects", "llm_cache"));
}

static void put_process(struct page *p, const struct sight *s,
                        const struct hub_name *hub) {
  if (!isnan(hub_value(s, hub, "ps_rss", "hub"))) {
    label(p, "Process");
    fact(p, s, hub, "percent", "cpu", AMOUNT_PERCENT, "CPU ", "");
    fact(p, s, hub, "ps_rss", "hub", AMOUNT_BYTES, "memory ", "");
    fact(p, s, hub, "percent", "memory", AMOUNT_PERCENT, "",
         " of the machine's");
    fact(p, s, hub, "threads", "hub", AMOUNT_COUNT, "threads ", "");
    fact(p, s, hub, "file_handles", "hub", AMOUNT_COUNT, "files ", "");
    end_facts(p, "");
  }
  if (!isnan(hub_value(s, hub, "file_size", "log"))) {
    label(p, "Log");
    fact(p, s, hub, "file_size", "log", AMOUNT_BYTES, "", "");
    fact(p, s, hub, "count", "log_errors_100", AMOUNT_COUNT, "errors ",
         " of 100 entries");
    fact(p, s, hub, "count", "log_errors_1000", AMOUNT_COUNT, "errors ",
         " of 1000");
    end_facts(p, "");
  }
}

/* ---- alerts ---- */

/* Under the label at the left; each further line hangs below the first. */
static void put_alert(struct page *p, const struct alert *a, double now) {
  char since[AMOUNT_MAX];
  bool active = alert_is_active(a);
  enum page_style style = active ? page_level_style(a->level) : PAGE_FAINT;
  page_move(p, LABEL);
  page_symbol(p, style, active ? page_level_symbol(a->level) : PAGE_CIRCLE);
  page_put(p, style, " %s", alert_level_name(a->level));
  page_put(p, PAGE_PLAIN, " %.64s", a->rule_name);
  if (!status_file_says_since(a))
    page_put(p, PAGE_FAINT, " since %s",
             now - a->since < 86400 ? amount_clock(a->since, since)
                                    : amount_moment(a->since, since));
  if (a->status != STATUS_FIRING)
    page_put(p, PAGE_FAINT, ", %.20s", alert_status_word(a->status));
  page_end_line(p);
  page_move(p, LABEL + 2);
  page_wrap(p, active ? PAGE_PLAIN : PAGE_FAINT, LABEL + 2, a->message);
  page_end_line(p);
  if (a->runbook == NULL || *a->runbook == '\0')
    return;
  page_move(p, LABEL + 2);
  page_wrap(p, PAGE_FAINT, LABEL + 2, a->runbook);
  page_end_line(p);
}

static void put_counts(struct page *p, const struct sight *s,
                       const struct hub_name *hub) {
  static const struct {
    const char *name;
    enum page_style style;
  } levels[] = {{"critical", PAGE_BAD},   {"warning", PAGE_WARN},
                {"info", PAGE_INFO},      {"pending", PAGE_FAINT},
                {"silenced", PAGE_FAINT}, {"inhibited", PAGE_FAINT}};
  bool known = false;
  for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
    double count = hub_alerts(s, hub, levels[i].name);
    known = known || !isnan(count);
    if (!(count > 0))
      continue;
    between(p, 20);
    page_put(p, levels[i].style, "%.0f %s", count, levels[i].name);
  }
  if (page_column(p) <= LABEL && known) {
    page_symbol(p, PAGE_GOOD, PAGE_DOT);
    page_put(p, PAGE_PLAIN, " none");
  }
  end_facts(p, "unknown: mcp_hub_alerts is not loaded or has not seen the hub");
}

static void put_alerts(struct page *p, const struct sight *s,
                       const struct hub_name *hub) {
  size_t shown = 0;
  size_t more = 0;
  label(p, "Alerts");
  put_counts(p, s, hub);
  for (size_t i = 0; s->status != NULL && i < s->status->alerts_num; i++) {
    if (!is_of_hub(&s->status->alerts[i], hub))
      continue;
    if (shown++ < ALERTS_MOST)
      put_alert(p, &s->status->alerts[i], s->time);
    else
      more++;
  }
  if (more > 0) {
    page_move(p, LABEL + 2);
    page_put(p, PAGE_FAINT, "and %zu more: mcphubctl check", more);
    page_end_line(p);
  }
}

/* The first line of why there is no more about alerts. */
static void put_missing(struct page *p, const struct sight *s) {
  if (s->status != NULL && s->status->rules_current)
    return;
  char first[256];
  snprintf(first, sizeof(first), "%.*s", (int)strcspn(s->missing, "\n"),
           s->missing);
  label(p, "");
  page_wrap(p, PAGE_FAINT, LABEL,
            s->status == NULL ? first
                              : "alerts.json was edited and the edit rejected: "
                                "mcphubctl rules check FILE says why");
  page_end_line(p);
}

static void put_page(struct page *p, const struct sight *s,
                     const struct hub_name *hub) {
  put_head(p, s, hub);
  put_score(p, s, hub);
  put_hub(p, s, hub);
  put_alerts(p, s, hub);
  put_missing(p, s);
  bool filtering = has_filtering(s, hub);
  if (filtering || !isnan(hub_value(s, hub, "ps_rss", "hub")) ||
      !isnan(hub_value(s, hub, "file_size", "log")))
    page_end_line(p);
  if (filtering) {
    put_llm(p, s, hub);
    put_cache(p, s, hub);
    put_queue(p, s, hub);
  }
  put_process(p, s, hub);
  put_servers(p, s, hub); /* last: where room ends, only servers are cut */
}

/* ---- many hubs ---- */

static void table_cell(struct page *p, const struct sight *s,
                       const struct hub_name *hub, const char *type,
                       const char *instance, enum amount_unit unit, int width) {
  char amount[AMOUNT_MAX];
  double value = hub_value(s, hub, type, instance);
  if (isnan(value))
    page_cell(p, PAGE_FAINT, width, "");
  else
    page_cell(p, judged(type, instance, value), width,
              amount_text(unit, value, amount));
}

static void table_servers(struct page *p, const struct sight *s,
                          const struct hub_name *hub) {
  double down = hub_value(s, hub, "mcp_servers", "disconnected") +
                hub_value(s, hub, "mcp_servers", "dead");
  double total = hub_value(s, hub, "mcp_servers", "total");
  char text[AMOUNT_MAX] = "";
  if (!isnan(total))
    snprintf(text, sizeof(text), "%.0f/%.0f",
             hub_value(s, hub, "mcp_servers", "connected"), total);
  page_cell(p, down > 0 ? PAGE_WARN : PAGE_PLAIN, 8, text);
}

static void table_alerts(struct page *p, const struct sight *s,
                         const struct hub_name *hub) {
  double critical = hub_alerts(s, hub, "critical");
  double warning = hub_alerts(s, hub, "warning");
  char text[AMOUNT_MAX] = "";
  if (critical + warning > 0)
    snprintf(text, sizeof(text), "%.0f", critical + warning);
  page_cell(p, critical > 0 ? PAGE_BAD : PAGE_WARN, 7, text);
}

static void table_row(struct page *p, const struct sight *s,
                      const struct hub_name *hub, int name, int host) {
  double state = hub_value(s, hub, "mcp_hub_state", "");
  double score = hub_score(s, hub);
  enum alert_level level = state_level(state);
  char text[AMOUNT_MAX] = "";
  page_symbol(p, page_level_style(level), page_level_symbol(level));
  page_put(p, PAGE_PLAIN, " ");
  page_cell(p, PAGE_BOLD, -name, hub->name);
  page_put(p, PAGE_PLAIN, "  ");
  page_cell(p, PAGE_FAINT, -host, hub->host);
  page_put(p, PAGE_PLAIN, "  ");
  page_cell(p, level == ALERT_OK ? PAGE_PLAIN : page_level_style(level), -11,
            amount_text(AMOUNT_HUB_STATE, state, text));
  *text = '\0';
  if (!isnan(score))
    snprintf(text, sizeof(text), "%.0f", score);
  page_cell(p, score_style(score), 5, text);
  table_servers(p, s, hub);
  table_cell(p, s, hub, "percent", "llm_success", AMOUNT_PERCENT, 8);
  table_cell(p, s, hub, "latency", "llm_p95", AMOUNT_SECONDS, 8);
  table_alerts(p, s, hub);
  page_end_line(p);
}

static bool in_trouble(const struct sight *s, const struct hub_name *hub) {
  return state_level(hub_value(s, hub, "mcp_hub_state", "")) != ALERT_OK ||
         hub_alerts(s, hub, "critical") + hub_alerts(s, hub, "warning") > 0;
}

static int widest(int width, const char *text, int most) {
  int columns = page_columns(text);
  columns = columns > most ? most : columns;
  return columns > width ? columns : width;
}

static void put_table(struct page *p, const struct sight *s,
                      const struct hub_name *hubs, size_t num) {
  char when[AMOUNT_MAX];
  int name = 3;
  int host = 4;
  for (size_t i = 0; i < num; i++) {
    name = widest(name, hubs[i].name, 15);
    host = widest(host, hubs[i].host, 12);
  }
  amount_moment(s->time, when);
  page_put(p, PAGE_BOLD, "%zu hubs ", num);
  page_move(p, page_left(p) + page_column(p) - page_columns(when));
  page_put(p, PAGE_FAINT, "%s", when);
  page_end_line(p);
  page_rule(p);
  page_move(p, 2);
  page_cell(p, PAGE_FAINT, -name - 2, "hub");
  page_cell(p, PAGE_FAINT, -host - 2, "host");
  page_cell(p, PAGE_FAINT, -11, "state");
  page_cell(p, PAGE_FAINT, 5, "score");
  page_cell(p, PAGE_FAINT, 8, "servers");
  page_cell(p, PAGE_FAINT, 8, "LLM");
  page_cell(p, PAGE_FAINT, 8, "p95");
  page_cell(p, PAGE_FAINT, 7, "alerts");
  page_end_line(p);
  for (int trouble = 1; trouble >= 0; trouble--)
    for (size_t i = 0; i < num; i++)
      if (in_trouble(s, &hubs[i]) == (trouble > 0))
        table_row(p, s, &hubs[i], name, host);
  page_end_line(p);
  page_put(p, PAGE_FAINT, "One of them in full: mcphubctl --hub NAME status");
  page_end_line(p);
  put_missing(p, s);
}

static void put_sight(struct page *p, const struct sight *s) {
  size_t num = 0;
  const struct hub_name *hubs = collectd_client_hubs(s->values, &num);
  if (num == 1)
    put_page(p, s, hubs);
  else
    put_table(p, s, hubs, num);
}

/* ---- JSON ---- */

static void put_values(struct json_writer *w, const struct sight *s,
                       const struct hub_name *hub) {
  size_t num = 0;
  struct value *all =
      collectd_client_range(s->values, hub, COLLECTD_CLIENT_HUB, &num);
  json_begin_object(w, "values");
  for (size_t i = 0; i < num; i++) {
    const struct value_id *id = &all[i].id;
    char name[2 * COLLECTD_CLIENT_NAME + 1];
    snprintf(name, sizeof(name), "%s%s%s", id->type,
             *id->type_instance != '\0' ? "-" : "", id->type_instance);
    json_put_number(w, name, collectd_client_number(s->values, &all[i]));
  }
  json_end_object(w);
}

static void put_server_states(struct json_writer *w, const struct sight *s,
                              const struct hub_name *hub) {
  size_t num = 0;
  const struct server *list = list_servers(s, hub, &num);
  json_begin_object(w, "servers");
  for (size_t i = 0; i < num; i++) {
    char word[AMOUNT_MAX] = "unknown";
    if (list[i].state != UNKNOWN_STATE)
      amount_text(AMOUNT_SERVER_STATE, list[i].state, word);
    json_put_text(w, list[i].name, word);
  }
  json_end_object(w);
}

static void put_alert_list(struct json_writer *w, const struct sight *s,
                           const struct hub_name *hub) {
  json_begin_list(w, "alerts");
  for (size_t i = 0; i < s->status->alerts_num; i++) {
    if (!is_of_hub(&s->status->alerts[i], hub))
      continue;
    json_begin_object(w, NULL);
    alert_put_json(w, &s->status->alerts[i], ALERT_TIMES_EPOCH);
    json_end_object(w);
  }
  json_end_list(w);
}

static void put_count_json(struct json_writer *w, const struct sight *s,
                           const struct hub_name *hub) {
  static const char *const names[] = {"critical", "warning",  "info",
                                      "pending",  "silenced", "inhibited"};
  json_begin_object(w, "alert_counts");
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
    json_put_number(w, names[i], hub_alerts(s, hub, names[i]));
  json_end_object(w);
}

static void put_hub_json(struct json_writer *w, const struct sight *s,
                         const struct hub_name *hub) {
  const struct hub_report *known =
      status_json_find_hub(s->status, hub->host, hub->name);
  char word[AMOUNT_MAX];
  amount_text(AMOUNT_HUB_STATE, hub_value(s, hub, "mcp_hub_state", ""), word);
  json_begin_object(w, NULL);
  json_put_text(w, "host", hub->host);
  json_put_text(w, "hub", hub->name);
  json_put_flag(w, "up", is_up(s, hub));
  json_put_text(w, "state", word);
  json_put_number(w, "score", hub_score(s, hub));
  put_server_states(w, s, hub);
  put_count_json(w, s, hub);
  if (s->status != NULL)
    put_alert_list(w, s, hub);
  if (known != NULL)
    status_json_put_hub(w, "health", known);
  put_values(w, s, hub);
  json_end_object(w);
}

static void put_sight_json(struct json_writer *w, const struct sight *s) {
  size_t num = 0;
  const struct hub_name *hubs = collectd_client_hubs(s->values, &num);
  json_begin_object(w, NULL);
  json_put_number(w, "time", s->time);
  if (s->status == NULL)
    json_put_text(w, "missing", s->missing);
  json_begin_list(w, "hubs");
  for (size_t i = 0; i < num; i++)
    put_hub_json(w, s, &hubs[i]);
  json_end_list(w);
  json_end_object(w);
}

int hub_page_look(const struct ctl *c, struct page *p, struct json_writer *json,
                  char *err, size_t err_size) {
  struct sight sight;
  if (sight_take(&sight, c, err, err_size) != 0)
    return -1;
  if (p != NULL)
    put_sight(p, &sight);
  else
    put_sight_json(json, &sight);
  bool failed = collectd_client_failed(sight.values, c, err, err_size);
  sight_free(&sight);
  return failed ? -1 : 0;
}
