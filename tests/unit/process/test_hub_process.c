/* SPDX-License-Identifier: MIT */
#include "process/hub_process.h"

#include "process/fake_proc.h"

#include <arpa/inet.h>
#include <math.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>

#define PID 4242
#define PORT 7000
#define INODE 5555

struct scene {
  struct fakeproc proc;
  struct hub_process *process;
  struct hub_process_claim claim;
  double now;
};

static const struct fake_stat hub = {.pid = PID,
                                     .ppid = 1,
                                     .comm = "(a) b) R 1",
                                     .start = 500,
                                     .user = 200,
                                     .system = 100,
                                     .rss = 2560};

/* A hub that wrote down its start 2 s after its process had begun. */
static void start(struct scene *s) {
  fake_create(&s->proc);
  fake_stat_file(&s->proc, &hub);
  fake_listener(&s->proc, PID, PORT, INODE);
  s->process = hub_process_create(s->proc.root, true);
  s->claim = (struct hub_process_claim){PID, PORT, FAKE_BOOT + 502};
  s->now = 10;
}

static void stop(struct scene *s) {
  hub_process_destroy(s->process);
  fake_destroy(&s->proc);
}

static enum hub_process_state look(struct scene *s) {
  enum hub_process_state state =
      hub_process_read(s->process, &s->claim, s->now);
  s->now += 10;
  const struct hub_process_figures *f = hub_process_figures(s->process);
  assert_true((state == HUB_PROCESS_VERIFIED) != isnan(f->rss));
  assert_true((state == HUB_PROCESS_VERIFIED) == (f->cpu[0] >= 0));
  assert_true((state == HUB_PROCESS_VERIFIED) != isnan(f->threads));
  assert_true((state == HUB_PROCESS_VERIFIED) ==
              (hub_process_start(s->process) != 0));
  if (state != HUB_PROCESS_VERIFIED)
    assert_true(isnan(f->cpu_percent) && isnan(f->memory_percent) &&
                isnan(f->file_handles) && f->cpu[1] == -1);
  return state;
}

static void spend(struct scene *s, unsigned long user) {
  struct fake_stat later = hub;
  later.user += user;
  fake_stat_file(&s->proc, &later);
}

static void a_hub_that_is_who_it_says_has_figures(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  assert_int_equal(look(&s), HUB_PROCESS_VERIFIED);
  const struct hub_process_figures *f = hub_process_figures(s.process);
  double hz = (double)sysconf(_SC_CLK_TCK);
  double rss = 2560.0 * (double)sysconf(_SC_PAGESIZE);
  assert_true(f->rss == rss);
  assert_int_equal(f->cpu[0], (int64_t)(200e6 / hz));
  assert_int_equal(f->cpu[1], (int64_t)(100e6 / hz));
  assert_true(f->threads == 11);
  assert_true(f->file_handles == 3);
  assert_true(fabs(f->memory_percent - rss / FAKE_MEMORY * 100) < 1e-9);
  assert_true(isnan(f->cpu_percent));
  assert_int_equal(hub_process_start(s.process), (uint64_t)(500 * hz));
  stop(&s);
}

static void cpu_percent_is_of_the_time_between_two_reads(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  unsigned long hz = (unsigned long)sysconf(_SC_CLK_TCK);
  look(&s);
  spend(&s, hz);
  assert_int_equal(look(&s), HUB_PROCESS_VERIFIED);
  assert_true(fabs(hub_process_figures(s.process)->cpu_percent - 10) < 1e-9);
  assert_int_equal(look(&s), HUB_PROCESS_VERIFIED);
  assert_true(hub_process_figures(s.process)->cpu_percent == 0);
  spend(&s, 1000 * hz);
  assert_int_equal(look(&s), HUB_PROCESS_VERIFIED);
  assert_true(hub_process_figures(s.process)->cpu_percent == 100);
  s.now -= 10; /* the same moment again */
  assert_int_equal(look(&s), HUB_PROCESS_VERIFIED);
  assert_true(isnan(hub_process_figures(s.process)->cpu_percent));
  stop(&s);
}

static void a_remote_hub_has_no_process_here(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  hub_process_destroy(s.process);
  s.process = hub_process_create(s.proc.root, false);
  assert_int_equal(look(&s), HUB_PROCESS_REMOTE);
  stop(&s);
}

static void what_the_hub_does_not_tell_is_not_guessed(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  s.claim.pid = 0;
  assert_int_equal(look(&s), HUB_PROCESS_UNTOLD);
  s.claim = (struct hub_process_claim){PID, 0, FAKE_BOOT + 502};
  assert_int_equal(look(&s), HUB_PROCESS_UNTOLD);
  s.claim = (struct hub_process_claim){PID, PORT, NAN};
  assert_int_equal(look(&s), HUB_PROCESS_UNTOLD);
  stop(&s);
}

static void the_dead_and_the_undead_are_gone(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  s.claim.pid = PID + 1;
  assert_int_equal(look(&s), HUB_PROCESS_GONE);
  s.claim.pid = PID;
  struct fake_stat zombie = hub;
  zombie.state = 'Z';
  fake_stat_file(&s.proc, &zombie);
  assert_int_equal(look(&s), HUB_PROCESS_GONE);
  fake_stat_file(&s.proc, &hub);
  assert_int_equal(look(&s), HUB_PROCESS_VERIFIED);
  fake_remove(&s.proc, "4242");
  assert_int_equal(look(&s), HUB_PROCESS_GONE);
  stop(&s);
}

static void a_pid_used_again_is_seen_at_every_read(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  assert_int_equal(look(&s), HUB_PROCESS_VERIFIED);
  struct fake_stat other = hub;
  other.start = 508;
  other.user = 90000;
  fake_stat_file(&s.proc, &other); /* same socket, even */
  assert_int_equal(look(&s), HUB_PROCESS_LATE);
  assert_int_equal(look(&s), HUB_PROCESS_LATE);
  /* the hub comes back as that process */
  s.claim.start = FAKE_BOOT + 510;
  assert_int_equal(look(&s), HUB_PROCESS_VERIFIED);
  assert_true(isnan(hub_process_figures(s.process)->cpu_percent));
  stop(&s);
}

static void the_start_may_differ_by_documented_bounds(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  s.claim.start = FAKE_BOOT + 500 - HUB_PROCESS_LATER;
  assert_int_equal(look(&s), HUB_PROCESS_VERIFIED);
  s.claim.start = FAKE_BOOT + 500 - HUB_PROCESS_LATER - 0.1;
  assert_int_equal(look(&s), HUB_PROCESS_LATE);
  s.claim.start = FAKE_BOOT + 500 + HUB_PROCESS_EARLIER;
  assert_int_equal(look(&s), HUB_PROCESS_VERIFIED);
  s.claim.start = FAKE_BOOT + 500 + HUB_PROCESS_EARLIER + 0.1;
  assert_int_equal(look(&s), HUB_PROCESS_EARLY);
  stop(&s);
}

static void a_step_of_the_clock_does_not_lose_a_verified_hub(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  assert_int_equal(look(&s), HUB_PROCESS_VERIFIED);
  fake_file(&s.proc, "stat", "btime 5000000\n");
  assert_int_equal(look(&s), HUB_PROCESS_VERIFIED);
  stop(&s);
}

static void another_port_or_another_socket_is_not_the_hub(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  s.claim.port = PORT + 1;
  assert_int_equal(look(&s), HUB_PROCESS_NOT_HEARING);
  s.claim.port = PORT;
  fake_link(&s.proc, "4242/fd/20", "socket:[55555]");
  assert_int_equal(look(&s), HUB_PROCESS_NOT_HEARING);
  stop(&s);
}

static void ipv6_alone_will_do(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  fake_remove(&s.proc, "4242/net/tcp");
  fake_file(&s.proc, "4242/net/tcp6",
            FAKE_TCP_HEADER
            "   0: 00000000000000000000000000000000:1B58 "
            "00000000000000000000000000000000:0000 0A 00000000:00000000 "
            "00:00000000 00000000     0        0 5555 1 0000000000000000\n");
  assert_int_equal(look(&s), HUB_PROCESS_VERIFIED);
  fake_remove(&s.proc, "4242/net/tcp6");
  s.claim.start += 1;
  assert_int_equal(look(&s), HUB_PROCESS_NO_ACCESS);
  stop(&s);
}

static void a_refusal_is_asked_again_after_a_while(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  fake_remove(&s.proc, "4242/fd/20");
  assert_int_equal(look(&s), HUB_PROCESS_NOT_HEARING);
  fake_link(&s.proc, "4242/fd/20", "socket:[5555]");
  assert_int_equal(look(&s), HUB_PROCESS_NOT_HEARING);
  s.now += HUB_PROCESS_RETRY;
  assert_int_equal(look(&s), HUB_PROCESS_VERIFIED);
  stop(&s);
}

static void verified_once_it_is_not_asked_for_its_socket_again(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  assert_int_equal(look(&s), HUB_PROCESS_VERIFIED);
  fake_remove(&s.proc, "4242/net");
  fake_remove(&s.proc, "4242/ns");
  s.now += 1000;
  assert_int_equal(look(&s), HUB_PROCESS_VERIFIED);
  s.claim.port = PORT + 1; /* another claim is another question */
  assert_int_equal(look(&s), HUB_PROCESS_NO_ACCESS);
  stop(&s);
}

static void without_access_to_its_files_it_is_not_believed(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  fake_remove(&s.proc, "4242/fd");
  assert_int_equal(look(&s), HUB_PROCESS_NO_ACCESS);
  stop(&s);
  start(&s);
  fake_remove(&s.proc, "4242/ns");
  assert_int_equal(look(&s), HUB_PROCESS_NO_ACCESS);
  stop(&s);
  start(&s);
  fake_remove(&s.proc, "self");
  assert_int_equal(look(&s), HUB_PROCESS_NO_ACCESS);
  stop(&s);
}

static void a_lost_view_of_its_files_is_an_unknown_count(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  assert_int_equal(look(&s), HUB_PROCESS_VERIFIED);
  fake_remove(&s.proc, "4242/fd");
  assert_int_equal(look(&s), HUB_PROCESS_VERIFIED);
  assert_true(isnan(hub_process_figures(s.process)->file_handles));
  stop(&s);
}

static void a_container_with_its_own_network_is_elsewhere(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  fake_link(&s.proc, "4242/ns/net", "net:[2]");
  assert_int_equal(look(&s), HUB_PROCESS_ELSEWHERE);
  stop(&s);
}

static void garbage_in_any_file_gives_no_figures(void **state) {
  (void)state;
  static const struct {
    const char *file;
    enum hub_process_state state;
  } files[] = {{"4242/stat", HUB_PROCESS_NO_PROC},
               {"stat", HUB_PROCESS_NO_PROC},
               {"4242/net/tcp", HUB_PROCESS_NOT_HEARING}};
  static const char *const texts[] = {
      "", "\n", "garbage", "((((", "9 9 9 9", "\xff\xff\xff\xff\n\n:::::\n"};
  for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
    for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++) {
      struct scene s;
      start(&s);
      fake_file(&s.proc, files[i].file, texts[k]);
      assert_int_equal(look(&s), files[i].state);
      stop(&s);
    }
  }
}

static void without_the_machines_memory_there_is_no_share(void **state) {
  (void)state;
  struct scene s;
  start(&s);
  fake_file(&s.proc, "meminfo", "MemTotal: 1 kB\n");
  assert_int_equal(look(&s), HUB_PROCESS_VERIFIED);
  assert_true(isnan(hub_process_figures(s.process)->memory_percent));
  stop(&s);
  start(&s);
  fake_remove(&s.proc, "meminfo");
  assert_int_equal(look(&s), HUB_PROCESS_VERIFIED);
  assert_true(isnan(hub_process_figures(s.process)->memory_percent));
  stop(&s);
}

static void a_machine_without_proc_has_no_figures(void **state) {
  (void)state;
  struct hub_process *p = hub_process_create("/nonexistent", true);
  const struct hub_process_claim claim = {PID, PORT, 0};
  assert_int_equal(hub_process_read(p, &claim, 1), HUB_PROCESS_NO_PROC);
  hub_process_destroy(p);
  hub_process_destroy(NULL);
}

static void local_is_what_loops_back(void **state) {
  (void)state;
  static const char *const local[] = {
      "http://127.0.0.1:37373",
      "http://127.1.2.3",
      "https://localhost:7000/hub",
      "http://LOCALHOST/",
      "http://localhost.:1",
      "http://[::1]:7000/x",
      "http://[::ffff:127.0.0.1]",
      "http://user:p@ss@127.0.0.1:1/x@y",
      "127.0.0.1:80",
  };
  static const char *const remote[] = {
      "http://10.0.0.1:37373",
      "http://hub.example.org",
      "http://127.0.0.1.example.org/",
      "http://localhost.example.org/",
      "http://127.0.0.1@evil.example/",
      "http://evil.example/127.0.0.1",
      "http://evil.example\\@127.0.0.1/",
      "http://[::2]:7000",
      "http://[fe80::1",
      "http://[::ffff:10.0.0.1]",
      "http://0.0.0.0:1",
      "http://",
      "",
  };
  for (size_t i = 0; i < sizeof(local) / sizeof(local[0]); i++)
    if (!hub_process_url_is_local(local[i]))
      fail_msg("%s: expected to be local", local[i]);
  for (size_t i = 0; i < sizeof(remote) / sizeof(remote[0]); i++)
    if (hub_process_url_is_local(remote[i]))
      fail_msg("%s: expected to be remote", remote[i]);
  char text[400] = "http://";
  memset(text + 7, '1', 300);
  assert_false(hub_process_url_is_local(text));
}

static void every_state_has_a_text_of_its_own(void **state) {
  (void)state;
  for (int i = HUB_PROCESS_VERIFIED; i <= HUB_PROCESS_NO_PROC; i++)
    for (int k = HUB_PROCESS_VERIFIED; k < i; k++)
      assert_string_not_equal(
          hub_process_state_text((enum hub_process_state)i),
          hub_process_state_text((enum hub_process_state)k));
}

static int listen_somewhere(int family, int *port) {
  int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in6 a6 = {.sin6_family = AF_INET6,
                            .sin6_addr = IN6ADDR_LOOPBACK_INIT};
  struct sockaddr_in a4 = {.sin_family = AF_INET,
                           .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  bool v6 = family == AF_INET6;
  socklen_t len = v6 ? sizeof(a6) : sizeof(a4);
  struct sockaddr *a = v6 ? (struct sockaddr *)&a6 : (struct sockaddr *)&a4;
  if (fd < 0 || bind(fd, a, len) != 0 || listen(fd, 1) != 0)
    return -1;
  assert_int_equal(getsockname(fd, a, &len), 0);
  *port = ntohs(v6 ? a6.sin6_port : a4.sin_port);
  return fd;
}

static void the_real_proc_confirms_what_we_claim_of_ourselves(void **state) {
  (void)state;
  static const int families[] = {AF_INET, AF_INET6};
  for (size_t i = 0; i < 2; i++) {
    int port = 0;
    int fd = listen_somewhere(families[i], &port);
    if (fd < 0)
      continue; /* no IPv6 here */
    struct hub_process *p = hub_process_create("/proc", true);
    struct hub_process_claim claim = {getpid(), port, (double)time(NULL)};
    assert_int_equal(hub_process_read(p, &claim, 1), HUB_PROCESS_VERIFIED);
    const struct hub_process_figures *f = hub_process_figures(p);
    assert_true(f->rss > 100000 && f->rss < 1e11);
    assert_true(f->threads >= 1);
    assert_true(f->file_handles >= 1 && f->file_handles < 100000);
    assert_true(f->memory_percent > 0 && f->memory_percent < 100);
    claim.start -= 100000;
    assert_int_equal(hub_process_read(p, &claim, 2), HUB_PROCESS_LATE);
    claim.start += 100000;
    close(fd);
    claim.start += 1;
    assert_int_equal(hub_process_read(p, &claim, 3), HUB_PROCESS_NOT_HEARING);
    hub_process_destroy(p);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_hub_that_is_who_it_says_has_figures),
      cmocka_unit_test(cpu_percent_is_of_the_time_between_two_reads),
      cmocka_unit_test(a_remote_hub_has_no_process_here),
      cmocka_unit_test(what_the_hub_does_not_tell_is_not_guessed),
      cmocka_unit_test(the_dead_and_the_undead_are_gone),
      cmocka_unit_test(a_pid_used_again_is_seen_at_every_read),
      cmocka_unit_test(the_start_may_differ_by_documented_bounds),
      cmocka_unit_test(a_step_of_the_clock_does_not_lose_a_verified_hub),
      cmocka_unit_test(another_port_or_another_socket_is_not_the_hub),
      cmocka_unit_test(ipv6_alone_will_do),
      cmocka_unit_test(a_refusal_is_asked_again_after_a_while),
      cmocka_unit_test(verified_once_it_is_not_asked_for_its_socket_again),
      cmocka_unit_test(without_access_to_its_files_it_is_not_believed),
      cmocka_unit_test(a_lost_view_of_its_files_is_an_unknown_count),
      cmocka_unit_test(a_container_with_its_own_network_is_elsewhere),
      cmocka_unit_test(garbage_in_any_file_gives_no_figures),
      cmocka_unit_test(without_the_machines_memory_there_is_no_share),
      cmocka_unit_test(a_machine_without_proc_has_no_figures),
      cmocka_unit_test(local_is_what_loops_back),
      cmocka_unit_test(every_state_has_a_text_of_its_own),
      cmocka_unit_test(the_real_proc_confirms_what_we_claim_of_ourselves),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
