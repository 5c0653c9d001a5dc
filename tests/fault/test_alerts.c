/* SPDX-License-Identifier: MIT */
/* The alert engine, its notifier, its memory and what is written of it while
 * memory fails: what is told is right, what is refused is counted, what cannot
 * be written is not written. */
#include "fault.h"
#include "unit.h"

#include "notify/webhook_queue.h"
#include "report/note_incident.h"
#include "report/state_file.h"
#include "report/status_json.h"
#include "report/summary.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EPOCH 1.7e9 /* of the engine's time 0 */
#define HUBS 34

#define RULES                                                                  \
  "{'settings': {'group_wait': '1s'}, 'critical': {'queue_depth': 50},"        \
  " 'rules': ["                                                                \
  "{'name': 'plain', 'metric': '/^h.mcp_hub-.*.gauge-/', 'op': '>',"           \
  " 'warning': 60, 'clear': 50, 'message': '{type_instance} is {value}',"      \
  " 'runbook': 'https://example.org/', 'inhibited_by': ['boss']},"             \
  "{'name': 'boss', 'metric': '*/*/gauge-b', 'op': '>', 'critical': 1000},"    \
  "{'name': 'most', 'metric': '*/*/gauge-*', 'function': 'max',"               \
  " 'window': '30s', 'op': '>', 'info': 90},"                                  \
  "{'name': 'gone', 'metric': 'h/mcp_hub-q/gauge-z',"                          \
  " 'function': 'absent', 'op': '>', 'warning': 3000}],"                       \
  " 'silences': [{'metric': '/gauge-c$/', 'until': '2033-11-14T22:30:00Z',"    \
  " 'reason': 'test'}]}"

/* JSON with ' for ". */
static struct ruleset *parse(char *err, size_t size) {
  static char json[sizeof(RULES)];
  strcpy(json, RULES);
  for (char *c = json; *c != '\0'; c++)
    if (*c == '\'')
      *c = '"';
  return ruleset_parse(json, strlen(json), err, size);
}

struct plugin {
  struct alert_memory m;
  struct ruleset *rules; /* shared */
  char notified[2000];   /* "rule series old>new;" */
};

static void on_event(void *arg, const struct alert *event) {
  struct plugin *p = arg;
  dispatcher_event(p->m.notifier, event);
}

static int on_notification(void *arg, const struct alert *events, size_t num) {
  struct plugin *p = arg;
  for (size_t i = 0; i < num; i++) {
    size_t len = strlen(p->notified);
    snprintf(p->notified + len, sizeof(p->notified) - len, "%s %s %d>%d;",
             events[i].rule_name, events[i].series.type_instance,
             events[i].previous, events[i].level);
    note_incident(p->m.incidents, &events[i], "message",
                  EPOCH + events[i].since, EPOCH + events[i].time);
  }
  return 0;
}

static bool is_whole(const struct plugin *p) {
  return p->m.engine != NULL && p->m.notifier != NULL && p->m.hubs != NULL &&
         p->m.incidents != NULL;
}

static void create(struct plugin *p) {
  *p = (struct plugin){
      .m = {.engine = engine_create(1000, on_event, p),
            .notifier = dispatcher_create(1000, on_notification, p),
            .hubs = hub_stats_table_create(100),
            .incidents = incidents_create(100)}};
}

static void use_rules(struct plugin *p, struct ruleset *rules, double now) {
  p->rules = rules;
  engine_set_rules(p->m.engine, ruleset_share(rules), now);
  dispatcher_set_rules(p->m.notifier, rules, now);
}

static void destroy(struct plugin *p) {
  engine_destroy(p->m.engine);
  dispatcher_destroy(p->m.notifier);
  hub_stats_table_destroy(p->m.hubs);
  incidents_destroy(p->m.incidents);
  ruleset_destroy(p->rules);
}

static void open_plugin(struct plugin *p) {
  char err[500] = "";
  create(p);
  use_rules(p, parse(err, sizeof(err)), 0);
  assert_string_equal(err, "");
}

static void sample(struct plugin *p, const char *instance, double value,
                   double now) {
  const struct series s = {"h", "mcp_hub", "q", "gauge", instance, "value"};
  const struct series up = {"h", "mcp_hub", "q", "bool", "up", "value"};
  const struct sample x = {.kind = SAMPLE_GAUGE,
                           .value.gauge = value,
                           .time = EPOCH + now,
                           .interval = 10};
  const struct hub_stats_sample seen = {
      .value = 1, .interval = 10, .now = now, .wall = EPOCH + now};
  engine_sample(p->m.engine, &s, &x, now);
  hub_stats_table_sample(p->m.hubs, &up, &seen);
}

static void tick(struct plugin *p, double now) {
  engine_tick(p->m.engine, now);
  dispatcher_tick(p->m.notifier, now, EPOCH + now);
}

/* All series bad (or good) at that time, and what is due then told. */
static void go_through(struct plugin *p, double value, double now) {
  sample(p, "a", value, now);
  sample(p, "b", value, now);
  sample(p, "c", value, now);
  tick(p, now);
  tick(p, now + 2);
}

/* How often `text` has been told. */
static size_t times(const struct plugin *p, const char *text) {
  size_t num = 0;
  for (const char *at = p->notified; (at = strstr(at, text)) != NULL; at++)
    num++;
  return num;
}

/* ---- rules ---- */

static void rules(void *arg) {
  (void)arg;
  char err[500] = "";
  fault_begin();
  struct ruleset *set = parse(err, sizeof(err));
  bool failed = fault_end();
  if (set == NULL) {
    assert_true(failed);
    assert_non_null(strstr(err, "memory"));
    return;
  }
  assert_string_equal(err, "");
  assert_non_null(ruleset_find(set, "plain"));
  assert_non_null(ruleset_find(set, "hub_down"));
  assert_non_null(ruleset_find(set, "queue_depth"));
  assert_int_equal(set->silences_num, 1);
  ruleset_destroy(set);
}

static void opening(void *arg) {
  (void)arg;
  struct plugin p;
  fault_begin();
  create(&p);
  assert_true(fault_end() == !is_whole(&p));
  destroy(&p);
}

/* ---- alerts ---- */

/* An alert begins while memory is short: it is told then or at the next value
 * that comes, once; its end is told. */
static void alerting(void *arg) {
  (void)arg;
  struct plugin p;
  open_plugin(&p);
  fault_begin();
  go_through(&p, 70, 10);
  bool failed = fault_end();
  go_through(&p, 70, 20);
  go_through(&p, 70, 30);
  assert_int_equal(times(&p, "plain a 0>2;"), 1);
  assert_int_equal(times(&p, "plain b 0>2;"), 1);
  assert_true(times(&p, "plain c 0>2;") <= failed); /* silenced */
  if (!failed)
    assert_int_equal(engine_series_refused(p.m.engine), 0);
  go_through(&p, 1, 40);
  assert_int_equal(times(&p, "plain a 2>0;"), 1);
  assert_int_equal(times(&p, "plain b 2>0;"), 1);
  destroy(&p);
}

/* An alert goes on, and ends, while memory is short. */
static void ending(void *arg) {
  (void)arg;
  struct plugin p;
  open_plugin(&p);
  go_through(&p, 70, 10);
  go_through(&p, 70, 20);
  assert_int_equal(times(&p, "plain a 0>2;"), 1);
  fault_begin();
  go_through(&p, 70, 30);
  go_through(&p, 1, 40);
  fault_end();
  go_through(&p, 1, 50);
  assert_int_equal(times(&p, "plain a 0>2;"), 1);
  assert_int_equal(times(&p, "plain a 2>0;"), 1);
  assert_int_equal(times(&p, "plain b 2>0;"), 1);
  destroy(&p);
}

/* More hubs than the tables have room for at first. */
static void crowding(void *arg) {
  (void)arg;
  struct plugin p;
  open_plugin(&p);
  for (int turn = 0; turn < 2; turn++) {
    if (turn == 0)
      fault_begin();
    for (int i = 0; i < HUBS; i++) {
      char hub[8];
      snprintf(hub, sizeof(hub), "%d", i);
      const struct series s = {"h", "mcp_hub", hub, "gauge", "a", "value"};
      const struct sample x = {.kind = SAMPLE_GAUGE,
                               .value.gauge = 70,
                               .time = EPOCH + turn,
                               .interval = 1};
      const struct series up = {"h", "mcp_hub", hub, "bool", "up", "value"};
      const struct hub_stats_sample seen = {
          .value = 1, .interval = 1, .now = turn, .wall = EPOCH + turn};
      engine_sample(p.m.engine, &s, &x, turn);
      hub_stats_table_sample(p.m.hubs, &up, &seen);
    }
    tick(&p, turn);
    fault_end();
  }
  assert_int_equal(engine_series_count(p.m.engine), HUBS + 1); /* and "gone" */
  assert_int_equal(hub_stats_table_count(p.m.hubs), HUBS);
  destroy(&p);
}

/* The rules are read again: whoever is told that an alert is over is told when
 * it begins anew, and of its end. */
static void changing_rules(void *arg) {
  (void)arg;
  char err[500];
  struct plugin p;
  open_plugin(&p);
  go_through(&p, 70, 10);
  go_through(&p, 70, 20);
  struct ruleset *old = p.rules;
  struct ruleset *set = parse(err, sizeof(err));
  fault_begin();
  use_rules(&p, set, 25);
  bool failed = fault_end();
  ruleset_destroy(old);
  go_through(&p, 70, 30);
  go_through(&p, 70, 40);
  if (!failed)
    assert_int_equal(times(&p, "plain a 0>2;"), 1);
  assert_int_equal(times(&p, "plain a 0>2;"), times(&p, "plain a 2>0;") + 1);
  go_through(&p, 1, 50);
  assert_int_equal(times(&p, "plain a 0>2;"), times(&p, "plain a 2>0;"));
  destroy(&p);
}

/* ---- the state file ---- */

/* Nothing, or all. */
static void saving(void *arg) {
  const struct serializer *right = arg;
  struct plugin p;
  struct serializer out = {0};
  open_plugin(&p);
  go_through(&p, 70, 10);
  fault_begin();
  int status = state_file_write(&p.m, 20, EPOCH + 20, &out);
  bool failed = fault_end();
  if (status != 0) {
    assert_true(failed);
  } else {
    state_file_seal(&out);
    assert_int_equal(out.len, right->len);
  }
  free(out.data);
  destroy(&p);
}

static struct serializer saved(void) {
  struct plugin p;
  struct serializer out = {0};
  open_plugin(&p);
  go_through(&p, 70, 10);
  assert_int_equal(state_file_write(&p.m, 20, EPOCH + 20, &out), 0);
  state_file_seal(&out);
  destroy(&p);
  return out;
}

/* All, a part or nothing; what is missing begins anew and is perhaps told
 * twice. */
static void loading(void *arg) {
  const struct serializer *file = arg;
  struct plugin p;
  open_plugin(&p);
  fault_begin();
  int status = state_file_read(&p.m, file->data, file->len, 5, 25);
  int error = errno;
  bool failed = fault_end();
  assert_true(status == 0 || failed);
  if (status < 0) {
    assert_int_equal(error, ENOMEM);
    assert_int_equal(hub_stats_table_count(p.m.hubs), 0);
    assert_int_equal(incidents_count(p.m.incidents), 0);
  }
  if (status == 0)
    assert_int_equal(hub_stats_table_count(p.m.hubs), 1);
  go_through(&p, 70, 30);
  go_through(&p, 70, 40);
  assert_true(times(&p, "plain a 0>2;") <= 1);
  go_through(&p, 1, 90);
  assert_in_range(times(&p, "plain a 2>0;"), 1, status == 0 ? 1 : 2);
  destroy(&p);
}

/* ---- what is written for people ---- */

struct page {
  struct plugin plugin;
  char *right;
};

static char *status_of(const struct plugin *p) {
  struct alert alert = {.rule_name = "plain",
                        .series = {"h", "mcp_hub", "q", "gauge", "a", "value"},
                        .level = ALERT_WARNING,
                        .previous = ALERT_LEVEL_UNKNOWN,
                        .value = 70.5,
                        .threshold = 60,
                        .since = 1,
                        .time = 2,
                        .message = "a is 70",
                        .runbook = "https://example.org/"};
  struct hub_report hub =
      hub_report_of(hub_stats_table_find(p->m.hubs, "h", "q"), 20);
  const struct status_json status = {.time = EPOCH,
                                     .rules_current = true,
                                     .alerts = &alert,
                                     .alerts_num = 1,
                                     .hubs = &hub,
                                     .hubs_num = 1,
                                     .incidents = p->m.incidents};
  size_t len = 0;
  return status_json_write(&status, &len);
}

/* Nothing, or all of it. */
static void writing_status(void *arg) {
  struct page *page = arg;
  fault_begin();
  char *text = status_of(&page->plugin);
  bool failed = fault_end();
  assert_true(text != NULL || failed);
  if (text != NULL)
    assert_string_equal(text, page->right);
  free(text);
}

static char *report_of(const struct plugin *p) {
  size_t num = 0;
  struct hub_stats *views = hub_stats_table_copy(p->m.hubs, NULL, &num);
  struct hub_report *hubs =
      views != NULL ? hub_reports_of(views, num, 20) : NULL;
  const struct summary s = {.host = "h",
                            .hubs = hubs,
                            .hubs_num = num,
                            .incidents = p->m.incidents,
                            .rules = engine_rules(p->m.engine),
                            .wall = EPOCH};
  char *text = hubs != NULL ? summary_report(&s) : NULL;
  free(hubs);
  free(views);
  return text;
}

static void writing_a_report(void *arg) {
  struct page *page = arg;
  fault_begin();
  char *text = report_of(&page->plugin);
  bool failed = fault_end();
  assert_true(text != NULL || failed);
  if (text != NULL)
    assert_string_equal(text, page->right);
  free(text);
}

/* ---- webhooks ---- */

struct post {
  enum webhook_queue_format format;
  char *right;
};

static const struct alert posted = {
    .rule_name = "plain",
    .series = {"h", "mcp_hub", "q", "gauge",
               "a rather long instance, longer than what json-c's first "
               "buffers have room for",
               "value"},
    .level = ALERT_WARNING,
    .previous = ALERT_OK,
    .status = STATUS_FIRING,
    .message = "a message of some length that says what, where and since when",
    .runbook = "https://example.org/",
    .value = 70.5,
    .threshold = 60,
    .since = 1700000000,
    .time = 1700000010};

/* A notice that is taken in is posted whole, later perhaps; another is
 * counted. */
static void posting(void *arg) {
  struct post *post = arg;
  const struct webhook_queue_settings settings = {.format = post->format,
                                                  .least = ALERT_WARNING,
                                                  .max = 10,
                                                  .max_alerts = 10,
                                                  .resend = 60};
  struct webhook_queue *o = webhook_queue_create(&settings);
  fault_begin();
  const struct webhook_notice notice = {&posted, &posted, 1, false};
  int status = webhook_queue_put(o, &notice, 10);
  char *body = webhook_queue_begin(o, 10, 1700000010);
  bool failed = fault_end();
  assert_true((status == 0 && body != NULL) || failed);
  assert_int_equal(webhook_queue_counts(o).dropped, status != 0);
  if (body == NULL)
    body = webhook_queue_begin(o, 12, 1700000010);
  assert_true((body != NULL) == (status == 0));
  if (post->right == NULL)
    post->right = strdup(body);
  if (body != NULL) {
    assert_string_equal(body, post->right);
    webhook_queue_end(o, WEBHOOK_QUEUE_DELIVERED, 0, 0, 13);
    assert_int_equal(webhook_queue_counts(o).sent, 1);
  }
  free(body);
  webhook_queue_destroy(o);
}

/* ---- the tests ---- */

static void each(const char *what, void (*scenario)(void *arg), void *arg) {
  assert_true(fault_each(what, FAULT_MEMORY, ENOMEM, scenario, arg) > 0);
}

static void rules_are_read_whole_or_not(void **state) {
  (void)state;
  each("alerts.json", rules, NULL);
}

static void an_engine_is_whole_or_not_there(void **state) {
  (void)state;
  struct plugin p;
  create(&p);
  assert_true(is_whole(&p));
  destroy(&p);
  each("the engine and its kin", opening, NULL);
}

static void alerts_are_told_once_and_their_end(void **state) {
  (void)state;
  each("alerts that begin", alerting, NULL);
  each("alerts that end", ending, NULL);
  each("alerts of many hubs", crowding, NULL);
  each("alerts under new rules", changing_rules, NULL);
}

static void a_state_file_is_whole_or_not_written(void **state) {
  (void)state;
  struct serializer right = saved();
  each("a state file, written", saving, &right);
  free(right.data);
}

static void a_state_file_is_taken_up_or_not(void **state) {
  (void)state;
  struct serializer file = saved();
  each("a state file, read", loading, &file);
  free(file.data);
}

static void pages_are_whole_or_not_written(void **state) {
  (void)state;
  struct page page;
  open_plugin(&page.plugin);
  go_through(&page.plugin, 70, 10);
  page.right = status_of(&page.plugin);
  each("status.json", writing_status, &page);
  free(page.right);
  page.right = report_of(&page.plugin);
  each("a report", writing_a_report, &page);
  free(page.right);
  destroy(&page.plugin);
}

static void notices_are_posted_whole(void **state) {
  (void)state;
  static const char *const names[] = {[WEBHOOK_QUEUE_SLACK] = "slack",
                                      [WEBHOOK_QUEUE_JSON] = "json",
                                      [WEBHOOK_QUEUE_ALERTMANAGER] =
                                          "alertmanager"};
  for (int i = 0; i < 3; i++) {
    struct post post = {.format = (enum webhook_queue_format)i};
    posting(&post);
    each(names[i], posting, &post);
    free(post.right);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_teardown(rules_are_read_whole_or_not, fault_teardown),
      cmocka_unit_test_teardown(an_engine_is_whole_or_not_there,
                                fault_teardown),
      cmocka_unit_test_teardown(alerts_are_told_once_and_their_end,
                                fault_teardown),
      cmocka_unit_test_teardown(a_state_file_is_whole_or_not_written,
                                fault_teardown),
      cmocka_unit_test_teardown(a_state_file_is_taken_up_or_not,
                                fault_teardown),
      cmocka_unit_test_teardown(pages_are_whole_or_not_written, fault_teardown),
      cmocka_unit_test_teardown(notices_are_posted_whole, fault_teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
