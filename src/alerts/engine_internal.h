/* SPDX-License-Identifier: MIT */
/* engine_internal.h - data of the engine, for engine*.c only.
 *
 * engine_series.c: groups, series and states. engine.c: samples and ticks.
 * engine_rules.c: change of rules. engine_saved.c: save and load. */
#ifndef ALERTS_ENGINE_INTERNAL_H
#define ALERTS_ENGINE_INTERNAL_H

#include "alerts/engine.h"
#include "alerts/rule_state.h"

#include <sys/queue.h>

struct hub_group {           /* a hub, or all other plugins of a host */
  struct series_entry entry; /* host, plugin and plugin_instance of the hub */
  size_t members;
  size_t firing[ALERT_LEVELS];
  size_t pending;
  double up[2]; /* sender's times of the last two successful reads,
                   latest first; NaN: none */
  LIST_HEAD(, monitored_series) tracks;
  LIST_HEAD(, monitored_series) listed;
  LIST_ENTRY(hub_group) all;
  char text[];
};

struct monitored_series { /* a series that was received */
  struct series_entry entry;
  double seen;     /* `now` of the last sample */
  double sent;     /* sender's time of that sample */
  double known;    /* `now` of the last known value, or of the first sample */
  double interval; /* of the sender; 0: unknown */
  struct rule_state *states;
  size_t states_num;
  struct hub_group *group; /* NULL: other plugin, no rule */
  struct sample_base base;
  bool is_up;      /* its value says whether the hub answers */
  bool is_listed;  /* has a `listed` rule */
  bool only_grows; /* a decrease is a truncation */
  bool is_timed;   /* a rule depends on missing data */
  LIST_ENTRY(monitored_series) all;
  LIST_ENTRY(monitored_series) of_group;
  LIST_ENTRY(monitored_series) of_listed;
  LIST_ENTRY(monitored_series) of_timed;
  char text[];
};

struct engine {
  engine_emit_fn emit;
  engine_emit_fn pending; /* or NULL */
  void *arg;
  struct ruleset *rules; /* owned; NULL: none */
  struct series_table *tracks;
  struct series_table *groups;
  LIST_HEAD(, monitored_series) all;
  LIST_HEAD(, hub_group) all_groups;
  LIST_HEAD(, monitored_series) timed;
  size_t max_series;
  size_t watched; /* number of series with rules */
  uint64_t refused;
  uint64_t changes;
  double swept;
};

/* ---- groups ---- */

/* NULL: the group has no series. */
struct hub_group *hub_group_find(const struct engine *e,
                                 const struct series *s);
void hub_group_leave(struct engine *e, struct monitored_series *t);

/* ---- series ---- */

/* Adds a new series. NULL and 0: no rule matches and the cache is full; NULL
 * and -1: refused. */
struct monitored_series *monitored_series_admit(struct engine *e,
                                                const struct series *s,
                                                const struct series_key *key,
                                                double now, int *status);
void monitored_series_forget(struct engine *e, struct monitored_series *t,
                             enum alert_reason reason, double now);

/* Adds states to a series without states and counts it. */
int monitored_series_attach(struct engine *e, struct monitored_series *t,
                            struct rule_state *states, size_t num);
/* Removes the states without ending them; the caller keeps them. */
void monitored_series_strip(struct engine *e, struct monitored_series *t);

/* True: a rule requires the series to exist. */
bool monitored_series_is_expected(const struct monitored_series *t);

/* ---- states ---- */

/* Creates a state for each rule that matches the series. -1: out of memory,
 * `states` has those created so far. */
int engine_match(const struct engine *e, const struct series *s, double now,
                 struct rule_state **states, size_t *num);
void states_free(struct rule_state *states, size_t num);

/* Adds the state to the counts of its group or removes it. */
void engine_count(struct hub_group *g, const struct rule_state *st, bool add);

struct alert engine_event_of(const struct monitored_series *t,
                             const struct rule_state *st,
                             enum alert_level previous,
                             enum alert_reason reason, double now);
void engine_emit_event(const struct engine *e, const struct monitored_series *t,
                       const struct rule_state *st, enum alert_level previous,
                       enum alert_reason reason, double now);

/* Ends a state for a reason other than its value. */
void engine_end_state(const struct engine *e, const struct monitored_series *t,
                      struct rule_state *st, enum alert_reason reason,
                      double now);

#endif
