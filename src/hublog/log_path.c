/* SPDX-License-Identifier: MIT */
#include "hublog/log_path.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MAX_ENVIRONMENT (256L << 10) /* bytes read of /proc/<pid>/environ */

static bool exists(const char *home, const char *below) {
  char path[PATH_MAX];
  int len = snprintf(path, sizeof(path), "%s/%s", home, below);
  return len > 0 && (size_t)len < sizeof(path) && access(path, F_OK) == 0;
}

static bool is_given(const char *directory) {
  return directory != NULL && *directory != '\0';
}

int log_path_auto(const char *home, const char *state_home, char *out,
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

/* Reads the next NUL-terminated string, cut to `size`; false at the end. */
static bool next_text(FILE *f, char *text, size_t size) {
  size_t len = 0;
  int c = getc(f);
  bool any = c != EOF;
  for (; c != EOF && c != '\0'; c = getc(f))
    if (len < size - 1)
      text[len++] = (char)c;
  text[len] = '\0';
  return any;
}

/* Copies the value of "NAME=value" to `out` if it is the first of that name. */
static void take_value(const char *text, const char *name, char out[PATH_MAX]) {
  size_t len = strlen(name);
  if (*out == '\0' && strncmp(text, name, len) == 0 && text[len] == '=')
    snprintf(out, PATH_MAX, "%s", text + len + 1);
}

int log_path_of_process(const char *root, int pid, char *out, size_t out_size,
                        char *err, size_t err_size) {
  char text[PATH_MAX + 32], home[PATH_MAX] = "", state_home[PATH_MAX] = "";
  snprintf(text, sizeof(text), "%s/%d/environ", root, pid);
  FILE *f = fopen(text, "re");
  if (f == NULL) {
    snprintf(err, err_size, "the hub's environment cannot be read: %s",
             strerror(errno));
    return -1;
  }
  while (ftell(f) < MAX_ENVIRONMENT && next_text(f, text, sizeof(text))) {
    take_value(text, "HOME", home);
    take_value(text, "XDG_STATE_HOME", state_home);
  }
  fclose(f);
  return log_path_auto(home, state_home, out, out_size, err, err_size);
}
