/* SPDX-License-Identifier: MIT */
/* store_internal.h - data of the store, for src/store only.
 *
 * schema.c: tables and migrations. store.c: open, transactions. write.c, read.c:
 * rows. rescue.c: a damaged file. */
#ifndef STORE_STORE_INTERNAL_H
#define STORE_STORE_INTERNAL_H

#include "store/store.h"

#include <sqlite3.h>

enum statement {
#define STATEMENT(id, sql) STATEMENT_##id,
#include "store/statements.def"
#undef STATEMENT
  STATEMENTS
};

struct store {
  sqlite3 *db;
  sqlite3_stmt *statements[STATEMENTS];
  char *path;
  int lock; /* descriptor of PATH-lock; -1: none */
  double epoch;
  bool is_new;
  bool open;                 /* a transaction */
  enum store_result failure; /* of the transaction */
  char error[256];
  int log_pages;
  int64_t written; /* pages */
};

#define SCHEMA_PARTS 3
struct schema_step { /* statements, ended by NULL */
  const char *sql[SCHEMA_PARTS];
};
/* Step i leads from version i to i + 1; the last has no statement. */
extern const struct schema_step schema_steps[];
int schema_version(const struct schema_step *steps);
int schema_migrate(sqlite3 *db, const struct schema_step *steps, int version);

/* Keeps the error of the last call of SQLite. */
enum store_result store_fail(struct store *s, int rc);
enum store_result store_explain(sqlite3 *db, int rc, char *err,
                                size_t err_size);

/* Prepares a statement and binds values: t text, d number, e engine time, i
 * int64_t, b const struct store_blob *, k const struct store_identity *. NULL:
 * failed, the error is kept. */
sqlite3_stmt *store_bind(struct store *s, enum statement id, const char *format,
                         ...);
/* The same, and runs it. */
void store_run(struct store *s, enum statement id, const char *format, ...);
/* The id that a query gives; 0: none. */
int64_t store_get_id(struct store *s, sqlite3_stmt *statement);

#endif
