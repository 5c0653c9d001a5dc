/* SPDX-License-Identifier: MIT */
#include "process/command_line.h"

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 300

/* Words separated by '|'. */
static void make(struct command_line *l, const char *words) {
  *l = (struct command_line){0};
  for (;; words++) {
    size_t len = strcspn(words, "|");
    assert_int_equal(command_line_add(l, words, len), 0);
    words += len;
    if (*words == '\0')
      return;
  }
}

static size_t split(char *text, const char **words) {
  size_t num = 0;
  for (char *p = text; p != NULL; num++) {
    words[num] = p;
    p = strchr(p, '|');
    if (p != NULL)
      *p++ = '\0';
  }
  return num;
}

static long steps = 1000000000; /* enough for all tests */

static bool fits(const char *configured, const char *running) {
  struct command_line l;
  char *text = strdup(running);
  const char *words[WORDS_MAX];
  make(&l, configured);
  bool yes = command_line_fits(&l, words, split(text, words), &steps);
  command_line_clear(&l);
  free(text);
  return yes;
}

struct example {
  const char *configured;
  const char *running;
  bool fits;
};

static void check(const struct example *examples, size_t num) {
  for (size_t i = 0; i < num; i++)
    if (fits(examples[i].configured, examples[i].running) != examples[i].fits)
      fail_msg("\"%s\" against \"%s\": expected %s", examples[i].configured,
               examples[i].running, examples[i].fits ? "a fit" : "none");
}

#define CHECK(examples)                                                        \
  check((examples), sizeof(examples) / sizeof((examples)[0]))

static void a_command_fits_as_it_is(void **state) {
  (void)state;
  static const struct example examples[] = {
      {"node|/x/a.js", "node|/x/a.js", true},
      {"node|/x/a.js", "/usr/bin/node|/x/a.js", true},
      {"/usr/bin/node|/x/a.js", "/usr/bin/node|/x/a.js", true},
      {"/usr/bin/node|/x/a.js", "/opt/bin/node|/x/a.js", false},
      {"/usr/bin/node|/x/a.js", "node|/x/a.js", false},
      {"node|/x/a.js", "node|/x/b.js", false},
      {"node|/x/a.js", "node|/x/a.js|more", false},
      {"node|/x/a.js|more", "node|/x/a.js", false},
      {"node|/x/a.js", "deno|/x/a.js", false},
      {"node|/x/a.js", "node", false},
      {"node|a b", "node|a|b", false},
      {"node|", "node|", true},
      {"python3|-m|server|--port|1", "python3|-m|server|--port|1", true},
      {"docker|run|-i|--rm|x/y", "docker|run|-i|--rm|x/y", true},
  };
  CHECK(examples);
}

static void a_script_fits_behind_its_interpreter(void **state) {
  (void)state;
  static const struct example examples[] = {
      {"server-x|/data", "node|/usr/bin/server-x|/data", true},
      {"/opt/x.py|-v", "/usr/bin/python3|-u|/opt/x.py|-v", true},
      {"/opt/x.py|-v", "/usr/bin/python3|-u|/opt/y.py|-v", false},
      {"/opt/x.py", "a|b|c|d|/opt/x.py", true},
      {"/opt/x.py", "a|b|c|d|e|/opt/x.py", false},
      {"./x.py", "python|./x.py", true},
      /* a word that merely is the last one is no script */
      {"foo", "cat|foo", false},
      {"npx|-y|p", "node|/usr/bin/npx|-y|p", true},
  };
  CHECK(examples);
}

static void placeholders_fit_anything(void **state) {
  (void)state;
  static const struct example examples[] = {
      {"node|/x.js|--key=${KEY}", "node|/x.js|--key=secret", true},
      {"node|/x.js|--key=${KEY}", "node|/x.js|--key=", true},
      {"node|/x.js|--key=${KEY}", "node|/x.js|--yek=secret", false},
      {"node|${env:HOME}/x.js", "node|/home/u/x.js", true},
      {"node|${env:HOME}/x.js", "node|/home/u/x.jsx", false},
      {"node|${cmd: cat ${HOME}/p}|z", "node|word of it|z", true},
      {"node|${A}-${B}-c", "node|1-2-3-c", true},
      {"node|${A}-${B}-c", "node|1-c", false},
      {"node|${never closed", "node|${never closed", true},
      {"node|${never closed", "node|x", false},
      {"node|$:date", "node|today", true},
      {"node|$:date", "node|today|again", false},
      {"${BIN}/node|x", "/any/where/node|x", true},
      {"${BIN}/node|x", "/any/where/deno|x", false},
      {"node|$HOME", "node|$HOME", true},
      {"node|$HOME", "node|/root", false},
  };
  CHECK(examples);
}

static void nothing_but_placeholders_fits_nobody(void **state) {
  (void)state;
  static const struct example examples[] = {
      {"${A}", "node", false},
      {"${A}|${B}|-y", "npx|x|-y", false},
      {"${A}|", "node|", false},
  };
  CHECK(examples);
}

/* As seen of npm 11: /proc/<pid>/cmdline is "npm exec ..." in one piece. */
static void npm_is_known_by_its_title(void **state) {
  (void)state;
  static const struct example examples[] = {
      {"npx|--no-install|mcp-server-memory", "npm exec mcp-server-memory",
       true},
      {"npx|-y|@a/b|/x|/y", "npm exec @a/b /x /y", true},
      {"npx|-y|@a/b|/x|/y", "npm exec @a/b /x", false},
      {"npx|-y|@a/b|/x", "npm exec @a/b /x /y", false},
      {"npx|-y|@a/b|--flag|x y", "npm exec @a/b --flag x y", true},
      {"npx|--yes|--|@a/b|--foo=bar", "npm exec @a/b --foo=bar", true},
      {"npx|-p|@a/b|cmd", "npm exec cmd", true},
      {"npx|-p|@a/b|cmd", "npm exec @a/b cmd", false},
      {"/usr/bin/npx|-y|p", "npm exec p", true},
      {"npx|-y|mcp-remote|https://h/?k=${K}",
       "npm exec mcp-remote https://h/?k=1", true},
      {"npm|exec|--|srv|stdio", "npm exec srv stdio", true},
      {"npm|exec|-y|--|srv|--x", "npm exec srv --x", true},
      {"npm|--prefix|/x|run|start", "npm run start", true},
      {"npm|run|start", "npm run stop", false},
      {"npx", "npm exec", false},
      {"bunx|p", "npm exec p", false},
  };
  CHECK(examples);
}

static void uvx_becomes_uv(void **state) {
  (void)state;
  static const struct example examples[] = {
      {"uvx|mcp-server-git|--repository|/r",
       "/usr/bin/uv|tool|uvx|mcp-server-git|--repository|/r", true},
      {"uvx|a", "uv|tool|uvx|b", false},
      {"uvx|a", "uv|tool|run|a", false},
      {"uv|run|a.py", "uv|run|a.py", true},
      {"uvx", "uv|tool|uvx", false},
  };
  CHECK(examples);
}

static void a_shell_may_have_been_replaced_by_its_last_command(void **state) {
  (void)state;
  static const struct example examples[] = {
      {"sh|-c|node /x.js", "sh|-c|node /x.js", true},
      {"sh|-c|node /x.js", "node|/x.js", true},
      {"sh|-c|node /x.js", "node|/y.js", false},
      {"bash|-lc|cd /tmp && node /x.js q", "node|/x.js|q", true},
      {"sh|-c|cd /tmp; exec node /x.js \"a b\" 'c;d'", "node|/x.js|a b|c;d",
       true},
      {"sh|-c|A=1 B=2 exec node /x.js", "node|/x.js", true},
      {"sh|-c|A=1 B=2 node /x.js", "node|/x.js", true},
      {"sh|-c|=x /x.js", "=x|/x.js", true}, /* nothing is named: a command */
      {"sh|-c|=x /x.js", "/x.js", false},
      {"sh|-c|-a=1 /x.js", "/x.js", false},
      {"sh|-c|/a=1 /x.js", "/x.js", false},
      {"sh|-c|/a=1 /x.js", "/a=1|/x.js", true},
      {"sh|-c|node A=1 /x.js", "node|/x.js", false},
      {"sh|-c|node $HOME/x.js \"$K\" '$K'", "node|/home/u/x.js|1|$K", true},
      {"sh|-c|node a\nnode b", "node|b", true},
      {"/bin/sh|-c|/opt/x.py -v", "/usr/bin/python3|/opt/x.py|-v", true},
      {"zsh|-l|-c|node x", "node|x", true},
      {"sh|-c|node x | tee y", "tee|y", false},
      {"sh|-c|node x & node y", "node|y", false},
      {"sh|-c|node `cat x`", "node|1", false},
      {"sh|-c|node 'x", "node|x", false},
      {"sh|-c|", "node", false},
      {"sh|-c|exec", "exec", false},
      {"sh|-c|   ", "sh", false},
      {"sh|x.sh", "node|x", false},
      {"sh|--login|-c|node x", "node|x", true},
      {"sh|-c|sh -c 'node x'", "node|x", true},
      {"sh|-c|sh -c \"sh -c 'node x'\"", "node|x", false},
  };
  CHECK(examples);
}

static void a_wrapper_may_have_been_replaced_by_its_command(void **state) {
  (void)state;
  static const struct example examples[] = {
      {"env|A=b|node|/x.js|E", "node|/x.js|E", true},
      {"env|-i|-u|HOME|A=b|node|/x.js", "node|/x.js", true},
      {"env|A=b|server|/tmp", "node|/fs.js|/tmp", false},
      {"env|-i|server|/tmp", "node|/fs.js|/tmp", false},
      {"/usr/bin/env|node|x", "node|x", true},
      {"env|=b|node|/x.js", "node|/x.js", false},
      {"env|/a=b|node|/x.js", "node|/x.js", false},
      {"env|/a=b|node|/x.js", "/a=b|node|/x.js", true},
      {"nice|A=b|node|/x.js", "node|/x.js", false},
      {"nice|-n|5|node|x", "node|x", true},
      {"stdbuf|-oL|node|x", "node|x", true},
      {"nohup|sh|-c|node x", "node|x", true},
      {"pipx|run|--spec|p==1|p|a", "/v/bin/python|/v/bin/p|a", true},
      {"pipx|list|p", "/v/bin/python|/v/bin/p", false},
      {"pipx", "pipx|run", false},
      {"env|A=b", "node", false},
      {"env|-u", "node", false},
      {"env|npx|-y|p", "npm exec p", true},
  };
  CHECK(examples);
}

static void a_cmdline_is_split_and_its_padding_dropped(void **state) {
  (void)state;
  const char *words[4];
  static const char plain[] = "a\0b c\0\0d";
  static const char title[] = "npm exec p\0\0\0\0";
  assert_int_equal(command_line_split(plain, sizeof(plain), words, 4), 4);
  assert_string_equal(words[1], "b c");
  assert_string_equal(words[2], "");
  assert_string_equal(words[3], "d");
  assert_int_equal(command_line_split(title, sizeof(title), words, 4), 1);
  assert_string_equal(words[0], "npm exec p");
  assert_int_equal(command_line_split(plain, sizeof(plain), words, 3), 0);
  assert_int_equal(command_line_split("", 0, words, 4), 0);
}

static void what_is_too_long_fits_nothing(void **state) {
  (void)state;
  struct command_line l = {0};
  char word[6000];
  memset(word, 'x', sizeof(word) - 1);
  word[sizeof(word) - 1] = '\0';
  const char *running[] = {word};
  assert_int_equal(command_line_add(&l, "npx", 3), 0);
  assert_int_equal(command_line_add(&l, word, sizeof(word) - 1), 0);
  assert_false(command_line_fits(&l, running, 1, &steps));
  assert_false(command_line_fits(&l, running, 0, &steps));
  command_line_clear(&l);
  assert_int_equal(command_line_add(&l, "sh", 2), 0);
  assert_int_equal(command_line_add(&l, "-c", 2), 0);
  assert_int_equal(command_line_add(&l, word, sizeof(word) - 1), 0);
  assert_false(command_line_fits(&l, running, 1, &steps));
  command_line_clear(&l);
  for (size_t i = 0; i < COMMAND_LINE_WORDS_MAX; i++)
    assert_int_equal(command_line_add(&l, "x", 1), 0);
  assert_int_equal(command_line_add(&l, "x", 1), -1);
  command_line_clear(&l);
  assert_int_equal(command_line_add(&l, "a\0b", 3), -1);
  command_line_clear(&l);
}

static void a_text_of_too_many_words_fits_nothing(void **state) {
  (void)state;
  char text[2 * COMMAND_LINE_WORDS_MAX + 3];
  for (size_t i = 0; i < sizeof(text) - 1; i++)
    text[i] = i % 2 == 0 ? 'x' : ' ';
  text[sizeof(text) - 1] = '\0';
  struct command_line l;
  make(&l, "sh|-c");
  assert_int_equal(command_line_add(&l, text, strlen(text)), 0);
  const char *running[] = {"x"};
  assert_false(command_line_fits(&l, running, 1, &steps));
  command_line_clear(&l);
}

static void a_placeholder_that_is_not_closed_is_literal(void **state) {
  (void)state;
  static const struct example examples[] = {
      {"x|${a ${b}", "x|${a 1", true}, {"x|${a ${b}", "x|1", false},
      {"x|${a ${b}}", "x|1", true},    {"x|${a}}", "x|1}", true},
      {"x|}${a}", "x|}1", true},       {"x|${${", "x|${${", true},
      {"x|$${a}{b}", "x|$1{b}", true},
  };
  CHECK(examples);
}

static void a_budget_that_ends_is_no_fit(void **state) {
  (void)state;
  struct command_line l;
  const char *running[] = {"node", "/a.js"};
  make(&l, "node|/a.js");
  long few = COMMAND_LINE_STEPS + 5, enough = 2 * COMMAND_LINE_STEPS;
  assert_false(command_line_fits(&l, running, 2, &few));
  assert_true(few < 0);
  assert_true(command_line_fits(&l, running, 2, &enough));
  assert_true(enough > 0);
  command_line_clear(&l);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_command_fits_as_it_is),
      cmocka_unit_test(a_script_fits_behind_its_interpreter),
      cmocka_unit_test(placeholders_fit_anything),
      cmocka_unit_test(a_placeholder_that_is_not_closed_is_literal),
      cmocka_unit_test(a_budget_that_ends_is_no_fit),
      cmocka_unit_test(nothing_but_placeholders_fits_nobody),
      cmocka_unit_test(npm_is_known_by_its_title),
      cmocka_unit_test(uvx_becomes_uv),
      cmocka_unit_test(a_shell_may_have_been_replaced_by_its_last_command),
      cmocka_unit_test(a_wrapper_may_have_been_replaced_by_its_command),
      cmocka_unit_test(a_cmdline_is_split_and_its_padding_dropped),
      cmocka_unit_test(what_is_too_long_fits_nothing),
      cmocka_unit_test(a_text_of_too_many_words_fits_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
