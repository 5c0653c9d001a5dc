/* SPDX-License-Identifier: MIT */
/* What reading a hub takes of the heap, in bytes: ours, libcurl's, json-c's and
 * the C library's. malloc() and its kin are counted on their way to the C
 * library, so that the figures do not depend on the machine. The hubs answer
 * from processes of their own. A sanitizer brings its own allocator: nothing
 * could be counted, and the test is skipped. */
#include "hub/poller.h"

#include "plugins/adapter.h"
#include "plugins/hub_log.h"

#include "process/fake_proc.h"

#include <curl/curl.h>
#include <malloc.h>
#include <math.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define AT_REST ((size_t)64 << 10)
#define AT_REST_BESIDE_ENGINE ((size_t)32 << 10) /* of each hub */
#define WHILE_READING ((size_t)256 << 10)
#define SERVERS 26

/* ---- counting ---- */

static atomic_size_t held;
static atomic_size_t most;

#ifndef __SANITIZE_ADDRESS__
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t num, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *block);

/* Of a block and its header. */
static size_t size_of(void *block) {
  return block != NULL ? malloc_usable_size(block) + sizeof(size_t) : 0;
}

static void *count(void *block) {
  size_t size = size_of(block);
  size_t now = atomic_fetch_add(&held, size) + size;
  if (now > atomic_load(&most))
    atomic_store(&most, now);
  return block;
}

void *malloc(size_t size) { return count(__libc_malloc(size)); }

void *calloc(size_t num, size_t size) {
  return count(__libc_calloc(num, size));
}

/* Old and new are there at once while the bytes are copied. */
void *realloc(void *block, size_t size) {
  size_t before = size_of(block);
  void *moved = __libc_realloc(block, size);
  if (moved != NULL)
    count(moved);
  if (moved != NULL || size == 0)
    atomic_fetch_sub(&held, before);
  return moved;
}

void *aligned_alloc(size_t alignment, size_t size) {
  return count(__libc_memalign(alignment, size));
}

int posix_memalign(void **block, size_t alignment, size_t size) {
  *block = count(__libc_memalign(alignment, size));
  return *block != NULL ? 0 : ENOMEM;
}

void free(void *block) {
  atomic_fetch_sub(&held, size_of(block));
  __libc_free(block);
}
#endif

/* What is held from now on is what is asked for. */
static size_t begin_counting(void) {
  size_t before = atomic_load(&held);
  atomic_store(&most, before);
  return before;
}

static void at_most(const char *what, size_t bytes, size_t limit) {
  print_message("%s: %zu bytes, at most %zu\n", what, bytes, limit);
  assert_true(bytes <= limit);
}

/* collectd's, for hub_log.c and adapter.c */
void plugin_log(int level, const char *format, ...) {
  (void)level;
  (void)format;
}

const data_set_t *plugin_get_ds(const char *name) {
  (void)name;
  return NULL;
}

int plugin_register_data_set(const data_set_t *set) {
  (void)set;
  return 0;
}

char *sstrncpy(char *to, const char *from, size_t size) {
  snprintf(to, size, "%s", from);
  return to;
}

/* ---- a hub, in a process of its own ---- */

struct hub {
  size_t schemas;  /* bytes of all tools' schemas */
  const char *cwd; /* of its process */
  pid_t pid;
  int port;
};

static void give(int fd, const char *bytes, size_t len) {
  for (ssize_t n = 0; len > 0; bytes += n, len -= (size_t)n)
    if ((n = send(fd, bytes, len, MSG_NOSIGNAL)) <= 0)
      _exit(0);
}

static void chunk(int fd, const char *bytes, size_t len) {
  char head[32];
  give(fd, head, (size_t)snprintf(head, sizeof(head), "%zx\r\n", len));
  give(fd, bytes, len);
  give(fd, "\r\n", 2);
}

static void text(int fd, const char *words) { chunk(fd, words, strlen(words)); }

static void give_server(int fd, size_t i, size_t schema) {
  char head[1024];
  static char filler[65536];
  memset(filler, 's', sizeof(filler));
  snprintf(head, sizeof(head),
           "%s{\"name\":\"server-%02zu\",\"displayName\":\"Server %zu\","
           "\"transportType\":\"stdio\",\"status\":\"connected\",\"error\":"
           "null,\"uptime\":901,\"config_source\":\"servers.json\","
           "\"lastStarted\":\"1970-01-12T13:55:03.000Z\",\"capabilities\":{"
           "\"resources\":[],\"resourceTemplates\":[],\"prompts\":[],"
           "\"tools\":[{\"name\":\"t\",\"description\":\"",
           i > 0 ? "," : "", i, i);
  text(fd, head);
  for (size_t left = schema; left > 0;) {
    size_t now = left < sizeof(filler) ? left : sizeof(filler);
    chunk(fd, filler, now);
    left -= now;
  }
  text(fd, "\"}]}}");
}

static void give_health(int fd, const struct hub *hub) {
  char tail[1024];
  text(fd, "{\"status\":\"ok\",\"state\":\"ready\",\"timestamp\":"
           "\"1970-01-12T14:00:00.000Z\",\"activeClients\":1,\"servers\":[");
  for (size_t i = 0; i < SERVERS; i++)
    give_server(fd, i, hub->schemas / SERVERS);
  snprintf(tail, sizeof(tail),
           "],\"mcpEndpoint\":{\"activeClients\":2},\"workspaces\":{"
           "\"current\":\"7000\",\"allActive\":{\"7000\":{\"pid\":4242,"
           "\"port\":7000,\"cwd\":\"%s\",\"config_files\":[\"servers.json\"],"
           "\"startTime\":\"1970-01-12T13:55:02.000Z\",\"state\":\"active\"}}}"
           "}",
           hub->cwd);
  text(fd, tail);
}

static void give_filtering(int fd) {
  text(fd, "{\"enabled\":true,\"totalTools\":100,\"llm\":{\"totalCalls\":100,"
           "\"successfulCalls\":96,\"failedCalls\":4,\"averageLatency\":800},"
           "\"llmCache\":{\"hits\":81,\"misses\":19}}");
}

/* One connection, until it is closed. */
static void serve(int fd, const struct hub *hub) {
  char request[4096];
  size_t len = 0;
  for (;;) {
    ssize_t n = recv(fd, request + len, sizeof(request) - 1 - len, 0);
    if (n <= 0)
      _exit(0);
    len += (size_t)n;
    request[len] = '\0';
    if (strstr(request, "\r\n\r\n") == NULL)
      continue;
    len = 0;
    const char *head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                       "Transfer-Encoding: chunked\r\n\r\n";
    give(fd, head, strlen(head));
    if (strncmp(request, "GET /api/health ", 16) == 0)
      give_health(fd, hub);
    else
      give_filtering(fd);
    give(fd, "0\r\n\r\n", 5);
  }
}

static void hub_start(struct hub *hub) {
  struct sockaddr_in a = {.sin_family = AF_INET,
                          .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t len = sizeof(a);
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
  assert_int_equal(listen(fd, 128), 0);
  assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
  hub->port = ntohs(a.sin_port);
  hub->pid = fork();
  assert_true(hub->pid >= 0);
  if (hub->pid == 0) {
    signal(SIGCHLD, SIG_IGN);
    for (;;) {
      int connection = accept(fd, NULL, NULL);
      if (connection >= 0 && fork() == 0)
        serve(connection, hub);
      close(connection);
    }
  }
  close(fd);
}

static void hub_stop(const struct hub *hub) {
  kill(hub->pid, SIGKILL);
  waitpid(hub->pid, NULL, 0);
}

/* ---- who reads it ---- */

static double clock_now = 1000; /* the reader's clock */

struct entry {
  struct http_client *client;
  struct poller *reader;
  struct hub_log *log;
  size_t values;
  int reads;
};

static void note(void *arg, enum remark_level level, const char *words) {
  (void)arg;
  if (level == REMARK_ERROR)
    fail_msg("%s", words);
}

static void add_value(void *arg, const struct hub_value *m) {
  (void)m;
  struct entry *e = arg;
  e->values++;
}

/* The log is read on another thread: here, at the worst of moments. */
static int on_data(void *arg, const char *bytes, size_t len) {
  const struct entry *e = arg;
  hub_log_read(e->log);
  return poller_data(e->reader, bytes, len);
}

static void on_done(void *arg, const struct http_result *result) {
  struct entry *e = arg;
  const char *next = poller_done(e->reader, result, clock_now);
  if (next != NULL) {
    http_get(e->client, next, 30, on_data, on_done, e);
    return;
  }
  e->reads++;
  e->values = 0;
  struct log_tail_counts counts;
  bool readable = hub_log_copy(e->log, &counts);
  poller_set_log(e->reader, readable ? &counts : NULL);
  poller_emit(e->reader, add_value, e);
  poller_set_log(e->reader, NULL);
}

static void entry_open(struct entry *e, struct http_engine *f,
                       const struct hub *hub, const char *proc) {
  char url[64], err[256];
  snprintf(url, sizeof(url), "http://127.0.0.1:%d", hub->port);
  const struct http_options access = {.url = url,
                                      .verify_peer = true,
                                      .verify_host = true,
                                      .max_body = (uint64_t)64 << 20};
  const struct poller_settings settings = {.name = "prod",
                                           .url = url,
                                           .timeout = 30,
                                           .min_calls = 10,
                                           .max_servers = 200,
                                           .proc = proc,
                                           .remark = note};
  *e = (struct entry){0};
  e->client = http_client_create(f, &access, err, sizeof(err));
  e->reader = poller_create(&settings);
  e->log = hub_log_create("prod");
  assert_true(e->client != NULL && e->reader != NULL && e->log != NULL);
}

static void entry_close(struct entry *e) {
  http_client_destroy(e->client);
  poller_destroy(e->reader);
  hub_log_destroy(e->log);
}

/* All of them at once. */
static void read_all(struct http_engine *f, struct entry *entries, size_t num) {
  clock_now += 10;
  for (size_t i = 0; i < num; i++) {
    http_get(entries[i].client,
             poller_begin(entries[i].reader, clock_now, 1000800), 30, on_data,
             on_done, &entries[i]);
  }
  while (http_engine_run(f, 30) > 0)
    ;
}

struct use { /* bytes of all hubs and the engine */
  size_t at_rest;
  size_t reading;
  size_t engine; /* of that, held without hubs: with idle connections */
  size_t values; /* of one hub */
};

static struct use measure(const struct hub *hub, size_t num, const char *proc,
                          const char *log) {
  size_t before = begin_counting();
  struct http_engine *f = http_engine_create();
  struct entry *entries = calloc(num, sizeof(*entries));
  for (size_t i = 0; i < num; i++) {
    entry_open(&entries[i], f, hub, proc);
    hub_log_want(entries[i].log, log);
  }
  for (int i = 0; i < 3; i++)
    read_all(f, entries, num);
  struct use use = {.at_rest = atomic_load(&held) - before,
                    .reading = atomic_load(&most) - before,
                    .values = entries[0].values};
  for (size_t i = 0; i < num; i++) {
    assert_int_equal(entries[i].reads, 3);
    entry_close(&entries[i]);
  }
  free(entries);
  use.engine = atomic_load(&held) - before;
  http_engine_destroy(f);
  return use;
}

static struct use use_of(struct hub hub, size_t num, const char *proc,
                         const char *log) {
  hub_start(&hub);
  struct use use = measure(&hub, num, proc, log);
  hub_stop(&hub);
  assert_true(use.values > SERVERS * 8); /* it was read */
  return use;
}

static void promise(const struct use *use) {
  at_most("at rest", use->at_rest, AT_REST);
  at_most("reading", use->reading, WHILE_READING);
}

static void bounds_hold_for_small_schemas(void **state) {
  (void)state;
  struct use use =
      use_of((struct hub){.schemas = 2600, .cwd = "/"}, 1, NULL, "");
  promise(&use);
}

static void bounds_hold_for_ten_megabytes_of_schemas(void **state) {
  (void)state;
  struct use use =
      use_of((struct hub){.schemas = 10000000, .cwd = "/"}, 1, NULL, "");
  promise(&use);
}

static void fifty_hubs_take_half_of_that_each(void **state) {
  (void)state;
  struct use use =
      use_of((struct hub){.schemas = 290000, .cwd = "/"}, 50, NULL, "");
  at_most("at rest", use.at_rest, 50 * AT_REST_BESIDE_ENGINE);
  at_most("reading", use.reading, 50 * WHILE_READING / 2);
}

/* A hub of this machine with the processes of all its servers. */
static void make_processes(const struct fakeproc *proc) {
  char config[4096] = "{\"mcpServers\":{", words[64];
  fake_stat_file(proc, &(struct fake_stat){
                           .pid = 4242, .ppid = 1, .start = 500, .rss = 9});
  fake_listener(proc, 4242, 7000, 5555);
  fake_file(proc, "4242/environ", "HOME=/home/hub");
  for (int i = 0; i < SERVERS; i++) {
    size_t len = strlen(config);
    snprintf(config + len, sizeof(config) - len,
             "%s\"server-%02d\":{\"command\":\"node\",\"args\":["
             "\"/srv/%d.js\"]}",
             i > 0 ? "," : "", i, i);
    fake_stat_file(proc,
                   &(struct fake_stat){
                       .pid = 5000 + i, .ppid = 4242, .start = 503, .rss = 5});
    snprintf(words, sizeof(words), "node|/srv/%d.js", i);
    fake_cmdline(proc, 5000 + i, words);
  }
  strcat(config, "}}");
  fake_file(proc, "hub/servers.json", config);
}

/* More than is looked at at first, and a line that has no end. */
static void make_log(const struct fakeproc *proc) {
  static char lines[3 << 20];
  memset(lines, 'x', sizeof(lines));
  for (size_t i = 0; i < 2 << 20; i += 80)
    lines[i] = '\n';
  fake_bytes(proc, "hub/log", lines, sizeof(lines));
}

static void bounds_hold_with_processes_and_a_log(void **state) {
  (void)state;
  struct fakeproc proc;
  char cwd[128], log[128];
  fake_create(&proc);
  make_processes(&proc);
  make_log(&proc);
  fake_path(&proc, cwd, sizeof(cwd), "hub");
  fake_path(&proc, log, sizeof(log), "hub/log");
  struct hub hub = {.schemas = 290000, .cwd = cwd};
  struct use without = use_of(hub, 1, NULL, "");
  struct use with = use_of(hub, 1, proc.root, log);
  fake_destroy(&proc);
  assert_true(with.values >= without.values + 2 * SERVERS + 10);
  at_most("at rest", with.at_rest - with.engine, AT_REST_BESIDE_ENGINE);
  at_most("reading", with.reading, WHILE_READING);
}

int main(void) {
#ifdef __SANITIZE_ADDRESS__
  puts("skipped: a sanitizer brings an allocator of its own");
  return 77;
#endif
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bounds_hold_for_small_schemas),
      cmocka_unit_test(bounds_hold_for_ten_megabytes_of_schemas),
      cmocka_unit_test(fifty_hubs_take_half_of_that_each),
      cmocka_unit_test(bounds_hold_with_processes_and_a_log),
  };
  curl_global_init(CURL_GLOBAL_DEFAULT);
  int status = cmocka_run_group_tests(tests, NULL, NULL);
  curl_global_cleanup();
  return status;
}
