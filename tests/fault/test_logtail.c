/* Following a log while memory, descriptors or reads fail: no line is lost but
 * such as are counted as skipped, none is counted twice. */
#include "fakeproc.h"
#include "fault.h"

#include "hub/logtail.h"

#define ERROR_LINE "{\"level\":\"error\",\"msg\":\"boom\"}\n"
#define INFO_LINE "{\"type\":\"info\",\"message\":\"fine\"}\n"

struct stage {
  struct fakeproc folder;
  int error; /* of the calls that fail */
};

static void append(const struct stage *s, const char *name, const char *text) {
  char path[128];
  fake_path(&s->folder, path, sizeof(path), name);
  FILE *file = fopen(path, "a");
  assert_non_null(file);
  fputs(text, file);
  fclose(file);
}

static void rotate(const struct stage *s) {
  char from[128], to[128];
  fake_path(&s->folder, from, sizeof(from), "log");
  fake_path(&s->folder, to, sizeof(to), "log.1");
  assert_int_equal(rename(from, to), 0);
}

/* A read fails with the path and the reason, or not at all. */
static bool read_once(struct logtail *t) {
  char err[256] = "";
  int status = logtail_read(t, err, sizeof(err));
  if (status == 0)
    assert_string_equal(err, "");
  else
    assert_non_null(strstr(err, strerror(status)));
  return status == 0;
}

static void read_to_the_end(struct logtail *t) {
  for (unsigned i = 0; i < LOGTAIL_IDLE_READS + 2; i++)
    assert_true(read_once(t));
}

/* Lines come, the log is rotated, and more lines come, to both files. */
static void following(void *arg) {
  const struct stage *s = arg;
  char path[128];
  fake_path(&s->folder, path, sizeof(path), "log");
  fake_file(&s->folder, "log", ERROR_LINE INFO_LINE);
  struct logtail *t = logtail_create(path);
  read_to_the_end(t);
  append(s, "log", ERROR_LINE);
  read_to_the_end(t);

  fault_begin();
  fault_shelter(true);
  append(s, "log", INFO_LINE ERROR_LINE);
  fault_shelter(false);
  bool read = read_once(t);
  fault_shelter(true);
  append(s, "log", ERROR_LINE);
  rotate(s);
  fake_file(&s->folder, "log", ERROR_LINE INFO_LINE);
  append(s, "log.1", ERROR_LINE);
  fault_shelter(false);
  read = read_once(t) && read;
  bool failed = fault_end();
  assert_true(read || failed);
  append(s, "log", INFO_LINE);
  read_to_the_end(t);

  const struct logtail_counts *c = logtail_counts(t);
  bool skipped = s->error == EIO && c->skipped > 0;
  assert_true(c->entries[LOGLINE_ERROR] <= 5);
  assert_true(c->entries[LOGLINE_INFO] <= 3);
  if (!skipped) {
    assert_int_equal(c->entries[LOGLINE_ERROR], 5);
    assert_int_equal(c->entries[LOGLINE_INFO], 3);
  }
  logtail_destroy(t);
}

static void staying(void *arg) {
  const struct stage *s = arg;
  char path[128];
  fake_path(&s->folder, path, sizeof(path), "log");
  fake_file(&s->folder, "log", INFO_LINE);
  struct logtail *t = logtail_create(path);
  read_to_the_end(t);
  append(s, "log", ERROR_LINE);
  fault_begin();
  read_once(t);
  fault_end();
  read_to_the_end(t);
  assert_int_equal(logtail_counts(t)->entries[LOGLINE_ERROR], 1);
  assert_int_equal(logtail_counts(t)->entries[LOGLINE_INFO], 0);
  logtail_destroy(t);
}

/* What is there at first fills the window, and no more. */
static void looking_at_first(void *arg) {
  const struct stage *s = arg;
  char path[128];
  fake_path(&s->folder, path, sizeof(path), "log");
  fake_file(&s->folder, "log", ERROR_LINE INFO_LINE);
  fault_begin();
  struct logtail *t = logtail_create(path);
  if (t != NULL)
    read_once(t);
  bool failed = fault_end();
  if (t == NULL) {
    assert_true(failed);
    return;
  }
  read_to_the_end(t);
  append(s, "log", ERROR_LINE);
  read_to_the_end(t);
  assert_int_equal(logtail_counts(t)->entries[LOGLINE_ERROR], 1);
  assert_int_equal(logtail_counts(t)->entries[LOGLINE_INFO], 0);
  logtail_destroy(t);
}

static void each_of(enum fault_call call, int error, const char *what) {
  struct stage s = {.error = error};
  char words[64];
  fake_create(&s.folder);
  snprintf(words, sizeof(words), "a log, %s", what);
  assert_true(fault_each(words, call, error, following, &s) > 0);
  snprintf(words, sizeof(words), "the first look, %s", what);
  assert_true(fault_each(words, call, error, looking_at_first, &s) > 0);
  fake_destroy(&s.folder);
}

static void without_memory(void **state) {
  (void)state;
  each_of(FAULT_MEMORY, ENOMEM, "memory");
}

static void without_descriptors(void **state) {
  (void)state;
  each_of(FAULT_OPEN, EMFILE, "descriptors");
}

static void when_the_disk_fails(void **state) {
  (void)state;
  each_of(FAULT_READ, EIO, "the disk");
}

static void when_files_cannot_be_looked_at(void **state) {
  (void)state;
  each_of(FAULT_STAT, EIO, "stat()");
}

static void when_a_server_of_files_forgets_us(void **state) {
  (void)state;
  struct stage s = {.error = ESTALE};
  fake_create(&s.folder);
  assert_true(fault_each("a log, stale", FAULT_READ, ESTALE, staying, &s) > 0);
  assert_true(
      fault_each("a log, stale, stat()", FAULT_STAT, ESTALE, staying, &s) > 0);
  fake_destroy(&s.folder);
}

static void when_a_signal_comes(void **state) {
  (void)state;
  each_of(FAULT_READ, EINTR, "signals");
}

static void when_reads_are_short(void **state) {
  (void)state;
  each_of(FAULT_READ, FAULT_SHORT, "short reads");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_teardown(without_memory, fault_teardown),
      cmocka_unit_test_teardown(without_descriptors, fault_teardown),
      cmocka_unit_test_teardown(when_the_disk_fails, fault_teardown),
      cmocka_unit_test_teardown(when_files_cannot_be_looked_at, fault_teardown),
      cmocka_unit_test_teardown(when_a_server_of_files_forgets_us,
                                fault_teardown),
      cmocka_unit_test_teardown(when_a_signal_comes, fault_teardown),
      cmocka_unit_test_teardown(when_reads_are_short, fault_teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
