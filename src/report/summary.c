/* SPDX-License-Identifier: MIT */
#include "report/summary.h"

#include "report/thresholds.h"
#include "util/strbuf.h"
#include "util/utf8.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECTION_MAX (64U * 1024U) /* upper limit of a hub's section */
#define INCIDENTS_SHOWN 20U
#define NAME_SHOWN 40 /* bytes of a name in the message */

/* ---- words ---- */

static double rounded(double value, double steps) {
  return round(value * steps) / steps;
}

static void with_unit(double value, const char *unit, char buf[FORMAT_MAX]) {
  char number[FORMAT_MAX];

  format_number(value, number);
  snprintf(buf, FORMAT_MAX, "%.24s%s", number, unit);
}

static void put_value(enum hub_stats_figure f, double value,
                      char buf[FORMAT_MAX]) {
  const double mib = 1048576;

  if (isnan(value)) {
    snprintf(buf, FORMAT_MAX, "unknown");
    return;
  }
  switch (hub_stats_metric(f)->unit) {
  case METRIC_UNIT_COUNT:
  case METRIC_UNIT_MICROSECONDS:
    with_unit(rounded(value, 10), "", buf);
    return;
  case METRIC_UNIT_PERCENT:
    with_unit(rounded(value, 100), " %", buf);
    return;
  case METRIC_UNIT_SECONDS:
  case METRIC_UNIT_DURATION:
    if (value < 1)
      with_unit(rounded(value * 1000, value < 0.01 ? 10 : 1), " ms", buf);
    else if (value < 60)
      with_unit(rounded(value, 100), " s", buf);
    else
      format_duration(value, buf);
    return;
  case METRIC_UNIT_BYTES:
    with_unit(rounded(value / mib, 10), " MiB", buf);
    return;
  case METRIC_UNIT_STATE:
    if (metric_format_state(hub_stats_metric(f)->type, value, buf) != 0)
      format_number(value, buf);
    return;
  }
}

/* Never shows "100 %" unless the hub was up all the time. */
static void put_availability(double percent, char buf[FORMAT_MAX]) {
  if (isnan(percent))
    snprintf(buf, FORMAT_MAX, "unknown");
  else
    with_unit(floor(percent * 1000) / 1000, " %", buf);
}

static const char *plural(size_t n) { return n == 1 ? "" : "s"; }

/* ---- incidents ---- */

/* `h` NULL: any hub of the host. */
static bool matches_hub(const struct summary *s, const struct incident *i,
                        const struct hub_report *h) {
  const struct series *of = &i->alert.series;

  return series_is_hub(of) && strcmp(of->host, s->host) == 0 &&
         (h == NULL || strcmp(of->plugin_instance, h->instance) == 0);
}

struct tally {
  size_t all;
  size_t open;
};

static struct tally count_incidents(const struct summary *s,
                                    const struct hub_report *h) {
  const struct incident *i = NULL;
  struct tally n = {0};

  while ((i = incidents_next(s->incidents, i)) != NULL)
    if (matches_hub(s, i, h)) {
      n.all++;
      n.open += incident_is_open(i);
    }
  return n;
}

/* ---- message ---- */

static const struct health_reason *main_reason(const struct health *health) {
  const struct health_reason *worst = NULL;

  for (size_t i = 0; i < health->reasons_num; i++)
    if (health->reasons[i].points > (worst != NULL ? worst->points : 0))
      worst = &health->reasons[i];
  return worst;
}

/* "score 50 (fair: the hub is down)" */
static void put_score(const struct health *health, char *buf, size_t size) {
  const struct health_reason *reason = main_reason(health);
  char score[FORMAT_MAX];

  format_number(health->score, score);
  if (health->grade == HEALTH_UNKNOWN)
    snprintf(buf, size, "score unknown");
  else
    snprintf(buf, size, "score %s (%s%s%s)", score,
             health_grade_name(health->grade), reason != NULL ? ": " : "",
             reason != NULL ? reason->why : "");
}

/* The hub with the lowest score, else the first. */
static const struct hub_report *lowest(const struct summary *s) {
  const struct hub_report *found = s->hubs;

  for (size_t i = 1; i < s->hubs_num; i++) {
    double score = s->hubs[i].health.score;
    if (score < found->health.score ||
        (isnan(found->health.score) && !isnan(score)))
      found = &s->hubs[i];
  }
  return found;
}

void summary_message(const struct summary *s, char buf[MESSAGE_MAX]) {
  const struct hub_report *h = NULL;
  struct tally n = count_incidents(s, NULL);
  char host[NAME_SHOWN + 1];
  char hub[NAME_SHOWN + 1];
  char score[128];
  char available[FORMAT_MAX];
  char text[2 * MESSAGE_MAX];

  utf8_print(host, sizeof(host), s->host);
  if (s->hubs_num == 0) {
    snprintf(buf, MESSAGE_MAX, "No MCP hub is known on %s", host);
    return;
  }
  h = lowest(s);
  utf8_print(hub, sizeof(hub), h->instance);
  put_score(&h->health, score, sizeof(score));
  put_availability(h->availability_24h, available);
  if (s->hubs_num == 1)
    snprintf(text, sizeof(text), "MCP hub %s on %s: ", hub, host);
  else
    snprintf(text, sizeof(text),
             "%zu MCP hubs on %s, the lowest is %s: ", s->hubs_num, host, hub);
  snprintf(text + strlen(text), sizeof(text) - strlen(text),
           "%s, up for %s of 24 h; %zu incident%s, %zu open", score, available,
           n.all, plural(n.all), n.open);
  utf8_print(buf, MESSAGE_MAX, text);
}

/* ---- Markdown ---- */

/* Escapes punctuation with a backslash, also that of bare links. Some renderers
 * link e-mail addresses even if escaped, but not in code. */
static void add_escaped(struct strbuf *b, const char *text) {
  size_t len = strlen(text);
  char clean[SERIES_TEXT_MAX];

  len = utf8_put(clean, sizeof(clean), text, len);
  for (size_t i = 0; i < len; i++) {
    bool www = clean[i] == '.' && i > 0 && (clean[i - 1] | 0x20) == 'w';
    if (clean[i] == '<')
      strbuf_string(b, "&lt;");
    else if (clean[i] == '&')
      strbuf_string(b, "&amp;");
    else if (clean[i] == '@')
      strbuf_string(b, "`@`");
    else if (www || strchr("\\`*_[]{}|>~#!$:", clean[i]) != NULL)
      strbuf_format(b, "\\%c", clean[i]);
    else
      strbuf_add(b, clean + i, 1);
  }
}

static void add_reasons(struct strbuf *b, const struct health *health) {
  for (size_t i = 0; i < health->reasons_num; i++) {
    const struct health_reason *r = &health->reasons[i];
    if (r->points > 0)
      strbuf_format(b, "- %.0f points off: ", r->points);
    else
      strbuf_string(b, "- ");
    add_escaped(b, r->why);
    strbuf_string(b, "\n");
  }
  if (health->reasons_num > 0)
    strbuf_string(b, "\n");
}

static void add_availability(struct strbuf *b, const struct hub_report *h) {
  char hour[FORMAT_MAX];
  char day[FORMAT_MAX];
  char left[FORMAT_MAX];

  put_availability(h->availability_1h, hour);
  put_availability(h->availability_24h, day);
  put_availability(h->error_budget, left);
  strbuf_format(b,
                "Up for %s of the last hour and %s of the last 24 hours, as far"
                " as is known. Error budget left (objective %g %%): %s.\n\n",
                hour, day, AVAILABILITY_OBJECTIVE * 100, left);
}

static void add_incident(struct strbuf *b, const struct incident *i,
                         double wall) {
  char begin[FORMAT_MAX];
  char lasted[FORMAT_MAX];
  bool open = incident_is_open(i);

  format_minute(i->alert.since, begin);
  format_duration((open ? wall : i->end) - i->alert.since, lasted);
  strbuf_format(b, "| %s | %s%s | %s | ", begin, lasted,
                open ? ", still open" : "", alert_level_name(i->alert.level));
  add_escaped(b, i->alert.rule_name);
  strbuf_string(b, " | ");
  add_escaped(b, i->alert.message);
  strbuf_string(b, " |\n");
}

/* The latest incidents. */
static void add_incidents(struct strbuf *b, const struct summary *s,
                          const struct hub_report *h) {
  const struct incident *i = NULL;
  struct tally n = count_incidents(s, h);
  size_t skip = n.all > INCIDENTS_SHOWN ? n.all - INCIDENTS_SHOWN : 0;

  strbuf_string(b, "### Incidents\n\n");
  if (n.all == 0) {
    strbuf_string(b, "None.\n\n");
    return;
  }
  if (skip > 0)
    strbuf_format(b, "The latest %u of %zu.\n\n", INCIDENTS_SHOWN, n.all);
  strbuf_string(b, "| Began | Lasted | Level | Rule | What |\n"
                   "|---|---|---|---|---|\n");
  while ((i = incidents_next(s->incidents, i)) != NULL)
    if (matches_hub(s, i, h) && (skip == 0 || skip-- == 0))
      add_incident(b, i, s->wall);
  strbuf_string(b, "\n");
}

/* ---- figures ---- */

/* Change of the average; for percent in percentage points. */
static void put_trend(enum hub_stats_figure f, double before, double average,
                      char buf[FORMAT_MAX]) {
  enum metric_unit unit = hub_stats_metric(f)->unit;
  bool points = unit == METRIC_UNIT_PERCENT;
  double change = points ? average - before : (average / before - 1) * 100;
  char number[FORMAT_MAX];

  if (isnan(before) || isnan(average) || unit == METRIC_UNIT_STATE)
    snprintf(buf, FORMAT_MAX, "-");
  else if (fabs(average - before) <= 0 || fabs(change) < (points ? 1 : 5))
    snprintf(buf, FORMAT_MAX, "steady");
  else if (isinf(change))
    snprintf(buf, FORMAT_MAX, "up from 0");
  else {
    format_number(rounded(fabs(change), points ? 10 : 1), number);
    snprintf(buf, FORMAT_MAX, "%s %.16s %s", change > 0 ? "up" : "down", number,
             points ? "points" : "%");
  }
}

static void add_figure(struct strbuf *b, const struct hub_report *h,
                       enum hub_stats_figure f) {
  const struct hub_report_figure *m = &h->figures[f];
  bool word = hub_stats_metric(f)->unit == METRIC_UNIT_STATE;
  char now[FORMAT_MAX];
  char mean[FORMAT_MAX];
  char worst[FORMAT_MAX];
  char when[FORMAT_MAX];
  char before[FORMAT_MAX];
  char trend[FORMAT_MAX];

  put_value(f, m->value, now);
  put_value(f, m->average, mean);
  put_value(f, m->worst, worst);
  format_minute(m->worst_at, when);
  put_value(f, m->before, before);
  put_trend(f, m->before, m->average, trend);
  strbuf_format(b, "| %s | %s | %s | %s | %s | %s | %s |\n",
                hub_stats_metric(f)->label, now, word ? "-" : mean, worst, when,
                word ? "-" : before, trend);
}

static void add_figures(struct strbuf *b, const struct hub_report *h) {
  char since[FORMAT_MAX];
  bool any = false;

  format_minute(h->begin, since);
  strbuf_format(b, "### Figures since %s\n\n", since);
  for (int i = 0; i < HUB_STATS_FIGURES; i++) {
    if (!hub_stats_in_summary((enum hub_stats_figure)i) ||
        isnan(h->figures[i].average))
      continue;
    if (!any)
      strbuf_string(b, "| Figure | Now | Average | Worst | at | Average of the "
                       "day before | Trend |\n|---|---|---|---|---|---|---|\n");
    any = true;
    add_figure(b, h, (enum hub_stats_figure)i);
  }
  strbuf_string(b, any ? "\n" : "Nothing was heard of this hub.\n\n");
}

/* ---- advice ---- */

enum aspect { AVERAGE, WORST, GROWTH /* today's average / previous average */ };

static const struct {
  enum hub_stats_figure figure;
  enum aspect aspect;
  double least; /* NaN: the warning threshold in force */
  const char *advice;
} advices[] = {
    {HUB_STATS_SERVERS_DEAD, WORST, 1,
     "the process of a server ended while the hub went on calling it "
     "connected; restart that server and look for the reason in its output."},
    {HUB_STATS_SERVERS_DISCONNECTED, WORST, 1,
     "see the incidents for the server's name, then its `error` in the hub; "
     "disable what is not needed any more."},
    {HUB_STATS_SERVERS_UNAUTHORIZED, WORST, 1,
     "a server waits for somebody to authorize it in the hub."},
    {HUB_STATS_BREAKER_STATE, WORST, 2,
     "the hub stopped asking its LLM for a while; check the provider's status, "
     "the key and its quota."},
    {HUB_STATS_LLM_SUCCESS, AVERAGE, NAN,
     "LLM calls fail; look for time-outs and refused calls in the hub's log."},
    {HUB_STATS_LATENCY_P95, AVERAGE, NAN,
     "the LLM answers slowly; consider a smaller model, a nearer provider or "
     "shorter prompts."},
    {HUB_STATS_LLM_CACHE, AVERAGE, NAN,
     "few answers come from the cache; consider a longer time to live or a "
     "larger cache."},
    {HUB_STATS_QUEUE, WORST, NAN,
     "calls waited for the LLM; allow more at once, or spread the load."},
    {HUB_STATS_RESPONSE_TIME, AVERAGE, NAN,
     "the hub itself answers slowly; look at its CPU and at servers that "
     "hang."},
    {HUB_STATS_CPU, AVERAGE, NAN,
     "find out which server or client keeps the hub busy."},
    {HUB_STATS_MEMORY, AVERAGE, NAN,
     "the hub takes a large part of the machine; plan a restart or more "
     "memory."},
    {HUB_STATS_RSS, GROWTH, 1.2,
     "memory grew since the day before; if that goes on it is a leak, and a "
     "restart frees it until then."},
    {HUB_STATS_CLIENTS, WORST, NAN,
     "more clients than usual; check that all of them are known."},
    {HUB_STATS_LOG_ERRORS_1000, WORST, 10,
     "read the errors in the hub's log; the most frequent one first."},
    {HUB_STATS_LOG_SIZE, WORST, NAN, "have the log file rotated."},
};

static double aspect_of(const struct hub_report *h, enum hub_stats_figure f,
                        enum aspect aspect) {
  const struct hub_report_figure *m = &h->figures[f];

  if (aspect == WORST)
    return m->worst;
  if (aspect == AVERAGE)
    return m->average;
  return m->before > 0 ? m->average / m->before : NAN;
}

/* "- memory, average 120 MiB: ..." */
static void add_advice(struct strbuf *b, const struct hub_report *h, size_t i) {
  enum hub_stats_figure f = advices[i].figure;
  enum aspect aspect = advices[i].aspect;
  char value[FORMAT_MAX];

  put_value(f, aspect_of(h, f, aspect == WORST ? WORST : AVERAGE), value);
  strbuf_format(b, "- %s, %s %s: %s\n", hub_stats_metric(f)->label,
                aspect == WORST ? "at worst" : "on average", value,
                advices[i].advice);
}

static bool is_advised(const struct summary *s, const struct hub_report *h,
                       size_t i) {
  enum hub_stats_figure f = advices[i].figure;
  double value = aspect_of(h, f, advices[i].aspect);
  const struct series series =
      thresholds_series(h->host, h->instance, hub_stats_id(f));

  if (isnan(advices[i].least))
    return thresholds_judge(s->rules, &series, value) >= ALERT_WARNING;
  return advices[i].aspect == GROWTH ? value > advices[i].least
                                     : value >= advices[i].least;
}

static void add_advices(struct strbuf *b, const struct summary *s,
                        const struct hub_report *h) {
  size_t len = 0;

  strbuf_string(b, "### Recommendations\n\n");
  len = b->len;
  if (h->error_budget <= 0)
    strbuf_string(b, "- The error budget is used up: change nothing that can "
                     "wait until the cause of the downtime is known.\n");
  for (size_t i = 0; i < sizeof(advices) / sizeof(*advices); i++)
    if (is_advised(s, h, i))
      add_advice(b, h, i);
  if (b->len == len)
    strbuf_string(b, "None.\n");
}

/* ---- report ---- */

static void add_hub(struct strbuf *b, const struct summary *s,
                    const struct hub_report *h) {
  char score[FORMAT_MAX];

  format_number(h->health.score, score);
  strbuf_string(b, "\n## Hub ");
  add_escaped(b, h->instance);
  if (h->health.grade == HEALTH_UNKNOWN)
    strbuf_string(b, ": score unknown\n\n");
  else
    strbuf_format(b, ": score %s of 100, %s\n\n", score,
                  health_grade_name(h->health.grade));
  add_reasons(b, &h->health);
  add_availability(b, h);
  add_incidents(b, s, h);
  add_figures(b, h);
  add_advices(b, s, h);
}

char *summary_report(const struct summary *s) {
  struct strbuf b = {0};
  char time[FORMAT_MAX];
  size_t i = 0;

  format_minute(s->wall, time);
  strbuf_string(&b, "# MCP hubs on ");
  add_escaped(&b, s->host);
  strbuf_format(&b, "\n\n%s, %zu hub%s.\n", time, s->hubs_num,
                plural(s->hubs_num));
  for (; i < s->hubs_num && b.len + SECTION_MAX < SUMMARY_REPORT_MAX; i++)
    add_hub(&b, s, &s->hubs[i]);
  if (i < s->hubs_num)
    strbuf_format(&b, "\nAnd %zu more hubs, for which there is no room here.\n",
                  s->hubs_num - i);
  if (b.failed) {
    strbuf_clear(&b);
    return NULL;
  }
  return b.text;
}
