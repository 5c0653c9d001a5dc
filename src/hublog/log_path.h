/* SPDX-License-Identifier: MIT */
/* log_path.h - finds the path of a hub's log.
 *
 * Follows mcp-hub's src/utils/xdg-paths.js: HOME/.mcp-hub/logs if it exists;
 * else $XDG_STATE_HOME/mcp-hub/logs if the variable is not empty; else
 * HOME/.local/state/mcp-hub/logs. The file is mcp-hub.log. Both variables are
 * the hub's. The hub chooses at its start: find the path again after a restart.
 * Thread-safe: no state. */
#ifndef HUBLOG_LOG_PATH_H
#define HUBLOG_LOG_PATH_H

#include <stddef.h>

/* `home` and `state_home`: HOME and XDG_STATE_HOME of the hub, "" or NULL if
 * unset. Returns 0, or -1 with a message: no absolute path, or too long for
 * `out`, which is then unchanged. */
int log_path_auto(const char *home, const char *state_home, char *out,
                  size_t out_size, char *err, size_t err_size);

/* Like log_path_auto(), with the environment of process `pid`, read below
 * `root` ("/proc"). The caller has verified that it is the hub. */
int log_path_of_process(const char *root, int pid, char *out, size_t out_size,
                        char *err, size_t err_size);

#endif
