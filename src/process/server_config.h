/* SPDX-License-Identifier: MIT */
/* server_config.h - a hub's configuration file -> how each server is launched.
 *
 * The file is JSON, with comments and trailing commas at will, with
 * `mcpServers` or, as VS Code has it, `servers`. Only servers with a `command`
 * are kept, and of them name, command and arguments alone: the rest holds
 * secrets and is forgotten. */
#ifndef PROCESS_SERVER_CONFIG_H
#define PROCESS_SERVER_CONFIG_H

#include "process/command_line.h"

#include <stdbool.h>
#include <stddef.h>

#define SERVER_CONFIG_MAX 1048576 /* bytes of a file */

struct server_command {
  char *name;
  size_t name_len;
  bool usable; /* else command or arguments are not as they should be */
  bool slow;   /* commands are run before it starts, however long they take */
  struct command_line launch;
};

struct server_config {
  size_t num;
  struct server_command *servers;
};

enum server_config_error {
  SERVER_CONFIG_OK,
  SERVER_CONFIG_UNREADABLE, /* or no regular file, or too large */
  SERVER_CONFIG_UNPARSABLE,
  SERVER_CONFIG_MEMORY,
};

/* *c is untouched unless OK. */
enum server_config_error server_config_parse(struct server_config *c,
                                             const char *text, size_t len);
enum server_config_error server_config_read(struct server_config *c,
                                            const char *path);
void server_config_clear(struct server_config *c);

const struct server_command *server_config_find(const struct server_config *c,
                                                const char *name,
                                                size_t name_len);

#endif
