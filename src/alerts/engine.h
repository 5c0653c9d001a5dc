/* SPDX-License-Identifier: MIT */
/* engine.h - turns values into alerts.
 *
 * A state machine without clock, threads or I/O: a call takes a sample and the
 * time and emits the events that it causes. Each (rule, series, data source)
 * has its own state: ok -> pending -> firing -> clearing -> ok.
 *
 * Time: `now` is in seconds on a clock without steps (boot time, or the
 * recorded time in a replay) and decides all durations. If it steps back,
 * durations restart. `sample.time` is the sender's time stamp: it is used for
 * rates and to find the values of one read, never for durations.
 *
 * Levels: a level starts when its threshold (or a worse one) has held for
 * "for", and ends when none has held for "clear_for". NaN and gaps neither end
 * nor reset an alert. Levels change only on samples: the first sample that
 * comes "for" after the start of the breach confirms it. A change of level
 * stays the same alert.
 *
 * Removed servers: if a hub answers (`bool-up` is 1) and its
 * `mcp_server_state-X` (a series with a `listed` rule) was missing from the
 * last two reads, all series of X are dropped and their alerts end.
 *
 * Not thread-safe; the caller locks. `emit` must not call the engine. Memory is
 * bounded: more than max_series series with rules are refused and counted. As
 * many series without rules are cached to skip them fast. */
#ifndef ALERTS_ENGINE_H
#define ALERTS_ENGINE_H

#include "alerts/alert.h"
#include "alerts/sample.h"
#include "rules/ruleset.h"
#include "util/serialize.h"

#include <stdint.h>

/* Receives an event, borrowed for the call; its message is NULL. */
typedef void (*engine_emit_fn)(void *arg, const struct alert *event);

struct engine;

/* Optional second callback: an alert becomes pending (STATUS_PENDING), or stops
 * being pending without firing (STATUS_RESOLVED). Same contract as `emit`. */
void engine_set_pending(struct engine *e, engine_emit_fn pending);

struct engine *engine_create(size_t max_series, engine_emit_fn emit, void *arg);
void engine_destroy(struct engine *e);

/* Takes ownership of the ruleset (NULL: no rules). A state is kept, without an
 * event, if the new set has a rule with the same name, metric and data source;
 * its next sample applies the new thresholds. All other alerts end. */
void engine_set_rules(struct engine *e, struct ruleset *set, double now);

const struct ruleset *engine_rules(const struct engine *e);

/* 0, or -1: the series was refused (limit reached or out of memory). */
int engine_sample(struct engine *e, const struct series *s,
                  const struct sample *sample, double now);

/* True: the sample is not later than the last one of its series, by the
 * sender's time, and the sender's clock cannot have stepped back, because that
 * one came within ENGINE_LATE intervals. From the network this is a packet that
 * was recorded and sent again, or that was overtaken. */
#define ENGINE_LATE 3
bool engine_is_late(const struct engine *e, const struct series *s,
                    const struct sample *sample, double now);

/* Drops series without alert (pending included) that were silent for an hour,
 * or for the longest window of their rules if that is longer. Call it once per
 * interval. */
void engine_tick(struct engine *e, double now);

/* The process was suspended for `seconds`; do not count them as missing
 * data. */
void engine_skip_gap(struct engine *e, double seconds, double now);

/* Saves series that have an alert or state. */
void engine_save(const struct engine *e, struct serializer *out);

/* Loads into a new engine with rules. `now` is the time of the saving engine
 * plus `away`, the seconds since then, which do not count as missing data. A
 * state without rule is dropped; its alert ends with an event if a rule of that
 * name exists. 0, or -1: invalid data, possibly loaded in part. */
int engine_load(struct engine *e, struct deserializer *in, double away,
                double now);

/* Calls `each` for every alert: STATUS_PENDING, STATUS_FIRING, or
 * STATUS_CLEARING if no threshold holds now. */
void engine_each_alert(const struct engine *e,
                       void (*each)(void *arg, const struct alert *alert),
                       void *arg);

struct engine_counts { /* of one host and hub */
  const char *host;
  const char *instance;        /* plugin instance; other plugins: "" */
  size_t firing[ALERT_LEVELS]; /* alerts now, with clearing ones;
                                  [ALERT_OK] is unused */
  size_t pending;
};
/* Calls `each` for every host and plugin instance of plugin "mcp_hub", and once
 * per host for all other plugins together if a rule matched one. */
void engine_each_count(const struct engine *e,
                       void (*each)(void *arg, const struct engine_counts *c),
                       void *arg);

/* Counts the series of each rule, in the order of engine_rules(); `num` has one
 * element per rule. */
void engine_count_series(const struct engine *e, size_t *num);

size_t engine_series_count(const struct engine *e);     /* with rules */
uint64_t engine_series_refused(const struct engine *e); /* samples */

/* Number of level changes by values: pending, firing, another level, ended. */
uint64_t engine_changes(const struct engine *e);

#endif
