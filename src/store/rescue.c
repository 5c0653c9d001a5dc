/* SPDX-License-Identifier: MIT */
/* A damaged database: kept under another name, and copied as far as it can be
 * read. Each table is read from its begin to the first damaged page, then from
 * its end. */
#include "store/store_internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define PATH_BYTES 4096
#define SQL_BYTES 1024

static const struct {
  const char *name;
  const char *backward; /* the order of the table, from its end */
} tables[] = {
    {"meta", "name DESC"},
    {"series", "id DESC"},
    {"readings", "series DESC"},
    {"states", "series DESC, rule DESC"},
    {"reads", "host DESC, plugin DESC, plugin_instance DESC"},
    {"notifications", "rule DESC, host DESC, plugin DESC, plugin_instance DESC,"
                      " type DESC, type_instance DESC, ds DESC"},
    {"hubs", "id DESC"},
    {"figures", "id DESC"},
    {"hub_figures", "hub DESC, figure DESC"},
    {"days", "hub DESC, begin DESC"},
    {"day_figures", "hub DESC, begin DESC, figure DESC"},
    {"incidents", "id DESC"},
    {"messages", "webhook DESC, position DESC"},
    {"silences", "id DESC"},
    {"acknowledgements", "rule DESC, host DESC, plugin DESC,"
                         " plugin_instance DESC, type DESC, type_instance DESC,"
                         " ds DESC"},
    {"audit", "id DESC"},
};

/* INSERT OR IGNORE INTO table(columns of the query) VALUES(?, ...). */
static sqlite3_stmt *prepare_insert(sqlite3 *to, const char *table,
                                    sqlite3_stmt *from) {
  char sql[SQL_BYTES];
  sqlite3_stmt *insert = NULL;
  int num = sqlite3_column_count(from);
  size_t len =
      (size_t)snprintf(sql, sizeof(sql), "INSERT OR IGNORE INTO %s(", table);
  for (int i = 0; i < num && len < sizeof(sql); i++)
    len += (size_t)snprintf(sql + len, sizeof(sql) - len, "%s\"%s\"",
                            i > 0 ? "," : "", sqlite3_column_name(from, i));
  for (int i = 0; i < num && len < sizeof(sql); i++)
    len += (size_t)snprintf(sql + len, sizeof(sql) - len, "%s",
                            i > 0 ? ",?" : ") VALUES(?");
  if (len + 2 > sizeof(sql))
    return NULL;
  strcat(sql, ")");
  sqlite3_prepare_v2(to, sql, -1, &insert, NULL);
  return insert;
}

static int copy_row(sqlite3_stmt *from, sqlite3_stmt *insert) {
  for (int i = 0; i < sqlite3_column_count(from); i++)
    sqlite3_bind_value(insert, i + 1, sqlite3_column_value(from, i));
  int rc = sqlite3_step(insert);
  sqlite3_reset(insert);
  return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* Copies rows until the query fails. SQLITE_OK: all were read. An error of the
 * new database goes to *failed. */
static int copy_query(sqlite3 *from, sqlite3 *to, const char *table,
                      const char *order, int *failed) {
  char sql[SQL_BYTES];
  sqlite3_stmt *query = NULL;
  snprintf(sql, sizeof(sql), "SELECT * FROM %s%s%s", table,
           order != NULL ? " ORDER BY " : "", order != NULL ? order : "");
  int rc = sqlite3_prepare_v2(from, sql, -1, &query, NULL);
  sqlite3_stmt *insert =
      rc == SQLITE_OK ? prepare_insert(to, table, query) : NULL;
  while (insert != NULL && *failed == SQLITE_OK &&
         (rc = sqlite3_step(query)) == SQLITE_ROW)
    *failed = copy_row(query, insert);
  sqlite3_finalize(insert);
  sqlite3_finalize(query);
  return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int copy_tables(sqlite3 *from, sqlite3 *to) {
  int failed = sqlite3_exec(to, "BEGIN IMMEDIATE", NULL, NULL, NULL);
  for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
    if (failed == SQLITE_OK &&
        copy_query(from, to, tables[i].name, NULL, &failed) != SQLITE_OK)
      copy_query(from, to, tables[i].name, tables[i].backward, &failed);
  if (failed == SQLITE_OK)
    failed = sqlite3_exec(to, "COMMIT", NULL, NULL, NULL);
  if (failed != SQLITE_OK)
    sqlite3_exec(to, "ROLLBACK", NULL, NULL, NULL);
  return failed;
}

/* Renames the database and its log; the shared memory is made again. */
static int set_aside(const char *path, const char *aside) {
  char from[PATH_BYTES + 8];
  char to[PATH_BYTES + 8];
  if (rename(path, aside) != 0)
    return -1;
  snprintf(from, sizeof(from), "%s-wal", path);
  snprintf(to, sizeof(to), "%s-wal", aside);
  if (rename(from, to) != 0) {
    if (errno != ENOENT)
      return -1;
    remove(to); /* the log of a file that was set aside before */
  }
  snprintf(from, sizeof(from), "%s-shm", path);
  remove(from);
  return 0;
}

/* What cannot be opened has no rows. */
static enum store_result copy_from(struct store *s, const char *aside,
                                   const char *vfs) {
  sqlite3 *old = NULL;
  int rc = SQLITE_OK;
  if (sqlite3_open_v2(aside, &old, SQLITE_OPEN_READWRITE, vfs) == SQLITE_OK) {
    sqlite3_db_config(old, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    rc = copy_tables(old, s->db);
  }
  sqlite3_close(old);
  return store_fail(s, rc);
}

enum store_result store_rescue(const struct store_options *o, int64_t *rows,
                               char *err, size_t err_size) {
  char aside[PATH_BYTES];
  struct store *s = NULL;
  if (snprintf(aside, sizeof(aside), "%s.corrupt", o->path) >=
          (int)sizeof(aside) ||
      set_aside(o->path, aside) != 0) {
    snprintf(err, err_size, "cannot be renamed: %s", strerror(errno));
    return STORE_FAILED;
  }
  enum store_result result = store_open(&s, o, err, err_size);
  if (result != STORE_OK)
    return result;
  result = copy_from(s, aside, o->vfs);
  *rows = sqlite3_total_changes64(s->db);
  if (result != STORE_OK)
    snprintf(err, err_size, "%s", s->error);
  store_close(s);
  return result;
}
