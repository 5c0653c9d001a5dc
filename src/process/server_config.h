/* SPDX-License-Identifier: MIT */
/* server_config.h - reads the servers' commands from a hub's configuration
 * file.
 *
 * The file is JSON with optional comments and trailing commas; its key is
 * `mcpServers` or, as in VS Code, `servers`. Only servers with a `command` are
 * kept, and only name, command and arguments: the rest may be secret. */
#ifndef PROCESS_SERVER_CONFIG_H
#define PROCESS_SERVER_CONFIG_H

#include "process/command_line.h"

#include <stdbool.h>
#include <stddef.h>

#define SERVER_CONFIG_MAX 1048576 /* bytes of a file */
/* Bytes that the parsed file may take, estimated before it is parsed. */
#define SERVER_CONFIG_MEMORY_MAX ((size_t)24 << 20)

struct server_command {
  char *name;
  size_t name_len;
  bool usable; /* command and arguments have the right types */
  bool slow;   /* runs commands before the start, so the delay is unknown */
  struct command_line launch;
};

struct server_config {
  size_t size; /* bytes of the file */
  size_t num;
  struct server_command *servers; /* sorted by name */
};

enum server_config_error {
  SERVER_CONFIG_OK,
  SERVER_CONFIG_UNREADABLE, /* or not a regular file, or too large */
  SERVER_CONFIG_UNPARSABLE,
  SERVER_CONFIG_MEMORY,
};

/* Leave *c unchanged on error; the caller clears it otherwise. */
enum server_config_error server_config_parse(struct server_config *c,
                                             const char *text, size_t len);
enum server_config_error server_config_read(struct server_config *c,
                                            const char *path);
void server_config_clear(struct server_config *c);

/* The order of servers in all lists: by the bytes of the name, then by its
 * length. For qsort(). */
int server_name_compare(const char *a, size_t a_len, const char *b,
                        size_t b_len);

const struct server_command *server_config_find(const struct server_config *c,
                                                const char *name,
                                                size_t name_len);

#endif
