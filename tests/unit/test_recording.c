/* Recordings as one file: what has no values, and what cannot be a time. */
#include "unit.h"

#include "ctl/recording.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static char error[256];
static struct recording_counts counts;

static void ignore(void *arg, const struct series *series,
                   const struct sample *sample) {
  (void)arg;
  (void)series;
  (void)sample;
}

static int read_text(const char *text) {
  char path[64];
  int fd = memfd_create("recording", MFD_CLOEXEC);
  assert_true(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
  snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
  const struct recording_options options = {.path = path, .series = "h/p/t"};
  int status =
      recording_read(&options, ignore, NULL, &counts, error, sizeof(error));
  close(fd);
  return status;
}

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

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_without_values_is_read),
      cmocka_unit_test(a_time_after_the_end_of_time_is_an_error),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
