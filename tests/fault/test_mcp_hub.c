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

static void starting(void *arg) {
  const char *log = arg;
  said[0] = '\0';
  fault_begin();
  int status = stub_start_hub("http://127.0.0.1:1/", log);
  bool failed = fault_end();
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

static sem_t heard;

static void hear_and_wake(const char *text) {
  hear(text);
  sem_post(&heard);
}

static void after_its_end_it_can_begin_again(void **state) {
  (void)state;
  stub_log = hear_and_wake;
  sem_init(&heard, 0, 0);
  for (int life = 0; life < 2; life++) {
    struct timespec patience;
    assert_int_equal(stub_start_hub("http://127.0.0.1:1/", "none"), 0);
    stub.read_hub(&stub.hub);
    clock_gettime(CLOCK_REALTIME, &patience);
    patience.tv_sec += 20;
    assert_int_equal(sem_timedwait(&heard, &patience), 0);
    assert_non_null(strstr(said, "127.0.0.1"));
    stub.shut_down();
  }
  sem_destroy(&heard);
  stub_log = hear;
}

/* What is told of another log is not that of the one before. */
static void changing(void *arg) {
  const char *path = arg;
  struct logtail_counts counts;
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
      cmocka_unit_test(a_log_that_cannot_be_is_said),
      cmocka_unit_test_teardown(a_wait_that_fails_is_said, fault_teardown),
      cmocka_unit_test(after_its_end_it_can_begin_again),
      cmocka_unit_test_teardown(a_log_that_cannot_be_followed_is_unknown,
                                fault_teardown),
  };
  stub_log = hear;
  curl_global_init(CURL_GLOBAL_DEFAULT);
  int status = cmocka_run_group_tests(tests, NULL, NULL);
  curl_global_cleanup();
  return status;
}
