/* SPDX-License-Identifier: MIT */
#include "notify/payload.h"

#include "alerts/series.h"
#include "util/format.h"
#include "util/utf8.h"

#include <errno.h>
#include <json-c/json.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define REPLACEMENT "\xEF\xBF\xBD"      /* U+FFFD */
#define ZERO_WIDTH_SPACE "\xE2\x80\x8B" /* U+200B */

/* ---------------------------------------------------------------- events */

static const char *status_of(const struct alert_event *event) {
  if (event->reason == ALERT_FLAPPING)
    return "flapping";
  return event->level == ALERT_OK ? "resolved" : "firing";
}

struct notification payload_of_event(const struct alert_event *event,
                                     enum payload_kind kind,
                                     const char *message, int64_t since,
                                     int64_t time) {
  const struct series *s = event->series;

  return (struct notification){
      .kind = kind,
      .status = status_of(event),
      .rule = event->rule->name,
      .level = alert_level_name(event->level),
      .previous = alert_level_name(event->previous),
      .host = s->host,
      .plugin = s->plugin,
      .plugin_instance = s->plugin_instance,
      .type = s->type,
      .type_instance = s->type_instance,
      .ds = s->ds,
      .message = message,
      .runbook = event->rule->runbook,
      .value = event->value,
      .threshold = event->threshold,
      .since = since,
      .time = time,
  };
}

/* ----------------------------------------------------------------- texts */

struct payload_text {
  char bytes[PAYLOAD_MAX_TEXT + 1];
  size_t len;
};

/* False when it does not fit any more. */
static bool append(struct payload_text *t, const char *bytes, size_t len) {
  if (t->len + len > PAYLOAD_MAX_TEXT)
    return false;
  memcpy(t->bytes + t->len, bytes, len);
  t->len += len;
  t->bytes[t->len] = '\0';
  return true;
}

/* What stands for a character that markup would make something else of. */
static const char *unmarked(char c) {
  switch (c) {
  case '&':
    return "&amp;";
  case '<':
    return "&lt;";
  case '>':
    return "&gt;";
  case '`':
    return "'";
  case '@':
    return "@" ZERO_WIDTH_SPACE;
  default:
    return NULL;
  }
}

static void append_text(struct payload_text *t, const char *from, bool unmark) {
  size_t len = strlen(from);
  for (size_t i = 0; i < len;) {
    size_t n = utf8_printable(from + i, len - i);
    const char *instead = unmark ? unmarked(from[i]) : NULL;
    if (n == 0)
      instead = (unsigned char)from[i] < 0x80 ? " " : REPLACEMENT;
    if (!append(t, instead != NULL ? instead : from + i,
                instead != NULL ? strlen(instead) : n))
      return;
    i += n > 0 ? n : 1;
  }
}

static struct json_object *plain(const char *from) {
  struct payload_text t = {.len = 0};
  append_text(&t, from, false);
  return json_object_new_string(t.bytes);
}

static struct json_object *unmarked_text(const char *from) {
  struct payload_text t = {.len = 0};
  append_text(&t, from, true);
  return json_object_new_string(t.bytes);
}

static struct json_object *timestamp(int64_t seconds) {
  char text[64] = "";
  time_t t = (time_t)seconds;
  struct tm utc;
  if (gmtime_r(&t, &utc) != NULL)
    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc);
  return json_object_new_string(text);
}

/* Unknown is null. */
static struct json_object *number(double value) {
  if (!isfinite(value))
    return NULL;
  struct json_object *made = json_object_new_double(value);
  if (made != NULL)
    json_object_set_serializer(made, json_object_double_to_json_string,
                               (void *)(uintptr_t) "%.15g", NULL);
  return made;
}

/* --------------------------------------------------------------- objects */

static void add(struct json_object *to, const char *key,
                struct json_object *value) {
  if (to == NULL || json_object_object_add(to, key, value) != 0)
    json_object_put(value);
}

static void add_to_list(struct json_object *list, struct json_object *value) {
  if (list == NULL || json_object_array_add(list, value) != 0)
    json_object_put(value);
}

/* Takes `made` over. Since errno was 0: json-c leaves out what it has no room
 * for, and only errno tells. */
static char *written(struct json_object *made) {
  const char *text = json_object_to_json_string_ext(
      made, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
  char *copy = errno != ENOMEM && text != NULL ? strdup(text) : NULL;
  json_object_put(made);
  return copy;
}

static bool is(const char *text, const char *word) {
  return strcmp(text, word) == 0;
}

static bool is_link(const char *text) {
  return text != NULL && (strncmp(text, "https://", 8) == 0 ||
                          strncmp(text, "http://", 7) == 0);
}

/* ----------------------------------------------------------------- slack */

static const char *colour(const struct notification *n) {
  if (is(n->status, "resolved"))
    return "#2eb67d"; /* green */
  if (is(n->status, "test"))
    return "#868686"; /* grey */
  if (is(n->level, "critical"))
    return "#e01e5a";                                     /* red */
  return is(n->level, "warning") ? "#ecb22e" : "#36c5f0"; /* yellow, blue */
}

/* What comes first: the level, or the status where that says more. */
static const char *headline(const struct notification *n) {
  static const char *const words[][2] = {{"ok", "OK"},
                                         {"info", "INFO"},
                                         {"warning", "WARNING"},
                                         {"critical", "CRITICAL"}};
  if (is(n->status, "test"))
    return "TEST";
  if (is(n->status, "flapping"))
    return "FLAPPING";
  for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
    if (is(n->level, words[i][0]))
      return words[i][1];
  return n->level;
}

static struct json_object *headed_text(const struct notification *n) {
  struct payload_text t = {.len = 0};
  append_text(&t, headline(n), true);
  append_text(&t, ": ", true);
  append_text(&t, n->message, true);
  return json_object_new_string(t.bytes);
}

/* host/plugin-instance/type-instance */
static struct json_object *identity(const struct notification *n) {
  const struct {
    const char *before;
    const char *text;
  } parts[] = {{"", n->host},
               {"/", n->plugin},
               {"-", n->plugin_instance},
               {"/", n->type},
               {"-", n->type_instance}};
  struct payload_text t = {.len = 0};
  for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
    if (parts[i].text[0] == '\0')
      continue;
    append_text(&t, parts[i].before, true);
    append_text(&t, parts[i].text, true);
  }
  return json_object_new_string(t.bytes);
}

static struct json_object *attachment(const struct notification *n) {
  struct json_object *a = json_object_new_object();
  add(a, "color", json_object_new_string(colour(n)));
  add(a, "fallback", headed_text(n));
  add(a, "title", unmarked_text(n->rule));
  if (is_link(n->runbook))
    add(a, "title_link", plain(n->runbook));
  add(a, "text", identity(n));
  add(a, "mrkdwn_in", json_object_new_array());
  add(a, "ts", json_object_new_int64(n->time));
  return a;
}

char *payload_slack(const struct notification *n) {
  errno = 0;
  struct json_object *made = json_object_new_object();
  struct json_object *attachments = json_object_new_array();
  add_to_list(attachments, attachment(n));
  add(made, "text", headed_text(n));
  add(made, "mrkdwn", json_object_new_boolean(0));
  add(made, "attachments", attachments);
  return written(made);
}

/* ------------------------------------------------------------------ json */

char *payload_json(const struct notification *n) {
  errno = 0;
  struct json_object *made = json_object_new_object();
  add(made, "version", json_object_new_int(1));
  add(made, "status", plain(n->status));
  add(made, "rule", plain(n->rule));
  add(made, "level", plain(n->level));
  add(made, "previous", n->previous != NULL ? plain(n->previous) : NULL);
  add(made, "host", plain(n->host));
  add(made, "plugin", plain(n->plugin));
  add(made, "plugin_instance", plain(n->plugin_instance));
  add(made, "type", plain(n->type));
  add(made, "type_instance", plain(n->type_instance));
  add(made, "ds", plain(n->ds));
  add(made, "message", plain(n->message));
  add(made, "runbook", n->runbook != NULL ? plain(n->runbook) : NULL);
  add(made, "value", number(n->value));
  add(made, "threshold", number(n->threshold));
  add(made, "since", timestamp(n->since));
  add(made, "time", timestamp(n->time));
  return written(made);
}

/* ---------------------------------------------------------- alertmanager */

static void add_label(struct json_object *to, const char *name,
                      const char *text) {
  if (text[0] != '\0')
    add(to, name, plain(text));
}

static struct json_object *labels(const struct notification *n) {
  struct json_object *made = json_object_new_object();
  add_label(made, "alertname", n->rule);
  add_label(made, "severity", n->level);
  add_label(made, "host", n->host);
  add_label(made, "plugin", n->plugin);
  add_label(made, is(n->plugin, HUB_PLUGIN) ? "hub" : "instance",
            n->plugin_instance);
  add_label(made, "type", n->type);
  add_label(made, "type_instance", n->type_instance);
  add_label(made, "ds", is(n->ds, "value") ? "" : n->ds);
  return made;
}

static void add_figure(struct json_object *to, const char *name, double value) {
  char text[FORMAT_MAX];
  if (isnan(value))
    return;
  format_number(value, text);
  add(to, name, json_object_new_string(text));
}

static struct json_object *annotations(const struct notification *n) {
  struct json_object *made = json_object_new_object();
  add(made, "summary", plain(n->message));
  if (n->runbook != NULL)
    add(made, "runbook", plain(n->runbook));
  add_figure(made, "value", n->value);
  add_figure(made, "threshold", n->threshold);
  return made;
}

static struct json_object *alert(const struct payload_alert *from) {
  struct json_object *made = json_object_new_object();
  const struct notification *n = from->notification;
  add(made, "labels", labels(n));
  add(made, "annotations", annotations(n));
  /* An end before the start would be refused. */
  add(made, "startsAt",
      timestamp(n->since < from->ends ? n->since : from->ends));
  add(made, "endsAt", timestamp(from->ends));
  return made;
}

char *payload_alertmanager(const struct payload_alert *alerts, size_t count) {
  errno = 0;
  struct json_object *list = json_object_new_array();
  for (size_t i = 0; i < count; i++)
    add_to_list(list, alert(&alerts[i]));
  return written(list);
}
