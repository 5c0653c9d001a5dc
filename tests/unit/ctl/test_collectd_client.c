/* SPDX-License-Identifier: MIT */
/* Values from a socket on which a thread answers as collectd does. */
#include "unit.h"

#include "ctl/collectd_client.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static char folder[] = "/tmp/test_values.XXXXXX";
static char path[64];
static int listener;
static pthread_t collectd;
static char error[CTL_ERROR_MAX];

/* Seconds that each recv() takes by the clock; 0: the real clock and recv(). */
static time_t delay, passed;

int __real_clock_gettime(clockid_t clock, struct timespec *ts);
int __wrap_clock_gettime(clockid_t clock, struct timespec *ts);
int __wrap_clock_gettime(clockid_t clock, struct timespec *ts) {
  int status = __real_clock_gettime(clock, ts);
  ts->tv_sec += passed;
  return status;
}

ssize_t __real_recv(int fd, void *buf, size_t size, int flags);
ssize_t __wrap_recv(int fd, void *buf, size_t size, int flags);
ssize_t __wrap_recv(int fd, void *buf, size_t size, int flags) {
  passed += delay;
  return __real_recv(fd, buf, delay > 0 ? 1 : size, flags);
}

/* Says all before it is asked. */
static void *answer(void *arg) {
  char asked[64];
  int fd = accept(listener, NULL, NULL);
  ssize_t put = write(fd, arg, strlen(arg));
  shutdown(fd, SHUT_WR);
  while (put > 0 && read(fd, asked, sizeof(asked)) > 0)
    ;
  close(fd);
  return NULL;
}

static struct collectd_client *open_values(char *answers, const char *hub) {
  const struct ctl c = {.socket = path, .hub = hub};
  assert_int_equal(pthread_create(&collectd, NULL, answer, answers), 0);
  return collectd_client_open(&c, error, sizeof(error));
}

static void close_values(struct collectd_client *v) {
  collectd_client_close(v);
  pthread_join(collectd, NULL);
}

static int listen_there(void **state) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  (void)state;
  if (mkdtemp(folder) == NULL)
    return -1;
  snprintf(path, sizeof(path), "%s/socket", folder);
  strcpy(address.sun_path, path);
  listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  return bind(listener, (struct sockaddr *)&address, sizeof(address)) |
         listen(listener, 1);
}

static int clean_up(void **state) {
  (void)state;
  close(listener);
  unlink(path);
  return rmdir(folder);
}

static void what_is_listed_can_be_asked_for(void **state) {
  char answers[] = "3 Values found\n"
                   "1700000000.250 h/mcp_hub-p/bool-up\n"
                   "1700000000.250 h/cpu-0/percent-idle\n"
                   "1700000000.250 h/mcp_hub-p/percent-cpu\n"
                   "1 Value found\nvalue=2.5\n";
  size_t num = 0;
  (void)state;
  struct collectd_client *v = open_values(answers, NULL);
  assert_non_null(v);
  const struct hub_name *hubs = collectd_client_hubs(v, &num);
  assert_int_equal(num, 1);
  assert_string_equal(hubs->name, "p");
  assert_true(collectd_client_get(v, hubs, COLLECTD_CLIENT_HUB, "percent",
                                  "cpu") == 2.5);
  close_values(v);
}

static void lines_that_do_not_come_take_no_memory(void **state) {
  char answers[] = "12345678901 Values found\n"
                   "1700000000.250 h/mcp_hub-p/bool-up\n";
  (void)state;
  struct collectd_client *v = open_values(answers, NULL);
  assert_null(v);
  assert_non_null(strstr(error, "ended the connection"));
  close_values(v);
}

static void a_refused_question_is_not_want_of_memory(void **state) {
  char answers[] = "-1 Unknown command: LISTVAL\n";
  (void)state;
  struct collectd_client *v = open_values(answers, NULL);
  assert_null(v);
  assert_non_null(strstr(error, "Protocol error"));
  close_values(v);
}

/* The names of others end where there is no more room, after a whole one. */
static void a_hub_that_is_not_there_is_told_from_some_of_many(void **state) {
  char answers[4096] = "64 Values found\n";
  (void)state;
  for (int i = 0; i < 64; i++)
    snprintf(answers + strlen(answers), 64, "17 h/mcp_hub-hub-%d/bool-up\n",
             100 + i);
  struct collectd_client *v = open_values(answers, "prod");
  assert_null(v);
  assert_non_null(strstr(error, "there is no hub \"prod\"\n"
                                "  There are: hub-100 on h, hub-101 on h, "));
  assert_string_equal(error + strlen(error) - strlen(", hub-135 on h"),
                      ", hub-135 on h");
  close_values(v);
}

/* Each byte comes in time, all of them together do not. */
static void a_collectd_that_drips_holds_nobody_up(void **state) {
  char answers[] = "1 Value found\n1700000000.250 h/mcp_hub-p/bool-up\n";
  (void)state;
  delay = 4;
  struct collectd_client *v = open_values(answers, NULL);
  delay = 0;
  assert_null(v);
  assert_non_null(strstr(error, "not complete within 60 s"));
  assert_in_range(passed, 60, 70);
  close_values(v);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_listed_can_be_asked_for),
      cmocka_unit_test(lines_that_do_not_come_take_no_memory),
      cmocka_unit_test(a_refused_question_is_not_want_of_memory),
      cmocka_unit_test(a_hub_that_is_not_there_is_told_from_some_of_many),
      cmocka_unit_test(a_collectd_that_drips_holds_nobody_up),
  };
  return cmocka_run_group_tests(tests, listen_there, clean_up);
}
