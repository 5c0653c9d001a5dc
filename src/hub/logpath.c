#include "hub/logpath.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

static bool exists(const char *home, const char *below) {
  char path[PATH_MAX];
  int len = snprintf(path, sizeof(path), "%s/%s", home, below);
  return len > 0 && (size_t)len < sizeof(path) && access(path, F_OK) == 0;
}

static bool is_given(const char *directory) {
  return directory != NULL && *directory != '\0';
}

int logpath_auto(const char *home, const char *state_home, char *out,
                 size_t out_size, char *err, size_t err_size) {
  const char *base = state_home, *below = "mcp-hub/logs/mcp-hub.log";
  if (is_given(home) && *home == '/' && exists(home, ".mcp-hub/logs")) {
    base = home;
    below = ".mcp-hub/logs/mcp-hub.log";
  } else if (!is_given(state_home)) {
    base = home;
    below = ".local/state/mcp-hub/logs/mcp-hub.log";
  }
  if (!is_given(base) || *base != '/') {
    snprintf(err, err_size,
             "the log's directory is unknown: %s is not an "
             "absolute path",
             below[0] == '.' ? "the home" : "XDG_STATE_HOME");
    return -1;
  }
  int len = snprintf(NULL, 0, "%s/%s", base, below);
  if (len < 0 || (size_t)len >= out_size) {
    snprintf(err, err_size, "the path of the log is too long");
    return -1;
  }
  snprintf(out, out_size, "%s/%s", base, below);
  return 0;
}
