/* SPDX-License-Identifier: MIT */
#include "process/process_table.h"
#include "process/procfs.h"

#include "process/fake_proc.h"

#include <fcntl.h>
#include <math.h>

static int parse(const char *text, struct proc_stat *out) {
  return proc_stat_parse(text, strlen(text), out);
}

#define TAIL " 5 5 0 -1 4194304 1 2 3 4 70 80 8 9 20 0 11 0 4321 1000 99 7 1\n"

static void stat_is_read_whatever_the_command_is_called(void **state) {
  (void)state;
  static const char *const names[] = {
      "node", "", "(a) b) R 1", "a b c", ")", "x) S 1 (y", "\xff\n\t"};
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    char text[512];
    struct proc_stat s;
    snprintf(text, sizeof(text), "42 (%s) D 17" TAIL, names[i]);
    assert_int_equal(parse(text, &s), 0);
    assert_int_equal(s.ppid, 17);
    assert_int_equal(s.state, 'D');
    assert_int_equal(s.cpu[0], 70);
    assert_int_equal(s.cpu[1], 80);
    assert_int_equal(s.threads, 11);
    assert_int_equal(s.start, 4321);
    assert_int_equal(s.rss, 99);
  }
}

static void garbage_in_stat_is_refused(void **state) {
  (void)state;
  static const char *const texts[] = {
      "",
      ")",
      "42 (a",
      "42 (a)",
      "42 (a) S",
      "42 (a) S ",
      "42 (a) S 1",
      "42 (a) SS 1" TAIL,
      "42 (a) S -1" TAIL,
      "42 (a) S 99999999999" TAIL,
      "42 (a) S 1 5 5 0 -1 4194304 1 2 3 4 70 80 8 9 20 0 11 0 4321 1000",
      "42 (a) S 1 5 5 0 -1 4194304 1 2 3 4 70 80 8 9 20 0 11 0 4321 1000 -9",
      "42 (a) S 1 5 5 0 -1 4194304 1 2 3 4 -70 80 8 9 20 0 11 0 4321 1 9 7",
      "42 (a) S 1 5 5 0 -1 4194304 1 2 3 4 7x 80 8 9 20 0 11 0 4321 1 9 7",
      "42 (a) S 1 5 5 0 -1 4194304 1 2 3 4 99999999999999 0 8 9 20 0 1 0 4 1 9",
      "42 (a) S 1 5 5 0 -1 4194304 1 2 3 4 99999999999999999999999 0 8 9 20 0",
  };
  struct proc_stat s = {.ppid = 5};
  for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
    assert_int_equal(parse(texts[i], &s), -1);
  assert_int_equal(s.ppid, 5);
}

static void a_listening_socket_is_told_from_others(void **state) {
  (void)state;
  uint64_t inode = 0;
  assert_true(proc_listener_parse(
      "   2: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 "
      "00000000  1000        0 12345 1 0000000000000000 100 0 0 10 0\n",
      8080, &inode));
  assert_int_equal(inode, 12345);
  assert_true(proc_listener_parse(
      "  10: 00000000000000000000000001000000:1F90 "
      "00000000000000000000000000000000:0000 0A 00000000:00000000 "
      "00:00000000 00000000     0        0 54321 1 0000000000000000 100\n",
      8080, &inode));
  assert_int_equal(inode, 54321);
  static const char *const others[] = {
      FAKE_TCP_HEADER,
      "",
      "\n",
      "   2: 00000000:1F91 00000000:0000 0A 00000000:00000000 00:00000000 "
      "00000000  1000        0 12345 1\n",
      "   2: 00000000:1F90 00000000:0000 01 00000000:00000000 00:00000000 "
      "00000000  1000        0 12345 1\n",
      "   2: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 "
      "00000000  1000        0 0 1\n",
      "   2: 00000000:1F90 00000000:0000 0A 00000000:00000000",
      "zz: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 "
      "00000000  1000        0 12345 1\n"};
  for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
    assert_false(proc_listener_parse(others[i], 8080, &inode));
  assert_int_equal(inode, 54321);
}

static void a_cmdline_beyond_the_bound_is_no_cmdline(void **state) {
  (void)state;
  struct fakeproc f;
  char buf[64], text[65];
  fake_create(&f);
  int dir = proc_root_open(f.root);
  memset(text, 'x', sizeof(text));
  fake_bytes(&f, "7/cmdline", text, 63);
  assert_int_equal(proc_cmdline(dir, 7, buf, sizeof(buf)), 63);
  fake_bytes(&f, "7/cmdline", text, 65);
  assert_int_equal(proc_cmdline(dir, 7, buf, sizeof(buf)), -1);
  assert_int_equal(errno, E2BIG);
  fake_bytes(&f, "7/cmdline", text, 0);
  assert_int_equal(proc_cmdline(dir, 7, buf, sizeof(buf)), 0);
  assert_int_equal(proc_cmdline(dir, 8, buf, sizeof(buf)), -1);
  assert_int_equal(errno, ENOENT);
  fake_file(&f, "9/cmdline/x", "a folder");
  assert_int_equal(proc_cmdline(dir, 9, buf, sizeof(buf)), -1);
  assert_int_equal(errno, EISDIR);
  close(dir);
  fake_destroy(&f);
}

static void the_machine_is_unknown_without_its_files(void **state) {
  (void)state;
  struct fakeproc f;
  fake_create(&f);
  assert_true(proc_boot_time(f.root) == FAKE_BOOT);
  assert_true(proc_memory_total(f.root) == FAKE_MEMORY);
  fake_file(&f, "stat", "cpu 1\nbtime x\nbtime 0\nxbtime 9\n");
  fake_file(&f, "meminfo", "MemTotal: kB\n");
  assert_true(isnan(proc_boot_time(f.root)));
  assert_true(isnan(proc_memory_total(f.root)));
  fake_remove(&f, "stat");
  assert_true(isnan(proc_boot_time(f.root)));
  assert_true(isnan(proc_boot_time("/nonexistent")));
  fake_destroy(&f);
}

static void a_long_line_does_not_hide_the_next(void **state) {
  (void)state;
  struct fakeproc f;
  fake_create(&f);
  char text[9000];
  memset(text, '1', sizeof(text));
  memcpy(text, "intr ", 5);
  memcpy(text + 255, "btime 5 ", 8); /* where the line is cut */
  strcpy(text + 8000, "\nbtime 77\n");
  fake_file(&f, "stat", text);
  assert_true(proc_boot_time(f.root) == 77);
  fake_destroy(&f);
}

static void the_table_knows_whose_child_everyone_is(void **state) {
  (void)state;
  struct fakeproc f;
  fake_create(&f);
  for (int i = 1; i <= 600; i++)
    fake_stat_file(&f, &(struct fake_stat){.pid = i, .ppid = i / 2});
  fake_file(&f, "601/stat", "garbage");
  fake_file(&f, "0602/stat", "602 (a) S 1" TAIL);
  fake_file(&f, "60x/stat", "60 (a) S 1" TAIL);
  fake_file(&f, "99999999999/stat", "9 (a) S 1" TAIL);
  int dir = proc_root_open(f.root);
  struct process_table *t = process_table_scan(dir, PROCESS_TABLE_MAX);
  assert_non_null(t);
  assert_int_equal(t->num, 600);
  size_t num = 0;
  const struct process_entry *e = process_table_children(t, 100, &num);
  assert_int_equal(num, 2);
  assert_int_equal(e[0].pid, 200);
  assert_int_equal(e[1].pid, 201);
  assert_null(process_table_children(t, 500, &num));
  assert_int_equal(num, 0);
  assert_null(process_table_children(t, 100000, &num));
  process_table_destroy(t);
  process_table_destroy(NULL);
  close(dir);
  fake_destroy(&f);
}

static void a_table_needs_a_folder(void **state) {
  (void)state;
  assert_null(process_table_scan(-1, 1));
  int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  assert_null(process_table_scan(fd, 1));
  close(fd);
}

static void nobody_can_make_the_table_larger_than_its_bound(void **state) {
  (void)state;
  struct fakeproc f;
  fake_create(&f);
  for (int i = 1; i <= 5; i++)
    fake_stat_file(&f, &(struct fake_stat){.pid = i, .ppid = 1});
  int dir = proc_root_open(f.root);
  struct process_table *t = process_table_scan(dir, 5);
  assert_non_null(t);
  assert_int_equal(t->num, 5);
  process_table_destroy(t);
  assert_null(process_table_scan(dir, 4));
  assert_int_equal(errno, E2BIG);
  close(dir);
  fake_destroy(&f);
}

static void we_find_ourselves_in_the_real_proc(void **state) {
  (void)state;
  struct proc_stat s;
  size_t num = 0;
  bool found = false;
  int dir = proc_root_open("/proc");
  assert_int_equal(proc_stat_of(dir, getpid(), &s), 0);
  assert_int_equal(s.ppid, getppid());
  struct process_table *t = process_table_scan(dir, PROCESS_TABLE_MAX);
  const struct process_entry *e = process_table_children(t, getppid(), &num);
  for (size_t i = 0; i < num; i++)
    found = found || e[i].pid == getpid();
  assert_true(found);
  process_table_destroy(t);
  close(dir);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(stat_is_read_whatever_the_command_is_called),
      cmocka_unit_test(garbage_in_stat_is_refused),
      cmocka_unit_test(a_listening_socket_is_told_from_others),
      cmocka_unit_test(a_cmdline_beyond_the_bound_is_no_cmdline),
      cmocka_unit_test(the_machine_is_unknown_without_its_files),
      cmocka_unit_test(a_long_line_does_not_hide_the_next),
      cmocka_unit_test(the_table_knows_whose_child_everyone_is),
      cmocka_unit_test(a_table_needs_a_folder),
      cmocka_unit_test(nobody_can_make_the_table_larger_than_its_bound),
      cmocka_unit_test(we_find_ourselves_in_the_real_proc),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
