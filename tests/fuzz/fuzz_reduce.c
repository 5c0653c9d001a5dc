/* SPDX-License-Identifier: MIT */
/* The reducer against the reference, with the rules of this file or those of a
 * hub's documents. The first byte of the input chooses the rules and the size
 * of the pieces, the rest is the document. */
#include "fuzz.h"
#include "hub/reduce_reference.h"
#include "hub/snapshot.h"
#include "json_mutator.h"

static const struct reduce_rule scalar_rules[] = {
    {"*", REDUCE_COUNT, NULL},
    {NULL, REDUCE_KEEP, NULL},
};

static const struct reduce_rule server_rules[] = {
    {"name", REDUCE_KEEP, NULL},
    {"status", REDUCE_COUNT, NULL},
    {"capabilities", REDUCE_ENTER, scalar_rules},
    {NULL, REDUCE_KEEP, NULL},
};

static const struct reduce_rule workspace_rules[] = {
    {"pid", REDUCE_KEEP, NULL},
    {"*", REDUCE_ENTER, server_rules},
    {NULL, REDUCE_KEEP, NULL},
};

static const struct reduce_rule health_rules[] = {
    {"state", REDUCE_COUNT, NULL},
    {"keep", REDUCE_KEEP, NULL},
    {"servers", REDUCE_ENTER, server_rules},
    {"allActive", REDUCE_ENTER, workspace_rules},
    {NULL, REDUCE_KEEP, NULL},
};

static const struct reduce_rule *const rule_tables[] = {
    health_rules, hub_health_rules, hub_filtering_rules};

/* The result, or NULL. Each piece ends where its memory ends. */
static const char *reduce(struct reducer *r, const char *text, size_t len,
                          size_t piece) {
  const char *json = NULL;
  size_t json_len = 0;
  int status = 0;
  for (size_t i = 0; i < len && status == 0; i += piece) {
    size_t n = len - i < piece ? len - i : piece;
    char *copy = malloc(n);
    if (copy == NULL)
      abort();
    memcpy(copy, text + i, n);
    status = reducer_feed(r, copy, n);
    free(copy);
  }
  if (status == 0)
    status = reducer_finish(r, &json, &json_len);
  demand((status == 0) == (reducer_error(r)[0] == '\0'), "errors have a text");
  demand(status != 0 || strlen(json) == json_len, "the length is right");
  return status == 0 ? json : NULL;
}

static void check_result(const struct reduce_rule *rules, const char *json,
                         const char *text, size_t len) {
  struct json_object *tree = NULL, *got = NULL;
  demand(reference_parse(text, len, &tree), "json-c takes the document");
  demand(reference_is_json(json, strlen(json)), "the result is JSON");
  demand(reference_parse(json, strlen(json), &got), "json-c takes the result");
  if (strstr(text, "\\u0000") == NULL) {
    struct json_object *want = reference_reduce(tree, rules);
    demand(json_object_equal(want, got), "the result is what the rules say");
    json_object_put(want);
  }
  json_object_put(tree);
  json_object_put(got);
}

/* No room: the same result, or overflow and no other error. */
static void check_limit(const struct reduce_rule *rules, const char *json,
                        const char *text, size_t len, size_t max_out) {
  struct reducer *r = reducer_create(rules, max_out);
  const char *limited = reduce(r, text, len, len);
  bool dropped_by_nul = strstr(text, "\\u0000") != NULL;
  if (strlen(json) <= max_out && !(dropped_by_nul && reducer_overflowed(r)))
    demand(limited != NULL && strcmp(limited, json) == 0, "what fits is given");
  else
    demand(limited == NULL && reducer_overflowed(r), "the limit holds");
  reducer_destroy(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < 2)
    return 0;
  size_t len = size - 1;
  const struct reduce_rule *rules = rule_tables[data[0] % 3];
  char *text = text_of(data + 1, len);
  struct reducer *whole = reducer_create(rules, 1 << 20);
  struct reducer *pieces = reducer_create(rules, 1 << 20);
  demand(whole != NULL && pieces != NULL, "memory");

  const char *json = reduce(whole, text, len, len);
  const char *same = reduce(pieces, text, len, data[0] % 40u + 1);
  demand((json != NULL) == reference_is_json(text, len), "JSON and only JSON");
  demand(strcmp(reducer_error(whole), reducer_error(pieces)) == 0,
         "errors do not depend on the pieces");
  if (json != NULL) {
    demand(same != NULL && strcmp(json, same) == 0,
           "results do not depend on the pieces");
    check_result(rules, json, text, len);
    check_limit(rules, json, text, len, data[0]);
  }
  reducer_destroy(whole);
  reducer_destroy(pieces);
  free(text);
  return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max,
                               unsigned seed) {
  return json_mutate(data, size, max, seed, 1);
}
