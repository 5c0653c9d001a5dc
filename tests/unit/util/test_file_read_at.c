/* SPDX-License-Identifier: MIT */
/* A piece is whole, or as long as the file is, in however many reads. */
#include "util/file.h"

#include "process/fake_proc.h"

#include <fcntl.h>

static size_t most;       /* bytes of one read; 0: as many as are asked for */
static int interruptions; /* that are yet to come */

ssize_t __real_pread(int fd, void *to, size_t len, off_t at);
ssize_t __wrap_pread(int fd, void *to, size_t len, off_t at);

ssize_t __wrap_pread(int fd, void *to, size_t len, off_t at) {
  if (interruptions > 0) {
    interruptions--;
    errno = EINTR;
    return -1;
  }
  return __real_pread(fd, to, most > 0 && most < len ? most : len, at);
}

static struct fakeproc folder;

static int set_up(void **state) {
  (void)state;
  most = 0;
  interruptions = 0;
  fake_create(&folder);
  fake_file(&folder, "file", "0123456789");
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  fake_destroy(&folder);
  return 0;
}

static int open_file(const char *name) {
  char path[128];
  fake_path(&folder, path, sizeof(path), name);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  assert_true(fd >= 0);
  return fd;
}

static void reads(size_t len, off_t at, const char *expected) {
  char bytes[32] = "";
  int fd = open_file("file");
  assert_int_equal(file_read_at(fd, bytes, len, at), strlen(expected));
  assert_string_equal(bytes, expected);
  close(fd);
}

static void it_begins_and_ends_where_it_was_asked_for(void **state) {
  (void)state;
  reads(4, 0, "0123");
  reads(4, 3, "3456");
  reads(0, 3, "");
}

static void it_ends_with_the_file(void **state) {
  (void)state;
  reads(31, 0, "0123456789");
  reads(31, 7, "789");
  reads(31, 10, "");
  reads(31, 100, "");
}

static void it_is_whole_where_reads_are_short(void **state) {
  (void)state;
  most = 3;
  reads(10, 0, "0123456789");
  reads(31, 2, "23456789");
}

static void it_is_whole_where_signals_come(void **state) {
  (void)state;
  interruptions = 2;
  reads(10, 0, "0123456789");
  assert_int_equal(interruptions, 0);
}

static void what_cannot_be_read_says_why(void **state) {
  (void)state;
  char byte = 0;
  int fd = open_file("");
  assert_int_equal(file_read_at(fd, &byte, 1, 0), -1);
  assert_int_equal(errno, EISDIR);
  close(fd);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(it_begins_and_ends_where_it_was_asked_for,
                                      set_up, tear_down),
      cmocka_unit_test_setup_teardown(it_ends_with_the_file, set_up, tear_down),
      cmocka_unit_test_setup_teardown(it_is_whole_where_reads_are_short, set_up,
                                      tear_down),
      cmocka_unit_test_setup_teardown(it_is_whole_where_signals_come, set_up,
                                      tear_down),
      cmocka_unit_test_setup_teardown(what_cannot_be_read_says_why, set_up,
                                      tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
