/* SPDX-License-Identifier: MIT */
/* mcp_hub is loaded while memory, threads or descriptors are missing: it runs,
 * or says why it does not; its log is followed; it ends cleanly. */
#include "fault.h"
#include "unit.h"

#include "plugins/hub_log.h"

#include "stub.h"

#include <curl/curl.h>
#include <errno.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LOG "/tmp/fault-mcp_hub.XXXXXX"

static char said[1024]; /* the last warning or error */

static void hear(const char *text) { snprintf(said, sizeof(said), "%s", text); }

static bool curl_fails;

CURLcode __real_curl_global_init(long flags);
CURLcode __wrap_curl_global_init(long flags);

/* Linked in the place of curl_global_init(). */
CURLcode __wrap_curl_global_init(long flags) {
  return curl_fails ? CURLE_FAILED_INIT : __real_curl_global_init(flags);
}

/* Its hubs are read all or not at all. */
static void starting(void *arg) {
  const char *log = arg;
  said[0] = '\0';
  fault_begin();
  int status = stub_start_hubs("http://127.0.0.1:1/", log, 2);
  bool failed = fault_end();
  assert_int_equal(stub.hubs_num, status == 0 ? 2 : 0);
  if (status != 0) {
    assert_true(failed);
    assert_non_null(strstr(said, "mcp_hub: "));
  }
  stub.shut_down();
}

static void the_plugin_runs_or_says_why_not(void **state) {
  (void)state;
  char log[] = LOG;
  close(mkstemp(log));
  assert_true(
      fault_each("mcp_hub, memory", FAULT_MEMORY, ENOMEM, starting, log) > 0);
  assert_true(
      fault_each("mcp_hub, threads", FAULT_THREAD, EAGAIN, starting, log) > 0);
  assert_true(fault_each("mcp_hub, descriptors", FAULT_SOCKET, EMFILE, starting,
                         log) > 0);
  assert_true(fault_each("mcp_hub, epoll", FAULT_WATCH, ENOSPC, starting, log) >
              0);
  unlink(log);
}

static void starting_without_options(void *arg) {
  (void)arg;
  said[0] = '\0';
  fault_begin();
  int status = stub_start_with(NULL, 0);
  assert_true(fault_end() || status == 0);
  assert_true(status == 0 || strstr(said, "mcp_hub: ") != NULL);
  stub.shut_down();
}

static void
the_hub_of_this_machine_is_read_or_it_is_said_why_not(void **state) {
  (void)state;
  assert_true(fault_each("mcp_hub without options, memory", FAULT_MEMORY,
                         ENOMEM, starting_without_options, NULL) > 0);
}

static void a_libcurl_that_cannot_begin_is_said(void **state) {
  (void)state;
  said[0] = '\0';
  curl_fails = true;
  int status = stub_start_hub("http://127.0.0.1:1/", "none");
  curl_fails = false;
  assert_int_equal(status, -1);
  assert_string_equal(said, "mcp_hub: libcurl cannot be initialised");
  assert_int_equal(stub_start_hub("http://127.0.0.1:1/", "none"), 0);
  stub.shut_down();
}

static void a_log_that_cannot_be_is_said(void **state) {
  (void)state;
  said[0] = '\0';
  assert_int_equal(stub_start_hub("http://127.0.0.1:1/", "here"), -1);
  assert_non_null(strstr(said, "expected auto, none or an absolute path"));
  stub.shut_down();
}

/* The thread that waits for all hubs goes on. */
static void waiting(void *arg) {
  const char *log = arg;
  said[0] = '\0';
  fault_begin();
  fault_shelter(true);
  assert_int_equal(stub_start_hub("http://127.0.0.1:1/", log), 0);
  while (fault_calls() == 0)
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
  stub.shut_down();
  assert_true(fault_end() == (strstr(said, "HTTP engine") != NULL));
}

static void a_wait_that_fails_is_said(void **state) {
  (void)state;
  char log[] = LOG;
  close(mkstemp(log));
  fault_follow(true);
  assert_true(fault_once("mcp_hub, waits", FAULT_WAIT, ENOSPC, waiting, log) >
              0);
  fault_follow(false);
  unlink(log);
}

static sem_t received;

static void hear_and_wake(const char *text) {
  hear(text);
  sem_post(&received);
}

static void after_its_end_it_can_begin_again(void **state) {
  (void)state;
  stub_log = hear_and_wake;
  sem_init(&received, 0, 0);
  for (int life = 0; life < 2; life++) {
    struct timespec patience;
    assert_int_equal(stub_start_hub("http://127.0.0.1:1/", "none"), 0);
    stub.read_hub(&stub.hubs[0].data);
    clock_gettime(CLOCK_REALTIME, &patience);
    patience.tv_sec += 120;
    assert_int_equal(sem_timedwait(&received, &patience), 0);
    assert_non_null(strstr(said, "127.0.0.1"));
    stub.shut_down();
  }
  sem_destroy(&received);
  stub_log = hear;
}

#define MANY STUB_HUBS

static sem_t first, last;

static void hear_reads(const char *text) {
  char name[16];
  snprintf(name, sizeof(name), "\"prod%d\"", MANY - 1);
  if (strstr(text, "\"prod0\"") != NULL)
    sem_post(&first);
  if (strstr(text, name) != NULL)
    sem_post(&last);
}

/* By a clock that stands still. The first one is due after the last one, and
 * the second one only wakes who looks at the clock. */
static void
many_hubs_are_read_one_after_the_other_in_half_a_second(void **state) {
  (void)state;
  stub_log = hear_reads;
  sem_init(&first, 0, 0);
  sem_init(&last, 0, 0);
  stub_stands = 1e6;
  alarm(60);
  assert_int_equal(stub_start_hubs("http://127.0.0.1:1/", "none", MANY), 0);
  stub.read_hub(&stub.hubs[MANY - 1].data);
  stub.read_hub(&stub.hubs[0].data);
  sem_wait(&first);
  assert_int_equal(sem_trywait(&last), -1);
  stub_stands = 1e6 + 0.5;
  stub.read_hub(&stub.hubs[1].data);
  sem_wait(&last);
  alarm(0);
  stub.shut_down();
  stub_stands = 0;
  sem_destroy(&first);
  sem_destroy(&last);
  stub_log = hear;
}

/* What is told of another log is not that of the one before. */
static void changing(void *arg) {
  const char *path = arg;
  struct log_tail_counts counts;
  struct hub_log *log = hub_log_create("prod");
  assert_int_equal(hub_log_want(log, path), 0);
  hub_log_read(log);
  assert_true(hub_log_copy(log, &counts));
  fault_begin();
  int status = hub_log_want(log, "/nowhere");
  hub_log_read(log);
  bool failed = fault_end();
  assert_true(status == 0 || failed);
  if (status == 0)
    assert_false(hub_log_copy(log, &counts));
  assert_int_equal(hub_log_want(log, path), 0);
  hub_log_read(log);
  assert_true(hub_log_copy(log, &counts));
  hub_log_destroy(log);
}

static void creating(void *arg) {
  (void)arg;
  fault_begin();
  struct hub_log *log = hub_log_create("prod");
  assert_true(fault_end() == (log == NULL));
  hub_log_destroy(log);
}

static void a_log_that_cannot_be_followed_is_unknown(void **state) {
  (void)state;
  char log[] = LOG;
  close(mkstemp(log));
  assert_true(
      fault_each("the log of a hub", FAULT_MEMORY, ENOMEM, creating, NULL) > 0);
  assert_true(fault_each("another log of a hub", FAULT_MEMORY, ENOMEM, changing,
                         log) > 0);
  unlink(log);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_teardown(the_plugin_runs_or_says_why_not,
                                fault_teardown),
      cmocka_unit_test_teardown(
          the_hub_of_this_machine_is_read_or_it_is_said_why_not,
          fault_teardown),
      cmocka_unit_test(a_libcurl_that_cannot_begin_is_said),
      cmocka_unit_test(a_log_that_cannot_be_is_said),
      cmocka_unit_test_teardown(a_wait_that_fails_is_said, fault_teardown),
      cmocka_unit_test(after_its_end_it_can_begin_again),
      cmocka_unit_test(many_hubs_are_read_one_after_the_other_in_half_a_second),
      cmocka_unit_test_teardown(a_log_that_cannot_be_followed_is_unknown,
                                fault_teardown),
  };
  stub_log = hear;
  curl_global_init(CURL_GLOBAL_DEFAULT);
  int status = cmocka_run_group_tests(tests, NULL, NULL);
  curl_global_cleanup();
  return status;
}
