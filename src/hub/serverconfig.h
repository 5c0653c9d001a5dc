/* serverconfig.h - a hub's configuration file -> how each server is launched.
 *
 * The file is JSON, with comments and trailing commas at will, with
 * `mcpServers` or, as VS Code has it, `servers`. Only servers with a `command`
 * are kept, and of them name, command and arguments alone: the rest holds
 * secrets and is forgotten. */
#ifndef HUB_SERVERCONFIG_H
#define HUB_SERVERCONFIG_H

#include "hub/launch.h"

#include <stdbool.h>
#include <stddef.h>

#define SERVERCONFIG_MAX 1048576 /* bytes of a file */

struct server_launch {
  char *name;
  size_t name_len;
  bool usable; /* else command or arguments are not as they should be */
  bool slow;   /* commands are run before it starts, however long they take */
  struct launch launch;
};

struct server_config {
  size_t num;
  struct server_launch *servers;
};

enum server_config_error {
  SERVERCONFIG_OK,
  SERVERCONFIG_UNREADABLE, /* or no regular file, or too large */
  SERVERCONFIG_UNPARSABLE,
  SERVERCONFIG_MEMORY,
};

/* *c is untouched unless OK. */
enum server_config_error server_config_parse(struct server_config *c,
                                             const char *text, size_t len);
enum server_config_error server_config_read(struct server_config *c,
                                            const char *path);
void server_config_clear(struct server_config *c);

const struct server_launch *server_config_find(const struct server_config *c,
                                               const char *name,
                                               size_t name_len);

#endif
