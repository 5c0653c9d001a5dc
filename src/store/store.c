/* SPDX-License-Identifier: MIT */
#include "store/store_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define APPLICATION 0x4d434873 /* "MCHs" */
#define CACHE_KIB 512
#define LOG_BYTES (STORE_WAL_PAGES * (long long)STORE_PAGE)
#define MAGIC "SQLite format 3"

static const char *const sql[STATEMENTS] = {
#define STATEMENT(id, text) [STATEMENT_##id] = (text),
#include "store/statements.def"
#undef STATEMENT
};

/* ---- errors ---- */

enum store_result store_explain(sqlite3 *db, int rc, char *err,
                                size_t err_size) {
  int number = db != NULL ? sqlite3_system_errno(db) : 0;
  switch (rc & 0xff) {
  case SQLITE_OK:
  case SQLITE_ROW:
  case SQLITE_DONE:
    return STORE_OK;
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
    snprintf(err, err_size, "another process has locked the database");
    return STORE_BUSY;
  case SQLITE_CORRUPT:
    snprintf(err, err_size, "the database is damaged");
    return STORE_DAMAGED;
  case SQLITE_NOTADB:
    snprintf(err, err_size, "not a database of SQLite");
    return STORE_DAMAGED;
  case SQLITE_FULL:
    snprintf(
        err, err_size,
        "no space left on the disk, or the database has its greatest size");
    return STORE_FAILED;
  case SQLITE_NOMEM:
    snprintf(err, err_size, "out of memory");
    return STORE_FAILED;
  default:
    snprintf(err, err_size, "%s%s%s", sqlite3_errstr(rc),
             number != 0 ? ": " : "", number != 0 ? strerror(number) : "");
    return STORE_FAILED;
  }
}

enum store_result store_fail(struct store *s, int rc) {
  enum store_result result =
      store_explain(s->db, rc, s->error, sizeof(s->error));
  if (result != STORE_OK && s->failure == STORE_OK)
    s->failure = result;
  return result;
}

const char *store_error(const struct store *s) { return s->error; }

/* ---- statements ---- */

static sqlite3_stmt *prepared(struct store *s, enum statement id) {
  sqlite3_stmt *statement = s->statements[id];
  if (statement != NULL) {
    sqlite3_reset(statement);
    return statement;
  }
  int rc = sqlite3_prepare_v3(s->db, sql[id], -1, SQLITE_PREPARE_PERSISTENT,
                              &s->statements[id], NULL);
  store_fail(s, rc);
  return s->statements[id];
}

static int bind_identity(sqlite3_stmt *statement, int i,
                         const struct store_identity *k) {
  const char *const parts[] = {k->host, k->plugin,        k->plugin_instance,
                               k->type, k->type_instance, k->ds};
  for (int p = 0; p < 6; p++)
    sqlite3_bind_text(statement, i++, parts[p], -1, SQLITE_STATIC);
  return i;
}

/* Binds only fail if memory is short: the step then says so, or stores NULL
 * where the schema refuses it. */
static void bind(struct store *s, sqlite3_stmt *statement, const char *format,
                 va_list args) {
  const struct store_blob *blob = NULL;
  int i = 1;
  for (const char *f = format; *f != '\0'; f++)
    switch (*f) {
    case 't':
      sqlite3_bind_text(statement, i++, va_arg(args, const char *), -1,
                        SQLITE_STATIC);
      break;
    case 'd':
      sqlite3_bind_double(statement, i++, va_arg(args, double));
      break;
    case 'e':
      sqlite3_bind_double(statement, i++, va_arg(args, double) + s->epoch);
      break;
    case 'i':
      sqlite3_bind_int64(statement, i++, va_arg(args, int64_t));
      break;
    case 'b':
      blob = va_arg(args, const struct store_blob *);
      sqlite3_bind_blob64(statement, i++, blob->data, blob->size,
                          SQLITE_STATIC);
      break;
    default:
      i = bind_identity(statement, i,
                        va_arg(args, const struct store_identity *));
    }
}

sqlite3_stmt *store_bind(struct store *s, enum statement id, const char *format,
                         ...) {
  sqlite3_stmt *statement = prepared(s, id);
  va_list args;
  va_start(args, format);
  if (statement != NULL)
    bind(s, statement, format, args);
  va_end(args);
  return statement;
}

void store_run(struct store *s, enum statement id, const char *format, ...) {
  va_list args;
  sqlite3_stmt *statement = s->failure == STORE_OK ? prepared(s, id) : NULL;
  if (statement == NULL)
    return;
  va_start(args, format);
  bind(s, statement, format, args);
  va_end(args);
  int rc = sqlite3_step(statement);
  if (rc != SQLITE_DONE && rc != SQLITE_ROW)
    store_fail(s, rc);
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement); /* they are borrowed */
}

int64_t store_get_id(struct store *s, sqlite3_stmt *statement) {
  int64_t id = 0;
  if (statement == NULL)
    return 0;
  int rc = sqlite3_step(statement);
  if (rc == SQLITE_ROW)
    id = sqlite3_column_int64(statement, 0);
  else if (rc != SQLITE_DONE)
    store_fail(s, rc);
  sqlite3_reset(statement);
  return id;
}

/* ---- open ---- */

static int pragma_number(sqlite3 *db, const char *name, int64_t *number) {
  char text[64];
  sqlite3_stmt *statement = NULL;
  snprintf(text, sizeof(text), "PRAGMA %s", name);
  int rc = sqlite3_prepare_v2(db, text, -1, &statement, NULL);
  if (rc == SQLITE_OK)
    rc = sqlite3_step(statement);
  if (rc == SQLITE_ROW)
    *number = sqlite3_column_int64(statement, 0);
  sqlite3_finalize(statement);
  return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

/* Counts pages, and copies the log into the file when it is long enough. */
static int on_commit(void *arg, sqlite3 *db, const char *name, int pages) {
  struct store *s = arg;
  int copied = 0;
  (void)name;
  s->log_pages = pages;
  if (pages < STORE_WAL_PAGES)
    return SQLITE_OK;
  if (sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL,
                                &copied) == SQLITE_OK)
    s->written += copied;
  return SQLITE_OK; /* a failed copy is repeated by the next commit */
}

static int configure(struct store *s, const struct store_options *o) {
  char text[512];
  int64_t most = o->max_bytes > 0 ? o->max_bytes : STORE_MAX_BYTES;
  sqlite3_busy_timeout(s->db, o->busy_ms);
  snprintf(text, sizeof(text),
           "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;"
           "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -%d;"
           "PRAGMA synchronous = FULL; PRAGMA journal_size_limit = %lld;",
           CACHE_KIB, LOG_BYTES);
  int rc = sqlite3_exec(s->db, text, NULL, NULL, NULL);
  if (rc != SQLITE_OK || o->read_only)
    return rc;
  snprintf(text, sizeof(text),
           "PRAGMA page_size = %d; PRAGMA journal_mode = WAL;"
           "PRAGMA max_page_count = %lld;",
           STORE_PAGE, (long long)(most / STORE_PAGE));
  rc = sqlite3_exec(s->db, text, NULL, NULL, NULL);
  sqlite3_wal_hook(s->db, on_commit, s);
  return rc;
}

static enum store_result refuse(struct store *s, int64_t application,
                                int64_t version) {
  if (application != APPLICATION)
    snprintf(s->error, sizeof(s->error),
             "a database of another program (application_id %lld)",
             (long long)application);
  else
    snprintf(s->error, sizeof(s->error),
             "written by a newer program: version %lld, expected at most %d",
             (long long)version, schema_version(schema_steps));
  return STORE_REFUSED;
}

static enum store_result check_schema(struct store *s, bool read_only) {
  int64_t application = 0;
  int64_t version = 0;
  int64_t pages = 0;
  char text[64];
  int rc = pragma_number(s->db, "application_id", &application);
  if (rc == SQLITE_OK)
    rc = pragma_number(s->db, "user_version", &version);
  if (rc == SQLITE_OK)
    rc = pragma_number(s->db, "schema_version", &pages);
  if (rc != SQLITE_OK)
    return store_fail(s, rc);
  s->is_new = application == 0 && version == 0 && pages == 0;
  if ((!s->is_new && application != APPLICATION) || version < 0 ||
      version > schema_version(schema_steps))
    return refuse(s, application, version);
  if (read_only)
    return STORE_OK;
  if (s->is_new) {
    snprintf(text, sizeof(text), "PRAGMA application_id = %d", APPLICATION);
    rc = sqlite3_exec(s->db, text, NULL, NULL, NULL);
  }
  if (rc == SQLITE_OK)
    rc = schema_migrate(s->db, schema_steps, (int)version);
  return store_fail(s, rc);
}

static enum store_result read_epoch(struct store *s) {
  sqlite3_stmt *get = store_bind(s, STATEMENT_GET_META, "t", "epoch");
  if (get == NULL)
    return s->failure;
  int rc = sqlite3_step(get);
  if (rc == SQLITE_ROW)
    s->epoch = sqlite3_column_double(get, 0);
  sqlite3_reset(get);
  if (!isfinite(s->epoch))
    s->epoch = 0;
  return store_fail(s, rc);
}

/* The file must begin like a database, or be empty. Creates it: SQLite would
 * give it other rights. */
static enum store_result look_at(const struct store_options *o, char *err,
                                 size_t err_size) {
  char head[sizeof(MAGIC)] = "";
  struct stat st;
  int flags = o->read_only ? O_RDONLY : O_RDONLY | O_CREAT;
  int fd = open(o->path, flags | O_CLOEXEC | O_NONBLOCK, STORE_MODE);
  ssize_t len = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)
                    ? read(fd, head, sizeof(head))
                    : -1;
  int number = fd >= 0 && len < 0 && !S_ISREG(st.st_mode) ? 0 : errno;
  if (fd >= 0)
    close(fd);
  if (len < 0) {
    snprintf(err, err_size, "%s",
             number != 0 ? strerror(number) : "not a regular file");
    return number != 0 ? STORE_FAILED : STORE_REFUSED;
  }
  if (len == 0 || memcmp(head, MAGIC, sizeof(head)) == 0)
    return STORE_OK;
  snprintf(err, err_size, "not a database of SQLite");
  return STORE_FOREIGN;
}

/* The lock is on a file of its own: SQLite's locks on the database end when any
 * descriptor of it is closed. */
static enum store_result own(struct store *s) {
  char name[4096];
  if (snprintf(name, sizeof(name), "%s-lock", s->path) >= (int)sizeof(name))
    errno = ENAMETOOLONG;
  else
    s->lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (s->lock < 0) {
    snprintf(s->error, sizeof(s->error), "%s-lock: %s", s->path,
             strerror(errno));
    return STORE_FAILED;
  }
  if (flock(s->lock, LOCK_EX | LOCK_NB) == 0)
    return STORE_OK;
  snprintf(s->error, sizeof(s->error), "another process writes this database");
  return STORE_REFUSED;
}

static enum store_result open_all(struct store *s,
                                  const struct store_options *o) {
  int flags = o->read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  enum store_result result = o->read_only ? STORE_OK : own(s);
  if (result == STORE_OK)
    result = look_at(o, s->error, sizeof(s->error));
  if (result != STORE_OK)
    return result;
  int rc =
      sqlite3_open_v2(o->path, &s->db, flags | SQLITE_OPEN_NOMUTEX, o->vfs);
  if (rc == SQLITE_OK)
    rc = configure(s, o);
  if (rc != SQLITE_OK)
    return store_fail(s, rc);
  result = check_schema(s, o->read_only);
  return result == STORE_OK ? read_epoch(s) : result;
}

enum store_result store_open(struct store **out, const struct store_options *o,
                             char *err, size_t err_size) {
  struct store *s = calloc(1, sizeof(*s));
  char *path = strdup(o->path);
  if (s == NULL || path == NULL) {
    free(s);
    free(path);
    snprintf(err, err_size, "out of memory");
    return STORE_FAILED;
  }
  s->path = path;
  s->lock = -1;
  enum store_result result = open_all(s, o);
  if (result == STORE_OK) {
    *out = s;
    return STORE_OK;
  }
  snprintf(err, err_size, "%s", s->error);
  store_close(s);
  return result;
}

void store_close(struct store *s) {
  if (s == NULL)
    return;
  for (int i = 0; i < STATEMENTS; i++)
    sqlite3_finalize(s->statements[i]);
  sqlite3_close(s->db);
  if (s->lock >= 0)
    close(s->lock);
  free(s->path);
  free(s);
}

bool store_is_new(const struct store *s) { return s->is_new; }

/* ---- transactions ---- */

static bool has_moved(struct store *s) {
  int moved = 0;
  sqlite3_file_control(s->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
  if (moved)
    snprintf(s->error, sizeof(s->error),
             "the database was deleted or replaced");
  return moved != 0;
}

enum store_result store_begin(struct store *s) {
  s->failure = STORE_OK;
  if (has_moved(s))
    return s->failure = STORE_MOVED;
  store_run(s, STATEMENT_BEGIN, "");
  s->open = s->failure == STORE_OK;
  return s->failure;
}

void store_rollback(struct store *s) {
  if (!s->open)
    return;
  enum store_result failure = s->failure;
  s->failure = STORE_OK;
  if (!sqlite3_get_autocommit(s->db)) /* SQLite may have done it */
    store_run(s, STATEMENT_ROLLBACK, "");
  s->failure = failure;
  s->open = false;
}

enum store_result store_commit(struct store *s) {
  char error[sizeof(s->error)];
  if (!s->open)
    return s->failure;
  store_run(s, STATEMENT_COMMIT, "");
  if (s->failure == STORE_OK) {
    s->open = false;
    return STORE_OK;
  }
  memcpy(error, s->error, sizeof(error));
  store_rollback(s);
  memcpy(s->error, error, sizeof(error));
  return s->failure;
}

double store_epoch(const struct store *s) { return s->epoch; }

void store_set_epoch(struct store *s, double epoch) {
  s->epoch = epoch;
  store_run(s, STATEMENT_PUT_META, "td", "epoch", epoch);
}

int64_t store_pages_written(struct store *s) {
  int now = 0;
  int highest = 0;
  sqlite3_db_status(s->db, SQLITE_DBSTATUS_CACHE_WRITE, &now, &highest, 1);
  s->written += now;
  return s->written;
}

int store_log_pages(const struct store *s) { return s->log_pages; }
