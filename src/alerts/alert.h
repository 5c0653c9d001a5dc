/* SPDX-License-Identifier: MIT */
/* alert.h - the one record of an alert: the engine emits it, the dispatcher
 * delivers it, webhooks post it, status.json lists it, mcphubctl reads it.
 *
 * Texts are borrowed, unless alert_copy() made the record. */
#ifndef ALERTS_ALERT_H
#define ALERTS_ALERT_H

#include "alerts/series.h"
#include "rules/rule.h"
#include "util/json.h"

/* Why an event is sent. */
enum alert_reason {
  ALERT_VALUE,        /* the value crossed a threshold */
  ALERT_UNLISTED,     /* resolved: the hub no longer reports the series */
  ALERT_RULE_CHANGED, /* resolved: the rule is gone from the file */
  ALERT_FLAPPING,     /* delivered: it changes too often */
  ALERT_REPEATED      /* delivered: it goes on */
};

enum alert_status {
  STATUS_FIRING,
  STATUS_RESOLVED,
  STATUS_FLAPPING,
  STATUS_PENDING,
  STATUS_CLEARING,
  STATUS_SILENCED,
  STATUS_INHIBITED,
  STATUS_TEST, /* a test notification */
  STATUS_UNKNOWN
};

#define ALERT_LEVEL_UNKNOWN ALERT_LEVELS

struct alert {
  const struct rule *rule; /* NULL: known by its name alone */
  const char *rule_name;
  struct series series;
  enum alert_level level;    /* ALERT_OK: resolved */
  enum alert_level previous; /* ALERT_OK: it has just started */
  enum alert_reason reason;
  enum alert_status status;
  double value;        /* NaN: unknown */
  double threshold;    /* that decided; NaN: unknown */
  double since;        /* when the breach of this level began; of a resolved
                          alert, of its mildest. In the engine's time, in epoch
                          seconds once it leaves the plugin */
  double time;         /* of this event, on the same clock */
  const char *message; /* NULL: not formatted yet */
  const char *runbook; /* NULL: none */
};

const char *alert_status_word(enum alert_status status);

/* firing, resolved or flapping: of an event with that level and reason. */
enum alert_status alert_event_status(const struct alert *a);

/* Whether it needs attention: firing, clearing or flapping. */
bool alert_is_active(const struct alert *a);

/* Same rule and series. */
bool alert_is_same(const struct alert *a, const struct alert *b);

/* Bytes of all texts, with their ends. */
size_t alert_texts_size(const struct alert *a);
/* *to is *from with texts of its own, which stand from `room` on, where
 * alert_texts_size() bytes are free. Returns the first byte behind them. The
 * rule stays the caller's. */
char *alert_copy(struct alert *to, const struct alert *from, char *room);

/* ---- the JSON of an alert ---- */

enum alert_times {
  ALERT_TIMES_EPOCH, /* seconds */
  ALERT_TIMES_TEXT   /* RFC 3339, UTC */
};

/* The members of an open object: status, rule, level, previous, host, plugin,
 * plugin_instance, type, type_instance, ds, message, runbook, value, threshold,
 * since, time. Always all; null where nothing is known. */
void alert_put_json(struct json_writer *w, const struct alert *a,
                    enum alert_times times);

/* The reverse, of ALERT_TIMES_EPOCH. Texts are borrowed from the object; those
 * that are not there are "", numbers NaN, the runbook NULL. */
struct alert alert_from_json(const struct json_object *object);

/* The level in the member "level"; ALERT_OK: it is none. */
enum alert_level alert_level_from_json(const struct json_object *object);

void alert_put_time(struct json_writer *w, const char *key, double epoch,
                    enum alert_times times);

#endif
