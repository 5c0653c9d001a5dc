/* SPDX-License-Identifier: MIT */
/* Recordings as one file: what has no values, what cannot be a time, counters;
 * bounds. */
#include "unit.h"

#include "ctl/recording.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static char error[5000];
static struct recording_counts counts;

static struct sample samples[8]; /* of the last recording */
static size_t samples_num;

static void take(void *arg, const struct series *series,
                 const struct sample *sample) {
  (void)arg;
  (void)series;
  assert_true(samples_num < sizeof(samples) / sizeof(samples[0]));
  samples[samples_num++] = *sample;
}

/* Its descriptor, to be closed. */
static int file_of(const char *text, char path[64]) {
  int fd = memfd_create("recording", MFD_CLOEXEC);
  assert_true(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
  snprintf(path, 64, "/proc/self/fd/%d", fd);
  return fd;
}

static int read_typed(const char *types_db, const char *text) {
  char path[64];
  char types_path[64];
  const char *const types[] = {types_path};
  int fd = file_of(text, path);
  int types_fd = file_of(types_db, types_path);
  const struct recording_options options = {
      .path = path, .series = "h/p/t", .types = types, .types_num = 1};
  samples_num = 0;
  int status =
      recording_read(&options, take, NULL, &counts, error, sizeof(error));
  close(types_fd);
  close(fd);
  return status;
}

static int read_text(const char *text) { return read_typed("", text); }

static void one_without_values_is_read(void **state) {
  (void)state;
  assert_int_equal(read_text("timestamp,value\n"), 0);
  assert_int_equal(counts.values, 0);
  assert_true(isnan(counts.begin) && isnan(counts.end));
  assert_int_equal(read_text("epoch,value\n"), 0);
  assert_int_equal(counts.values, 0);
}

/* So far away a double does not tell one interval from the next. */
static void a_time_after_the_end_of_time_is_an_error(void **state) {
  static const char *const times[] = {"1e18", "1e11", "-1"};
  (void)state;
  for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
    char text[64];
    snprintf(text, sizeof(text), "epoch,value\n1700000000,1\n%s,5\n", times[i]);
    assert_int_equal(read_text(text), -1);
    assert_non_null(strstr(error, ":3: expected epoch seconds"));
  }
}

static void a_counter_is_whole_and_nothing_where_it_is_no_number(void **state) {
  (void)state;
  assert_int_equal(read_typed("t value:COUNTER:0:U\n",
                              "epoch,value\n1700000000,7\n1700000010,nan\n"
                              "1700000020,1e300\n1700000030,-5\n"),
                   0);
  assert_int_equal(samples_num, 3);
  assert_int_equal(samples[0].kind, SAMPLE_COUNTER);
  assert_int_equal(samples[0].value.counter, 7);
  assert_true(samples[1].time == 1700000020);
  assert_int_equal(samples[1].value.counter, 0);
  assert_int_equal(samples[2].value.counter, 0);
}

static void a_type_without_a_kind_is_a_gauge(void **state) {
  (void)state;
  assert_int_equal(read_typed("t value, value\n", "epoch,value\n17,2.5\n"), 0);
  assert_int_equal(samples_num, 1);
  assert_int_equal(samples[0].kind, SAMPLE_GAUGE);
  assert_true(samples[0].value.gauge == 2.5);
}

static void data_sources_have_a_bound(void **state) {
  char text[256] = "epoch";
  (void)state;
  for (int i = 0; i < 32; i++)
    strcat(text, ",x");
  strcat(text, "\n");
  assert_int_equal(read_text(text), 0);
  strcpy(text + strlen(text) - 1, ",x\n");
  assert_int_equal(read_text(text), -1);
  assert_string_equal(error, "h/p/t: more than 32 data sources");
}

static void what_lies_too_deep_is_named_and_not_cut(void **state) {
  char folder[] = "/tmp/test_recording.XXXXXX";
  char path[4096];
  char below[8192];
  (void)state;
  assert_non_null(mkdtemp(folder));
  memset(path, '/', sizeof(path));
  memcpy(path, folder, strlen(folder));
  path[sizeof(path) - 1] = '\0';
  snprintf(below, sizeof(below), "%s/host", folder);
  assert_int_equal(mkdir(below, 0700), 0);
  const struct recording_options options = {.path = path};
  assert_int_equal(
      recording_read(&options, take, NULL, &counts, error, sizeof(error)), -1);
  rmdir(below);
  rmdir(folder);
  assert_non_null(strstr(error, "a path too long"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_without_values_is_read),
      cmocka_unit_test(a_time_after_the_end_of_time_is_an_error),
      cmocka_unit_test(a_counter_is_whole_and_nothing_where_it_is_no_number),
      cmocka_unit_test(a_type_without_a_kind_is_a_gauge),
      cmocka_unit_test(data_sources_have_a_bound),
      cmocka_unit_test(what_lies_too_deep_is_named_and_not_cut),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
