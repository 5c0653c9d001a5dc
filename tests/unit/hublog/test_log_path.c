/* SPDX-License-Identifier: MIT */
/* Tests of src/hublog/log_path.c. */
#include "hublog/log_path.h"

#include "unit.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char home[] = "/tmp/test_logpath.XXXXXX";
static char legacy[PATH_MAX], legacy_logs[PATH_MAX];

static int make_home(void **state) {
  (void)state;
  if (mkdtemp(home) == NULL)
    return -1;
  snprintf(legacy, sizeof(legacy), "%s/.mcp-hub", home);
  snprintf(legacy_logs, sizeof(legacy_logs), "%s/.mcp-hub/logs", home);
  return 0;
}

static int remove_home(void **state) {
  (void)state;
  rmdir(legacy_logs);
  rmdir(legacy);
  return rmdir(home);
}

static void expect(const char *given_home, const char *state_home,
                   const char *directory, const char *below) {
  char out[PATH_MAX] = "untouched", want[PATH_MAX], err[128] = "";
  snprintf(want, sizeof(want), "%s/%s", directory, below);
  int status =
      log_path_auto(given_home, state_home, out, sizeof(out), err, sizeof(err));
  assert_string_equal(err, "");
  assert_int_equal(status, 0);
  assert_string_equal(out, want);
}

static void refuse(const char *given_home, const char *state_home,
                   size_t out_size, const char *reason) {
  char out[PATH_MAX] = "untouched", err[128] = "";
  assert_int_equal(
      log_path_auto(given_home, state_home, out, out_size, err, sizeof(err)),
      -1);
  assert_string_equal(out, "untouched");
  assert_non_null(strstr(err, reason));
}

#define STATE "mcp-hub/logs/mcp-hub.log"
#define LOCAL ".local/state/mcp-hub/logs/mcp-hub.log"
#define LEGACY ".mcp-hub/logs/mcp-hub.log"

static void state_home_goes_before_the_default(void **state) {
  (void)state;
  expect(home, NULL, home, LOCAL);
  expect(home, "", home, LOCAL);
  expect(home, "/var/state", "/var/state", STATE);
  expect(NULL, "/var/state", "/var/state", STATE);
  expect("", "/var/state", "/var/state", STATE);
}

static void a_legacy_log_directory_goes_before_all(void **state) {
  (void)state;
  assert_int_equal(mkdir(legacy, 0700), 0);
  expect(home, NULL, home, LOCAL);
  expect(home, "/var/state", "/var/state", STATE);
  assert_int_equal(mkdir(legacy_logs, 0700), 0);
  expect(home, NULL, home, LEGACY);
  expect(home, "/var/state", home, LEGACY);
  expect(home, "relative", home, LEGACY);
  expect(NULL, "/var/state", "/var/state", STATE);
  assert_int_equal(rmdir(legacy_logs), 0);
  expect(home, NULL, home, LOCAL);
}

static void what_cannot_be_known_is_refused(void **state) {
  (void)state;
  refuse(NULL, NULL, PATH_MAX, "home");
  refuse("", "", PATH_MAX, "home");
  refuse("relative", NULL, PATH_MAX, "home");
  refuse(home, "relative", PATH_MAX, "XDG_STATE_HOME");
}

static void a_path_that_does_not_fit_is_refused(void **state) {
  (void)state;
  refuse("/h", NULL, strlen("/h/" LOCAL), "too long");
  char out[sizeof("/h/" LOCAL)], err[64];
  assert_int_equal(
      log_path_auto("/h", NULL, out, sizeof(out), err, sizeof(err)), 0);
  assert_string_equal(out, "/h/" LOCAL);
  static char far[2 * PATH_MAX] = "";
  memset(far, 'x', sizeof(far) - 1);
  far[0] = '/';
  refuse(far, NULL, PATH_MAX, "too long");
}

/* A /proc with one process of that environment; -1: without the file. */
static int of_process(const char *environment, size_t len, char *out,
                      char err[128]) {
  char folder[PATH_MAX], file[PATH_MAX + 16];
  snprintf(folder, sizeof(folder), "%s/77", home);
  snprintf(file, sizeof(file), "%s/environ", folder);
  assert_int_equal(mkdir(folder, 0700), 0);
  if (environment != NULL) {
    FILE *f = fopen(file, "w");
    assert_int_equal(fwrite(environment, 1, len, f), len);
    fclose(f);
  }
  int status = log_path_of_process(home, 77, out, PATH_MAX, err, 128);
  unlink(file);
  assert_int_equal(rmdir(folder), 0);
  return status;
}

static void the_environment_of_the_process_decides(void **state) {
  (void)state;
  char out[PATH_MAX] = "", err[128] = "";
  static const char both[] = "A=1\0XDG_STATE_HOME=/s\0HOME=/h\0B=2";
  assert_int_equal(of_process(both, sizeof(both), out, err), 0);
  assert_string_equal(out, "/s/" STATE);
  static const char only_home[] = "XHOME=/x\0HOME_=/y\0HOME=/h";
  assert_int_equal(of_process(only_home, sizeof(only_home) - 1, out, err), 0);
  assert_string_equal(out, "/h/" LOCAL);
}

static void an_environment_without_a_home_or_access_is_an_error(void **state) {
  (void)state;
  char out[PATH_MAX] = "untouched", err[128] = "";
  assert_int_equal(of_process("A=1", 4, out, err), -1);
  assert_non_null(strstr(err, "home"));
  assert_int_equal(of_process("", 0, out, err), -1);
  assert_int_equal(of_process(NULL, 0, out, err), -1);
  assert_non_null(strstr(err, "No such file"));
  assert_string_equal(out, "untouched");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(state_home_goes_before_the_default),
      cmocka_unit_test(a_legacy_log_directory_goes_before_all),
      cmocka_unit_test(what_cannot_be_known_is_refused),
      cmocka_unit_test(a_path_that_does_not_fit_is_refused),
      cmocka_unit_test(the_environment_of_the_process_decides),
      cmocka_unit_test(an_environment_without_a_home_or_access_is_an_error),
  };
  return cmocka_run_group_tests(tests, make_home, remove_home);
}
