/* SPDX-License-Identifier: MIT */
/* engine_internal.h - what an engine is made of, for its own files only.
 *
 * engine_series.c: groups, tracks and their states. engine.c: samples, ticks.
 * engine_rules.c: new rules. engine_saved.c: over a restart. */
#ifndef ALERTS_ENGINE_INTERNAL_H
#define ALERTS_ENGINE_INTERNAL_H

#include "alerts/engine.h"
#include "alerts/rule_state.h"

#include <sys/queue.h>

struct hub_group { /* what is counted together: a hub, or all else of a host */
  struct series_entry entry; /* host, plugin and plugin_instance of the hub */
  size_t members;
  size_t firing[ALERT_LEVELS];
  size_t pending;
  double up[2]; /* sender's stamps of the last reads that succeeded, latest
                   first; NaN: none */
  LIST_HEAD(, monitored_series) tracks;
  LIST_HEAD(, monitored_series) listed;
  LIST_ENTRY(hub_group) all;
  char text[];
};

struct monitored_series { /* a series that has been seen */
  struct series_entry entry;
  double seen;     /* `now` of the last sample */
  double known;    /* `now` of the last one with a value, or of the first */
  double interval; /* of the sender; 0: not known */
  struct rule_state *states;
  size_t states_num;
  struct hub_group *group; /* NULL: other plugin, no rule */
  struct sample_base base;
  bool is_up;      /* tells that the hub answers */
  bool is_listed;  /* a rule says so */
  bool only_grows; /* what falls was cut */
  bool is_timed;   /* a rule minds its silence */
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
  size_t watched; /* tracks with rules */
  uint64_t refused;
  uint64_t changes;
  double swept;
};

/* ---- groups ---- */

/* NULL: no series of it is there. */
struct hub_group *hub_group_find(const struct engine *e,
                                 const struct series *s);
void hub_group_leave(struct engine *e, struct monitored_series *t);

/* ---- tracks ---- */

/* A series that is seen for the first time. NULL with 0: nobody wants it, and
 * there is no room to remember that; with -1: refused. */
struct monitored_series *monitored_series_admit(struct engine *e,
                                                const struct series *s,
                                                const struct series_key *key,
                                                double now, int *status);
void monitored_series_forget(struct engine *e, struct monitored_series *t,
                             enum alert_reason reason, double now);

/* Gives the track its states; it has none and is not counted yet. */
int monitored_series_attach(struct engine *e, struct monitored_series *t,
                            struct rule_state *states, size_t num);
/* The reverse, for states that go on elsewhere. */
void monitored_series_strip(struct engine *e, struct monitored_series *t);

/* Whether a rule says that the series must exist. */
bool monitored_series_is_expected(const struct monitored_series *t);

/* ---- states ---- */

/* New ones for all rules that want the series; -1 without memory, what has been
 * made is in `states` all the same. */
int engine_match(const struct engine *e, const struct series *s, double now,
                 struct rule_state **states, size_t *num);
void states_free(struct rule_state *states, size_t num);

/* Into or out of what its group counts. */
void engine_count(struct hub_group *g, const struct rule_state *st, bool add);

struct alert engine_event_of(const struct monitored_series *t,
                             const struct rule_state *st,
                             enum alert_level previous,
                             enum alert_reason reason, double now);
void engine_emit_event(const struct engine *e, const struct monitored_series *t,
                       const struct rule_state *st, enum alert_level previous,
                       enum alert_reason reason, double now);

/* A state that ends for another reason than its value. */
void engine_end_state(const struct engine *e, const struct monitored_series *t,
                      struct rule_state *st, enum alert_reason reason,
                      double now);

#endif
