/* SPDX-License-Identifier: MIT */
/* The installed alerts.json: each rule fires and ends where it should, and a
 * healthy week is silent. */
#include "unit.h"

#include "notify/dispatcher.h"
#include "notify/message.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INTERVAL 10.0
#define MIN 60.0
#define HOUR (60 * MIN)
#define DAY (24 * HOUR)
#define MIB 1048576.0
#define EPOCH 1.8e9

/* ------------------------------------------------------------- the values */

struct figure { /* a series as mcp_hub dispatches it */
  const char *type;
  const char *instance;
  enum sample_kind kind;
  double value; /* NaN: not dispatched */
};

#define GAUGE(type, instance, value)                                           \
  { type, instance, SAMPLE_GAUGE, value }
#define COUNTS(type, instance)                                                 \
  { type, instance, SAMPLE_DERIVE, 0 }
#define SERVER(name)                                                           \
  GAUGE("mcp_server_state", name, 0), GAUGE("uptime", name, 90000),            \
      GAUGE("mcp_server_tools", name, 12),                                     \
      GAUGE("mcp_server_resources", name, 1),                                  \
      GAUGE("mcp_server_resource_templates", name, 0),                         \
      GAUGE("mcp_server_prompts", name, 0),                                    \
      COUNTS("mcp_server_restarts", name), COUNTS("transitions", name),        \
      GAUGE("ps_rss", name, 60 * MIB)

static const struct figure sound[] = {
    GAUGE("bool", "up", 1),
    GAUGE("mcp_hub_state", "", 0),
    GAUGE("uptime", "hub", 90000),
    GAUGE("response_time", "health", 0.004),
    GAUGE("response_time", "filtering", 0.002),
    COUNTS("errors", "connect"),
    COUNTS("errors", "timeout"),
    COUNTS("errors", "http"),
    COUNTS("errors", "tls"),
    COUNTS("errors", "parse"),
    COUNTS("errors", "oversize"),
    GAUGE("current_connections", "mcp", 2),
    GAUGE("current_connections", "events", 1),
    GAUGE("mcp_workspaces", "active", 1),
    GAUGE("mcp_workspaces", "shutting_down", 0),
    GAUGE("mcp_capabilities", "tools", 60),
    GAUGE("bool", "filtering", 1),
    GAUGE("mcp_tools", "total", 60),
    GAUGE("mcp_tools", "exposed", 20),
    GAUGE("mcp_tools", "filtered", 40),
    GAUGE("percent", "filtered", 67),
    GAUGE("objects", "llm_cache", 300),
    GAUGE("bytes", "llm_cache", 100000),
    COUNTS("cache_result", "llm_hit"),
    COUNTS("cache_result", "llm_miss"),
    GAUGE("cache_ratio", "llm", 90),
    GAUGE("cache_ratio", "llm_recent", 90),
    GAUGE("percent", "llm_success", 99),
    GAUGE("percent", "llm_success_recent", 99),
    GAUGE("latency", "llm_average", 0.6),
    GAUGE("latency", "llm_p50", 0.5),
    GAUGE("latency", "llm_p95", 0.9),
    GAUGE("latency", "llm_p99", 1.4),
    COUNTS("total_requests", "llm"),
    COUNTS("total_operations", "llm_success"),
    COUNTS("total_operations", "llm_failed"),
    COUNTS("total_operations", "llm_timeout"),
    COUNTS("total_operations", "llm_retry"),
    COUNTS("total_operations", "llm_fallback"),
    GAUGE("queue_length", "llm", 1),
    GAUGE("mcp_breaker_state", "", 0),
    GAUGE("count", "breaker_failures", 0),
    COUNTS("total_events", "breaker_trips"),
    GAUGE("ps_rss", "hub", 150 * MIB),
    GAUGE("percent", "cpu", 2),
    GAUGE("percent", "memory", 2),
    GAUGE("threads", "hub", 11),
    GAUGE("file_handles", "hub", 40),
    GAUGE("file_size", "log", 2 * MIB),
    COUNTS("mcp_log_entries", "error"),
    COUNTS("mcp_log_entries", "info"),
    GAUGE("count", "log_errors_100", 1),
    GAUGE("count", "log_errors_1000", 5),
    COUNTS("total_events", "connect"),
    COUNTS("total_events", "disconnect"),
    COUNTS("total_events", "llm_error"),
    GAUGE("mcp_servers", "connected", 5),
    GAUGE("mcp_servers", "connecting", 0),
    GAUGE("mcp_servers", "disconnected", 0),
    GAUGE("mcp_servers", "dead", 0),
    GAUGE("mcp_servers", "total", 5),
    GAUGE("percent", "servers_connected", 100),
    GAUGE("percent", "servers_down", 0),
    SERVER("files"),
    SERVER("github"),
    SERVER("memory"),
    SERVER("search"),
    SERVER("web"),
};

static const char *const servers[] = {"files", "github", "memory", "search",
                                      "web"};

#define FIGURES (sizeof(sound) / sizeof(*sound))
#define SERVERS (sizeof(servers) / sizeof(*servers))

/* -------------------------------------------------------------- the stage */

#define TOLD_MAX 64

struct notified {
  const char *rule;
  enum alert_level level;
  double now;
};

static struct ruleset *rules; /* also of the engine, the notifier */
static struct engine *engine;
static struct dispatcher *notifier;
static struct figure hub[FIGURES];
static double now;
static struct notified notified[TOLD_MAX];
static size_t told_num;

static int note(void *arg, const struct alert *events, size_t num) {
  char message[MESSAGE_MAX];

  (void)arg;
  assert_true(told_num < TOLD_MAX);
  notified[told_num++] =
      (struct notified){events->rule_name, events->level, now};
  message_format(events, num, (time_t)(EPOCH + events->since), message);
  assert_non_null(strstr(message, "prod"));
  assert_null(strchr(message, '{'));
  return 0;
}

static void pass_on(void *arg, const struct alert *event) {
  (void)arg;
  dispatcher_event(notifier, event);
}

static char *file_text(const char *path) {
  FILE *file = fopen(path, "re");
  char *text = calloc(1, RULESET_MAX_BYTES + 1);

  if (file == NULL || text == NULL)
    fail_msg("%s is not readable", path);
  assert_true(fread(text, 1, RULESET_MAX_BYTES, file) > 0);
  fclose(file);
  return text;
}

/* Those of the file, the ones that it switches off included. */
static struct ruleset *shipped(void) {
  static const char off[] = "\"enabled\": false";
  char *text = file_text(SHIPPED_RULES);
  char err[700] = "";
  struct ruleset *set = NULL;

  for (char *at = text; (at = strstr(at, off)) != NULL;)
    memcpy(at, "\"enabled\": true ", sizeof(off) - 1);
  set = ruleset_parse(text, strlen(text), err, sizeof(err));
  free(text);
  assert_string_equal(err, "");
  return set;
}

static void begin(void) {
  memcpy(hub, sound, sizeof(hub));
  now = 0;
  told_num = 0;
  rules = shipped();
  engine = engine_create(1000, pass_on, NULL);
  notifier = dispatcher_create(1000, note, NULL);
  assert_true(engine != NULL && notifier != NULL);
  engine_set_rules(engine, rules, 0);
  dispatcher_set_rules(notifier, rules, 0);
}

static void end(void) {
  dispatcher_destroy(notifier);
  engine_destroy(engine);
}

static struct figure *find(const char *type, const char *instance) {
  for (size_t i = 0; i < FIGURES; i++)
    if (strcmp(hub[i].type, type) == 0 &&
        strcmp(hub[i].instance, instance) == 0)
      return &hub[i];
  fail_msg("there is no %s-%s", type, instance);
  return NULL;
}

static void set(const char *type, const char *instance, double value) {
  find(type, instance)->value = value;
}

static void add(const char *type, const char *instance, double value) {
  find(type, instance)->value += value;
}

static void dispatch(void) {
  for (size_t i = 0; i < FIGURES; i++) {
    const struct figure *f = &hub[i];
    const struct series s = {"host",  "mcp_hub",   "prod",
                             f->type, f->instance, "value"};
    struct sample sample = {
        .kind = f->kind, .time = EPOCH + now, .interval = INTERVAL};
    if (isnan(f->value))
      continue;
    if (f->kind == SAMPLE_GAUGE)
      sample.value.gauge = f->value;
    else
      sample.value.derive = (int64_t)f->value;
    assert_int_equal(engine_sample(engine, &s, &sample, now), 0);
  }
}

/* Time goes on to the next read. */
static void wait_for_read(void) {
  double next = now + INTERVAL;

  for (now += 2; now < next; now += 2) {
    engine_tick(engine, now);
    dispatcher_tick(notifier, now, EPOCH + now);
  }
  now = next;
  engine_tick(engine, now);
  dispatcher_tick(notifier, now, EPOCH + now);
}

/* ------------------------------------------------------- one rule at a time */

/* How a value goes on from where it is put. */
enum bend {
  STAYS,
  GROWS, /* `slope` a second */
  SAW,   /* the same, and begins anew each `period` */
  NOISY  /* up and down by `slope` */
};

struct course {
  double value;
  enum bend bend;
  double slope;
  double period;
};

struct scene {
  const char *rule;
  enum alert_level level;
  const char *type;
  const char *instance;
  struct course good;
  struct course nearly; /* not yet bad, for as long as the bad one */
  struct course bad;
  double lead;     /* seconds of the good course, 0: ten minutes */
  double earliest; /* seconds of the bad course until it is told of */
  double latest;
  double over;      /* seconds of the good course after that until it ends */
  bool by_itself;   /* it ends though the bad course goes on */
  const char *also; /* rules that may be told of as well, between spaces */
};

#define AT(x)                                                                  \
  { .value = x }
#define LINE(from, each)                                                       \
  { .value = from, .bend = GROWS, .slope = each }
#define TOOTH(each, per)                                                       \
  { .bend = SAW, .slope = each, .period = per }
#define NOISE(around, by)                                                      \
  { .value = around, .bend = NOISY, .slope = by }
#define SLACK 35.0 /* seconds, of the end */
#define READS(n) ((n)*INTERVAL + 2)

static const struct scene scenes[] = {
    {"hub_down", ALERT_CRITICAL, "bool", "up", AT(1), AT(1), AT(0),
     .latest = READS(1), .over = READS(1)},
    {"all_servers_down", ALERT_CRITICAL, "percent", "servers_down", AT(0),
     AT(99), AT(100), .latest = READS(1), .over = READS(1)},
    {"server_dead", ALERT_WARNING, "mcp_server_state", "web", AT(0), AT(1),
     AT(5), .latest = READS(1), .over = READS(1)},
    {"server_down", ALERT_WARNING, "mcp_server_state", "web", AT(0), AT(1),
     AT(4), .earliest = 2 * MIN, .latest = 2 * MIN + READS(1),
     .over = READS(1)},

    {"llm_success_rate", ALERT_WARNING, "percent", "llm_success", AT(99),
     AT(95), AT(94.9), .earliest = 10 * MIN, .latest = 10 * MIN + READS(1),
     .over = 5 * MIN + READS(1)},
    {"llm_success_rate", ALERT_CRITICAL, "percent", "llm_success", AT(99),
     AT(90), AT(89.9), .earliest = 10 * MIN, .latest = 10 * MIN + READS(1),
     .over = 5 * MIN + READS(1)},
    {"p95_latency", ALERT_WARNING, "latency", "llm_p95", AT(0.9), AT(2),
     AT(2.1), .earliest = MIN, .latest = MIN + READS(1),
     .over = 5 * MIN + READS(1)},
    {"p99_latency", ALERT_WARNING, "latency", "llm_p99", AT(0.9), AT(5),
     AT(5.1), .earliest = MIN, .latest = MIN + READS(1),
     .over = 5 * MIN + READS(1)},
    {"cache_hit_rate", ALERT_WARNING, "cache_ratio", "llm", AT(90), AT(80),
     AT(79), .earliest = 4 * HOUR, .latest = 4 * HOUR + READS(1),
     .over = 5 * MIN + READS(1)},
    {"queue_depth", ALERT_WARNING, "queue_length", "llm", AT(0), AT(10), AT(11),
     .earliest = MIN, .latest = MIN + READS(1), .over = 2 * MIN + READS(1)},
    {"queue_depth", ALERT_CRITICAL, "queue_length", "llm", AT(0), AT(50),
     AT(51), .earliest = MIN, .latest = MIN + READS(1),
     .over = 2 * MIN + READS(1)},
    {"circuit_breaker_state", ALERT_WARNING, "mcp_breaker_state", "", AT(0),
     AT(0), AT(1), .latest = READS(1), .over = 2 * MIN + READS(1)},
    {"circuit_breaker_state", ALERT_CRITICAL, "mcp_breaker_state", "", AT(0),
     AT(1), AT(2), .latest = READS(1), .over = 2 * MIN + READS(1)},
    {"circuit_breaker_failures", ALERT_WARNING, "count", "breaker_failures",
     AT(0), AT(2), AT(3), .latest = READS(1), .over = 2 * MIN + READS(1)},
    {"cpu_percent", ALERT_WARNING, "percent", "cpu", AT(2), AT(5), AT(6),
     .earliest = 5 * MIN, .latest = 5 * MIN + READS(1),
     .over = 5 * MIN + READS(1)},
    {"cpu_percent", ALERT_CRITICAL, "percent", "cpu", AT(2), AT(10), AT(11),
     .earliest = 5 * MIN, .latest = 5 * MIN + READS(1),
     .over = 5 * MIN + READS(1)},
    {"memory_percent", ALERT_WARNING, "percent", "memory", AT(2), AT(5), AT(6),
     .earliest = 5 * MIN, .latest = 5 * MIN + READS(1),
     .over = 5 * MIN + READS(1)},
    {"memory_percent", ALERT_CRITICAL, "percent", "memory", AT(2), AT(10),
     AT(11), .earliest = 5 * MIN, .latest = 5 * MIN + READS(1),
     .over = 5 * MIN + READS(1)},
    {"memory_mb", ALERT_WARNING, "ps_rss", "hub", AT(150 * MIB), AT(500 * MIB),
     AT(501 * MIB), .earliest = 5 * MIN, .latest = 5 * MIN + READS(1),
     .over = 5 * MIN + READS(1)},
    {"active_clients", ALERT_WARNING, "current_connections", "mcp", AT(2),
     AT(5), AT(6), .latest = READS(1), .over = 5 * MIN + READS(1)},
    {"active_clients", ALERT_CRITICAL, "current_connections", "mcp", AT(2),
     AT(10), AT(11), .latest = READS(1), .over = 5 * MIN + READS(1)},
    {"error_count", ALERT_WARNING, "count", "log_errors_100", AT(1), AT(10),
     AT(11), .latest = READS(1), .over = 5 * MIN + READS(1)},
    {"connection_flaps", ALERT_WARNING, "total_events", "disconnect", AT(0),
     LINE(0, 2.9 / 600), LINE(0, 1.0 / 100), .earliest = 7.5 * MIN,
     .latest = 8 * MIN + READS(1), .over = 4 * MIN + READS(1)},
    {"log_size_mb", ALERT_WARNING, "file_size", "log", AT(2 * MIB),
     AT(50 * MIB), AT(51 * MIB), .latest = READS(1), .over = READS(1)},
    {"log_size_mb", ALERT_CRITICAL, "file_size", "log", AT(2 * MIB),
     AT(100 * MIB), AT(101 * MIB), .latest = READS(1), .over = READS(1)},
    {"log_growth_mb_per_hour", ALERT_WARNING, "file_size", "log", AT(0),
     LINE(0, 49 * MIB / HOUR), LINE(0, 130 * MIB / HOUR), .earliest = 40 * MIN,
     .latest = HOUR, .over = 14 * MIN, .also = " log_size_mb "},
    {"api_response_time", ALERT_WARNING, "response_time", "health", AT(0.004),
     AT(2), AT(2.1), .earliest = MIN, .latest = MIN + READS(1),
     .over = 2 * MIN + READS(1)},
    {"api_response_time", ALERT_CRITICAL, "response_time", "health", AT(0.004),
     AT(10), AT(10.1), .earliest = MIN, .latest = MIN + READS(1),
     .over = 2 * MIN + READS(1)},
    {"servers_disconnected", ALERT_INFO, "mcp_servers", "disconnected", AT(0),
     AT(0), AT(1), .earliest = 2 * MIN, .latest = 2 * MIN + READS(1),
     .over = MIN + READS(1)},

    {"llm_error_rate", ALERT_WARNING, "percent", "llm_success_recent", AT(99),
     AT(95), AT(94), .earliest = 5 * MIN, .latest = 5 * MIN + READS(1),
     .over = 5 * MIN + READS(1)},
    {"llm_error_rate", ALERT_WARNING, "percent", "llm_success_recent", AT(NAN),
     AT(NAN), AT(94), .earliest = 5 * MIN, .latest = 5 * MIN + READS(1),
     .over = READS(4)},
    {"llm_slow", ALERT_WARNING, "latency", "llm_p95", AT(1), AT(10), AT(11),
     .earliest = 10 * MIN, .latest = 10 * MIN + READS(1),
     .over = 5 * MIN + READS(1), .also = " p95_latency "},
    {"llm_latency_unusual", ALERT_INFO, "latency", "llm_p95", NOISE(0.9, 0.1),
     NOISE(0.9, 0.1), AT(1.9), .lead = 3 * DAY, .latest = 11 * MIN,
     .over = 65 * MIN},
    {"llm_success_unusual", ALERT_INFO, "percent", "llm_success_recent",
     NOISE(99, 0.5), NOISE(99, 0.5), AT(95.5), .lead = 3 * DAY,
     .latest = 11 * MIN, .over = 65 * MIN},
    {"cache_misses", ALERT_INFO, "cache_ratio", "llm_recent", AT(90), AT(80),
     AT(79), .earliest = 2 * HOUR, .latest = 2 * HOUR + READS(1),
     .over = 5 * MIN + READS(1)},
    {"cache_misses", ALERT_INFO, "cache_ratio", "llm_recent", AT(NAN), AT(NAN),
     AT(79), .earliest = 2 * HOUR, .latest = 2 * HOUR + READS(1),
     .over = READS(4)},

    {"hub_starting", ALERT_WARNING, "mcp_hub_state", "", AT(0), AT(1), AT(2),
     .earliest = 10 * MIN, .latest = 10 * MIN + READS(1), .over = READS(1)},
    {"hub_restarting", ALERT_WARNING, "mcp_hub_state", "", AT(0), AT(1), AT(3),
     .earliest = 10 * MIN, .latest = 10 * MIN + READS(1), .over = READS(1)},
    {"hub_error", ALERT_CRITICAL, "mcp_hub_state", "", AT(0), AT(1), AT(6),
     .earliest = MIN, .latest = MIN + READS(1), .over = READS(1)},
    {"hub_restarted", ALERT_INFO, "uptime", "hub", LINE(90000, 1),
     LINE(91000, 1), LINE(5, 1), .lead = 11 * MIN, .latest = READS(1),
     .over = 10 * MIN + READS(1), .by_itself = true},
    {"hub_crash_loop", ALERT_WARNING, "uptime", "hub", LINE(5, 1), LINE(5, 1),
     TOOTH(1, 120), .lead = 2 * HOUR, .earliest = 29 * MIN, .latest = 31 * MIN,
     .over = 10 * MIN + READS(1)},
    {"hub_crash_loop", ALERT_WARNING, "uptime", "hub", TOOTH(1, 700),
     TOOTH(1, 700), TOOTH(1, 500), .lead = HOUR, .earliest = 20 * MIN,
     .latest = 40 * MIN, .over = 10 * MIN + READS(1)},
    {"hub_silent", ALERT_WARNING, "bool", "up", AT(1), AT(1), AT(NAN),
     .earliest = 4 * MIN, .latest = 5 * MIN + READS(1), .over = READS(1)},

    {"server_connecting", ALERT_WARNING, "mcp_server_state", "web", AT(0),
     AT(1), AT(2), .earliest = 10 * MIN, .latest = 10 * MIN + READS(1),
     .over = READS(1)},
    {"server_unauthorized", ALERT_WARNING, "mcp_server_state", "web", AT(0),
     AT(1), AT(3), .earliest = 5 * MIN, .latest = 5 * MIN + READS(1),
     .over = READS(1)},
    {"server_reconnects", ALERT_WARNING, "mcp_server_restarts", "web", AT(0),
     LINE(0, 2.9 / 600), LINE(0, 1.0 / 100), .earliest = 5 * MIN,
     .latest = 7 * MIN + READS(1), .over = 5 * MIN + READS(1)},
    {"server_no_tools", ALERT_INFO, "mcp_server_tools", "web", AT(12), AT(1),
     AT(0), .earliest = 5 * MIN, .latest = 5 * MIN + READS(1), .over = READS(1),
     .also = " server_lost_tools "},
    {"server_lost_tools", ALERT_INFO, "mcp_server_tools", "web", AT(12), AT(13),
     AT(11), .lead = 11 * MIN, .earliest = 2 * MIN,
     .latest = 2 * MIN + READS(1), .over = 8 * MIN + READS(1),
     .by_itself = true},
    {"server_lost_tools", ALERT_WARNING, "mcp_server_tools", "web", AT(12),
     AT(13), AT(2), .lead = 11 * MIN, .earliest = 2 * MIN,
     .latest = 2 * MIN + READS(1), .over = 8 * MIN + READS(1),
     .by_itself = true},

    {"memory_leak", ALERT_WARNING, "ps_rss", "hub", AT(150 * MIB),
     LINE(150 * MIB, 80 * MIB / 1800), LINE(150 * MIB, 140 * MIB / 1800),
     .lead = HOUR, .earliest = 15 * MIN, .latest = 45 * MIN, .over = 150},
    {"memory_leak", ALERT_WARNING, "ps_rss", "web", AT(60 * MIB),
     LINE(60 * MIB, 80 * MIB / 1800), LINE(60 * MIB, 140 * MIB / 1800),
     .lead = HOUR, .earliest = 15 * MIN, .latest = 45 * MIN, .over = 150},
    {"error_spike", ALERT_WARNING, "mcp_log_entries", "error", AT(0),
     LINE(0, 20.0 / 330), LINE(0, 0.5), .latest = MIN, .over = 5 * MIN},
};

#define SCENES (sizeof(scenes) / sizeof(*scenes))

static unsigned long long seed;

/* From 0 up to 1. */
static double chance(void) {
  seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
  return (double)(seed >> 11) / 9007199254740992.0;
}

static double value_of(const struct course *c, double elapsed) {
  switch (c->bend) {
  case GROWS:
    return c->value + c->slope * elapsed;
  case SAW:
    return c->value + c->slope * fmod(elapsed, c->period);
  case NOISY:
    return c->value + c->slope * (2 * chance() - 1);
  case STAYS:
    break;
  }
  return c->value;
}

static const struct notified *told_of(const char *rule,
                                      enum alert_level level) {
  for (size_t i = 0; i < told_num; i++)
    if (strcmp(notified[i].rule, rule) == 0 && notified[i].level == level)
      return &notified[i];
  return NULL;
}

/* Reads for so many seconds from `began`, or until that is told. */
static void follow(const struct scene *s, const struct course *c, double began,
                   double seconds, enum alert_level until) {
  while (now - began < seconds && told_of(s->rule, until) == NULL) {
    set(s->type, s->instance, value_of(c, now - began));
    dispatch();
    wait_for_read();
  }
}

static void lead_in(const struct scene *s) {
  seed = 1;
  begin();
  follow(s, &s->good, 0, s->lead > 0 ? s->lead : 10 * MIN, s->level);
  for (size_t i = 0; i < told_num; i++)
    if (strcmp(notified[i].rule, s->rule) == 0 ||
        notified[i].level > ALERT_INFO)
      fail_msg("%s: %s before anything is wrong", s->rule, notified[i].rule);
}

static void check_time(const struct scene *s, const char *what, double began,
                       enum alert_level level, double earliest, double latest) {
  const struct notified *t = told_of(s->rule, level);
  double after = t != NULL ? t->now - began : INFINITY;

  if (!(after >= earliest && after <= latest))
    fail_msg("%s %s (%s) after %g s, expected %g to %g s", s->rule, what,
             alert_level_name(s->level), after, earliest, latest);
}

/* What people are told of beside the rule. */
static void check_others(const struct scene *s) {
  for (size_t i = 0; i < told_num; i++) {
    char name[RULE_NAME_MAX + 3];
    snprintf(name, sizeof(name), " %s ", notified[i].rule);
    if (notified[i].level > ALERT_INFO &&
        strcmp(notified[i].rule, s->rule) != 0 &&
        (s->also == NULL || strstr(s->also, name) == NULL))
      fail_msg("%s: unexpected notification of rule %s", s->rule,
               notified[i].rule);
  }
}

static void it_fires_in_time_and_ends(const struct scene *s) {
  double began = 0;
  double back = 0;

  lead_in(s);
  began = now;
  follow(s, &s->bad, began, s->latest + MIN, s->level);
  check_time(s, "fires", began, s->level, s->earliest, s->latest);
  back = now;
  follow(s, s->by_itself ? &s->bad : &s->good, s->by_itself ? began : back,
         s->over + now - (s->by_itself ? began : back) + MIN, ALERT_OK);
  check_time(s, "ends", back, ALERT_OK, s->over - SLACK, s->over);
  check_others(s);
  end();
}

static void it_does_not_fire_at_its_threshold(const struct scene *s) {
  lead_in(s);
  follow(s, &s->nearly, now, s->latest + 10 * MIN, s->level);
  for (size_t i = 0; i < told_num; i++)
    if (strcmp(notified[i].rule, s->rule) == 0 && notified[i].level >= s->level)
      fail_msg("%s is %s without need", s->rule,
               alert_level_name(notified[i].level));
  end();
}

static void each_rule_fires_in_time_and_ends(void **state) {
  (void)state;
  for (size_t i = 0; i < SCENES; i++)
    it_fires_in_time_and_ends(&scenes[i]);
}

static void no_rule_fires_at_its_threshold(void **state) {
  (void)state;
  for (size_t i = 0; i < SCENES; i++)
    it_does_not_fire_at_its_threshold(&scenes[i]);
}

/* ------------------------------------------------------ more than one rule */

static void sound_for(double seconds) {
  for (double began = now; now - began < seconds;) {
    dispatch();
    wait_for_read();
  }
}

/* As mcp_hub dispatches a hub that does not answer. */
static void away_for(double seconds) {
  struct figure before[FIGURES];

  memcpy(before, hub, sizeof(before));
  for (size_t i = 0; i < FIGURES; i++)
    if (strcmp(hub[i].type, "errors") != 0)
      hub[i].value = NAN;
  set("bool", "up", 0);
  set("mcp_hub_state", "", 8);
  sound_for(seconds);
  memcpy(hub, before, sizeof(before));
}

/* Each rule that was told of, in order: "rule>level; …". */
static void expect_notified(const char *expected) {
  char text[2000] = "";
  size_t len = 0;

  for (size_t i = 0; i < told_num; i++)
    len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s>%s",
                            i > 0 ? "; " : "", notified[i].rule,
                            alert_level_name(notified[i].level));
  assert_string_equal(text, expected);
  told_num = 0;
}

static void
a_hub_that_goes_away_is_one_alert_and_its_budget_another(void **st) {
  (void)st;
  begin();
  sound_for(6 * HOUR);
  away_for(MIN);
  expect_notified("hub_down>critical");
  sound_for(MIN);
  expect_notified("hub_down>ok; hub_budget_fast>warning");
  sound_for(HOUR);
  expect_notified("hub_budget_fast>ok");
  away_for(2 * MIN);
  sound_for(61 * MIN);
  expect_notified("hub_down>critical; hub_down>ok; hub_budget_fast>warning; "
                  "hub_budget_fast>ok; hub_budget_slow>info");
  sound_for(6 * HOUR);
  expect_notified("hub_budget_slow>ok");
  away_for(40);
  sound_for(HOUR);
  expect_notified("hub_down>critical; hub_down>ok");
  end();
}

static void all_servers_down_is_one_alert(void **state) {
  (void)state;
  begin();
  sound_for(HOUR);
  for (size_t i = 0; i < SERVERS; i++)
    set("mcp_server_state", servers[i], i % 2 == 0 ? 4 : 5);
  set("percent", "servers_down", 100);
  set("mcp_servers", "disconnected", SERVERS);
  sound_for(HOUR);
  expect_notified("all_servers_down>critical");
  end();
}

static void a_server_that_comes_and_goes_is_one_alert(void **state) {
  (void)state;
  begin();
  sound_for(HOUR);
  for (int i = 0; i < 10; i++) {
    add("mcp_server_restarts", "web", 1);
    add("total_events", "disconnect", 1);
    sound_for(MIN);
  }
  expect_notified("server_reconnects>warning");
  end();
}

static void a_server_that_a_hanging_start_waits_for_is_one_alert(void **st) {
  (void)st;
  for (int state = 2; state <= 3; state++) {
    begin();
    set("mcp_hub_state", "", state);
    set("mcp_server_state", "web", 2);
    sound_for(15 * MIN);
    expect_notified(state == 2 ? "hub_starting>warning"
                               : "hub_restarting>warning");
    end();
  }
}

static void a_server_without_tools_that_goes_away_has_none_to_miss(void **st) {
  (void)st;
  begin();
  set("mcp_server_tools", "web", 0);
  sound_for(6 * MIN);
  expect_notified("server_no_tools>info");
  set("mcp_server_tools", "web", NAN);
  sound_for(MIN);
  expect_notified("server_no_tools>ok");
  end();
}

static void an_open_breaker_that_tries_again_is_one_alert(void **state) {
  (void)state;
  begin();
  for (int i = 0; i < 20; i++) {
    set("mcp_breaker_state", "", 2);
    set("count", "breaker_failures", 5);
    sound_for(50);
    set("mcp_breaker_state", "", 1);
    sound_for(INTERVAL);
  }
  expect_notified("circuit_breaker_state>critical");
  set("mcp_breaker_state", "", 0);
  set("count", "breaker_failures", 0);
  sound_for(5 * MIN);
  expect_notified("circuit_breaker_state>warning; circuit_breaker_state>ok");
  end();
}

/* ------------------------------------------------------- a week in health */

struct tally { /* of LLM calls or cache lookups */
  double good;
  double all;
  double recent_good[30]; /* a read each */
  double recent_all[30];
};

struct life { /* of the hub's process */
  double began;
  struct tally calls;
  struct tally lookups;
};

static void tally_add(struct tally *t, size_t read, double good, double all) {
  t->good += good;
  t->all += all;
  t->recent_good[read % 30] = good;
  t->recent_all[read % 30] = all;
}

static double share(double good, double all) {
  return all >= 10 ? good / all * 100 : NAN; /* MinCalls */
}

static double windowed_ratio_share(const struct tally *t) {
  double good = 0, all = 0;

  for (size_t i = 0; i < 30; i++) {
    good += t->recent_good[i];
    all += t->recent_all[i];
  }
  return share(good, all);
}

/* Of `num` tries, those that come off. */
static double draw(double num, double probability) {
  double hits = 0;

  for (double i = 0; i < num; i++)
    hits += chance() < probability;
  return hits;
}

/* LLM calls a second: none from 20 to 6 o'clock. */
static double load_at(double time) {
  double hour = fmod(time, DAY) / HOUR;
  return hour < 6 || hour > 20 ? 0 : sin((hour - 6) / 14 * 3.14159) * 0.8;
}

static void live_calls(struct life *life, size_t read) {
  double calls = draw(20, load_at(now) * INTERVAL / 20);
  double failed = draw(calls, 0.002);
  double warm = 1 - exp(-life->lookups.all / 300);
  double hits = draw(calls, 0.92 * warm);

  tally_add(&life->calls, read, calls - failed, calls);
  tally_add(&life->lookups, read, hits, calls);
  set("total_requests", "llm", life->calls.all);
  set("total_operations", "llm_success", life->calls.good);
  set("total_operations", "llm_failed", life->calls.all - life->calls.good);
  set("cache_result", "llm_hit", life->lookups.good);
  set("cache_result", "llm_miss", life->lookups.all - life->lookups.good);
  set("percent", "llm_success", share(life->calls.good, life->calls.all));
  set("percent", "llm_success_recent", windowed_ratio_share(&life->calls));
  set("cache_ratio", "llm", share(life->lookups.good, life->lookups.all));
  set("cache_ratio", "llm_recent", windowed_ratio_share(&life->lookups));
  set("queue_length", "llm", draw(calls, 0.3));
  set("count", "breaker_failures", failed > 0 ? 1 : 0);
  if (!(life->calls.all > 0)) {
    set("latency", "llm_p95", NAN);
    set("latency", "llm_p99", NAN);
  } else if (calls >
             0) { /* of the last calls: as they were while there are none */
    set("latency", "llm_p95", 0.9 + 0.4 * load_at(now) + 0.1 * chance());
    set("latency", "llm_p99", 1.6 + 0.8 * load_at(now) + 0.6 * chance());
  }
}

static void live_process(const struct life *life, size_t read) {
  double busy = load_at(now);
  double age = now - life->began;

  set("uptime", "hub", age);
  set("percent", "cpu",
      age < MIN         ? 60
      : chance() < 0.02 ? 30
                        : 0.5 + 3 * busy + chance());
  set("response_time", "health",
      age < 30           ? 2.5
      : chance() < 0.001 ? 2.2
                         : 0.004 + 0.002 * chance());
  set("current_connections", "mcp", busy > 0 ? 1 + floor(4 * chance()) : 0);
  /* a garbage collector's sawtooth on what a start leaves */
  set("ps_rss", "hub",
      (90 + 60 * (1 - exp(-age / 300)) + (double)(read % 40)) * MIB);
  for (size_t i = 0; i < SERVERS; i++)
    set("ps_rss", servers[i], (40 + (double)(read % 31) / 2) * MIB);
  add("file_size", "log", 4000 * busy + 100);
  add("mcp_log_entries", "error", chance() < 0.01 ? 2 : 0);
  set("count", "log_errors_100", floor(3 * chance()));
}

static void put_server(const char *name, double state) {
  set("mcp_server_state", name, state);
  set("mcp_server_tools", name, state > 0 ? NAN : 12);
}

/* Each of the servers loses its connection now and then. */
static void live_servers(size_t read) {
  for (size_t i = 0; i < SERVERS; i++) {
    size_t phase = (read + 97 * i) % 1440;
    if (phase == 0) {
      put_server(servers[i], 4);
      add("total_events", "disconnect", 1);
    } else if (phase == 2) {
      put_server(servers[i], 2);
    } else if (phase == 3) {
      put_server(servers[i], 0);
      add("mcp_server_restarts", servers[i], 1);
      add("total_events", "connect", 1);
      add("transitions", servers[i], 3);
    }
  }
}

/* Counters of mcp_hub's own do not begin anew with the hub. */
static bool is_ours(const struct figure *f) {
  static const char *const types[] = {"errors", "mcp_log_entries",
                                      "mcp_server_restarts", "total_events",
                                      "transitions"};

  for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
    if (strcmp(f->type, types[i]) == 0)
      return strcmp(f->instance, "breaker_trips") != 0;
  return false;
}

/* The process of the hub and its servers begin; the log says that the old ones
 * have ended. */
static void live_start(struct life *life) {
  for (size_t i = 0; i < FIGURES; i++)
    if (!is_ours(&hub[i]))
      hub[i].value = sound[i].value;
  *life = (struct life){.began = now};
  live_calls(life, 0);
  set("mcp_hub_state", "", 2);
  set("percent", "servers_down", NAN);
  set("file_size", "log", 5000);
  add("total_events", "disconnect", SERVERS);
  for (size_t i = 0; i < SERVERS; i++) {
    put_server(servers[i], 4);
    add("mcp_server_restarts", servers[i], 1);
  }
}

static void live_ready(void) {
  set("mcp_hub_state", "", 0);
  set("percent", "servers_down", 0);
  for (size_t i = 0; i < SERVERS; i++)
    put_server(servers[i], 0);
}

static void live(double days, double restart) {
  struct life life = {0};
  size_t read = 0;

  for (; now < days * DAY; read++) {
    double age = now - life.began;
    if (read == 0 || (now >= restart && now < restart + INTERVAL))
      live_start(&life);
    else if (age >= 40 && age < 40 + INTERVAL)
      live_ready();
    if (now - life.began >= 40) {
      live_calls(&life, read);
      live_servers(read);
    }
    live_process(&life, read);
    dispatch();
    wait_for_read();
  }
}

static void a_healthy_week_is_silent(void **state) {
  (void)state;
  for (unsigned run = 1; run <= 2; run++) {
    seed = run;
    begin();
    live(7, 3 * DAY + 10 * HOUR);
    expect_notified("hub_restarted>info; hub_restarted>ok");
    end();
  }
}

/* --------------------------------------------------------------- the file */

static bool has_scene(const char *rule) {
  static const char *const elsewhere[] = {"hub_budget_fast", "hub_budget_slow"};

  for (size_t i = 0; i < sizeof(elsewhere) / sizeof(*elsewhere); i++)
    if (strcmp(elsewhere[i], rule) == 0)
      return true;
  for (size_t i = 0; i < SCENES; i++)
    if (strcmp(scenes[i].rule, rule) == 0)
      return true;
  return false;
}

static bool is_inhibited_by(const struct rule *rule, const char *by) {
  for (size_t i = 0; i < rule->inhibited_by_num; i++)
    if (strcmp(rule->inhibited_by[i], by) == 0)
      return true;
  return false;
}

static void each_rule_is_tried_here_and_gives_way_to_hub_down(void **state) {
  struct ruleset *file = shipped();

  (void)state;
  for (size_t i = 0; i < file->rules_num; i++) {
    const struct rule *r = &file->rules[i];
    if (!has_scene(r->name))
      fail_msg("%s has no scene", r->name);
    if (strcmp(r->name, "hub_down") != 0 &&
        strcmp(r->name, "hub_silent") != 0 && !is_inhibited_by(r, "hub_down"))
      fail_msg("%s is not inhibited by hub_down", r->name);
    if (strncmp(r->name, "server", 6) == 0 &&
        !is_inhibited_by(r, "all_servers_down"))
      fail_msg("%s is not inhibited by all_servers_down", r->name);
  }
  ruleset_destroy(file);
}

static void each_level_that_a_rule_has_is_tried_here(void **state) {
  struct ruleset *file = shipped();

  (void)state;
  for (size_t i = 0; i < SCENES; i++) {
    const struct rule *r = ruleset_find(file, scenes[i].rule);
    assert_non_null(r);
    if (r->no_data != NO_DATA_LEVEL && isnan(r->threshold[scenes[i].level]))
      fail_msg("%s has no %s", r->name, alert_level_name(scenes[i].level));
  }
  for (size_t i = 0; i < file->rules_num; i++)
    for (int k = ALERT_INFO; k < ALERT_LEVELS; k++) {
      const struct rule *r = &file->rules[i];
      bool tried = isnan(r->threshold[k]) || r->function == RULE_BURN_RATE;
      for (size_t j = 0; j < SCENES && !tried; j++)
        tried =
            (int)scenes[j].level == k && strcmp(scenes[j].rule, r->name) == 0;
      if (!tried)
        fail_msg("%s is never %s", r->name,
                 alert_level_name((enum alert_level)k));
    }
  ruleset_destroy(file);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_rule_is_tried_here_and_gives_way_to_hub_down),
      cmocka_unit_test(each_level_that_a_rule_has_is_tried_here),
      cmocka_unit_test(each_rule_fires_in_time_and_ends),
      cmocka_unit_test(no_rule_fires_at_its_threshold),
      cmocka_unit_test(
          a_hub_that_goes_away_is_one_alert_and_its_budget_another),
      cmocka_unit_test(all_servers_down_is_one_alert),
      cmocka_unit_test(a_server_that_comes_and_goes_is_one_alert),
      cmocka_unit_test(a_server_that_a_hanging_start_waits_for_is_one_alert),
      cmocka_unit_test(a_server_without_tools_that_goes_away_has_none_to_miss),
      cmocka_unit_test(an_open_breaker_that_tries_again_is_one_alert),
      cmocka_unit_test(a_healthy_week_is_silent),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
