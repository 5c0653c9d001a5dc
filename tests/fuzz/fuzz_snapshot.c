/* Any bytes as /api/health and, behind a NUL, as /api/filtering/stats, in any
 * pieces: through the reducer, the snapshot, three reads of a reader, to
 * values. Whatever comes out must be a value that collectd and its writers can
 * carry. The first byte is the size of the pieces. */
#include "fuzz.h"
#include "hub/reader.h"
#include "json_mutator.h"

#include <math.h>

static void ignore_remark(void *arg, enum remark_level level,
                          const char *text) {
  (void)arg;
  (void)level;
  demand_one_line(text, "a remark is one line");
}

static void check_metric(void *arg, const struct metric *m) {
  (void)arg;
  demand(strlen(m->instance) < IDENTIFIER_MAX, "an instance that fits");
  demand(strchr(m->instance, '/') == NULL, "an instance without a slash");
  if (*m->instance != '\0')
    demand_one_line(m->instance, "an instance without control characters");
  demand(m->kind != METRIC_GAUGE || (isfinite(m->gauge) && m->gauge >= 0),
         "a gauge");
  demand(m->kind != METRIC_DERIVE || m->derive[0] >= 0, "a counter");
}

static const char *answer(struct reader *r, const uint8_t *data, size_t size,
                          size_t piece) {
  struct fetch_result result = {.status = 200, .duration = 0.1, .message = ""};
  for (size_t i = 0; i < size; i += piece) {
    size_t len = size - i < piece ? size - i : piece;
    if (reader_data(r, (const char *)data + i, len) != 0) {
      result.error = FETCH_PARSE;
      break;
    }
  }
  return reader_done(r, &result, 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const struct reader_settings settings = {.name = "fuzz",
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
  struct reader *r = reader_create(&settings);
  for (int i = 0; i < 3; i++) {
    reader_begin(r, i * 10, i * 10);
    if (answer(r, data, health, piece) != NULL)
      answer(r, data + rest, size - rest, piece);
    reader_emit(r, check_metric, NULL);
  }
  reader_destroy(r);
  return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max,
                               unsigned seed) {
  return json_mutate(data, size, max, seed, 1);
}
