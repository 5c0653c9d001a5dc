/* mcphubctl while memory or descriptors are missing: it says the same as
 * without, or that something failed, by its exit status and in words. */
#include "fakeproc.h"
#include "fault.h"

#include <fcntl.h>
#include <getopt.h>

#undef main /* mcphubctl's is ctl_main() */
int ctl_main(int argc, char **argv);

#define WORDS_MAX 8

struct outcome {
  int status;
  char out[4096];
  char err[4096];
};

struct stage {
  struct fakeproc folder;
  const char *words[WORDS_MAX]; /* NULL-terminated; those with a dot: files */
  struct outcome right;
  bool known;
};

/* Into a file instead; what there was. */
static int divert(const struct stage *s, int fd, const char *name) {
  char path[128];
  fake_path(&s->folder, path, sizeof(path), name);
  int before = dup(fd);
  int file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  assert_true(before >= 0 && file >= 0 && dup2(file, fd) == fd);
  close(file);
  return before;
}

static void give_back(int fd, int before, char *text, size_t size) {
  ssize_t len = pread(fd, text, size - 1, 0);
  text[len > 0 ? len : 0] = '\0';
  dup2(before, fd);
  close(before);
}

static struct outcome command(const struct stage *s) {
  static char paths[WORDS_MAX][128];
  char *argv[WORDS_MAX + 1] = {(char[]){"mcphubctl"}};
  struct outcome o = {.status = 0};
  int argc = 1;
  for (; s->words[argc - 1] != NULL; argc++) {
    const char *word = s->words[argc - 1];
    bool is_file = strchr(word, '.') != NULL;
    argv[argc] = paths[argc];
    snprintf(paths[argc], sizeof(paths[0]), "%s%s%s",
             is_file ? s->folder.root : "", is_file ? "/" : "", word);
  }
  fflush(stdout);
  int out = divert(s, STDOUT_FILENO, "out");
  int err = divert(s, STDERR_FILENO, "err");
  optind = 0;
  fault_begin();
  o.status = ctl_main(argc, argv);
  fault_shelter(true);
  fflush(stdout);
  give_back(STDERR_FILENO, err, o.err, sizeof(o.err));
  give_back(STDOUT_FILENO, out, o.out, sizeof(o.out));
  return o;
}

static void running(void *arg) {
  struct stage *s = arg;
  struct outcome o = command(s);
  bool failed = fault_end();
  if (!s->known)
    s->right = o;
  s->known = true;
  if (o.status == s->right.status && strcmp(o.out, s->right.out) == 0)
    return;
  assert_true(failed);
  assert_true(o.status != 0);
  assert_true(o.err[0] != '\0' || o.out[0] != '\0');
}

static void each(struct stage *s, const char *what) {
  char words[64];
  s->known = false;
  running(s);
  assert_true(s->right.out[0] != '\0');
  snprintf(words, sizeof(words), "%s, memory", what);
  assert_true(fault_once(words, FAULT_MEMORY, ENOMEM, running, s) > 0);
  snprintf(words, sizeof(words), "%s, descriptors", what);
  assert_true(fault_once(words, FAULT_OPEN, EMFILE, running, s) > 0);
}

#define RULES                                                                  \
  "{\"settings\": {\"group_wait\": \"0s\"}, \"rules\": [{\"name\": \"r\","     \
  " \"metric\": \"*/*/*\", \"op\": \">\", \"warning\": 10}]}"

static void commands_say_the_same_or_that_they_failed(void **state) {
  (void)state;
  struct stage s = {.words = {"rules", "check", "rules.json"}};
  fake_create(&s.folder);
  fake_file(&s.folder, "rules.json", RULES);
  fake_file(&s.folder, "types.db", "gauge value:GAUGE:U:U\n");
  fake_file(&s.folder, "data.csv",
            "timestamp,value\n1700000000,1\n"
            "1700000010,20\n1700000020,1\n");
  each(&s, "rules check");
  s = (struct stage){.folder = s.folder,
                     .words = {"rules", "replay", "rules.json", "--csv",
                               "data.csv", "--types", "types.db"}};
  each(&s, "rules replay");
  fake_destroy(&s.folder);
}

/* Which is no status worth having, but is read. */
static void reading_its_status(void *arg) {
  struct outcome o = command(arg);
  fault_end();
  assert_null(strstr(o.err, "Interrupted"));
}

static void a_signal_does_not_hide_the_status(void **state) {
  (void)state;
  struct stage s = {.words = {"check", "-S", "status.json"}};
  fake_create(&s.folder);
  fake_file(&s.folder, "status.json", "{\"version\": 1}");
  assert_true(fault_once("check, a signal", FAULT_READ, EINTR,
                         reading_its_status, &s) > 0);
  fake_destroy(&s.folder);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_teardown(commands_say_the_same_or_that_they_failed,
                                fault_teardown),
      cmocka_unit_test_teardown(a_signal_does_not_hide_the_status,
                                fault_teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
