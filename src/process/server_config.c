/* SPDX-License-Identifier: MIT */
#include "process/server_config.h"

#include "util/file.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 32

/* ---- text ---- */

static json_object *parse(const char *text, size_t len) {
  if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
    text += 3;
    len -= 3;
  }
  struct json_tokener *tok = json_tokener_new_ex(DEPTH_MAX);
  if (tok == NULL)
    return NULL;
  json_object *root = json_tokener_parse_ex(tok, text, (int)len);
  json_tokener_free(tok);
  return root;
}

static json_object *member(json_object *o, const char *key) {
  json_object *value = NULL;
  if (json_object_is_type(o, json_type_object))
    json_object_object_get_ex(o, key, &value);
  return value;
}

static bool is_empty(json_object *o) {
  return o == NULL || (json_object_is_type(o, json_type_object) &&
                       json_object_object_length(o) == 0);
}

static int add_word(struct command_line *l, json_object *word) {
  if (!json_object_is_type(word, json_type_string))
    return -1;
  return command_line_add(l, json_object_get_string(word),
                          (size_t)json_object_get_string_len(word));
}

static bool add_words(struct command_line *l, json_object *server) {
  json_object *args = member(server, "args");
  if (add_word(l, member(server, "command")) != 0)
    return false;
  if (!json_object_is_type(args, json_type_array))
    return true; /* the hub takes it for none */
  for (size_t i = 0; i < json_object_array_length(args); i++)
    if (add_word(l, json_object_array_get_idx(args, i)) != 0)
      return false;
  return true;
}

static bool runs_commands(json_object *server) {
  const char *text =
      json_object_to_json_string_ext(server, JSON_C_TO_STRING_NOSLASHESCAPE);
  return text == NULL || strstr(text, "cmd:") != NULL ||
         strstr(text, "$:") != NULL;
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
  json_object *servers = member(root, "mcpServers");
  if (is_empty(servers))
    servers = member(root, "servers");
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
    if (member(server, "command") != NULL &&
        read_server(&c->servers[c->num++], name, server) != 0)
      return SERVER_CONFIG_MEMORY;
  }
  return SERVER_CONFIG_OK;
}

enum server_config_error server_config_parse(struct server_config *c,
                                             const char *text, size_t len) {
  struct server_config next = {0};
  json_object *root = len <= SERVER_CONFIG_MAX ? parse(text, len) : NULL;
  enum server_config_error error = read_servers(&next, root);
  json_object_put(root);
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
  for (size_t i = 0; i < c->num; i++)
    if (c->servers[i].name_len == name_len &&
        memcmp(c->servers[i].name, name, name_len) == 0)
      return &c->servers[i];
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
