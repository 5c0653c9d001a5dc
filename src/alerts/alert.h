/* SPDX-License-Identifier: MIT */
/* alert.h - the alert record that all parts share: engine, dispatcher,
 * webhooks, status.json and mcphubctl.
 *
 * Strings are borrowed unless alert_copy() made the record. */
#ifndef ALERTS_ALERT_H
#define ALERTS_ALERT_H

#include "alerts/series.h"
#include "rules/rule.h"
#include "util/json.h"

/* Why an event is sent. */
enum alert_reason {
  ALERT_VALUE,        /* the value crossed a threshold */
  ALERT_UNLISTED,     /* resolved: the hub no longer reports the series */
  ALERT_RULE_CHANGED, /* resolved: the rule was removed from the file */
  ALERT_FLAPPING,     /* delivered: it flaps */
  ALERT_REPEATED      /* delivered again: it still fires */
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
  const struct rule *rule; /* NULL: only the name is known */
  const char *rule_name;
  struct series series;
  enum alert_level level;    /* ALERT_OK: resolved */
  enum alert_level previous; /* ALERT_OK: new alert */
  enum alert_reason reason;
  enum alert_status status;
  double value;        /* NaN: unknown */
  double threshold;    /* that decided the level; NaN: unknown */
  double since;        /* start of the breach of this level; resolved: of
                          the mildest level. Engine time; outside the
                          plugin epoch seconds */
  double time;         /* of this event, same clock as `since` */
  const char *message; /* NULL: not formatted */
  const char *runbook; /* NULL: none */
};

const char *alert_status_word(enum alert_status status);

/* STATUS_FIRING, STATUS_RESOLVED or STATUS_FLAPPING, by level and reason. */
enum alert_status alert_event_status(const struct alert *a);

/* True: firing, clearing or flapping. */
bool alert_is_active(const struct alert *a);

/* Same rule and series. */
bool alert_is_same(const struct alert *a, const struct alert *b);

/* Bytes of all strings, terminators included. */
size_t alert_texts_size(const struct alert *a);
/* Copies *from to *to; the strings are stored at `room`, which needs
 * alert_texts_size() bytes. Returns the end of the strings. The rule is not
 * copied, the caller keeps it. */
char *alert_copy(struct alert *to, const struct alert *from, char *room);

/* ---- JSON ---- */

enum alert_times {
  ALERT_TIMES_EPOCH, /* seconds */
  ALERT_TIMES_TEXT   /* RFC 3339, UTC */
};

/* Writes the members of an open object: status, rule, level, previous, host,
 * plugin, plugin_instance, type, type_instance, ds, message, runbook, value,
 * threshold, since, time. All are always written; unknown values are null. */
void alert_put_json(struct json_writer *w, const struct alert *a,
                    enum alert_times times);

/* Reads the object of ALERT_TIMES_EPOCH. Strings are borrowed from the object.
 * Missing: strings "", numbers NaN, runbook NULL. */
struct alert alert_from_json(const struct json_object *object);

void alert_put_time(struct json_writer *w, const char *key, double epoch,
                    enum alert_times times);

#endif
