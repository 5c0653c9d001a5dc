/* SPDX-License-Identifier: MIT */
/* Any bytes as /api/health and, behind a NUL, as /api/filtering/stats, in any
 * pieces. The API parser gives what the reference makes of json-c's tree of the
 * whole body, and refuses what is not JSON. Then both go through three reads of
 * a poller: whatever comes out must be a value that collectd and its writers
 * can carry. The first byte is the size of the pieces.
 *
 * What may differ from json-c:
 *   - a key with \u0000 inside matches nothing (json-c cuts it there);
 *   - more than API_PARSER_MAX_... of something is oversize, be it in a
 *     duplicate that does not count in the end;
 *   - fractions of a second are added up in another way: 1 us. */
#include "fuzz.h"
#include "hub/api_reference.h"
#include "hub/poller.h"
#include "json_mutator.h"

/* ---- the parser against the reference ---- */

static size_t count(const char *text, char byte) {
  size_t num = 0;
  for (; *text != '\0'; text++)
    num += *text == byte;
  return num;
}

static bool has_mark(const char *text) {
  return strcasestr(text, REFERENCE_MARK) != NULL ||
         strstr(text, REFERENCE_MARK_UTF8) != NULL;
}

static void demand_same(const struct hub_snapshot *a,
                        const struct hub_snapshot *b) {
  const char *difference = reference_difference(a, b);
  if (difference != NULL)
    demand(false, difference);
}

/* *got is what the parser gave of the text, with this error. */
static void check_reference(enum api_answer answer, const char *text,
                            size_t len, const struct hub_snapshot *got,
                            const char *error) {
  struct hub_snapshot want;
  struct json_object *tree = NULL;
  bool marked = has_mark(text);
  char *marking = text_of(text, len);
  bool right = reference_mark_json(marking, len);
  demand(right || strncmp(error, "byte ", 5) == 0, "JSON and only JSON");
  if (right && !marked) {
    demand(reference_parse(marking, len, &tree), "json-c takes the document");
    const char *reason = reference_snapshot(answer, tree, &want);
    demand(strcmp(error, reason != NULL ? reason : "") == 0,
           "errors are as of the tree");
    if (reason == NULL)
      demand_same(got, &want);
    hub_snapshot_clear(&want);
    json_object_put(tree);
  }
  free(marking);
}

static void check(enum api_answer answer, const char *text, size_t len,
                  size_t piece) {
  struct hub_snapshot whole, pieces;
  char error[96], same[96];
  bool oversize, oversize_too;
  hub_snapshot_init(&whole);
  hub_snapshot_init(&pieces);
  bool good =
      api_parse(answer, text, len, len > 0 ? len : 1, &whole, error, &oversize);
  api_parse(answer, text, len, piece, &pieces, same, &oversize_too);
  demand(strcmp(error, same) == 0 && oversize == oversize_too,
         "errors do not depend on the pieces");
  demand_same(&whole, &pieces);
  demand(good == (*error == '\0'), "errors have a text");
  if (oversize)
    demand(count(text, '"') > 2 * API_PARSER_MAX_CONFIG_FILES,
           "small documents are not oversize");
  else
    check_reference(answer, text, len, &whole, error);
  hub_snapshot_clear(&whole);
  hub_snapshot_clear(&pieces);
}

/* ---- the poller ---- */

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

static const char *answer(struct poller *r, const char *text, size_t size,
                          size_t piece) {
  struct http_result result = {.status = 200, .duration = 0.1, .message = ""};
  for (size_t i = 0; i < size; i += piece) {
    size_t len = size - i < piece ? size - i : piece;
    if (poller_data(r, text + i, len) != 0) {
      result.error = HTTP_PARSE;
      break;
    }
  }
  return poller_done(r, &result, 1);
}

static void poll(const char *health, size_t health_len, const char *filtering,
                 size_t filtering_len, size_t piece) {
  const struct poller_settings settings = {.name = "fuzz",
                                           .url = "http://127.0.0.1:1",
                                           .timeout = 5,
                                           .min_calls = 10,
                                           .max_servers = 200,
                                           .remark = ignore_remark};
  struct poller *r = poller_create(&settings);
  for (int i = 0; i < 3; i++) {
    poller_begin(r, i * 10, i * 10);
    if (answer(r, health, health_len, piece) != NULL)
      answer(r, filtering, filtering_len, piece);
    poller_emit(r, check_metric, NULL);
  }
  poller_destroy(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < 1)
    return 0;
  size_t piece = (size_t)*data++ + 1, rest = size - 1;
  char *health = first_text(&data, &rest);
  char *filtering = text_of(data, rest);
  check(API_HEALTH, health, strlen(health), piece);
  check(API_FILTERING, filtering, rest, piece);
  poll(health, strlen(health), filtering, rest, piece);
  free(health);
  free(filtering);
  return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max,
                               unsigned seed) {
  return json_mutate(data, size, max, seed, 1);
}
