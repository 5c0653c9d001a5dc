#include "hub/logpath.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_ENVIRONMENT ((size_t)256 << 10) /* bytes */

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

/* The value of a variable among NUL-terminated "NAME=value" texts, or NULL. */
static const char *variable(const char *environment, size_t len,
                            const char *name) {
  size_t name_len = strlen(name);
  for (const char *p = environment; p < environment + len; p += strlen(p) + 1)
    if (strncmp(p, name, name_len) == 0 && p[name_len] == '=')
      return p + name_len + 1;
  return NULL;
}

/* NUL-terminated; NULL with errno. */
static char *read_environment(const char *root, int pid, size_t *len) {
  char path[PATH_MAX];
  snprintf(path, sizeof(path), "%s/%d/environ", root, pid);
  FILE *f = fopen(path, "re");
  if (f == NULL)
    return NULL;
  char *text = malloc(MAX_ENVIRONMENT + 1);
  if (text != NULL) {
    *len = fread(text, 1, MAX_ENVIRONMENT, f);
    text[*len] = '\0';
  }
  fclose(f);
  return text;
}

int logpath_of_process(const char *root, int pid, char *out, size_t out_size,
                       char *err, size_t err_size) {
  size_t len = 0;
  char *environment = read_environment(root, pid, &len);
  if (environment == NULL) {
    snprintf(err, err_size, "the hub's environment cannot be read: %s",
             strerror(errno));
    return -1;
  }
  int status = logpath_auto(variable(environment, len, "HOME"),
                            variable(environment, len, "XDG_STATE_HOME"), out,
                            out_size, err, err_size);
  free(environment);
  return status;
}
