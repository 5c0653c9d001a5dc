/* SPDX-License-Identifier: MIT */
/* store.h - all that must last, in one SQLite database.
 *
 * The only user of libsqlite3. A store belongs to one thread at a time. Rows
 * are plain structs (rows.h). Changes go into a transaction: store_begin(),
 * any number of store_put_...() and store_delete_...(), store_commit(). The
 * first error of a transaction is kept and returned by store_commit(), which
 * then has changed nothing.
 *
 * What store_commit() has confirmed survives kill -9 and a loss of power (WAL,
 * synchronous=FULL). While the owner writes, others may read. Two owners of one
 * file are refused (a lock on PATH-lock).
 *
 * Bounds: the file has at most STORE_MAX_BYTES; the log beside it
 * (PATH-wal) is copied into it every STORE_WAL_PAGES pages. store_prune() keeps
 * STORE_DAYS days, and as many days of incidents and of the audit.
 *
 * Errors are an enum store_result, and a message without the path: in `err`, or
 * store_error() of the last function that failed. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "store/rows.h"

#include <sys/types.h>

#define STORE_DAYS 90
#define STORE_INCIDENTS_MAX 20000
#define STORE_AUDIT_MAX 20000
#define STORE_MESSAGES_MAX 10000
#define STORE_MAX_BYTES (4LL << 30)
#define STORE_WAL_PAGES 1000
#define STORE_MODE 0640

enum store_result {
  STORE_OK = 0,
  STORE_BUSY,    /* another process holds a lock: try again */
  STORE_FAILED,  /* disk full, I/O error, no permission: try again later */
  STORE_MOVED,   /* the file was deleted or replaced: open it anew */
  STORE_DAMAGED, /* see store_rescue() */
  STORE_FOREIGN, /* not a database of SQLite */
  STORE_REFUSED  /* of a newer or another program, or in use: go on without */
};

struct store;

struct store_options {
  const char *path;
  const char *vfs;   /* of SQLite; NULL: the default */
  int64_t max_bytes; /* 0: STORE_MAX_BYTES */
  int busy_ms;       /* how long to wait for a lock of others */
  bool read_only;    /* beside the owner */
};

/* Creates the file if there is none. *out is untouched on failure. */
enum store_result store_open(struct store **out, const struct store_options *o,
                             char *err, size_t err_size);
void store_close(struct store *s); /* NULL: nothing */
const char *store_error(const struct store *s);

/* True: store_open() created the file, or it was empty. */
bool store_is_new(const struct store *s);

/* Keeps a damaged file as PATH.corrupt and copies what can be read of it into a
 * new one at PATH. *rows: number of rows copied. */
enum store_result store_rescue(const struct store_options *o, int64_t *rows,
                               char *err, size_t err_size);

/* ---- write ---- */

/* STORE_MOVED: PATH is no longer the file that is open. */
enum store_result store_begin(struct store *s);
enum store_result store_commit(struct store *s);
void store_rollback(struct store *s);

/* Epoch seconds of the engine's time 0. Kept in the database: set it once. */
double store_epoch(const struct store *s);
void store_set_epoch(struct store *s, double epoch);

/* Replaces the series; its states are removed: put them after it. */
void store_put_series(struct store *s, const struct store_series *row);
void store_put_state(struct store *s, int64_t series, double saved,
                     const struct store_state *row);
void store_delete_series(struct store *s, int64_t id);
void store_put_reads(struct store *s, const struct store_reads *row);

void store_put_notification(struct store *s,
                            const struct store_notification *row);
void store_delete_notification(struct store *s, const char *rule,
                               const struct store_identity *identity);

/* Removes series, states, reads and notifications. */
void store_reset_alerts(struct store *s);

void store_put_hub(struct store *s, const struct store_hub *row);
void store_put_day(struct store *s, const struct store_day *row);
void store_put_incident(struct store *s, const struct store_incident *row);

/* Replaces all messages: clear, then put. */
void store_clear_messages(struct store *s);
void store_put_message(struct store *s, const struct store_message *row);

void store_put_silence(struct store *s, const struct store_silence *row);
void store_delete_silence(struct store *s, int64_t id);
void store_put_acknowledgement(struct store *s,
                               const struct store_acknowledgement *row);
void store_delete_acknowledgement(struct store *s, const char *rule,
                                  const struct store_identity *identity);
void store_put_audit(struct store *s, const struct store_audit *row);

/* Removes what is older than STORE_DAYS days or beyond the bounds. */
void store_prune(struct store *s, double wall);

/* ---- read ---- */

/* Each calls `each` for every row, outside a transaction of this store. */
#define STORE_EACH(name, row)                                                  \
  enum store_result store_each_##name(                                         \
      struct store *s, void (*each)(void *arg, const struct row *row),         \
      void *arg)

STORE_EACH(reads, store_reads);
STORE_EACH(notification, store_notification);
STORE_EACH(hub, store_hub);
STORE_EACH(message, store_message); /* by webhook and position */
STORE_EACH(silence, store_silence);
STORE_EACH(acknowledgement, store_acknowledgement);
STORE_EACH(audit, store_audit);

/* Calls `series`, then `state` for each of its states. */
enum store_result store_each_series(
    struct store *s, void (*series)(void *arg, const struct store_series *row),
    void (*state)(void *arg, const struct store_state *row), void *arg);

/* Days that ended after `after`, by hub and begin. */
enum store_result
store_each_day(struct store *s, double after,
               void (*each)(void *arg, const struct store_day *row), void *arg);

/* Open ones and those that ended after `after`, in the order of their start. */
enum store_result
store_each_incident(struct store *s, double after,
                    void (*each)(void *arg, const struct store_incident *row),
                    void *arg);

struct store_last {
  double saved;   /* latest engine time of a row; -INFINITY: no row */
  int64_t series; /* greatest ids; 0: none */
  int64_t incident;
};
enum store_result store_read_last(struct store *s, struct store_last *last);

/* ---- figures ---- */

/* Pages written so far to the log and, at most, to the file. */
int64_t store_pages_written(struct store *s);
/* Pages in the log; more than STORE_WAL_PAGES while others read for long. */
int store_log_pages(const struct store *s);
#define STORE_PAGE 4096

#endif
