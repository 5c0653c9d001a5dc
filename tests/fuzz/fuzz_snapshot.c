/* SPDX-License-Identifier: MIT */
/* Any bytes as /api/health and, behind a NUL, as /api/filtering/stats, in any
 * pieces: through the reducer, the snapshot, three reads of a reader, to
 * values. Whatever comes out must be a value that collectd and its writers can
 * carry. The first byte is the size of the pieces. */
#include "fuzz.h"
#include "hub/poller.h"
#include "json_mutator.h"

#include <math.h>

static void ignore_remark(void *arg, enum remark_level level,
                          const char *text) {
  (void)arg;
  (void)level;
  demand_one_line(text, "a remark is one line");
}

static void check_metric(void *arg, const struct hub_value *m) {
  (void)arg;
  demand(strlen(m->instance) < IDENTIFIER_MAX, "an instance that fits");
  demand(strchr(m->instance, '/') == NULL, "an instance without a slash");
  if (*m->instance != '\0')
    demand_one_line(m->instance, "an instance without control characters");
  demand(m->kind != METRIC_KIND_GAUGE || (isfinite(m->gauge) && m->gauge >= 0),
         "a gauge");
  demand(m->kind != METRIC_KIND_DERIVE || m->derive[0] >= 0, "a counter");
}

static const char *answer(struct poller *r, const uint8_t *data, size_t size,
                          size_t piece) {
  struct http_result result = {.status = 200, .duration = 0.1, .message = ""};
  for (size_t i = 0; i < size; i += piece) {
    size_t len = size - i < piece ? size - i : piece;
    if (poller_data(r, (const char *)data + i, len) != 0) {
      result.error = HTTP_PARSE;
      break;
    }
  }
  return poller_done(r, &result, 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const struct poller_settings settings = {.name = "fuzz",
                                           .url = "http://127.0.0.1:1",
                                           .timeout = 5,
                                           .min_calls = 10,
                                           .max_servers = 200,
                                           .remark = ignore_remark};
  if (size < 1)
    return 0;
  size_t piece = (size_t)*data++ + 1;
  size_t health = strnlen((const char *)data, --size);
  size_t rest = health < size ? health + 1 : health;
  struct poller *r = poller_create(&settings);
  for (int i = 0; i < 3; i++) {
    poller_begin(r, i * 10, i * 10);
    if (answer(r, data, health, piece) != NULL)
      answer(r, data + rest, size - rest, piece);
    poller_emit(r, check_metric, NULL);
  }
  poller_destroy(r);
  return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max,
                               unsigned seed) {
  return json_mutate(data, size, max, seed, 1);
}
