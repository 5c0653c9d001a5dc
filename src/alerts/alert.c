/* SPDX-License-Identifier: MIT */
#include "alerts/alert.h"

#include <string.h>
#include <time.h>

static const char *const status_words[] = {
    [STATUS_FIRING] = "firing",       [STATUS_RESOLVED] = "resolved",
    [STATUS_FLAPPING] = "flapping",   [STATUS_PENDING] = "pending",
    [STATUS_CLEARING] = "clearing",   [STATUS_SILENCED] = "silenced",
    [STATUS_INHIBITED] = "inhibited", [STATUS_TEST] = "test",
    [STATUS_UNKNOWN] = "unknown"};

const char *alert_status_word(enum alert_status status) {
  return status_words[status];
}

enum alert_status alert_event_status(const struct alert *a) {
  if (a->reason == ALERT_FLAPPING)
    return STATUS_FLAPPING;
  return a->level == ALERT_OK ? STATUS_RESOLVED : STATUS_FIRING;
}

bool alert_is_active(const struct alert *a) {
  return a->status == STATUS_FIRING || a->status == STATUS_CLEARING ||
         a->status == STATUS_FLAPPING;
}

bool alert_is_same(const struct alert *a, const struct alert *b) {
  return strcmp(a->series.type_instance, b->series.type_instance) == 0 &&
         strcmp(a->rule_name, b->rule_name) == 0 &&
         strcmp(a->series.type, b->series.type) == 0 &&
         strcmp(a->series.plugin_instance, b->series.plugin_instance) == 0 &&
         strcmp(a->series.host, b->series.host) == 0 &&
         strcmp(a->series.plugin, b->series.plugin) == 0 &&
         strcmp(a->series.ds, b->series.ds) == 0;
}

/* ---- copies ---- */

#define TEXTS 9

static void list_texts(struct alert *a, const char **texts[TEXTS]) {
  const char **const all[TEXTS] = {
      &a->rule_name,     &a->series.host,
      &a->series.plugin, &a->series.plugin_instance,
      &a->series.type,   &a->series.type_instance,
      &a->series.ds,     &a->message,
      &a->runbook};
  memcpy(texts, all, sizeof(all));
}

size_t alert_texts_size(const struct alert *a) {
  struct alert copy = *a;
  const char **texts[TEXTS];
  size_t size = 0;

  list_texts(&copy, texts);
  for (size_t i = 0; i < TEXTS; i++)
    size += *texts[i] != NULL ? strlen(*texts[i]) + 1 : 0;
  return size;
}

char *alert_copy(struct alert *to, const struct alert *from, char *room) {
  const char **texts[TEXTS];

  *to = *from;
  list_texts(to, texts);
  for (size_t i = 0; i < TEXTS; i++) {
    size_t len = *texts[i] != NULL ? strlen(*texts[i]) + 1 : 0;
    if (len == 0)
      continue;
    *texts[i] = memcpy(room, *texts[i], len);
    room += len;
  }
  return room;
}

/* ---- JSON ---- */

void alert_put_time(struct json_writer *w, const char *key, double epoch,
                    enum alert_times times) {
  char text[64];
  struct tm utc;
  time_t seconds = 0;

  if (times == ALERT_TIMES_EPOCH) {
    json_put_number(w, key, epoch);
    return;
  }
  if (epoch >= 0 && epoch < 253402300800.0) /* before year 10000 */
    seconds = (time_t)epoch;
  if (gmtime_r(&seconds, &utc) == NULL ||
      strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc) == 0)
    text[0] = '\0';
  json_put_text(w, key, text);
}

static void put_level(struct json_writer *w, const char *key,
                      enum alert_level level) {
  json_put_text(w, key,
                level != ALERT_LEVEL_UNKNOWN ? alert_level_name(level) : NULL);
}

void alert_put_json(struct json_writer *w, const struct alert *a,
                    enum alert_times times) {
  json_put_text(w, "status", alert_status_word(a->status));
  json_put_text(w, "rule", a->rule_name);
  put_level(w, "level", a->level);
  put_level(w, "previous", a->previous);
  json_put_text(w, "host", a->series.host);
  json_put_text(w, "plugin", a->series.plugin);
  json_put_text(w, "plugin_instance", a->series.plugin_instance);
  json_put_text(w, "type", a->series.type);
  json_put_text(w, "type_instance", a->series.type_instance);
  json_put_text(w, "ds", a->series.ds);
  json_put_text(w, "message", a->message);
  json_put_text(w, "runbook", a->runbook);
  json_put_number(w, "value", a->value);
  json_put_number(w, "threshold", a->threshold);
  alert_put_time(w, "since", a->since, times);
  alert_put_time(w, "time", a->time, times);
}

static enum alert_level level_named(const char *word,
                                    enum alert_level otherwise) {
  for (int level = ALERT_OK; level < ALERT_LEVELS; level++)
    if (strcmp(word, alert_level_name((enum alert_level)level)) == 0)
      return (enum alert_level)level;
  return otherwise;
}

/* The member "level"; ALERT_OK: not a level. */
static enum alert_level level_from_json(const struct json_object *object) {
  return level_named(json_text(object, "level", ""), ALERT_OK);
}

static enum alert_status status_named(const char *word) {
  enum alert_status status = STATUS_FIRING;

  while (status < STATUS_UNKNOWN && strcmp(word, status_words[status]) != 0)
    status++;
  return status;
}

struct alert alert_from_json(const struct json_object *object) {
  return (struct alert){
      .rule_name = json_text(object, "rule", ""),
      .series = {json_text(object, "host", ""), json_text(object, "plugin", ""),
                 json_text(object, "plugin_instance", ""),
                 json_text(object, "type", ""),
                 json_text(object, "type_instance", ""),
                 json_text(object, "ds", "")},
      .level = level_from_json(object),
      .previous =
          level_named(json_text(object, "previous", ""), ALERT_LEVEL_UNKNOWN),
      .status = status_named(json_text(object, "status", "")),
      .value = json_number(object, "value"),
      .threshold = json_number(object, "threshold"),
      .since = json_number(object, "since"),
      .time = json_number(object, "time"),
      .message = json_text(object, "message", ""),
      .runbook = json_text(object, "runbook", NULL),
  };
}
