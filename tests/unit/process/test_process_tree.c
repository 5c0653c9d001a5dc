/* SPDX-License-Identifier: MIT */
#include "process/process_tree.h"

#include "process/fake_proc.h"

#include "process/procfs.h"

struct scene {
  struct fakeproc proc;
  struct process_tree *family;
  int dir;
};

#define HUB 100

/* 100 - 200 - 300 - 301
 *     - 201                (and 150, a stranger with a child) */
static void start(struct scene *s) {
  fake_create(&s->proc);
  s->family = process_tree_create();
  s->dir = proc_root_open(s->proc.root);
  const struct fake_stat everyone[] = {
      {.pid = 1, .ppid = 0},
      {.pid = HUB, .ppid = 1, .start = 1},
      {.pid = 150, .ppid = 1, .user = 999, .rss = 999},
      {.pid = 151, .ppid = 150, .user = 999, .rss = 999},
      {.pid = 200, .ppid = HUB, .start = 2, .user = 10, .system = 1, .rss = 5},
      {.pid = 201, .ppid = HUB, .start = 2, .user = 20, .system = 2, .rss = 6},
      {.pid = 300, .ppid = 200, .start = 3, .user = 30, .system = 3, .rss = 7},
      {.pid = 301, .ppid = 300, .start = 4, .user = 40, .system = 4, .rss = 8},
  };
  for (size_t i = 0; i < sizeof(everyone) / sizeof(everyone[0]); i++)
    fake_stat_file(&s->proc, &everyone[i]);
}

static void stop(struct scene *s) {
  close(s->dir);
  process_tree_destroy(s->family);
  fake_destroy(&s->proc);
}

static void scan(struct scene *s) {
  assert_int_equal(process_tree_scan(s->family, s->dir, HUB), 0);
}

static const struct process_tree_child *child(const struct scene *s, int pid) {
  size_t num = 0;
  const struct process_tree_child *c = process_tree_children(s->family, &num);
  for (size_t i = 0; i < num; i++)
    if (c[i].pid == pid)
      return &c[i];
  fail_msg("no child %d", pid);
  return NULL;
}

static void a_child_counts_with_its_whole_subtree(void **state) {
  (void)state;
  struct scene s;
  size_t num = 0;
  start(&s);
  scan(&s);
  process_tree_children(s.family, &num);
  assert_int_equal(num, 2);
  assert_int_equal(child(&s, 200)->processes, 3);
  assert_int_equal(child(&s, 200)->rss, 20);
  assert_int_equal(child(&s, 200)->cpu[0], 80);
  assert_int_equal(child(&s, 200)->cpu[1], 8);
  assert_int_equal(child(&s, 201)->processes, 1);
  assert_int_equal(child(&s, 201)->cpu[0], 20);
  stop(&s);
}

static void cpu_time_does_not_fall_when_a_grandchild_ends(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  scan(&s);
  fake_remove(&s.proc, "301");
  assert_false(process_tree_refresh(s.family, s.dir));
  assert_int_equal(child(&s, 200)->cpu[0], 80);
  assert_int_equal(child(&s, 200)->rss, 12);
  scan(&s);
  assert_int_equal(child(&s, 200)->cpu[0], 80);
  assert_int_equal(child(&s, 200)->processes, 2);
  fake_stat_file(&s.proc,
                 &(struct fake_stat){.pid = 300, .ppid = 1, .start = 3});
  scan(&s);
  assert_int_equal(child(&s, 200)->cpu[0], 80);
  assert_int_equal(child(&s, 200)->processes, 1);
  assert_int_equal(child(&s, 200)->rss, 5);
  stop(&s);
}

static void a_new_grandchild_is_found_by_the_next_scan(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  scan(&s);
  fake_stat_file(&s.proc, &(struct fake_stat){
                              .pid = 400, .ppid = 201, .user = 5, .rss = 1});
  process_tree_refresh(s.family, s.dir);
  assert_int_equal(child(&s, 201)->cpu[0], 20);
  scan(&s);
  assert_int_equal(child(&s, 201)->cpu[0], 25);
  assert_int_equal(child(&s, 201)->rss, 7);
  stop(&s);
}

static void between_scans_the_known_are_followed(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  scan(&s);
  fake_stat_file(&s.proc, &(struct fake_stat){
                              .pid = 301, .ppid = 300, .start = 4, .user = 50});
  assert_false(process_tree_refresh(s.family, s.dir));
  assert_int_equal(child(&s, 200)->cpu[0], 90);
  stop(&s);
}

static void a_pid_used_again_is_another_process(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  scan(&s);
  /* below: a stranger took 301, and later a new grandchild */
  fake_stat_file(
      &s.proc, &(struct fake_stat){
                   .pid = 301, .ppid = 1, .start = 9, .user = 7777, .rss = 9});
  assert_false(process_tree_refresh(s.family, s.dir));
  assert_int_equal(child(&s, 200)->cpu[0], 80);
  assert_int_equal(child(&s, 200)->rss, 12);
  fake_stat_file(
      &s.proc, &(struct fake_stat){
                   .pid = 301, .ppid = 300, .start = 10, .user = 1, .rss = 9});
  scan(&s);
  assert_int_equal(child(&s, 200)->cpu[0], 81);
  assert_int_equal(child(&s, 200)->rss, 21);
  /* the child itself: starts from nothing */
  fake_stat_file(&s.proc, &(struct fake_stat){
                              .pid = 201, .ppid = HUB, .start = 11, .user = 2});
  assert_true(process_tree_refresh(s.family, s.dir));
  scan(&s);
  assert_int_equal(child(&s, 201)->cpu[0], 2);
  /* a child that already inherits */
  fake_stat_file(&s.proc, &(struct fake_stat){
                              .pid = 200, .ppid = HUB, .start = 12, .user = 3});
  fake_remove(&s.proc, "300");
  scan(&s);
  assert_int_equal(child(&s, 200)->cpu[0], 3);
  stop(&s);
}

static void a_child_that_is_gone_calls_for_a_scan(void **state) {
  (void)state;
  struct scene s;
  size_t num = 0;
  start(&s);
  scan(&s);
  fake_remove(&s.proc, "201");
  assert_true(process_tree_refresh(s.family, s.dir));
  scan(&s);
  process_tree_children(s.family, &num);
  assert_int_equal(num, 1);
  stop(&s);
}

static void a_childless_process_has_no_children(void **state) {
  (void)state;
  struct scene s;
  size_t num = 7;
  start(&s);
  assert_int_equal(process_tree_scan(s.family, s.dir, 301), 0);
  process_tree_children(s.family, &num);
  assert_int_equal(num, 0);
  assert_false(process_tree_refresh(s.family, s.dir));
  stop(&s);
  process_tree_destroy(NULL);
}

static void a_scan_that_fails_changes_nothing(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  scan(&s);
  assert_int_equal(process_tree_scan(s.family, -1, HUB), -1);
  assert_int_equal(child(&s, 200)->cpu[0], 80);
  stop(&s);
}

static void a_tree_in_a_circle_is_walked_once(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  fake_stat_file(&s.proc, &(struct fake_stat){.pid = HUB, .ppid = 301});
  fake_stat_file(&s.proc, &(struct fake_stat){.pid = 500, .ppid = 500});
  scan(&s);
  assert_int_equal(child(&s, 200)->processes, 3);
  stop(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_child_counts_with_its_whole_subtree),
      cmocka_unit_test(cpu_time_does_not_fall_when_a_grandchild_ends),
      cmocka_unit_test(a_new_grandchild_is_found_by_the_next_scan),
      cmocka_unit_test(between_scans_the_known_are_followed),
      cmocka_unit_test(a_pid_used_again_is_another_process),
      cmocka_unit_test(a_child_that_is_gone_calls_for_a_scan),
      cmocka_unit_test(a_childless_process_has_no_children),
      cmocka_unit_test(a_scan_that_fails_changes_nothing),
      cmocka_unit_test(a_tree_in_a_circle_is_walked_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
