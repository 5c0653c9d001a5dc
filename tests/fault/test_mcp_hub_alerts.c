/* SPDX-License-Identifier: MIT */
/* mcp_hub_alerts while memory, threads, descriptors or the disk fail, or time
 * is lost: it runs, or says why it does not; a file that it writes is the old
 * one or the new one, whole; what it reads is whole. */
#include "fault.h"
#include "process/fake_proc.h"

#include "plugins/notification_queue.h"
#include "util/file.h"

#include "report/state_file.h"
#include "util/serialize.h"

#include "stub.h"

#include <glob.h>
#include <math.h>
#include <sched.h>

#define RULES                                                                  \
  "{\"settings\": {\"group_wait\": \"0s\"}, \"rules\": [{\"name\": \"r\","     \
  " \"metric\": \"*/*/gauge\", \"op\": \">\", \"warning\": 10},"               \
  " {\"name\": \"gone\", \"metric\": \"h/mcp_hub-c/gauge\","                   \
  " \"function\": \"absent\", \"op\": \">\", \"warning\": 3600}]}"

static char said[4096]; /* warnings and errors, a line each */

/* A folder with the rules of the plugin, for each test. */
static struct fakeproc folder;

static int make_folder(void **state) {
  *state = &folder;
  said[0] = '\0';
  fake_create(&folder);
  fake_file(&folder, "alerts.json", RULES);
  return 0;
}

/* What a test that failed has left on, too. */
static int remove_folder(void **state) {
  fault_teardown(state);
  fake_destroy(*state);
  stub_sink = NULL;
  stub_ahead = 0;
  stub_daily = NULL;
  return 0;
}

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
      file_write(path, "what is new", 11, 0600, true, err, sizeof(err));
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
  char *text = file_read(path, 1000, &st, &len, err, sizeof(err));
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

static void a_file_is_the_old_one_or_the_new_one(void **state) {
  struct fakeproc *f = *state;
  assert_true(fault_all("a file written", true, writing, f) > 8);
}

static void a_file_is_read_whole_or_not(void **state) {
  struct fakeproc *f = *state;
  assert_true(fault_all("a file read", true, reading, f) > 5);
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

/* Without BaseDir there is no state file; without options no rules. */
static void starting_with_a_webhook(void *arg) {
  const struct fakeproc *f = arg;
  char rules[128];
  oconfig_value_t values[3];
  fake_path(f, rules, sizeof(rules), "alerts.json");
  oconfig_item_t url = stub_option("URL", "http://127.0.0.1:1/", &values[0]);
  oconfig_item_t options[] = {stub_option("Webhook", "ops", &values[1]),
                              stub_option("Rules", rules, &values[2])};
  options[0].children = &url;
  options[0].children_num = 1;
  said[0] = '\0';
  fault_begin();
  int status = stub_start_with(options, 2);
  assert_true(fault_end() || status == 0);
  assert_true(status == 0 || strstr(said, "mcp_hub_alerts: ") != NULL);
  stub.shut_down();
}

static void starting_without_options(void *arg) {
  (void)arg;
  said[0] = '\0';
  fault_begin();
  assert_int_equal(stub.init(), -1);
  fault_end();
  assert_non_null(strstr(said, "mcp_hub_alerts: "));
  stub.shut_down();
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
  bool notified = count(said, STATE ": ") > 0;
  assert_int_equal(stub.shut_down(), 0);
  assert_true(status != 0 || !notified || holds(f, STATE, &saved));
  assert_int_equal(count(said, "what is there cannot be kept: "),
                   status == 0 && notified);
  fake_remove(f, UNREAD);
  assert_int_equal(stub_start(f->root), 0);
  stub.read();
  assert_int_equal(count(content(f, "status.json"), "\"firing\""), 2);
  assert_int_equal(stub.shut_down(), 0);
}

/* One that is damaged is left in another place, or where it is, and that is
 * said: cut, or cut and with the checksum of what is left. */
static void resuming_with_damage(void *arg) {
  static struct file saved;
  const struct fakeproc *f = arg;
  for (int whole = 0; whole < 2; whole++) {
    leave_a_state_file(f, &saved);
    struct serializer cut = {.data = (unsigned char *)saved.data,
                             .len = saved.len - 1};
    if (whole)
      state_file_seal(&cut);
    fake_bytes(f, STATE, cut.data, cut.len);
    said[0] = '\0';
    fault_begin();
    assert_int_equal(stub_start(f->root), 0);
    bool failed = fault_end();
    assert_int_equal(count(said, STATE ": damaged: "), 1);
    assert_int_equal(count(said, "its place: Input/output error"), failed);
    saved.len = cut.len;
    assert_true(holds(f, failed ? STATE : CORRUPT, &saved));
    assert_int_equal(stub.shut_down(), 0);
    fake_remove(f, CORRUPT);
  }
}

/* What was there is. */
static void saving(void *arg) {
  static struct file saved;
  const struct fakeproc *f = arg;
  leave_a_state_file(f, &saved);
  assert_int_equal(stub_start(f->root), 0);
  said[0] = '\0';
  fault_begin();
  assert_int_equal(stub.shut_down(), 0);
  bool failed = fault_end();
  assert_int_equal(count(said, STATE ": cannot be written: "), failed);
  assert_int_equal(stub_start(f->root), 0);
  stub.read();
  assert_int_equal(count(content(f, "status.json"), "\"firing\""), 2);
  assert_int_equal(stub.shut_down(), 0);
}

/* An older one is kept already, and then nothing can be saved. */
static void ending(void *arg) {
  static struct file saved;
  const struct fakeproc *f = arg;
  leave_a_state_file(f, &saved);
  fake_file(f, UNREAD, "older");
  fault_begin();
  stub_start(f->root);
  stub.shut_down();
  fault_end();
  assert_non_null(content(f, STATE));
}

static void the_plugin_runs_or_says_why_not(void **state) {
  struct fakeproc *f = *state;
  assert_true(fault_each("mcp_hub_alerts, memory", FAULT_MEMORY, ENOMEM,
                         starting, f) > 0);
  assert_true(fault_once("a webhook, memory", FAULT_MEMORY, ENOMEM,
                         starting_with_a_webhook, f) > 0);
  assert_true(fault_each("no options, memory", FAULT_MEMORY, ENOMEM,
                         starting_without_options, NULL) > 0);
  assert_true(fault_each("mcp_hub_alerts, threads", FAULT_THREAD, EAGAIN,
                         starting, f) > 0);
  assert_true(fault_each("mcp_hub_alerts, descriptors", FAULT_OPEN, EMFILE,
                         starting, f) > 0);
  assert_true(
      fault_each("mcp_hub_alerts, the disk", FAULT_READ, EIO, starting, f) > 0);
}

static void a_good_state_file_is_taken_up_or_kept(void **state) {
  struct fakeproc *f = *state;
  assert_true(fault_all("a restart", true, resuming, f) > 100);
}

static void a_damaged_state_file_is_moved_or_stays(void **state) {
  struct fakeproc *f = *state;
  assert_true(fault_once("a damaged state file", FAULT_RENAME, EIO,
                         resuming_with_damage, f) > 0);
}

static void a_state_that_cannot_be_saved_is_that_of_before(void **state) {
  struct fakeproc *f = *state;
  assert_true(fault_each("a state, memory", FAULT_MEMORY, ENOMEM, saving, f) >
              0);
}

static void what_cannot_be_kept_is_not_replaced(void **state) {
  struct fakeproc *f = *state;
  assert_true(fault_each("a restart without room, descriptors", FAULT_OPEN,
                         EMFILE, blocked, f) > 0);
  assert_true(fault_each("a restart without room, the disk", FAULT_READ, EIO,
                         blocked, f) > 0);
}

static void there_is_a_state_file_at_any_time(void **state) {
  struct fakeproc *f = *state;
  assert_true(fault_each("an end without room", FAULT_OPEN, EMFILE, ending, f) >
              0);
}

static void an_interval_that_fails_is_made_up_for(void **state) {
  struct fakeproc *f = *state;
  assert_true(
      fault_each("an interval, memory", FAULT_MEMORY, ENOMEM, ticking, f) > 0);
  assert_true(fault_each("an interval, descriptors", FAULT_OPEN, EMFILE,
                         ticking, f) > 0);
  assert_true(
      fault_each("an interval, the disk", FAULT_WRITE, ENOSPC, ticking, f) > 0);
}

/* ---- a machine that sleeps ---- */

static void say_up_on(const char *host, const char *hub) {
  data_source_t source = {.name = "value", .type = DS_TYPE_GAUGE};
  data_set_t set = {.type = "bool", .ds_num = 1, .ds = &source};
  value_t up = {.gauge = 1};
  value_list_t list = {.values = &up,
                       .values_len = 1,
                       .time = cdtime(),
                       .interval = DOUBLE_TO_CDTIME_T(10),
                       .plugin = "mcp_hub",
                       .type = "bool",
                       .type_instance = "up"};
  sstrncpy(list.host, host, sizeof(list.host));
  sstrncpy(list.plugin_instance, hub, sizeof(list.plugin_instance));
  stub.write(&set, &list, NULL);
}

static void say_up(const char *hub) { say_up_on("h", hub); }

/* The read callback may be the first to run again. */
static void a_hub_is_not_forgotten_while_the_machine_sleeps(void **state) {
  struct fakeproc *f = *state;
  assert_int_equal(stub_start(f->root), 0);
  say_up("sleepy");
  stub.read();
  assert_non_null(strstr(content(f, "status.json"), "\"sleepy\""));
  stub_ahead += 90000;
  stub.read();
  assert_non_null(strstr(content(f, "status.json"), "\"sleepy\""));
  assert_int_equal(stub.shut_down(), 0);
}

static void options_that_cannot_be_are_said(void **state) {
  (void)state;
  oconfig_value_t values[2];
  oconfig_item_t options[] = {stub_option("StateFile", "here", &values[0]),
                              stub_option("DailySummary", "25:00", &values[1])};
  assert_int_equal(stub_start_with(options, 2), -1);
  assert_non_null(strstr(said, "expected none or an absolute path"));
  assert_non_null(strstr(said, "expected a time from 00:00 to 23:59"));
  stub.shut_down();
}

/* ---- what collectd counts ---- */

static void write_counted(int type, uint64_t value, double time) {
  data_source_t source = {.name = "value", .type = type};
  data_set_t set = {.type = "gauge", .ds_num = 1, .ds = &source};
  value_t counted = {.counter = value};
  value_list_t list = {.values = &counted,
                       .values_len = 1,
                       .time = DOUBLE_TO_CDTIME_T(time),
                       .interval = DOUBLE_TO_CDTIME_T(10),
                       .host = "h",
                       .plugin = "mcp_hub",
                       .plugin_instance = "a",
                       .type = "gauge"};
  stub.write(&set, &list, NULL);
}

static void what_is_counted_is_a_rate(void **state) {
  struct fakeproc *f = *state;
  static const int types[] = {DS_TYPE_COUNTER, DS_TYPE_DERIVE,
                              DS_TYPE_ABSOLUTE};
  for (size_t i = 0; i < 3; i++) {
    double now = CDTIME_T_TO_DOUBLE(cdtime());
    fake_remove(f, STATE);
    fake_remove(f, "status.json");
    assert_int_equal(stub_start(f->root), 0);
    write_counted(types[i], 100, now - 10);
    write_counted(types[i], types[i] == DS_TYPE_ABSOLUTE ? 200 : 300, now);
    stub.read();
    const char *value = strstr(content(f, "status.json"), "\"value\":");
    assert_non_null(value);
    assert_true(fabs(strtod(value + strlen("\"value\":"), NULL) - 20) < 0.1);
    assert_int_equal(stub.shut_down(), 0);
  }
}

/* ---- a sink that hangs ---- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool hangs, released;

static void hang(const notification_t *n) {
  (void)n;
  pthread_mutex_lock(&lock);
  hangs = true;
  pthread_cond_broadcast(&changed);
  while (!released)
    pthread_cond_wait(&changed, &lock);
  pthread_mutex_unlock(&lock);
}

static int send_with_meta(struct notification_queue *n) {
  notification_t notification = {.severity = NOTIF_WARNING};
  plugin_notification_meta_add_string(&notification, "rule", "r");
  return notification_queue_send(n, &notification);
}

/* Nor by a clock that is set back by an hour, and what does not fit is told of
 * at once. */
static void the_end_is_not_held_up_by_a_sink_that_hangs(void **state) {
  (void)state;
  static struct notification_queue *n; /* it stays */
  n = notification_queue_create(2, NULL);
  stub_sink = hang;
  alarm(60);
  assert_int_equal(send_with_meta(n), 0);
  pthread_mutex_lock(&lock);
  while (!hangs)
    pthread_cond_wait(&changed, &lock);
  pthread_mutex_unlock(&lock);
  assert_int_equal(send_with_meta(n), 0);
  assert_int_equal(send_with_meta(n), 0);
  assert_int_equal(send_with_meta(n), -1);
  assert_int_equal(notification_queue_count(n).dropped, 1);
  said[0] = '\0';
  stub_ahead = 3600;
  assert_int_equal(notification_queue_destroy(n, 0.01), -1);
  stub_ahead = 0;
  assert_non_null(strstr(said, "a notification sink hangs: 3 notices"));
  pthread_mutex_lock(&lock);
  released = true;
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&lock);
  stub_sink = NULL;
  alarm(0);
}

#define MANY 10000

static struct notification_queue *answered;
static size_t answers; /* taken in */
static size_t delivered;

static void answer(const notification_t *notification) {
  (void)notification;
  delivered++;
  answers += send_with_meta(answered) == 0;
  sched_yield();
}

/* There are as many at any time, until the end has come: it is waited for. */
static void what_waits_at_the_end_is_delivered_meanwhile(void **state) {
  (void)state;
  stub_sink = answer;
  answered = notification_queue_create(MANY + 1, NULL);
  for (size_t i = 0; i < MANY; i++)
    assert_int_equal(send_with_meta(answered), 0);
  said[0] = '\0';
  assert_int_equal(notification_queue_destroy(answered, 600), 0);
  assert_string_equal(said, "");
  assert_int_equal(delivered, MANY + answers);
  stub_sink = NULL;
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

/* Midnight is far from it, however long a test takes. */
static void begin_at_noon(void) {
  stub_ahead = (double)(DAY + DAY / 2 - time(NULL) % DAY);
}

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
  struct fakeproc *f = *state;
  stub_daily = "00:00";
  begin_at_noon();
  stub_sink = count_summaries;
  assert_true(fault_all("the report of the day", true, summing_up, f) > 50);
}

static void name_todays_report(char *name, size_t size) {
  time_t now = CDTIME_T_TO_TIME_T(cdtime());
  struct tm tm;
  assert_true(strftime(name, size, "h-%Y-%m-%d.md", localtime_r(&now, &tm)) >
              0);
}

static void a_report_is_tried_until_the_next_one(void **state) {
  struct fakeproc *f = *state;
  static struct file report;
  char name[2][32];
  stub_daily = "00:00";
  begin_at_noon();
  assert_int_equal(stub_start(f->root), 0);
  stub.read();
  said[0] = '\0';
  for (int day = 0; day < 2; day++) {
    char in_the_way[80];
    say_up("prod");
    stub_ahead += DAY;
    name_todays_report(name[day], sizeof(name[day]));
    snprintf(in_the_way, sizeof(in_the_way), "%s/x", name[day]);
    fake_file(f, in_the_way, "");
    stub.read();
    stub.read();
    assert_int_equal(count(said, name[day]), 1);
  }
  fake_remove(f, name[0]);
  fake_remove(f, name[1]);
  stub.read();
  assert_null(content(f, name[0]));
  assert_non_null(content(f, name[1]));
  assert_int_equal(find_reports(f, &report), 1);
  assert_int_equal(stub.shut_down(), 0);
}

static void
a_report_is_in_its_folder_whatever_the_host_is_called(void **state) {
  struct fakeproc *f = *state;
  static const struct {
    const char *host, *file;
  } rows[] = {{".hidden", "_hidden"}, {"../../up", "_._.._up"}, {"a.b", "a.b"}};
  stub_daily = "00:00";
  begin_at_noon();
  assert_int_equal(stub_start(f->root), 0);
  stub.read();
  for (size_t i = 0; i < 3; i++)
    say_up_on(rows[i].host, "prod");
  stub_ahead += DAY;
  stub.read();
  for (size_t i = 0; i < 3; i++) {
    char today[32], name[64];
    name_todays_report(today, sizeof(today));
    snprintf(name, sizeof(name), "%s%s", rows[i].file, today + 1);
    assert_non_null(content(f, name));
  }
  assert_int_equal(stub.shut_down(), 0);
}

/* Nor is memory said to be short. */
static void without_hubs_there_is_no_report(void **state) {
  struct fakeproc *f = *state;
  static struct file report;
  stub_daily = "00:00";
  begin_at_noon();
  assert_int_equal(stub_start(f->root), 0);
  stub.read();
  stub_ahead += DAY;
  stub.read();
  assert_int_equal(find_reports(f, &report), 0);
  assert_string_equal(said, "");
  assert_int_equal(stub.shut_down(), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(a_file_is_the_old_one_or_the_new_one),
      TEST(a_file_is_read_whole_or_not),
      TEST(the_plugin_runs_or_says_why_not),
      TEST(a_good_state_file_is_taken_up_or_kept),
      TEST(a_damaged_state_file_is_moved_or_stays),
      TEST(a_state_that_cannot_be_saved_is_that_of_before),
      TEST(what_cannot_be_kept_is_not_replaced),
      TEST(there_is_a_state_file_at_any_time),
      TEST(an_interval_that_fails_is_made_up_for),
      TEST(options_that_cannot_be_are_said),
      TEST(what_is_counted_is_a_rate),
      TEST(the_end_is_not_held_up_by_a_sink_that_hangs),
      TEST(what_waits_at_the_end_is_delivered_meanwhile),
      TEST(a_hub_is_not_forgotten_while_the_machine_sleeps),
      TEST(a_report_is_written_once_as_soon_as_it_can_be),
      TEST(a_report_is_tried_until_the_next_one),
      TEST(a_report_is_in_its_folder_whatever_the_host_is_called),
      TEST(without_hubs_there_is_no_report),
  };
  stub_log = hear;
  setenv("TZ", "UTC0", 1);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
