/* Any bytes as /api/health or /api/filtering/stats, in any pieces: through the
 * reducer, the snapshot, two reads of a reader, to values. Whatever comes out
 * must be a value that collectd and its writers can carry. */
#include "hub/reader.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void ignore_remark(void *arg, enum remark_level level,
                          const char *text) {
  (void)arg;
  (void)level;
  for (; *text != '\0'; text++)
    if ((unsigned char)*text < 0x20)
      abort(); /* a remark is one line */
}

static void check_metric(void *arg, const struct metric *m) {
  (void)arg;
  size_t len = strlen(m->instance);
  if (len >= IDENTIFIER_MAX || strchr(m->instance, '/') != NULL)
    abort();
  for (size_t i = 0; i < len; i++)
    if ((unsigned char)m->instance[i] < 0x20)
      abort();
  if (m->kind == METRIC_GAUGE && (!isfinite(m->gauge) || m->gauge < 0))
    abort();
  if (m->kind == METRIC_DERIVE && m->derive[0] < 0)
    abort();
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
  if (size < 3)
    return 0;
  size_t piece = (size_t)data[0] + 1;
  size_t split = 3 + ((size_t)data[1] << 8 | data[2]) % (size - 2);
  struct reader *r = reader_create(&settings);
  for (int i = 0; i < 3; i++) {
    reader_begin(r, i * 10, i * 10);
    if (answer(r, data + 3, split - 3, piece) != NULL)
      answer(r, data + split, size - split, piece);
    reader_emit(r, check_metric, NULL);
  }
  reader_destroy(r);
  return 0;
}
