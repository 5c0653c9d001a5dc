/* SPDX-License-Identifier: MIT */
/* options against hand-made trees of collectd's configuration parser. */
#include "plugins/options.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* ---- the table under test ---- */

enum format { FORMAT_SLACK, FORMAT_JSON, FORMAT_ALERTMANAGER };

struct inner {
  char *name;
  double timeout;
};

struct settings {
  char *text;
  char *bounded;
  char *name;
  char *path;
  char *url;
  char *password;
  int format;
  double number;
  double timeout;
  double interval;
  uint64_t calls;
  uint64_t bytes;
  bool verify;
  char **servers;
  char **headers;
  struct inner inner;
  int inners;
};

static int check_url(const char *text, char *err, size_t err_size) {
  if (strncmp(text, "http://", 7) == 0)
    return 0;
  snprintf(err, err_size, "expected an http URL");
  return -1;
}

static const struct option inner_options[] = {
    {.key = "Timeout",
     .type = OPTION_SECONDS,
     .offset = offsetof(struct inner, timeout),
     .min = 0.1,
     .max = 3600,
     .fallback = "5"},
    {.key = NULL},
};

static void bind_inner(void *target, const oconfig_item_t *block,
                       const char *place, struct option_errors *errors) {
  struct settings *s = target;
  const char *name = options_block_name(block, place, errors);
  if (name == NULL)
    return;
  s->inners++;
  options_defaults(inner_options, &s->inner);
  options_bind(inner_options, &s->inner, block, place, errors);
}

#define FIELD(f) .offset = offsetof(struct settings, f)

static const char *const formats[] = {"slack", "json", "alertmanager", NULL};

static const struct option table[] = {
    {.key = "Text", .type = OPTION_STRING, FIELD(text), .help = "any text"},
    {.key = "Bounded",
     .type = OPTION_STRING,
     FIELD(bounded),
     .min = 1,
     .max = 5,
     .help = "some text"},
    {.key = "Name",
     .type = OPTION_IDENTIFIER,
     FIELD(name),
     .fallback = "local"},
    {.key = "StateFile",
     .type = OPTION_PATH,
     FIELD(path),
     .fallback = "/var/state"},
    {.key = "URL",
     .type = OPTION_URL,
     FIELD(url),
     .check = check_url,
     .fallback = "http://127.0.0.1:37373",
     .help = "where the hub is"},
    {.key = "Password",
     .type = OPTION_STRING,
     .flags = OPTION_SECRET,
     FIELD(password),
     .min = 1,
     .max = 8},
    {.key = "Format",
     .type = OPTION_CHOICE,
     FIELD(format),
     .choices = formats,
     .fallback = "json"},
    {.key = "Number", .type = OPTION_NUMBER, FIELD(number)},
    {.key = "Timeout",
     .type = OPTION_SECONDS,
     FIELD(timeout),
     .min = 0.1,
     .max = 3600,
     .fallback = "5",
     .fallback_help = "the smaller of 5 and Interval/2"},
    {.key = "Offset",
     .type = OPTION_NUMBER,
     FIELD(interval),
     .min = -5,
     .max = 0},
    {.key = "MinCalls", .type = OPTION_COUNT, FIELD(calls), .fallback = "10"},
    {.key = "MaxBodySize",
     .type = OPTION_BYTES,
     FIELD(bytes),
     .min = 1,
     .max = 67108864,
     .fallback = "1000"},
    {.key = "VerifyPeer",
     .type = OPTION_BOOLEAN,
     FIELD(verify),
     .fallback = "true"},
    {.key = "Server", .type = OPTION_LIST, FIELD(servers)},
    {.key = "Header",
     .type = OPTION_LIST,
     .flags = OPTION_SECRET,
     FIELD(headers),
     .min = 1,
     .max = 20},
    {.key = "Inner", .type = OPTION_BLOCK, .block = bind_inner},
    {.key = NULL},
};

/* ---- trees ---- */

#define ITEMS 8

static oconfig_value_t s(const char *text) {
  oconfig_value_t v = {.value.string = (char *)(uintptr_t)text,
                       .type = OCONFIG_TYPE_STRING};
  return v;
}

static oconfig_value_t n(double number) {
  oconfig_value_t v = {.value.number = number, .type = OCONFIG_TYPE_NUMBER};
  return v;
}

static oconfig_value_t b(int boolean) {
  oconfig_value_t v = {.value.boolean = boolean, .type = OCONFIG_TYPE_BOOLEAN};
  return v;
}

struct tree { /* <Plugin mcp_hub> with some children */
  oconfig_item_t plugin;
  oconfig_value_t plugin_value;
  oconfig_item_t children[ITEMS];
  oconfig_value_t values[ITEMS][2];
};

static void tree_init(struct tree *t) {
  memset(t, 0, sizeof(*t));
  t->plugin_value = s("mcp_hub");
  t->plugin.key = (char *)(uintptr_t) "Plugin";
  t->plugin.values = &t->plugin_value;
  t->plugin.values_num = 1;
  t->plugin.children = t->children;
}

static oconfig_item_t *add_empty(struct tree *t, const char *key) {
  int i = t->plugin.children_num++;
  t->children[i].key = (char *)(uintptr_t)key;
  t->children[i].values = t->values[i];
  return &t->children[i];
}

static oconfig_item_t *add(struct tree *t, const char *key, oconfig_value_t v) {
  oconfig_item_t *item = add_empty(t, key);
  item->values[item->values_num++] = v;
  return item;
}

struct world {
  struct settings settings;
  struct tree tree;
  struct option_errors errors;
  char message[2048]; /* the last one */
};

static void report(void *arg, const char *message) {
  struct world *w = arg;
  snprintf(w->message, sizeof(w->message), "%s", message);
}

static int enter(void **state) {
  struct world *w = calloc(1, sizeof(*w));
  if (w == NULL)
    return -1;
  memset(&w->settings, 0xff, sizeof(w->settings)); /* not initialised */
  w->settings.inners = 0;
  tree_init(&w->tree);
  w->errors.report = report;
  w->errors.arg = w;
  *state = w;
  return options_defaults(table, &w->settings);
}

static int leave(void **state) {
  struct world *w = *state;
  options_free(table, &w->settings);
  free(w);
  return 0;
}

static int bind(struct world *w) {
  w->errors.count = 0;
  w->message[0] = '\0';
  return options_bind(table, &w->settings, &w->tree.plugin, "", &w->errors);
}

static void expect_error(struct world *w, const char *tail) {
  char expected[2048];
  assert_int_equal(bind(w), -1);
  snprintf(expected, sizeof(expected), "<Plugin mcp_hub>%s", tail);
  assert_string_equal(w->message, expected);
  assert_int_equal(w->errors.count, 1);
}

/* ---- tests ---- */

static void defaults_come_from_the_table(void **state) {
  const struct world *w = *state;
  const struct settings *x = &w->settings;
  assert_null(x->text);
  assert_string_equal(x->name, "local");
  assert_string_equal(x->path, "/var/state");
  assert_string_equal(x->url, "http://127.0.0.1:37373");
  assert_null(x->password);
  assert_int_equal(x->format, FORMAT_JSON);
  assert_true(fabs(x->number) <= 0);
  assert_true(fabs(x->timeout - 5) <= 0);
  assert_int_equal(x->calls, 10);
  assert_int_equal(x->bytes, 1000);
  assert_true(x->verify);
  assert_null(x->servers);
}

static void wrong_default_is_refused(void **state) {
  (void)state;
  static const struct option wrong[][3] = {
      {{.key = "A", .type = OPTION_STRING, FIELD(text), .fallback = "freed"},
       {.key = "B", .type = OPTION_NUMBER, FIELD(number), .fallback = "x"}},
      {{.key = "A", .type = OPTION_LIST, FIELD(servers), .fallback = "x"}},
      {{.key = "A", .type = OPTION_BLOCK, .fallback = "x"}},
      {{.key = "A", .type = OPTION_IDENTIFIER, FIELD(name), .fallback = ""}},
  };
  for (size_t i = 0; i < COUNT(wrong); i++) {
    struct settings x;
    assert_int_equal(options_defaults(wrong[i], &x), -1);
  }
}

static void right_values_are_taken(void **state) {
  struct world *w = *state;
  struct settings *x = &w->settings;
  add(&w->tree, "text", s("caf\xc3\xa9"));
  add(&w->tree, "NAME", s("hub-1"));
  add(&w->tree, "StateFile", s("/tmp/x"));
  add(&w->tree, "url", s("http://hub/"));
  add(&w->tree, "Password", s("s3cret"));
  add(&w->tree, "Format", s("AlertManager"));
  add(&w->tree, "Number", n(-1.5e3));
  add(&w->tree, "Timeout", n(0.5));
  assert_int_equal(bind(w), 0);
  assert_int_equal(w->errors.count, 0);
  assert_string_equal(x->text, "caf\xc3\xa9");
  assert_string_equal(x->name, "hub-1");
  assert_string_equal(x->path, "/tmp/x");
  assert_string_equal(x->url, "http://hub/");
  assert_string_equal(x->password, "s3cret");
  assert_int_equal(x->format, FORMAT_ALERTMANAGER);
  assert_true(fabs(x->number + 1500) <= 0);
  assert_true(fabs(x->timeout - 0.5) <= 0);
}

static void right_whole_numbers_and_booleans_are_taken(void **state) {
  struct world *w = *state;
  struct settings *x = &w->settings;
  add(&w->tree, "MinCalls", n(0));
  add(&w->tree, "MaxBodySize", n(67108864));
  add(&w->tree, "VerifyPeer", b(0));
  add(&w->tree, "Offset", n(-5));
  assert_int_equal(bind(w), 0);
  assert_int_equal(x->calls, 0);
  assert_int_equal(x->bytes, 67108864);
  assert_false(x->verify);
  assert_true(fabs(x->interval + 5) <= 0);
}

static void quoted_numbers_and_booleans_are_taken(void **state) {
  struct world *w = *state;
  struct settings *x = &w->settings;
  add(&w->tree, "Timeout", s("0.25"));
  add(&w->tree, "MinCalls", s("9007199254740992"));
  add(&w->tree, "Number", s("-1e-3"));
  add(&w->tree, "VerifyPeer", s("Off"));
  assert_int_equal(bind(w), 0);
  assert_true(fabs(x->timeout - 0.25) <= 0);
  assert_true(x->calls == UINT64_C(9007199254740992));
  assert_true(fabs(x->number + 0.001) <= 0);
  assert_false(x->verify);
}

static void numbers_do_not_depend_on_the_locale(void **state) {
  struct world *w = *state;
  const char *locale = setlocale(LC_ALL, "de_DE.UTF-8");
  add(&w->tree, "Timeout", s("0.25"));
  int status = bind(w);
  setlocale(LC_ALL, "C");
  if (locale == NULL)
    skip();
  assert_int_equal(status, 0);
}

#define LONG64                                                                 \
  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define SECONDS "expected a number of seconds between 0.1 and 3600"
#define CALLS "expected a whole number, 0 or more"
#define SIZE "expected a whole number of bytes between 1 and 67108864"
#define TEXT "expected a text without control characters"
#define NAME                                                                   \
  "expected a name of 1 to 127 bytes without '/' and control characters"
#define FORMATS "expected \"slack\", \"json\" or \"alertmanager\""

static void wrong_values_are_named(void **state) {
  struct world *w = *state;
  const struct {
    const char *key;
    oconfig_value_t value;
    const char *expected;
  } wrong[] = {
      {"Timeout", s("x"), "/Timeout: \"x\": " SECONDS},
      {"timeout", s("x"), "/Timeout: \"x\": " SECONDS},
      {"Timeout", s(""), "/Timeout: \"\": " SECONDS},
      {"Timeout", s("5s"), "/Timeout: \"5s\": " SECONDS},
      {"Timeout", s("0x10"), "/Timeout: \"0x10\": " SECONDS},
      {"Timeout", s("nan"), "/Timeout: \"nan\": " SECONDS},
      {"Timeout", s("1e"), "/Timeout: \"1e\": " SECONDS},
      {"Timeout", s("1-2"), "/Timeout: \"1-2\": " SECONDS},
      {"Timeout", s(" 5"), "/Timeout: \" 5\": " SECONDS},
      {"Timeout", n(0.0999), "/Timeout: 0.0999: " SECONDS},
      {"Timeout", n(3600.5), "/Timeout: 3600.5: " SECONDS},
      {"Timeout", n(-1), "/Timeout: -1: " SECONDS},
      {"Timeout", n((double)NAN), "/Timeout: nan: " SECONDS},
      {"Timeout", n((double)INFINITY), "/Timeout: inf: " SECONDS},
      {"Timeout", b(1), "/Timeout: true: " SECONDS},
      {"Number", n((double)NAN), "/Number: nan: expected a number"},
      {"Number", n((double)-INFINITY), "/Number: -inf: expected a number"},
      {"Number", s("1e999"), "/Number: \"1e999\": expected a number"},
      {"Offset", n(1), "/Offset: 1: expected a number between -5 and 0"},
      {"MinCalls", n(-1), "/MinCalls: -1: " CALLS},
      {"MinCalls", n(0.5), "/MinCalls: 0.5: " CALLS},
      {"MinCalls", n(1e300), "/MinCalls: 1e+300: " CALLS},
      {"MinCalls", n((double)NAN), "/MinCalls: nan: " CALLS},
      {"MinCalls", n((double)INFINITY), "/MinCalls: inf: " CALLS},
      {"MinCalls", s("ten"), "/MinCalls: \"ten\": " CALLS},
      {"MaxBodySize", n(0), "/MaxBodySize: 0: " SIZE},
      {"MaxBodySize", n(67108865), "/MaxBodySize: 67108865: " SIZE},
      {"MaxBodySize", s("64M"), "/MaxBodySize: \"64M\": " SIZE},
      {"VerifyPeer", n(1), "/VerifyPeer: 1: expected true or false"},
      {"VerifyPeer", s("si"), "/VerifyPeer: \"si\": expected true or false"},
      {"Text", n(5), "/Text: 5: " TEXT},
      {"Text", b(0), "/Text: false: " TEXT},
      {"Text", s("a\nb\"c\\"), "/Text: \"a\\x0ab\\\"c\\\\\": " TEXT},
      {"Text", s("\x7f"), "/Text: \"\\x7f\": " TEXT},
      {"Bounded", s(""), "/Bounded: \"\": " TEXT ", of 1 to 5 bytes"},
      {"Bounded", s("123456"),
       "/Bounded: \"123456\": " TEXT ", of 1 to 5 bytes"},
      {"Bounded", s(LONG64),
       "/Bounded: \"" LONG64 "\": " TEXT ", of 1 to 5 bytes"},
      {"Bounded", s(LONG64 "x"),
       "/Bounded: \"" LONG64 "...\": " TEXT ", of 1 to 5 bytes"},
      {"Name", s(""), "/Name: \"\": " NAME},
      {"Name", s("a/b"), "/Name: \"a/b\": " NAME},
      {"Name", s("a\tb"), "/Name: \"a\\x09b\": " NAME},
      {"Name", s(LONG64 LONG64), "/Name: \"" LONG64 "...\": " NAME},
      {"Name", n(1), "/Name: 1: " NAME},
      {"StateFile", s("x/y"), "/StateFile: \"x/y\": expected an absolute path"},
      {"StateFile", s(""), "/StateFile: \"\": expected an absolute path"},
      {"StateFile", s("/x\n"),
       "/StateFile: \"/x\\x0a\": expected an absolute path"},
      {"URL", s("ftp://x"), "/URL: \"ftp://x\": expected an http URL"},
      {"URL", n(80), "/URL: 80: expected a URL"},
      {"Format", s("xml"), "/Format: \"xml\": " FORMATS},
      {"Format", s(""), "/Format: \"\": " FORMATS},
      {"Format", n(1), "/Format: 1: " FORMATS},
      {"Server", n(1), "/Server: 1: " TEXT},
      {"Server", s("a\nb"), "/Server: \"a\\x0ab\": " TEXT},
  };
  for (size_t i = 0; i < COUNT(wrong); i++) {
    tree_init(&w->tree);
    add(&w->tree, wrong[i].key, wrong[i].value);
    expect_error(w, wrong[i].expected);
  }
  defaults_come_from_the_table(state);
}

static void names_of_127_bytes_are_taken(void **state) {
  struct world *w = *state;
  char name[129];
  memset(name, 'x', sizeof(name));
  name[127] = '\0';
  add(&w->tree, "Name", s(name));
  assert_int_equal(bind(w), 0);
  assert_string_equal(w->settings.name, name);
  name[127] = 'x';
  name[128] = '\0';
  assert_int_equal(bind(w), -1);
}

static void secrets_are_not_shown(void **state) {
  struct world *w = *state;
  static const struct {
    const char *key;
    const char *value;
    const char *expected;
  } wrong[] = {
      {"Password", "s3cret too long", "/Password: " TEXT ", of 1 to 8 bytes"},
      {"Password", "s3cret\n", "/Password: " TEXT ", of 1 to 8 bytes"},
      {"Header", "X: s3cret which is too long",
       "/Header: " TEXT ", of 1 to 20 bytes"},
      {"URL", "ftp://joe:s3cret@hub/", "/URL: expected an http URL"},
      {"URL", "ftp://hub/?s3cret", "/URL: expected an http URL"},
      {"URL", "ftp://hub/#s3cret", "/URL: expected an http URL"},
  };
  for (size_t i = 0; i < COUNT(wrong); i++) {
    tree_init(&w->tree);
    add(&w->tree, wrong[i].key, s(wrong[i].value));
    expect_error(w, wrong[i].expected);
    assert_null(strstr(w->message, "s3cret"));
  }
  tree_init(&w->tree);
  add(&w->tree, "Password", s("a"));
  add(&w->tree, "Password", s("s3cret"));
  expect_error(w, "/Password: given again, expected once");
  tree_init(&w->tree);
  add(&w->tree, "Pasword", s("s3cret"));
  expect_error(w, "/Pasword: unknown option; did you mean \"Password\"?");
  tree_init(&w->tree);
  oconfig_item_t *item = add(&w->tree, "Password", s("s3cret"));
  item->values[item->values_num++] = s("s3cret");
  expect_error(w, "/Password: 2 values: expected one");
}

static void lists_grow_and_may_have_several_values(void **state) {
  struct world *w = *state;
  add(&w->tree, "Server", s("github"));
  oconfig_item_t *item = add(&w->tree, "server", s("/^grafana/"));
  item->values[item->values_num++] = s("");
  add(&w->tree, "Header", s("X: y"));
  assert_int_equal(bind(w), 0);
  assert_string_equal(w->settings.servers[0], "github");
  assert_string_equal(w->settings.servers[1], "/^grafana/");
  assert_string_equal(w->settings.servers[2], "");
  assert_null(w->settings.servers[3]);
  assert_string_equal(w->settings.headers[0], "X: y");
  assert_null(w->settings.headers[1]);
}

static void shape_is_checked(void **state) {
  struct world *w = *state;
  add_empty(&w->tree, "Timeout");
  expect_error(w, "/Timeout: no value: " SECONDS);
  tree_init(&w->tree);
  oconfig_item_t *item = add(&w->tree, "Timeout", n(1));
  item->values[item->values_num++] = n(2);
  expect_error(w, "/Timeout: 2 values: expected one");
  tree_init(&w->tree);
  add_empty(&w->tree, "Server");
  expect_error(w, "/Server: no value: " TEXT);
  tree_init(&w->tree);
  item = add(&w->tree, "Timeout", n(1));
  oconfig_item_t child = {.key = (char *)(uintptr_t) "Text"};
  item->children = &child;
  item->children_num = 1;
  expect_error(w, "/Timeout: a block: " SECONDS);
  tree_init(&w->tree);
  add(&w->tree, "Inner", n(5));
  expect_error(w, "/<Inner 5>: " NAME);
  tree_init(&w->tree);
  add_empty(&w->tree, "Inner");
  expect_error(w, "/<Inner>: " NAME);
}

static void option_given_twice_keeps_the_first(void **state) {
  struct world *w = *state;
  add(&w->tree, "Timeout", n(7));
  add(&w->tree, "TIMEOUT", n(8));
  expect_error(w, "/Timeout: given again, expected once");
  assert_true(fabs(w->settings.timeout - 7) <= 0);
}

static void unknown_options_are_named(void **state) {
  struct world *w = *state;
  static const struct {
    const char *key;
    const char *meant;
  } unknown[] = {
      {"Tmeout", "Timeout"},
      {"Timeotu", "Timeout"},
      {"verify_peer", "VerifyPeer"},
      {"Sever", "Server"},
      {"URI", "URL"},
      {"MaxBody", NULL},
      {"Colour", NULL},
      {"X", NULL},
      {LONG64, NULL},
  };
  for (size_t i = 0; i < COUNT(unknown); i++) {
    char expected[512];
    tree_init(&w->tree);
    add(&w->tree, unknown[i].key, n(1));
    if (unknown[i].meant != NULL)
      snprintf(expected, sizeof(expected),
               "/%s: unknown option; did you mean \"%s\"?", unknown[i].key,
               unknown[i].meant);
    else
      snprintf(expected, sizeof(expected),
               "/%s: unknown option; expected one of Text, Bounded, Name, "
               "StateFile, URL, Password, Format, Number, Timeout, Offset, "
               "MinCalls, MaxBodySize, VerifyPeer, Server, Header, Inner",
               unknown[i].key);
    expect_error(w, expected);
  }
}

#define LONG63 "a_key_of_three_and_sixty_letters_is_the_longest_that_is_guessed"

static void a_key_that_is_long_is_not_guessed(void **state) {
  struct world *w = *state;
  static const struct option longer[] = {
      {.key = LONG63 "s", .type = OPTION_URL, FIELD(url)},
      {.key = NULL},
  };
  add(&w->tree, LONG63, s("x"));
  assert_int_equal(
      options_bind(longer, &w->settings, &w->tree.plugin, "", &w->errors), -1);
  assert_non_null(strstr(w->message, "; expected one of " LONG63 "s"));
}

static void every_error_is_reported(void **state) {
  struct world *w = *state;
  add(&w->tree, "Timeout", n(0));
  add(&w->tree, "Colour", n(0));
  add(&w->tree, "MinCalls", n(5));
  add(&w->tree, "Format", s("xml"));
  assert_int_equal(bind(w), -1);
  assert_int_equal(w->errors.count, 3);
  assert_int_equal(w->settings.calls, 5); /* what is right is taken */
  w->errors.report = NULL;
  assert_int_equal(bind(w), -1);
  assert_int_equal(w->errors.count, 3);
}

static void required_options_must_be_there(void **state) {
  struct world *w = *state;
  static const struct option required[] = {
      {.key = "URL", .type = OPTION_URL, .flags = OPTION_REQUIRED, FIELD(url)},
      {.key = NULL},
  };
  struct settings x;
  assert_int_equal(options_defaults(required, &x), 0);
  assert_int_equal(options_bind(required, &x, &w->tree.plugin, "", &w->errors),
                   -1);
  assert_string_equal(w->message,
                      "<Plugin mcp_hub>/URL: missing: expected a URL");
  add(&w->tree, "url", s("http://x"));
  assert_int_equal(options_bind(required, &x, &w->tree.plugin, "", &w->errors),
                   0);
  assert_string_equal(x.url, "http://x");
  options_free(required, &x);
  assert_null(x.url);
}

static void blocks_within_blocks_know_their_place(void **state) {
  struct world *w = *state;
  oconfig_value_t value = s("x");
  oconfig_item_t child = {
      .key = (char *)(uintptr_t) "Timeout", .values = &value, .values_num = 1};
  oconfig_item_t *inner = add(&w->tree, "Inner", s("prod"));
  inner->children = &child;
  inner->children_num = 1;
  expect_error(w, "/<Inner \"prod\">/Timeout: \"x\": " SECONDS);
  assert_true(fabs(w->settings.inner.timeout - 5) <= 0);
  value = n(7);
  add(&w->tree, "Inner", s("second, empty"));
  w->settings.inners = 0;
  assert_int_equal(bind(w), 0);
  assert_int_equal(w->settings.inners, 2);
}

static void wrong_block_names_are_refused(void **state) {
  struct world *w = *state;
  add(&w->tree, "Inner", s("a/b"));
  expect_error(w, "/<Inner \"a/b\">: " NAME);
  assert_int_equal(w->settings.inners, 0);
  tree_init(&w->tree);
  oconfig_item_t *inner = add(&w->tree, "Inner", s("a"));
  inner->values[inner->values_num++] = b(1);
  expect_error(w, "/<Inner \"a\" true>: " NAME);
}

static void own_complaints_have_the_same_form(void **state) {
  struct world *w = *state;
  char place[OPTIONS_MAX_PLACE];
  options_place(&w->tree.plugin, "", place, sizeof(place));
  options_complain(&w->errors, place, "Rules", "expected a file");
  assert_string_equal(w->message, "<Plugin mcp_hub>/Rules: expected a file");
  options_complain(&w->errors, place, NULL, "expected a Hub");
  assert_string_equal(w->message, "<Plugin mcp_hub>: expected a Hub");
  assert_int_equal(w->errors.count, 2);
}

static void long_names_do_not_overrun(void **state) {
  struct world *w = *state;
  static char huge[5000];
  memset(huge, '"', sizeof(huge) - 1);
  add(&w->tree, "Inner", s(huge));
  add(&w->tree, "Text", s(huge));
  add(&w->tree, huge, s(huge));
  assert_int_equal(bind(w), -1);
  assert_int_equal(w->errors.count, 2);
  char place[16];
  options_place(&w->tree.children[0], "<Plugin x>", place, sizeof(place));
  assert_int_equal(strlen(place), 15);
  memset(huge, 0x80, sizeof(huge) - 1); /* only continuation bytes */
  add(&w->tree, "Name", s(huge));
  assert_int_equal(bind(w), -1);
}

static void long_values_are_cut_between_characters(void **state) {
  struct world *w = *state;
  char text[200] = "x";
  for (size_t i = 1; i + 2 < sizeof(text); i += 2)
    memcpy(text + i, "\xc3\xa9", 3);
  add(&w->tree, "Bounded", s(text));
  assert_int_equal(bind(w), -1);
  assert_non_null(strstr(w->message, "\xc3\xa9...\""));
}

static void table_prints_as_a_manual(void **state) {
  (void)state;
  char *text = NULL;
  size_t size = 0;
  FILE *out = open_memstream(&text, &size);
  options_print(table, out);
  fclose(out);
  assert_string_equal(text,
                      "Text\tstring\t-\t-\tany text\n"
                      "Bounded\tstring\t1 to 5\t-\tsome text\n"
                      "Name\tname\t-\tlocal\t\n"
                      "StateFile\tpath\t-\t/var/state\t\n"
                      "URL\turl\t-\thttp://127.0.0.1:37373\twhere the hub is\n"
                      "Password\tstring\t1 to 8\t-\t\n"
                      "Format\tchoice\tslack|json|alertmanager\tjson\t\n"
                      "Number\tnumber\t-\t-\t\n"
                      "Timeout\tseconds\t0.1 to 3600\tthe smaller of 5 and "
                      "Interval/2\t\n"
                      "Offset\tnumber\t-5 to 0\t-\t\n"
                      "MinCalls\tcount\t-\t10\t\n"
                      "MaxBodySize\tbytes\t1 to 67108864\t1000\t\n"
                      "VerifyPeer\tboolean\t-\ttrue\t\n"
                      "Server\tlist\t-\t-\t\n"
                      "Header\tlist\t1 to 20\t-\t\n"
                      "Inner\tblock\t-\t-\t\n");
  free(text);
}

static void freeing_twice_is_fine(void **state) {
  struct world *w = *state;
  add(&w->tree, "Server", s("x"));
  assert_int_equal(bind(w), 0);
  options_free(table, &w->settings);
  assert_null(w->settings.servers);
  assert_null(w->settings.url);
  assert_int_equal(w->settings.calls, 0);
  options_free(table, &w->settings);
}

#define WORLD_TEST(f) cmocka_unit_test_setup_teardown(f, enter, leave)

int main(void) {
  const struct CMUnitTest tests[] = {
      WORLD_TEST(defaults_come_from_the_table),
      cmocka_unit_test(wrong_default_is_refused),
      WORLD_TEST(right_values_are_taken),
      WORLD_TEST(right_whole_numbers_and_booleans_are_taken),
      WORLD_TEST(quoted_numbers_and_booleans_are_taken),
      WORLD_TEST(numbers_do_not_depend_on_the_locale),
      WORLD_TEST(wrong_values_are_named),
      WORLD_TEST(names_of_127_bytes_are_taken),
      WORLD_TEST(secrets_are_not_shown),
      WORLD_TEST(lists_grow_and_may_have_several_values),
      WORLD_TEST(shape_is_checked),
      WORLD_TEST(option_given_twice_keeps_the_first),
      WORLD_TEST(unknown_options_are_named),
      WORLD_TEST(a_key_that_is_long_is_not_guessed),
      WORLD_TEST(every_error_is_reported),
      WORLD_TEST(required_options_must_be_there),
      WORLD_TEST(blocks_within_blocks_know_their_place),
      WORLD_TEST(wrong_block_names_are_refused),
      WORLD_TEST(own_complaints_have_the_same_form),
      WORLD_TEST(long_names_do_not_overrun),
      WORLD_TEST(long_values_are_cut_between_characters),
      cmocka_unit_test(table_prints_as_a_manual),
      WORLD_TEST(freeing_twice_is_fine),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
