/* SPDX-License-Identifier: MIT */
/* Any bytes as the state file, with the right first line and checksum: refused,
 * or a memory that works and can be saved again. */
#include "fuzz.h"
#include "report/note_incident.h"
#include "report/state_file.h"

#define RULES                                                                  \
  "{\"rules\": ["                                                              \
  "{\"name\": \"plain\", \"metric\": \"*/*/*\", \"op\": \">\","                \
  " \"warning\": 1},"                                                          \
  "{\"name\": \"rank\", \"metric\": \"*/*/*\", \"op\": \">\","                 \
  " \"warning\": 1, \"function\": \"percentile\", \"rank\": 90,"               \
  " \"window\": \"1m\"},"                                                      \
  "{\"name\": \"mean\", \"metric\": \"*/*/*\", \"op\": \">\","                 \
  " \"warning\": 1, \"function\": \"avg\", \"window\": \"1m\"},"               \
  "{\"name\": \"leak\", \"metric\": \"*/*/*\", \"function\": \"leak\","        \
  " \"window\": \"2m\", \"warning\": 1},"                                      \
  "{\"name\": \"odd\", \"metric\": \"*/*/*\", \"function\": \"anomaly\","      \
  " \"severity\": \"warning\"},"                                               \
  "{\"name\": \"gone\", \"metric\": \"h/p/a\", \"function\": \"absent\","      \
  " \"op\": \">\", \"warning\": 30}]}"

struct plugin {
  struct alert_memory m;
};

static void on_event(void *arg, const struct alert *event) {
  dispatcher_event(((struct plugin *)arg)->m.notifier, event);
}

static int on_notification(void *arg, const struct alert *events, size_t num) {
  const struct plugin *p = arg;

  for (size_t i = 0; i < num; i++) {
    if (!serialize_is_time(events[i].since))
      abort();
    note_incident(p->m.incidents, &events[i], "m", events[i].since,
                  events[i].time);
  }
  return 0;
}

static void open_plugin(struct plugin *p, struct ruleset *rules) {
  p->m = (struct alert_memory){engine_create(100, on_event, p),
                               dispatcher_create(100, on_notification, p),
                               hub_stats_table_create(4), incidents_create(10)};
  engine_set_rules(p->m.engine, ruleset_share(rules), 0);
  dispatcher_set_rules(p->m.notifier, rules, 0);
}

static void close_plugin(const struct plugin *p) {
  engine_destroy(p->m.engine);
  dispatcher_destroy(p->m.notifier);
  hub_stats_table_destroy(p->m.hubs);
  incidents_destroy(p->m.incidents);
}

static void live(const struct plugin *p, double begin, double end) {
  static const char *const hubs[] = {"", "q"};

  for (double now = begin; now < end; now += 7)
    for (int i = 0; i < 2; i++) {
      struct series s = {"h",
                         i == 0 ? "p" : "mcp_hub",
                         hubs[i],
                         i == 0 ? "a" : "bool",
                         i == 0 ? "" : "up",
                         "value"};
      const struct sample x = {
          SAMPLE_GAUGE, {.gauge = (double)((int)now % 5)}, now, 7};
      const struct hub_stats_sample seen = {1, 7, now, now};
      engine_sample(p->m.engine, &s, &x, now);
      hub_stats_table_sample(p->m.hubs, &s, &seen);
      engine_tick(p->m.engine, now);
      dispatcher_tick(p->m.notifier, now, now);
    }
}

static struct serializer save(const struct plugin *p, double now) {
  struct serializer out = {0};

  if (state_file_write(&p->m, now, now, &out) != 0)
    abort();
  state_file_seal(&out);
  return out;
}

/* One of ours: of a plugin that has lived, or of a new one. To be freed. */
static struct serializer good_file(struct ruleset *rules, bool lived) {
  static struct serializer files[2];
  struct serializer *file = &files[lived];
  struct serializer copy = {0};
  if (file->data == NULL) {
    struct plugin p;
    open_plugin(&p, rules);
    if (lived)
      live(&p, 0, 200);
    *file = save(&p, 200);
    close_plugin(&p);
  }
  serialize(&copy, file->data, file->len);
  demand(!copy.failed, "memory");
  return copy;
}

/* The head of a file of ours, then these bytes; or, the first of them odd, a
 * file of ours in which they change what they say: place, bytes, place, … */
static struct serializer make_file(struct ruleset *rules, const uint8_t *data,
                                   size_t size) {
  struct serializer file = good_file(rules, data[0] % 2 == 1);
  size_t head =
      (size_t)((unsigned char *)memchr(file.data, '\n', file.len) - file.data) +
      1 + 3 * sizeof(uint64_t);
  if (data[0] % 2 == 0) {
    file.len = head;
    serialize(&file, data + 1, size - 1);
  }
  for (size_t i = 1; data[0] % 2 == 1 && i + 10 <= size; i += 10) {
    size_t at =
        head + (size_t)(data[i] << 8 | data[i + 1]) % (file.len - head - 8);
    memcpy(file.data + at, data + i + 2, 8);
  }
  state_file_seal(&file);
  return file;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct ruleset *rules;
  struct plugin p;
  char err[200] = "";
  double now = 0;
  double wall = 0;

  if (rules == NULL)
    rules = ruleset_parse(RULES, strlen(RULES), err, sizeof(err));
  if (rules == NULL)
    abort();
  if (size == 0)
    return 0;
  struct serializer file = make_file(rules, data, size);
  open_plugin(&p, rules);
  if (state_file_check(file.data, file.len, &now, &wall, err, sizeof(err)) != 0)
    abort();
  if (state_file_read(&p.m, file.data, file.len, data[0], now + data[0]) == 0) {
    live(&p, 500, 800);
    struct serializer again = save(&p, 800);
    struct plugin q;
    open_plugin(&q, rules);
    if (state_file_read(&q.m, again.data, again.len, 0, 800) != 0)
      abort();
    close_plugin(&q);
    free(again.data);
  }
  close_plugin(&p);
  free(file.data);
  return 0;
}
