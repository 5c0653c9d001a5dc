/* SPDX-License-Identifier: MIT */
/* poller_scene.h - a poller without sockets: bodies in, values and remarks out.
 */
#ifndef TESTS_POLLER_SCENE_H
#define TESTS_POLLER_SCENE_H

#include "hub/received.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct scene {
  struct poller *reader;
  double now;
  struct received received;
};

static inline void start_with(struct scene *s, const char *const *servers,
                              bool ignore_selected, size_t max_servers) {
  *s = (struct scene){.now = 1000};
  const struct poller_settings settings = {.name = "prod",
                                           .url = "http://127.0.0.1:7000",
                                           .timeout = 5,
                                           .min_calls = 10,
                                           .servers = servers,
                                           .ignore_selected = ignore_selected,
                                           .max_servers = max_servers,
                                           .remark = received_remark,
                                           .remark_arg = &s->received};
  s->reader = poller_create(&settings);
  assert_non_null(s->reader);
}

static inline void start(struct scene *s) { start_with(s, NULL, false, 200); }

static inline void stop(struct scene *s) { poller_destroy(s->reader); }

/* An answer: a body with status 200, or (body NULL) a failure. */
struct answer {
  const char *body;
  struct http_result result;
};

#define GOOD(text) ((struct answer){(text), {HTTP_OK, 200, 0.25, 0, ""}})
#define BAD(error, status, text)                                               \
  ((struct answer){NULL, {(error), (status), 0.25, 0, (text)}})
#define NONE BAD(HTTP_HTTP, 404, "HTTP status 404, expected 200")

static inline const char *give(struct scene *s, struct answer a) {
  if (a.body != NULL && poller_data(s->reader, a.body, strlen(a.body)) != 0) {
    a.result.error = HTTP_PARSE;
    a.result.message = "body refused";
  }
  return poller_done(s->reader, &a.result, s->now);
}

/* One read; true when the statistics were asked for. */
static inline bool read_once(struct scene *s, struct answer health,
                             struct answer filtering) {
  s->now += 10;
  received_clear(&s->received);
  assert_string_equal(poller_begin(s->reader, s->now, s->now), "/api/health");
  const char *next = give(s, health);
  if (next != NULL) {
    assert_string_equal(next, "/api/filtering/stats");
    assert_null(give(s, filtering));
  }
  poller_emit(s->reader, received_value, &s->received);
  return next != NULL;
}

static inline void has(const struct scene *s, const char *line) {
  char text[600];
  snprintf(text, sizeof(text), "\n%s\n", line);
  if (strstr(s->received.values, text) == NULL &&
      strncmp(s->received.values, text + 1, strlen(text) - 1) != 0)
    fail_msg("%s is missing in\n%s", line, s->received.values);
}

static inline void has_not(const struct scene *s, const char *identity) {
  if (strstr(s->received.values, identity) != NULL)
    fail_msg("%s should be unknown in\n%s", identity, s->received.values);
}

#define HEALTH(state, servers)                                                 \
  "{\"status\":\"ok\",\"state\":\"" state                                      \
  "\",\"timestamp\":\"2026-11-20T12:00:10.000Z\",\"activeClients\":1,"         \
  "\"servers\":[" servers "],\"mcpEndpoint\":{\"activeClients\":2,"            \
  "\"registeredCapabilities\":{\"tools\":3,\"resources\":2,"                   \
  "\"resourceTemplates\":1,\"prompts\":0}},\"workspaces\":{\"current\":"       \
  "\"7000\",\"allActive\":{\"7000\":{\"startTime\":"                           \
  "\"2026-11-20T12:00:00.000Z\",\"state\":\"active\"}}}}"
#define SERVER(name, status)                                                   \
  "{\"name\":\"" name "\",\"status\":\"" status                                \
  "\",\"uptime\":9,\"lastStarted\":\"2026-11-20T12:00:00.000Z\","              \
  "\"capabilities\":{\"tools\":[1,2,3],\"resources\":[1],"                     \
  "\"resourceTemplates\":[],\"prompts\":[]}}"

#endif
