/* SPDX-License-Identifier: MIT */
/* Reading a hub of this machine while memory, descriptors or reads fail: what
 * is told is right or is not there, somebody says why, and the next read is as
 * if nothing had been. */
#include "fault.h"
#include "hub/received.h"
#include "process/fake_proc.h"

#include <math.h>

#define HUB 4242

/* The machine started at 13:46:40, see fakeproc.h. */
#define SERVER(name, status)                                                   \
  "{\"name\":\"" name "\",\"status\":\"" status "\",\"transportType\":"        \
  "\"stdio\",\"uptime\":9,\"lastStarted\":\"1970-01-12T13:55:03.000Z\","       \
  "\"config_source\":\"c.json\",\"capabilities\":{\"tools\":[1,2],"            \
  "\"resources\":[],\"resourceTemplates\":[],\"prompts\":[]}}"

static const char filtering[] =
    "{\"enabled\":true,\"totalTools\":100,\"exposedTools\":25,\"llm\":{"
    "\"totalCalls\":100,\"successfulCalls\":96,\"averageLatency\":800},"
    "\"llmCache\":{\"hits\":81,\"misses\":19,\"memoryUsageMB\":\"1.5\"}}";

#define READS 3

struct stage {
  struct fakeproc proc;
  char health[4096];
  struct received right[READS]; /* what is heard where nothing fails */
  bool known;                   /* that */
};

struct play {
  struct poller *reader;
  double now;
  struct received received;
};

static void set_up(struct stage *s) {
  *s = (struct stage){.known = false};
  fake_create(&s->proc);
  fake_stat_file(&s->proc, &(struct fake_stat){
                               .pid = HUB, .ppid = 1, .start = 500, .rss = 9});
  fake_listener(&s->proc, HUB, 7000, 5555);
  fake_file(&s->proc, "4242/environ", "HOME=/home/hub");
  fake_file(&s->proc, "c.json",
            "{\"mcpServers\":{\"a\":{\"command\":\"node\",\"args\":["
            "\"/a.js\"]},\"b\":{\"command\":\"node\",\"args\":[\"/b.js\"]}}}");
  for (int i = 0; i < 2; i++) {
    fake_stat_file(
        &s->proc,
        &(struct fake_stat){
            .pid = 5000 + i, .ppid = HUB, .start = 503, .user = 100, .rss = 5});
    fake_cmdline(&s->proc, 5000 + i, i == 0 ? "node|/a.js" : "node|/b.js");
  }
  snprintf(
      s->health, sizeof(s->health),
      "{\"status\":\"ok\",\"state\":\"ready\",\"timestamp\":"
      "\"1970-01-12T14:00:00.000Z\",\"servers\":[" SERVER(
          "a",
          "connected") "," SERVER("b",
                                  "connected") "," SERVER("c",
                                                          "odd") "],"
                                                                 "\"mcpEndpoint"
                                                                 "\":{"
                                                                 "\"activeClien"
                                                                 "ts\":2},"
                                                                 "\"workspaces"
                                                                 "\":{"
                                                                 "\"current\":"
                                                                 "\"7000\","
                                                                 "\"allActive\""
                                                                 ":{\"7000\":{"
                                                                 "\"pid\":4242,"
                                                                 "\"port\":"
                                                                 "7000,\"cwd\":"
                                                                 "\"%s\","
                                                                 "\"config_"
                                                                 "files\":[\"c."
                                                                 "json\"],"
                                                                 "\"startTime\""
                                                                 ":\"1970-01-"
                                                                 "12T13:55:02."
                                                                 "000Z\","
                                                                 "\"state\":"
                                                                 "\"active\"}}}"
                                                                 "}",
      s->proc.root);
}

static const char *const selected[] = {"/^(a|b|c)$/", "another", NULL};

static struct poller *open_reader(const struct stage *s,
                                  struct received *received) {
  const struct poller_settings settings = {.name = "prod",
                                           .url = "http://127.0.0.1:7000",
                                           .timeout = 5,
                                           .min_calls = 10,
                                           .servers = selected,
                                           .max_servers = 200,
                                           .proc = s->proc.root,
                                           .remark = received_remark,
                                           .remark_arg = received};
  return poller_create(&settings);
}

/* The answer in two pieces, as from the network. */
static const char *give(struct play *p, const char *body) {
  struct http_result result = {HTTP_OK, 200, 0.25, 0, ""};
  size_t half = strlen(body) / 2;
  if (poller_data(p->reader, body, half) != 0 ||
      poller_data(p->reader, body + half, strlen(body) - half) != 0) {
    result.error = HTTP_PARSE;
    result.message = "body refused";
  }
  return poller_done(p->reader, &result, p->now);
}

static void read_once(struct play *p, const struct stage *s) {
  p->now += 70; /* what failed is tried again after a minute */
  received_clear(&p->received);
  poller_begin(p->reader, p->now, p->now);
  if (give(p, s->health) != NULL)
    give(p, filtering);
  poller_emit(p->reader, received_value, &p->received);
}

static bool has_line(const char *text, const char *line, size_t len) {
  for (; *text != '\0'; text = strchr(text, '\n') + 1)
    if (strncmp(text, line, len) == 0 && text[len] == '\n')
      return true;
  return false;
}

static bool is_count_of_failures(const char *line) {
  return strncmp(line, "errors-parse ", 13) == 0;
}

static bool says_that_it_failed(const char *line) {
  static const char *const words[] = {"bool-up 0\n", "mcp_hub_state 7\n"};
  for (size_t i = 0; i < 2; i++)
    if (strncmp(line, words[i], strlen(words[i])) == 0)
      return true;
  return is_count_of_failures(line);
}

/* Of a server or a process, nothing but that is the sign that it is unknown. */
static bool may_be_missing(const char *line) {
  const char *instance = strchr(line, '-');
  return strncmp(line, "ps_", 3) == 0 ||
         strncmp(line, "file_handles-", 13) == 0 ||
         strncmp(line, "percent-memory", 14) == 0 ||
         (instance != NULL && instance[2] == ' ');
}

/* Each line is right; the number of those that are not there. */
static size_t compare(const struct received *received,
                      const struct received *right, bool failed) {
  size_t missing = 0;
  for (const char *line = received->values; *line != '\0';) {
    size_t len = strcspn(line, "\n");
    if (!has_line(right->values, line, len) && !says_that_it_failed(line))
      fail_msg("wrong: %.*s", (int)len, line);
    line += len + 1;
  }
  for (const char *line = right->values; *line != '\0';) {
    size_t len = strcspn(line, "\n");
    if (!has_line(received->values, line, len) && !is_count_of_failures(line) &&
        !(failed && may_be_missing(line)))
      missing++;
    line += len + 1;
  }
  return missing;
}

static bool says_more(const char *text, const char *than) {
  for (; *text != '\0'; text = strchr(text, '\n') + 1)
    if (!has_line(than, text, strcspn(text, "\n")))
      return true;
  return false;
}

/* The read number `at` is the first one that fails. */
static void read_with_faults(struct stage *s, int at) {
  struct play p = {.now = 1000};
  p.reader = open_reader(s, &p.received);
  for (int i = 0; i < READS; i++) {
    if (i == at)
      fault_begin();
    read_once(&p, s);
    bool failed = fault_end() && i == at;
    if (!s->known) {
      s->right[i] = p.received;
      continue;
    }
    size_t missing = compare(&p.received, &s->right[i], failed);
    if (failed && missing > 0)
      assert_true(says_more(p.received.remarks, s->right[i].remarks));
    else if (i == READS - 1)
      assert_int_equal(missing, 0);
    if (failed) /* there are other reasons than that */
      assert_null(strstr(p.received.remarks, "no access"));
  }
  assert_string_equal(poller_log_path(p.reader),
                      "/home/hub/.local/state/mcp-hub/logs/mcp-hub.log");
  poller_destroy(p.reader);
  s->known = true;
}

static void first_reading(void *arg) { read_with_faults(arg, 0); }

static void reading(void *arg) { read_with_faults(arg, READS - 2); }

static void refuse(struct play *p) {
  const struct http_result lost = {HTTP_CONNECT, 0, 0.25, 0, "refused"};
  poller_done(p->reader, &lost, p->now);
}

/* Neither request of a hub that was away is said to be answered again in a read
 * that has nothing of it. */
static void returning(void *arg) {
  const struct stage *s = arg;
  struct play p = {.now = 1000};
  p.reader = open_reader(s, &p.received);
  poller_begin(p.reader, p.now, p.now);
  if (give(&p, s->health) != NULL)
    refuse(&p);
  poller_begin(p.reader, p.now, p.now);
  refuse(&p);
  fault_begin();
  for (int i = 0; i < READS; i++) {
    if (i == READS - 1)
      fault_end();
    read_once(&p, s);
    if (strstr(p.received.remarks, "answers again") != NULL)
      assert_non_null(strstr(p.received.values, "bool-up 1\n"));
  }
  poller_destroy(p.reader);
}

static void opening(void *arg) {
  const struct stage *s = arg;
  struct play p = {.now = 1000};
  fault_begin();
  p.reader = open_reader(s, &p.received);
  assert_true(fault_end() || p.reader != NULL);
  if (p.reader == NULL)
    return;
  read_once(&p, s);
  assert_int_equal(compare(&p.received, &s->right[0], false), 0);
  poller_destroy(p.reader);
}

static void each(const char *what, void (*scenario)(void *arg)) {
  struct stage s;
  set_up(&s);
  reading(&s);
  assert_true(fault_all(what, true, scenario, &s) > 0);
  fake_destroy(&s.proc);
}

static void a_read_is_right_or_says_what_is_missing(void **state) {
  (void)state;
  each("a read", reading);
}

static void the_first_read_is_right_or_says_what_is_missing(void **state) {
  (void)state;
  each("the first read", first_reading);
}

static void a_hub_without_memory_for_it_has_not_answered(void **state) {
  (void)state;
  struct stage s;
  set_up(&s);
  assert_true(fault_each("a hub that returns", FAULT_MEMORY, ENOMEM, returning,
                         &s) > 100);
  fake_destroy(&s.proc);
}

static void a_reader_is_whole_or_not_there(void **state) {
  (void)state;
  struct stage s;
  set_up(&s);
  reading(&s);
  assert_true(fault_each("a reader", FAULT_MEMORY, ENOMEM, opening, &s) > 10);
  fake_destroy(&s.proc);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_teardown(a_reader_is_whole_or_not_there, fault_teardown),
      cmocka_unit_test_teardown(a_read_is_right_or_says_what_is_missing,
                                fault_teardown),
      cmocka_unit_test_teardown(the_first_read_is_right_or_says_what_is_missing,
                                fault_teardown),
      cmocka_unit_test_teardown(a_hub_without_memory_for_it_has_not_answered,
                                fault_teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
