/* SPDX-License-Identifier: MIT */
/* Rows out of the database. */
#include "store/store_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FIGURES_MAX 256 /* of a hub; more are skipped */
#define FIGURE_NAME_MAX 128

/* ---- columns ---- */

static const char *text(sqlite3_stmt *q, int i) {
  const unsigned char *t = sqlite3_column_text(q, i);
  return t != NULL ? (const char *)t : "";
}

static double number(sqlite3_stmt *q, int i) {
  return sqlite3_column_type(q, i) != SQLITE_NULL ? sqlite3_column_double(q, i)
                                                  : NAN;
}

static double engine_time(const struct store *s, sqlite3_stmt *q, int i) {
  return number(q, i) - s->epoch;
}

static bool truth(sqlite3_stmt *q, int i) {
  return sqlite3_column_int(q, i) != 0;
}

static struct store_blob blob(sqlite3_stmt *q, int i) {
  const void *data = sqlite3_column_blob(q, i);
  return (struct store_blob){data, (size_t)sqlite3_column_bytes(q, i)};
}

static struct store_identity identity(sqlite3_stmt *q, int i) {
  return (struct store_identity){text(q, i),     text(q, i + 1),
                                 text(q, i + 2), text(q, i + 3),
                                 text(q, i + 4), text(q, i + 5)};
}

/* One read transaction around several statements. */
static enum store_result begin_read(struct store *s) {
  s->failure = STORE_OK;
  return store_fail(s, sqlite3_exec(s->db, "BEGIN", NULL, NULL, NULL));
}

static enum store_result end_read(struct store *s) {
  sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
  return s->failure;
}

/* True: `q` is at a row. */
static bool next(struct store *s, sqlite3_stmt *q) {
  int rc = q != NULL && s->failure == STORE_OK ? sqlite3_step(q) : SQLITE_DONE;
  if (rc == SQLITE_ROW)
    return true;
  if (rc != SQLITE_DONE)
    store_fail(s, rc);
  if (q != NULL)
    sqlite3_reset(q);
  return false;
}

/* ---- series ---- */

static struct store_series series_of(const struct store *s, sqlite3_stmt *q) {
  return (struct store_series){.id = sqlite3_column_int64(q, 0),
                               .identity = identity(q, 1),
                               .saved = engine_time(s, q, 7),
                               .seen = engine_time(s, q, 8),
                               .known = engine_time(s, q, 9),
                               .interval = number(q, 10),
                               .last = (uint64_t)sqlite3_column_int64(q, 11),
                               .time = number(q, 12),
                               .kind = sqlite3_column_int(q, 13),
                               .late = sqlite3_column_int(q, 14),
                               .has_last = truth(q, 15),
                               .has_time = truth(q, 16)};
}

static struct store_state state_of(const struct store *s, sqlite3_stmt *q) {
  struct store_state row = {.rule = text(q, 0),
                            .level = sqlite3_column_int(q, 1),
                            .since = engine_time(s, q, 7),
                            .value = number(q, 8),
                            .window = blob(q, 9)};
  for (int k = 0; k < STORE_LEVELS; k++) {
    row.holds[k] = (sqlite3_column_int(q, 2) >> k) & 1;
    row.turned[k] = engine_time(s, q, 3 + k);
  }
  return row;
}

enum store_result store_each_series(
    struct store *s, void (*series)(void *arg, const struct store_series *row),
    void (*state)(void *arg, const struct store_state *row), void *arg) {
  if (begin_read(s) != STORE_OK)
    return s->failure;
  sqlite3_stmt *q = store_bind(s, STATEMENT_EACH_SERIES, "");
  while (next(s, q)) {
    const struct store_series row = series_of(s, q);
    series(arg, &row);
    sqlite3_stmt *states = store_bind(s, STATEMENT_EACH_STATE, "i", row.id);
    while (next(s, states)) {
      const struct store_state its = state_of(s, states);
      state(arg, &its);
    }
  }
  return end_read(s);
}

/* ---- tables of one statement ---- */

/* `make` is an expression of the row at `q`. */
#define EACH(name, row_type, statement, make)                                  \
  STORE_EACH(name, row_type) {                                                 \
    s->failure = STORE_OK;                                                     \
    sqlite3_stmt *q = store_bind(s, statement, "");                            \
    while (next(s, q)) {                                                       \
      const struct row_type row = make;                                        \
      each(arg, &row);                                                         \
    }                                                                          \
    return s->failure;                                                         \
  }

static struct store_reads reads_of(sqlite3_stmt *q) {
  return (struct store_reads){
      .hub = {text(q, 0), text(q, 1), text(q, 2), "", "", ""},
      .latest = number(q, 3),
      .before = number(q, 4)};
}

EACH(reads, store_reads, STATEMENT_EACH_READS, reads_of(q))

static struct store_notification notification_of(const struct store *s,
                                                 sqlite3_stmt *q) {
  return (struct store_notification){.rule = text(q, 0),
                                     .identity = identity(q, 1),
                                     .level = sqlite3_column_int(q, 7),
                                     .reason = sqlite3_column_int(q, 8),
                                     .notified = sqlite3_column_int(q, 9),
                                     .worst = sqlite3_column_int(q, 10),
                                     .waits = truth(q, 11),
                                     .again = truth(q, 12),
                                     .released = truth(q, 13),
                                     .unconfirmed = truth(q, 14),
                                     .due = engine_time(s, q, 15),
                                     .value = number(q, 16),
                                     .threshold = number(q, 17),
                                     .since = engine_time(s, q, 18),
                                     .time = engine_time(s, q, 19),
                                     .changed = engine_time(s, q, 20),
                                     .notified_at = engine_time(s, q, 21),
                                     .flapping = blob(q, 22)};
}

EACH(notification, store_notification, STATEMENT_EACH_NOTIFICATION,
     notification_of(s, q))

static struct store_message message_of(sqlite3_stmt *q) {
  return (struct store_message){
      .webhook = text(q, 0),
      .position = sqlite3_column_int64(q, 1),
      .rule = text(q, 2),
      .identity = identity(q, 3),
      .level = sqlite3_column_int(q, 9),
      .previous = sqlite3_column_int(q, 10),
      .status = sqlite3_column_int(q, 11),
      .value = number(q, 12),
      .threshold = number(q, 13),
      .since = number(q, 14),
      .time = number(q, 15),
      .queued = number(q, 16),
      .ends = number(q, 17),
      .message = text(q, 18),
      .runbook =
          sqlite3_column_type(q, 19) != SQLITE_NULL ? text(q, 19) : NULL};
}

EACH(message, store_message, STATEMENT_EACH_MESSAGE, message_of(q))

static struct store_silence silence_of(sqlite3_stmt *q) {
  return (struct store_silence){.id = sqlite3_column_int64(q, 0),
                                .metric = text(q, 1),
                                .begin = number(q, 2),
                                .until = number(q, 3),
                                .author = text(q, 4),
                                .reason = text(q, 5)};
}

EACH(silence, store_silence, STATEMENT_EACH_SILENCE, silence_of(q))

static struct store_acknowledgement acknowledgement_of(sqlite3_stmt *q) {
  return (struct store_acknowledgement){.rule = text(q, 0),
                                        .identity = identity(q, 1),
                                        .time = number(q, 7),
                                        .author = text(q, 8),
                                        .comment = text(q, 9)};
}

EACH(acknowledgement, store_acknowledgement, STATEMENT_EACH_ACKNOWLEDGEMENT,
     acknowledgement_of(q))

static struct store_audit audit_of(sqlite3_stmt *q) {
  return (struct store_audit){.time = number(q, 0),
                              .author = text(q, 1),
                              .action = text(q, 2),
                              .detail = text(q, 3)};
}

EACH(audit, store_audit, STATEMENT_EACH_AUDIT, audit_of(q))

enum store_result
store_each_incident(struct store *s, double after,
                    void (*each)(void *arg, const struct store_incident *row),
                    void *arg) {
  s->failure = STORE_OK;
  sqlite3_stmt *q = store_bind(s, STATEMENT_EACH_INCIDENT, "d", after);
  while (next(s, q)) {
    const struct store_incident row = {.id = sqlite3_column_int64(q, 0),
                                       .begin = number(q, 1),
                                       .end = number(q, 2),
                                       .level = sqlite3_column_int(q, 3),
                                       .rule = text(q, 4),
                                       .identity = identity(q, 5),
                                       .message = text(q, 11)};
    each(arg, &row);
  }
  return s->failure;
}

/* ---- hubs and days ---- */

struct figure_list {
  struct store_figure figures[FIGURES_MAX];
  char names[FIGURES_MAX][FIGURE_NAME_MAX];
  size_t num;
};

static void read_figures(struct store *s, sqlite3_stmt *q,
                         struct figure_list *list) {
  list->num = 0;
  while (next(s, q)) {
    const char *name = text(q, 0);
    if (list->num == FIGURES_MAX || strlen(name) >= FIGURE_NAME_MAX)
      continue;
    memcpy(list->names[list->num], name, strlen(name) + 1);
    list->figures[list->num] = (struct store_figure){
        list->names[list->num], number(q, 1), number(q, 2),
        number(q, 3),           number(q, 4), number(q, 5)};
    list->num++;
  }
}

static struct figure_list *figure_list_create(struct store *s) {
  struct figure_list *list = malloc(sizeof(*list));
  if (list == NULL)
    store_fail(s, SQLITE_NOMEM);
  return list;
}

STORE_EACH(hub, store_hub) {
  if (begin_read(s) != STORE_OK)
    return s->failure;
  struct figure_list *list = figure_list_create(s);
  sqlite3_stmt *q = store_bind(s, STATEMENT_EACH_HUB, "");
  while (next(s, q)) {
    read_figures(s,
                 store_bind(s, STATEMENT_EACH_HUB_FIGURE, "i",
                            sqlite3_column_int64(q, 0)),
                 list);
    const struct store_hub row = {.host = text(q, 1),
                                  .instance = text(q, 2),
                                  .saved = engine_time(s, q, 3),
                                  .received = engine_time(s, q, 4),
                                  .day_begin = number(q, 5),
                                  .availability = blob(q, 6),
                                  .figures = list->figures,
                                  .figures_num = list->num};
    if (s->failure == STORE_OK)
      each(arg, &row);
  }
  free(list);
  return end_read(s);
}

enum store_result store_each_day(struct store *s, double after,
                                 void (*each)(void *arg,
                                              const struct store_day *row),
                                 void *arg) {
  if (begin_read(s) != STORE_OK)
    return s->failure;
  struct figure_list *list = figure_list_create(s);
  sqlite3_stmt *q = store_bind(s, STATEMENT_EACH_DAY, "d", after);
  while (next(s, q)) {
    read_figures(s,
                 store_bind(s, STATEMENT_EACH_DAY_FIGURE, "id",
                            sqlite3_column_int64(q, 0), number(q, 3)),
                 list);
    const struct store_day row = {.host = text(q, 1),
                                  .instance = text(q, 2),
                                  .begin = number(q, 3),
                                  .end = number(q, 4),
                                  .availability = number(q, 5),
                                  .alerts = number(q, 6),
                                  .figures = list->figures,
                                  .figures_num = list->num};
    if (s->failure == STORE_OK)
      each(arg, &row);
  }
  free(list);
  return end_read(s);
}

/* ---- last ---- */

enum store_result store_read_last(struct store *s, struct store_last *last) {
  s->failure = STORE_OK;
  *last = (struct store_last){.saved = -INFINITY};
  sqlite3_stmt *q = store_bind(s, STATEMENT_LAST_SAVED, "");
  if (next(s, q)) {
    double saved = engine_time(s, q, 0);
    last->saved = isfinite(saved) ? saved : -INFINITY;
    sqlite3_reset(q);
  }
  last->series = store_get_id(s, store_bind(s, STATEMENT_LAST_SERIES, ""));
  last->incident = store_get_id(s, store_bind(s, STATEMENT_LAST_INCIDENT, ""));
  return s->failure;
}
