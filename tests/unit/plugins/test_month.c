/* SPDX-License-Identifier: MIT */
/* A month in the life of a hub and of all that looks at it: reader, engine,
 * notifier, what is remembered for reports, and the state file, with restarts
 * on some days. Days are alike but for one server that is new each day. So
 * after each of them as much is allocated as after the third, and as many
 * notices were told as the timetable below says. */
#include "unit.h"

#include "hub/poller.h"

#include "report/daily_time.h"
#include "report/hub_report.h"
#include "report/note_incident.h"
#include "report/state_file.h"
#include "report/summary.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifdef __SANITIZE_ADDRESS__
size_t __sanitizer_get_current_allocated_bytes(void);
#define heap_now __sanitizer_get_current_allocated_bytes
#define DAYS 5
#else
#include "heap.h"
#define DAYS 30
#endif

#define HUBS 1
#define INTERVAL 10
#define MONDAY 1772409600 /* 2026-03-02, midnight UTC */
#define DAY 86400
#define HOUR 3600
#define AT(h, m) ((h)*HOUR + (m)*60)
#define AWAY 25          /* seconds that a restart takes */
#define JUDGED AT(0, 30) /* when the day before is looked back upon */
#define SLACK 1024 /* bytes; some blocks are a few larger than asked for */
#define SETTLED 3  /* days */

#define RULES                                                                  \
  "{\"settings\": {\"group_wait\": \"0s\"}, \"rules\": ["                      \
  "{\"name\": \"llm\", \"metric\": \"*/*/percent-llm_success_recent\","        \
  " \"op\": \"<\", \"warning\": 95, \"for\": \"5m\", \"clear_for\": \"5m\"},"  \
  "{\"name\": \"busy\", \"metric\": \"*/*/current_connections-mcp\","          \
  " \"op\": \">\", \"warning\": 5},"                                           \
  "{\"name\": \"never1\", \"metric\": \"*/*/latency-llm_p95\", \"function\":"  \
  " \"percentile\", \"window\": \"1h\", \"rank\": 95, \"op\": \">\","          \
  " \"warning\": 100},"                                                        \
  "{\"name\": \"never2\", \"metric\": \"*/*/bytes-llm_cache\", \"function\":"  \
  " \"leak\", \"window\": \"30m\", \"warning\": 1e12},"                        \
  "{\"name\": \"never3\", \"metric\": \"*/*/mcp_server_restarts-*\","          \
  " \"function\": \"delta\", \"window\": \"10m\", \"op\": \">\","              \
  " \"warning\": 100},"                                                        \
  "{\"name\": \"never4\", \"metric\": \"*/*/mcp_server_state-*\","             \
  " \"function\": \"flaps\", \"window\": \"10m\", \"op\": \">\","              \
  " \"warning\": 1000},"                                                       \
  "{\"name\": \"never5\", \"metric\": \"*/*/uptime-*\", \"function\": "        \
  "\"avg\","                                                                   \
  " \"window\": \"1h\", \"op\": \">\", \"warning\": 1e12},"                    \
  "{\"name\": \"never6\", \"metric\": \"*/df-*/percent-*\", \"op\": \">\","    \
  " \"warning\": 100},"                                                        \
  "{\"name\": \"odd\", \"metric\": \"*/*/latency-llm_p95\", \"function\":"     \
  " \"anomaly\", \"severity\": \"info\"}"
#define PASSING                                                                \
  ",{\"name\": \"passing\", \"metric\": \"*/*/bool-up\", \"op\": \"==\","      \
  " \"warning\": 1}"

/* What a day brings each hub, and what is to be told of it. */
static const struct plan {
  const char *rule;
  unsigned firing;
  unsigned resolved;
  unsigned flapping;
} plans[] = {
    {"hub_down", 1, 1, 0},    /* 3:00 to 3:05, with a restart */
    {"server_dead", 1, 1, 0}, /* 6:00 to 6:10 */
    {"server_down", 2, 2, 0}, /* 9:00 to 9:05; the day's server at its end */
    {"llm", 1, 1, 0},         /* 20:00 to 20:30 */
    {"busy", 2, 3, 1},        /* 15:00 to 15:20, every half minute */
    {"passing", 2, 2, 0},     /* in force 1:00 to 2:00, 13:00 to 14:00 */
};
#define PLANS (sizeof(plans) / sizeof(plans[0]))

struct hub {
  char name[16];
  struct poller *reader;
  long calls;
  long successes;
};

static struct month {
  double now;  /* since MONDAY */
  double back; /* from a restart */
  struct alert_memory memory;
  struct hub hubs[HUBS];
  struct plan notified[PLANS];
  unsigned others; /* notices of no plan */
  size_t reports;
  double summary_due;
} month;

static int day(void) { return (int)(month.now / DAY); }
static double hour_now(void) { return fmod(month.now, DAY); }
static double wall(void) { return MONDAY + month.now; }
static bool restarts(void) { return day() % 10 < 2; }
static bool between(double from, double to) {
  return hour_now() >= from && hour_now() < to;
}

/* ---- what is told ---- */

static void count(const struct alert *event) {
  for (size_t i = 0; i < PLANS; i++) {
    if (strcmp(plans[i].rule, event->rule_name) != 0)
      continue;
    month.notified[i].flapping += event->reason == ALERT_FLAPPING;
    if (event->reason != ALERT_FLAPPING) {
      month.notified[i].firing += event->level != ALERT_OK;
      month.notified[i].resolved += event->level == ALERT_OK;
    }
    return;
  }
  month.others++;
}

static int on_tell(void *arg, const struct alert *events, size_t num) {
  (void)arg;
  for (size_t i = 0; i < num; i++) {
    char message[MESSAGE_MAX];
    message_format(&events[i], 1, (time_t)(MONDAY + events[i].since), message);
    if (events[i].reason != ALERT_FLAPPING)
      note_incident(month.memory.incidents, &events[i], message,
                    MONDAY + events[i].since, wall());
    count(&events[i]);
  }
  return 0;
}

static void on_event(void *arg, const struct alert *event) {
  (void)arg;
  dispatcher_event(month.memory.notifier, event);
}

/* ---- the hub ---- */

static int write_server(char *text, size_t size, const char *name,
                        const char *status, int uptime) {
  return snprintf(text, size,
                  "{\"name\":\"%s\",\"transportType\":\"stdio\",\"status\":"
                  "\"%s\",\"uptime\":%d,\"lastStarted\":"
                  "\"2026-03-01T12:00:00.000Z\",\"capabilities\":{\"tools\":"
                  "[1,2,3],\"resources\":[],\"resourceTemplates\":[],"
                  "\"prompts\":[]}}",
                  name, status, uptime);
}

static size_t write_health(char *text, size_t size) {
  char today[16], servers[2][512];
  bool busy = between(AT(15, 0), AT(15, 20)) && (int)month.now / 30 % 2 == 0;
  bool down = between(AT(9, 0), AT(9, 5)) || between(AT(12, 0), AT(12, 1));
  snprintf(today, sizeof(today), "new-%03d", day());
  write_server(servers[0], sizeof(servers[0]), "lasting",
               down ? "disconnected" : "connected",
               between(AT(6, 0), AT(6, 10)) ? 0 : 900);
  write_server(servers[1], sizeof(servers[1]), today,
               between(AT(23, 50), DAY) ? "disconnected" : "connected", 900);
  return (size_t)snprintf(
      text, size,
      "{\"state\":\"ready\",\"activeClients\":1,\"servers\":[%s,%s],"
      "\"mcpEndpoint\":{\"activeClients\":%d}}",
      servers[0], servers[1], busy ? 6 : 2);
}

static size_t write_filtering(struct hub *hub, char *text, size_t size) {
  bool failing = between(AT(20, 0), AT(20, 30));
  double swing = sin(2 * M_PI * hour_now() / DAY);
  hub->calls += 10;
  hub->successes += failing ? 8 : 10;
  return (size_t)snprintf(
      text, size,
      "{\"enabled\":true,\"llm\":{\"totalCalls\":%ld,\"successfulCalls\":%ld,"
      "\"failedCalls\":%ld,\"p95Latency\":%.0f},\"llmCache\":"
      "{\"memoryUsageBytes\":%.0f}}",
      hub->calls, hub->successes, hub->calls - hub->successes,
      1000 + 200 * swing, 1e6 + 1e5 * swing);
}

static void take_series(const struct series *s, const struct hub_value *m) {
  struct sample x = {.time = wall(), .interval = INTERVAL};
  x.kind = m->kind == METRIC_KIND_GAUGE ? SAMPLE_GAUGE : SAMPLE_DERIVE;
  if (m->kind == METRIC_KIND_GAUGE)
    x.value.gauge = m->gauge;
  else
    x.value.derive = m->derive[0];
  assert_int_equal(engine_sample(month.memory.engine, s, &x, month.now), 0);
  if (m->kind != METRIC_KIND_GAUGE)
    return;
  const struct hub_stats_sample seen = {.value = m->gauge,
                                        .interval = INTERVAL,
                                        .now = month.now,
                                        .wall = wall()};
  assert_int_equal(hub_stats_table_sample(month.memory.hubs, s, &seen), 0);
}

static void take_value(void *arg, const struct hub_value *m) {
  const struct hub *hub = arg;
  const struct series s = {"h",     "mcp_hub",   hub->name,
                           m->type, m->instance, "value"};
  take_series(&s, m);
}

/* One value that a rule wants, and one that none does. */
static void read_passers_by(void) {
  char name[16];
  struct hub visitor;
  const struct hub_value up = {"bool", "up", METRIC_KIND_GAUGE, .gauge = 1};
  const struct hub_value state = {"mcp_hub_state", "", METRIC_KIND_GAUGE,
                                  .gauge = 0};
  const struct hub_value full = {"percent", "used", METRIC_KIND_GAUGE,
                                 .gauge = 50};
  const struct hub_value size = {"size", "all", METRIC_KIND_GAUGE,
                                 .gauge = 1e9};
  snprintf(visitor.name, sizeof(visitor.name), "visitor-%03d", day());
  snprintf(name, sizeof(name), "disk-%03d", day());
  const struct series s[] = {
      {"h", "df", name, full.type, full.instance, "value"},
      {"h", "df", name, size.type, size.instance, "value"}};
  if (between(AT(4, 0), AT(5, 0))) {
    take_value(&visitor, &up);
    take_value(&visitor, &state);
  }
  if (between(AT(10, 0), AT(11, 0))) {
    take_series(&s[0], &full);
    take_series(&s[1], &size);
  }
}

static void read_hub(struct hub *hub) {
  static const struct http_result good = {HTTP_OK, 200, 0.25, 0, ""};
  static const struct http_result bad = {HTTP_CONNECT, 0, 0.25, 0, "gone"};
  char body[2048];
  const char *path = poller_begin(hub->reader, month.now, wall());
  bool down = between(AT(3, 0), AT(3, 5));
  while (path != NULL) {
    bool health = strcmp(path, "/api/health") == 0;
    size_t len = health ? write_health(body, sizeof(body))
                        : write_filtering(hub, body, sizeof(body));
    if (!down)
      assert_int_equal(poller_data(hub->reader, body, len), 0);
    path = poller_done(hub->reader, down ? &bad : &good, month.now);
  }
  poller_emit(hub->reader, take_value, hub);
}

/* ---- who looks at it ---- */

static void ignore(void *arg, enum remark_level level, const char *text) {
  (void)arg;
  (void)level;
  (void)text;
}

static void use_rules(bool passing) {
  char text[4096], err[256] = "";
  int len =
      snprintf(text, sizeof(text), "%s%s]}", RULES, passing ? PASSING : "");
  struct ruleset *set = ruleset_parse(text, (size_t)len, err, sizeof(err));
  if (set == NULL)
    fail_msg("%s", err);
  engine_set_rules(month.memory.engine, set, month.now);
  dispatcher_set_rules(month.memory.notifier, set, month.now);
}

static void create_memory(void) {
  month.memory.engine = engine_create(10000, on_event, NULL);
  month.memory.notifier = dispatcher_create(1000, on_tell, NULL);
  month.memory.hubs = hub_stats_table_create(10);
  month.memory.incidents = incidents_create(INCIDENTS_MAX);
  use_rules(false);
}

static void destroy_memory(void) {
  engine_destroy(month.memory.engine);
  dispatcher_destroy(month.memory.notifier);
  hub_stats_table_destroy(month.memory.hubs);
  incidents_destroy(month.memory.incidents);
}

static void restart(void) {
  struct serializer out = {0};
  double now = 0, then = 0;
  char err[256] = "";
  assert_int_equal(state_file_write(&month.memory, month.now, wall(), &out), 0);
  state_file_seal(&out);
  destroy_memory();
  month.now += AWAY;
  create_memory();
  assert_int_equal(
      state_file_check(out.data, out.len, &now, &then, err, sizeof(err)), 0);
  assert_int_equal(
      state_file_read(&month.memory, out.data, out.len, AWAY, month.now), 0);
  free(out.data);
  month.back = month.now;
  month.now -= AWAY;
}

static void sum_up(void) {
  size_t num = 0;
  struct hub_stats *views = hub_stats_table_copy(month.memory.hubs, NULL, &num);
  struct hub_report *days = hub_reports_of(views, num, month.now);
  const struct summary s = {.host = "h",
                            .hubs = days,
                            .hubs_num = num,
                            .incidents = month.memory.incidents,
                            .rules = engine_rules(month.memory.engine),
                            .wall = wall()};
  char line[MESSAGE_MAX];
  assert_int_equal(num, HUBS + 1); /* and the day's visitor */
  summary_message(&s, line);
  char *report = summary_report(&s);
  assert_non_null(strstr(report, day() > 0 ? "day before" : "Hub"));
  month.reports++;
  free(report);
  free(days);
  free(views);
  hub_stats_table_end_day(month.memory.hubs, wall());
}

static void tick(void) {
  engine_tick(month.memory.engine, month.now);
  dispatcher_tick(month.memory.notifier, month.now, wall());
  dispatcher_delivered(month.memory.notifier);
  incidents_expire(month.memory.incidents, wall());
  hub_stats_table_count_alerts(month.memory.hubs, month.memory.incidents);
  hub_stats_table_tick(month.memory.hubs, month.now);
  if (month.summary_due > 0 && wall() >= month.summary_due)
    sum_up();
  month.summary_due = daily_time_next(8, 0, wall());
}

/* ---- looking back ---- */

static void expect_plans(int days) {
  for (size_t i = 0; i < PLANS; i++) {
    const struct plan *p = &plans[i], *t = &month.notified[i];
    unsigned times = (unsigned)days * HUBS;
    if (t->firing != p->firing * times || t->resolved != p->resolved * times ||
        t->flapping != p->flapping * times)
      fail_msg("%s, after %d days: %u firing, %u resolved, %u flapping",
               p->rule, days, t->firing, t->resolved, t->flapping);
  }
  assert_int_equal(month.others, 0);
}

static void expect_no_growth(int days) {
  static size_t settled, series;
  size_t held = heap_now();
  size_t known = engine_series_count(month.memory.engine);
  if (days == SETTLED) {
    settled = held;
    series = known;
  }
  if (days < SETTLED)
    return;
  if (days == SETTLED || days == DAYS)
    print_message("after %d days: %zu bytes, %zu series\n", days, held, known);
  assert_int_equal(known, series);
  if (held > settled + SLACK)
    fail_msg("after %d days %zu bytes are allocated, after %d %zu", days, held,
             SETTLED, settled);
}

static void live_a_round(void) {
  double t = hour_now();
  if (t == AT(1, 0) || t == AT(2, 0) || t == AT(13, 0) || t == AT(14, 0))
    use_rules(t == AT(1, 0) || t == AT(13, 0));
  if (restarts() && (t == AT(3, 2) || t == AT(18, 0)))
    restart();
  if (month.now >= month.back) {
    for (int i = 0; i < HUBS; i++)
      read_hub(&month.hubs[i]);
    read_passers_by();
    tick();
  }
  if (t == JUDGED && day() > 0) {
    expect_plans(day());
    expect_no_growth(day());
  }
}

static void
a_day_leaves_nothing_behind_and_is_told_as_the_days_before(void **state) {
  (void)state;
  create_memory();
  for (int i = 0; i < HUBS; i++) {
    struct hub *hub = &month.hubs[i];
    snprintf(hub->name, sizeof(hub->name), "hub-%d", i);
    const struct poller_settings settings = {.name = hub->name,
                                             .url = "http://127.0.0.1:7000",
                                             .timeout = 5,
                                             .min_calls = 10,
                                             .max_servers = 200,
                                             .remark = ignore};
    hub->reader = poller_create(&settings);
  }
  for (; month.now <= (double)DAYS * DAY + JUDGED; month.now += INTERVAL)
    live_a_round();
  assert_int_equal(month.reports, DAYS);
  for (int i = 0; i < HUBS; i++)
    poller_destroy(month.hubs[i].reader);
  destroy_memory();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(
          a_day_leaves_nothing_behind_and_is_told_as_the_days_before),
  };
  setenv("TZ", "UTC", 1);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
