/* SPDX-License-Identifier: MIT */
#include "process/server_process.h"

#include "process/fake_proc.h"

#include <math.h>
#include <signal.h>
#include <sys/wait.h>

#define HUB 100
#define US (1000000 / sysconf(_SC_CLK_TCK)) /* of a tick */

struct scene {
  struct fakeproc proc;
  struct server_processes *servers;
  struct server_process_hub hub;
  double now;
};

static void start(struct scene *s) {
  fake_create(&s->proc);
  s->servers = server_processes_create(s->proc.root);
  s->hub =
      (struct server_process_hub){.pid = HUB, .start = 7, .cwd = s->proc.root};
  s->now = 10;
  fake_stat_file(&s->proc, &(struct fake_stat){.pid = HUB, .ppid = 1});
  fake_file(&s->proc, "c.json",
            "{\"mcpServers\":{"
            "\"a\":{\"command\":\"node\",\"args\":[\"/a.js\"]},"
            "\"b\":{\"command\":\"node\",\"args\":[\"/b.js\"]},"
            "\"twin1\":{\"command\":\"node\",\"args\":[\"/t.js\"]},"
            "\"twin2\":{\"command\":\"node\",\"args\":[\"/t.js\"]},"
            "\"slow1\":{\"command\":\"slow\",\"env\":{\"A\":\"${cmd: x}\"}},"
            "\"slow2\":{\"command\":\"slow\"},"
            "\"any\":{\"command\":\"${CMD}\"}}}");
}

static void stop(struct scene *s) {
  server_processes_destroy(s->servers);
  fake_destroy(&s->proc);
}

static void run(struct scene *s, const struct fake_stat *stat,
                const char *words) {
  fake_stat_file(&s->proc, stat);
  fake_cmdline(&s->proc, stat->pid, words);
}

/* A server of the hub that started at a second after the machine's. */
static struct server_process_query ask(const char *name, double started) {
  return (struct server_process_query){.name = name,
                                       .name_len = strlen(name),
                                       .config_source = "c.json",
                                       .last_started = FAKE_BOOT + started,
                                       .running = true};
}

static const struct server_process *
look(struct scene *s, const struct server_process_query *queries, size_t num) {
  size_t got = 0;
  assert_int_equal(
      server_processes_read(s->servers, &s->hub, queries, num, s->now), 0);
  const struct server_process *p = server_processes(s->servers, &got);
  assert_int_equal(got, num);
  for (size_t i = 0; i < num; i++) {
    assert_true((p[i].state == SERVER_PROCESS_FOUND) == (p[i].pid > 0));
    assert_true((p[i].state == SERVER_PROCESS_FOUND) != isnan(p[i].rss));
    assert_true((p[i].state == SERVER_PROCESS_FOUND) == (p[i].cpu[0] >= 0));
  }
  s->now += 10;
  return p;
}

static enum server_process_state look_one(struct scene *s,
                                          struct server_process_query q) {
  return look(s, &q, 1)->state;
}

static void servers_are_told_apart_by_their_arguments(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  run(&s,
      &(struct fake_stat){.pid = 200,
                          .ppid = HUB,
                          .start = 5,
                          .user = 10,
                          .system = 3,
                          .rss = 4},
      "node|/b.js");
  run(&s, &(struct fake_stat){.pid = 201, .ppid = HUB, .start = 5},
      "node|/a.js");
  run(&s, &(struct fake_stat){.pid = 202, .ppid = 200, .user = 100, .rss = 1},
      "node|/a.js"); /* a grandchild is no candidate, but counts */
  const struct server_process_query q[] = {ask("a", 5), ask("b", 5)};
  const struct server_process *p = look(&s, q, 2);
  assert_int_equal(p[0].pid, 201);
  assert_int_equal(p[1].pid, 200);
  assert_int_equal(p[1].cpu[0], 110 * US);
  assert_int_equal(p[1].cpu[1], 3 * US);
  assert_true(p[1].rss == 5.0 * (double)sysconf(_SC_PAGESIZE));
  stop(&s);
}

static void twins_that_began_together_have_no_figures(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  run(&s, &(struct fake_stat){.pid = 200, .ppid = HUB, .start = 5},
      "node|/t.js");
  run(&s, &(struct fake_stat){.pid = 201, .ppid = HUB, .start = 5.2},
      "node|/t.js");
  struct server_process_query q[] = {ask("twin1", 5), ask("twin2", 5.2)};
  const struct server_process *p = look(&s, q, 2);
  assert_int_equal(p[0].state, SERVER_PROCESS_SEVERAL);
  assert_int_equal(p[1].state, SERVER_PROCESS_SEVERAL);
  /* one is started anew: now the time tells */
  fake_remove(&s.proc, "201");
  run(&s, &(struct fake_stat){.pid = 203, .ppid = HUB, .start = 60.1},
      "node|/t.js");
  q[1] = ask("twin2", 60);
  p = look(&s, q, 2);
  assert_int_equal(p[0].pid, 200);
  assert_int_equal(p[1].pid, 203);
  stop(&s);
}

static void a_start_of_unknown_length_breaks_no_tie(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  run(&s, &(struct fake_stat){.pid = 200, .ppid = HUB, .start = 60}, "slow");
  const struct server_process_query q[] = {ask("slow1", 5), ask("slow2", 60)};
  const struct server_process *p = look(&s, q, 2);
  assert_int_equal(p[0].state, SERVER_PROCESS_SEVERAL);
  assert_int_equal(p[1].state, SERVER_PROCESS_SEVERAL);
  stop(&s);
}

static void nobody_or_somebody_else_is_not_taken(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  run(&s, &(struct fake_stat){.pid = 200, .ppid = HUB}, "node|/c.js");
  run(&s, &(struct fake_stat){.pid = 201, .ppid = 1}, "node|/a.js");
  run(&s, &(struct fake_stat){.pid = 202, .ppid = HUB, .state = 'Z'}, "");
  fake_bytes(&s.proc, "202/cmdline", "", 0);
  assert_int_equal(look_one(&s, ask("a", 0)), SERVER_PROCESS_NONE);
  assert_int_equal(look_one(&s, ask("any", 0)), SERVER_PROCESS_UNCONFIGURED);
  assert_int_equal(look_one(&s, ask("x", 0)), SERVER_PROCESS_UNCONFIGURED);
  stop(&s);
}

static void a_huge_command_line_fits_nothing(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  static char text[40000] = "node";
  memcpy(text + 5, "/a.js", 5);
  run(&s, &(struct fake_stat){.pid = 200, .ppid = HUB}, "");
  fake_bytes(&s.proc, "200/cmdline", text, sizeof(text));
  assert_int_equal(look_one(&s, ask("a", 0)), SERVER_PROCESS_NONE);
  memset(text + 11, 'x', 20000);
  fake_bytes(&s.proc, "200/cmdline", text, 30000);
  assert_int_equal(look_one(&s, ask("a", 1)), SERVER_PROCESS_NONE);
  stop(&s);
}

static void a_server_that_does_not_run_is_idle(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  run(&s, &(struct fake_stat){.pid = 200, .ppid = HUB}, "node|/a.js");
  struct server_process_query q = ask("a", 0);
  q.running = false;
  assert_int_equal(look_one(&s, q), SERVER_PROCESS_IDLE);
  q.running = true;
  assert_int_equal(look_one(&s, q), SERVER_PROCESS_FOUND);
  q.running = false;
  assert_int_equal(look_one(&s, q), SERVER_PROCESS_IDLE);
  look(&s, NULL, 0);
  stop(&s);
}

static void cpu_time_goes_on_when_a_server_is_started_anew(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  struct fake_stat first = {.pid = 200, .ppid = HUB, .start = 5, .user = 100};
  run(&s, &first, "node|/a.js");
  struct server_process_query q = ask("a", 5);
  assert_int_equal(look(&s, &q, 1)->cpu[0], 100 * US);
  first.user = 150;
  fake_stat_file(&s.proc, &first);
  assert_int_equal(look(&s, &q, 1)->cpu[0], 150 * US);
  fake_remove(&s.proc, "200");
  assert_int_equal(look_one(&s, q), SERVER_PROCESS_NONE);
  /* the same pid, even */
  run(&s, &(struct fake_stat){.pid = 200, .ppid = HUB, .start = 90, .user = 20},
      "node|/a.js");
  q = ask("a", 90);
  assert_int_equal(look(&s, &q, 1)->cpu[0], 170 * US);
  /* and with the whole hub */
  s.hub.pid = 101;
  s.hub.start = 10000;
  run(&s, &(struct fake_stat){.pid = 300, .ppid = 101, .start = 120, .user = 7},
      "node|/a.js");
  q = ask("a", 120);
  assert_int_equal(look(&s, &q, 1)->cpu[0], 177 * US);
  assert_int_equal(server_processes(s.servers, &(size_t){0})->pid, 300);
  stop(&s);
}

static void a_child_that_died_in_between_is_missed_at_once(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  run(&s, &(struct fake_stat){.pid = 200, .ppid = HUB, .start = 5},
      "node|/a.js");
  const struct server_process_query q = ask("a", 5);
  for (int i = 0; i < 20; i++)
    assert_int_equal(look_one(&s, q), SERVER_PROCESS_FOUND);
  /* a stranger has the pid now */
  run(&s, &(struct fake_stat){.pid = 200, .ppid = 1, .start = 99},
      "node|/a.js");
  assert_int_equal(look_one(&s, q), SERVER_PROCESS_NONE);
  stop(&s);
}

static void scans_grow_rare_when_nothing_changes(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  run(&s, &(struct fake_stat){.pid = 200, .ppid = HUB}, "node|/a.js");
  const struct server_process_query q = ask("a", 0);
  int pid = 1000, scans = 0;
  double rss = look(&s, &q, 1)->rss;
  for (int i = 0; i < 60; i++) { /* ten minutes */
    fake_stat_file(&s.proc,
                   &(struct fake_stat){.pid = ++pid, .ppid = 200, .rss = 1});
    double more = look(&s, &q, 1)->rss;
    scans += more > rss;
    rss = more;
  }
  assert_in_range(scans, 10, 16);
  stop(&s);
}

static void the_configuration_is_searched_where_the_hub_says(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  char path[4096];
  fake_path(&s.proc, path, sizeof(path), "c.json");
  run(&s, &(struct fake_stat){.pid = 200, .ppid = HUB}, "node|/a.js");
  struct server_process_query q = ask("a", 0);
  q.config_source = path;
  s.hub.cwd = NULL;
  assert_int_equal(look_one(&s, q), SERVER_PROCESS_FOUND);
  q = ask("a", 1);
  assert_int_equal(look_one(&s, q), SERVER_PROCESS_UNREADABLE);
  s.hub.cwd = "relative";
  q = ask("a", 2);
  assert_int_equal(look_one(&s, q), SERVER_PROCESS_UNREADABLE);
  s.hub.cwd = s.proc.root;
  q = ask("a", 0);
  q.config_source = "";
  assert_int_equal(look_one(&s, q), SERVER_PROCESS_UNREADABLE);
  static char deep[5000];
  memset(deep, 'd', sizeof(deep) - 1);
  q = ask("a", 1);
  q.config_source = deep;
  assert_int_equal(look_one(&s, q), SERVER_PROCESS_UNREADABLE);
  stop(&s);
}

static void without_a_source_the_last_file_that_has_it_counts(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  static const char *const files[] = {"c.json", "d.json", "e.json"};
  s.hub.config_files = files;
  s.hub.config_files_num = 3;
  fake_file(&s.proc, "d.json",
            "{\"mcpServers\":{\"a\":{\"command\":\"deno\"}}}");
  fake_file(&s.proc, "e.json", "{\"mcpServers\":{}}");
  run(&s, &(struct fake_stat){.pid = 200, .ppid = HUB}, "node|/a.js");
  run(&s, &(struct fake_stat){.pid = 201, .ppid = HUB}, "deno");
  run(&s, &(struct fake_stat){.pid = 202, .ppid = HUB}, "node|/b.js");
  struct server_process_query q[] = {ask("a", 0), ask("b", 0), ask("z", 0)};
  for (size_t i = 0; i < 3; i++)
    q[i].config_source = NULL;
  const struct server_process *p = look(&s, q, 3);
  assert_int_equal(p[0].pid, 201);
  assert_int_equal(p[1].pid, 202);
  assert_int_equal(p[2].state, SERVER_PROCESS_UNCONFIGURED);
  s.hub.config_files_num = 0;
  q[0].last_started++;
  p = look(&s, q, 3);
  assert_int_equal(p[0].state, SERVER_PROCESS_UNREADABLE);
  stop(&s);
}

static void a_broken_configuration_is_a_reason(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  run(&s, &(struct fake_stat){.pid = 200, .ppid = HUB}, "node|/a.js");
  fake_file(&s.proc, "c.json", "{\"mcpServers\":{");
  assert_int_equal(look_one(&s, ask("a", 0)), SERVER_PROCESS_UNPARSABLE);
  fake_remove(&s.proc, "c.json");
  assert_int_equal(look_one(&s, ask("a", 1)), SERVER_PROCESS_UNREADABLE);
  stop(&s);
}

static void servers_come_and_go_and_keep_their_figures(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  run(&s, &(struct fake_stat){.pid = 200, .ppid = HUB, .user = 9},
      "node|/a.js");
  run(&s, &(struct fake_stat){.pid = 201, .ppid = HUB, .user = 8},
      "node|/b.js");
  const struct server_process_query ab[] = {ask("a", 0), ask("b", 0)};
  const struct server_process_query ba[] = {ask("b", 0), ask("a", 0)};
  assert_int_equal(look(&s, ab, 2)[1].cpu[0], 8 * US);
  assert_int_equal(look(&s, ba, 2)[0].cpu[0], 8 * US);
  assert_int_equal(look(&s, ba, 1)[0].cpu[0], 8 * US);
  assert_int_equal(look(&s, ab, 2)[0].cpu[0], 9 * US);
  stop(&s);
}

static void too_many_fits_are_no_fit(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  enum { SERVERS = 50, CHILDREN = 50 };
  static char text[8192] = "{\"mcpServers\":{";
  static char names[SERVERS][8];
  struct server_process_query q[SERVERS];
  for (int i = 0; i < SERVERS; i++) {
    snprintf(names[i], sizeof(names[i]), "s%d", i);
    sprintf(text + strlen(text), "%s\"%s\":{\"command\":\"x\"}",
            i > 0 ? "," : "", names[i]);
    q[i] = ask(names[i], NAN);
  }
  strcat(text, "}}");
  fake_file(&s.proc, "c.json", text);
  for (int i = 0; i < CHILDREN; i++)
    run(&s, &(struct fake_stat){.pid = 200 + i, .ppid = HUB}, "x");
  const struct server_process *p = look(&s, q, SERVERS);
  assert_int_equal(p[0].state, SERVER_PROCESS_SEVERAL);
  assert_int_equal(p[SERVERS - 1].state, SERVER_PROCESS_SEVERAL);
  stop(&s);
}

static void without_proc_nothing_is_seen(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  server_processes_destroy(s.servers);
  s.servers = server_processes_create("/nonexistent");
  assert_int_equal(look_one(&s, ask("a", 0)), SERVER_PROCESS_UNSEEN);
  stop(&s);
  server_processes_destroy(NULL);
}

static void every_state_has_a_text_of_its_own(void **state) {
  (void)state;
  for (int i = 0; i <= SERVER_PROCESS_UNSEEN; i++)
    for (int k = 0; k < i; k++)
      assert_string_not_equal(
          server_process_state_text((enum server_process_state)i),
          server_process_state_text((enum server_process_state)k));
}

static void a_real_child_of_ours_is_found(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  server_processes_destroy(s.servers);
  s.servers = server_processes_create("/proc");
  fake_file(&s.proc, "c.json",
            "{\"mcpServers\":{\"a\":{\"command\":\"sh\",\"args\":[\"-c\","
            "\"sleep 77.25; :\"]}}}");
  pid_t child = fork();
  if (child == 0) {
    execl("/bin/sh", "sh", "-c", "sleep 77.25; :", (char *)NULL);
    _exit(127);
  }
  s.hub.pid = getpid();
  struct server_process_query q = ask("a", 0);
  q.last_started = NAN;
  enum server_process_state got = SERVER_PROCESS_NONE;
  for (int i = 0; i < 12000 && got != SERVER_PROCESS_FOUND; i++) {
    usleep(10000);
    s.now += 100;
    got = look_one(&s, q);
  }
  assert_int_equal(got, SERVER_PROCESS_FOUND);
  const struct server_process *p = server_processes(s.servers, &(size_t){0});
  assert_int_equal(p->pid, child);
  assert_true(p->rss > 10000);
  fake_remove(&s.proc, "c.json");
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
  assert_int_equal(look_one(&s, q), SERVER_PROCESS_UNREADABLE);
  stop(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(servers_are_told_apart_by_their_arguments),
      cmocka_unit_test(twins_that_began_together_have_no_figures),
      cmocka_unit_test(a_start_of_unknown_length_breaks_no_tie),
      cmocka_unit_test(nobody_or_somebody_else_is_not_taken),
      cmocka_unit_test(a_huge_command_line_fits_nothing),
      cmocka_unit_test(a_server_that_does_not_run_is_idle),
      cmocka_unit_test(cpu_time_goes_on_when_a_server_is_started_anew),
      cmocka_unit_test(a_child_that_died_in_between_is_missed_at_once),
      cmocka_unit_test(scans_grow_rare_when_nothing_changes),
      cmocka_unit_test(the_configuration_is_searched_where_the_hub_says),
      cmocka_unit_test(without_a_source_the_last_file_that_has_it_counts),
      cmocka_unit_test(a_broken_configuration_is_a_reason),
      cmocka_unit_test(servers_come_and_go_and_keep_their_figures),
      cmocka_unit_test(too_many_fits_are_no_fit),
      cmocka_unit_test(without_proc_nothing_is_seen),
      cmocka_unit_test(every_state_has_a_text_of_its_own),
      cmocka_unit_test(a_real_child_of_ours_is_found),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
