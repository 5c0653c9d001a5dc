/* SPDX-License-Identifier: MIT */
/* log_path.h - where a hub keeps its log.
 *
 * As mcp-hub does it (src/utils/xdg-paths.js): where HOME/.mcp-hub/logs exists,
 * whatever it is, it is used; else $XDG_STATE_HOME/mcp-hub/logs, an empty
 * variable counting as none; else HOME/.local/state/mcp-hub/logs. The file is
 * mcp-hub.log. Both variables are those of the hub, not of the caller. The hub
 * decides when it starts: ask again when it has been restarted. */
#ifndef HUBLOG_LOG_PATH_H
#define HUBLOG_LOG_PATH_H

#include <stddef.h>

/* `home`: the home directory of the hub's user, NULL or "": unknown;
 * `state_home`: its $XDG_STATE_HOME or NULL. 0, or -1 with the reason in `err`
 * and `out` untouched: no absolute path can be told, or it does not fit. */
int log_path_auto(const char *home, const char *state_home, char *out,
                  size_t out_size, char *err, size_t err_size);

/* The same for the process of a hub, verified by the caller, whose environment
 * is read from `root` ("/proc"). */
int log_path_of_process(const char *root, int pid, char *out, size_t out_size,
                        char *err, size_t err_size);

#endif
