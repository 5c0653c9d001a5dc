/* SPDX-License-Identifier: MIT */
/* mcphubctl while memory, descriptors, files or collectd's socket fail: it says
 * the same as without, or that something failed, by its exit status and in
 * words. */
#include "ctl/ctl.h"

#include "fault.h"
#include "process/fake_proc.h"

#include <fcntl.h>
#include <getopt.h>
#include <json-c/json.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#define WORDS_MAX 10
#define OUT_MAX 65536
#define LISTED_MAX 16384
#define NOW 1700000000

/* Pages tell how long ago something was. */
time_t time(time_t *now) {
  if (now != NULL)
    *now = NOW;
  return NOW;
}

/* What a command falls back to is what collectd says. */
int gethostname(char *name, size_t size) {
  snprintf(name, size, "h");
  return 0;
}

/* Two looks, then Ctrl-C: watch waits for it with its own signal mask. */
int ppoll(struct pollfd *fds, nfds_t num, const struct timespec *timeout,
          const sigset_t *mask) {
  static bool again;
  (void)fds;
  (void)num;
  (void)timeout;
  again = !again;
  if (again)
    return 0;
  sigprocmask(SIG_SETMASK, mask, NULL);
  return raise(SIGINT);
}

struct outcome {
  int status;
  char out[OUT_MAX];
  char err[4096];
};

struct stage {
  struct fakeproc folder;
  const char *words[WORDS_MAX]; /* NULL-terminated; those with a dot: files */
  struct outcome right;
  bool known;
};

/* Into a file instead; what there was. */
static int divert(int fd) {
  int before = dup(fd);
  int file = memfd_create("said", MFD_CLOEXEC);
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
  int out = divert(STDOUT_FILENO);
  int err = divert(STDERR_FILENO);
  optind = 0;
  fault_begin();
  o.status = mcphubctl(argc, argv);
  fault_shelter(true);
  fflush(stdout);
  give_back(STDERR_FILENO, err, o.err, sizeof(o.err));
  give_back(STDOUT_FILENO, out, o.out, sizeof(o.out));
  return o;
}

/* A page says what it has no access to, and shows the rest. */
static bool says_why(const char *page) {
  static const char *const reasons[] = {"out of memory", "cannot read ",
                                        "no permission to read ",
                                        "expected a regular file"};
  for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
    if (strstr(page, reasons[i]) != NULL)
      return true;
  return false;
}

static bool wants_json(const struct stage *s) {
  for (size_t i = 0; s->words[i] != NULL; i++)
    if (strcmp(s->words[i], "--json") == 0)
      return true;
  return false;
}

/* Or nothing. */
static void assert_whole_json(const char *text) {
  struct json_object *made = json_tokener_parse(text);
  assert_true(made != NULL || *text == '\0');
  json_object_put(made);
}

static void running(void *arg) {
  struct stage *s = arg;
  struct outcome o = command(s);
  bool failed = fault_end();
  if (wants_json(s))
    assert_whole_json(o.out);
  if (!s->known)
    s->right = o;
  s->known = true;
  if (o.status == s->right.status && strcmp(o.out, s->right.out) == 0)
    return;
  assert_true(failed && !fault_is_harmless());
  if (o.status == 0 && !says_why(o.out))
    fail_msg("%s%s\n%s", o.out, o.err, s->right.out);
  assert_true(o.err[0] != '\0' || o.out[0] != '\0');
}

static void each_once(struct stage *s, const char *what) {
  s->known = false;
  running(s);
  assert_true(s->right.out[0] != '\0');
  assert_true(fault_all(what, false, running, s) > 0);
}

/* As text, then as JSON. */
static void each(struct stage *s, const char *what) {
  char words[64];
  size_t num = 0;
  each_once(s, what);
  while (s->words[num] != NULL)
    num++;
  s->words[num] = "--json";
  snprintf(words, sizeof(words), "%s --json", what);
  each_once(s, words);
}

#define RULES                                                                  \
  "{\"settings\": {\"group_wait\": \"0s\"}, \"rules\": [{\"name\": \"r\","     \
  " \"metric\": \"*/*/*\", \"op\": \">\", \"warning\": 10}]}"

/* ---- a collectd that answers on its socket ---- */

#define LISTED                                                                 \
  "12 Values found\n"                                                          \
  "1 h/cpu-0/percent-idle\n"                                                   \
  "1 h/mcp_hub-p/bool-up\n"                                                    \
  "1 h/mcp_hub-p/mcp_hub_state\n"                                              \
  "1 h/mcp_hub-p/mcp_server_state-a\n"                                         \
  "1 h/mcp_hub-p/mcp_servers-connected\n"                                      \
  "1 h/mcp_hub-p/percent-cpu\n"                                                \
  "1 h/mcp_hub-p/uptime\n"                                                     \
  "1 h/mcp_hub-q/bool-up\n"                                                    \
  "nonsense\n"                                                                 \
  "1 h/mcp_hub_alerts-p/mcp_alerts-critical\n"                                 \
  "1 h/mcp_hub_alerts-p/mcp_alerts-warning\n"                                  \
  "1 h/mcp_hub_alerts/bool-rules_current\n"

struct collectd {
  int fd;     /* that listens */
  size_t cut; /* the list ends after so many bytes, with the connection */
  char listed[LISTED_MAX];
  pthread_t thread;
};

static void say(int fd, const char *text, size_t len) {
  send(fd, text, len, MSG_NOSIGNAL);
}

/* Its answer to one command; whether the connection goes on. */
static bool answer(const struct collectd *d, int fd, const char *command) {
  size_t len = strlen(d->listed);
  bool cut = d->cut < len;
  if (strcmp(command, "LISTVAL\n") == 0)
    say(fd, d->listed, cut ? d->cut : len);
  else if (strncmp(command, "GETVAL", 6) == 0)
    say(fd, "1 Value found\nvalue=1\n", 22);
  else
    say(fd, "0 Success\n", 10);
  return !cut;
}

/* One connection after the other, each until its client has gone. */
static void *serve(void *arg) {
  const struct collectd *d = arg;
  for (;;) {
    int fd = accept(d->fd, NULL, NULL);
    if (fd < 0)
      return NULL;
    char command[512];
    size_t len = 0;
    while (len < sizeof(command) - 1 && recv(fd, command + len, 1, 0) == 1) {
      command[++len] = '\0';
      if (command[len - 1] != '\n')
        continue;
      if (!answer(d, fd, command))
        break;
      len = 0;
    }
    close(fd);
  }
}

static void collectd_start(struct collectd *d, const struct fakeproc *folder) {
  struct sockaddr_un a = {.sun_family = AF_UNIX};
  fake_path(folder, a.sun_path, sizeof(a.sun_path), "collectd.sock");
  unlink(a.sun_path);
  *d = (struct collectd){.cut = LISTED_MAX, .listed = LISTED};
  d->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert_int_equal(bind(d->fd, (struct sockaddr *)&a, sizeof(a)), 0);
  assert_int_equal(listen(d->fd, 8), 0);
  assert_int_equal(pthread_create(&d->thread, NULL, serve, d), 0);
}

static void collectd_stop(struct collectd *d) {
  shutdown(d->fd, SHUT_RDWR);
  pthread_join(d->thread, NULL);
  close(d->fd);
}

#define STATUS                                                                 \
  "{\"version\":1,\"time\":1700000000,\"rules_current\":true,\"alerts\":[{"    \
  "\"rule\":\"r\",\"level\":\"warning\",\"status\":\"pending\",\"host\":"      \
  "\"h\",\"plugin\":\"mcp_hub\",\"plugin_instance\":\"p\",\"type\":\"bool\","  \
  "\"type_instance\":\"up\",\"ds\":\"value\",\"value\":0,\"threshold\":1,"     \
  "\"since\":1699999000,\"message\":\"p is down\"}],\"hubs\":[{\"host\":"      \
  "\"h\",\"hub\":\"p\",\"score\":90,\"grade\":\"good\",\"reasons\":[{"         \
  "\"points\":10,\"why\":\"slow\"}],\"figures\":{\"percent-cpu\":1.5},"        \
  "\"day_begin\":1699990000,\"day\":{\"percent-cpu\":{\"average\":1,"          \
  "\"worst\":2,\"worst_at\":1699990100,\"before\":2}}}],\"incidents\":[]}"

static const char *const asking[][WORDS_MAX] = {
    {"status"},
    {"status", "--hub", "p"},
    {"baseline", "--duration", "1e-9"},
    {"check"},
    {"summary"},
    {"test-notification"},
};

static void each_while_collectd_answers(struct stage *s) {
  for (size_t i = 0; i < sizeof(asking) / sizeof(asking[0]); i++) {
    const char *const places[] = {"-s", "collectd.sock", "-S", "status.json"};
    memcpy(s->words, places, sizeof(places));
    memcpy(s->words + 4, asking[i], 4 * sizeof(asking[0][0]));
    each(s, asking[i][0]);
  }
}

static void what_is_asked_of_collectd_is_told_or_why_not(void **state) {
  (void)state;
  struct collectd d;
  struct stage s = {.known = false};
  fake_create(&s.folder);
  fake_file(&s.folder, "status.json", STATUS);
  collectd_start(&d, &s.folder);
  each_while_collectd_answers(&s);
  collectd_stop(&d);
  fake_destroy(&s.folder);
}

/* So many that their table is more than 8 KiB, for which its page grows. */
static void list_many_hubs(struct collectd *d) {
  size_t len =
      (size_t)snprintf(d->listed, LISTED_MAX, "%d Values found\n", 400);
  for (int i = 0; i < 400; i++)
    len += (size_t)snprintf(d->listed + len, LISTED_MAX - len,
                            "1 h/mcp_hub-hub-number-%03d/bool-up\n", i);
}

static void a_page_is_printed_whole_or_not_at_all(void **state) {
  (void)state;
  struct collectd d;
  struct stage s = {
      .words = {"-s", "collectd.sock", "-S", "none.json", "status"}};
  fake_create(&s.folder);
  collectd_start(&d, &s.folder);
  list_many_hubs(&d);
  running(&s);
  assert_true(strlen(s.right.out) > 8192);
  assert_true(fault_once("many hubs", FAULT_MEMORY, ENOMEM, running, &s) > 0);
  collectd_stop(&d);
  fake_destroy(&s.folder);
}

/* Two looks, of which one may be an error instead. */
static void watching(void *arg) {
  struct stage *s = arg;
  struct outcome o = command(s);
  bool failed = fault_end();
  if (!s->known)
    s->right = o;
  s->known = true;
  size_t len = strlen(o.out);
  size_t half = strlen(s->right.out) / 2;
  assert_int_equal(o.status, 0);
  if (strcmp(o.out, s->right.out) == 0)
    return;
  assert_true(failed && len >= half);
  bool first = strncmp(o.out, s->right.out, half) == 0;
  if (!first)
    assert_string_equal(o.out + len - half, s->right.out + half);
  char *error = first ? o.out + half : o.out;
  error[len - half] = '\0';
  assert_true(strlen(error) < 256);
  assert_non_null(strstr(error, "memory"));
}

static void watch_tells_want_of_memory_and_goes_on(void **state) {
  (void)state;
  struct collectd d;
  struct stage s = {
      .words = {"-s", "collectd.sock", "-S", "none.json", "watch", "--json"}};
  fake_create(&s.folder);
  collectd_start(&d, &s.folder);
  watching(&s);
  assert_true(fault_once("watch --json", FAULT_MEMORY, ENOMEM, watching, &s) >
              0);
  list_many_hubs(&d);
  s.words[5] = NULL;
  s.known = false;
  watching(&s);
  assert_true(strlen(s.right.out) > 2 * 8192);
  assert_true(fault_once("watch", FAULT_MEMORY, ENOMEM, watching, &s) > 0);
  collectd_stop(&d);
  fake_destroy(&s.folder);
}

/* Wherever that is in the list. */
static void a_list_that_is_cut_short_is_said_to_be(void **state) {
  (void)state;
  struct collectd d;
  struct stage s = {
      .words = {"-s", "collectd.sock", "-S", "status.json", "status"}};
  fake_create(&s.folder);
  fake_file(&s.folder, "status.json", STATUS);
  collectd_start(&d, &s.folder);
  for (d.cut = 0; d.cut < strlen(LISTED); d.cut++) {
    struct outcome o = command(&s);
    assert_int_equal(o.status, 3);
    assert_string_equal(o.out, "");
    assert_non_null(strstr(o.err, "ended the connection"));
  }
  collectd_stop(&d);
  fake_destroy(&s.folder);
}

/* As many hubs and incidents as a list of json-c's has to grow for. */
static void write_many(const struct fakeproc *folder) {
  char text[OUT_MAX] = "{\"version\":1,\"time\":1700000000,\"hubs\":[";
  for (int i = 0; i < 40; i++)
    sprintf(text + strlen(text), "%s{\"host\":\"h\",\"hub\":\"p%d\"}",
            i > 0 ? "," : "", i);
  strcat(text, "],\"incidents\":[");
  for (int i = 0; i < 40; i++)
    sprintf(text + strlen(text),
            "%s{\"host\":\"h\",\"plugin_instance\":\"p%d\",\"rule\":\"r\","
            "\"level\":\"warning\",\"begin\":1699999000}",
            i > 0 ? "," : "", i);
  strcat(text, "]}");
  fake_file(folder, "status.json", text);
}

static void a_summary_leaves_out_no_hub_and_no_incident(void **state) {
  (void)state;
  struct stage s = {.words = {"-S", "status.json", "--json", "summary"}};
  fake_create(&s.folder);
  write_many(&s.folder);
  running(&s);
  assert_non_null(strstr(s.right.out, "p39"));
  assert_true(fault_once("many", FAULT_MEMORY, ENOMEM, running, &s) > 0);
  fake_destroy(&s.folder);
}

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
  fake_file(&s.folder, "day.d/h/mcp_hub-p/gauge-x-2023-11-14",
            "epoch,value\n\n1700000000,1\n1700000010,20\n");
  s = (struct stage){.folder = s.folder,
                     .words = {"rules", "replay", "rules.json", "--csv",
                               "day.d", "--types", "types.db"}};
  each(&s, "rules replay of a folder");
  s = (struct stage){
      .folder = s.folder,
      .words = {"rules", "replay", "--scores", "--csv", "data.csv"}};
  each(&s, "scores");
  fake_destroy(&s.folder);
}

static void what_is_no_such_file_is_refused(void **state) {
  (void)state;
  static const struct {
    const char *words[WORDS_MAX];
    const char *why;
  } rows[] = {
      {{"rules", "check", "day.d"}, "Is a directory"},
      {{"rules", "replay", "--scores", "--csv", "day.d"}, "Is a directory"},
      {{"rules", "replay", "rules.json", "--csv", "none.csv"}, "No such file"},
      {{"-S", "day.d", "--max-age", "2m", "check"}, "expected a regular file"},
      {{"-S", "day.d", "summary"}, "expected a regular file"},
      {{"-S", "empty.json", "--hub", "p", "summary"}, "It knows: none"}};
  struct stage s;
  fake_create(&s.folder);
  fake_file(&s.folder, "day.d/file", "");
  fake_file(&s.folder, "rules.json", RULES);
  fake_file(&s.folder, "empty.json", "{\"version\":1,\"time\":1700000000}");
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    memcpy(s.words, rows[i].words, sizeof(s.words));
    struct outcome o = command(&s);
    assert_int_equal(o.status, 3);
    assert_non_null(strstr(o.err, rows[i].why));
  }
  fake_destroy(&s.folder);
}

static void refused(void *arg) {
  const struct stage *s = arg;
  char why[128];
  struct outcome o = command(s);
  snprintf(why, sizeof(why), "no permission to read %s/status.json\n",
           s->folder.root);
  if (!fault_end())
    return;
  assert_int_equal(o.status, 3);
  assert_non_null(strstr(o.err, why));
  assert_non_null(strstr(o.err, "Run this as root"));
}

static void who_may_not_read_the_status_is_told_what_to_do(void **state) {
  (void)state;
  struct stage s = {.words = {"-S", "status.json", "check"}};
  fake_create(&s.folder);
  fake_file(&s.folder, "status.json", STATUS);
  assert_true(
      fault_once("check, no permission", FAULT_OPEN, EACCES, refused, &s) > 0);
  fake_destroy(&s.folder);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_teardown(commands_say_the_same_or_that_they_failed,
                                fault_teardown),
      cmocka_unit_test_teardown(what_is_asked_of_collectd_is_told_or_why_not,
                                fault_teardown),
      cmocka_unit_test_teardown(a_summary_leaves_out_no_hub_and_no_incident,
                                fault_teardown),
      cmocka_unit_test_teardown(a_page_is_printed_whole_or_not_at_all,
                                fault_teardown),
      cmocka_unit_test_teardown(watch_tells_want_of_memory_and_goes_on,
                                fault_teardown),
      cmocka_unit_test(what_is_no_such_file_is_refused),
      cmocka_unit_test_teardown(who_may_not_read_the_status_is_told_what_to_do,
                                fault_teardown),
      cmocka_unit_test(a_list_that_is_cut_short_is_said_to_be),
  };
  setenv("TZ", "UTC0", 1);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
