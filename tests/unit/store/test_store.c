/* SPDX-License-Identifier: MIT */
#include "store/store_internal.h"

#include "store/faulty_vfs.h"
#include "unit.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define FRAME_HEAD 24 /* bytes before a page in the log */

static char folder[] = "/tmp/test_store.XXXXXX";
static char path[64];
static char err[256];

static const struct store_identity series_a = {"h",    "mcp_hub", "prod",
                                               "bool", "up",      "value"};

/* ---- the database of a test ---- */

static struct store_options options(void) {
  return (struct store_options){.path = path, .vfs = "faulty", .busy_ms = 50};
}

static void remove_files(void) {
  static const char *const ends[] = {
      "", "-wal", "-shm", "-lock", ".corrupt", ".corrupt-wal", ".corrupt-shm"};
  char name[128];
  for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
    snprintf(name, sizeof(name), "%s%s", path, ends[i]);
    unlink(name);
    rmdir(name);
  }
}

static int fresh(void **state) {
  (void)state;
  remove_files();
  faulty_vfs_reset();
  err[0] = '\0';
  return 0;
}

static struct store *must_open(void) {
  const struct store_options o = options();
  struct store *s = NULL;
  err[0] = '\0';
  enum store_result result = store_open(&s, &o, err, sizeof(err));
  assert_string_equal(err, "");
  assert_int_equal(result, STORE_OK);
  return s;
}

static enum store_result try_open(void) {
  const struct store_options o = options();
  struct store *s = NULL;
  enum store_result result = store_open(&s, &o, err, sizeof(err));
  store_close(s);
  return result;
}

static void commit(struct store *s) {
  assert_int_equal(store_commit(s), STORE_OK);
}

static struct store_incident incident(int64_t id) {
  return (struct store_incident){.id = id,
                                 .begin = 1000 + (double)id,
                                 .end = NAN,
                                 .level = 2,
                                 .rule = "r",
                                 .identity = series_a,
                                 .message = "a message"};
}

static enum store_result put_incidents(struct store *s, int64_t from, int num) {
  enum store_result result = store_begin(s);
  for (int64_t i = from; i < from + num; i++) {
    const struct store_incident row = incident(i);
    store_put_incident(s, &row);
  }
  return result == STORE_OK ? store_commit(s) : result;
}

static void count_incident(void *arg, const struct store_incident *row) {
  (void)row;
  (*(int *)arg)++;
}

static int incidents(struct store *s) {
  int num = 0;
  assert_int_equal(store_each_incident(s, 0, count_incident, &num), STORE_OK);
  return num;
}

static void sql(const char *file, const char *text) {
  sqlite3 *db = NULL;
  assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
  assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
  sqlite3_close(db);
}

/* ---- rows ---- */

static void same_identity(const struct store_identity *a) {
  assert_string_equal(a->host, "h");
  assert_string_equal(a->plugin, "mcp_hub");
  assert_string_equal(a->plugin_instance, "prod");
  assert_string_equal(a->type, "bool");
  assert_string_equal(a->type_instance, "up");
  assert_string_equal(a->ds, "value");
}

static const struct store_series a_series = {.id = 7,
                                             .identity = series_a,
                                             .saved = 50,
                                             .seen = 40,
                                             .known = 30,
                                             .interval = 10,
                                             .last = UINT64_MAX,
                                             .time = 1.7e9,
                                             .kind = 2,
                                             .late = 1,
                                             .has_last = true,
                                             .has_time = false};
static const struct store_state a_state = {.rule = "r",
                                           .level = 2,
                                           .holds = {false, true, true, false},
                                           .turned = {1, 2, 3, 4},
                                           .since = 2,
                                           .value = NAN,
                                           .window = {"window", 6}};

static void on_series(void *arg, const struct store_series *row) {
  assert_int_equal(row->id, 7);
  same_identity(&row->identity);
  assert_true(row->saved == 50 && row->seen == 40 && row->known == 30);
  assert_true(row->interval == 10 && row->last == UINT64_MAX);
  assert_true(row->time == 1.7e9 && row->kind == 2 && row->late == 1);
  assert_true(row->has_last && !row->has_time);
  (*(int *)arg)++;
}

static void on_state(void *arg, const struct store_state *row) {
  assert_string_equal(row->rule, "r");
  assert_int_equal(row->level, 2);
  for (int k = 0; k < STORE_LEVELS; k++) {
    assert_true(row->holds[k] == a_state.holds[k]);
    assert_true(row->turned[k] == a_state.turned[k]);
  }
  assert_true(row->since == 2 && isnan(row->value));
  assert_int_equal(row->window.size, 6);
  assert_memory_equal(row->window.data, "window", 6);
  (*(int *)arg) += 10;
}

static void a_series_and_its_states_come_back_as_they_were(void **state) {
  struct store *s = must_open();
  int seen = 0;
  (void)state;
  assert_true(store_is_new(s));
  assert_int_equal(store_begin(s), STORE_OK);
  store_set_epoch(s, 1.6e9);
  store_put_series(s, &a_series);
  store_put_state(s, 7, 50, &a_state);
  commit(s);
  store_close(s);
  s = must_open();
  assert_false(store_is_new(s));
  assert_true(store_epoch(s) == 1.6e9);
  assert_int_equal(store_each_series(s, on_series, on_state, &seen), STORE_OK);
  assert_int_equal(seen, 11);
  struct store_last last;
  assert_int_equal(store_read_last(s, &last), STORE_OK);
  assert_true(last.saved == 50 && last.series == 7 && last.incident == 0);
  store_close(s);
}

static void a_series_that_is_put_again_loses_its_old_states(void **state) {
  struct store *s = must_open();
  int seen = 0;
  (void)state;
  assert_int_equal(store_begin(s), STORE_OK);
  store_put_series(s, &a_series);
  store_put_state(s, 7, 50, &a_state);
  store_put_series(s, &a_series);
  commit(s);
  assert_int_equal(store_each_series(s, on_series, on_state, &seen), STORE_OK);
  assert_int_equal(seen, 1);
  assert_int_equal(store_begin(s), STORE_OK);
  store_delete_series(s, 7);
  commit(s);
  assert_int_equal(store_each_series(s, on_series, on_state, &seen), STORE_OK);
  assert_int_equal(seen, 1);
  store_close(s);
}

static void on_notification(void *arg, const struct store_notification *row) {
  same_identity(&row->identity);
  assert_string_equal(row->rule, "r");
  assert_true(row->level == 3 && row->reason == 1 && row->notified == -1 &&
              row->worst == 2);
  assert_true(row->waits && !row->again && row->released && row->unconfirmed);
  assert_true(isinf(row->due) && row->value == 5 && isnan(row->threshold));
  assert_true(row->since == 1 && row->time == 2 && row->changed == 3 &&
              row->notified_at == 4);
  assert_int_equal(row->flapping.size, 3);
  (*(int *)arg)++;
}

static void
a_notification_in_doubt_comes_back_until_it_is_deleted(void **state) {
  const struct store_notification row = {.rule = "r",
                                         .identity = series_a,
                                         .level = 3,
                                         .reason = 1,
                                         .notified = -1,
                                         .worst = 2,
                                         .waits = true,
                                         .released = true,
                                         .unconfirmed = true,
                                         .due = INFINITY,
                                         .value = 5,
                                         .threshold = NAN,
                                         .since = 1,
                                         .time = 2,
                                         .changed = 3,
                                         .notified_at = 4,
                                         .flapping = {"abc", 3}};
  struct store *s = must_open();
  int seen = 0;
  (void)state;
  assert_int_equal(store_begin(s), STORE_OK);
  store_put_notification(s, &row);
  store_put_notification(s, &row);
  commit(s);
  assert_int_equal(store_each_notification(s, on_notification, &seen),
                   STORE_OK);
  assert_int_equal(seen, 1);
  assert_int_equal(store_begin(s), STORE_OK);
  store_delete_notification(s, "r", &series_a);
  commit(s);
  assert_int_equal(store_each_notification(s, on_notification, &seen),
                   STORE_OK);
  assert_int_equal(seen, 1);
  store_close(s);
}

static const struct store_figure figures[] = {
    {"percent-cpu", 30, 3, 20, 1e9, 11},
    {"ps_rss-hub", 0, 0, NAN, NAN, NAN},
};

static void on_hub(void *arg, const struct store_hub *row) {
  assert_string_equal(row->host, "h");
  assert_string_equal(row->instance, "prod");
  assert_true(row->saved == 9 && row->received == 8 && row->day_begin == 7);
  assert_int_equal(row->availability.size, 2);
  assert_int_equal(row->figures_num, 2);
  assert_string_equal(row->figures[0].name, "percent-cpu");
  assert_true(row->figures[0].sum == 30 && row->figures[0].samples == 3);
  assert_true(row->figures[0].worst == 20 && row->figures[0].worst_at == 1e9);
  assert_true(row->figures[0].before == 11 && isnan(row->figures[1].worst));
  (*(int *)arg)++;
}

static void on_day(void *arg, const struct store_day *row) {
  assert_string_equal(row->instance, "prod");
  assert_true(row->begin == 1e9 && row->end == 1e9 + 86400);
  assert_true(row->availability == 99.5 && row->alerts == 4);
  assert_int_equal(row->figures_num, 1); /* of one there was no sample */
  assert_true(row->figures[0].sum == 30 && row->figures[0].worst == 20);
  (*(int *)arg)++;
}

static void a_hub_and_its_days_come_back_as_they_were(void **state) {
  const struct store_hub hub = {"h", "prod", 9, 8, 7, {"av", 2}, figures, 2};
  const struct store_day day = {.host = "h",
                                .instance = "prod",
                                .begin = 1e9,
                                .end = 1e9 + 86400,
                                .availability = 99.5,
                                .alerts = 4,
                                .figures = figures,
                                .figures_num = 2};
  struct store *s = must_open();
  int hubs = 0;
  int days = 0;
  (void)state;
  assert_int_equal(store_begin(s), STORE_OK);
  store_put_day(s, &day);
  store_put_hub(s, &hub);
  store_put_hub(s, &hub);
  commit(s);
  assert_int_equal(store_each_hub(s, on_hub, &hubs), STORE_OK);
  assert_int_equal(store_each_day(s, 1e9, on_day, &days), STORE_OK);
  assert_int_equal(hubs, 1);
  assert_int_equal(days, 1);
  assert_int_equal(store_each_day(s, 2e9, on_day, &days), STORE_OK);
  assert_int_equal(days, 1);
  assert_int_equal(store_begin(s), STORE_OK);
  store_prune(s, 1e9 + (STORE_DAYS + 2) * 86400.0);
  commit(s);
  assert_int_equal(store_each_day(s, 0, on_day, &days), STORE_OK);
  assert_int_equal(days, 1);
  store_close(s);
}

static void on_message(void *arg, const struct store_message *row) {
  int *seen = arg;
  same_identity(&row->identity);
  assert_string_equal(row->webhook, "ops");
  assert_int_equal(row->position, *seen);
  assert_string_equal(row->message, "text");
  assert_null(row->runbook);
  assert_true(row->queued == 3 && row->ends == 0 && isnan(row->threshold));
  (*seen)++;
}

static void
messages_keep_their_order_and_are_replaced_as_a_whole(void **state) {
  struct store_message row = {.webhook = "ops",
                              .rule = "r",
                              .identity = series_a,
                              .level = 1,
                              .previous = STORE_LEVELS,
                              .value = 1,
                              .threshold = NAN,
                              .since = 1,
                              .time = 2,
                              .queued = 3,
                              .message = "text"};
  struct store *s = must_open();
  int seen = 0;
  (void)state;
  for (int turn = 0; turn < 2; turn++) {
    assert_int_equal(store_begin(s), STORE_OK);
    store_clear_messages(s);
    for (row.position = 2; row.position >= 0; row.position--)
      store_put_message(s, &row);
    commit(s);
  }
  assert_int_equal(store_each_message(s, on_message, &seen), STORE_OK);
  assert_int_equal(seen, 3);
  store_close(s);
}

static void on_silence(void *arg, const struct store_silence *row) {
  assert_string_equal(row->metric, "*/*/*");
  assert_true(row->begin == 1 && row->until == 2);
  *(int64_t *)arg = row->id;
}
static void on_acknowledgement(void *arg,
                               const struct store_acknowledgement *row) {
  same_identity(&row->identity);
  assert_string_equal(row->author, "ann");
  (*(int *)arg)++;
}
static void on_audit(void *arg, const struct store_audit *row) {
  assert_string_equal(row->action, "silence");
  (*(int *)arg)++;
}

static void silences_acknowledgements_and_the_audit_are_kept(void **state) {
  const struct store_silence silence = {0, "*/*/*", 1, 2, "ann", "load test"};
  const struct store_acknowledgement ack = {"r", series_a, 3, "ann", "seen"};
  const struct store_audit audit = {4, "ann", "silence", "*/*/*"};
  struct store *s = must_open();
  int64_t id = 0;
  int seen = 0;
  (void)state;
  assert_int_equal(store_begin(s), STORE_OK);
  store_put_silence(s, &silence);
  store_put_acknowledgement(s, &ack);
  store_put_audit(s, &audit);
  commit(s);
  assert_int_equal(store_each_silence(s, on_silence, &id), STORE_OK);
  assert_true(id > 0);
  assert_int_equal(store_each_acknowledgement(s, on_acknowledgement, &seen),
                   STORE_OK);
  assert_int_equal(store_each_audit(s, on_audit, &seen), STORE_OK);
  assert_int_equal(seen, 2);
  assert_int_equal(store_begin(s), STORE_OK);
  store_delete_silence(s, id);
  store_delete_acknowledgement(s, "r", &series_a);
  commit(s);
  id = 0;
  assert_int_equal(store_each_silence(s, on_silence, &id), STORE_OK);
  assert_int_equal(id, 0);
  assert_int_equal(store_each_acknowledgement(s, on_acknowledgement, &seen),
                   STORE_OK);
  assert_int_equal(seen, 2);
  store_close(s);
}

static void people_can_query_alerts(void **state) {
  struct store *s = must_open();
  sqlite3_stmt *q = NULL;
  (void)state;
  assert_int_equal(store_begin(s), STORE_OK);
  store_put_series(s, &a_series);
  store_put_state(s, 7, 50, &a_state);
  commit(s);
  assert_int_equal(sqlite3_prepare_v2(s->db,
                                      "SELECT level, status, rule FROM alerts",
                                      -1, &q, NULL),
                   SQLITE_OK);
  assert_int_equal(sqlite3_step(q), SQLITE_ROW);
  assert_string_equal((const char *)sqlite3_column_text(q, 0), "warning");
  assert_string_equal((const char *)sqlite3_column_text(q, 1), "firing");
  assert_int_equal(sqlite3_step(q), SQLITE_DONE);
  sqlite3_finalize(q);
  assert_int_equal(sqlite3_exec(s->db, "SELECT * FROM daily", NULL, NULL, NULL),
                   SQLITE_OK);
  store_close(s);
}

/* ---- transactions ---- */

static void what_was_not_committed_is_not_there(void **state) {
  struct store *s = must_open();
  const struct store_incident row = incident(1);
  (void)state;
  assert_int_equal(store_begin(s), STORE_OK);
  store_put_incident(s, &row);
  store_rollback(s);
  assert_int_equal(incidents(s), 0);
  assert_int_equal(store_begin(s), STORE_OK);
  store_put_incident(s, &row);
  store_close(s);
  s = must_open();
  assert_int_equal(incidents(s), 0);
  store_close(s);
}

static void others_read_while_the_owner_writes(void **state) {
  struct store *s = must_open();
  struct store *reader = NULL;
  struct store_options o = options();
  (void)state;
  assert_int_equal(put_incidents(s, 1, 2), STORE_OK);
  o.read_only = true;
  assert_int_equal(store_open(&reader, &o, err, sizeof(err)), STORE_OK);
  assert_int_equal(store_begin(s), STORE_OK);
  assert_int_equal(incidents(reader), 2);
  store_rollback(s);
  assert_int_equal(put_incidents(s, 3, 1), STORE_OK);
  assert_int_equal(incidents(reader), 3);
  assert_int_equal(put_incidents(reader, 4, 1), STORE_FAILED);
  store_close(reader);
  store_close(s);
}

static void a_second_owner_is_refused(void **state) {
  struct store *s = must_open();
  (void)state;
  assert_int_equal(try_open(), STORE_REFUSED);
  assert_string_equal(err, "another process writes this database");
  assert_int_equal(put_incidents(s, 1, 1), STORE_OK);
  store_close(s);
  assert_int_equal(try_open(), STORE_OK);
}

static void a_lock_of_another_process_is_waited_for(void **state) {
  struct store *s = must_open();
  sqlite3 *other = NULL;
  (void)state;
  assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
  assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL),
                   SQLITE_OK);
  assert_int_equal(put_incidents(s, 1, 1), STORE_BUSY);
  assert_string_equal(store_error(s),
                      "another process has locked the database");
  sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL);
  sqlite3_close(other);
  assert_int_equal(put_incidents(s, 1, 1), STORE_OK);
  assert_int_equal(incidents(s), 1);
  store_close(s);
}

/* ---- versions ---- */

static void a_newer_database_is_refused_and_left_as_it_is(void **state) {
  struct store *s = must_open();
  struct stat before;
  struct stat after;
  (void)state;
  assert_int_equal(put_incidents(s, 1, 1), STORE_OK);
  store_close(s);
  sql(path, "PRAGMA user_version = 99");
  assert_int_equal(stat(path, &before), 0);
  assert_int_equal(try_open(), STORE_REFUSED);
  assert_string_equal(
      err, "written by a newer program: version 99, expected at most 1");
  assert_int_equal(stat(path, &after), 0);
  assert_int_equal(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
  assert_int_equal(before.st_size, after.st_size);
  sql(path, "PRAGMA user_version = 1"); /* upgraded again */
  s = must_open();
  assert_int_equal(incidents(s), 1);
  store_close(s);
}

static void a_step_is_made_from_the_version_before(void **state) {
  const struct schema_step steps[] = {
      schema_steps[0], {{"ALTER TABLE audit ADD COLUMN more TEXT"}}, {{NULL}}};
  struct store *s = must_open();
  (void)state;
  assert_int_equal(put_incidents(s, 1, 1), STORE_OK);
  assert_int_equal(schema_migrate(s->db, steps, 1), SQLITE_OK);
  assert_int_equal(
      sqlite3_exec(s->db, "SELECT more FROM audit", NULL, NULL, NULL),
      SQLITE_OK);
  assert_int_equal(incidents(s), 1);
  store_close(s);
  assert_int_equal(try_open(), STORE_REFUSED); /* that is version 2 */
}

static void a_step_that_fails_changes_nothing(void **state) {
  const struct schema_step steps[] = {
      schema_steps[0],
      {{"CREATE TABLE half(x)", "INSERT INTO nowhere VALUES(1)"}},
      {{NULL}}};
  struct store *s = must_open();
  (void)state;
  assert_int_not_equal(schema_migrate(s->db, steps, 1), SQLITE_OK);
  assert_int_not_equal(
      sqlite3_exec(s->db, "SELECT * FROM half", NULL, NULL, NULL), SQLITE_OK);
  store_close(s);
  store_close(must_open());
}

/* ---- files that are none of ours ---- */

static void write_file(const char *text) {
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  assert_true(fputs(text, file) >= 0);
  assert_int_equal(fclose(file), 0);
}

static void a_file_that_is_no_database_is_foreign(void **state) {
  (void)state;
  write_file("mcp_hub_alerts state 3, little endian\n");
  assert_int_equal(try_open(), STORE_FOREIGN);
  write_file("x");
  assert_int_equal(try_open(), STORE_FOREIGN);
  write_file("");
  assert_int_equal(try_open(), STORE_OK);
}

static void a_database_of_another_program_is_refused(void **state) {
  (void)state;
  sql(path, "CREATE TABLE theirs(x)");
  assert_int_equal(try_open(), STORE_REFUSED);
  assert_non_null(strstr(err, "another program"));
  sql(path, "INSERT INTO theirs VALUES(1)");
}

static void a_path_that_cannot_be_opened_says_why(void **state) {
  struct store_options o = options();
  struct store *s = NULL;
  (void)state;
  assert_int_equal(mkdir(path, 0700), 0);
  assert_int_equal(try_open(), STORE_FAILED);
  assert_string_equal(err, "Is a directory");
  assert_int_equal(rmdir(path), 0);
  assert_int_equal(mkfifo(path, 0600), 0);
  assert_int_equal(try_open(), STORE_REFUSED);
  assert_string_equal(err, "not a regular file");
  o.path = "/nowhere/at/all";
  assert_int_equal(store_open(&s, &o, err, sizeof(err)), STORE_FAILED);
  assert_non_null(strstr(err, "No such file or directory"));
  assert_null(s);
}

/* ---- faults ---- */

static void fails_and_goes_on(int code, const char *says) {
  struct store *s = must_open();
  assert_int_equal(put_incidents(s, 1, 10), STORE_OK);
  for (int after = 0; after < 3; after++) {
    faulty_vfs_fail(after, code);
    enum store_result result = put_incidents(s, 100, 50);
    if (result != STORE_OK) {
      assert_int_equal(result, STORE_FAILED);
      assert_non_null(strstr(store_error(s), says));
      assert_int_equal(incidents(s), 10);
    }
    assert_true(result != STORE_OK || after > 0);
    faulty_vfs_fail(-1, SQLITE_OK);
    if (result == STORE_OK)
      break;
  }
  assert_int_equal(put_incidents(s, 200, 1), STORE_OK);
  int num = incidents(s);
  store_close(s);
  s = must_open();
  assert_int_equal(incidents(s), num);
  store_close(s);
}

static void a_full_disk_loses_nothing_and_is_overcome(void **state) {
  (void)state;
  fails_and_goes_on(SQLITE_FULL, "no space left");
}

static void an_io_error_loses_nothing_and_is_overcome(void **state) {
  (void)state;
  fails_and_goes_on(SQLITE_IOERR_WRITE, "I/O");
}

static void the_file_has_a_greatest_size(void **state) {
  struct store_options o = options();
  struct store *s = NULL;
  struct stat st;
  (void)state;
  o.max_bytes = 512 * 1024;
  assert_int_equal(store_open(&s, &o, err, sizeof(err)), STORE_OK);
  enum store_result result = STORE_OK;
  int64_t id = 1;
  for (; result == STORE_OK && id < 100000; id += 500)
    result = put_incidents(s, id, 500);
  assert_int_equal(result, STORE_FAILED);
  assert_int_equal(incidents(s), id - 1 - 500);
  store_close(s);
  assert_int_equal(stat(path, &st), 0);
  assert_true(st.st_size <= o.max_bytes);
}

static void the_log_is_copied_into_the_file(void **state) {
  struct store *s = must_open();
  char name[128];
  struct stat st;
  (void)state;
  for (int64_t id = 1; id < 60000; id += 100)
    assert_int_equal(put_incidents(s, id, 100), STORE_OK);
  assert_true(store_log_pages(s) <= STORE_WAL_PAGES + 100);
  snprintf(name, sizeof(name), "%s-wal", path);
  assert_int_equal(stat(name, &st), 0);
  assert_true(st.st_size < 2LL * STORE_WAL_PAGES * STORE_PAGE);
  assert_true(faulty_vfs_written() <=
              store_pages_written(s) * (STORE_PAGE + FRAME_HEAD) + 100000);
  store_close(s);
}

static void a_file_that_is_deleted_or_replaced_is_noticed(void **state) {
  struct store *s = must_open();
  (void)state;
  assert_int_equal(put_incidents(s, 1, 1), STORE_OK);
  assert_int_equal(unlink(path), 0);
  assert_int_equal(put_incidents(s, 2, 1), STORE_MOVED);
  write_file("");
  assert_int_equal(put_incidents(s, 2, 1), STORE_MOVED);
  assert_string_equal(store_error(s), "the database was deleted or replaced");
  store_close(s);
}

/* ---- damage ---- */

static void fill(int64_t num) {
  struct store *s = must_open();
  for (int64_t id = 1; id <= num; id += 100)
    assert_int_equal(put_incidents(s, id, 100), STORE_OK);
  store_close(s);
}

static void damage(off_t at, size_t len) {
  char noise[4096];
  int fd = open(path, O_WRONLY);
  memset(noise, 0x5a, sizeof(noise));
  assert_true(fd >= 0);
  assert_int_equal(pwrite(fd, noise, len, at), len);
  close(fd);
}

static enum store_result read_all(int64_t *rows) {
  const struct store_options o = options();
  struct store *s = NULL;
  int num = 0;
  enum store_result result = store_open(&s, &o, err, sizeof(err));
  if (result == STORE_OK)
    result = store_each_incident(s, 0, count_incident, &num);
  store_close(s);
  *rows = num;
  return result;
}

static void rows_around_the_damage_are_taken_over(void **state) {
  const struct store_options o = options();
  int64_t copied = 0;
  int64_t rows = 0;
  struct stat st;
  char aside[128];
  (void)state;
  fill(3000);
  assert_int_equal(stat(path, &st), 0);
  damage(st.st_size / 2 / STORE_PAGE * STORE_PAGE, STORE_PAGE);
  assert_int_equal(read_all(&rows), STORE_DAMAGED);
  assert_int_equal(store_rescue(&o, &copied, err, sizeof(err)), STORE_OK);
  assert_int_equal(read_all(&rows), STORE_OK);
  assert_true(rows > 2800 && rows < 3000);
  snprintf(aside, sizeof(aside), "%s.corrupt", path);
  assert_int_equal(stat(aside, &st), 0);
}

static void a_database_without_a_readable_row_begins_anew(void **state) {
  const struct store_options o = options();
  int64_t rows = 1;
  (void)state;
  fill(100);
  damage(16, 2000);
  assert_int_equal(read_all(&rows), STORE_DAMAGED);
  assert_int_equal(store_rescue(&o, &rows, err, sizeof(err)), STORE_OK);
  assert_int_equal(read_all(&rows), STORE_OK);
  assert_int_equal(rows, 0);
}

/* ---- kill -9 ---- */

static void run_child(int fd) {
  struct store *s = must_open();
  struct store_last last = {0};
  if (store_read_last(s, &last) != STORE_OK)
    _exit(1);
  for (int64_t id = last.incident + 1;; id++)
    if (put_incidents(s, id, 1) != STORE_OK ||
        write(fd, &id, sizeof(id)) != sizeof(id))
      _exit(1);
}

static void what_was_committed_survives_kill_9(void **state) {
  int64_t confirmed = 0;
  (void)state;
  for (int kills = 0; kills < 20; kills++) {
    int ends[2];
    int64_t id = 0;
    int status = 0;
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0)
      run_child(ends[1]);
    close(ends[1]);
    for (int i = 0; i <= kills; i++)
      assert_int_equal(read(ends[0], &id, sizeof(id)), sizeof(id));
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    assert_true(WIFSIGNALED(status));
    while (read(ends[0], &id, sizeof(id)) == sizeof(id))
      ;
    close(ends[0]);
    confirmed = id;
    struct store *s = must_open();
    int num = incidents(s);
    assert_true(num == confirmed || num == confirmed + 1);
    store_close(s);
  }
}

static int enter_folder(void **state) {
  (void)state;
  if (mkdtemp(folder) == NULL)
    return -1;
  snprintf(path, sizeof(path), "%s/db", folder);
  return 0;
}

static int leave_folder(void **state) {
  (void)state;
  remove_files();
  faulty_vfs_reset();
  return rmdir(folder);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup(name, fresh)
  const struct CMUnitTest tests[] = {
      TEST(a_series_and_its_states_come_back_as_they_were),
      TEST(a_series_that_is_put_again_loses_its_old_states),
      TEST(a_notification_in_doubt_comes_back_until_it_is_deleted),
      TEST(a_hub_and_its_days_come_back_as_they_were),
      TEST(messages_keep_their_order_and_are_replaced_as_a_whole),
      TEST(silences_acknowledgements_and_the_audit_are_kept),
      TEST(people_can_query_alerts),
      TEST(what_was_not_committed_is_not_there),
      TEST(others_read_while_the_owner_writes),
      TEST(a_second_owner_is_refused),
      TEST(a_lock_of_another_process_is_waited_for),
      TEST(a_newer_database_is_refused_and_left_as_it_is),
      TEST(a_step_is_made_from_the_version_before),
      TEST(a_step_that_fails_changes_nothing),
      TEST(a_file_that_is_no_database_is_foreign),
      TEST(a_database_of_another_program_is_refused),
      TEST(a_path_that_cannot_be_opened_says_why),
      TEST(a_full_disk_loses_nothing_and_is_overcome),
      TEST(an_io_error_loses_nothing_and_is_overcome),
      TEST(the_file_has_a_greatest_size),
      TEST(the_log_is_copied_into_the_file),
      TEST(a_file_that_is_deleted_or_replaced_is_noticed),
      TEST(rows_around_the_damage_are_taken_over),
      TEST(a_database_without_a_readable_row_begins_anew),
      TEST(what_was_committed_survives_kill_9),
  };
  return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
