/* SPDX-License-Identifier: MIT */
#include "process/server_config.h"

#include "process/fake_proc.h"

static enum server_config_error parse(struct server_config *c,
                                      const char *text) {
  return server_config_parse(c, text, strlen(text));
}

static const struct server_command *find(const struct server_config *c,
                                         const char *name) {
  return server_config_find(c, name, strlen(name));
}

static void servers_with_a_command_are_kept(void **state) {
  (void)state;
  struct server_config c = {0};
  assert_int_equal(
      parse(&c, "{\"mcpServers\":{\"a\":{\"command\":\"node\",\"args\":[\"x\","
                "\"y\"],\"env\":{\"K\":\"s\"}},"
                "\"b\":{\"url\":\"http://x\"},\"c\":{\"command\":\"d\"}}}"),
      SERVER_CONFIG_OK);
  assert_int_equal(c.num, 2);
  const struct server_command *a = find(&c, "a");
  assert_true(a->usable);
  assert_false(a->slow);
  assert_int_equal(a->launch.num, 3);
  assert_string_equal(a->launch.words[0], "node");
  assert_string_equal(a->launch.words[2], "y");
  assert_int_equal(find(&c, "c")->launch.num, 1);
  assert_null(find(&c, "b"));
  assert_null(find(&c, "aa"));
  server_config_clear(&c);
  server_config_clear(&c);
}

static void comments_and_trailing_commas_are_fine(void **state) {
  (void)state;
  struct server_config c = {0};
  assert_int_equal(parse(&c, "\xef\xbb\xbf// mine\n{ /* all */\n'mcpServers': "
                             "{\"a\": {\"command\": 'node', \"args\": "
                             "[\"x\",], // last\n},},}\n"),
                   SERVER_CONFIG_OK);
  assert_string_equal(find(&c, "a")->launch.words[1], "x");
  server_config_clear(&c);
}

static void servers_stand_in_where_mcp_servers_are_missing(void **state) {
  (void)state;
  struct server_config c = {0};
  assert_int_equal(
      parse(&c, "{\"mcpServers\":{},\"servers\":{\"a\":{\"command\":\"n\"}}}"),
      SERVER_CONFIG_OK);
  assert_non_null(find(&c, "a"));
  server_config_clear(&c);
  assert_int_equal(parse(&c, "{\"mcpServers\":{\"b\":{\"command\":\"n\"}},"
                             "\"servers\":{\"a\":{\"command\":\"n\"}}}"),
                   SERVER_CONFIG_OK);
  assert_null(find(&c, "a"));
  assert_non_null(find(&c, "b"));
  server_config_clear(&c);
  assert_int_equal(parse(&c, "{}"), SERVER_CONFIG_OK);
  assert_int_equal(c.num, 0);
}

static void what_runs_commands_first_is_slow(void **state) {
  (void)state;
  struct server_config c = {0};
  assert_int_equal(
      parse(&c, "{\"mcpServers\":{\"a\":{\"command\":\"n\",\"env\":{\"K\":"
                "\"${cmd: pass k}\"}},\"b\":{\"command\":\"n\",\"env\":{\"K\":"
                "\"$: pass\"}}}}"),
      SERVER_CONFIG_OK);
  assert_true(find(&c, "a")->slow);
  assert_true(find(&c, "b")->slow);
  server_config_clear(&c);
}

static void odd_commands_and_arguments_are_not_usable(void **state) {
  (void)state;
  struct server_config c = {0};
  assert_int_equal(parse(&c,
                         "{\"mcpServers\":{\"a\":{\"command\":7},"
                         "\"b\":{\"command\":\"n\",\"args\":[1]},"
                         "\"c\":{\"command\":\"n\\u0000\"},"
                         "\"d\":{\"command\":\"n\",\"args\":\"x\"},\"e\":[]}}"),
                   SERVER_CONFIG_OK);
  assert_false(find(&c, "a")->usable);
  assert_false(find(&c, "b")->usable);
  assert_false(find(&c, "c")->usable);
  assert_true(find(&c, "d")->usable);
  assert_null(find(&c, "e"));
  server_config_clear(&c);
}

static void other_text_is_refused_and_changes_nothing(void **state) {
  (void)state;
  static const char *const texts[] = {"",
                                      "{",
                                      "[]",
                                      "7",
                                      "{\"mcpServers\":[]}",
                                      "{\"mcpServers\":{\"a\":",
                                      "{mcpServers:{}}",
                                      "\xff\xfe{"};
  struct server_config c = {0};
  for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
    assert_int_equal(parse(&c, texts[i]), SERVER_CONFIG_UNPARSABLE);
  assert_int_equal(c.num, 0);
  char deep[200];
  memset(deep, '[', sizeof(deep) - 1);
  deep[sizeof(deep) - 1] = '\0';
  assert_int_equal(parse(&c, deep), SERVER_CONFIG_UNPARSABLE);
}

static void only_regular_files_of_bounded_size_are_read(void **state) {
  (void)state;
  struct fakeproc f;
  char path[4096];
  struct server_config c = {0};
  fake_create(&f);
  fake_path(&f, path, sizeof(path), "c.json");
  assert_int_equal(server_config_read(&c, path), SERVER_CONFIG_UNREADABLE);
  fake_file(&f, "c.json", "{\"mcpServers\":{\"a\":{\"command\":\"n\"}}}");
  assert_int_equal(server_config_read(&c, path), SERVER_CONFIG_OK);
  assert_non_null(find(&c, "a"));
  server_config_clear(&c);
  assert_int_equal(truncate(path, SERVER_CONFIG_MAX + 1), 0);
  assert_int_equal(server_config_read(&c, path), SERVER_CONFIG_UNREADABLE);
  assert_int_equal(truncate(path, 0), 0);
  assert_int_equal(server_config_read(&c, path), SERVER_CONFIG_UNPARSABLE);
  fake_remove(&f, "c.json");
  assert_int_equal(mkfifo(path, 0600), 0);
  assert_int_equal(server_config_read(&c, path), SERVER_CONFIG_UNREADABLE);
  assert_int_equal(server_config_read(&c, f.root), SERVER_CONFIG_UNREADABLE);
  assert_int_equal(server_config_read(&c, "/dev/zero"),
                   SERVER_CONFIG_UNREADABLE);
  fake_destroy(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(servers_with_a_command_are_kept),
      cmocka_unit_test(comments_and_trailing_commas_are_fine),
      cmocka_unit_test(servers_stand_in_where_mcp_servers_are_missing),
      cmocka_unit_test(what_runs_commands_first_is_slow),
      cmocka_unit_test(odd_commands_and_arguments_are_not_usable),
      cmocka_unit_test(other_text_is_refused_and_changes_nothing),
      cmocka_unit_test(only_regular_files_of_bounded_size_are_read),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
