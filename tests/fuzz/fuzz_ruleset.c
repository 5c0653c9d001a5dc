/* SPDX-License-Identifier: MIT */
/* Any bytes as alerts.json: an error that fits, or rules that work. */
#include "alerts/engine.h"
#include "fuzz.h"
#include "json_mutator.h"
#include "notify/message.h"

static void read_notice(void *arg, const struct alert *event) {
  char buf[MESSAGE_MAX];

  (void)arg;
  message_format(event, 1, 1700000000, buf);
  if (memchr(buf, '\0', sizeof(buf)) == NULL || buf[0] == '\0')
    abort();
}

static void use(struct ruleset *set) {
  static const struct series all[] = {
      {"h", "mcp_hub", "p", "bool", "up", "value"},
      {"h", "mcp_hub", "p", "mcp_server_state", "x", "value"},
      {"h", "mcp_hub", "p", "percent", "llm_success", "value"},
      {"h", "mcp_hub", "p", "file_size", "log", "value"},
      {"a", "b", "", "c", "", "shortterm"},
  };
  struct engine *e = engine_create(100, read_notice, NULL);

  if (e == NULL)
    abort();
  engine_set_rules(e, set, 0);
  for (int i = 0; i < 30; i++)
    for (size_t k = 0; k < sizeof(all) / sizeof(*all); k++) {
      struct sample s = {SAMPLE_GAUGE, {.gauge = i % 7 * 1e6 * i}, i * 10, 10};
      if (k != 1 || i < 20)
        engine_sample(e, &all[k], &s, i * 10 - i % 13);
    }
  engine_tick(e, 1e6);
  engine_set_rules(e, NULL, 1e6);
  engine_destroy(e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char err[200] = "";
  struct ruleset *set = NULL;
  char *text = text_of(data, size);

  set = ruleset_parse(text, size, err, sizeof(err));
  free(text);
  if ((set == NULL) != (err[0] != '\0') ||
      memchr(err, '\0', sizeof(err)) == NULL)
    abort();
  if (set != NULL && set->rules_num <= 100)
    use(set);
  else
    ruleset_destroy(set);
  return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max,
                               unsigned seed) {
  return json_mutate(data, size, max, seed, 0);
}
