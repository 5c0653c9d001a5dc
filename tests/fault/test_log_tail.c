/* SPDX-License-Identifier: MIT */
/* Following a log while memory, descriptors or reads fail: no line is lost but
 * such as are counted as skipped, none is counted twice. */
#include "fault.h"
#include "process/fake_proc.h"

#include "hublog/log_tail.h"

#define ERROR_LINE "{\"level\":\"error\",\"msg\":\"boom\"}\n"
#define INFO_LINE "{\"type\":\"info\",\"message\":\"fine\"}\n"

static void append(const struct fakeproc *f, const char *name,
                   const char *text) {
  char path[128];
  fake_path(f, path, sizeof(path), name);
  FILE *file = fopen(path, "a");
  assert_non_null(file);
  fputs(text, file);
  fclose(file);
}

static void rotate(const struct fakeproc *f) {
  char from[128], to[128];
  fake_path(f, from, sizeof(from), "log");
  fake_path(f, to, sizeof(to), "log.1");
  assert_int_equal(rename(from, to), 0);
}

/* A read fails with the path and the reason, or not at all. */
static bool read_once(struct log_tail *t) {
  char err[256] = "";
  int status = log_tail_read(t, err, sizeof(err));
  if (status == 0)
    assert_string_equal(err, "");
  else
    assert_non_null(strstr(err, strerror(status)));
  return status == 0;
}

static void read_to_the_end(struct log_tail *t) {
  for (unsigned i = 0; i < LOG_TAIL_IDLE_READS + 2; i++)
    assert_true(read_once(t));
}

/* Lines come, the log is rotated, and more lines come, to both files. */
static void following(void *arg) {
  const struct fakeproc *f = arg;
  char path[128];
  fake_path(f, path, sizeof(path), "log");
  fake_file(f, "log", ERROR_LINE INFO_LINE);
  struct log_tail *t = log_tail_create(path);
  read_to_the_end(t);
  append(f, "log", ERROR_LINE);
  read_to_the_end(t);

  fault_begin();
  fault_shelter(true);
  append(f, "log", INFO_LINE ERROR_LINE);
  fault_shelter(false);
  bool read = read_once(t);
  fault_shelter(true);
  append(f, "log", ERROR_LINE);
  rotate(f);
  fake_file(f, "log", ERROR_LINE INFO_LINE);
  append(f, "log.1", ERROR_LINE);
  fault_shelter(false);
  read = read_once(t) && read;
  bool failed = fault_end();
  assert_true(read || failed);
  append(f, "log", INFO_LINE);
  read_to_the_end(t);

  const struct log_tail_counts *c = log_tail_counts(t);
  bool skipped =
      fault_is_of(FAULT_READ) && !fault_is_harmless() && c->skipped > 0;
  assert_true(c->entries[LOG_LINE_ERROR] <= 5);
  assert_true(c->entries[LOG_LINE_INFO] <= 3);
  if (!skipped) {
    assert_int_equal(c->entries[LOG_LINE_ERROR], 5);
    assert_int_equal(c->entries[LOG_LINE_INFO], 3);
  }
  log_tail_destroy(t);
}

static void staying(void *arg) {
  const struct fakeproc *f = arg;
  char path[128];
  fake_path(f, path, sizeof(path), "log");
  fake_file(f, "log", INFO_LINE);
  struct log_tail *t = log_tail_create(path);
  read_to_the_end(t);
  append(f, "log", ERROR_LINE);
  fault_begin();
  read_once(t);
  fault_end();
  read_to_the_end(t);
  assert_int_equal(log_tail_counts(t)->entries[LOG_LINE_ERROR], 1);
  assert_int_equal(log_tail_counts(t)->entries[LOG_LINE_INFO], 0);
  log_tail_destroy(t);
}

/* What is there at first fills the window, and no more. */
static void looking_at_first(void *arg) {
  const struct fakeproc *f = arg;
  char path[128];
  fake_path(f, path, sizeof(path), "log");
  fake_file(f, "log", ERROR_LINE INFO_LINE);
  fault_begin();
  struct log_tail *t = log_tail_create(path);
  if (t != NULL)
    read_once(t);
  bool failed = fault_end();
  if (t == NULL) {
    assert_true(failed);
    return;
  }
  read_to_the_end(t);
  append(f, "log", ERROR_LINE);
  read_to_the_end(t);
  assert_int_equal(log_tail_counts(t)->entries[LOG_LINE_ERROR], 1);
  assert_int_equal(log_tail_counts(t)->entries[LOG_LINE_INFO], 0);
  log_tail_destroy(t);
}

static void each(const char *what, void (*scenario)(void *arg)) {
  struct fakeproc f;
  fake_create(&f);
  assert_true(fault_all(what, true, scenario, &f) > 0);
  fake_destroy(&f);
}

static void a_line_is_counted_once_or_skipped(void **state) {
  (void)state;
  each("a log", following);
}

static void what_is_there_at_first_is_not_counted(void **state) {
  (void)state;
  each("the first look", looking_at_first);
}

static void a_server_of_files_that_forgets_us_costs_no_line(void **state) {
  (void)state;
  struct fakeproc f;
  fake_create(&f);
  assert_true(fault_each("a log, stale", FAULT_READ, ESTALE, staying, &f) > 0);
  assert_true(
      fault_each("a log, stale, stat()", FAULT_STAT, ESTALE, staying, &f) > 0);
  fake_destroy(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_teardown(a_line_is_counted_once_or_skipped,
                                fault_teardown),
      cmocka_unit_test_teardown(what_is_there_at_first_is_not_counted,
                                fault_teardown),
      cmocka_unit_test_teardown(a_server_of_files_that_forgets_us_costs_no_line,
                                fault_teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
