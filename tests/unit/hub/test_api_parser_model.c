/* SPDX-License-Identifier: MIT */
/* Random documents, right and broken, through the API parser and through the
 * reference of api_reference.h. */
#include "hub/api_bodies.h"

static uint64_t random_state;

static unsigned random_below(unsigned bound) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return (unsigned)(random_state >> 11) % bound;
}

struct document {
  char text[65536];
  size_t len;
};

static void add(struct document *d, const char *text) {
  size_t len = strlen(text);
  if (d->len + len < sizeof(d->text)) {
    memcpy(d->text + d->len, text, len + 1);
    d->len += len;
  }
}

static void add_one_of(struct document *d, const char *const *texts, size_t n) {
  add(d, texts[random_below((unsigned)n)]);
}

static void add_space(struct document *d) {
  static const char *const spaces[] = {"", "", "", "", " ", "\n", "\t \r\n"};
  add_one_of(d, spaces, ARRAY_LENGTH(spaces));
}

static void add_string(struct document *d) {
  static const char *const parts[] = {
      "",
      "a",
      "[",
      "]",
      "{",
      "}",
      ",",
      ":",
      "\\\"",
      "\\\\",
      "\\/",
      "\\n",
      "\\t",
      "0123456789abcdef",
      "\\u00e4",
      "\\u20AC",
      "\\ud83d\\ude00",
      "\\ud83d",
      "\xc3\xa4",
      "\x7f",
      "'",
      "a longer piece of text, as schemas have it"};
  add(d, "\"");
  for (unsigned n = random_below(5); n > 0; n--)
    add_one_of(d, parts, ARRAY_LENGTH(parts));
  add(d, "\"");
}

/* The keys below a key; elements of an array go by their array's key. */
static const char *const families[][20] = {
    {"document", "state", "timestamp", "activeClients", "servers",
     "mcpEndpoint", "workspaces", "enabled", "totalTools", "filterRate",
     "llmCacheHitRate", "llmCacheSize", "llm", "llmCache", "queue",
     "circuitBreaker"},
    {"servers", "name", "name", "status", "transportType", "config_source",
     "uptime", "lastStarted", "capabilities", "description"},
    {"capabilities", "tools", "resources", "resourceTemplates", "prompts"},
    {"mcpEndpoint", "activeClients", "registeredCapabilities"},
    {"registeredCapabilities", "tools", "resources", "resourceTemplates",
     "prompts"},
    {"workspaces", "current", "allActive"},
    {"allActive", "7000", "70\\u00300", "1", "\\u0000", "a much longer name"},
    {"7000", "state", "pid", "port", "cwd", "startTime", "config_files"},
    {"1", "state", "pid", "port", "cwd", "startTime", "config_files"},
    {"llm", "successRate", "p95Latency", "totalCalls", "totalRequests",
     "cacheHits", "queueDepth", "circuitBreakerState"},
    {"llmCache", "hitRate", "size", "entryCount", "hits", "memoryUsageBytes",
     "memoryUsageMB"},
    {"queue", "depth", "processed"},
    {"circuitBreaker", "state", "consecutiveFailures"}};

static const char *const *family_of(const char *parent) {
  for (size_t i = 0; i < ARRAY_LENGTH(families); i++)
    if (strcmp(families[i][0], parent) == 0)
      return families[i] + 1;
  return families[random_below(ARRAY_LENGTH(families))] + 1;
}

/* The key without its escapes. */
static const char *add_key(struct document *d, const char *parent) {
  const char *const *family = family_of(parent);
  size_t num = 0;
  if (random_below(16) == 0) {
    add_string(d);
    return "";
  }
  while (family[num] != NULL)
    num++;
  const char *key = family[random_below((unsigned)num)];
  add(d, "\"");
  for (const char *c = key; *c != '\0'; c++) {
    char spelled[8] = {*c, '\0'};
    if (random_below(32) == 0 && strchr(key, '\\') == NULL)
      snprintf(spelled, sizeof(spelled), "\\u%04x", (unsigned)*c);
    add(d, spelled);
  }
  add(d, "\"");
  return key;
}

static void add_scalar(struct document *d) {
  static const char *const scalars[] = {"0",
                                        "-0",
                                        "12",
                                        "-3.25",
                                        "1e3",
                                        "2E-2",
                                        "6e+0",
                                        "true",
                                        "false",
                                        "null",
                                        "123456789012345678901234567890",
                                        "0.1",
                                        "\"ready\"",
                                        "\"connected\"",
                                        "\"active\"",
                                        "\"shutting_down\"",
                                        "\"stdio\"",
                                        "\"7000\"",
                                        "\"1\"",
                                        "\"2026-11-20T12:00:00.25Z\"",
                                        "\"2026-11-20T12:00:09Z\"",
                                        "\"96.7%\"",
                                        "\"0.5\"",
                                        "\"open\"",
                                        "\"\\u0000\""};
  if (random_below(4) == 0)
    add_string(d);
  else
    add_one_of(d, scalars, ARRAY_LENGTH(scalars));
}

static bool is_array(const char *key) {
  static const char *const arrays[] = {"servers", "tools", "resources",
                                       "config_files"};
  for (size_t i = 0; i < ARRAY_LENGTH(arrays); i++)
    if (strcmp(key, arrays[i]) == 0)
      return true;
  return false;
}

static bool has_family(const char *key) {
  for (size_t i = 0; i < ARRAY_LENGTH(families); i++)
    if (strcmp(families[i][0], key) == 0)
      return true;
  return false;
}

static void add_value(struct document *d, unsigned depth, const char *key,
                      bool element) {
  bool array = is_array(key) && !element;
  bool container = array || has_family(key);
  if (random_below(16) == 0)
    array = !array;
  if (random_below(8) == 0)
    container = !container;
  add_space(d);
  if (container && depth < 8) {
    add(d, array ? "[" : "{");
    for (unsigned n = random_below(8), i = 0; i < n; i++) {
      const char *child = key;
      add(d, i > 0 ? "," : "");
      add_space(d);
      if (!array) {
        child = add_key(d, key);
        add_space(d);
        add(d, ":");
      }
      add_value(d, depth + 1, child, array);
    }
    add(d, array ? "]" : "}");
  } else {
    add_scalar(d);
  }
  add_space(d);
}

static void break_document(struct document *d) {
  static const char bytes[] = "\"\\{}[]:,-+.eEu019tfn \n\x01'/x";
  size_t at = random_below((unsigned)d->len);
  size_t n = 1 + random_below(3);
  if (n > d->len - at)
    n = d->len - at;
  switch (random_below(4)) {
  case 0: /* cut short */
    d->len = at;
    break;
  case 1: /* without a few bytes */
    memmove(d->text + at, d->text + at + n, d->len - at - n);
    d->len -= n;
    break;
  case 2: /* a few bytes twice */
    memmove(d->text + at + n, d->text + at, d->len - at);
    d->len += n;
    break;
  default:
    d->text[at] = bytes[random_below(sizeof(bytes) - 1)];
  }
  d->text[d->len] = '\0';
}

/* True if the document is JSON. */
static bool check_against_reference(struct document *d) {
  enum api_answer answer = random_below(4) == 0 ? API_FILTERING : API_HEALTH;
  struct hub_snapshot got, want;
  bool oversize;
  char error[96];
  hub_snapshot_init(&got);
  bool good = api_parse(answer, d->text, d->len,
                        1 + random_below(random_below(2) ? 4 : 200), &got,
                        error, &oversize);
  assert_false(oversize);
  bool right = reference_mark_json(d->text, d->len);
  struct json_object *tree = NULL;
  if (!right) {
    if (good || strncmp(error, "byte ", 5) != 0)
      fail_msg("accepted, or no place: %s: %s", error, d->text);
  } else {
    assert_true(reference_parse(d->text, d->len, &tree));
    const char *reason = reference_snapshot(answer, tree, &want);
    const char *difference =
        reason == NULL ? reference_difference(&got, &want) : NULL;
    if (good != (reason == NULL) || (!good && strcmp(error, reason) != 0))
      fail_msg("\"%s\" instead of \"%s\" of %s", error, reason, d->text);
    if (difference != NULL)
      fail_msg("%s differs of %s", difference, d->text);
    hub_snapshot_clear(&want);
    json_object_put(tree);
  }
  hub_snapshot_clear(&got);
  return right;
}

static void random_documents_give_what_their_trees_do(void **state) {
  (void)state;
  static struct document d;
  random_state = 20240607;
  for (int i = 0; i < 10000; i++) {
    d.len = 0;
    add_value(&d, 0, "document", false);
    assert_true(check_against_reference(&d));
  }
}

static void broken_documents_are_refused_where_they_are_not_json(void **state) {
  (void)state;
  static struct document d;
  unsigned refused = 0;
  random_state = 8259;
  for (int i = 0; i < 20000; i++) {
    d.len = 0;
    add_value(&d, 0, "document", false);
    for (unsigned n = 1 + random_below(3); n > 0 && d.len > 0; n--)
      break_document(&d);
    refused += !check_against_reference(&d);
  }
  assert_in_range(refused, 10000, 19999);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(random_documents_give_what_their_trees_do),
      cmocka_unit_test(broken_documents_are_refused_where_they_are_not_json),
  };
  return cmocka_run_group_tests_name("api_parser_model", tests, NULL, NULL);
}
