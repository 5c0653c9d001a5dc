/* SPDX-License-Identifier: MIT */
/* What one hub can cost: the shapes of an answer that cost most, 4 MiB each, in
 * the pieces that libcurl gives, through a poller. */
#include "hub/poller.h"

#include "cost/cost.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BODY ((size_t)4 << 20)
#define LONG_TEXT (((size_t)2 << 20) - 4096)
#define PIECE 16384
#define READS 3
#define READY "{\"state\":\"ready\","
#define ONE READY "\"servers\":[{"
#define NONE READY "\"servers\":[],"
#define TEN(x) x x x x x x x x x x

struct shape { /* head, then `unit` with commas between, then tail */
  const char *name, *head, *unit, *tail;
  bool is_statistics;
};

static const struct shape shapes[] = {
    {"objects for servers", READY "\"servers\":[", "{}", "]}", false},
    {"lists for servers", READY "\"servers\":[", "[]", "]}", false},
    {"numbers for servers", READY "\"servers\":[", "1", "]}", false},
    {"empty lists of servers", READY "\"a\":1", "\"servers\":[]", "}", false},
    {"lists of servers", READY "\"a\":1", "\"servers\":[{},{},{},{}]", "}",
     false},
    {"workspaces", NONE "\"workspaces\":{\"allActive\":{", "\"a\":{}", "}}}",
     false},
    {"lists of workspaces", NONE "\"workspaces\":{\"a\":1",
     "\"allActive\":{\"a\":{},\"b\":{}}", "}}", false},
    {"configuration files",
     NONE "\"workspaces\":{\"allActive\":{\"a\":{\"config_files\":[", "\"\"",
     "]}}}}", false},
    {"names of one server", ONE "\"a\":1", "\"name\":\"abcdefgh\"", "}]}",
     false},
    {"short names of one server", ONE "\"a\":1", "\"name\":\"\"", "}]}", false},
    {"statuses of one server", ONE "\"a\":1", "\"status\":\"disconnecteE\"",
     "}]}", false},
    {"states of a hub", NONE "\"a\":1", "\"state\":\"unreachablE\"", "}",
     false},
    {"capabilities of one server", ONE "\"a\":1", "\"capabilities\":{}", "}]}",
     false},
    {"capabilities without a shape", ONE "\"a\":1", "\"capabilities\":1", "}]}",
     false},
    {"counted lists", ONE "\"capabilities\":{\"a\":1", "\"tools\":[]", "}}]}",
     false},
    {"workspaces without a shape", NONE "\"a\":1", "\"workspaces\":0", "}",
     false},
    {"endpoints", NONE "\"a\":1", "\"mcpEndpoint\":0", "}", false},
    {"small numbers", ONE "\"a\":1", "\"uptime\":1e-9", "}]}", false},
    {"tiny numbers", ONE "\"a\":1", "\"uptime\":" TEN(TEN("1")) "e-420", "}]}",
     false},
    {"integers", ONE "\"a\":1", "\"uptime\":1", "}]}", false},
    {"times", ONE "\"a\":1",
     "\"lastStarted\":\"2026-11-20T23:41:49." TEN("9") "Z\"", "}]}", false},
    {"wrong times", ONE "\"a\":1", "\"lastStarted\":\"\"", "}]}", false},
    {"escaped keys", ONE "\"a\":1", "\"\\u0061\":1", "}]}", false},
    {"unknown keys", ONE "\"a\":1", "\"capabilitiez\":1", "}]}", false},
    {"empty keys", ONE "\"a\":1", "\"\":1", "}]}", false},
    {"long keys", ONE "\"a\":1", "\"" TEN(TEN("k")) "\":1", "}]}", false},
    {"skipped lists", NONE "\"a\":[", "[]", "]}", false},
    {"skipped nesting", NONE "\"a\":[", TEN("[") TEN("]"), "]}", false},
    {"skipped strings", NONE "\"a\":[", "\"\"", "]}", false},
    {"skipped escapes", NONE "\"a\":[", "\"" TEN("\\u00e9") "\"", "]}", false},
    {"skipped numbers", NONE "\"a\":[", "1", "]}", false},
    {"skipped words", NONE "\"a\":[", "null", "]}", false},
    {"white space", NONE "\"a\":[1", TEN(TEN(" ")) "1", "]}", false},
    {"rates", "{\"a\":1", "\"filterRate\":\"1\"", "}", true},
    {"rates of text", "{\"a\":1", "\"filterRate\":\"0.1 %\"", "}", true},
    {"llm", "{\"a\":1", "\"llm\":0", "}", true},
    {"llm objects", "{\"a\":1", "\"llm\":{}", "}", true},
    {"breakers", "{\"a\":1", "\"circuitBreaker\":{\"state\":\"opeN\"}", "}",
     true},
    {"not JSON", "", "[", "", false},
};

/* ---- a body ---- */

struct body {
  char *text;
  size_t len, room;
};

static void add(struct body *b, const char *text, size_t len) {
  assert_true(b->len + len <= b->room);
  memcpy(b->text + b->len, text, len);
  b->len += len;
}

static void add_text(struct body *b, const char *text) {
  add(b, text, strlen(text));
}

static struct body empty_body(void) {
  struct body b = {.text = malloc(BODY), .room = BODY};
  assert_non_null(b.text);
  return b;
}

static struct body body_of(const struct shape *s) {
  struct body b = empty_body();
  size_t unit = strlen(s->unit), tail = strlen(s->tail);
  add_text(&b, s->head);
  bool comma = strchr("[{", s->head[strlen(s->head) - (b.len > 0)]) == NULL;
  while (b.len + unit + 1 + tail <= b.room) {
    if (comma)
      add_text(&b, ",");
    add(&b, s->unit, unit);
    comma = true;
  }
  add_text(&b, s->tail);
  return b;
}

/* As many servers as may be, whose names and texts are as long as may be and
 * share their beginning. */
static struct body named_servers(int read, size_t name, size_t status) {
  struct body b = empty_body();
  char text[512];
  add_text(&b, READY "\"servers\":[");
  for (int i = 0; i < 10000; i++) {
    int len = snprintf(text, sizeof(text),
                       "%s{\"name\":\"%0*d\",\"status\":\"%0*d\",\"uptime\":0,"
                       "\"lastStarted\":\"2026-11-20T23:41:49Z\"}",
                       i > 0 ? "," : "", (int)name,
                       (i * 7919 % 10000) * 10 + read, (int)status, i);
    add(&b, text, (size_t)len);
  }
  add_text(&b, "]}");
  return b;
}

/* ---- a read ---- */

static void ignore_remark(void *arg, enum remark_level level,
                          const char *text) {
  (void)arg;
  (void)level;
  (void)text;
}

static void ignore_value(void *arg, const struct hub_value *m) {
  (void)arg;
  (void)m;
}

static struct poller *new_poller(const char *const *patterns) {
  const struct poller_settings settings = {.name = "hub",
                                           .url = "http://127.0.0.1:1",
                                           .timeout = 5,
                                           .min_calls = 10,
                                           .servers = patterns,
                                           .max_servers = 200,
                                           .remark = ignore_remark};
  struct poller *r = poller_create(&settings);
  assert_non_null(r);
  return r;
}

static const char *answer(struct poller *r, const struct body *b) {
  struct http_result result = {.status = 200, .duration = 0.1, .message = ""};
  for (size_t i = 0; i < b->len && result.error == HTTP_OK; i += PIECE)
    if (poller_data(r, b->text + i, b->len - i < PIECE ? b->len - i : PIECE) !=
        0)
      result.error = HTTP_PARSE;
  return poller_done(r, &result, 1);
}

static void read_hub(struct poller *r, const struct body *health,
                     const struct body *statistics, int read) {
  poller_begin(r, read, read);
  if (answer(r, health) != NULL)
    answer(r, statistics);
  poller_emit(r, ignore_value, NULL);
}

/* Prints the cost with MCP_HUB_COST=1. */
static void check(const char *name, const struct cost_bound *bound,
                  struct cost cost, size_t input) {
  const char *excess = cost_excess(bound, cost, input);
  if (getenv("MCP_HUB_COST") != NULL)
    print_message("%-28s %6.2f steps a byte, %8zu bytes at most\n", name,
                  (double)cost.steps / (double)input, cost.bytes);
  if (excess != NULL)
    fail_msg("%s: %s", name, excess);
}

static void no_shape_costs_more_than_the_bound(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
    static char small[] = NONE "\"a\":1}", empty[] = "{}";
    const struct body other = shapes[i].is_statistics
                                  ? (struct body){small, sizeof(small) - 1, 0}
                                  : (struct body){empty, 2, 0};
    struct body b = body_of(&shapes[i]);
    cost_begin();
    struct poller *r = new_poller(NULL);
    read_hub(r, shapes[i].is_statistics ? &other : &b,
             shapes[i].is_statistics ? &b : &other, 0);
    check(shapes[i].name, &cost_of_read, cost_end(), b.len);
    poller_destroy(r);
    free(b.text);
  }
}

static void check_names(const char *name, size_t name_len, size_t status,
                        const char *const *patterns) {
  static char empty[] = "{}";
  const struct body statistics = {empty, 2, 0};
  size_t input = 0;
  struct body bodies[READS];
  for (int read = 0; read < READS; read++) {
    bodies[read] = named_servers(read, name_len, status);
    input += bodies[read].len;
  }
  cost_begin();
  struct poller *r = new_poller(patterns);
  for (int read = 0; read < READS; read++)
    read_hub(r, &bodies[read], &statistics, read);
  check(name, &cost_of_read, cost_end(), input);
  poller_destroy(r);
  for (int read = 0; read < READS; read++)
    free(bodies[read].text);
}

static void new_names_at_each_read_cost_no_more(void **state) {
  (void)state;
  static const char *const names[] = {"a", "b", "c", NULL};
  static const char *const slow[] = {"/(.*)*x/", "/.*.*.*x$/", NULL};
  check_names("short names", 1, 1, NULL);
  check_names("long names", 190, 1, NULL);
  check_names("long statuses", 8, 180, NULL);
  check_names("three patterns", 8, 180, names);
  check_names("slow patterns", 190, 1, slow);
}

/* One text is as long as all may be together. */
static void a_long_text_costs_no_more(void **state) {
  (void)state;
  static const char *const keys[] = {"name",   "status",      "config_source",
                                     "uptime", "lastStarted", "transportType"};
  static char empty[] = "{}";
  const struct body statistics = {empty, 2, 0};
  for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
    bool number = strcmp(keys[i], "uptime") == 0;
    struct body b = empty_body();
    add_text(&b, ONE "\"");
    add_text(&b, keys[i]);
    add_text(&b, number ? "\":0." : "\":\"");
    memset(b.text + b.len, '9', LONG_TEXT);
    b.len += LONG_TEXT;
    add_text(&b, number ? "}]}" : "\"}]}");
    cost_begin();
    struct poller *r = new_poller(NULL);
    for (int read = 0; read < READS; read++)
      read_hub(r, &b, &statistics, read);
    check(keys[i], &cost_of_read, cost_end(), READS * b.len);
    poller_destroy(r);
    free(b.text);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(no_shape_costs_more_than_the_bound),
      cmocka_unit_test(new_names_at_each_read_cost_no_more),
      cmocka_unit_test(a_long_text_costs_no_more),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
