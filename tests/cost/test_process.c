/* SPDX-License-Identifier: MIT */
/* What a local hub can cost by the configuration of its servers and by its
 * processes: files of 1 MiB, 10,000 servers, hundreds of children. */
#include "process/server_config.h"
#include "process/server_process.h"

#include "cost/cost.h"
#include "process/fake_proc.h"

#include <math.h>

#define HUB 100
#define SERVERS 10000

/* Prints the cost with MCP_HUB_COST=1. */
static void check(const char *name, const struct cost_bound *bound,
                  struct cost cost, size_t input) {
  const char *excess = cost_excess(bound, cost, input);
  if (getenv("MCP_HUB_COST") != NULL)
    print_message(
        "%-32s %8zu bytes, %10llu steps, %6.2f a byte, %9zu bytes at most\n",
        name, input, (unsigned long long)cost.steps,
        (double)cost.steps / (double)input, cost.bytes);
  if (excess != NULL)
    fail_msg("%s: %s", name, excess);
}

/* ---- configuration files ---- */

struct text {
  char *bytes;
  size_t len, room;
};

static void add(struct text *t, const char *bytes) {
  size_t len = strlen(bytes);
  assert_true(t->len + len <= t->room);
  memcpy(t->bytes + t->len, bytes, len);
  t->len += len;
}

static struct text filled(const char *head, const char *unit, const char *tail,
                          size_t size) {
  struct text t = {malloc(size), 0, size};
  assert_non_null(t.bytes);
  add(&t, head);
  while (t.len + strlen(unit) + strlen(tail) <= t.room)
    add(&t, unit);
  add(&t, tail);
  return t;
}

static void no_configuration_costs_more_than_the_bound(void **state) {
  (void)state;
#define COMMAND "{\"mcpServers\":{\"a\":{\"command\":\""
  static const struct {
    const char *name, *head, *unit, *tail;
  } shapes[] = {
      {"open placeholders", COMMAND, "${", "\"}}}"},
      {"open and closed placeholders", COMMAND, "${a ${b} ", "\"}}}"},
      {"closing braces", COMMAND "${", "}", "\"}}}"},
      {"open placeholders in arguments", COMMAND "a\",\"args\":[\"", "${",
       "\"]}}}"},
      {"arguments", COMMAND "a\",\"args\":[\"", "\",\"", "\"]}}}"},
      {"lists", COMMAND "a\",\"x\":[1", ",[]", "]}}}"},
      {"objects", COMMAND "a\",\"x\":[1", ",{}", "]}}}"},
      {"numbers", COMMAND "a\",\"x\":[1", ",1", "]}}}"},
      {"fractions", COMMAND "a\",\"x\":[1", ",.1", "]}}}"},
      {"texts", COMMAND "a\",\"x\":[1", ",\"\"", "]}}}"},
      {"members", "{\"mcpServers\":{\"a\":1", ",\"a\":{}", "}}"},
      {"duplicate servers", "{\"mcpServers\":{\"a\":1",
       ",\"a\":{\"command\":\"\"}", "}}"},
      {"comments", "{\"mcpServers\":{", "/**/", "}}"},
      {"white space", "{\"mcpServers\":{", " ", "}}"},
      {"nesting", "{\"mcpServers\":", "{\"a\":", ""},
      {"escapes", COMMAND, "\\u0001", "\"}}}"},
      {"control characters", COMMAND "a\",\"x\":\"", "\1", "\"}}}"},
  };
  static const size_t sizes[] = {32 << 10,  64 << 10,  96 << 10,
                                 192 << 10, 384 << 10, SERVER_CONFIG_MAX};
  for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
    for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
      struct text t =
          filled(shapes[i].head, shapes[i].unit, shapes[i].tail, sizes[k]);
      struct server_config c = {0};
      cost_begin();
      server_config_parse(&c, t.bytes, t.len);
      check(shapes[i].name, &cost_of_config, cost_end(), t.len);
      server_config_clear(&c);
      free(t.bytes);
    }
  }
}

/* As many members as may be, each with a key of its own. */
static void many_servers_cost_no_more(void **state) {
  (void)state;
  static const struct {
    const char *server;
    unsigned num;
  } forms[] = {{"\"%x\":{\"command\":\"\"}", 50000},
               {"\"%x\":{\"command\":\"\"}", 25000},
               {"\"%x\":1", 100000},
               {"\"%x\":{}", 25000},
               {"\"%x\":[]", 40000}};
  for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
    struct text t = {malloc(SERVER_CONFIG_MAX), 0, SERVER_CONFIG_MAX};
    char server[64] = "";
    add(&t, "{\"mcpServers\":{\"a\":1");
    for (unsigned n = 0; n < forms[i].num && t.len + sizeof(server) < t.room;
         n++) {
      add(&t, ",");
      snprintf(server, sizeof(server), forms[i].server, n);
      add(&t, server);
    }
    add(&t, "}}");
    struct server_config c = {0};
    cost_begin();
    server_config_parse(&c, t.bytes, t.len);
    check(forms[i].server, &cost_of_config, cost_end(), t.len);
    server_config_clear(&c);
    free(t.bytes);
  }
}

/* ---- servers and processes ---- */

struct world {
  struct fakeproc proc;
  struct server_processes *servers;
  struct server_process_hub hub;
  struct server_process_query *queries;
  char (*names)[16];
  size_t num;
  double now;
};

static void start(struct world *w, size_t num) {
  fake_create(&w->proc);
  w->servers = server_processes_create(w->proc.root);
  w->hub =
      (struct server_process_hub){.pid = HUB, .start = 7, .cwd = w->proc.root};
  fake_stat_file(&w->proc, &(struct fake_stat){.pid = HUB, .ppid = 1});
  w->num = num;
  w->queries = calloc(num, sizeof(*w->queries));
  w->names = calloc(num, sizeof(*w->names));
  w->now = 10;
}

static void stop(struct world *w) {
  server_processes_destroy(w->servers);
  fake_destroy(&w->proc);
  free(w->queries);
  free(w->names);
}

/* All servers have new names if `round` is another. */
static void name_servers(struct world *w, int round, const char *source) {
  for (size_t i = 0; i < w->num; i++) {
    int len = snprintf(w->names[i], sizeof(w->names[i]), "%06zu%d", i, round);
    w->queries[i] = (struct server_process_query){.name = w->names[i],
                                                  .name_len = (size_t)len,
                                                  .config_source = source,
                                                  .last_started = FAKE_BOOT,
                                                  .running = true};
  }
}

static struct cost read_once(struct world *w) {
  w->now += 100;
  cost_begin();
  assert_int_equal(
      server_processes_read(w->servers, &w->hub, w->queries, w->num, w->now),
      0);
  return cost_end();
}

static const struct server_process *first_of(const struct world *w) {
  size_t num = 0;
  return server_processes(w->servers, &num);
}

static void new_names_at_each_read_cost_no_more(void **state) {
  (void)state;
  struct world w;
  start(&w, SERVERS);
  fake_file(&w.proc, "c.json", "{\"mcpServers\":{}}");
  for (int round = 0; round < 3; round++) {
    name_servers(&w, round, "c.json");
    check("10,000 new names", &cost_of_scan, read_once(&w), SERVERS);
  }
  stop(&w);
}

static void write_servers(struct world *w, const char *file, int round) {
  struct text t = {malloc(SERVER_CONFIG_MAX), 0, SERVER_CONFIG_MAX};
  char server[64];
  add(&t, "{\"mcpServers\":{\"a\":1");
  for (size_t i = 0; i < w->num; i++) {
    snprintf(server, sizeof(server), ",\"%06zu%d\":{\"command\":\"x%zu\"}", i,
             round, i);
    add(&t, server);
  }
  add(&t, "}}");
  fake_bytes(&w->proc, file, t.bytes, t.len);
  free(t.bytes);
}

static void servers_in_the_last_of_many_files_cost_no_more(void **state) {
  (void)state;
  const char *files[64];
  char paths[64][512];
  struct world w;
  start(&w, SERVERS);
  for (int i = 0; i < 64; i++) {
    char name[400];
    snprintf(name, sizeof(name), "%0*d.json", 200, i);
    fake_file(&w.proc, name, "{\"mcpServers\":{}}");
    snprintf(paths[i], sizeof(paths[i]), "%s/%s", w.proc.root, name);
    files[i] = paths[i];
  }
  w.hub.config_files = files;
  w.hub.config_files_num = 64;
  name_servers(&w, 0, NULL);
  check("64 files", &cost_of_scan, read_once(&w), SERVERS);
  write_servers(&w, "c.json", 1);
  name_servers(&w, 1, "c.json");
  check("10,000 configured servers", &cost_of_scan, read_once(&w), SERVERS);
  stop(&w);
}

static void a_long_working_folder_costs_no_more(void **state) {
  (void)state;
  struct world w;
  size_t len = (size_t)2 << 20;
  char *cwd = malloc(len + 1);
  memset(cwd, '/', len);
  cwd[len] = '\0';
  start(&w, SERVERS);
  w.hub.cwd = cwd;
  name_servers(&w, 0, "c.json");
  check("a folder of 2 MiB", &cost_of_scan, read_once(&w), SERVERS);
  assert_int_equal(first_of(&w)->state, SERVER_PROCESS_UNREADABLE);
  stop(&w);
  free(cwd);
}

/* Children `from` and so on with this command line. */
static void run_children(struct world *w, int num, const char *words) {
  for (int i = 0; i < num; i++) {
    fake_stat_file(&w->proc, &(struct fake_stat){.pid = 1000 + i, .ppid = HUB});
    fake_cmdline(&w->proc, 1000 + i, words);
  }
}

static void
many_servers_and_children_cost_no_more_and_are_unknown(void **state) {
  (void)state;
  struct world w;
  start(&w, SERVERS);
  write_servers(&w, "c.json", 0);
  name_servers(&w, 0, "c.json");
  run_children(&w, 2, "x0");
  check("10,000 servers, 2 children", &cost_of_scan, read_once(&w), SERVERS);
  assert_int_equal(first_of(&w)->state, SERVER_PROCESS_SEVERAL);
  run_children(&w, 300, "x0");
  name_servers(&w, 1, "c.json"); /* another scan */
  name_servers(&w, 0, "c.json");
  check("10,000 servers, 300 children", &cost_of_scan, read_once(&w), SERVERS);
  stop(&w);
}

/* A word whose wildcards make a comparison squared. */
static void wildcards_cost_no_more_and_are_unknown(void **state) {
  (void)state;
  struct world w;
  enum { LONG = 30000 };
  char *config = malloc(2 * LONG), *words = malloc(LONG + 8);
  start(&w, 2);
  name_servers(&w, 0, "c.json");
  memset(words, 'a', LONG);
  words[LONG] = '\0';
  snprintf(
      config, 2 * LONG,
      "{\"mcpServers\":{\"0000000\":{\"command\":\"node\",\"args\":[\"${A}%.*s"
      "b\"]},\"0000010\":{\"command\":\"other\"}}}",
      LONG / 2, words);
  fake_file(&w.proc, "c.json", config);
  memcpy(words, "node", 5);
  for (int i = 0; i < 20; i++) {
    char name[32];
    snprintf(name, sizeof(name), "%d/cmdline", 1000 + i);
    fake_stat_file(&w.proc, &(struct fake_stat){.pid = 1000 + i, .ppid = HUB});
    fake_bytes(&w.proc, name, words, LONG + 1);
  }
  check("wildcards", &cost_of_scan, read_once(&w), 2 * LONG);
  assert_int_equal(first_of(&w)[0].state, SERVER_PROCESS_UNTRIED);
  assert_int_equal(first_of(&w)[1].state, SERVER_PROCESS_UNTRIED);
  assert_true(isnan(first_of(&w)[1].rss));
  stop(&w);
  free(config);
  free(words);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(no_configuration_costs_more_than_the_bound),
      cmocka_unit_test(many_servers_cost_no_more),
      cmocka_unit_test(new_names_at_each_read_cost_no_more),
      cmocka_unit_test(servers_in_the_last_of_many_files_cost_no_more),
      cmocka_unit_test(a_long_working_folder_costs_no_more),
      cmocka_unit_test(many_servers_and_children_cost_no_more_and_are_unknown),
      cmocka_unit_test(wildcards_cost_no_more_and_are_unknown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
