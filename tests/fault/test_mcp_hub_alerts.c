/* mcp_hub_alerts while memory, threads, descriptors or the disk fail, or time
 * is lost: it runs, or says why it does not; a file that it writes is the old
 * one or the new one, whole; what it reads is whole. */
#include "fakeproc.h"
#include "fault.h"

#include "plugins/whole_file.h"

#include "stub.h"

#include <glob.h>

#define RULES                                                                  \
  "{\"settings\": {\"group_wait\": \"0s\"}, \"rules\": [{\"name\": \"r\","     \
  " \"metric\": \"*/*/gauge\", \"op\": \">\", \"warning\": 10},"               \
  " {\"name\": \"gone\", \"metric\": \"h/mcp_hub-c/gauge\","                   \
  " \"function\": \"absent\", \"op\": \">\", \"warning\": 3600}]}"

static char said[4096]; /* warnings and errors, a line each */

static void hear(const char *text) {
  size_t len = strlen(said);
  snprintf(said + len, sizeof(said) - len, "%s\n", text);
}

/* ---- files ---- */

static char *content(const struct fakeproc *f, const char *name) {
  static char text[4096];
  char path[128];
  fake_path(f, path, sizeof(path), name);
  FILE *file = fopen(path, "r");
  if (file == NULL)
    return NULL;
  text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
  fclose(file);
  return text;
}

static void writing(void *arg) {
  const struct fakeproc *f = arg;
  char path[128], err[256] = "";
  fake_path(f, path, sizeof(path), "file");
  fake_file(f, "file", "what was there");
  fault_begin();
  int status =
      whole_file_write(path, "what is new", 11, 0600, true, err, sizeof(err));
  bool failed = fault_end();
  assert_true(status == 0 || failed);
  assert_string_equal(content(f, "file"),
                      status == 0 ? "what is new" : "what was there");
  assert_true((err[0] == '\0') == (status == 0));
  if (status != 0)
    assert_non_null(strstr(err, "cannot be written: "));
  assert_null(content(f, "file.new"));
}

static void reading(void *arg) {
  const struct fakeproc *f = arg;
  char path[128], err[256] = "";
  size_t len = 0;
  struct stat st;
  fake_path(f, path, sizeof(path), "file");
  fake_file(f, "file", "what is there");
  fault_begin();
  char *text = whole_file_read(path, 1000, &st, &len, err, sizeof(err));
  bool failed = fault_end();
  if (text == NULL) {
    assert_true(failed);
    assert_non_null(strstr(err, "cannot be read: "));
    return;
  }
  assert_int_equal(len, 13);
  assert_memory_equal(text, "what is there", 13);
  free(text);
}

static const struct {
  enum fault_call call;
  int error;
  const char *name;
} faults[] = {
    {FAULT_MEMORY, ENOMEM, "memory"},
    {FAULT_OPEN, EMFILE, "descriptors"},
    {FAULT_READ, EIO, "read(), EIO"},
    {FAULT_READ, EINTR, "read(), a signal"},
    {FAULT_READ, FAULT_SHORT, "read(), in part"},
    {FAULT_WRITE, ENOSPC, "write(), ENOSPC"},
    {FAULT_WRITE, EIO, "write(), EIO"},
    {FAULT_WRITE, EINTR, "write(), a signal"},
    {FAULT_WRITE, FAULT_SHORT, "write(), in part"},
    {FAULT_STAT, EIO, "stat()"},
    {FAULT_SYNC, EIO, "fsync()"},
    {FAULT_CLOSE, EIO, "close()"},
    {FAULT_RENAME, EIO, "rename()"},
};

static size_t each_fault(const char *what, void (*scenario)(void *arg),
                         void *arg) {
  size_t num = 0;
  for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
    static char words[64];
    snprintf(words, sizeof(words), "%s, %s", what, faults[i].name);
    num += fault_each(words, faults[i].call, faults[i].error, scenario, arg);
  }
  return num;
}

static void a_file_is_the_old_one_or_the_new_one(void **state) {
  (void)state;
  struct fakeproc f;
  fake_create(&f);
  assert_true(each_fault("a file written", writing, &f) > 8);
  fake_destroy(&f);
}

static void a_file_is_read_whole_or_not(void **state) {
  (void)state;
  struct fakeproc f;
  fake_create(&f);
  assert_true(each_fault("a file read", reading, &f) > 5);
  fake_destroy(&f);
}

/* ---- the plugin ---- */

static void starting(void *arg) {
  const struct fakeproc *f = arg;
  said[0] = '\0';
  fault_begin();
  int status = stub_start(f->root);
  bool failed = fault_end();
  if (status != 0) {
    assert_true(failed);
    assert_non_null(strstr(said, "mcp_hub_alerts: "));
  }
  if (status == 0)
    stub_write("a", 20);
  assert_int_equal(stub.shut_down(), 0);
  assert_null(strstr(said, "damaged"));
}

/* Once an interval; what cannot be done now is done the next time. */
static void ticking(void *arg) {
  const struct fakeproc *f = arg;
  char before[64] = "nothing";
  fake_remove(f, "status.json");
  assert_int_equal(stub_start(f->root), 0);
  stub_write("a", 20);
  said[0] = '\0';
  stub.read();
  assert_non_null(content(f, "status.json"));
  fake_remove(f, "status.json");
  fake_file(f, "status.json", before);
  fault_begin();
  fault_shelter(true);
  fake_file(f, "alerts.json", RULES " "); /* touched */
  fault_shelter(false);
  stub_write("b", 20);
  stub.read();
  bool failed = fault_end();
  if (!failed || said[0] == '\0')
    assert_string_not_equal(content(f, "status.json"), before);
  stub.read();
  assert_string_not_equal(content(f, "status.json"), before);
  assert_int_equal(stub.shut_down(), 0);
}

#define UPTIME 10000 /* seconds, of the machine before it boots anew */

struct file {
  char data[65536];
  size_t len;
};

/* Of no length where there is none. */
static void slurp(const struct fakeproc *f, const char *name,
                  struct file *file) {
  char path[128];
  fake_path(f, path, sizeof(path), name);
  FILE *in = fopen(path, "r");
  file->len = in != NULL ? fread(file->data, 1, sizeof(file->data), in) : 0;
  assert_true(file->len < sizeof(file->data));
  if (in != NULL)
    fclose(in);
}

static bool holds(const struct fakeproc *f, const char *name,
                  const struct file *file) {
  static struct file other;
  slurp(f, name, &other);
  return other.len == file->len &&
         memcmp(other.data, file->data, file->len) == 0;
}

#define STATE "mcp_hub_alerts.state"
#define UNREAD STATE ".unread"
#define CORRUPT STATE ".corrupt"

/* Two alerts that fire, saved. */
static void leave_a_state_file(const struct fakeproc *f, struct file *saved) {
  fake_remove(f, STATE);
  fake_remove(f, UNREAD);
  stub_ahead = UPTIME;
  assert_int_equal(stub_start(f->root), 0);
  stub_write("a", 20);
  stub_write("b", 20);
  assert_int_equal(stub.shut_down(), 0);
  stub_ahead = 0;
  slurp(f, STATE, saved);
  assert_true(saved->len > 0);
}

static size_t count(const char *text, const char *word) {
  size_t num = 0;
  while ((text = strstr(text, word)) != NULL) {
    text += strlen(word);
    num++;
  }
  return num;
}

/* The time goes on with what is taken up, and without it nobody is missed. What
 * is not taken up is told once, and kept when another is saved. */
static void resuming(void *arg) {
  static struct file saved;
  const struct fakeproc *f = arg;
  bool all = false;
  leave_a_state_file(f, &saved);
  said[0] = '\0';
  fault_begin();
  int status = stub_start(f->root);
  bool failed = fault_end();
  if (status == 0) {
    stub.read();
    const char *at = content(f, "status.json");
    all = count(at, "\"firing\"") == 2;
    assert_null(strstr(at, "\"gone\""));
    while ((at = strstr(at, "\"since\":")) != NULL) {
      at += strlen("\"since\":");
      assert_true(atof(at) < CDTIME_T_TO_DOUBLE(cdtime()) + UPTIME / 2);
    }
  }
  assert_int_equal(stub.shut_down(), 0);
  assert_true(all || failed);
  if (status != 0)
    assert_true(holds(f, STATE, &saved));
  else if (!all)
    assert_true(holds(f, UNREAD, &saved));
  if (status == 0)
    assert_int_equal(count(said, STATE ": "), content(f, UNREAD) != NULL);
  assert_null(content(f, CORRUPT));
}

/* Where it cannot be kept it is not replaced, and taken up the next time. */
static void blocked(void *arg) {
  static struct file saved;
  const struct fakeproc *f = arg;
  leave_a_state_file(f, &saved);
  fake_file(f, UNREAD "/in the way", "");
  said[0] = '\0';
  fault_begin();
  int status = stub_start(f->root);
  fault_end();
  bool told = count(said, STATE ": ") > 0;
  assert_int_equal(stub.shut_down(), 0);
  assert_true(status != 0 || !told || holds(f, STATE, &saved));
  assert_int_equal(count(said, "what is there cannot be kept: "),
                   status == 0 && told);
  fake_remove(f, UNREAD);
  assert_int_equal(stub_start(f->root), 0);
  stub.read();
  assert_int_equal(count(content(f, "status.json"), "\"firing\""), 2);
  assert_int_equal(stub.shut_down(), 0);
}

static void the_plugin_runs_or_says_why_not(void **state) {
  (void)state;
  struct fakeproc f;
  fake_create(&f);
  fake_file(&f, "alerts.json", RULES);
  assert_true(fault_each("mcp_hub_alerts, memory", FAULT_MEMORY, ENOMEM,
                         starting, &f) > 0);
  assert_true(fault_each("mcp_hub_alerts, threads", FAULT_THREAD, EAGAIN,
                         starting, &f) > 0);
  assert_true(fault_each("mcp_hub_alerts, descriptors", FAULT_OPEN, EMFILE,
                         starting, &f) > 0);
  assert_true(fault_each("mcp_hub_alerts, the disk", FAULT_READ, EIO, starting,
                         &f) > 0);
  fake_destroy(&f);
}

static void a_good_state_file_is_taken_up_or_kept(void **state) {
  (void)state;
  struct fakeproc f;
  fake_create(&f);
  fake_file(&f, "alerts.json", RULES);
  assert_true(each_fault("a restart", resuming, &f) > 100);
  fake_destroy(&f);
}

static void what_cannot_be_kept_is_not_replaced(void **state) {
  (void)state;
  struct fakeproc f;
  fake_create(&f);
  fake_file(&f, "alerts.json", RULES);
  assert_true(fault_each("a restart without room, descriptors", FAULT_OPEN,
                         EMFILE, blocked, &f) > 0);
  assert_true(fault_each("a restart without room, the disk", FAULT_READ, EIO,
                         blocked, &f) > 0);
  fake_destroy(&f);
}

static void an_interval_that_fails_is_made_up_for(void **state) {
  (void)state;
  struct fakeproc f;
  fake_create(&f);
  fake_file(&f, "alerts.json", RULES);
  assert_true(
      fault_each("an interval, memory", FAULT_MEMORY, ENOMEM, ticking, &f) > 0);
  assert_true(fault_each("an interval, descriptors", FAULT_OPEN, EMFILE,
                         ticking, &f) > 0);
  assert_true(fault_each("an interval, the disk", FAULT_WRITE, ENOSPC, ticking,
                         &f) > 0);
  fake_destroy(&f);
}

/* ---- a machine that sleeps ---- */

static void say_up(const char *hub) {
  data_source_t source = {.name = "value", .type = DS_TYPE_GAUGE};
  data_set_t set = {.type = "bool", .ds_num = 1, .ds = &source};
  value_t up = {.gauge = 1};
  value_list_t list = {.values = &up,
                       .values_len = 1,
                       .time = cdtime(),
                       .interval = DOUBLE_TO_CDTIME_T(10),
                       .host = "h",
                       .plugin = "mcp_hub",
                       .type = "bool",
                       .type_instance = "up"};
  sstrncpy(list.plugin_instance, hub, sizeof(list.plugin_instance));
  stub.write(&set, &list, NULL);
}

/* The read callback may be the first to run again. */
static void a_hub_is_not_forgotten_while_the_machine_sleeps(void **state) {
  (void)state;
  struct fakeproc f;
  fake_create(&f);
  fake_file(&f, "alerts.json", RULES);
  assert_int_equal(stub_start(f.root), 0);
  say_up("sleepy");
  stub.read();
  assert_non_null(strstr(content(&f, "status.json"), "\"sleepy\""));
  stub_ahead += 90000;
  stub.read();
  assert_non_null(strstr(content(&f, "status.json"), "\"sleepy\""));
  assert_int_equal(stub.shut_down(), 0);
  stub_ahead = 0;
  fake_destroy(&f);
}

/* ---- the report of the day ---- */

static int summaries; /* notified */

static void count_summaries(const notification_t *n) {
  summaries += strcmp(n->type, "summary") == 0;
}

/* As far as it is there: how many, and what the last one says. */
static size_t find_reports(const struct fakeproc *f, struct file *report) {
  char pattern[128];
  glob_t found;
  fake_path(f, pattern, sizeof(pattern), "h-*.md");
  if (glob(pattern, 0, NULL, &found) != 0)
    return 0;
  size_t num = found.gl_pathc;
  slurp(f, strrchr(found.gl_pathv[num - 1], '/') + 1, report);
  report->data[report->len] = '\0';
  assert_int_equal(remove(found.gl_pathv[num - 1]), 0);
  globfree(&found);
  return num;
}

#define DAY 86400

/* Two rounds in which something fails, and one in which nothing does. */
static void summing_up(void *arg) {
  static struct file report;
  const struct fakeproc *f = arg;
  assert_int_equal(stub_start(f->root), 0);
  stub.read();
  say_up("prod");
  stub_ahead += DAY;
  said[0] = '\0';
  summaries = 0;
  fault_begin();
  stub.read();
  stub.read();
  fault_end();
  stub.read();
  assert_int_equal(find_reports(f, &report), 1);
  assert_non_null(strstr(report.data, "prod"));
  assert_true(count(said, ".md: ") + count(said, "the daily summary: ") <= 1);
  stub.read();
  assert_int_equal(find_reports(f, &report), 0);
  assert_int_equal(stub.shut_down(), 0);
  stub_ahead -= DAY;
  assert_int_equal(summaries, 1);
}

static void a_report_is_written_once_as_soon_as_it_can_be(void **state) {
  (void)state;
  struct fakeproc f;
  fake_create(&f);
  fake_file(&f, "alerts.json", RULES);
  stub_daily = "00:00";
  stub_sink = count_summaries;
  assert_true(each_fault("the report of the day", summing_up, &f) > 100);
  stub_sink = NULL;
  stub_daily = NULL;
  fake_destroy(&f);
}

static void name_todays_report(char *name, size_t size) {
  time_t now = CDTIME_T_TO_TIME_T(cdtime());
  struct tm tm;
  assert_true(strftime(name, size, "h-%Y-%m-%d.md", localtime_r(&now, &tm)) >
              0);
}

static void a_report_is_tried_until_the_next_one(void **state) {
  static struct file report;
  char name[2][32];
  struct fakeproc f;
  (void)state;
  fake_create(&f);
  fake_file(&f, "alerts.json", RULES);
  stub_daily = "00:00";
  assert_int_equal(stub_start(f.root), 0);
  stub.read();
  said[0] = '\0';
  for (int day = 0; day < 2; day++) {
    char in_the_way[80];
    say_up("prod");
    stub_ahead += DAY;
    name_todays_report(name[day], sizeof(name[day]));
    snprintf(in_the_way, sizeof(in_the_way), "%s/x", name[day]);
    fake_file(&f, in_the_way, "");
    stub.read();
    stub.read();
    assert_int_equal(count(said, name[day]), 1);
  }
  fake_remove(&f, name[0]);
  fake_remove(&f, name[1]);
  stub.read();
  assert_null(content(&f, name[0]));
  assert_non_null(content(&f, name[1]));
  assert_int_equal(find_reports(&f, &report), 1);
  assert_int_equal(stub.shut_down(), 0);
  stub_ahead = 0;
  stub_daily = NULL;
  fake_destroy(&f);
}

/* Nor is memory said to be short. */
static void without_hubs_there_is_no_report(void **state) {
  static struct file report;
  struct fakeproc f;
  (void)state;
  fake_create(&f);
  fake_file(&f, "alerts.json", RULES);
  stub_daily = "00:00";
  said[0] = '\0';
  assert_int_equal(stub_start(f.root), 0);
  stub.read();
  stub_ahead += DAY;
  stub.read();
  assert_int_equal(find_reports(&f, &report), 0);
  assert_string_equal(said, "");
  assert_int_equal(stub.shut_down(), 0);
  stub_ahead = 0;
  stub_daily = NULL;
  fake_destroy(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_teardown(a_file_is_the_old_one_or_the_new_one,
                                fault_teardown),
      cmocka_unit_test_teardown(a_file_is_read_whole_or_not, fault_teardown),
      cmocka_unit_test_teardown(the_plugin_runs_or_says_why_not,
                                fault_teardown),
      cmocka_unit_test_teardown(a_good_state_file_is_taken_up_or_kept,
                                fault_teardown),
      cmocka_unit_test_teardown(what_cannot_be_kept_is_not_replaced,
                                fault_teardown),
      cmocka_unit_test_teardown(an_interval_that_fails_is_made_up_for,
                                fault_teardown),
      cmocka_unit_test(a_hub_is_not_forgotten_while_the_machine_sleeps),
      cmocka_unit_test_teardown(a_report_is_written_once_as_soon_as_it_can_be,
                                fault_teardown),
      cmocka_unit_test(a_report_is_tried_until_the_next_one),
      cmocka_unit_test(without_hubs_there_is_no_report),
  };
  stub_log = hear;
  return cmocka_run_group_tests(tests, NULL, NULL);
}
