/* SPDX-License-Identifier: MIT */
/* Rows into the database. */
#include "store/store_internal.h"

#include <math.h>

#define DAY 86400.0

/* 0 ok, 1 pending, 2 firing, 3 clearing. */
static int64_t status_of(const struct store_state *row) {
  if (row->level == 0)
    return row->holds[1] ? 1 : 0;
  return row->holds[row->level] ? 2 : 3;
}

void store_put_series(struct store *s, const struct store_series *row) {
  store_run(s, STATEMENT_PUT_SERIES, "ik", row->id, &row->identity);
  store_run(s, STATEMENT_PUT_READING, "ieeedidiiii", row->id, row->saved,
            row->seen, row->known, row->interval, (int64_t)row->last, row->time,
            (int64_t)row->kind, (int64_t)row->late, (int64_t)row->has_last,
            (int64_t)row->has_time);
  store_run(s, STATEMENT_DELETE_STATES, "i", row->id);
}

void store_put_state(struct store *s, int64_t series, double saved,
                     const struct store_state *row) {
  int64_t holds = 0;
  for (int k = 0; k < STORE_LEVELS; k++)
    holds |= (int64_t)row->holds[k] << k;
  store_run(s, STATEMENT_PUT_STATE, "iteiiieeeeedb", series, row->rule, saved,
            (int64_t)row->level, status_of(row), holds, row->turned[0],
            row->turned[1], row->turned[2], row->turned[3], row->since,
            row->value, &row->window);
}

void store_delete_series(struct store *s, int64_t id) {
  store_run(s, STATEMENT_DELETE_SERIES, "i", id);
  store_run(s, STATEMENT_DELETE_READING, "i", id);
  store_run(s, STATEMENT_DELETE_STATES, "i", id);
}

void store_put_reads(struct store *s, const struct store_reads *row) {
  store_run(s, STATEMENT_PUT_READS, "tttdd", row->hub.host, row->hub.plugin,
            row->hub.plugin_instance, row->latest, row->before);
}

void store_put_notification(struct store *s,
                            const struct store_notification *row) {
  store_run(s, STATEMENT_PUT_NOTIFICATION, "tkiiiiiiiieddeeeeb", row->rule,
            &row->identity, (int64_t)row->level, (int64_t)row->reason,
            (int64_t)row->notified, (int64_t)row->worst, (int64_t)row->waits,
            (int64_t)row->again, (int64_t)row->released,
            (int64_t)row->unconfirmed, row->due, row->value, row->threshold,
            row->since, row->time, row->changed, row->notified_at,
            &row->flapping);
}

void store_delete_notification(struct store *s, const char *rule,
                               const struct store_identity *identity) {
  store_run(s, STATEMENT_DELETE_NOTIFICATION, "tk", rule, identity);
}

void store_reset_alerts(struct store *s) {
  for (int i = STATEMENT_RESET_SERIES; i <= STATEMENT_RESET_NOTIFICATIONS; i++)
    store_run(s, (enum statement)i, "");
}

/* ---- hubs ---- */

static int64_t hub_id(struct store *s, const char *host, const char *instance) {
  return store_get_id(s,
                      store_bind(s, STATEMENT_GET_HUB, "tt", host, instance));
}

static int64_t figure_id(struct store *s, const char *name) {
  int64_t id = store_get_id(s, store_bind(s, STATEMENT_GET_FIGURE, "t", name));
  if (id != 0)
    return id;
  store_run(s, STATEMENT_ADD_FIGURE, "t", name);
  return sqlite3_last_insert_rowid(s->db);
}

void store_put_hub(struct store *s, const struct store_hub *row) {
  store_run(s, STATEMENT_PUT_HUB, "tteedb", row->host, row->instance,
            row->saved, row->received, row->day_begin, &row->availability);
  int64_t hub = hub_id(s, row->host, row->instance);
  for (size_t i = 0; i < row->figures_num; i++) {
    const struct store_figure *f = &row->figures[i];
    store_run(s, STATEMENT_PUT_HUB_FIGURE, "iiddddd", hub,
              figure_id(s, f->name), f->sum, f->samples, f->worst, f->worst_at,
              f->before);
  }
}

void store_put_day(struct store *s, const struct store_day *row) {
  store_run(s, STATEMENT_ADD_HUB, "ttd", row->host, row->instance, row->end);
  int64_t hub = hub_id(s, row->host, row->instance);
  store_run(s, STATEMENT_PUT_DAY, "idddd", hub, row->begin, row->end,
            row->availability, row->alerts);
  for (size_t i = 0; i < row->figures_num; i++) {
    const struct store_figure *f = &row->figures[i];
    if (f->samples > 0)
      store_run(s, STATEMENT_PUT_DAY_FIGURE, "ididddd", hub, row->begin,
                figure_id(s, f->name), f->sum / f->samples, f->samples,
                f->worst, f->worst_at);
  }
}

void store_put_incident(struct store *s, const struct store_incident *row) {
  store_run(s, STATEMENT_PUT_INCIDENT, "idditkt", row->id, row->begin, row->end,
            (int64_t)row->level, row->rule, &row->identity, row->message);
}

/* ---- messages, silences, acknowledgements, audit ---- */

void store_clear_messages(struct store *s) {
  store_run(s, STATEMENT_CLEAR_MESSAGES, "");
}

void store_put_message(struct store *s, const struct store_message *row) {
  store_run(s, STATEMENT_PUT_MESSAGE, "titkiiiddddddtt", row->webhook,
            row->position, row->rule, &row->identity, (int64_t)row->level,
            (int64_t)row->previous, (int64_t)row->status, row->value,
            row->threshold, row->since, row->time, row->queued, row->ends,
            row->message, row->runbook);
}

void store_put_silence(struct store *s, const struct store_silence *row) {
  store_run(s, STATEMENT_PUT_SILENCE, "itddtt", row->id, row->metric,
            row->begin, row->until, row->author, row->reason);
}

void store_delete_silence(struct store *s, int64_t id) {
  store_run(s, STATEMENT_DELETE_SILENCE, "i", id);
}

void store_put_acknowledgement(struct store *s,
                               const struct store_acknowledgement *row) {
  store_run(s, STATEMENT_PUT_ACKNOWLEDGEMENT, "tkdtt", row->rule,
            &row->identity, row->time, row->author, row->comment);
}

void store_delete_acknowledgement(struct store *s, const char *rule,
                                  const struct store_identity *identity) {
  store_run(s, STATEMENT_DELETE_ACKNOWLEDGEMENT, "tk", rule, identity);
}

void store_put_audit(struct store *s, const struct store_audit *row) {
  store_run(s, STATEMENT_PUT_AUDIT, "dttt", row->time, row->author, row->action,
            row->detail);
}

void store_prune(struct store *s, double wall) {
  double oldest = wall - STORE_DAYS * DAY;
  store_run(s, STATEMENT_PRUNE_DAY_FIGURES, "d", oldest);
  store_run(s, STATEMENT_PRUNE_DAYS, "d", oldest);
  store_run(s, STATEMENT_PRUNE_HUBS, "d", oldest);
  store_run(s, STATEMENT_PRUNE_HUB_FIGURES, "");
  store_run(s, STATEMENT_PRUNE_INCIDENTS, "di", oldest,
            (int64_t)STORE_INCIDENTS_MAX);
  store_run(s, STATEMENT_PRUNE_AUDIT, "di", oldest, (int64_t)STORE_AUDIT_MAX);
  store_run(s, STATEMENT_PRUNE_SILENCES, "d", oldest);
}
