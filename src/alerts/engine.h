/* SPDX-License-Identifier: MIT */
/* engine.h - values -> alerts.
 *
 * A state machine without clock, threads or I/O: samples and the time go in,
 * events come out of the call that causes them. Every (rule, series, data
 * source) has a state of its own: ok -> pending -> firing -> clearing -> ok.
 *
 * Time: `now` is in seconds, must not be affected by steps of the wall clock
 * (a boot-time clock, or recorded time in a replay) and decides all durations;
 * should it step back all the same, durations restart and nothing else happens.
 * `sample.time` is the sender's stamp; it decides rates and which reads belong
 * together, never a duration.
 *
 * Levels: a level begins when its threshold (or a worse one) has held for
 * "for" without a sample that says otherwise, and ends when it has not held for
 * "clear_for". NaN and gaps say nothing: they neither end nor reset an alert.
 * Levels change with samples only: a breach is confirmed by the first one that
 * comes "for" after it began. One alert that changes its level, not two.
 *
 * Servers that are gone: when a hub answers (`bool-up` 1) and its
 * `mcp_server_state-X` (a series with a rule that is `listed`) has missed the
 * two reads before, everything known of X is forgotten and its alerts end.
 *
 * Not thread-safe; the caller locks. `emit` must not call the engine. Memory is
 * bounded: past max_series new series that a rule wants are refused and
 * counted. As many that no rule wants are remembered, only to be skipped fast.
 */
#ifndef ALERTS_ENGINE_H
#define ALERTS_ENGINE_H

#include "alerts/alert.h"
#include "alerts/sample.h"
#include "rules/ruleset.h"
#include "util/serialize.h"

#include <stdint.h>

/* The event is borrowed for the call; without message. */
typedef void (*engine_emit_fn)(void *arg, const struct alert *event);

struct engine;

/* Beside its events: an alert that begins to be pending (STATUS_PENDING), or
 * ends to be and does not fire (STATUS_RESOLVED). As `emit`. */
void engine_set_pending(struct engine *e, engine_emit_fn pending);

struct engine *engine_create(size_t max_series, engine_emit_fn emit, void *arg);
void engine_destroy(struct engine *e);

/* Takes the ruleset over (NULL: no rules). States of rules that are there under
 * the same name with the same metric and data source go on, silently, and are
 * judged by the new thresholds at their next sample; the alerts of others end.
 */
void engine_set_rules(struct engine *e, struct ruleset *set, double now);

/* The ruleset in force. */
const struct ruleset *engine_rules(const struct engine *e);

/* 0, or -1 when the series was refused for lack of room or memory. */
int engine_sample(struct engine *e, const struct series *s,
                  const struct sample *sample, double now);

/* Forgets series that have been silent for an hour (longer than the windows of
 * their rules) and have no alert, pending ones included. Call it about once an
 * interval. */
void engine_tick(struct engine *e, double now);

/* Nobody listened in the `seconds` before `now`, as the process or the machine
 * stood still: they are nobody's silence. */
void engine_skip_gap(struct engine *e, double seconds, double now);

/* Over a restart: what is not ok, or remembers something. */
void engine_save(const struct engine *e, struct serializer *out);

/* Into an engine that has its rules and nothing else; goes on at `now`, the
 * time of the saving engine plus the `away` seconds that have passed: they are
 * nobody's silence. States whose rule has gone are left out, and their alerts
 * end with an event where a rule of that name is still there. 0, or -1: not
 * what engine_save() wrote; a part may be taken then. */
int engine_load(struct engine *e, struct deserializer *in, double away,
                double now);

/* Every alert, with the status STATUS_PENDING, STATUS_FIRING, or, where no
 * threshold holds now, STATUS_CLEARING. */
void engine_each_alert(const struct engine *e,
                       void (*each)(void *arg, const struct alert *alert),
                       void *arg);

struct engine_counts { /* of one host and hub */
  const char *host;
  const char *instance;        /* plugin instance; "" for other plugins */
  size_t firing[ALERT_LEVELS]; /* alerts now at that level, clearing ones
                                  included; [ALERT_OK] is unused */
  size_t pending;
};
/* Calls `each` for every host and plugin instance of plugin "mcp_hub" that has
 * been seen, and once per host for all other plugins where a rule matched one.
 */
void engine_each_count(const struct engine *e,
                       void (*each)(void *arg, const struct engine_counts *c),
                       void *arg);

/* The number of series that each rule of engine_rules() looks at, in their
 * order; `num` has an element for each. */
void engine_count_series(const struct engine *e, size_t *num);

size_t engine_series_count(const struct engine *e);     /* with rules */
uint64_t engine_series_refused(const struct engine *e); /* samples of them */

/* Alerts that began to be pending or to fire, changed their level, or ended by
 * their value. */
uint64_t engine_changes(const struct engine *e);

#endif
