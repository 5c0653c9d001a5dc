/* SPDX-License-Identifier: MIT */
/* Files that are replaced and read as a whole, with odd things in their place.
 */
#include "util/file.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "unit.h"

#define MIB (1U << 20)

static char folder[] = "/tmp/test_whole_file.XXXXXX";
static char path[64];
static char fresh[64];
static char other[64];
static char err[256];

static size_t room = SIZE_MAX; /* on the disk, bytes */
static mode_t mode_at_write;

ssize_t __real_write(int fd, const void *data, size_t len);
ssize_t __wrap_write(int fd, const void *data, size_t len);

ssize_t __wrap_write(int fd, const void *data, size_t len) {
  struct stat st = {0};
  fstat(fd, &st);
  if (!S_ISREG(st.st_mode) || room == SIZE_MAX) {
    mode_at_write = st.st_mode & 07777;
    return __real_write(fd, data, len);
  }
  size_t used = (size_t)lseek(fd, 0, SEEK_CUR);
  if (used < room)
    return __real_write(fd, data, len < room - used ? len : room - used);
  errno = ENOSPC;
  return -1;
}

static int make_folder(void **state) {
  (void)state;
  strcpy(strrchr(folder, '.'), ".XXXXXX");
  if (mkdtemp(folder) == NULL)
    return -1;
  snprintf(path, sizeof(path), "%s/file", folder);
  snprintf(fresh, sizeof(fresh), "%s/file.new", folder);
  snprintf(other, sizeof(other), "%s/other", folder);
  err[0] = '\0';
  return 0;
}

static int remove_folder(void **state) {
  (void)state;
  remove(path);
  remove(fresh);
  remove(other);
  return rmdir(folder); /* nothing else was left in it */
}

static int put(const char *text) {
  return file_write(path, text, strlen(text), 0640, false, err, sizeof(err));
}

static void assert_holds(const char *where, const char *text) {
  struct stat st;
  size_t len = 0;
  char *found = file_read(where, MIB, &st, &len, err, sizeof(err));
  assert_non_null(found);
  assert_int_equal(len, strlen(text));
  assert_memory_equal(found, text, len);
  free(found);
}

static void assert_refused_to_read(const char *why) {
  struct stat st;
  size_t len = 0;
  assert_null(file_read(path, MIB, &st, &len, err, sizeof(err)));
  assert_non_null(strstr(err, why));
}

static void assert_refused_to_write(const char *why) {
  assert_int_equal(put("new"), -1);
  assert_non_null(strstr(err, why));
  assert_int_equal(access(fresh, F_OK), -1);
}

static mode_t type_of(const char *where) {
  struct stat st = {0};
  assert_int_equal(lstat(where, &st), 0);
  return st.st_mode & S_IFMT;
}

static void what_is_written_is_read(void **state) {
  (void)state;
  assert_int_equal(put("first"), 0);
  assert_holds(path, "first");
  assert_int_equal(put(""), 0);
  assert_holds(path, "");
}

static void modes_do_not_depend_on_the_umask(void **state) {
  static const mode_t masks[] = {0, 077, 0777};
  struct stat st;
  (void)state;
  for (size_t i = 0; i < sizeof(masks) / sizeof(*masks); i++) {
    mode_t before = umask(masks[i]);
    int status = put("text");
    umask(before);
    assert_int_equal(status, 0);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0640);
  }
}

static void nothing_is_in_the_new_file_before_its_mode_is_right(void **state) {
  (void)state;
  mode_t before = umask(0);
  int status = file_write(path, "secret", 6, 0600, true, err, sizeof(err));
  umask(before);
  assert_int_equal(status, 0);
  assert_int_equal(mode_at_write, 0600);
}

static void a_disk_that_is_full_leaves_the_old_file(void **state) {
  (void)state;
  assert_int_equal(put("old"), 0);
  for (room = 0; room < 3; room++)
    assert_refused_to_write("cannot be written: No space left on device");
  assert_holds(path, "old");
  assert_int_equal(put("new"), 0); /* just fits */
  room = SIZE_MAX;
  assert_holds(path, "new");
}

static void what_is_no_regular_file_is_neither_read_nor_replaced(void **state) {
  struct sockaddr_un a = {.sun_family = AF_UNIX};
  (void)state;
  assert_int_equal(mkfifo(path, 0600), 0);
  assert_refused_to_read("expected a regular file");
  assert_refused_to_write("expected a regular file");
  assert_int_equal(type_of(path), S_IFIFO);
  unlink(path);
  assert_int_equal(mkdir(path, 0700), 0);
  assert_refused_to_read("expected a regular file");
  assert_refused_to_write("expected a regular file");
  assert_int_equal(type_of(path), S_IFDIR);
  rmdir(path);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  strcpy(a.sun_path, path);
  assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
  assert_refused_to_read("cannot be read");
  assert_refused_to_write("expected a regular file");
  assert_int_equal(type_of(path), S_IFSOCK);
  close(fd);
  unlink(path);
  assert_int_equal(symlink("/dev/null", path), 0);
  assert_refused_to_read("expected a regular file");
  assert_refused_to_write("expected a regular file");
  assert_int_equal(type_of(path), S_IFLNK);
}

/* Where a link was planted, nothing is written through it. */
static void a_link_is_replaced_and_not_followed(void **state) {
  (void)state;
  assert_int_equal(put("untouched"), 0);
  assert_int_equal(rename(path, other), 0);
  assert_int_equal(symlink(other, path), 0);
  assert_int_equal(symlink(other, fresh), 0);
  assert_holds(path, "untouched");
  assert_int_equal(put("new"), 0);
  assert_holds(other, "untouched");
  assert_int_equal(type_of(path), S_IFREG);
  assert_holds(path, "new");
  assert_int_equal(unlink(path), 0);
  assert_int_equal(symlink("nowhere", path), 0);
  assert_refused_to_read("cannot be read: No such file");
  assert_int_equal(put("new"), 0);
  assert_holds(path, "new");
}

static void a_folder_in_the_place_of_the_new_file_is_said(void **state) {
  (void)state;
  assert_int_equal(put("old"), 0);
  assert_int_equal(mkdir(fresh, 0700), 0);
  assert_int_equal(put("new"), -1);
  assert_string_equal(err, "cannot be written: File exists");
  assert_holds(path, "old");
}

static void a_folder_that_is_gone_is_said(void **state) {
  (void)state;
  strcat(path, "/deeper");
  assert_refused_to_read("cannot be read: No such file");
  assert_refused_to_write("cannot be written: No such file");
}

/* A hole costs no disk, and must not cost memory either. */
static void what_is_too_large_is_not_read_at_all(void **state) {
  struct stat st;
  size_t len = 0;
  (void)state;
  assert_int_equal(put("x"), 0);
  assert_int_equal(truncate(path, (off_t)MIB), 0);
  char *found = file_read(path, MIB, &st, &len, err, sizeof(err));
  assert_non_null(found);
  assert_int_equal(len, MIB);
  free(found);
  assert_int_equal(truncate(path, (off_t)MIB + 1), 0);
  assert_refused_to_read("larger than the allowed 1 MiB");
  assert_int_equal(truncate(path, (off_t)1 << 40), 0);
  assert_refused_to_read("larger than the allowed 1 MiB");
}

static void a_pipe_is_read_to_its_end_or_bound(void **state) {
  static const char text[] = "0123456789";
  size_t len = 0;
  int ends[2];
  (void)state;
  for (size_t max = 9; max <= 10; max++) {
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], text, 10), 10);
    close(ends[1]);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[0]);
    char *found = file_read_stream(path, max, &len, err, sizeof(err));
    close(ends[0]);
    if (max == 10)
      assert_string_equal(found, text);
    else
      assert_null(found);
    free(found);
  }
  assert_string_equal(err, "larger than the allowed 0 MiB");
  assert_null(file_read_stream(folder, 9, &len, err, sizeof(err)));
  assert_string_equal(err, "cannot be read: Is a directory");
}

/* In /proc a file has no size until it is read. */
static void what_has_grown_since_is_read_whole(void **state) {
  static const char version[] = "/proc/version";
  char text[4096];
  (void)state;
  FILE *file = fopen(version, "r");
  assert_non_null(file);
  text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
  fclose(file);
  assert_true(text[0] != '\0');
  assert_holds(version, text);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(what_is_written_is_read),
      TEST(modes_do_not_depend_on_the_umask),
      TEST(nothing_is_in_the_new_file_before_its_mode_is_right),
      TEST(a_disk_that_is_full_leaves_the_old_file),
      TEST(what_is_no_regular_file_is_neither_read_nor_replaced),
      TEST(a_link_is_replaced_and_not_followed),
      TEST(a_folder_in_the_place_of_the_new_file_is_said),
      TEST(a_folder_that_is_gone_is_said),
      TEST(what_has_grown_since_is_read_whole),
      TEST(a_pipe_is_read_to_its_end_or_bound),
      TEST(what_is_too_large_is_not_read_at_all),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
