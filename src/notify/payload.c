/* SPDX-License-Identifier: MIT */
#include "notify/payload.h"

#include "util/format.h"
#include "util/utf8.h"

#include <math.h>
#include <string.h>

#define REPLACEMENT "\xEF\xBF\xBD"      /* U+FFFD */
#define ZERO_WIDTH_SPACE "\xE2\x80\x8B" /* U+200B */

/* ---- Slack ---- */

struct slack_text {
  char bytes[JSON_TEXT_MAX + 1];
  size_t len;
};

/* Replacement of a markup character; NULL: no markup. */
static const char *escape_of(char c) {
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

static void append(struct slack_text *t, const char *from) {
  for (size_t len = strlen(from), taken = 0; len > 0; len -= taken) {
    size_t n = utf8_printable(from, len);
    const char *put = escape_of(*from);
    if (n == 0)
      put = (unsigned char)*from < 0x80 ? " " : REPLACEMENT;
    size_t size = put != NULL ? strlen(put) : n;
    if (t->len + size > JSON_TEXT_MAX)
      return;
    memcpy(t->bytes + t->len, put != NULL ? put : from, size);
    t->len += size;
    t->bytes[t->len] = '\0';
    taken = n > 0 ? n : 1;
    from += taken;
  }
}

static const char *colour(const struct alert *a) {
  if (a->status == STATUS_RESOLVED)
    return "#2eb67d"; /* green */
  if (a->status == STATUS_TEST)
    return "#868686"; /* grey */
  if (a->level == ALERT_CRITICAL)
    return "#e01e5a";                                       /* red */
  return a->level == ALERT_WARNING ? "#ecb22e" : "#36c5f0"; /* yellow, blue */
}

/* The level, or the status if it says more. */
static const char *headline(const struct alert *a) {
  static const char *const words[ALERT_LEVELS] = {"OK", "INFO", "WARNING",
                                                  "CRITICAL"};
  if (a->status == STATUS_TEST)
    return "TEST";
  return a->status == STATUS_FLAPPING ? "FLAPPING" : words[a->level];
}

static void put_headed(struct json_writer *w, const char *key,
                       const struct alert *a) {
  struct slack_text t = {.len = 0};
  append(&t, headline(a));
  append(&t, ": ");
  append(&t, a->message);
  json_put_text(w, key, t.bytes);
}

static void put_slack_text(struct json_writer *w, const char *key,
                           const char *text) {
  struct slack_text t = {.len = 0};
  append(&t, text);
  json_put_text(w, key, t.bytes);
}

/* host/plugin-instance/type-instance */
static void put_identity(struct json_writer *w, const char *key,
                         const struct series *s) {
  const char *const parts[][2] = {{"", s->host},
                                  {"/", s->plugin},
                                  {"-", s->plugin_instance},
                                  {"/", s->type},
                                  {"-", s->type_instance}};
  struct slack_text t = {.len = 0};
  for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
    if (*parts[i][1] == '\0')
      continue;
    append(&t, parts[i][0]);
    append(&t, parts[i][1]);
  }
  json_put_text(w, key, t.bytes);
}

static bool is_link(const char *text) {
  return text != NULL && (strncmp(text, "https://", 8) == 0 ||
                          strncmp(text, "http://", 7) == 0);
}

char *payload_slack(const struct alert *a) {
  struct json_writer w = {.ascii = true}; /* already valid text */
  json_begin_object(&w, NULL);
  put_headed(&w, "text", a);
  json_put_flag(&w, "mrkdwn", false);
  json_begin_list(&w, "attachments");
  json_begin_object(&w, NULL);
  json_put_text(&w, "color", colour(a));
  put_headed(&w, "fallback", a);
  put_slack_text(&w, "title", a->rule_name);
  if (is_link(a->runbook))
    json_put_text(&w, "title_link", a->runbook);
  put_identity(&w, "text", &a->series);
  json_begin_list(&w, "mrkdwn_in");
  json_end_list(&w);
  json_put_number(&w, "ts", a->time);
  json_end_object(&w);
  json_end_list(&w);
  json_end_object(&w);
  return json_take(&w);
}

/* ---- JSON ---- */

char *payload_json(const struct alert *a) {
  struct json_writer w = {0};
  json_begin_object(&w, NULL);
  json_put_number(&w, "version", 1);
  alert_put_json(&w, a, ALERT_TIMES_TEXT);
  json_end_object(&w);
  return json_take(&w);
}

/* ---- Alertmanager ---- */

static void put_label(struct json_writer *w, const char *name,
                      const char *text) {
  if (text[0] != '\0')
    json_put_text(w, name, text);
}

static void put_labels(struct json_writer *w, const struct alert *a) {
  const struct series *s = &a->series;
  json_begin_object(w, "labels");
  put_label(w, "alertname", a->rule_name);
  put_label(w, "severity", alert_level_name(a->level));
  put_label(w, "host", s->host);
  put_label(w, "plugin", s->plugin);
  put_label(w, series_is_hub(s) ? "hub" : "instance", s->plugin_instance);
  put_label(w, "type", s->type);
  put_label(w, "type_instance", s->type_instance);
  put_label(w, "ds", strcmp(s->ds, "value") == 0 ? "" : s->ds);
  json_end_object(w);
}

static void put_figure(struct json_writer *w, const char *name, double value) {
  char text[FORMAT_MAX];
  if (isnan(value))
    return;
  format_number(value, text);
  json_put_text(w, name, text);
}

static void put_annotations(struct json_writer *w, const struct alert *a) {
  json_begin_object(w, "annotations");
  json_put_text(w, "summary", a->message);
  if (a->runbook != NULL)
    json_put_text(w, "runbook", a->runbook);
  put_figure(w, "value", a->value);
  put_figure(w, "threshold", a->threshold);
  json_end_object(w);
}

char *payload_alertmanager(const struct payload_alert *alerts, size_t count) {
  struct json_writer w = {0};
  json_begin_list(&w, NULL);
  for (size_t i = 0; i < count; i++) {
    double ends = (double)alerts[i].ends;
    json_begin_object(&w, NULL);
    put_labels(&w, alerts[i].alert);
    put_annotations(&w, alerts[i].alert);
    /* Alertmanager rejects an end before the start. */
    alert_put_time(&w, "startsAt", fmin(alerts[i].alert->since, ends),
                   ALERT_TIMES_TEXT);
    alert_put_time(&w, "endsAt", ends, ALERT_TIMES_TEXT);
    json_end_object(&w);
  }
  json_end_list(&w);
  return json_take(&w);
}
