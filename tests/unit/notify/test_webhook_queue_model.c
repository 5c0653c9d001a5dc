/* SPDX-License-Identifier: MIT */
/* A webhook's queue against a receiver that is away for long: whatever happens
 * meanwhile, in the end the receiver knows what fires, and no more. */
#include "unit.h"

#include "notify/webhook_queue.h"
#include "random.h"

#include <json-c/json.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ALERTS 600 /* more than a body of an Alertmanager has */
#define MAX 20
#define WALL 1700000000
#define ROUNDS 60

struct world {
  enum webhook_queue_format format;
  struct webhook_queue *o;
  double now;
  enum alert_level fires[ALERTS];    /* what is true */
  enum alert_level told[ALERTS];     /* what the receiver knows */
  double ends[ALERTS][ALERT_LEVELS]; /* the same, of an Alertmanager */
};

static double wall(const struct world *w) { return WALL + w->now; }

static struct alert alert_of(const struct world *w, size_t i,
                             enum alert_level previous, char name[16]) {
  snprintf(name, 16, "%zu", i / 2); /* two rules for a series */
  return (struct alert){.rule_name = i % 2 == 0 ? "even" : "odd",
                        .series = {"h", "mcp_hub", name, "t", "", "value"},
                        .level = w->fires[i],
                        .previous = previous,
                        .status = w->fires[i] == ALERT_OK ? STATUS_RESOLVED
                                                          : STATUS_FIRING,
                        .value = NAN,
                        .threshold = NAN,
                        .since = floor(wall(w)),
                        .time = floor(wall(w)),
                        .message = "m"};
}

static void put(struct world *w, size_t i, enum alert_level previous,
                bool again) {
  char name[16];
  const struct alert a = alert_of(w, i, previous, name);
  const struct webhook_notice notice = {&a, &a, 1, again};
  webhook_queue_put(w->o, &notice, w->now);
}

static void change(struct world *w) {
  size_t i = chance(ALERTS);
  enum alert_level before = w->fires[i];
  w->fires[i] = chance(2) == 0 ? ALERT_OK : ALERT_INFO + chance(3);
  if (w->fires[i] != before)
    put(w, i, before, false);
}

/* What the plugin does. */
static void refill(struct world *w) {
  size_t room = webhook_queue_room(w->o);
  for (size_t i = 0; i < ALERTS && room > 0; i++) {
    char name[16];
    const struct alert a = alert_of(w, i, w->fires[i], name);
    if (w->fires[i] == ALERT_OK || !webhook_queue_lacks(w->o, &a))
      continue;
    put(w, i, w->fires[i], true);
    room--;
  }
}

/* ---- the receiver ---- */

static const char *text_at(struct json_object *object, const char *key) {
  struct json_object *value = NULL;
  json_object_object_get_ex(object, key, &value);
  return json_object_get_string(value);
}

static enum alert_level level_of(const char *word) {
  enum alert_level level = ALERT_OK;
  while (strcmp(word, alert_level_name(level)) != 0)
    level++;
  return level;
}

static size_t number_of(struct json_object *o, const char *rule,
                        const char *instance) {
  return strtoul(text_at(o, instance), NULL, 10) * 2 +
         (strcmp(text_at(o, rule), "odd") == 0);
}

static void take_message(struct world *w, struct json_object *made) {
  size_t i = number_of(made, "rule", "plugin_instance");
  bool ends = strcmp(text_at(made, "status"), "resolved") == 0;
  assert_true(!ends || w->told[i] != ALERT_OK); /* no end without a start */
  w->told[i] = ends ? ALERT_OK : level_of(text_at(made, "level"));
}

static void take_item(struct world *w, struct json_object *made) {
  struct json_object *labels = NULL;
  struct tm ends = {0};
  assert_non_null(
      strptime(text_at(made, "endsAt"), "%Y-%m-%dT%H:%M:%S", &ends));
  json_object_object_get_ex(made, "labels", &labels);
  w->ends[number_of(labels, "alertname", "hub")]
         [level_of(text_at(labels, "severity"))] = (double)timegm(&ends);
}

/* One body. False: none is due. */
static bool post(struct world *w, bool away) {
  char *body = webhook_queue_begin(w->o, w->now, (int64_t)wall(w));
  if (body == NULL)
    return false;
  if (chance(3) == 0)
    change(w); /* meanwhile */
  if (!away) {
    struct json_object *made = json_tokener_parse(body);
    size_t num = w->format == WEBHOOK_QUEUE_ALERTMANAGER
                     ? json_object_array_length(made)
                     : 0;
    assert_true(num <= WEBHOOK_QUEUE_BODY_MAX);
    for (size_t i = 0; i < num; i++)
      take_item(w, json_object_array_get_idx(made, i));
    if (w->format != WEBHOOK_QUEUE_ALERTMANAGER)
      take_message(w, made);
    json_object_put(made);
  }
  free(body);
  webhook_queue_end(w->o, away ? WEBHOOK_QUEUE_FAILED : WEBHOOK_QUEUE_DELIVERED,
                    0, 0.5, w->now);
  return true;
}

/* ---- time ---- */

static void outage(struct world *w) {
  unsigned changes = chance(4) == 0 ? chance(3 * ALERTS) : chance(MAX);
  for (unsigned i = 0; i < changes; i++) {
    change(w);
    w->now += chance(40);
    if (chance(3) == 0)
      post(w, true);
    if (chance(3) == 0)
      refill(w);
    if (chance(200) == 0)
      w->now += WEBHOOK_QUEUE_EXPIRY;
  }
}

static bool is_idle(const struct world *w) {
  return webhook_queue_waiting(w->o) == 0 && webhook_queue_room(w->o) == 0 &&
         webhook_queue_due(w->o) > w->now;
}

static void recover(struct world *w) {
  w->now += WEBHOOK_QUEUE_MAX_DELAY;
  for (size_t steps = 0; !is_idle(w); steps++) {
    assert_true(steps < 100 * ALERTS);
    if (!post(w, false))
      w->now++;
    refill(w);
  }
}

static void check(const struct world *w) {
  for (size_t i = 0; i < ALERTS; i++) {
    if (w->format != WEBHOOK_QUEUE_ALERTMANAGER)
      assert_int_equal(w->told[i], w->fires[i]);
    for (size_t level = ALERT_INFO; level < ALERT_LEVELS; level++)
      if (w->format == WEBHOOK_QUEUE_ALERTMANAGER)
        assert_int_equal(w->ends[i][level] > wall(w), w->fires[i] == level);
  }
}

static void run(enum webhook_queue_format format, size_t max_alerts) {
  const struct webhook_queue_settings settings = {.format = format,
                                                  .least = ALERT_INFO,
                                                  .max = MAX,
                                                  .max_alerts = max_alerts,
                                                  .resend = 60};
  struct world *w = calloc(1, sizeof(*w));
  w->format = format;
  w->o = webhook_queue_create(&settings);
  for (seed = 1; seed <= ROUNDS;) {
    uint64_t round = seed;
    outage(w);
    recover(w);
    check(w);
    seed = round + 1;
  }
  if (format != WEBHOOK_QUEUE_ALERTMANAGER) /* it was full */
    assert_true(webhook_queue_counts(w->o).dropped > 0);
  webhook_queue_destroy(w->o);
  free(w);
}

static void messages_tell_all_after_each_outage(void **state) {
  (void)state;
  run(WEBHOOK_QUEUE_JSON, 4 * ALERTS);
}

static void alertmanager_knows_all_after_each_outage(void **state) {
  (void)state;
  run(WEBHOOK_QUEUE_ALERTMANAGER, 4 * ALERTS);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(messages_tell_all_after_each_outage),
      cmocka_unit_test(alertmanager_knows_all_after_each_outage),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
