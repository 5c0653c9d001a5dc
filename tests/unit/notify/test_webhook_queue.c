/* SPDX-License-Identifier: MIT */
/* A webhook's queue, in simulated time: what goes out, in which order, and
 * when. */
#include "unit.h"

#include "notify/webhook_queue.h"

#include <json-c/json.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WALL 1700000000
#define MAX 10
#define MAX_ALERTS 30
#define RESEND 60.0

struct world {
  struct webhook_queue *o;
  double now;
  char seen[4096]; /* of the last body */
};

static void begin_world(struct world *w, enum webhook_queue_format format,
                        enum alert_level least) {
  bool set = format == WEBHOOK_QUEUE_ALERTMANAGER;
  const struct webhook_queue_settings settings = {.format = format,
                                                  .least = least,
                                                  .max = MAX,
                                                  .max_alerts =
                                                      set ? MAX : MAX_ALERTS,
                                                  .resend = RESEND};
  *w = (struct world){.o = webhook_queue_create(&settings), .now = 1000};
  assert_non_null(w->o);
}

static int enter(void **state) {
  struct world *w = calloc(1, sizeof(*w));
  begin_world(w, WEBHOOK_QUEUE_JSON, ALERT_WARNING);
  *state = w;
  return 0;
}

static int enter_set(void **state) {
  struct world *w = calloc(1, sizeof(*w));
  begin_world(w, WEBHOOK_QUEUE_ALERTMANAGER, ALERT_WARNING);
  *state = w;
  return 0;
}

static int leave(void **state) {
  struct world *w = *state;
  webhook_queue_destroy(w->o);
  free(w);
  return 0;
}

static int64_t wall(const struct world *w) {
  return WALL + (int64_t)(w->now - 1000);
}

static enum alert_level level_of(const char *word) {
  enum alert_level level = ALERT_OK;
  while (word == NULL ? level != ALERT_LEVEL_UNKNOWN
                      : strcmp(word, alert_level_name(level)) != 0)
    level++;
  return level;
}

/* `previous`: NULL, unknown. */
static struct alert alert(const struct world *w, const char *rule,
                          const char *previous, const char *level) {
  return (struct alert){
      .rule_name = rule,
      .series = {"vm", "mcp_hub", "prod", "t", "", "value"},
      .level = level_of(level),
      .previous = level_of(previous),
      .status = strcmp(level, "ok") == 0 ? STATUS_RESOLVED : STATUS_FIRING,
      .message = "m",
      .value = NAN,
      .threshold = NAN,
      .since = (double)wall(w),
      .time = (double)wall(w),
  };
}

static int put_alerts(struct world *w, const struct alert *alerts, size_t num,
                      bool again) {
  const struct webhook_notice notice = {alerts, alerts, num, again};
  return webhook_queue_put(w->o, &notice, w->now);
}

static int put_alert(struct world *w, const struct alert *a) {
  return put_alerts(w, a, 1, false);
}

/* As the plugin does with an alert that fires and was notified before. */
static int put_again(struct world *w, const char *rule, const char *level) {
  struct alert n = alert(w, rule, level, level);
  return put_alerts(w, &n, 1, true);
}

static bool lacks(const struct world *w, const char *rule) {
  struct alert n = alert(w, rule, "ok", "warning");
  return webhook_queue_lacks(w->o, &n);
}

static int put(struct world *w, const char *rule, const char *previous,
               const char *level) {
  struct alert n = alert(w, rule, previous, level);
  return put_alert(w, &n);
}

static const char *text_at(struct json_object *object, const char *key) {
  struct json_object *value = NULL;
  json_object_object_get_ex(object, key, &value);
  return json_object_get_string(value);
}

static void note(struct world *w, const char *format, const char *a,
                 const char *b, const char *c) {
  size_t len = strlen(w->seen);
  snprintf(w->seen + len, sizeof(w->seen) - len, format, a, b, c);
}

static void note_alert(struct world *w, struct json_object *alert) {
  struct json_object *labels = NULL;
  char ends[32];
  char now[32];
  time_t t = (time_t)wall(w);
  strftime(now, sizeof(now), "%Y-%m-%dT%H:%M:%SZ", gmtime(&t));
  snprintf(ends, sizeof(ends), "%s", text_at(alert, "endsAt"));
  json_object_object_get_ex(alert, "labels", &labels);
  note(w, "%s %s %s;", text_at(labels, "alertname"),
       text_at(labels, "severity"), strcmp(ends, now) > 0 ? "fires" : "ended");
}

/* The body that is due, noted in short; false: none is. */
static bool begin(struct world *w) {
  char *body = webhook_queue_begin(w->o, w->now, wall(w));
  w->seen[0] = '\0';
  if (body == NULL)
    return false;
  struct json_object *made = json_tokener_parse(body);
  free(body);
  if (json_object_is_type(made, json_type_array))
    for (size_t i = 0; i < json_object_array_length(made); i++)
      note_alert(w, json_object_array_get_idx(made, i));
  else
    note(w, "%s %s %s;", text_at(made, "rule"), text_at(made, "level"),
         text_at(made, "status"));
  json_object_put(made);
  return true;
}

static void end(struct world *w, enum webhook_queue_outcome outcome) {
  webhook_queue_end(w->o, outcome, 0, 0.5, w->now);
}

static void expect(struct world *w, const char *seen) {
  assert_true(begin(w));
  assert_string_equal(w->seen, seen);
  end(w, WEBHOOK_QUEUE_DELIVERED);
}

static void expect_nothing(struct world *w) { assert_false(begin(w)); }

static void assert_close(double a, double b) {
  if (!(fabs(a - b) < 1e-4))
    fail_msg("%g is not %g", a, b);
}

static void assert_counts(struct world *w, uint64_t sent, uint64_t dropped,
                          uint64_t retried) {
  struct webhook_queue_counts c = webhook_queue_counts(w->o);
  assert_int_equal(c.sent, sent);
  assert_int_equal(c.dropped, dropped);
  assert_int_equal(c.retried, retried);
}

/* ---- queue ---- */

static void notices_go_out_one_by_one_in_order(void **state) {
  struct world *w = *state;
  expect_nothing(w);
  assert_true(isinf(webhook_queue_due(w->o)));
  put(w, "a", "ok", "warning");
  put(w, "b", "ok", "critical");
  assert_int_equal(webhook_queue_waiting(w->o), 2);
  assert_true(begin(w));
  assert_string_equal(w->seen, "a warning firing;");
  assert_true(isinf(webhook_queue_due(w->o)));
  assert_null(webhook_queue_begin(w->o, w->now, wall(w)));
  end(w, WEBHOOK_QUEUE_DELIVERED);
  expect(w, "b critical firing;");
  expect_nothing(w);
  assert_counts(w, 2, 0, 0);
}

static void only_what_is_bad_enough_goes_out(void **state) {
  struct world *w = *state;
  put(w, "a", "ok", "info");
  put(w, "a", "info", "ok");
  expect_nothing(w);
  put(w, "a", "info", "warning");
  expect(w, "a warning firing;");
  put(w, "a", "warning", "info");
  expect(w, "a info resolved;");
  put(w, "a", "info", "ok");
  expect_nothing(w);
  put(w, "b", NULL, "ok"); /* nobody knows what it was */
  expect(w, "b ok resolved;");
}

static void tests_always_go_out(void **state) {
  struct world *w = *state;
  struct alert n = alert(w, "a", NULL, "info");
  n.status = STATUS_TEST;
  put_alert(w, &n);
  expect(w, "a info test;");
}

static void newer_level_replaces_one_that_waits(void **state) {
  struct world *w = *state;
  put(w, "a", "ok", "warning");
  put(w, "b", "ok", "warning");
  put(w, "a", "warning", "critical");
  assert_int_equal(webhook_queue_waiting(w->o), 2);
  expect(w, "a critical firing;");
  expect(w, "b warning firing;");
  assert_counts(w, 2, 0, 0);
}

static void replacement_says_what_was_told_before(void **state) {
  struct world *w = *state;
  put(w, "a", "ok", "warning");
  put(w, "a", "warning", "critical");
  char *body = webhook_queue_begin(w->o, w->now, wall(w));
  assert_non_null(strstr(body, "\"previous\":\"ok\""));
  free(body);
}

static void start_and_end_are_both_told(void **state) {
  struct world *w = *state;
  put(w, "a", "ok", "warning");
  put(w, "a", "warning", "ok");
  put(w, "a", "ok", "warning");
  put(w, "a", "warning", "critical");
  expect(w, "a warning firing;");
  expect(w, "a ok resolved;");
  expect(w, "a critical firing;");
  expect_nothing(w);
}

static void what_is_under_way_is_not_replaced(void **state) {
  struct world *w = *state;
  put(w, "a", "ok", "warning");
  assert_true(begin(w));
  put(w, "a", "warning", "critical");
  end(w, WEBHOOK_QUEUE_DELIVERED);
  expect(w, "a critical firing;");
  assert_counts(w, 2, 0, 0);
}

static void what_failed_may_be_replaced(void **state) {
  struct world *w = *state;
  put(w, "a", "ok", "warning");
  assert_true(begin(w));
  end(w, WEBHOOK_QUEUE_FAILED);
  put(w, "a", "warning", "critical");
  w->now = webhook_queue_due(w->o);
  expect(w, "a critical firing;");
  expect_nothing(w);
}

static void other_identities_are_other_alerts(void **state) {
  struct world *w = *state;
  struct alert n = alert(w, "a", "ok", "warning");
  const char **const parts[] = {
      &n.rule_name,    &n.series.host,          &n.series.plugin_instance,
      &n.series.type,  &n.series.type_instance, &n.series.ds,
      &n.series.plugin};
  size_t count = sizeof(parts) / sizeof(parts[0]);
  put_alert(w, &n);
  for (size_t i = 0; i < count; i++) {
    const char *kept = *parts[i];
    *parts[i] = "other";
    put_alert(w, &n);
    *parts[i] = kept;
  }
  assert_int_equal(webhook_queue_waiting(w->o), count + 1);
}

/* r0, r1, ... of them */
static void put_many(struct world *w, int from, int to, const char *previous,
                     const char *level) {
  char rule[16];
  for (int i = from; i < to; i++) {
    snprintf(rule, sizeof(rule), "r%d", i);
    assert_int_equal(put(w, rule, previous, level), 0);
  }
}

static void expect_many(struct world *w, int from, int to, const char *rest) {
  char line[64];
  for (int i = from; i < to; i++) {
    snprintf(line, sizeof(line), "r%d %s;", i, rest);
    expect(w, line);
  }
}

/* A group of `num` alerts g0, g1, ... in one message. */
static int put_group(struct world *w, size_t num) {
  char names[MAX_ALERTS][8];
  struct alert group[MAX_ALERTS];
  for (size_t i = 0; i < num; i++) {
    snprintf(names[i], sizeof(names[i]), "g%zu", i);
    group[i] = alert(w, names[i], "ok", "warning");
  }
  return put_alerts(w, group, num, false);
}

static void
an_alert_for_which_there_is_no_room_is_not_put_in_again(void **state) {
  struct world *w = *state;
  size_t num = MAX_ALERTS - MAX;
  put_many(w, 0, MAX - 1, "ok", "warning");
  assert_int_equal(put_group(w, num), 0);
  assert_int_equal(put(w, "new", "ok", "warning"), -1); /* the last one known */
  expect_many(w, 0, 1, "warning firing");
  assert_int_equal(put_group(w, num + 1), 0); /* as many as before */
  const struct alert both[] = {alert(w, "other", "warning", "warning"),
                               alert(w, "new", "warning", "warning")};
  assert_int_equal(put_alerts(w, both, 2, true), -1);
  assert_true(lacks(w, "new") && !lacks(w, "other"));
}

static void full_queue_is_filled_again_from_what_fires(void **state) {
  struct world *w = *state;
  put_many(w, 0, MAX, "ok", "warning");
  assert_int_equal(put(w, "new", "ok", "warning"), -1);
  assert_true(lacks(w, "new") && !lacks(w, "r0"));
  assert_int_equal(webhook_queue_room(w->o), 0);
  assert_int_equal(put_again(w, "new", "warning"), -1);
  expect_many(w, 0, MAX / 2, "warning firing");
  assert_int_equal(webhook_queue_room(w->o), MAX / 2);
  assert_int_equal(put_again(w, "new", "warning"), 0);
  assert_int_equal(put_again(w, "r0", "warning"), 0);
  assert_int_equal(webhook_queue_room(w->o), 0);
  expect_many(w, MAX / 2, MAX, "warning firing");
  expect(w, "new warning firing;");
  expect_nothing(w);
  assert_counts(w, MAX + 1, 1, 0);
}

static void what_was_refused_and_ended_is_not_told(void **state) {
  struct world *w = *state;
  put_many(w, 0, MAX, "ok", "warning");
  put(w, "new", "ok", "warning");
  put(w, "new", "warning", "ok");
  assert_false(lacks(w, "new"));
  expect_many(w, 0, MAX, "warning firing");
  expect_nothing(w);
}

static void ends_of_what_was_told_find_room_in_a_full_queue(void **state) {
  struct world *w = *state;
  put(w, "a", "ok", "warning");
  expect(w, "a warning firing;");
  put_many(w, 0, MAX, "ok", "warning");
  assert_int_equal(put(w, "a", "warning", "ok"), 0);
  put_many(w, 0, MAX, "warning", "ok");
  expect_many(w, 0, MAX, "warning firing");
  expect(w, "a ok resolved;");
  expect_many(w, 0, MAX, "ok resolved");
  expect_nothing(w);
  assert_counts(w, 2 * MAX + 2, 0, 0);
}

static void refused_change_of_level_does_not_hide_the_end(void **state) {
  struct world *w = *state;
  put(w, "a", "ok", "warning");
  expect(w, "a warning firing;");
  put_many(w, 0, MAX, "ok", "warning");
  assert_int_equal(put(w, "a", "warning", "critical"), -1);
  assert_int_equal(put(w, "a", "critical", "ok"), 0);
  expect_many(w, 0, MAX, "warning firing");
  expect(w, "a ok resolved;");
}

static void group_waits_until_no_alert_would_be_lost(void **state) {
  struct world *w = *state;
  const struct alert both[] = {alert(w, "a", "ok", "warning"),
                               alert(w, "b", "ok", "warning")};
  put_alerts(w, both, 2, false);
  put(w, "a", "warning", "critical"); /* does not replace b's only notice */
  expect(w, "a warning firing;");
  expect(w, "a critical firing;");
  put_alerts(w, both, 2, false);
  put_alerts(w, both, 2, false);
  expect(w, "a warning firing;");
  expect_nothing(w);
}

static void each_alert_of_a_refused_group_is_missed(void **state) {
  struct world *w = *state;
  const struct alert both[] = {alert(w, "a", "ok", "warning"),
                               alert(w, "b", "ok", "warning")};
  const struct alert ended[] = {alert(w, "a", "warning", "ok"),
                                alert(w, "b", "warning", "ok")};
  put_many(w, 0, MAX, "ok", "warning");
  assert_int_equal(put_alerts(w, both, 2, false), -1);
  assert_true(lacks(w, "a") && lacks(w, "b"));
  expect_many(w, 0, MAX, "warning firing");
  assert_int_equal(put_again(w, "b", "warning"), 0);
  assert_true(lacks(w, "a") && !lacks(w, "b"));
  assert_int_equal(put_alerts(w, ended, 2, false), 0);
  assert_false(lacks(w, "a"));
  expect(w, "b warning firing;");
  expect(w, "a ok resolved;"); /* and b */
}

static void tests_take_no_room_and_only_one_waits(void **state) {
  struct world *w = *state;
  struct alert n = alert(w, "a", NULL, "info");
  n.status = STATUS_TEST;
  put_many(w, 0, MAX - 1, "ok", "warning");
  char host[16];
  for (int i = 0; i < 5000; i++) {
    snprintf(host, sizeof(host), "h%d", i);
    n.series.host = host;
    assert_int_equal(put_alert(w, &n), i < (int)WEBHOOK_QUEUE_TESTS ? 0 : -1);
  }
  assert_int_equal(webhook_queue_waiting(w->o), MAX);
  put_many(w, MAX - 1, MAX, "ok", "warning");
  expect_many(w, 0, MAX - 1, "warning firing");
  expect(w, "a info test;");
  expect_many(w, MAX - 1, MAX, "warning firing");
  expect_nothing(w);
  w->now += 60;
  put_alert(w, &n);
  expect(w, "a info test;");
}

static void failure_postpones_ever_longer(void **state) {
  struct world *w = *state;
  static const double delays[] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300};
  put(w, "a", "ok", "warning");
  for (size_t i = 0; i < sizeof(delays) / sizeof(delays[0]); i++) {
    assert_true(begin(w));
    end(w, WEBHOOK_QUEUE_FAILED);
    assert_close(webhook_queue_due(w->o) - w->now, delays[i]);
    w->now = webhook_queue_due(w->o) - 0.001;
    expect_nothing(w);
    w->now += 0.001;
  }
  expect(w, "a warning firing;");
  assert_counts(w, 1, 0, 11);
  put(w, "b", "ok", "warning");
  assert_true(begin(w));
  end(w, WEBHOOK_QUEUE_FAILED);
  assert_close(webhook_queue_due(w->o) - w->now, 1);
}

static void delays_vary_by_chance_within_bounds(void **state) {
  struct world *w = *state;
  static const struct {
    double chance;
    double delay[3];
  } table[] = {{0, {1, 1.5, 3}}, {0.999999, {1.25, 2.5, 5}}};
  put(w, "a", "ok", "warning");
  for (size_t i = 0; i < 2; i++) {
    for (size_t k = 0; k < 3; k++) {
      assert_true(begin(w));
      webhook_queue_end(w->o, WEBHOOK_QUEUE_FAILED, 0, table[i].chance, w->now);
      assert_close(webhook_queue_due(w->o) - w->now, table[i].delay[k]);
      w->now = webhook_queue_due(w->o);
    }
    expect(w, "a warning firing;");
    put(w, "a", "ok", "warning");
  }
}

static void server_is_given_the_time_it_asks_for(void **state) {
  struct world *w = *state;
  static const double asked[][2] = {{90, 90}, {0.1, 2}, {1e9, 3600}, {-5, 8}};
  put(w, "a", "ok", "warning");
  for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
    assert_true(begin(w));
    webhook_queue_end(w->o, WEBHOOK_QUEUE_FAILED, asked[i][0], 0.5, w->now);
    assert_close(webhook_queue_due(w->o) - w->now, asked[i][1]);
    w->now = webhook_queue_due(w->o);
  }
}

static void refused_notice_is_dropped_and_the_next_sent(void **state) {
  struct world *w = *state;
  put(w, "a", "ok", "warning");
  put(w, "b", "ok", "warning");
  assert_true(begin(w));
  end(w, WEBHOOK_QUEUE_REFUSED);
  expect(w, "b warning firing;");
  assert_counts(w, 1, 1, 0);
}

static void old_ends_of_what_was_told_do_not_expire(void **state) {
  struct world *w = *state;
  put(w, "a", "ok", "warning");
  expect(w, "a warning firing;");
  put(w, "a", "warning", "ok");
  put(w, "b", "ok", "warning");
  put(w, "b", "warning", "ok");
  put(w, "c", "ok", "warning");
  w->now += WEBHOOK_QUEUE_EXPIRY;
  expect(w, "a ok resolved;");
  expect_nothing(w); /* b's start has expired */
  assert_false(lacks(w, "b"));
  assert_true(lacks(w, "c"));
  put_again(w, "c", "warning");
  expect(w, "c warning firing;");
}

static void old_notices_expire(void **state) {
  struct world *w = *state;
  put(w, "a", "ok", "warning");
  w->now += WEBHOOK_QUEUE_EXPIRY - 1;
  put(w, "b", "ok", "warning");
  w->now += 1;
  expect(w, "b warning firing;");
  expect_nothing(w);
  assert_counts(w, 1, 1, 0);
}

/* ---- set of alerts ---- */

static void set_is_told_in_one_body(void **state) {
  struct world *w = *state;
  put(w, "a", "ok", "warning");
  put(w, "b", "ok", "critical");
  put(w, "c", "ok", "info");
  expect(w, "a warning fires;b critical fires;");
  expect_nothing(w);
  assert_counts(w, 2, 0, 0);
  assert_int_equal(webhook_queue_waiting(w->o), 0);
}

static void set_is_told_again_before_it_ends(void **state) {
  struct world *w = *state;
  put(w, "a", "ok", "warning");
  for (int i = 0; i < 2 * 1440; i++) { /* two days */
    expect(w, "a warning fires;");
    assert_close(webhook_queue_due(w->o), w->now + RESEND);
    w->now += RESEND - 1;
    expect_nothing(w);
    w->now += 1;
  }
  assert_counts(w, 1, 0, 0);
}

static void change_is_told_at_once_and_alone(void **state) {
  struct world *w = *state;
  put(w, "a", "ok", "warning");
  expect(w, "a warning fires;");
  w->now += 10;
  put(w, "b", "ok", "warning");
  expect(w, "b warning fires;");
  w->now += 50;
  expect(w, "a warning fires;b warning fires;");
}

static void end_is_told_once(void **state) {
  struct world *w = *state;
  put(w, "a", "ok", "warning");
  expect(w, "a warning fires;");
  w->now += 5;
  put(w, "a", "warning", "ok");
  expect(w, "a warning ended;");
  w->now += 1000;
  expect_nothing(w);
  assert_counts(w, 2, 0, 0);
}

static void changed_level_ends_the_alert_of_the_level_before(void **state) {
  struct world *w = *state;
  put(w, "a", "ok", "warning");
  expect(w, "a warning fires;");
  put(w, "a", "warning", "critical");
  expect(w, "a warning ended;a critical fires;");
  put(w, "a", "critical", "warning");
  put(w, "a", "warning", "info");
  expect(w, "a critical ended;a warning ended;");
  put(w, "a", "info", "ok");
  expect_nothing(w);
}

static void end_keeps_its_time(void **state) {
  struct world *w = *state;
  put(w, "a", "ok", "warning");
  w->now += 5;
  put(w, "a", "warning", "critical"); /* at 22:13:25 */
  w->now += 5;
  put(w, "a", "critical", "ok");
  char *body = webhook_queue_begin(w->o, w->now, wall(w));
  const char *warning = strstr(body, "2023-11-14T22:13:25Z\"}");
  const char *critical = strstr(body, "2023-11-14T22:13:30Z\"}");
  assert_non_null(warning);
  assert_non_null(critical);
  free(body);
}

static void alert_that_fires_again_is_not_ended(void **state) {
  struct world *w = *state;
  put(w, "a", "ok", "warning");
  expect(w, "a warning fires;");
  put(w, "a", "warning", "ok");
  assert_true(begin(w));
  assert_string_equal(w->seen, "a warning ended;");
  put(w, "a", "ok", "warning");
  end(w, WEBHOOK_QUEUE_DELIVERED);
  expect(w, "a warning fires;");
  w->now += RESEND;
  expect(w, "a warning fires;");
}

static void end_during_a_post_is_told_after_it(void **state) {
  struct world *w = *state;
  put(w, "a", "ok", "warning");
  assert_true(begin(w));
  put(w, "a", "warning", "ok");
  end(w, WEBHOOK_QUEUE_DELIVERED);
  expect(w, "a warning ended;");
  expect_nothing(w);
}

static void end_of_an_alert_of_a_former_life_is_told(void **state) {
  struct world *w = *state;
  put(w, "a", "critical", "ok");
  expect(w, "a critical ended;");
  put(w, "a", NULL, "ok"); /* under which level? it ends by itself */
  put(w, "a", "info", "ok");
  expect_nothing(w);
}

static void failed_set_is_tried_again_within_resend(void **state) {
  struct world *w = *state;
  put(w, "a", "ok", "warning");
  expect(w, "a warning fires;");
  w->now += RESEND;
  for (int i = 0; i < 20; i++) {
    assert_true(begin(w));
    end(w, WEBHOOK_QUEUE_FAILED);
    assert_true(webhook_queue_due(w->o) <= w->now + RESEND);
    w->now = webhook_queue_due(w->o);
  }
  put(w, "b", "ok", "warning");
  expect(w, "a warning fires;b warning fires;");
  assert_counts(w, 2, 0, 20);
}

static void refused_set_still_fires(void **state) {
  struct world *w = *state;
  put(w, "a", "ok", "warning");
  assert_true(begin(w));
  end(w, WEBHOOK_QUEUE_REFUSED);
  expect_nothing(w);
  assert_counts(w, 0, 1, 0);
  w->now += RESEND;
  expect(w, "a warning fires;");
}

static void full_set_is_filled_again_from_what_fires(void **state) {
  struct world *w = *state;
  put_many(w, 0, MAX, "ok", "warning");
  assert_int_equal(put(w, "new", "ok", "warning"), -1);
  assert_int_equal(put(w, "r0", "warning", "warning"), 0);
  assert_int_equal(webhook_queue_room(w->o), 0);
  assert_true(begin(w));
  end(w, WEBHOOK_QUEUE_DELIVERED);
  put(w, "r0", "warning", "ok");
  expect(w, "r0 warning ended;");
  put_again(w, "new", "warning");
  expect(w, "new warning fires;");
  expect_nothing(w);
}

static void what_is_in_the_set_is_not_put_again(void **state) {
  struct world *w = *state;
  put(w, "a", "ok", "warning");
  expect(w, "a warning fires;");
  put_again(w, "a", "warning");
  expect_nothing(w);
  put_again(w, "b", "warning"); /* after a restart */
  expect(w, "b warning fires;");
}

static void ends_that_nobody_took_expire(void **state) {
  struct world *w = *state;
  put(w, "a", "ok", "warning");
  put(w, "b", "ok", "warning");
  put(w, "a", "warning", "ok");
  w->now += WEBHOOK_QUEUE_EXPIRY;
  expect(w, "b warning fires;");
  assert_counts(w, 1, 1, 0);
}

static void test_alert_is_told_once(void **state) {
  struct world *w = *state;
  struct alert n = alert(w, "test", NULL, "info");
  n.status = STATUS_TEST;
  put_alert(w, &n);
  expect(w, "test info fires;");
  w->now += 1000;
  expect_nothing(w);
}

#define WORLD_TEST(f) cmocka_unit_test_setup_teardown(f, enter, leave)
#define SET_TEST(f) cmocka_unit_test_setup_teardown(f, enter_set, leave)

int main(void) {
  const struct CMUnitTest tests[] = {
      WORLD_TEST(notices_go_out_one_by_one_in_order),
      WORLD_TEST(only_what_is_bad_enough_goes_out),
      WORLD_TEST(tests_always_go_out),
      WORLD_TEST(newer_level_replaces_one_that_waits),
      WORLD_TEST(replacement_says_what_was_told_before),
      WORLD_TEST(start_and_end_are_both_told),
      WORLD_TEST(what_is_under_way_is_not_replaced),
      WORLD_TEST(what_failed_may_be_replaced),
      WORLD_TEST(other_identities_are_other_alerts),
      WORLD_TEST(full_queue_is_filled_again_from_what_fires),
      WORLD_TEST(an_alert_for_which_there_is_no_room_is_not_put_in_again),
      WORLD_TEST(what_was_refused_and_ended_is_not_told),
      WORLD_TEST(ends_of_what_was_told_find_room_in_a_full_queue),
      WORLD_TEST(refused_change_of_level_does_not_hide_the_end),
      WORLD_TEST(group_waits_until_no_alert_would_be_lost),
      WORLD_TEST(each_alert_of_a_refused_group_is_missed),
      WORLD_TEST(tests_take_no_room_and_only_one_waits),
      WORLD_TEST(failure_postpones_ever_longer),
      WORLD_TEST(delays_vary_by_chance_within_bounds),
      WORLD_TEST(server_is_given_the_time_it_asks_for),
      WORLD_TEST(refused_notice_is_dropped_and_the_next_sent),
      WORLD_TEST(old_ends_of_what_was_told_do_not_expire),
      WORLD_TEST(old_notices_expire),
      SET_TEST(set_is_told_in_one_body),
      SET_TEST(set_is_told_again_before_it_ends),
      SET_TEST(change_is_told_at_once_and_alone),
      SET_TEST(end_is_told_once),
      SET_TEST(changed_level_ends_the_alert_of_the_level_before),
      SET_TEST(end_keeps_its_time),
      SET_TEST(alert_that_fires_again_is_not_ended),
      SET_TEST(end_during_a_post_is_told_after_it),
      SET_TEST(end_of_an_alert_of_a_former_life_is_told),
      SET_TEST(failed_set_is_tried_again_within_resend),
      SET_TEST(refused_set_still_fires),
      SET_TEST(full_set_is_filled_again_from_what_fires),
      SET_TEST(what_is_in_the_set_is_not_put_again),
      SET_TEST(ends_that_nobody_took_expire),
      SET_TEST(test_alert_is_told_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
