/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "report/note_incident.h"
#include "report/summary.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WALL 1700000000.0 /* 2023-11-14 22:13:20 UTC */

/* clang-format off */
#define BAD_DAY \
  "# MCP hubs on hub-1\n" \
  "\n" \
  "2023-11-16 22:13, 1 hub.\n" \
  "\n" \
  "## Hub prod: score 51 of 100, fair\n" \
  "\n" \
  "- 30 points off: 1 server disconnected or dead\n" \
  "- 4 points off: 25 errors in the last 1000 log entries\n" \
  "- 15 points off: CPU 6 % is above 5 %\n" \
  "\n" \
  "Up for 100 % of the last hour and 99.652 % of the last 24 hours, as far as is known. Error budget left (objective 99.9 %): 0 %.\n" \
  "\n" \
  "### Incidents\n" \
  "\n" \
  "| Began | Lasted | Level | Rule | What |\n" \
  "|---|---|---|---|---|\n" \
  "| 2023-11-16 09:20 | 5 min 0 s | warning | hub\\_down | MCP hub prod on hub-1 does not answer |\n" \
  "| 2023-11-16 12:06 | 10 h 6 min, still open | warning | server\\_down | github on prod is disconnected (4) |\n" \
  "\n" \
  "### Figures since 2023-11-15 22:13\n" \
  "\n" \
  "| Figure | Now | Average | Worst | at | Average of the day before | Trend |\n" \
  "|---|---|---|---|---|---|---|\n" \
  "| response time | 4.2 ms | 4.2 ms | 4.2 ms | 2023-11-15 22:13 | 4.2 ms | steady |\n" \
  "| servers connected | 25 | 25.6 | 25 | 2023-11-16 12:07 | 26 | steady |\n" \
  "| servers disconnected | 1 | 0.4 | 1 | 2023-11-16 12:07 | 0 | up from 0 |\n" \
  "| servers dead | 0 | 0 | 0 | 2023-11-15 22:13 | 0 | steady |\n" \
  "| LLM success | 93 % | 93 % | 93 % | 2023-11-15 22:13 | 98 % | down 5 points |\n" \
  "| LLM latency, p95 | 2.5 s | 2.5 s | 2.5 s | 2023-11-15 22:13 | 800 ms | up 212 % |\n" \
  "| LLM cache hits | 80.5 % | 80.5 % | 80.5 % | 2023-11-15 22:13 | 80 % | steady |\n" \
  "| LLM queue | 0 | 0 | 61 | 2023-11-15 22:30 | 0 | up from 0 |\n" \
  "| circuit breaker | closed (0) | - | open (2) | 2023-11-15 22:46 | - | - |\n" \
  "| memory | 150 MiB | 150 MiB | 150 MiB | 2023-11-15 22:13 | 100 MiB | up 50 % |\n" \
  "| CPU | 6 % | 6 % | 6 % | 2023-11-15 22:13 | 2 % | up 4 points |\n" \
  "| memory of the machine | 1.25 % | 1.25 % | 1.25 % | 2023-11-15 22:13 | 1.25 % | steady |\n" \
  "| errors in the last 1000 log entries | 25 | 25 | 25 | 2023-11-15 22:13 | 0 | up from 0 |\n" \
  "\n" \
  "### Recommendations\n" \
  "\n" \
  "- The error budget is used up: change nothing that can wait until the cause of the downtime is known.\n" \
  "- servers disconnected, at worst 1: see the incidents for the server's name, then its `error` in the hub; disable what is not needed any more.\n" \
  "- circuit breaker, at worst open (2): the hub stopped asking its LLM for a while; check the provider's status, the key and its quota.\n" \
  "- LLM success, on average 93 %: LLM calls fail; look for time-outs and refused calls in the hub's log.\n" \
  "- LLM latency, p95, on average 2.5 s: the LLM answers slowly; consider a smaller model, a nearer provider or shorter prompts.\n" \
  "- LLM queue, at worst 61: calls waited for the LLM; allow more at once, or spread the load.\n" \
  "- CPU, on average 6 %: find out which server or client keeps the hub busy.\n" \
  "- memory, on average 150 MiB: memory grew since the day before; if that goes on it is a leak, and a restart frees it until then.\n" \
  "- errors in the last 1000 log entries, at worst 25: read the errors in the hub's log; the most frequent one first.\n"

#define QUIET \
  "# MCP hubs on hub-1\n" \
  "\n" \
  "2023-11-14 22:30, 1 hub.\n" \
  "\n" \
  "## Hub prod: score 100 of 100, excellent\n" \
  "\n" \
  "Up for 100 % of the last hour and 100 % of the last 24 hours, as far as is known. Error budget left (objective 99.9 %): 100 %.\n" \
  "\n" \
  "### Incidents\n" \
  "\n" \
  "None.\n" \
  "\n" \
  "### Figures since 2023-11-14 22:13\n" \
  "\n" \
  "| Figure | Now | Average | Worst | at | Average of the day before | Trend |\n" \
  "|---|---|---|---|---|---|---|\n" \
  "| servers disconnected | 0 | 0 | 0 | 2023-11-14 22:13 | unknown | - |\n" \
  "| servers dead | 0 | 0 | 0 | 2023-11-14 22:13 | unknown | - |\n" \
  "| CPU | 1 % | 1 % | 1 % | 2023-11-14 22:13 | unknown | - |\n" \
  "| memory of the machine | 1 % | 1 % | 1 % | 2023-11-14 22:13 | unknown | - |\n" \
  "| errors in the last 1000 log entries | 0 | 0 | 0 | 2023-11-14 22:13 | unknown | - |\n" \
  "\n" \
  "### Recommendations\n" \
  "\n" \
  "None.\n"

/* clang-format on */

/* The operators' thresholds. */
#define RULES                                                                  \
  "{\"warning\":{\"llm_success_rate\":0.95,\"p95_latency\":2000,"              \
  "\"cache_hit_rate\":0.8,\"queue_depth\":10,\"api_response_time\":2,"         \
  "\"cpu_percent\":5,\"memory_percent\":5,\"active_clients\":5,"               \
  "\"log_size_mb\":50}}"

static struct ruleset *rules;
static struct hub_stats_table *views;
static struct incidents *incidents;
static struct hub_stats *copied; /* what `hubs` borrows from */
static double now;               /* seconds since WALL as well */
static char *report;
static struct hub_report *hubs;
static const char *host;

static int begin(void **state) {
  char err[200];
  (void)state;
  setenv("TZ", "UTC", 1);
  tzset();
  now = 0;
  host = "hub-1";
  report = NULL;
  hubs = NULL;
  copied = NULL;
  rules = ruleset_parse(RULES, strlen(RULES), err, sizeof(err));
  views = hub_stats_table_create(1000);
  incidents = incidents_create(INCIDENTS_MAX);
  return rules != NULL && views != NULL && incidents != NULL ? 0 : -1;
}

static int end(void **state) {
  (void)state;
  free(report);
  free(hubs);
  free(copied);
  ruleset_destroy(rules);
  hub_stats_table_destroy(views);
  incidents_destroy(incidents);
  return 0;
}

static void say(const char *hub, const char *type, const char *instance,
                double value) {
  const struct series s = {host, "mcp_hub", hub, type, instance, "value"};
  const struct hub_stats_sample x = {
      .value = value, .interval = 10, .now = now, .wall = WALL + now};

  assert_int_equal(hub_stats_table_sample(views, &s, &x), 0);
}

static void incident(const char *hub, const char *rule_name,
                     const char *message, double since, double until) {
  char name[INCIDENT_NAME_MAX];
  struct rule rule = {.name = name};
  struct series s = {host,    "mcp_hub", hub, "mcp_server_state",
                     message, "value"};
  struct alert e = {.rule = &rule,
                    .rule_name = rule.name,
                    .series = s,
                    .level = ALERT_WARNING};

  snprintf(name, sizeof(name), "%s", rule_name);
  note_incident(incidents, &e, message, WALL + since, WALL + since);
  e.level = ALERT_OK;
  if (!isnan(until))
    note_incident(incidents, &e, message, WALL + since, WALL + until);
}

static struct summary summary(void) {
  struct summary s = {
      .host = host, .incidents = incidents, .rules = rules, .wall = WALL + now};

  hub_stats_table_count_alerts(views, incidents);
  free(hubs);
  free(copied);
  copied = hub_stats_table_copy(views, host, &s.hubs_num);
  hubs = hub_reports_of(copied, s.hubs_num, now);
  s.hubs = hubs;
  return s;
}

static const char *write_report(void) {
  struct summary s = summary();

  free(report);
  report = summary_report(&s);
  assert_non_null(report);
  return report;
}

static const char *write_notification(void) {
  static char buf[MESSAGE_MAX];
  struct summary s = summary();

  memset(buf, 'x', sizeof(buf));
  summary_message(&s, buf);
  assert_non_null(memchr(buf, '\0', sizeof(buf)));
  return buf;
}

static void fail_with(const char *got, const char *expected) {
  fprintf(stderr, "%s\n---- and not\n%s\n", got, expected);
  fail();
}

static void expect_report(const char *expected) {
  const char *got = write_report();

  if (strcmp(got, expected) != 0)
    fail_with(got, expected);
}

static void expect_in_report(const char *expected) {
  const char *got = write_report();

  if (strstr(got, expected) == NULL)
    fail_with(got, expected);
}

static void expect_not_in_report(const char *unexpected) {
  const char *got = write_report();

  if (strstr(got, unexpected) != NULL)
    fail_with(got, unexpected);
}

/* Two days of a hub, read every 10 s, the second a bad one. */
static void live_two_days(void) {
  for (int day = 0; day < 2; day++) {
    bool bad = day > 0;
    for (int i = 0; i < 8640; i++) {
      bool down = bad && i >= 4000 && i < 4030;
      now += 10;
      say("prod", "bool", "up", down ? 0 : 1);
      say("prod", "count", "log_errors_1000", bad ? 25 : 0);
      if (down)
        continue;
      say("prod", "response_time", "health", 0.0042);
      say("prod", "mcp_servers", "connected", bad && i > 5000 ? 25 : 26);
      say("prod", "mcp_servers", "disconnected", bad && i > 5000 ? 1 : 0);
      say("prod", "mcp_servers", "dead", 0);
      say("prod", "percent", "llm_success", bad ? 93 : 98);
      say("prod", "latency", "llm_p95", bad ? 2.5 : 0.8);
      say("prod", "cache_ratio", "llm", bad ? 80.5 : 80);
      say("prod", "queue_length", "llm", bad && i == 100 ? 61 : 0);
      say("prod", "mcp_breaker_state", "", bad && i == 200 ? 2 : 0);
      say("prod", "ps_rss", "hub", (bad ? 150 : 100) * 1048576.0);
      say("prod", "percent", "cpu", bad ? 6 : 2);
      say("prod", "percent", "memory", 1.25);
    }
    if (!bad)
      hub_stats_table_end_day(views, WALL + now);
  }
  incident("prod", "hub_down", "MCP hub prod on hub-1 does not answer", 126410,
           126710);
  incident("prod", "server_down", "github on prod is disconnected (4)", 136410,
           NAN);
}

static void a_bad_day_is_told(void **state) {
  (void)state;
  live_two_days();
  expect_report(BAD_DAY);
}

static void a_quiet_hub_has_a_short_report(void **state) {
  (void)state;
  for (int i = 0; i < 100; i++) {
    now += 10;
    say("prod", "bool", "up", 1);
    say("prod", "mcp_servers", "disconnected", 0);
    say("prod", "mcp_servers", "dead", 0);
    say("prod", "count", "log_errors_1000", 0);
    say("prod", "percent", "cpu", 1);
    say("prod", "percent", "memory", 1);
  }
  expect_report(QUIET);
}

static void hostile_names_are_no_markup(void **state) {
  const char *evil = "a|b*c_d`e<script>&lt;[x](http://evil) ![i](x) $x$ ~~s~~ "
                     "\\# www.evil w@evil {{x}}\n# top\x1B[31m\xFF";
  const char *tame =
      "a\\|b\\*c\\_d\\`e&lt;script\\>&amp;lt;\\[x\\](http\\://evil) "
      "\\!\\[i\\](x) \\$x\\$ \\~\\~s\\~\\~ \\\\\\# www\\.evil "
      "w`@`evil \\{\\{x\\}\\} \\# top \\[31m?";
  char line[1000];

  (void)state;
  host = evil;
  say(evil, "bool", "up", 1);
  incident(evil, evil, evil, 0, 5);
  snprintf(line, sizeof(line), "# MCP hubs on %s\n\n", tame);
  expect_in_report(line);
  snprintf(line, sizeof(line), "\n## Hub %s: score 100", tame);
  expect_in_report(line);
  snprintf(line, sizeof(line), " | warning | %s | %s |\n", tame, tame);
  expect_in_report(line);
  expect_not_in_report("<");
  expect_not_in_report("\x1B");
}

static void a_name_cannot_escape_by_its_last_character(void **state) {
  (void)state;
  say("x\\", "bool", "up", 1);
  incident("x\\", "r\\", "m\\", 0, 5);
  expect_in_report("## Hub x\\\\: score");
  expect_in_report("| r\\\\ | m\\\\ |\n");
}

static void the_latest_incidents_are_shown(void **state) {
  char name[16];

  (void)state;
  say("prod", "bool", "up", 1);
  for (int i = 0; i < 25; i++) {
    snprintf(name, sizeof(name), "s%02d", i);
    incident("prod", "r", name, i, i + 1);
  }
  incident("other", "r", "elsewhere", 30, 31);
  host = "hub-2";
  incident("prod", "r", "elsewhere", 30, 31);
  host = "hub-1";
  expect_in_report("The latest 20 of 25.\n");
  expect_not_in_report("| s04 |");
  expect_in_report("| s05 |");
  expect_in_report("| s24 |");
  expect_not_in_report("elsewhere");
}

static void a_report_has_a_bound(void **state) {
  char hub[HUB_STATS_NAME_MAX];
  char message[MESSAGE_MAX];

  (void)state;
  memset(message, '&', sizeof(message) - 1);
  message[sizeof(message) - 1] = '\0';
  for (int i = 0; i < 40; i++) {
    memset(hub, '&', sizeof(hub));
    snprintf(hub + 120, sizeof(hub) - 120, "%03d", i);
    for (int k = 0; k < 25; k++) {
      snprintf(message, 4, "%03d", k);
      incident(hub, hub, message, k, NAN);
    }
    for (int k = 0; k < HUB_STATS_FIGURES; k++) {
      const struct metric_row *row = hub_stats_metric((enum hub_stats_figure)k);
      say(hub, row->type, row->instance,
          row->worst == METRIC_WORST_LOW ? -1.2345e-300 : 1.2345e300);
    }
  }
  assert_in_range(strlen(write_report()), SUMMARY_REPORT_MAX / 2,
                  SUMMARY_REPORT_MAX);
  expect_in_report(" more hubs, for which there is no room here.\n");
}

static void each_advice_has_its_condition(void **state) {
  static const struct {
    const char *type;
    const char *instance;
    double fine;
    double bad;
    const char *line;
  } cases[] = {
      {"mcp_servers", "dead", 0, 1, "servers dead, at worst 1: the process"},
      {"mcp_servers", "disconnected", 0, 2,
       "servers disconnected, at worst 2: see"},
      {"mcp_servers", "unauthorized", 0, 1,
       "servers unauthorized, at worst 1: a server waits"},
      {"mcp_breaker_state", "", 1, 2,
       "circuit breaker, at worst open (2): the hub stopped"},
      {"percent", "llm_success", 95, 94.9,
       "LLM success, on average 94.9 %: LLM calls fail"},
      {"latency", "llm_p95", 2, 2.01,
       "LLM latency, p95, on average 2.01 s: the LLM answers"},
      {"cache_ratio", "llm", 80, 79,
       "LLM cache hits, on average 79 %: few answers"},
      {"queue_length", "llm", 10, 11, "LLM queue, at worst 11: calls waited"},
      {"response_time", "health", 2, 2.5,
       "response time, on average 2.5 s: the hub itself"},
      {"percent", "cpu", 5, 5.5, "CPU, on average 5.5 %: find out"},
      {"percent", "memory", 5, 6,
       "memory of the machine, on average 6 %: the hub takes"},
      {"current_connections", "mcp", 5, 6, "MCP clients, at worst 6: more"},
      {"count", "log_errors_1000", 9, 10,
       "errors in the last 1000 log entries, at worst 10: read"},
      {"file_size", "log", 50 * 1048576.0, 51 * 1048576.0,
       "log file, at worst 51 MiB: have"},
  };

  (void)state;
  for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
    end(NULL);
    begin(NULL);
    say("prod", cases[i].type, cases[i].instance, cases[i].fine);
    expect_in_report("### Recommendations\n\nNone.\n");
    end(NULL);
    begin(NULL);
    say("prod", cases[i].type, cases[i].instance, cases[i].bad);
    expect_in_report(cases[i].line);
  }
}

static void advice_judges_by_the_rules_in_force(void **state) {
  static const char text[] =
      "{\"warning\":{\"p95_latency\":500},\"info\":{\"queue_depth\":10}}";
  char err[200];

  (void)state;
  ruleset_destroy(rules);
  rules = ruleset_parse(text, strlen(text), err, sizeof(err));
  say("prod", "latency", "llm_p95", 0.8);
  say("prod", "percent", "cpu", 99);       /* no rule */
  say("prod", "queue_length", "llm", 100); /* only info */
  expect_in_report("### Recommendations\n\n- LLM latency, p95, on average 800 "
                   "ms: the LLM answers slowly; consider a smaller model, a "
                   "nearer provider or shorter prompts.\n");
  expect_not_in_report("find out");
  expect_not_in_report("calls waited");
}

static void memory_that_grows_from_day_to_day_is_advised(void **state) {
  (void)state;
  say("prod", "ps_rss", "hub", 100 * 1048576.0);
  hub_stats_table_end_day(views, WALL);
  say("prod", "ps_rss", "hub", 120 * 1048576.0);
  expect_not_in_report("memory grew");
  say("prod", "ps_rss", "hub", 124 * 1048576.0);
  expect_in_report("- memory, on average 122 MiB: memory grew");
}

static void trend(double before, double after, const char *type,
                  const char *instance, const char *expected) {
  char end_of_row[64];

  end(NULL);
  begin(NULL);
  say("prod", type, instance, before);
  hub_stats_table_end_day(views, WALL);
  say("prod", type, instance, after);
  snprintf(end_of_row, sizeof(end_of_row), "| %s |\n", expected);
  expect_in_report(end_of_row);
}

static void trends_are_in_percent_or_points(void **state) {
  (void)state;
  trend(10, 12, "queue_length", "llm", "up 20 %");
  trend(10, 5, "queue_length", "llm", "down 50 %");
  trend(100, 104, "queue_length", "llm", "steady");
  trend(0, 0, "queue_length", "llm", "steady");
  trend(0, 3, "queue_length", "llm", "up from 0");
  trend(90, 92.5, "percent", "llm_success", "up 2.5 points");
  trend(90, 90.5, "percent", "llm_success", "steady");
  trend(90, 80, "cache_ratio", "llm", "down 10 points");
  trend(0, 2, "mcp_breaker_state", "", "-");
}

static void values_have_their_unit(void **state) {
  static const struct {
    const char *type;
    const char *instance;
    double value;
    const char *shown;
  } cases[] = {
      {"response_time", "health", 0.0126, "| response time | 13 ms |"},
      {"response_time", "health", 1.257, "| response time | 1.26 s |"},
      {"response_time", "health", 75, "| response time | 1 min 15 s |"},
      {"queue_length", "llm", 3, "| LLM queue | 3 |"},
      {"cache_ratio", "llm", 81.23, "| LLM cache hits | 81.23 % |"},
      {"percent", "cpu", 0.126, "| CPU | 0.13 % |"},
      {"ps_rss", "hub", 1e8, "| memory | 95.4 MiB |"},
      {"mcp_breaker_state", "", 1, "| circuit breaker | half-open (1) |"},
      {"mcp_breaker_state", "", 7, "| circuit breaker | 7 |"},
  };

  (void)state;
  for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
    say("prod", cases[i].type, cases[i].instance, cases[i].value);
    expect_in_report(cases[i].shown);
  }
  now += 60;
  expect_in_report("| LLM queue | unknown | 3 | 3 |");
}

/* A clock may be wrong, a file damaged. */
static void a_time_without_a_date_is_unknown(void **state) {
  static const struct {
    double wall;
    const char *shown;
  } cases[] = {
      {-1, "\n\nunknown, 0 hubs."},
      {0, "\n\n1970-01-01 00:00, 0 hubs."},
      {253402300799, "\n\n9999-12-31 23:59, 0 hubs."},
      {253402300800, "\n\nunknown, 0 hubs."},
      {(double)NAN, "\n\nunknown, 0 hubs."},
  };

  (void)state;
  for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
    now = cases[i].wall - WALL;
    expect_in_report(cases[i].shown);
  }
}

static void what_was_not_all_up_is_never_100(void **state) {
  (void)state;
  for (int i = 0; i < 8640; i++) {
    now += 10;
    say("prod", "bool", "up", 1);
  }
  for (int i = 0; i < 10; i++) {
    now += 0.05;
    say("prod", "bool", "up", 0);
  }
  expect_in_report("99.999 % of the last 24 hours");
}

static void a_hub_of_which_nothing_is_known_says_so(void **state) {
  (void)state;
  say("prod", "bool", "up", NAN);
  expect_in_report("## Hub prod: score unknown\n");
  expect_in_report("Up for unknown of the last hour");
  expect_in_report("Nothing was heard of this hub.\n");
  assert_string_equal(write_notification(),
                      "MCP hub prod on hub-1: score unknown, up for unknown of "
                      "24 h; 0 incidents, 0 open");
}

static void a_host_without_hubs_says_so(void **state) {
  (void)state;
  expect_report("# MCP hubs on hub-1\n\n2023-11-14 22:13, 0 hubs.\n");
  assert_string_equal(write_notification(), "No MCP hub is known on hub-1");
}

static void a_notice_tells_of_one_hub(void **state) {
  (void)state;
  live_two_days();
  assert_string_equal(
      write_notification(),
      "MCP hub prod on hub-1: score 51 (fair: 1 server disconnected or dead), "
      "up for 99.652 % of 24 h; 2 incidents, 1 open");
}

static void a_notice_of_many_names_the_lowest(void **state) {
  (void)state;
  say("a", "bool", "up", 1);
  say("b", "bool", "up", 0);
  say("c", "bool", "up", NAN);
  incident("a", "r", "m", 0, 5);
  assert_string_equal(
      write_notification(),
      "3 MCP hubs on hub-1, the lowest is b: score 50 (fair: the hub is down), "
      "up for 0 % of 24 h; 1 incident, 0 open");
}

static void a_hub_without_score_is_not_the_lowest(void **state) {
  (void)state;
  say("a", "bool", "up", NAN);
  say("b", "bool", "up", 1);
  assert_non_null(strstr(write_notification(), "the lowest is b: score 100"));
}

static void a_notice_fits(void **state) {
  char name[HUB_STATS_NAME_MAX];
  const char *notification = NULL;

  (void)state;
  memset(name, '\x1B', sizeof(name));
  name[sizeof(name) - 1] = '\0';
  host = name;
  for (int i = 0; i < 100; i++) {
    snprintf(name + 100, sizeof(name) - 100, "%020d", i);
    say(name, "count", "log_errors_1000", 999.999);
  }
  notification = write_notification();
  assert_in_range(strlen(notification), 150, 255);
  assert_null(strchr(notification, '\x1B'));
  assert_non_null(strstr(notification, "0 incidents, 0 open"));
}

static void scribble(void *bytes, size_t size, unsigned *seed) {
  int times = rand_r(seed) % 3;

  for (int i = 0; i < times; i++)
    ((unsigned char *)bytes)[(unsigned)rand_r(seed) % size] =
        (unsigned char)rand_r(seed);
}

static void a_damaged_file_makes_no_broken_report(void **state) {
  struct hub_stats kept;
  struct serializer incident_bytes = {0};
  unsigned seed = 1;
  int taken = 0;

  (void)state;
  live_two_days();
  kept = *hub_stats_table_find(views, "hub-1", "prod");
  incidents_save(incidents, &incident_bytes);
  for (int i = 0; i < 3000; i++) {
    struct hub_stats view = kept;
    unsigned char bytes[4096];
    struct deserializer in = {
        .at = bytes, .left = incidents_saved_size() + sizeof(uint64_t)};
    uint64_t one = 1;
    end(NULL);
    begin(NULL);
    scribble(&view, sizeof(view), &seed);
    memcpy(bytes, incident_bytes.data, in.left);
    scribble(bytes, in.left, &seed);
    memcpy(bytes, &one, sizeof(one));
    host = view.host;
    if (hub_stats_table_restore(views, &view, 60, now) != 0)
      continue;
    taken++;
    incidents_load(incidents, &in);
    say(view.instance, "percent", "cpu", 3);
    now += 20;
    say(view.instance, "bool", "up", 1);
    hub_stats_table_end_day(views, WALL);
    expect_not_in_report("\n\n\n");
    assert_int_equal(strncmp(write_report(), "# MCP hubs on ", 14), 0);
    write_notification();
  }
  free(incident_bytes.data);
  assert_in_range(taken, 1000, 3000);
  host = "hub-1";
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(a_bad_day_is_told),
      TEST(a_quiet_hub_has_a_short_report),
      TEST(hostile_names_are_no_markup),
      TEST(a_name_cannot_escape_by_its_last_character),
      TEST(the_latest_incidents_are_shown),
      TEST(a_report_has_a_bound),
      TEST(each_advice_has_its_condition),
      TEST(advice_judges_by_the_rules_in_force),
      TEST(memory_that_grows_from_day_to_day_is_advised),
      TEST(trends_are_in_percent_or_points),
      TEST(values_have_their_unit),
      TEST(a_time_without_a_date_is_unknown),
      TEST(what_was_not_all_up_is_never_100),
      TEST(a_hub_of_which_nothing_is_known_says_so),
      TEST(a_host_without_hubs_says_so),
      TEST(a_notice_tells_of_one_hub),
      TEST(a_notice_of_many_names_the_lowest),
      TEST(a_hub_without_score_is_not_the_lowest),
      TEST(a_damaged_file_makes_no_broken_report),
      TEST(a_notice_fits),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
