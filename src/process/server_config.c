/* SPDX-License-Identifier: MIT */
#include "process/server_config.h"

#include "util/file.h"
#include "util/json.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

/* ---- parsing ---- */

static int add_word(struct command_line *l, json_object *word) {
  if (!json_object_is_type(word, json_type_string))
    return -1;
  return command_line_add(l, json_object_get_string(word),
                          (size_t)json_object_get_string_len(word));
}

static bool add_words(struct command_line *l, json_object *server) {
  const json_object *args = json_list(server, "args"); /* NULL or a list */
  if (add_word(l, json_member(server, "command")) != 0)
    return false;
  for (size_t i = 0; i < json_length(args); i++)
    if (add_word(l, json_element(args, i)) != 0)
      return false;
  return true;
}

static bool has_command(const char *text, size_t len) {
  return memmem(text, len, "cmd:", 4) != NULL ||
         memmem(text, len, "$:", 2) != NULL;
}

/* True if a string in the tree names a command whose output the hub inserts. */
static bool runs_commands(json_object *tree) {
  if (json_object_is_type(tree, json_type_string))
    return has_command(json_object_get_string(tree),
                       (size_t)json_object_get_string_len(tree));
  for (size_t i = 0; i < json_length(tree); i++)
    if (runs_commands(json_element(tree, i)))
      return true;
  if (!json_object_is_type(tree, json_type_object))
    return false;
  json_object_object_foreach(tree, key, value) {
    if (has_command(key, strlen(key)) || runs_commands(value))
      return true;
  }
  return false;
}

static int read_server(struct server_command *s, const char *name,
                       json_object *o) {
  s->name = strdup(name);
  if (s->name == NULL)
    return -1;
  s->name_len = strlen(name);
  s->slow = runs_commands(o);
  s->usable = add_words(&s->launch, o);
  return 0;
}

static enum server_config_error read_servers(struct server_config *c,
                                             json_object *root) {
  json_object *servers = json_member(root, "mcpServers");
  if (servers == NULL || (json_object_is_type(servers, json_type_object) &&
                          json_object_object_length(servers) == 0))
    servers = json_member(root, "servers");
  if (servers == NULL && json_object_is_type(root, json_type_object))
    return SERVER_CONFIG_OK;
  if (!json_object_is_type(servers, json_type_object))
    return SERVER_CONFIG_UNPARSABLE;
  size_t num = (size_t)json_object_object_length(servers);
  if (num == 0)
    return SERVER_CONFIG_OK;
  c->servers = calloc(num, sizeof(*c->servers));
  if (c->servers == NULL)
    return SERVER_CONFIG_MEMORY;
  json_object_object_foreach(servers, name, server) {
    if (json_member(server, "command") != NULL &&
        read_server(&c->servers[c->num++], name, server) != 0)
      return SERVER_CONFIG_MEMORY;
  }
  return SERVER_CONFIG_OK;
}

/* Returns the most bytes that json-c takes for the text: it allocates 800 bytes
 * for "{}" and 350 for "[]". */
static size_t parsed_size(const char *text, size_t len) {
  size_t size = len;
  for (size_t i = 0; i < len; i++)
    size += text[i] == '{'   ? 800
            : text[i] == '[' ? 400
            : text[i] == ',' ? 160
                             : 0;
  return size;
}

int server_name_compare(const char *a, size_t a_len, const char *b,
                        size_t b_len) {
  int order = memcmp(a, b, a_len < b_len ? a_len : b_len);
  return order != 0 ? order : (a_len > b_len) - (a_len < b_len);
}

static int by_name(const void *a, const void *b) {
  const struct server_command *x = a, *y = b;
  return server_name_compare(x->name, x->name_len, y->name, y->name_len);
}

enum server_config_error server_config_parse(struct server_config *c,
                                             const char *text, size_t len) {
  struct server_config next = {.size = len};
  struct json_error why = {0};
  bool fits = len <= SERVER_CONFIG_MAX &&
              parsed_size(text, len) <= SERVER_CONFIG_MEMORY_MAX;
  json_object *root = fits ? json_parse(text, len, JSON_RELAXED, &why) : NULL;
  enum server_config_error error =
      why.memory ? SERVER_CONFIG_MEMORY : read_servers(&next, root);
  json_free(root);
  if (error == SERVER_CONFIG_OK && next.num > 1)
    qsort(next.servers, next.num, sizeof(*next.servers), by_name);
  if (error == SERVER_CONFIG_OK)
    *c = next;
  else
    server_config_clear(&next);
  return error;
}

void server_config_clear(struct server_config *c) {
  for (size_t i = 0; i < c->num; i++) {
    free(c->servers[i].name);
    command_line_clear(&c->servers[i].launch);
  }
  free(c->servers);
  *c = (struct server_config){0};
}

const struct server_command *server_config_find(const struct server_config *c,
                                                const char *name,
                                                size_t name_len) {
  size_t low = 0, high = c->num;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    const struct server_command *s = &c->servers[middle];
    int order = server_name_compare(name, name_len, s->name, s->name_len);
    if (order == 0)
      return s;
    if (order < 0)
      high = middle;
    else
      low = middle + 1;
  }
  return NULL;
}

/* ---- file ---- */

enum server_config_error server_config_read(struct server_config *c,
                                            const char *path) {
  char err[128];
  struct stat st;
  size_t len = 0;
  char *text = file_read(path, SERVER_CONFIG_MAX, &st, &len, err, sizeof(err));
  enum server_config_error error = text != NULL
                                       ? server_config_parse(c, text, len)
                                       : SERVER_CONFIG_UNREADABLE;
  free(text);
  return error;
}
