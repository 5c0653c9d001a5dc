/* SPDX-License-Identifier: MIT */
/* Tests of src/hublog/log_tail.c. */
#include "hublog/log_tail.h"

#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ERROR_LINE "{\"level\":\"error\",\"msg\":\"boom\"}\n"
#define INFO_LINE "{\"type\":\"info\",\"message\":\"fine\"}\n"
#define CONNECT_LINE "'alpha' MCP server connected\n"
#define CLOSED_LINE "'alpha' transport closed\n"

static char directory[64];
static char path[96], rotated[96], other[96];

static int setup(void **state) {
  (void)state;
  snprintf(directory, sizeof(directory), "/tmp/test_logtail.XXXXXX");
  if (mkdtemp(directory) == NULL)
    return -1;
  snprintf(path, sizeof(path), "%s/mcp-hub.log", directory);
  snprintf(rotated, sizeof(rotated), "%s/mcp-hub.log.1", directory);
  snprintf(other, sizeof(other), "%s/other", directory);
  return 0;
}

static int teardown(void **state) {
  (void)state;
  unlink(path);
  rmdir(path);
  unlink(rotated);
  unlink(other);
  return rmdir(directory);
}

/* ---- helpers ---- */

static void write_bytes(const char *file, const char *bytes, size_t len,
                        int flags) {
  int fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600);
  assert_true(fd >= 0);
  assert_int_equal(write(fd, bytes, len), len);
  close(fd);
}

static void append(const char *file, const char *text) {
  write_bytes(file, text, strlen(text), O_APPEND);
}

static void overwrite(const char *file, const char *text) {
  write_bytes(file, text, strlen(text), O_TRUNC);
}

static void grow(const char *file, off_t by) {
  struct stat st;
  assert_int_equal(stat(file, &st), 0);
  assert_int_equal(truncate(file, st.st_size + by), 0);
}

static void read_well(struct log_tail *t) {
  char err[256] = "";
  int status = log_tail_read(t, err, sizeof(err));
  assert_string_equal(err, "");
  assert_int_equal(status, 0);
}

static void read_badly(struct log_tail *t, int code) {
  char err[256] = "", want[256];
  snprintf(want, sizeof(want), "%s: %s", path,
           code == EINVAL ? "not a regular file" : strerror(code));
  assert_int_equal(log_tail_read(t, err, sizeof(err)), code);
  assert_string_equal(err, want);
}

/* A tail that has had its first look. */
static struct log_tail *open_tail(void) {
  struct log_tail *t = log_tail_create(path);
  assert_non_null(t);
  char err[256];
  log_tail_read(t, err, sizeof(err));
  return t;
}

static int64_t entries(const struct log_tail *t) {
  const struct log_tail_counts *c = log_tail_counts(t);
  int64_t sum = 0;
  for (size_t i = 0; i < LOG_LINE_LEVELS; i++)
    sum += c->entries[i];
  return sum;
}

static void assert_counts(const struct log_tail *t, int64_t errors,
                          int64_t connects, int64_t all) {
  const struct log_tail_counts *c = log_tail_counts(t);
  assert_int_equal(c->entries[LOG_LINE_ERROR], errors);
  assert_int_equal(c->events[LOG_LINE_CONNECT], connects);
  assert_int_equal(entries(t), all);
}

static int open_files(void) {
  int num = 0;
  for (int fd = 0; fd < 64; fd++)
    num += fcntl(fd, F_GETFD) >= 0;
  return num;
}

/* ---- the first look ---- */

static void what_was_there_fills_the_window_only(void **state) {
  (void)state;
  append(path, ERROR_LINE INFO_LINE CONNECT_LINE "half");
  struct log_tail *t = open_tail();
  const struct log_tail_counts *c = log_tail_counts(t);
  assert_counts(t, 0, 0, 0);
  assert_int_equal(c->window.last_100.errors, 1);
  assert_int_equal(c->window.last_1000.levelled, 2);
  assert_int_equal(c->behind, 4);
  append(path, " a line\n" ERROR_LINE);
  read_well(t);
  assert_counts(t, 1, 0, 2);
  assert_int_equal(c->window.last_100.errors, 2);
  assert_int_equal(c->behind, 0);
  log_tail_destroy(t);
}

static void the_first_look_is_bounded(void **state) {
  (void)state;
  append(path, ERROR_LINE);
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  assert_int_equal(ftruncate(fd, 3 << 20), 0);
  close(fd);
  append(path, "\n" ERROR_LINE INFO_LINE);
  struct log_tail *t = open_tail();
  assert_int_equal(log_tail_counts(t)->window.last_1000.errors, 1);
  assert_int_equal(log_tail_counts(t)->window.last_1000.levelled, 2);
  assert_int_equal(log_tail_counts(t)->skipped, 0);
  assert_counts(t, 0, 0, 0);
  append(path, ERROR_LINE);
  read_well(t);
  assert_counts(t, 1, 0, 1);
  log_tail_destroy(t);
}

/* The bound falls just before a line: it is seen whole. */
static void the_first_look_keeps_the_line_at_its_edge(void **state) {
  (void)state;
  size_t size = (size_t)LOG_TAIL_FIRST_LOOK - strlen(ERROR_LINE);
  char *filler = malloc(size);
  assert_non_null(filler);
  memset(filler, 'x', size);
  filler[size - 1] = '\n';
  append(path, ERROR_LINE ERROR_LINE);
  write_bytes(path, filler, size, O_APPEND);
  free(filler);
  struct log_tail *t = open_tail();
  assert_int_equal(log_tail_counts(t)->window.last_1000.errors, 1);
  log_tail_destroy(t);
}

static void a_file_that_comes_later_counts_from_its_beginning(void **state) {
  (void)state;
  struct log_tail *t = log_tail_create(path);
  assert_int_equal(log_tail_counts(t)->size, -1);
  read_badly(t, ENOENT);
  read_badly(t, ENOENT);
  assert_int_equal(log_tail_counts(t)->size, -1);
  append(path, CONNECT_LINE ERROR_LINE);
  read_well(t);
  assert_counts(t, 1, 1, 2);
  assert_int_equal(log_tail_counts(t)->size,
                   strlen(CONNECT_LINE) + strlen(ERROR_LINE));
  log_tail_destroy(t);
}

/* What could not be read before cannot be told from what was there. */
static void a_file_that_becomes_readable_gets_its_first_look(void **state) {
  (void)state;
  assert_int_equal(symlink(path, path), 0);
  struct log_tail *t = log_tail_create(path);
  read_badly(t, ELOOP);
  assert_int_equal(unlink(path), 0);
  append(path, ERROR_LINE);
  read_well(t);
  assert_counts(t, 0, 0, 0);
  assert_int_equal(log_tail_counts(t)->window.last_100.errors, 1);
  log_tail_destroy(t);
}

/* ---- growth ---- */

static const char session[] = CONNECT_LINE ERROR_LINE INFO_LINE
    "text\r\n"
    "  continued\n\n{\"level\":50,\"msg\":{\"a\":1}}\r\n" CLOSED_LINE
    "\0\0Circuit breaker opened\n\xff\xfe\x01\n" ERROR_LINE;

static void assert_session(const struct log_tail *t) {
  const struct log_tail_counts *c = log_tail_counts(t);
  assert_counts(t, 3, 1, 9);
  assert_int_equal(c->entries[LOG_LINE_INFO], 1);
  assert_int_equal(c->entries[LOG_LINE_OTHER], 5);
  assert_int_equal(c->events[LOG_LINE_DISCONNECT], 1);
  assert_int_equal(c->events[LOG_LINE_LLM_ERROR], 1);
  assert_int_equal(c->window.last_100.errors, 3);
  assert_int_equal(c->window.last_1000.levelled, 4);
}

static void every_split_of_writes_counts_the_same(void **state) {
  (void)state;
  size_t len = sizeof(session) - 1;
  for (size_t cut = 0; cut <= len; cut++) {
    unlink(path);
    struct log_tail *t = open_tail();
    write_bytes(path, session, cut, O_APPEND);
    read_well(t);
    write_bytes(path, session + cut, len - cut, O_APPEND);
    read_well(t);
    assert_session(t);
    log_tail_destroy(t);
  }
  unlink(path);
  struct log_tail *t = open_tail();
  for (size_t i = 0; i < len; i++) {
    write_bytes(path, session + i, 1, O_APPEND);
    read_well(t);
  }
  assert_session(t);
  log_tail_destroy(t);
}

static void half_a_line_waits_for_its_end(void **state) {
  (void)state;
  struct log_tail *t = open_tail();
  append(path, INFO_LINE "'alpha' MCP server");
  read_well(t);
  read_well(t);
  assert_counts(t, 0, 0, 1);
  assert_int_equal(log_tail_counts(t)->behind, 18);
  append(path, " connected\n");
  read_well(t);
  read_well(t);
  assert_counts(t, 0, 1, 2);
  log_tail_destroy(t);
}

static void a_hole_before_a_line_is_passed_over(void **state) {
  (void)state;
  struct log_tail *t = open_tail();
  append(path, INFO_LINE);
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  off_t hole = (3 << 20) + 17;
  assert_int_equal(pwrite(fd, CONNECT_LINE, strlen(CONNECT_LINE), hole),
                   strlen(CONNECT_LINE));
  close(fd);
  read_well(t);
  assert_counts(t, 0, 1, 2);
  log_tail_destroy(t);
}

/* ---- bounds ---- */

static void a_line_of_100_mb_is_one_entry(void **state) {
  (void)state;
  struct log_tail *t = open_tail();
  append(path, "{\"level\":\"error\",\"msg\":\"");
  for (int i = 0; i < 4; i++) {
    grow(path, 25 << 20);
    for (int read = 0; read < 8; read++)
      read_well(t);
    assert_counts(t, 1, 0, 1);
  }
  append(path, "\"}\n" INFO_LINE);
  read_well(t);
  assert_counts(t, 1, 0, 2);
  assert_int_equal(log_tail_counts(t)->skipped, 0);
  assert_int_equal(log_tail_counts(t)->behind, 0);
  log_tail_destroy(t);
}

static void a_line_at_the_limit_is_read_whole(void **state) {
  (void)state;
  char *line = malloc(LOG_TAIL_LINE_MAX + 1);
  assert_non_null(line);
  for (size_t len = LOG_TAIL_LINE_MAX - 2; len <= LOG_TAIL_LINE_MAX + 1;
       len++) {
    unlink(path);
    struct log_tail *t = open_tail();
    memset(line, '\'', len);
    memcpy(line + len - 19, "' transport closed\n", 19);
    write_bytes(path, line, len, O_APPEND);
    append(path, CONNECT_LINE);
    read_well(t);
    assert_counts(t, 0, 1, 2);
    assert_int_equal(log_tail_counts(t)->events[LOG_LINE_DISCONNECT],
                     len <= LOG_TAIL_LINE_MAX);
    log_tail_destroy(t);
  }
  free(line);
}

static void a_read_takes_no_more_than_its_share(void **state) {
  (void)state;
  enum { LINE = 1 << 10, LINES = 9 << 10 };
  struct log_tail *t = open_tail();
  char *bytes = malloc((size_t)LINE * LINES);
  assert_non_null(bytes);
  memset(bytes, 'x', (size_t)LINE * LINES);
  for (size_t i = 1; i <= LINES; i++)
    bytes[i * LINE - 1] = '\n';
  write_bytes(path, bytes, (size_t)LINE * LINES, O_APPEND);
  free(bytes);
  read_well(t);
  assert_int_equal(entries(t), LOG_TAIL_READ_MAX / LINE);
  assert_int_equal(log_tail_counts(t)->behind, 5 << 20);
  read_well(t);
  assert_int_equal(log_tail_counts(t)->behind, 1 << 20);
  read_well(t);
  assert_int_equal(entries(t), LINES);
  assert_int_equal(log_tail_counts(t)->behind, 0);
  assert_int_equal(log_tail_counts(t)->skipped, 0);
  log_tail_destroy(t);
}

static void what_is_too_far_behind_is_skipped_and_counted(void **state) {
  (void)state;
  struct log_tail *t = open_tail();
  append(path, INFO_LINE);
  read_well(t);
  append(path, ERROR_LINE);
  grow(path, (80 << 20) - (off_t)strlen(ERROR_LINE));
  append(path, "\n" CONNECT_LINE);
  read_well(t);
  read_well(t);
  const struct log_tail_counts *c = log_tail_counts(t);
  assert_counts(t, 0, 1, 2);
  assert_int_equal(c->skipped, (80 << 20) + 1 + (off_t)strlen(CONNECT_LINE) -
                                   (off_t)LOG_TAIL_READ_MAX);
  assert_int_equal(c->behind, 0);
  log_tail_destroy(t);
}

static size_t heap(void) { return mallinfo2().uordblks; }

static void memory_is_bounded_whatever_the_log(void **state) {
  (void)state;
  append(path, ERROR_LINE "half a line");
  size_t before = heap();
  struct log_tail *t = open_tail();
  grow(path, 10 << 20);
  append(path, "\n" ERROR_LINE);
  for (int i = 0; i < 4; i++)
    read_well(t);
  assert_true(heap() - before <= 1024 + 64);
  log_tail_destroy(t);
}

/* ---- rotation and its relatives ---- */

static void rename_rotation_loses_nothing(void **state) {
  (void)state;
  struct log_tail *t = open_tail();
  append(path, INFO_LINE);
  read_well(t);
  append(path, ERROR_LINE);
  assert_int_equal(rename(path, rotated), 0);
  append(rotated, CONNECT_LINE);
  append(path, CONNECT_LINE INFO_LINE);
  read_well(t);
  assert_counts(t, 1, 2, 5);
  append(rotated, ERROR_LINE "the writer stopped he");
  append(path, ERROR_LINE);
  read_well(t);
  assert_counts(t, 3, 2, 7);
  for (int i = 0; i < LOG_TAIL_IDLE_READS - 1; i++)
    read_well(t);
  assert_counts(t, 3, 2, 7);
  read_well(t);
  assert_counts(t, 3, 2, 8);
  append(rotated, "re\n" ERROR_LINE);
  read_well(t);
  assert_counts(t, 3, 2, 8);
  log_tail_destroy(t);
}

/* pino keeps writing to the file that was moved away. */
static void a_renamed_file_without_successor_is_read_on(void **state) {
  (void)state;
  append(path, INFO_LINE);
  struct log_tail *t = open_tail();
  assert_int_equal(rename(path, rotated), 0);
  for (int i = 0; i < 3 * LOG_TAIL_IDLE_READS; i++)
    read_badly(t, ENOENT);
  append(rotated, ERROR_LINE);
  read_badly(t, ENOENT);
  assert_counts(t, 1, 0, 1);
  append(rotated, ERROR_LINE);
  append(path, CONNECT_LINE);
  read_well(t);
  assert_counts(t, 2, 1, 3);
  assert_int_equal(log_tail_counts(t)->size, strlen(CONNECT_LINE));
  log_tail_destroy(t);
}

static void two_rotations_at_once_and_back_again(void **state) {
  (void)state;
  append(path, INFO_LINE);
  struct log_tail *t = open_tail();
  assert_int_equal(rename(path, rotated), 0);
  append(path, CONNECT_LINE);
  read_well(t);
  append(rotated, ERROR_LINE "half");
  assert_int_equal(rename(path, other), 0);
  append(path, CONNECT_LINE);
  read_well(t);
  assert_counts(t, 1, 2, 4);
  assert_int_equal(rename(other, path), 0);
  append(path, ERROR_LINE);
  int before = open_files();
  read_well(t);
  assert_counts(t, 2, 2, 5);
  assert_int_equal(open_files(), before - 1); /* the overwritten one is gone */
  log_tail_destroy(t);
}

static void a_file_that_comes_back_goes_on_where_it_was(void **state) {
  (void)state;
  append(path, ERROR_LINE "'alpha' MCP ser");
  struct log_tail *t = open_tail();
  int before = open_files();
  assert_int_equal(rename(path, rotated), 0);
  append(path, INFO_LINE);
  read_well(t);
  assert_int_equal(open_files(), before + 1);
  for (int i = 0; i <= LOG_TAIL_IDLE_READS; i++)
    read_well(t);
  assert_int_equal(open_files(), before);
  assert_counts(t, 0, 0, 2);
  assert_int_equal(rename(rotated, path), 0);
  append(path, "ver connected\n" CLOSED_LINE);
  read_well(t);
  assert_counts(t, 0, 0, 3);
  assert_int_equal(log_tail_counts(t)->events[LOG_LINE_DISCONNECT], 1);
  log_tail_destroy(t);
}

static void copytruncate_counts_what_comes_after(void **state) {
  (void)state;
  append(path, INFO_LINE ERROR_LINE);
  struct log_tail *t = open_tail();
  overwrite(path, "");
  read_well(t);
  assert_int_equal(log_tail_counts(t)->size, 0);
  append(path, CONNECT_LINE);
  read_well(t);
  assert_counts(t, 0, 1, 1);
  overwrite(path, ERROR_LINE);
  read_well(t);
  assert_counts(t, 1, 1, 2);
  log_tail_destroy(t);
}

/* In place: same file, and as long as before, or longer. */
static void a_rewritten_file_is_known_by_what_was_read(void **state) {
  (void)state;
  append(path, ERROR_LINE INFO_LINE);
  struct log_tail *t = open_tail();
  overwrite(path, INFO_LINE ERROR_LINE);
  read_well(t);
  assert_counts(t, 1, 0, 2);
  read_well(t);
  assert_counts(t, 1, 0, 2);
  overwrite(path, CONNECT_LINE ERROR_LINE ERROR_LINE ERROR_LINE);
  read_well(t);
  assert_counts(t, 4, 1, 6);
  log_tail_destroy(t);
}

/* A hub starts with the same words each time: the last bytes tell. */
static void the_same_beginning_does_not_hide_a_restart(void **state) {
  (void)state;
  char start[301];
  memset(start, 's', sizeof(start) - 1);
  start[299] = '\n';
  start[300] = '\0';
  append(path, start);
  append(path, ERROR_LINE);
  struct log_tail *t = open_tail();
  overwrite(path, start);
  append(path, CONNECT_LINE ERROR_LINE ERROR_LINE);
  read_well(t);
  assert_counts(t, 2, 1, 4);
  log_tail_destroy(t);
}

/* One error again and again: the first bytes tell. */
static void the_same_end_does_not_hide_a_restart(void **state) {
  (void)state;
  append(path, INFO_LINE);
  for (int i = 0; i < 20; i++)
    append(path, ERROR_LINE);
  struct log_tail *t = open_tail();
  overwrite(path, CONNECT_LINE);
  grow(path, (off_t)(strlen(INFO_LINE) - strlen(CONNECT_LINE)));
  for (int i = 0; i < 21; i++)
    append(path, ERROR_LINE);
  read_well(t);
  assert_counts(t, 21, 1, 22);
  log_tail_destroy(t);
}

static void replaced_by_another_file(const char *text, int64_t errors) {
  unlink(path);
  append(path, INFO_LINE INFO_LINE);
  struct log_tail *t = open_tail();
  append(other, text);
  assert_int_equal(rename(other, path), 0);
  read_well(t);
  assert_counts(t, errors, 0, errors);
  read_well(t);
  assert_counts(t, errors, 0, errors);
  log_tail_destroy(t);
}

static void a_replaced_file_counts_whatever_its_size(void **state) {
  (void)state;
  assert_int_equal(strlen(ERROR_LINE) < strlen(INFO_LINE), 1);
  replaced_by_another_file(ERROR_LINE, 1);
  replaced_by_another_file(ERROR_LINE ERROR_LINE ERROR_LINE ERROR_LINE, 4);
  char same[256];
  snprintf(same, sizeof(same), "%s{\"level\":\"error\",\"msg\":\"%*s\"}\n",
           ERROR_LINE,
           (int)(2 * strlen(INFO_LINE) - 2 * strlen(ERROR_LINE) + 4), "x");
  assert_int_equal(strlen(same), 2 * strlen(INFO_LINE));
  replaced_by_another_file(same, 2);
}

static void a_deleted_file_is_let_go_and_may_come_again(void **state) {
  (void)state;
  append(path, INFO_LINE);
  struct log_tail *t = open_tail();
  int before = open_files();
  append(path, ERROR_LINE "no end");
  assert_int_equal(unlink(path), 0);
  read_badly(t, ENOENT);
  assert_counts(t, 1, 0, 2);
  assert_int_equal(open_files(), before - 1);
  read_badly(t, ENOENT);
  assert_counts(t, 1, 0, 2);
  append(path, INFO_LINE CONNECT_LINE);
  read_well(t);
  assert_counts(t, 1, 1, 4);
  append(path, ERROR_LINE);
  assert_int_equal(unlink(path), 0);
  append(path, INFO_LINE);
  read_well(t);
  assert_counts(t, 2, 1, 6);
  assert_int_equal(open_files(), before);
  log_tail_destroy(t);
  assert_int_equal(open_files(), before - 1);
}

/* A new file is often given the number of the one before. */
static void a_deleted_file_may_come_again_with_the_same_words(void **state) {
  (void)state;
  append(path, CONNECT_LINE);
  struct log_tail *t = open_tail();
  for (int i = 1; i <= 3; i++) {
    assert_int_equal(unlink(path), 0);
    read_badly(t, ENOENT);
    append(path, CONNECT_LINE);
    read_well(t);
    assert_counts(t, 0, i, i);
  }
  log_tail_destroy(t);
}

/* Deleted with more left than one read takes: it is read to its end. */
static void a_long_deleted_file_is_read_in_shares(void **state) {
  (void)state;
  struct log_tail *t = open_tail();
  append(path, INFO_LINE);
  read_well(t);
  grow(path, 10 << 20);
  append(path, ERROR_LINE);
  assert_int_equal(unlink(path), 0);
  append(path, CONNECT_LINE);
  for (int i = 0; i < 4; i++)
    read_well(t);
  assert_counts(t, 1, 1, 3);
  log_tail_destroy(t);
}

/* Three files within one read: what cannot be read any more is said. */
static void what_is_lost_to_quick_rotation_is_counted(void **state) {
  (void)state;
  struct log_tail *t = open_tail();
  append(path, INFO_LINE);
  read_well(t);
  append(path, "x");
  grow(path, 10 << 20);
  assert_int_equal(rename(path, rotated), 0);
  append(path, INFO_LINE);
  read_well(t);
  assert_int_equal(rename(path, other), 0);
  append(path, CONNECT_LINE);
  read_well(t);
  const struct log_tail_counts *c = log_tail_counts(t);
  assert_counts(t, 0, 1, 4);
  assert_int_equal(c->skipped,
                   (10 << 20) + 1 - (off_t)LOG_TAIL_READ_MAX - 65536);
  log_tail_destroy(t);
}

static void a_symbolic_link_is_followed_and_may_turn(void **state) {
  (void)state;
  append(rotated, INFO_LINE);
  assert_int_equal(symlink(rotated, path), 0);
  struct log_tail *t = open_tail();
  append(rotated, ERROR_LINE);
  read_well(t);
  assert_counts(t, 1, 0, 1);
  append(other, CONNECT_LINE);
  assert_int_equal(unlink(path), 0);
  assert_int_equal(symlink(other, path), 0);
  read_well(t);
  assert_counts(t, 1, 1, 2);
  log_tail_destroy(t);
}

/* ---- what is no log ---- */

static void a_directory_a_fifo_and_a_device_are_refused(void **state) {
  (void)state;
  assert_int_equal(mkdir(path, 0700), 0);
  struct log_tail *t = log_tail_create(path);
  read_badly(t, EINVAL);
  assert_int_equal(rmdir(path), 0);
  assert_int_equal(mkfifo(path, 0600), 0);
  read_badly(t, EINVAL);
  assert_int_equal(unlink(path), 0);
  assert_int_equal(symlink("/dev/zero", path), 0);
  read_badly(t, EINVAL);
  assert_int_equal(log_tail_counts(t)->size, -1);
  assert_int_equal(unlink(path), 0);
  append(path, ERROR_LINE);
  read_well(t);
  assert_counts(t, 0, 0, 0);
  log_tail_destroy(t);
}

static void a_file_out_of_sight_is_read_on(void **state) {
  (void)state;
  append(path, INFO_LINE);
  struct log_tail *t = open_tail();
  assert_int_equal(rename(path, rotated), 0);
  assert_int_equal(mkdir(path, 0700), 0);
  append(rotated, ERROR_LINE);
  read_badly(t, EINVAL);
  assert_counts(t, 1, 0, 1);
  assert_int_equal(rmdir(path), 0);
  assert_int_equal(rename(rotated, path), 0);
  append(path, CONNECT_LINE);
  read_well(t);
  assert_counts(t, 1, 1, 2);
  log_tail_destroy(t);
}

static void a_file_that_may_not_be_read_says_so(void **state) {
  (void)state;
  if (geteuid() == 0)
    skip();
  append(path, INFO_LINE);
  assert_int_equal(chmod(path, 0), 0);
  struct log_tail *t = log_tail_create(path);
  read_badly(t, EACCES);
  log_tail_destroy(t);
}

static void a_path_below_a_file_is_missing(void **state) {
  (void)state;
  append(path, INFO_LINE);
  char below[128], err[256];
  snprintf(below, sizeof(below), "%s/log", path);
  struct log_tail *t = log_tail_create(below);
  assert_int_equal(log_tail_read(t, err, sizeof(err)), ENOTDIR);
  log_tail_destroy(t);
}

static void nothing_is_destroyed_gladly(void **state) {
  (void)state;
  log_tail_destroy(NULL);
}

/* ---- the window ---- */

static void the_window_is_of_entries_not_of_lines(void **state) {
  (void)state;
  struct log_tail *t = open_tail();
  append(path, ERROR_LINE);
  for (int i = 0; i < 99; i++)
    append(path, "message\n  its continuation\n\n");
  read_well(t);
  const struct log_window *w = &log_tail_counts(t)->window;
  assert_int_equal(w->last_100.errors, 1);
  assert_int_equal(w->last_100.levelled, 1);
  append(path, "one more\n");
  read_well(t);
  assert_int_equal(w->last_100.errors, 0);
  assert_int_equal(w->last_1000.errors, 1);
  log_tail_destroy(t);
}

static unsigned tally(const unsigned char *history, size_t num, size_t last,
                      unsigned char bit) {
  unsigned sum = 0;
  for (size_t i = num > last ? num - last : 0; i < num; i++)
    sum += (history[i] & bit) != 0;
  return sum;
}

static void the_window_is_that_of_a_plain_history(void **state) {
  (void)state;
  enum { NUM = 10000, ERROR = 1, LEVELLED = 2 };
  static unsigned char history[NUM];
  struct log_window w = {0};
  unsigned seed = 11;
  for (size_t i = 0; i < NUM; i++) {
    bool error = rand_r(&seed) % ((int)(i / 2000) + 2) == 0;
    bool levelled = error || rand_r(&seed) % 2 == 0;
    history[i] = (unsigned char)(error | (levelled ? LEVELLED : 0));
    log_window_add(&w, error, levelled);
    size_t num = i + 1;
    assert_int_equal(w.last_100.errors, tally(history, num, 100, ERROR));
    assert_int_equal(w.last_1000.errors, tally(history, num, 1000, ERROR));
    assert_int_equal(w.last_100.levelled, tally(history, num, 100, LEVELLED));
    assert_int_equal(w.last_1000.levelled, tally(history, num, 1000, LEVELLED));
  }
}

/* ---- against a model ---- */

/* A file as the model knows it: the lines that are not yet counted, each E
 * (error), C (connect) or T (text); `open_line` is the one without an end. */
struct model_file {
  char what[4096];
  size_t num;
  char open_line;
  unsigned idle;
  bool is;
};

struct model {
  struct model_file current, former;
  unsigned serial;
  int64_t entries, errors, connects;
  unsigned char history[400000];
};

static void model_count(struct model *m, char kind) {
  m->history[m->entries++] = kind == 'E';
  m->errors += kind == 'E';
  m->connects += kind == 'C';
}

static void model_drain(struct model *m, struct model_file *f) {
  for (size_t i = 0; i < f->num; i++)
    model_count(m, f->what[i]);
  f->idle = f->num > 0 ? 0 : f->idle + 1;
  f->num = 0;
}

/* A last line without an end counts when the file is let go. */
static void model_close(struct model *m, struct model_file *f) {
  if (f->is && f->open_line != 0)
    model_count(m, f->open_line);
  *f = (struct model_file){0};
}

static void model_read(struct model *m) {
  if (m->former.is) {
    model_drain(m, &m->former);
    if (m->former.idle >= LOG_TAIL_IDLE_READS)
      model_close(m, &m->former);
  }
  if (m->current.is)
    model_drain(m, &m->current);
}

static void line_text(struct model *m, char kind, char *out, size_t size) {
  unsigned n = m->serial++;
  if (kind == 'E')
    snprintf(out, size, "{\"level\":50,\"time\":%u,\"msg\":\"boom\"}", n);
  else if (kind == 'C')
    snprintf(out, size, "'server %u' MCP server connected", n);
  else
    snprintf(out, size, "text %u%*s", n, (int)(n % 97), "");
}

/* Writes a line with or without its end, or the end of the one before. */
static void write_line(struct model *m, struct model_file *f, const char *file,
                       char kind, bool open_end) {
  char text[256] = "";
  if (f->open_line != 0) {
    append(file, "\n");
    f->what[f->num++] = f->open_line;
    f->open_line = 0;
    return;
  }
  line_text(m, kind, text, sizeof(text) - 1);
  if (open_end)
    f->open_line = kind;
  else
    f->what[f->num++] = kind;
  strcat(text, open_end ? "" : "\n");
  append(file, text);
}

/* Path and former file after a rename, a deletion or a replacement. */
static void model_rotate(struct model *m, struct log_tail *t, bool keep) {
  if (keep)
    assert_int_equal(rename(path, rotated), 0);
  else
    assert_int_equal(unlink(path), 0);
  write_bytes(path, "", 0, O_APPEND);
  if (m->former.is) {
    model_drain(m, &m->former);
    model_close(m, &m->former);
  }
  m->former = m->current;
  m->former.idle = 0;
  m->current = (struct model_file){.is = true};
  read_well(t);
  model_read(m);
  if (!keep)
    model_close(m, &m->former);
}

static void model_truncate(struct model *m) {
  overwrite(path, "");
  m->current = (struct model_file){.is = true};
}

static void model_step(struct model *m, struct log_tail *t, unsigned *seed) {
  char kind = "ECTTTTTT"[rand_r(seed) % 8];
  int what = rand_r(seed) % 100;
  if (what < 60) {
    write_line(m, &m->current, path, kind, rand_r(seed) % 4 == 0);
  } else if (what < 70) {
    if (m->former.is && access(rotated, F_OK) == 0)
      write_line(m, &m->former, rotated, kind, false);
  } else if (what < 90) {
    read_well(t);
    model_read(m);
  } else if (what < 94) {
    model_rotate(m, t, true);
  } else if (what < 97) {
    model_rotate(m, t, false);
    unlink(rotated);
  } else {
    model_truncate(m);
  }
}

static void random_operations_count_as_in_a_model(void **state) {
  (void)state;
  struct model *m = calloc(1, sizeof(*m));
  assert_non_null(m);
  struct log_tail *t = open_tail();
  unsigned seed = 3;
  write_bytes(path, "", 0, O_APPEND);
  read_well(t);
  m->current.is = true;
  for (int step = 0; step < 10000; step++) {
    model_step(m, t, &seed);
    if (step % 50 != 49)
      continue;
    read_well(t);
    model_read(m);
    const struct log_tail_counts *c = log_tail_counts(t);
    size_t num = (size_t)m->entries;
    assert_counts(t, m->errors, m->connects, m->entries);
    assert_int_equal(c->window.last_100.errors, tally(m->history, num, 100, 1));
    assert_int_equal(c->window.last_1000.errors,
                     tally(m->history, num, 1000, 1));
    assert_int_equal(c->skipped, 0);
  }
  assert_true(m->entries > 4000);
  log_tail_destroy(t);
  free(m);
}

#define TAIL_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      TAIL_TEST(what_was_there_fills_the_window_only),
      TAIL_TEST(the_first_look_is_bounded),
      TAIL_TEST(the_first_look_keeps_the_line_at_its_edge),
      TAIL_TEST(a_file_that_comes_later_counts_from_its_beginning),
      TAIL_TEST(a_file_that_becomes_readable_gets_its_first_look),
      TAIL_TEST(every_split_of_writes_counts_the_same),
      TAIL_TEST(half_a_line_waits_for_its_end),
      TAIL_TEST(a_hole_before_a_line_is_passed_over),
      TAIL_TEST(a_line_of_100_mb_is_one_entry),
      TAIL_TEST(a_line_at_the_limit_is_read_whole),
      TAIL_TEST(a_read_takes_no_more_than_its_share),
      TAIL_TEST(what_is_too_far_behind_is_skipped_and_counted),
      TAIL_TEST(memory_is_bounded_whatever_the_log),
      TAIL_TEST(rename_rotation_loses_nothing),
      TAIL_TEST(a_renamed_file_without_successor_is_read_on),
      TAIL_TEST(two_rotations_at_once_and_back_again),
      TAIL_TEST(a_file_that_comes_back_goes_on_where_it_was),
      TAIL_TEST(copytruncate_counts_what_comes_after),
      TAIL_TEST(a_rewritten_file_is_known_by_what_was_read),
      TAIL_TEST(the_same_beginning_does_not_hide_a_restart),
      TAIL_TEST(the_same_end_does_not_hide_a_restart),
      TAIL_TEST(a_deleted_file_may_come_again_with_the_same_words),
      TAIL_TEST(a_replaced_file_counts_whatever_its_size),
      TAIL_TEST(a_deleted_file_is_let_go_and_may_come_again),
      TAIL_TEST(a_long_deleted_file_is_read_in_shares),
      TAIL_TEST(what_is_lost_to_quick_rotation_is_counted),
      TAIL_TEST(a_symbolic_link_is_followed_and_may_turn),
      TAIL_TEST(a_directory_a_fifo_and_a_device_are_refused),
      TAIL_TEST(a_file_out_of_sight_is_read_on),
      TAIL_TEST(a_file_that_may_not_be_read_says_so),
      TAIL_TEST(a_path_below_a_file_is_missing),
      TAIL_TEST(nothing_is_destroyed_gladly),
      TAIL_TEST(the_window_is_of_entries_not_of_lines),
      TAIL_TEST(the_window_is_that_of_a_plain_history),
      TAIL_TEST(random_operations_count_as_in_a_model),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
