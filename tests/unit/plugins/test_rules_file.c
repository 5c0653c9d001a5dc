/* SPDX-License-Identifier: MIT */
/* The file of rules while descriptors are missing. */
#include "plugins/rules_file.h"

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static char folder[] = "/tmp/test_rules_file.XXXXXX";
static char path[64];

static void write_rules(const char *text) {
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fputs(text, file);
  fclose(file);
}

static void allow_files(rlim_t num) {
  struct rlimit limit = {0};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = num;
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static void
an_edit_that_could_not_be_read_is_read_when_it_can_be(void **state) {
  (void)state;
  struct rules_file f = {.path = path};
  char err[256] = "";
  write_rules("{\"warning\": {\"queue_depth\": 5}}");
  struct ruleset *set = rules_file_load(&f, err, sizeof(err));
  assert_non_null(set);
  ruleset_destroy(set);
  assert_false(rules_file_changed(&f));
  write_rules("{\"warning\": {\"queue_depth\": 500}}");
  allow_files(0);
  assert_true(rules_file_changed(&f));
  assert_null(rules_file_load(&f, err, sizeof(err)));
  allow_files(64);
  assert_string_equal(err, "cannot be read: Too many open files");
  assert_true(rules_file_changed(&f));
  set = rules_file_load(&f, err, sizeof(err));
  assert_non_null(set);
  ruleset_destroy(set);
  assert_false(rules_file_changed(&f));
  rules_file_clear(&f);
}

static void an_edit_that_is_wrong_is_read_once(void **state) {
  (void)state;
  struct rules_file f = {.path = path};
  char err[256] = "";
  write_rules("{\"warning\": {\"queue_depth\": \"x\"}}");
  assert_null(rules_file_load(&f, err, sizeof(err)));
  assert_false(rules_file_changed(&f));
}

static int enter(void **state) {
  (void)state;
  if (mkdtemp(folder) == NULL)
    return -1;
  snprintf(path, sizeof(path), "%s/alerts.json", folder);
  return 0;
}

static int leave(void **state) {
  (void)state;
  unlink(path);
  return rmdir(folder);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_edit_that_could_not_be_read_is_read_when_it_can_be),
      cmocka_unit_test(an_edit_that_is_wrong_is_read_once),
  };
  return cmocka_run_group_tests(tests, enter, leave);
}
