/* SPDX-License-Identifier: MIT */
/* Tables of the database, and the steps from each version to the next. */
#include "store/store_internal.h"

#include <stdio.h>

#define IDENTITY                                                               \
  " host TEXT NOT NULL, plugin TEXT NOT NULL,"                                 \
  " plugin_instance TEXT NOT NULL, type TEXT NOT NULL,"                        \
  " type_instance TEXT NOT NULL, ds TEXT NOT NULL,"
#define LEVEL(column)                                                          \
  " CASE " column " WHEN 0 THEN 'ok' WHEN 1 THEN 'info'"                       \
  " WHEN 2 THEN 'warning' ELSE 'critical' END"
#define LOCAL(column) " datetime(" column ", 'unixepoch', 'localtime')"

/* Columns of names, numbers and times, so that people can query them; blobs
 * only for windows. Times are epoch seconds. `status`: 0 ok, 1 pending, 2
 * firing, 3 clearing. */
static const char tables_1[] =
    "CREATE TABLE meta(name TEXT PRIMARY KEY, value) WITHOUT ROWID;"
    "CREATE TABLE series(id INTEGER PRIMARY KEY," IDENTITY " CHECK(id > 0));"
    "CREATE TABLE readings(series INTEGER PRIMARY KEY, saved REAL NOT NULL,"
    " seen REAL, known REAL, interval REAL, last INTEGER, time REAL,"
    " kind INTEGER, late INTEGER, has_last INTEGER, has_time INTEGER);"
    "CREATE TABLE states(series INTEGER, rule TEXT, saved REAL NOT NULL,"
    " level INTEGER NOT NULL, status INTEGER NOT NULL, holds INTEGER NOT NULL,"
    " turned_ok REAL, turned_info REAL, turned_warning REAL,"
    " turned_critical REAL, since REAL, value REAL, window BLOB,"
    " PRIMARY KEY(series, rule)) WITHOUT ROWID;"
    "CREATE INDEX states_by_status ON states(status) WHERE status > 0;"
    "CREATE TABLE reads(host TEXT, plugin TEXT, plugin_instance TEXT,"
    " latest REAL, before REAL, PRIMARY KEY(host, plugin, plugin_instance))"
    " WITHOUT ROWID;"
    "CREATE TABLE notifications(rule TEXT NOT NULL," IDENTITY
    " level INTEGER, reason INTEGER, notified INTEGER, worst INTEGER,"
    " waits INTEGER, again INTEGER, released INTEGER, unconfirmed INTEGER,"
    " due REAL, value REAL, threshold REAL, since REAL, time REAL,"
    " changed REAL, notified_at REAL, flapping BLOB,"
    " PRIMARY KEY(rule, host, plugin, plugin_instance, type, type_instance,"
    " ds)) WITHOUT ROWID;"
    "CREATE TABLE hubs(id INTEGER PRIMARY KEY, host TEXT NOT NULL,"
    " instance TEXT NOT NULL, saved REAL NOT NULL, received REAL,"
    " day_begin REAL, availability BLOB, UNIQUE(host, instance));"
    "CREATE TABLE figures(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
    "CREATE TABLE hub_figures(hub INTEGER, figure INTEGER, sum REAL,"
    " samples REAL, worst REAL, worst_at REAL, before REAL,"
    " PRIMARY KEY(hub, figure)) WITHOUT ROWID;"
    "CREATE TABLE days(hub INTEGER, begin REAL, end REAL NOT NULL,"
    " availability REAL, alerts REAL, PRIMARY KEY(hub, begin)) WITHOUT ROWID;"
    "CREATE TABLE day_figures(hub INTEGER, begin REAL, figure INTEGER,"
    " average REAL, samples REAL, worst REAL, worst_at REAL,"
    " PRIMARY KEY(hub, begin, figure)) WITHOUT ROWID;"
    "CREATE TABLE incidents(id INTEGER PRIMARY KEY, begin REAL NOT NULL,"
    " end REAL, level INTEGER NOT NULL, rule TEXT NOT NULL," IDENTITY
    " message TEXT NOT NULL);"
    "CREATE TABLE messages(webhook TEXT, position INTEGER, rule TEXT NOT "
    "NULL," IDENTITY
    " level INTEGER, previous INTEGER, status INTEGER, value REAL,"
    " threshold REAL, since REAL, time REAL, queued REAL, ends REAL,"
    " message TEXT, runbook TEXT, PRIMARY KEY(webhook, position))"
    " WITHOUT ROWID;"
    "CREATE TABLE silences(id INTEGER PRIMARY KEY, metric TEXT NOT NULL,"
    " begin REAL NOT NULL, until REAL NOT NULL, author TEXT, reason TEXT);"
    "CREATE TABLE acknowledgements(rule TEXT NOT NULL," IDENTITY
    " time REAL NOT NULL, author TEXT, comment TEXT,"
    " PRIMARY KEY(rule, host, plugin, plugin_instance, type, type_instance,"
    " ds)) WITHOUT ROWID;"
    "CREATE TABLE audit(id INTEGER PRIMARY KEY, time REAL NOT NULL,"
    " author TEXT, action TEXT NOT NULL, detail TEXT);";

/* clang-format off */
static const char views_1[] =
    "CREATE VIEW alerts AS SELECT" LEVEL("level") " AS level,"
    " CASE status WHEN 1 THEN 'pending' WHEN 2 THEN 'firing'"
    " ELSE 'clearing' END AS status, rule, host, plugin, plugin_instance,"
    " type, type_instance, ds, value," LOCAL("since") " AS since"
    " FROM states JOIN series ON series.id = states.series"
    " WHERE states.status > 0;"
    "CREATE VIEW daily AS SELECT hubs.host, hubs.instance,"
    LOCAL("days.begin") " AS begin," LOCAL("days.end") " AS end,"
    " days.availability, days.alerts, figures.name AS figure,"
    " day_figures.average, day_figures.worst,"
    LOCAL("day_figures.worst_at") " AS worst_at"
    " FROM days JOIN hubs ON hubs.id = days.hub"
    " LEFT JOIN day_figures ON day_figures.hub = days.hub"
    " AND day_figures.begin = days.begin"
    " LEFT JOIN figures ON figures.id = day_figures.figure;";
/* clang-format on */

const struct schema_step schema_steps[] = {{{tables_1, views_1}}, {{NULL}}};

int schema_version(const struct schema_step *steps) {
  int version = 0;
  while (steps[version].sql[0] != NULL)
    version++;
  return version;
}

/* One transaction a step: a step is made whole or not at all. */
static int take_step(sqlite3 *db, const struct schema_step *step, int version) {
  char pragma[64];
  int rc = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
  if (rc != SQLITE_OK)
    return rc;
  snprintf(pragma, sizeof(pragma), "PRAGMA user_version = %d", version);
  for (int i = 0; i < SCHEMA_PARTS && step->sql[i] != NULL; i++)
    if (rc == SQLITE_OK)
      rc = sqlite3_exec(db, step->sql[i], NULL, NULL, NULL);
  if (rc == SQLITE_OK)
    rc = sqlite3_exec(db, pragma, NULL, NULL, NULL);
  if (rc == SQLITE_OK)
    rc = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
  if (rc != SQLITE_OK)
    sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
  return rc;
}

int schema_migrate(sqlite3 *db, const struct schema_step *steps, int version) {
  int rc = SQLITE_OK;
  for (; rc == SQLITE_OK && steps[version].sql[0] != NULL; version++)
    rc = take_step(db, &steps[version], version + 1);
  return rc;
}
